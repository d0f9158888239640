# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

# Loads the hive of a user's profile as another program would, says which connections it remembers, and unloads it.
param([string] $Sid, [bool] $Load, [bool] $Unload)
$ErrorActionPreference = 'Stop'

Add-Type -Namespace Netdrive -Name Hive -MemberDefinition @'
[DllImport("advapi32.dll", CharSet = CharSet.Unicode)]
public static extern int RegLoadKeyW(UIntPtr key, string name, string file);
[DllImport("advapi32.dll", CharSet = CharSet.Unicode)]
public static extern int RegUnLoadKeyW(UIntPtr key, string name);
[DllImport("ntdll.dll")]
public static extern int RtlAdjustPrivilege(int privilege, bool enable, bool ofThread, out bool before);
'@
$before = $false
foreach ($privilege in 17, 18) {
    # SeBackupPrivilege, SeRestorePrivilege
    $null = [Netdrive.Hive]::RtlAdjustPrivilege($privilege, $true, $false, [ref]$before)
}
$users = [UIntPtr]::new(2147483651)  # HKEY_USERS

if ($Load) {
    $list = 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList'
    $folder = [Environment]::ExpandEnvironmentVariables((Get-ItemProperty -LiteralPath "$list\$Sid").ProfileImagePath)
    $code = [Netdrive.Hive]::RegLoadKeyW($users, 'netdrive-tests', "$folder\NTUSER.DAT")
    if ($code) { throw "RegLoadKey of $folder\NTUSER.DAT answered $code" }
    $network = [Microsoft.Win32.Registry]::Users.OpenSubKey('netdrive-tests\Network')
    $Ansible.Result = @($network.GetSubKeyNames())
    $network.Dispose()
}
if ($Unload) {
    $code = [Netdrive.Hive]::RegUnLoadKeyW($users, 'netdrive-tests')
    if ($code) { throw "RegUnLoadKey answered $code" }
}
