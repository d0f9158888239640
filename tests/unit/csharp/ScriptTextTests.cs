// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.netdrive.windows.plugins.module_utils.MachineFiles;
using ansible_collections.netdrive.windows.plugins.module_utils.ScriptText;
using ansible_collections.netdrive.windows.plugins.module_utils.Secrets;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;
using Xunit;

namespace Netdrive.Tests;

public sealed class ScriptTextTests
{
    private static readonly Dictionary<string, string> Environment = new(StringComparer.OrdinalIgnoreCase) { ["USERNAME"] = "anna" };

    [Theory]
    [InlineData(@"echo y| net use K: \\oldfs\k")]
    [InlineData(@"net use P: %SERVER%\public %OPT% >nul 2>&1")]
    [InlineData(@"echo.y | net use K: \\oldfs\k")]
    [InlineData(@"set D=\\oldfs\k & net use K: \\oldfs\k /savecred /p:yes 2>nul")]
    public void What_is_no_secret_is_shown(string line) => Assert.Equal(line, SecretText.Without(line));

    private static IList<Mention> Read(string name, string text, IList<string>? limits = null) =>
        new ScriptReader(new ConnectionSelection(null, new[] { @"\\oldfs", @"\\oldfs.corp.example" }, null)).Read(text, name, Environment, [], limits);

