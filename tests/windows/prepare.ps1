# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

<#
.SYNOPSIS
Prepares a Windows machine for the integration tests: accounts, WinRM, and an inventory that leads to them.

.DESCRIPTION
For a machine that may be thrown away: a hosted runner, a virtual machine, a Vagrant box. Run it in Windows PowerShell 5.1 as an
administrator; twice does no harm. unprepare.ps1 takes everything back.

What it changes: four local accounts whose names begin with "netdrive_"; WinRM is on, with listeners for HTTP (5985) and HTTPS
(5986, with a certificate of its own) and Basic authentication over HTTPS; local administrators keep their rights over the
network (LocalAccountTokenFilterPolicy); the ports are open in the firewall.

.PARAMETER Password
The password of the four accounts. It has to satisfy the machine's password policy.

.PARAMETER Inventory
The file to write an inventory to, for ansible-test or ./dev windows. The password is in it.

.PARAMETER Connection
How the inventory reaches the machine: winrm (NTLM over HTTP, encrypted by itself) or psrp (Basic over HTTPS).

.PARAMETER PowerShell
What runs the modules: powershell (Windows PowerShell 5.1) or pwsh (PowerShell 7; needs ansible-core 2.21).

.PARAMETER Address
The address under which the controller reaches this machine.
#>
#Requires -RunAsAdministrator
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Password,
    [string] $Inventory,
    [ValidateSet('winrm', 'psrp')] [string] $Connection = 'winrm',
    [ValidateSet('powershell', 'pwsh')] [string] $PowerShell = 'powershell',
    [string] $Address = '127.0.0.1'
)
$ErrorActionPreference = 'Stop'

if ($PSVersionTable.PSEdition -eq 'Core') {
    throw 'Run this in Windows PowerShell 5.1 (powershell.exe): the WSMan drive is not reliable in PowerShell 7.'
}

# What unprepare.ps1 needs to know of the machine as it was. A second run must not take what the first one did for that.
$folder = "$env:ProgramData\netdrive-tests"
$policy = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System'
if (-not (Test-Path -LiteralPath "$folder\before.json")) {
    $null = New-Item -Path $folder -ItemType Directory -Force
    $service = Get-Service -Name WinRM
    $before = @{
        LocalAccountTokenFilterPolicy = (Get-ItemProperty -LiteralPath $policy).LocalAccountTokenFilterPolicy
        WinRMStatus = [string]$service.Status
        WinRMStartType = [string]$service.StartType
    }
    # Its settings can be read only while it runs.
    Set-Service -Name WinRM -StartupType Automatic
    Start-Service -Name WinRM
    $before.Basic = (Get-Item -LiteralPath WSMan:\localhost\Service\Auth\Basic).Value
    $before.OtherHttps = @(Get-ChildItem -LiteralPath WSMan:\localhost\Listener | Where-Object -FilterScript { $_.Keys -contains 'Transport=HTTPS' }).Count
    $before | ConvertTo-Json | Set-Content -LiteralPath "$folder\before.json"
}

$secret = ConvertTo-SecureString -String $Password -AsPlainText -Force
$administrators = Get-LocalGroup -SID S-1-5-32-544
$users = Get-LocalGroup -SID S-1-5-32-545
foreach ($account in @(
        @{ Name = 'netdrive_admin'; Group = $administrators }
        @{ Name = 'netdrive_admin2'; Group = $administrators }
        @{ Name = 'netdrive_user'; Group = $users }
        @{ Name = 'netdrive_user2'; Group = $users })) {
    if (Get-LocalUser -Name $account.Name -ErrorAction SilentlyContinue) {
        Set-LocalUser -Name $account.Name -Password $secret
    }
    else {
        $null = New-LocalUser -Name $account.Name -Password $secret -PasswordNeverExpires -Description 'For the tests of netdrive.windows'
    }
    if (-not (Get-LocalGroupMember -Group $account.Group -Member $account.Name -ErrorAction SilentlyContinue)) {
        Add-LocalGroupMember -Group $account.Group -Member $account.Name
    }
}

# Set by itself: Enable-PSRemoting leaves it alone where WinRM is on already.
$null = New-ItemProperty -LiteralPath $policy -Name LocalAccountTokenFilterPolicy -Value 1 -PropertyType DWord -Force
Enable-PSRemoting -Force -SkipNetworkProfileCheck | Out-Null
Set-Service -Name WinRM -StartupType Automatic

$certificate = Get-ChildItem -LiteralPath Cert:\LocalMachine\My |
    Where-Object -Property FriendlyName -EQ -Value 'netdrive-tests' | Select-Object -First 1
if (-not $certificate) {
    $certificate = New-SelfSignedCertificate -DnsName $env:COMPUTERNAME, 'localhost' -FriendlyName 'netdrive-tests' `
        -CertStoreLocation Cert:\LocalMachine\My
}
foreach ($listener in Get-ChildItem -LiteralPath WSMan:\localhost\Listener | Where-Object -FilterScript { $_.Keys -contains 'Transport=HTTPS' }) {
    Remove-Item -LiteralPath $listener.PSPath -Recurse -Force
}
$null = New-Item -Path WSMan:\localhost\Listener -Transport HTTPS -Address * -CertificateThumbPrint $certificate.Thumbprint -Force
Set-Item -LiteralPath WSMan:\localhost\Service\Auth\Basic -Value $true
if (-not (Get-NetFirewallRule -Name 'netdrive-tests' -ErrorAction SilentlyContinue)) {
    $null = New-NetFirewallRule -Name 'netdrive-tests' -DisplayName 'WinRM for the tests of netdrive.windows' `
        -Direction Inbound -Protocol TCP -LocalPort 5985, 5986 -Action Allow
}
Restart-Service -Name WinRM

if ($Inventory) {
    $reach = @{
        winrm = @('ansible_connection=winrm', 'ansible_port=5985', 'ansible_winrm_scheme=http', 'ansible_winrm_transport=ntlm')
        psrp = @('ansible_connection=psrp', 'ansible_port=5986', 'ansible_psrp_protocol=https', 'ansible_psrp_auth=basic',
            'ansible_psrp_cert_validation=ignore')
    }[$Connection]
    if ($PowerShell -eq 'pwsh') {
        $reach += 'ansible_pwsh_interpreter=pwsh'
    }
    $lines = @('[windows]', "windows-host ansible_host=$Address", '', '[windows:vars]', 'ansible_user=netdrive_admin',
        "ansible_password=$Password", "netdrive_password=$Password") + $reach
    # No byte order mark and no CR: Ansible reads it on Linux.
    [IO.File]::WriteAllText($ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Inventory), ($lines -join "`n") + "`n")
    "The inventory is in $Inventory."
}
'The machine is prepared. unprepare.ps1 takes it back.'
