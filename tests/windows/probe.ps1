# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

<#
.SYNOPSIS
Prints what this machine is, as far as the tests depend on it. It changes nothing, and no part of it stops the others.
#>
[CmdletBinding()]
param()
# GitHub's shells begin with Stop, which ends a section at the first line that a program writes to its stderr.
$ErrorActionPreference = 'Continue'

function Show([string] $title, [scriptblock] $what) {
    "`n=== $title"
    try {
        & $what 2>&1 | Out-String -Width 200
    }
    catch {
        "not to be had: $_"
    }
}

Show 'Windows and PowerShell' {
    Get-CimInstance -ClassName Win32_OperatingSystem | Format-List -Property Caption, Version, OSArchitecture, LastBootUpTime
    $PSVersionTable
    "pwsh: $((Get-Command -Name pwsh -ErrorAction SilentlyContinue).Version)"
}
Show 'Who runs this, with which groups and privileges' { whoami.exe /all }
Show 'Tokens: are administrators split, and do the halves share their connections?' {
    Get-ItemProperty -LiteralPath 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System' |
        Format-List -Property EnableLUA, ConsentPromptBehaviorAdmin, FilterAdministratorToken, LocalAccountTokenFilterPolicy, EnableLinkedConnections
}
Show 'Services' {
    Get-Service -Name LanmanServer, LanmanWorkstation, Spooler, seclogon, Schedule, WebClient, WinRM, EventLog -ErrorAction SilentlyContinue |
        Format-Table -Property Name, Status, StartType
}
Show 'Network providers, in their order' {
    (Get-ItemProperty -LiteralPath 'HKLM:\SYSTEM\CurrentControlSet\Control\NetworkProvider\Order').ProviderOrder
}
Show 'SMB' {
    Get-SmbClientConfiguration | Format-List -Property RequireSecuritySignature, EnableInsecureGuestLogons
    Get-SmbServerConfiguration | Format-List -Property RequireSecuritySignature, InvalidAuthenticationDelayTimeInMs
}
Show 'Listeners of WinRM' { winrm.cmd enumerate winrm/config/Listener }
Show 'Does this machine serve its own shares?' {
    foreach ($server in 'localhost', '127.0.0.1') {
        "\\$server\IPC`$:"
        net.exe use "\\$server\IPC`$"
        net.exe use "\\$server\IPC`$" /delete
    }
}
Show 'Logon sessions' { query.exe user; klist.exe sessions }
Show 'WSL' { wsl.exe --version; wsl.exe --list --verbose }

# GitHub's shells end with the exit code of the last program, whatever it was for.
exit 0
