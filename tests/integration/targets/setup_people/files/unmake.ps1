# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

# Takes back what make.ps1 did, however far it came.
$ErrorActionPreference = 'Stop'

foreach ($name in 'netdrive_admin2', 'netdrive_user') {
    $user = Get-LocalUser -Name $name -ErrorAction SilentlyContinue
    if ($user) {
        Remove-Item -Path "Registry::HKEY_USERS\$($user.SID)\Network\*" -Recurse -ErrorAction SilentlyContinue
    }
}
foreach ($task in Get-ScheduledTask -TaskName 'netdrive-*') {
    Stop-ScheduledTask -InputObject $task
    Unregister-ScheduledTask -InputObject $task -Confirm:$false
}
& reg.exe unload 'HKU\netdrive-tests' 2>&1 | Out-Null  # where make.ps1 was broken off
foreach ($share in Get-SmbShare -Name 'netdrive-*' -ErrorAction SilentlyContinue) {
    Remove-SmbShare -InputObject $share -Force
}
Remove-Item -LiteralPath 'C:\netdrive-tests' -Recurse -Force -ErrorAction SilentlyContinue
