# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

# Takes back what make.ps1 did, however far it came.
param([bool] $OnStand)
$ErrorActionPreference = 'Stop'

foreach ($name in 'netdrive-map', 'netdrive-delete') {
    Remove-ItemProperty -LiteralPath 'Registry::HKEY_LOCAL_MACHINE\Software\Microsoft\Windows\CurrentVersion\Run' -Name $name -ErrorAction SilentlyContinue
}
foreach ($path in @(
        "$env:ProgramData\Microsoft\Windows\Start Menu\Programs\StartUp\netdrive-tests.cmd"
        "$env:ProgramData\Microsoft\Group Policy\History\{6E657464-7269-7665-0000-000000000000}")) {
    Remove-Item -LiteralPath $path -Recurse -Force -ErrorAction SilentlyContinue
}
foreach ($name in 'netdrive-map', 'netdrive-off') {
    if ($OnStand) {
        Remove-Item -LiteralPath "$env:SystemRoot\System32\Tasks\$name" -Force -ErrorAction SilentlyContinue
    }
    else {
        Unregister-ScheduledTask -TaskName $name -Confirm:$false -ErrorAction SilentlyContinue
    }
}
