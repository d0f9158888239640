# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

# Takes back what make.ps1 did, however far it came.
$ErrorActionPreference = 'Stop'

foreach ($name in 'netdrive_admin2', 'netdrive_user') {
    $user = Get-LocalUser -Name $name -ErrorAction SilentlyContinue
    if ($user) {
        Get-ChildItem -LiteralPath "Registry::HKEY_USERS\$($user.SID)\Network" -ErrorAction SilentlyContinue |
            Remove-Item -Recurse -ErrorAction SilentlyContinue
    }
}
foreach ($task in Get-ScheduledTask -TaskName 'netdrive-*') {
    Stop-ScheduledTask -InputObject $task
    Unregister-ScheduledTask -InputObject $task -Confirm:$false
}
# Where make.ps1 was broken off. By cmd.exe: 2>&1 under Stop would end this script where nothing is loaded.
& cmd.exe /c 'reg.exe unload HKU\netdrive-tests >nul 2>&1'
foreach ($share in Get-SmbShare -Name 'netdrive-*' -ErrorAction SilentlyContinue) {
    Remove-SmbShare -InputObject $share -Force
}
Remove-Item -LiteralPath 'C:\netdrive-tests' -Recurse -Force -ErrorAction SilentlyContinue
