# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

<#
.SYNOPSIS
Takes back what prepare.ps1 did, and what tests that were broken off may have left. Run it in Windows PowerShell 5.1, as an administrator.
#>
#Requires -RunAsAdministrator
[CmdletBinding()]
param()
$ErrorActionPreference = 'Stop'

$folder = "$env:ProgramData\netdrive-tests"
if (-not (Test-Path -LiteralPath "$folder\before.json")) {
    'prepare.ps1 has not been here, or has been taken back: nothing to do.'
    return
}
$before = Get-Content -LiteralPath "$folder\before.json" -Raw | ConvertFrom-Json

# Before the accounts: a profile goes with them only if nobody has it open.
foreach ($user in Get-LocalUser -Name 'netdrive_*') {
    Get-CimInstance -ClassName Win32_UserProfile -Filter "SID = '$($user.SID)'" | Remove-CimInstance
    Remove-LocalUser -SID $user.SID
}
foreach ($share in Get-SmbShare -Name 'netdrive-*' -ErrorAction SilentlyContinue) {
    Remove-SmbShare -InputObject $share -Force
}
Remove-NetFirewallRule -Name 'netdrive-tests' -ErrorAction SilentlyContinue

Get-ChildItem -Path WSMan:\localhost\Listener | Where-Object -FilterScript { $_.Keys -contains 'Transport=HTTPS' } |
    ForEach-Object -Process { Remove-Item -LiteralPath $_.PSPath -Recurse -Force }
Get-ChildItem -Path Cert:\LocalMachine\My | Where-Object -Property FriendlyName -EQ -Value 'netdrive-tests' | Remove-Item
Set-Item -Path WSMan:\localhost\Service\Auth\Basic -Value $false

$policy = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System'
if ($null -eq $before.LocalAccountTokenFilterPolicy) {
    Remove-ItemProperty -LiteralPath $policy -Name LocalAccountTokenFilterPolicy -ErrorAction SilentlyContinue
}
else {
    Set-ItemProperty -LiteralPath $policy -Name LocalAccountTokenFilterPolicy -Value $before.LocalAccountTokenFilterPolicy
}
Set-Service -Name WinRM -StartupType $before.WinRMStartType
if ($before.WinRMStatus -ne 'Running') {
    Stop-Service -Name WinRM
}
Remove-Item -LiteralPath $folder -Recurse -Force
'The machine is as it was before prepare.ps1.'