    [Theory]
    [InlineData("a.bat", @"net use H: \\oldfs\home", "H:", @"\\oldfs\home")]
    [InlineData("a.cmd", @"@net.exe use \\OLDFS\home h:", "H:", @"\\OLDFS\home")]
    [InlineData("a.cmd", @"%SystemRoot%\system32\net use z: ""\\oldfs\my data"" /persistent:yes", "Z:", @"\\oldfs\my data")]
    [InlineData("a.bat", @"net use * \\oldfs.corp.example\x", null, @"\\oldfs.corp.example\x")]
    [InlineData("a.bat", "net use z: //oldfs/x", "Z:", @"\\oldfs\x")]
    [InlineData("a.bat", @"net use lpt1: \\oldfs\printer", "LPT1:", @"\\oldfs\printer")]
    [InlineData("a.bat", @"echo y| net use K: \\oldfs\k", "K:", @"\\oldfs\k")]
    [InlineData("a.bat", @"net use Z: /delete & net use Z: \\oldfs\x", "Z:", @"\\oldfs\x")]
    [InlineData("a.bat", "set SRV=oldfs\r\nnet use X: \\\\%SRV%\\data", "X:", @"\\oldfs\data")]
    [InlineData("a.bat", "set \"P=\\\\oldfs\\data\"\r\nnet use X: \"%P%\"", "X:", @"\\oldfs\data")]
    [InlineData("a.bat", "net use X: ^\r\n  \\\\oldfs\\data", "X:", @"\\oldfs\data")]
    [InlineData("a.bat", @"net use H: \\oldfs\%USERNAME%", "H:", @"\\oldfs\anna")]
    [InlineData("a.bat", @"pushd \\oldfs\x", null, @"\\oldfs\x")]
    [InlineData("a.ps1", @"New-PSDrive -Name X -PSProvider FileSystem -Root ""\\oldfs\x"" -Persist", "X:", @"\\oldfs\x")]
    [InlineData("a.ps1", @"new-psdrive -root '\\oldfs\x' -persist -name 'X' -psprovider filesystem", "X:", @"\\oldfs\x")]
    [InlineData("a.ps1", "New-PSDrive \u2013Name \"X\" \u2013PSProvider FileSystem \u2013Root \"\\\\oldfs\\x\"", "X:", @"\\oldfs\x")]
    [InlineData("a.ps1", @"New-PSDrive X FileSystem \\oldfs\x", "X:", @"\\oldfs\x")]
    [InlineData("a.ps1", @"New-SmbMapping -LocalPath 'X:' -RemotePath '\\oldfs\x'", "X:", @"\\oldfs\x")]
    [InlineData("a.ps1", @"New-SmbGlobalMapping -RemotePath \\oldfs\x -LocalPath G:", "G:", @"\\oldfs\x")]
    [InlineData("a.ps1", "$srv = 'oldfs'\nNew-SmbMapping -LocalPath X: -RemotePath \"\\\\$srv\\x\"", "X:", @"\\oldfs\x")]
    [InlineData("a.ps1", "$srv = \"oldfs\"\n$n = New-Object -ComObject WScript.Network\n$n.MapNetworkDrive('X:', '\\\\' + $srv + '\\x')", "X:", @"\\oldfs\x")]
    [InlineData("a.ps1", "(New-Object -ComObject WScript.Network).MapNetworkDrive(\"X:\", \"\\\\oldfs\\x\", $true)", "X:", @"\\oldfs\x")]
    [InlineData("a.ps1", "New-PSDrive -Name X `\n  -PSProvider FileSystem `\n  -Root \\\\oldfs\\x", "X:", @"\\oldfs\x")]
    [InlineData("a.vbs", @"net.MapNetworkDrive ""X:"", ""\\oldfs\x"", False", "X:", @"\\oldfs\x")]
    [InlineData("a.vbs", "srv = \"oldfs\"\r\nnet.MapNetworkDrive \"X:\", \"\\\\\" & srv & \"\\x\"", "X:", @"\\oldfs\x")]
    [InlineData("a.vbs", "Const path = \"\\\\oldfs\\x\"\r\nnet.MapNetworkDrive \"X:\", path", "X:", @"\\oldfs\x")]
    [InlineData("a.vbs", @"sh.Run ""net use X: \\oldfs\x /persistent:no"", 0", "X:", @"\\oldfs\x")]
    [InlineData("a.js", @"net.MapNetworkDrive(""X:"", ""\\\\oldfs\\x"");", "X:", @"\\oldfs\x")]
    [InlineData("a.kix", @"USE L: ""\\oldfs\x""", "L:", @"\\oldfs\x")]
    [InlineData("a.kix", "$srv = \"oldfs\"\r\nUSE L: \"\\\\$srv\\x\"", "L:", @"\\oldfs\x")]
    [InlineData("a.bat", @"net use H: \\oldfs\x/persistent:no", "H:", @"\\oldfs\x")]
    [InlineData("a.bat", @"net use H: \\oldfs\""My Share"" /p:no", "H:", @"\\oldfs\My Share")]
    [InlineData("a.ps1", @"cmd /c ""net use H: `""\\oldfs\my data`""""", "H:", @"\\oldfs\my data")]
    [InlineData("a.ps1", @"net use H: \\oldfs\x (Read-Host ""Password"")", "H:", @"\\oldfs\x")]
    [InlineData("a.vbs", @"sh.Run ""net use H: \\oldfs\x "" & InputBox(""Password"")", "H:", @"\\oldfs\x")]
    public void A_command_that_maps_is_found_with_its_letter(string name, string text, string? device, string remote)
    {
        var mention = Assert.Single(Read(name, text));
        Assert.Equal((Grade.Maps, device, remote, null), (mention.Grade, mention.Device, mention.Remote, mention.Condition));
    }

    [Theory]
    [InlineData("a.bat", @"rem net use H: \\oldfs\home")]
    [InlineData("a.bat", @"  @REM net use H: \\oldfs\home")]
    [InlineData("a.bat", @":: net use H: \\oldfs\home")]
    [InlineData("a.bat", @"ver & rem net use H: \\oldfs\home")]
    [InlineData("a.bat", @"net use Z: /delete")]
    [InlineData("a.bat", @"net use \\oldfs\home /DELETE /y")]
    [InlineData("a.bat", @"net use H: \\oldfs\home /d")]
    [InlineData("a.bat", @"net use H: \\oldfs2\home")]
    [InlineData("a.bat", @"net use H: \\my-oldfs\home")]
    [InlineData("a.bat", @"net use H: \\oldfs.other.example\home")]
    [InlineData("a.bat", @"net use H: \\newfs\oldfs")]
    [InlineData("a.bat", @"start http://oldfs/intranet")]
    [InlineData("a.bat", @"copy C:\\oldfs\\x D:\")]
    [InlineData("a.bat", @"type \\.\pipe\oldfs")]
    [InlineData("a.bat", @"echo \\oldfs is gone")]
    [InlineData("a.bat", @"if ""%1""=="""" echo net use H: \\oldfs\x")]
    [InlineData("a.ps1", @"Get-SmbMapping | Where-Object { $_.RemotePath -like '\\oldfs\*' } | Remove-SmbMapping -Force")]
    [InlineData("a.ps1", @"Write-Log ""H: leads to \\oldfs\x""")]
    [InlineData("a.ps1", @"$p = Read-Host 'For instance \\oldfs\x'")]
    [InlineData("a.vbs", @"sh.Popup ""Connecting \\oldfs\x"", 2")]
    [InlineData("a.kix", @"? ""Connecting \\oldfs\x""")]
    [InlineData("a.vbs", @"If x Then MsgBox ""No net use H: \\oldfs\x""")]
    [InlineData("a.vbs", @"answer = MsgBox(""net use H: \\oldfs\x?"", 4)")]
    [InlineData("a.ps1", @"(New-Object -ComObject WScript.Shell).Popup(""\\oldfs\x"")")]
    [InlineData("a.ps1", @"[System.Windows.Forms.MessageBox]::Show(""\\oldfs\x"")")]
    [InlineData("a.ps1", @"# New-PSDrive -Name X -Root \\oldfs\x")]
    [InlineData("a.ps1", "<#\nNew-PSDrive -Name X -Root \\\\oldfs\\x\n#>")]
    [InlineData("a.ps1", @"Get-Date # \\oldfs\x")]
    [InlineData("a.ps1", @"Remove-SmbMapping -RemotePath \\oldfs\x -Force")]
    [InlineData("a.vbs", @"' net.MapNetworkDrive ""X:"", ""\\oldfs\x""")]
    [InlineData("a.vbs", @"x = 1 ' \\oldfs\x")]
    [InlineData("a.vbs", @"net.RemoveNetworkDrive ""\\oldfs\x"", True")]
    [InlineData("a.js", @"// net.MapNetworkDrive(""X:"", ""\\\\oldfs\\x"");")]
    [InlineData("a.js", "/* net.MapNetworkDrive(\"X:\",\n \"\\\\\\\\oldfs\\\\x\"); */")]
    [InlineData("a.kix", @"; USE L: ""\\oldfs\x""")]
    [InlineData("a.kix", @"USE L: /DELETE")]
    public void What_does_not_connect_is_no_evidence(string name, string text) => Assert.Empty(Read(name, text));

    [Theory]
    [InlineData("a.bat", @"if not exist H: net use H: \\oldfs\home", "if not exist H:")]
    [InlineData("a.bat", "if \"%X%\"==\"1\" (\r\n  net use H: \\\\oldfs\\home\r\n)", "if \"%X%\"==\"1\"")]
    [InlineData("a.bat", "if exist H: (\r\n  ver\r\n) else (\r\n  net use H: \\\\oldfs\\home\r\n)", "else")]
    [InlineData("a.ps1", "if (Test-Path H:) {\n} elseif ($x) {\n  net use H: \\\\oldfs\\home\n}", "elseif ($x)")]
    [InlineData("a.vbs", "If inGroup(\"Sales\") Then\r\n  n.MapNetworkDrive \"H:\", \"\\\\oldfs\\home\"\r\nEnd If", "If inGroup(\"Sales\") Then")]
    [InlineData("a.kix", "IF INGROUP(\"Sales\")\r\n  USE H: \"\\\\oldfs\\home\"\r\nENDIF", "IF INGROUP(\"Sales\")")]
    public void A_condition_is_named(string name, string text, string condition) =>
        Assert.Equal(condition, Assert.Single(Read(name, text)).Condition);

    [Theory]
    [InlineData("a.bat", "if exist X: (\r\n  ver\r\n)\r\nnet use H: \\\\oldfs\\home")]
    [InlineData("a.ps1", "if ($x) { ver }\nforeach ($i in 1) {\n  net use H: \\\\oldfs\\home\n}")]
    [InlineData("a.vbs", "If x Then\r\n y = 1\r\nEnd If\r\nn.MapNetworkDrive \"H:\", \"\\\\oldfs\\home\"")]
    public void A_condition_ends_with_its_block(string name, string text) => Assert.Null(Assert.Single(Read(name, text)).Condition);

    [Theory]
    // a brace on its own line
    [InlineData("a.ps1", "if (-not (Test-Path H:))\n{\n  net use H: \\\\oldfs\\x\n}", "H:", "if (-not (Test-Path H:))")]
    [InlineData("a.ps1", "if (Test-Path H:)\n{\n}\nelse\n\n{\n  net use H: \\\\oldfs\\x\n}", "H:", "else")]
    [InlineData("a.ps1", "try {\n  ver\n}\ncatch\n{\n  net use H: \\\\oldfs\\x\n}", "H:", "catch")]
    [InlineData("a.js", "if (x)\n{\n  net.MapNetworkDrive(\"H:\", \"\\\\\\\\oldfs\\\\x\");\n}", "H:", "if (x)")]
    [InlineData("a.js", "if (x)\n  net.MapNetworkDrive(\"H:\", \"\\\\\\\\oldfs\\\\x\");", "H:", "if (x)")]
    // a pipe, a block or a new line in the condition
    [InlineData("a.ps1", "if (-not (Get-PSDrive | Where-Object { $_.Name -eq 'H' })) { New-PSDrive -Name H -Root \\\\oldfs\\x }", "H:", "if (-not (Get-PSDrive | Where-Object { $_.Name -eq 'H' }))")]
    [InlineData("a.ps1", "if ((net use | Select-String 'H:') -eq $null) { net use H: \\\\oldfs\\x }", "H:", "if ((net use | Select-String 'H:') -eq $null)")]
    [InlineData("a.ps1", "if ($a -and\n    $b) {\n  net use H: \\\\oldfs\\x\n}", "H:", "if ($a -and     $b)")]
    // values under conditions
    [InlineData("a.bat", "if \"%SITE%\"==\"A\" set FS=oldfs\r\nif \"%SITE%\"==\"B\" set FS=newfs\r\nnet use H: \\\\%FS%\\x", "H:", "if \"%SITE%\"==\"A\" set FS=oldfs")]
    [InlineData("a.bat", "set FS=oldfs\r\nif \"%SITE%\"==\"B\" set FS=newfs\r\nnet use H: \\\\%FS%\\x", "H:", "if \"%SITE%\"==\"B\" set FS=newfs")]
    [InlineData("a.bat", "set P=\\\\newfs\\x\r\nif %A%==1 (\r\n  set P=\\\\newfs\\a\r\n) else (\r\n  set P=\\\\oldfs\\x\r\n)\r\nnet use H: %P%", "H:", "else")]
    [InlineData("a.vbs", "Select Case site\r\nCase \"A\"\r\n  srv = \"oldfs\"\r\nCase Else\r\n  srv = \"newfs\"\r\nEnd Select\r\nnet.MapNetworkDrive \"H:\", \"\\\\\" & srv & \"\\x\"", "H:", "Case \"A\"")]
    [InlineData("a.kix", "IF $site = \"A\"\r\n  $srv = \"oldfs\"\r\nELSE\r\n  $srv = \"newfs\"\r\nENDIF\r\nUSE H: \"\\\\$srv\\x\"", "H:", "IF $site = \"A\"")]
    // goto, && and ||
    [InlineData("a.bat", "ifmember Sales\r\nif errorlevel 1 goto SALES\r\ngoto END\r\n:SALES\r\nnet use H: \\\\oldfs\\x\r\n:END", "H:", "if errorlevel 1 goto SALES")]
    [InlineData("a.bat", "if exist X:\\nul goto End\r\nnet use H: \\\\oldfs\\x\r\n:End", "H:", "if exist X:\\nul goto End")]
    [InlineData("a.bat", "if \"%COMPUTERNAME%\"==\"SRV\" exit /b\r\nnet use H: \\\\oldfs\\x", "H:", "if \"%COMPUTERNAME%\"==\"SRV\" exit /b")]
    [InlineData("a.bat", "goto %SITE%\r\n:A\r\nnet use H: \\\\oldfs\\x\r\n", "H:", "goto %SITE%")]
    [InlineData("a.bat", "ping oldfs >nul && net use H: \\\\oldfs\\x", "H:", "ping oldfs >nul &&")]
    [InlineData("a.bat", "dir H: || net use H: \\\\oldfs\\x", "H:", "dir H: ||")]
    [InlineData("a.bat", "if exist H: net use H: /d & net use H: \\\\oldfs\\x", "H:", "if exist H:")]
    [InlineData("a.bat", "for /f %%g in ('groups ^| find \"Sales\"') do net use H: \\\\oldfs\\x", "H:", "for /f %%g in")]
    [InlineData("a.ps1", "if ($env:COMPUTERNAME -like 'SRV*') { exit }\nnet use H: \\\\oldfs\\x", "H:", "if ($env:COMPUTERNAME -like 'SRV*')")]
    [InlineData("a.vbs", "If x Then WScript.Quit\r\nnet.MapNetworkDrive \"H:\", \"\\\\oldfs\\x\"", "H:", "If x Then WScript.Quit")]
    // a question or a variable in the condition
    [InlineData("a.vbs", "If MsgBox(\"Map?\",4)=6 Then n.MapNetworkDrive \"H:\", \"\\\\oldfs\\x\"", "H:", "If MsgBox(\"Map?\",4)=6 Then")]
    [InlineData("a.vbs", "If a Then MsgBox \"no\" Else n.MapNetworkDrive \"H:\", \"\\\\oldfs\\x\"", "H:", "If a Then MsgBox \"no\" Else")]
    [InlineData("a.vbs", "If x = title Then sh.Run \"net use H: \\\\oldfs\\x\"", "H:", "If x = title Then")]
    [InlineData("a.js", "if ( msg == 1) net.MapNetworkDrive(\"H:\", \"\\\\\\\\oldfs\\\\x\");", "H:", "if ( msg == 1)")]
    // what stands in front of the command does not count
    [InlineData("a.bat", "if exist G: net use H: \\\\oldfs\\x", "H:", "if exist G:")]
    // the name of the condition
    [InlineData("a.vbs", "If a Then\r\n ver\r\nElseIf b Then\r\n net.MapNetworkDrive \"H:\", \"\\\\oldfs\\x\"\r\nEnd If", "H:", "ElseIf b Then")]
    [InlineData("a.vbs", "If a Then\r\n ver\r\nElse\r\n net.MapNetworkDrive \"H:\", \"\\\\oldfs\\x\"\r\nEnd If", "H:", "Else")]
    [InlineData("a.vbs", "Select Case g\r\nCase \"Sales\"\r\n net.MapNetworkDrive \"H:\", \"\\\\oldfs\\x\"\r\nEnd Select", "H:", "Case \"Sales\"")]
    [InlineData("a.vbs", "If a Then net.MapNetworkDrive \"H:\", \"\\\\oldfs\\x\"", "H:", "If a Then")]
    [InlineData("a.vbs", "If a Then b = 1 : net.MapNetworkDrive \"H:\", \"\\\\oldfs\\x\"", "H:", "If a Then b = 1")]
    [InlineData("a.bat", "if /i \"%USERNAME%\"==\"bob\" net use H: \\\\oldfs\\x", "H:", "if /i \"%USERNAME%\"==\"bob\"")]
    [InlineData("a.kix", "IF INGROUP(\"Sales\") USE H: \"\\\\oldfs\\x\" ENDIF", "H:", "IF INGROUP(\"Sales\")")]
    [InlineData("a.kix", "SELECT\r\nCASE INGROUP(\"Sales\")\r\n  USE H: \"\\\\oldfs\\x\"\r\nENDSELECT", "H:", "CASE INGROUP(\"Sales\")")]
    [InlineData("a.bat", "set PASS=S3cret\r\nif not \"%PASS%\"==\"\" net use H: \\\\oldfs\\x", "H:", "if not \"%PASS%\"==\"\"")]
    public void What_may_not_be_run_has_a_condition(string name, string text, string device, string condition)
    {
        var mention = Assert.Single(Read(name, text), mention => mention.Grade == Grade.Maps);
        Assert.Equal((device, @"\\oldfs\x", condition), (mention.Device, mention.Remote, mention.Condition));
    }

    [Theory]
    [InlineData("a.ps1", "$Name='H'; $Root='\\\\oldfs\\x'\nNew-PSDrive -Name $Name -PSProvider FileSystem -Root $Root")]
    [InlineData("a.ps1", "$srv = 'oldfs'\n$p = '\\\\' + $srv + '\\x'\n$n.MapNetworkDrive('H:', $p)")]
    [InlineData("a.ps1", "param(\n  [string]$Server = 'oldfs',\n  [switch]$Quiet\n)\nNew-SmbMapping -LocalPath H: -RemotePath \"\\\\$Server\\x\"")]
    [InlineData("a.ps1", "$params = @{\n  Name = 'H'\n  PSProvider = 'FileSystem'\n  Root = '\\\\oldfs\\x'\n}\nNew-PSDrive @params -Persist")]
    [InlineData("a.ps1", "$n.MapNetworkDrive(\n  'H:',\n  '\\\\oldfs\\x')")]
    [InlineData("a.ps1", "New-PSDrive -Name H -PSProvider FileSystem -Root:\\\\oldfs\\x")]
    [InlineData("a.ps1", "New-SmbMapping -LocalPath:H: -RemotePath:'\\\\oldfs\\x'")]
    [InlineData("a.ps1", "function Log($m) { if ($m) { return } }\nif ($x) { ver }\nnet use H: \\\\oldfs\\x")]
    [InlineData("a.bat", "set P=\"\\\\oldfs\\x\"\r\nnet use H: %P%")]
    [InlineData("a.bat", "set FS=newfs\r\nset FS=oldfs\r\nnet use H: \\\\%FS%\\x")]
    [InlineData("a.bat", "if exist H: goto NEXT\r\nver\r\n:NEXT\r\nnet use H: \\\\oldfs\\x")]
    [InlineData("a.bat", ":WAIT\r\nif not exist C:\\x goto WAIT\r\nnet use H: \\\\oldfs\\x >nul 2>&1")]
    [InlineData("a.bat", "ifmember Sales\r\nif errorlevel 1 goto A\r\ngoto B\r\n:A\r\nset X=1\r\ngoto C\r\n:B\r\nset X=2\r\n:C\r\nnet use H: \\\\oldfs\\x")]
    [InlineData("a.ps1", "try { Remove-PSDrive H }\ncatch { exit }\n$u = $env:NOBODY\nnet use H: \\\\oldfs\\x")]
    [InlineData("a.vbs", "If Err.Number <> 0 Then WScript.Quit\r\nn.MapNetworkDrive \"H:\", \"\\\\oldfs\\x\"")]
    [InlineData("a.vbs", "strServer = \"oldfs\"\r\nstrPath = \"\\\\\" & strServer & \"\\x\"\r\nn.MapNetworkDrive \"H:\", strPath")]
    [InlineData("a.vbs", "n.RemoveNetworkDrive \"H:\", True : n.MapNetworkDrive \"H:\", \"\\\\oldfs\\x\"")]
    [InlineData("a.vbs", "Function InGroup(g)\r\n  If g = \"\" Then Exit Function\r\nEnd Function\r\nn.MapNetworkDrive \"H:\", \"\\\\oldfs\\x\"")]
    [InlineData("a.vbs", "srv = \"oldfs\"\r\nIf srv = \"newfs\" Then\r\n  ver\r\nEnd If\r\nn.MapNetworkDrive \"H:\", \"\\\\\" & srv & \"\\x\"")]
    [InlineData("a.kix", "$s = \"oldfs\"\r\nIF $s = \"newfs\"\r\n ? \"x\"\r\nENDIF\r\nUSE H: \"\\\\\" + $s + \"\\x\"")]
    [InlineData("a.js", "var srv = \"oldfs\";\nvar p = \"\\\\\\\\\" + srv + \"\\\\x\";\nnet.MapNetworkDrive(\"H:\", p);")]
    public void What_is_certain_to_be_run_has_none(string name, string text)
    {
        var mention = Assert.Single(Read(name, text), mention => mention.Grade == Grade.Maps);
        Assert.Equal(("H:", @"\\oldfs\x", null), (mention.Device, mention.Remote, mention.Condition));
    }

    [Theory]
    // parameters by place, by name, with defaults, in brackets; functions before and behind what calls them
    [InlineData("a.ps1", "function Map($letter, $path) {\n  net use $letter $path\n}\nMap H: \\\\oldfs\\x")]
    [InlineData("a.ps1", "function Add-Drive {\n  [CmdletBinding()]\n  param(\n    [Parameter(Mandatory = $true)]\n    [string]$Letter,\n    [string]$Root = '\\\\newfs\\x'\n  )\n  New-PSDrive -Name $Letter -PSProvider FileSystem -Root $Root -Persist\n}\nAdd-Drive -Root \"\\\\oldfs\\x\" -Letter 'H'")]
    [InlineData("a.ps1", "function Map { param([string]$Drive = 'H', $Root = '\\\\oldfs\\x') New-SmbMapping -LocalPath \"${Drive}:\" -RemotePath $Root }\nMap")]
    [InlineData("a.ps1", "function Map($d, $s) { $n.MapNetworkDrive(\"${d}:\", \"\\\\oldfs\\$s\") }\nfunction All { Map H x }\nAll")]
    [InlineData("a.vbs", "MapDrive \"H:\", \"\\\\oldfs\\x\"\r\nSub MapDrive(letter, path)\r\n  net.MapNetworkDrive letter, path, False\r\nEnd Sub")]
    [InlineData("a.vbs", "srv = \"oldfs\"\r\nCall Map(\"H\", \"x\")\r\nPrivate Sub Map(ByVal letter, ByVal share)\r\n  letter = letter & \":\"\r\n  sh.Run \"net use \" & letter & \" \\\\\" & srv & \"\\\" & share, 0\r\nEnd Sub")]
    [InlineData("a.vbs", "If Not Map(\"H:\", \"\\\\oldfs\\x\") Then\r\n  MsgBox \"no\"\r\nEnd If\r\nFunction Map(d, p)\r\n  net.MapNetworkDrive d, p\r\n  Map = True\r\nEnd Function")]
    [InlineData("a.js", "map(\"H:\", \"x\");\nfunction map(letter, share) {\n  net.MapNetworkDrive(letter, \"\\\\\\\\oldfs\\\\\" + share);\n}")]
    [InlineData("a.kix", "Function AddDisk($Letter, $Share, $Server)\r\n  $Disk = $Letter + \":\"\r\n  USE $Disk /DELETE\r\n  USE $Disk \"\\\\\" + $Server + \"\\\" + $Share /PERSISTENT\r\nEndFunction\r\nAddDisk(\"H\", \"x\", \"oldfs\")")]
    [InlineData("a.bat", "call :map H: \\\\oldfs\\x\r\nexit /b\r\n:map\r\nnet use %1 /delete /y\r\nnet use %1 %2 /persistent:no\r\ngoto :eof")]
    [InlineData("a.bat", "set SRV=oldfs\r\ngoto :begin\r\n:map\r\nnet use %~1: \"\\\\%SRV%\\%~2\"\r\nexit /b\r\n:begin\r\ncall :map H \"x\"")]
    // lists that a loop goes through
    [InlineData("a.ps1", "$m = @{\n  'H' = '\\\\oldfs\\x'\n  'I' = '\\\\newfs\\x'\n}\nforeach ($e in $m.GetEnumerator()) {\n  net use \"$($e.Key):\" $e.Value\n}")]
    [InlineData("a.ps1", "$srv = 'oldfs'\n$list = @()\n$list += [PSCustomObject]@{ DriveLetter = 'H'; Path = \"\\\\$srv\\x\" }\n$list | ForEach-Object {\n  New-PSDrive -Name $_.DriveLetter -Root $_.Path -PSProvider FileSystem\n}")]
    [InlineData("a.ps1", "$csv = @'\nLetter,Path\nH,\\\\oldfs\\x\nI,\\\\newfs\\x\n'@ | ConvertFrom-Csv\nforeach ($d in $csv) {\n  New-SmbMapping -LocalPath $d.Letter -RemotePath $d.Path\n}")]
    [InlineData("a.bat", "for %%d in (I H) do (\r\n  net use %%d: /delete\r\n)\r\nfor %%s in (\\\\oldfs\\x \\\\newfs\\y) do net use H: %%s")]
    [InlineData("a.wsf", "<job>\r\n<script language=\"JScript\">\r\nvar p = \"\\\\\\\\oldfs\\\\x\"; // net\r\nnet.MapNetworkDrive(\"H:\", p);\r\n</script>\r\n</job>")]
    [InlineData("a.ps1", "$csv = @'\nLetter;Path;Label\nH;\\\\oldfs\\x;Home\n'@ | ConvertFrom-Csv -Delimiter ';'\n$csv | ForEach-Object { net use \"$($_.Letter):\" $_.Path }")]
    [InlineData("a.vbs", "drives = Array(\"H:\", \"\\\\oldfs\\x\", \"I:\", \"\\\\newfs\\x\")\r\nFor i = 0 To 3 Step 2\r\n  net.MapNetworkDrive drives(i), drives(i + 1)\r\nNext")]
    public void What_a_function_or_a_list_is_given_is_mapped(string name, string text)
    {
        var mention = Assert.Single(Read(name, text));
        Assert.Equal((Grade.Maps, "H:", @"\\oldfs\x", null), (mention.Grade, mention.Device, mention.Remote, mention.Condition));
    }

    [Theory]
    // the condition of the call, or else the one in the function
    [InlineData("a.vbs", "If InGroup(\"A\") Then Map \"H:\", \"\\\\oldfs\\x\"\r\nSub Map(d, p)\r\n  If Not fso.DriveExists(d) Then\r\n    net.MapNetworkDrive d, p\r\n  End If\r\nEnd Sub", Grade.Maps, "If InGroup(\"A\") Then")]
    [InlineData("a.ps1", "function Map($d, $p) {\n  if ($d -notlike '*:') { $d = $d + ':' }\n  New-SmbMapping -LocalPath $d -RemotePath $p\n}\nMap -p \\\\oldfs\\x -d H", Grade.Maps, "if ($d -notlike '*:')")]
    [InlineData("a.ps1", "function Map($d, $p) { if (-not (Test-Path $d)) { net use $d $p } }\nMap H: \\\\oldfs\\x", Grade.Maps, "if (-not (Test-Path $d))")]
    [InlineData("a.bat", "if exist C:\\a call :map H: \\\\oldfs\\x\r\nexit /b\r\n:map\r\nnet use %1 %2", Grade.Maps, "if exist C:\\a")]
    [InlineData("a.ps1", "$m = @{ 'H' = '\\\\oldfs\\x' }\nif ($lan) {\n  $m.Keys | ForEach-Object { net use \"${_}:\" $m[$_] }\n}", Grade.Maps, "if ($lan)")]
    // a case
    [InlineData("a.ps1", "switch ($group) {\n  'Sales' { net use H: \\\\oldfs\\x }\n  default { net use H: \\\\newfs\\x }\n}", Grade.Maps, "'Sales'")]
    [InlineData("a.js", "switch (group) {\n  case \"A\":\n    ver();\n    break;\n  case \"B\":\n    net.MapNetworkDrive(\"H:\", \"\\\\\\\\oldfs\\\\x\");\n}", Grade.Maps, "case \"B\":")]
    // what nothing calls
    [InlineData("a.ps1", "function Old { net use H: \\\\oldfs\\x }\nver", Grade.IsUnused, "Old is not called")]
    [InlineData("a.vbs", "Sub Old\r\n  net.MapNetworkDrive \"H:\", \"\\\\oldfs\\x\"\r\nEnd Sub", Grade.IsUnused, "Old is not called")]
    // what stands behind an 'exit' or 'goto', which may be another language
    [InlineData("a.bat", "ver\r\ngoto end\r\nnet use H: \\\\oldfs\\x\r\n:end\r\nver", Grade.IsUnused, "behind goto")]
    [InlineData("a.ps1", "if ($x) { ver }\nexit 0\nnet use H: \\\\oldfs\\x", Grade.IsUnused, "behind exit")]
    [InlineData("a.bat", "@powershell -Command \"iex (gc '%~f0' -Raw)\" & exit /b\r\n$p = 1\r\nNew-PSDrive -Name H -PSProvider FileSystem -Root \\\\oldfs\\x", Grade.IsUnused, "behind exit")]
    // an 'exit' in a loop ends the loop, and perhaps the script
    [InlineData("a.vbs", "Do While x\r\n  WScript.Quit\r\nLoop\r\nn.MapNetworkDrive \"H:\", \"\\\\oldfs\\x\"", Grade.Maps, "WScript.Quit")]
    [InlineData("a.vbs", "For Each a In b\r\n  WScript.Quit\r\nNext\r\nn.MapNetworkDrive \"H:\", \"\\\\oldfs\\x\"", Grade.Maps, "WScript.Quit")]
    [InlineData("a.kix", "FOR $i = 1 TO 3\r\n  QUIT\r\nNEXT\r\nUSE H: \"\\\\oldfs\\x\"", Grade.Maps, "QUIT")]
    [InlineData("a.js", "for (i in a)\n  WScript.Quit();\nnet.MapNetworkDrive(\"H:\", \"\\\\\\\\oldfs\\\\x\");", Grade.Maps, "WScript.Quit()")]
    public void A_call_may_be_under_a_condition(string name, string text, Grade grade, string condition)
    {
        var mention = Assert.Single(Read(name, text));
        Assert.Equal((grade, "H:", @"\\oldfs\x", condition), (mention.Grade, mention.Device, mention.Remote, mention.Condition));
    }

    [Theory]
    [InlineData("a.ps1", "$old = @{ 'H' = '\\\\oldfs\\x' }; $new = @{ 'H' = '\\\\newfs\\x' }\n$old.Keys | ForEach-Object { Remove-PSDrive $_ }\nforeach ($k in $new.Keys) { New-PSDrive -Name $k -PSProvider FileSystem -Root $new[$k] }", Grade.Lists)]
    [InlineData("a.ps1", "$old = @{ 'H' = '\\\\oldfs\\x' }\n$new = @{ 'H' = '\\\\newfs\\x' }\nforeach ($k in $old.Keys) {\n  Remove-PSDrive -Name $k\n  New-PSDrive -Name $k -PSProvider FileSystem -Root $new[$k]\n}", Grade.Lists)]
    [InlineData("a.ps1", "$m = @{ 'H' = '\\\\oldfs\\x' }\n$all = $m.GetEnumerator()\nforeach ($e in $all) { net use \"$($e.Key):\" $e.Value }", Grade.Lists)]
    [InlineData("a.ps1", "$old = @{ 'H' = '\\\\oldfs\\x' }\nnet use \\\\$s\\ipc$", Grade.Names)]
    [InlineData("a.bat", "net use \\\\%S%\\ipc$\r\ncall other.bat H: \\\\oldfs\\x", Grade.Names)]
    public void A_list_that_perhaps_is_not_mapped_is_graded_lower(string name, string text, Grade grade)
    {
        var mention = Assert.Single(Read(name, text), mention => mention.Remote != null);
        Assert.Equal((grade, "H:", @"\\oldfs\x"), (mention.Grade, mention.Device, mention.Remote));
    }

    [Fact]
    public void Another_share_with_the_same_beginning_is_another()
    {
        var found = Read("a.bat", "net use H: \\\\oldfs\\data\r\nset HOME=\\\\oldfs\\data2");
        Assert.Equal([@"\\oldfs\data", @"\\oldfs\data2"], found.Select(mention => mention.Remote).Order());
    }

    [Fact]
    public void A_loop_maps_each_letter_of_its_list()
    {
        var mentions = Read("a.bat", "for %%d in (H I) do net use %%d: \\\\oldfs\\%%d").Select(mention => (mention.Device, mention.Remote, mention.Condition));
        Assert.Equal([("H:", @"\\oldfs\H", null), ("I:", @"\\oldfs\I", null)], mentions);
    }

    [Fact]
    public void A_letter_belongs_to_the_name_beside_it()
    {
        var mentions = Read("a.bat", @"call other.bat H: \\oldfs\x \\oldfs\y").Select(mention => (mention.Device, mention.Remote));
        Assert.Equal([("H:", @"\\oldfs\x"), (null, @"\\oldfs\y")], mentions);
    }

    [Theory]
    [InlineData("a.bat", @"rundll32 printui.dll,PrintUIEntry /in /n\\oldfs\hp", Grade.Maps, null, @"\\oldfs\hp")]
    [InlineData("a.bat", @"if exist \\oldfs\x net use H: \\newfs\x", Grade.Names, null, @"\\oldfs\x")]
    [InlineData("a.bat", @"xcopy \\oldfs\x D: /s", Grade.Names, null, @"\\oldfs\x")]
    [InlineData("a.bat", @"call :map H: \\oldfs\x", Grade.Names, "H:", @"\\oldfs\x")]
    [InlineData("a.vbs", "MapDrive \"H:\", \"\\\\oldfs\\x\"", Grade.Names, "H:", @"\\oldfs\x")]
    [InlineData("a.ps1", @"$drives = @(@{Letter='H:'; Path='\\oldfs\x'}, @{Letter='I:'; Path='\\newfs\x'})", Grade.Names, "H:", @"\\oldfs\x")]
    [InlineData("a.ps1", "$c = @'\n[\n  {\n    \"Path\": \"\\\\\\\\oldfs\\\\x\",\n    \"DriveLetter\": \"Y\"\n  },\n  {\"Path\":\"\\\\\\\\newfs\\\\x\",\"DriveLetter\":\"Z\"}\n]\n'@", Grade.Names, "Y:", @"\\oldfs\x")]
    [InlineData("a.bat", @"net use H: /home", Grade.HidesServer, "H:", null)]
    [InlineData("a.kix", "USE H: @LSERVER + \"\\x\"", Grade.HidesServer, "H:", null)]
    public void The_letter_and_the_name_belong_together(string name, string text, Grade grade, string? device, string? remote)
    {
        var mention = Assert.Single(Read(name, text));
        Assert.Equal((grade, device, remote), (mention.Grade, mention.Device, mention.Remote));
    }

    [Theory]
    [InlineData("net use > %LOG%")]
    [InlineData("if \"%A%\"==\"1\" (\r\n  set FS=oldfs\r\n) else (\r\n  set FS=newfs\r\n  net use I: \\\\%FS%\\y\r\n)")]
    public void What_leads_elsewhere_is_no_evidence(string text) => Assert.DoesNotContain(Read("a.bat", text), mention => mention.Grade is Grade.Maps or Grade.HidesServer);

    [Fact]
    public void A_filter_in_a_configuration_is_a_condition()
    {
        var mention = Assert.Single(Read("a.ps1", @"$c = '[{""Path"":""\\\\oldfs\\d"",""DriveLetter"":""Y"",""GroupFilter"":""Sales""}]'"));
        Assert.Equal(("Y:", @"\\oldfs\d", "GroupFilter Sales"), (mention.Device, mention.Remote, mention.Condition));
    }

    [Theory]
    [InlineData("a.bat", @"call \\oldfs\netlogon\more.bat", Grade.Names)]
    [InlineData("a.bat", @"copy //oldfs/tools/x.exe C:\", Grade.Names)]
    [InlineData("a.bat", @"start file://oldfs/x/readme.htm", Grade.Names)]
    [InlineData("a.bat", @"dir \\?\UNC\oldfs\x", Grade.Names)]
    [InlineData("a.bat", @"\\oldfs\apps\Popup\popup.exe", Grade.Names)]
    [InlineData("a.ps1", @"Copy-Item (Read-Host 'What') \\oldfs\x", Grade.Names)]
    [InlineData("a.bat", @"net use K: \\%USERDNSDOMAIN%\pgm", Grade.HidesServer)]
    [InlineData("a.bat", @"net use %~1: ""%~2""", Grade.HidesServer)]
    [InlineData("a.bat", @"net use %HOMEDRIVE% %HOMESHARE%", Grade.HidesServer)]
    [InlineData("a.ps1", @"New-PSDrive -Name $letter -PSProvider FileSystem -Root $path", Grade.HidesServer)]
    [InlineData("a.vbs", @"net.MapNetworkDrive letter, path", Grade.HidesServer)]
    public void Less_is_graded_lower(string name, string text, Grade grade) => Assert.Equal(grade, Assert.Single(Read(name, text)).Grade);

    [Fact]
    public void Json_within_a_script_is_read()
    {
        var mention = Assert.Single(Read("DriveMappping.ps1", @"$driveMappingConfig = @'
[{""Path"":""\\\\oldfs\\data"",""DriveLetter"":""Y""}]
'@ | ConvertFrom-Json"));
        Assert.Equal((Grade.Names, @"\\oldfs\data"), (mention.Grade, mention.Remote));
    }

    [Fact]
    public void An_encoded_command_is_read()
    {
        var encoded = Convert.ToBase64String(System.Text.Encoding.Unicode.GetBytes(@"net use X: \\oldfs\x"));
        var mention = Assert.Single(new ScriptReader(new ConnectionSelection(null, new[] { @"\\oldfs" }, null))
            .ReadCommand($"powershell.exe -NoProfile -EncodedCommand {encoded}", Environment));
        Assert.Equal((Grade.Maps, "X:"), (mention.Grade, mention.Device));
    }

    [Theory]
    [InlineData("has a loop with more than 26 values", "a.bat", "for %%d in (1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27) do ver\r\nnet use H: \\\\oldfs\\x")]
    [InlineData("has a command with more than 26 values", "a.bat", "for %%d in (1 2 3 4 5 6) do for %%e in (1 2 3 4 5 6) do ver\r\nnet use H: \\\\oldfs\\x\r\nfor %%d in (1 2 3 4 5 6) do (\r\nfor %%e in (1 2 3 4 5 6) do pushd \\\\%%d\\%%e\r\n)")]
    [InlineData("has functions that call each other over more than 4 levels", "a.ps1", "function A { \\\\b\\x }\nfunction B { A }\nfunction C { B }\nfunction D { C }\nfunction E { D }\nfunction F { net use H: \\\\oldfs\\x }\nF\nE")]
    [InlineData("calls functions more than 300 times", "a.ps1", "function A { net use H: \\\\oldfs\\x }\n*A\n")]
    [InlineData("names more than 500 connections", "a.bat", "net use H: \\\\oldfs\\x\r\n*dir \\\\oldfs\\#\r\n")]
    [InlineData("runs more than 50 scripts", "a.bat", "net use H: \\\\oldfs\\x\r\n*call #.bat\r\n")]
    public void What_is_too_much_is_said_and_the_rest_kept(string limit, string name, string text)
    {
        var parts = text.Split('*');  // the second one many times
        var limits = new List<string>();
        var mentions = Read(name, parts[0] + string.Concat(Enumerable.Range(0, 600).Select(i => parts.ElementAtOrDefault(1)?.Replace("#", $"{i}"))), limits);
        Assert.Equal([limit], limits);
        Assert.Contains(mentions, mention => (mention.Grade, mention.Device, mention.Remote) == (Grade.Maps, "H:", @"\\oldfs\x"));
    }

    [Theory]
    [InlineData("a.ps1", "function Map { net use H: \\\\oldfs\\x }\nfunction Map { net use I: \\\\newfs\\x }\nMap", Grade.Maps, "Map is defined again")]
    [InlineData("a.ps1", "function Map { net use I: \\\\newfs\\x }\nfunction Map { net use H: \\\\oldfs\\x }\nMap", Grade.Maps, null)]
    [InlineData("a.bat", "call :map\r\nexit /b\r\n:map\r\nnet use H: \\\\oldfs\\x\r\nexit /b\r\n:map\r\nver\r\nexit /b", Grade.Maps, "map is defined again")]
    [InlineData("a.ps1", "function Map { net use H: \\\\oldfs\\x }\nfunction Map { net use I: \\\\newfs\\x }", Grade.IsUnused, "Map is not called")]
    public void A_function_that_is_defined_again_is_not_lost(string name, string text, Grade grade, string? condition)
    {
        var mention = Assert.Single(Read(name, text));
        Assert.Equal((grade, "H:", condition), (mention.Grade, mention.Device, mention.Condition));
    }

    [Theory]
    [InlineData("a.bat", "net use \"\\\\%a%(((\\\\\\\\ if ( & net use /d \r\n", 5000)]
    [InlineData("a.ps1", "\\", 200_000)]
    [InlineData("a.ps1", "$", 200_000)]
    [InlineData("a.ps1", "(\n", 100_000)]
    [InlineData("a.ps1", "{", 200_000)]
    [InlineData("a.vbs", "a = \"b\" & a & ", 10_000)]
    [InlineData("a.vbs", "a = \"b\" & a\r\n", 10_000)]
    [InlineData("a.bat", "\\\\oldfs\\a ", 25_000)]
    [InlineData("a.bat", "net use H: \\\\oldfs\\a\r\n", 12_000)]
    [InlineData("a.bat", "set A=%A%%A%%A%x\r\n", 15_000)]
    [InlineData("a.bat", "if a==b set A=%A%x%A%\r\n", 15_000)]
    [InlineData("a.bat", "a:\\\\", 50_000)]
    [InlineData("a.bat", "if ", 80_000)]
    [InlineData("a.bat", "MapNetworkDrive,,", 15_000)]
    [InlineData("a.kix", "$a = \"$a$a\"\n", 15_000)]
    [InlineData("a.js", "/*", 100_000)]
    [InlineData("a.bat", "for %%a in (%%a %%a) do set a=%%a%%a\r\n", 5_000)]
    [InlineData("a.vbs", "Sub a(b)\r\n", 20_000)]
    [InlineData("a.vbs", "Sub a(b)\r\na b\r\nnet.MapNetworkDrive b, \"\\\\oldfs\\x\"\r\nEnd Sub\r\n", 5_000)]
    [InlineData("a.ps1", "function a { a; a; \\\\oldfs\\x }\na;a;a\n", 5_000)]
    [InlineData("a.ps1", "function a(", 20_000)]
    [InlineData("a.bat", "call :a a\r\n:a\r\nnet use %1 \\\\oldfs\\a\r\n", 5_000)]
    [InlineData("a.ps1", "{\"a\":\"a\", ", 20_000)]
    [InlineData("a.ps1", "a,\\\\oldfs\\a,a ", 20_000)]
    [InlineData("a.js", "a", 256_000)]
    [InlineData("a.js", "aaaaaaaa ", 28_000)]
    [InlineData("a.js", "function a() { \\\\a; a() }\n", 9_000)]
    [InlineData("a.ps1", "function a { \\\\a }; a a a a a a a\n", 7_000)]
    [InlineData("a.bat", "call :a\r\n:a\r\n", 18_000)]
    [InlineData("a.wsf", "<script ", 32_000)]
    [InlineData("a.vbs", "If MsgBox(((((((( ", 14_000)]
    [InlineData("a.ps1", "$a = @{\n", 28_000)]
    [InlineData("a.ps1", "$a|", 85_000)]
    public void A_script_that_is_made_to_take_long_comes_to_an_end(string name, string part, int count)
    {
        string[] known = ["takes too long to read", "names more than 500 connections", "calls functions more than 300 times",
            "has functions that call each other over more than 4 levels", "has a command with more than 26 values", "runs more than 50 scripts"];
        var limits = new List<string>();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Read(name, string.Concat(Enumerable.Repeat(part, count)), limits);
        Assert.Subset(known.ToHashSet(), limits.ToHashSet());
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), clock.Elapsed.ToString());
    }

    [Theory]
    [InlineData(@"net use Z: \\oldfs\x S3cret /user:CORP\svc", @"net use Z: \\oldfs\x *** /user:CORP\svc")]
    [InlineData(@"net use Z: \\oldfs\x /user:CORP\svc ""S3 cret"" /persistent:no >nul", @"net use Z: \\oldfs\x /user:CORP\svc *** /persistent:no >nul")]
    [InlineData(@"net use \\oldfs\x /user:svc S3cret & ver", @"net use \\oldfs\x /user:svc *** & ver")]
    [InlineData("set PASSWORD=S3cret", "set PASSWORD=***")]
    [InlineData("$pw = 'S3cret'; ver", "$pw = ***; ver")]
    [InlineData(@"n.MapNetworkDrive ""Z:"", ""\\oldfs\x"", False, ""svc"", ""S3cret""", @"n.MapNetworkDrive ""Z:"", ""\\oldfs\x"", False***")]
    [InlineData(@"USE Z: ""\\oldfs\x"" /USER:svc /PASSWORD:S3cret", @"USE Z: ""\\oldfs\x"" /USER:svc ***")]
    [InlineData("ConvertTo-SecureString 'S3cret' -AsPlainText -Force", "ConvertTo-SecureString *** -AsPlainText -Force")]
    [InlineData("psexec -u svc -p S3cret cmd", "psexec -u svc -p *** cmd")]
    [InlineData(@"cmdkey /add:oldfs /user:svc /pass:S3cret", @"cmdkey /add:oldfs /user:svc /pass:***")]
    [InlineData("curl https://svc:S3cret@oldfs/dav", "curl https://***@oldfs/dav")]
    [InlineData(@"net use Z: \\oldfs\x /user:svc ""S3&S3"" /persistent:no", @"net use Z: \\oldfs\x /user:svc *** /persistent:no")]
    [InlineData(@"net use Z: \\oldfs\x /user:svc S3&S3", @"net use Z: \\oldfs\x /user:svc ***")]
    [InlineData(@"net use Z: \\oldfs\x S3cret & net use Y: \\oldfs\y S3cret", @"net use Z: \\oldfs\x *** & net use Y: \\oldfs\y ***")]
    [InlineData(@"net use Y: /delete & net use Z: \\oldfs\x S3cret", @"net use Y: /delete & net use Z: \\oldfs\x ***")]
    [InlineData(@"sh.Run ""net use Z: \\oldfs\x /user:svc "" & ""S3cret""", @"sh.Run ""net use Z: \\oldfs\x /user:svc ******""")]
    [InlineData(@"echo S3cret| net use Z: \\oldfs\x /user:svc *", @"***| net use Z: \\oldfs\x /user:svc *")]
    [InlineData(@"ver & echo S3cret | net.exe use Z: \\oldfs\x /user:svc *", @"ver &*** | net.exe use Z: \\oldfs\x /user:svc *")]
    [InlineData("ConvertTo-SecureString -AsPlainText 'S3;cret' -Force", "ConvertTo-SecureString -AsPlainText *** -Force")]
    [InlineData("ConvertTo-SecureString -AsPlainText -Force -String S3cret; ver", "ConvertTo-SecureString -AsPlainText -Force -String ***; ver")]
    [InlineData("'S3;cret' | ConvertTo-SecureString -AsPlainText -Force", "*** | ConvertTo-SecureString -AsPlainText -Force")]
    [InlineData(@"$p='S3cret'; net use Z: \\oldfs\x $p", @"$p=***; net use Z: \\oldfs\x ***")]
    [InlineData(@"set P=S3cret& net use Z: \\oldfs\x %P%", @"set P=***& net use Z: \\oldfs\x %P%")]
    [InlineData(@"$p = ""S3cret""; New-SmbMapping -RemotePath \\oldfs\x -Password $p", @"$p = ***; New-SmbMapping -RemotePath \\oldfs\x -Password ***")]
    public void Secrets_do_not_leave_the_machine(string line, string shown)
    {
        Assert.Equal(shown, SecretText.Without(line));
        Assert.DoesNotContain("S3", SecretText.Without(line));
    }
}
