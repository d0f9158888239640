# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

# Some of what maps drives, for a server that is the machine itself, and beside each what looks like it and maps none.
# unmake.ps1 takes all of it back.
param([string] $Server, [bool] $OnStand)
$ErrorActionPreference = 'Stop'

function Write-Text([string] $path, [string] $text) {
    $null = New-Item -Path (Split-Path -LiteralPath $path) -ItemType Directory -Force
    [IO.File]::WriteAllText($path, $text)
}

function Add-Task([string] $name, [string] $arguments, [string] $enabled) {
    $text = '<?xml version="1.0" encoding="UTF-16"?>' +
    '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task"><Triggers><LogonTrigger/></Triggers>' +
    '<Principals><Principal id="Author"><GroupId>S-1-5-32-545</GroupId></Principal></Principals>' +
    "<Settings><Enabled>$enabled</Enabled></Settings>" +
    "<Actions Context=`"Author`"><Exec><Command>net.exe</Command><Arguments>$arguments</Arguments></Exec></Actions></Task>"
    if ($OnStand) {
        # Windows's own file has UTF-16.
        $null = New-Item -Path "$env:SystemRoot\System32\Tasks" -ItemType Directory -Force
        [IO.File]::WriteAllText("$env:SystemRoot\System32\Tasks\$name", $text, [Text.Encoding]::Unicode)
    }
    else {
        $null = Register-ScheduledTask -TaskName $name -Xml $text -Force
    }
}

$run = 'Registry::HKEY_LOCAL_MACHINE\Software\Microsoft\Windows\CurrentVersion\Run'
$null = New-ItemProperty -LiteralPath $run -Name netdrive-map -Value "cmd /c net use R: $Server\netdrive-run" -Force
$null = New-ItemProperty -LiteralPath $run -Name netdrive-delete -Value "cmd /c net use R: $Server\netdrive-not /delete" -Force

Write-Text "$env:ProgramData\Microsoft\Windows\Start Menu\Programs\StartUp\netdrive-tests.cmd" @"
@echo off
rem net use Q: $Server\netdrive-not
net use S: $Server\netdrive-startup
"@

Write-Text "$env:ProgramData\Microsoft\Group Policy\History\{6E657464-7269-7665-0000-000000000000}\Machine\Preferences\Drives\Drives.xml" @"
<?xml version="1.0" encoding="utf-8"?>
<Drives>
  <Drive name="T:"><Properties action="U" useLetter="1" letter="T" path="$Server\netdrive-policy" persistent="0"/></Drive>
  <Drive name="U:"><Properties action="D" useLetter="1" letter="U" path="$Server\netdrive-not" persistent="0"/></Drive>
  <Drive name="V:"><Properties action="U" useLetter="1" letter="V" path="$Server\netdrive-filter" persistent="0"/>
    <Filters><FilterGroup bool="AND" not="0" name="CORP\nobody" sid="S-1-5-21-1-2-3-9999" userContext="1"/></Filters></Drive>
</Drives>
"@

Add-Task netdrive-map "use W: $Server\netdrive-task" true
Add-Task netdrive-off "use W: $Server\netdrive-off" false
