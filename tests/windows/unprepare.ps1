# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

<#
.SYNOPSIS
Takes back what prepare.ps1 did, and what tests that were broken off may have left. Run it in Windows PowerShell 5.1, as an administrator.

.DESCRIPTION
At the end it says what it could not take back. It may be run again.
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

# One step that fails does not keep the others from being taken.
$stays = @()
function Invoke-Step([string] $what, [scriptblock] $step) {
    try {
        & $step
    }
    catch {
        $script:stays += "${what}: $_"
    }
}

Invoke-Step 'what the tests made' { & "$PSScriptRoot\..\integration\targets\sources\files\unmake.ps1" -OnStand $false }
# Before the accounts: the tasks are signed in as them, and a profile goes only if nobody has it open.
Invoke-Step 'scheduled tasks, shares and C:\netdrive-tests' { & "$PSScriptRoot\..\integration\targets\setup_people\files\unmake.ps1" }
foreach ($user in Get-LocalUser -Name 'netdrive_*') {
    Invoke-Step "the profile of $($user.Name)" {
        # It is still loaded for some seconds after the last process has ended.
        foreach ($second in 1..30) {
            if (-not (Get-CimInstance -ClassName Win32_UserProfile -Filter "SID = '$($user.SID)' AND Loaded = TRUE")) { break }
            Start-Sleep -Seconds 1
        }
        Get-CimInstance -ClassName Win32_UserProfile -Filter "SID = '$($user.SID)'" | Remove-CimInstance
    }
    Invoke-Step "the account $($user.Name)" { Remove-LocalUser -SID $user.SID }
}

Invoke-Step 'the rule of the firewall' { Remove-NetFirewallRule -Name 'netdrive-tests' -ErrorAction SilentlyContinue }
Invoke-Step 'the HTTPS listener' {
    Get-ChildItem -LiteralPath WSMan:\localhost\Listener | Where-Object -FilterScript { $_.Keys -contains 'Transport=HTTPS' } |
        ForEach-Object -Process { Remove-Item -LiteralPath $_.PSPath -Recurse -Force }
}
Invoke-Step 'the certificate' {
    Get-ChildItem -LiteralPath Cert:\LocalMachine\My | Where-Object -Property FriendlyName -EQ -Value 'netdrive-tests' | Remove-Item
}
Invoke-Step 'Basic authentication' { Set-Item -LiteralPath WSMan:\localhost\Service\Auth\Basic -Value $before.Basic }
Invoke-Step 'LocalAccountTokenFilterPolicy' {
    $policy = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System'
    if ($null -eq $before.LocalAccountTokenFilterPolicy) {
        Remove-ItemProperty -LiteralPath $policy -Name LocalAccountTokenFilterPolicy -ErrorAction SilentlyContinue
    }
    else {
        Set-ItemProperty -LiteralPath $policy -Name LocalAccountTokenFilterPolicy -Value $before.LocalAccountTokenFilterPolicy
    }
}
Invoke-Step 'the service WinRM' {
    Set-Service -Name WinRM -StartupType $before.WinRMStartType
    if ($before.WinRMStatus -ne 'Running') {
        Stop-Service -Name WinRM
    }
}

if ($stays) {
    throw "Not taken back; run this again after a restart:`n$($stays -join "`n")"
}
Remove-Item -LiteralPath $folder -Recurse -Force
'The machine is as it was before prepare.ps1, with these exceptions:'
'- WinRM keeps the HTTP listener and the firewall rules that Enable-PSRemoting made if there were none.'
'- An account that no longer exists may keep the right to sign in as a batch job (SeBatchLogonRight).'
if ($before.OtherHttps) {
    '- The HTTPS listener that was here is gone: prepare.ps1 put its own in the place.'
}
