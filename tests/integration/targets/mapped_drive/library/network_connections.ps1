#!powershell

# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

# For the tests on a real Windows host: makes the network connections of this logon session what 'connections' says, where
# it is given, and returns what 'net use' and the profile have.

#AnsibleRequires -CSharpUtil Ansible.Basic

$spec = @{
    options = @{
        connections = @{ type = 'list'; elements = 'dict' }
    }
}
$module = [Ansible.Basic.AnsibleModule]::Create($args, $spec)

$source = @'
using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Runtime.InteropServices;

public static class NetworkConnectionsForTests
{
    [StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode)]
    public sealed class NETRESOURCE
    {
        public int dwScope, dwType, dwDisplayType, dwUsage;
        public string lpLocalName, lpRemoteName, lpComment, lpProvider;
    }

    [DllImport("mpr.dll", CharSet = CharSet.Unicode)]
    private static extern int WNetOpenEnumW(int scope, int type, int usage, IntPtr resource, out IntPtr handle);

    [DllImport("mpr.dll", CharSet = CharSet.Unicode)]
    private static extern int WNetEnumResourceW(IntPtr handle, ref int count, IntPtr buffer, ref int size);

    [DllImport("mpr.dll")]
    private static extern int WNetCloseEnum(IntPtr handle);

    [DllImport("mpr.dll", CharSet = CharSet.Unicode)]
    private static extern int WNetAddConnection2W(NETRESOURCE resource, string password, string user, int flags);

    // Those that are live. Win32_NetworkConnection has the remembered ones among them.
    public static List<NETRESOURCE> Live()
    {
        const int RESOURCE_CONNECTED = 1, ERROR_NO_MORE_ITEMS = 259, Size = 65536;
        IntPtr handle, buffer = Marshal.AllocHGlobal(Size);
        try
        {
            int code = WNetOpenEnumW(RESOURCE_CONNECTED, 0, 0, IntPtr.Zero, out handle);
            List<NETRESOURCE> found = new List<NETRESOURCE>();
            while (code == 0)
            {
                int count = 1, size = Size;
                code = WNetEnumResourceW(handle, ref count, buffer, ref size);
                if (code == 0)
                    found.Add((NETRESOURCE)Marshal.PtrToStructure(buffer, typeof(NETRESOURCE)));
            }
            WNetCloseEnum(handle);
            if (code != ERROR_NO_MORE_ITEMS)
                throw new Win32Exception(code);
            return found;
        }
        finally
        {
            Marshal.FreeHGlobal(buffer);
        }
    }

    public static int Add(string local, string remote, bool remember)
    {
        const int CONNECT_UPDATE_PROFILE = 1, RESOURCETYPE_ANY = 0;
        NETRESOURCE resource = new NETRESOURCE { dwType = RESOURCETYPE_ANY, lpLocalName = local, lpRemoteName = remote };
        return WNetAddConnection2W(resource, null, null, remember ? CONNECT_UPDATE_PROFILE : 0);
    }
}
'@

$sid = [Security.Principal.WindowsIdentity]::GetCurrent().User.Value
$network = "Registry::HKEY_USERS\$sid\Network"

function Get-Connection {
    $live = @([NetworkConnectionsForTests]::Live() | ForEach-Object -Process {
            [PSCustomObject]@{ name = $_.lpLocalName; remote = $_.lpRemoteName; connected = $true; persistent = $false }
        })
    $remembered = @(Get-ChildItem -LiteralPath $network -ErrorAction SilentlyContinue | ForEach-Object -Process {
            [PSCustomObject]@{ name = $_.PSChildName.ToUpper() + ':'; remote = $_.GetValue('RemotePath'); connected = $false; persistent = $true }
        })
    foreach ($connection in $live) {
        $match = $remembered | Where-Object -FilterScript { $_.name -eq $connection.name -and $_.remote -eq $connection.remote }
        $connection.persistent = [bool]$match
        $remembered = @($remembered | Where-Object -FilterScript { $_ -ne $match })
    }
    $live + $remembered
}

Add-Type -TypeDefinition $source
if ($null -ne $module.Params.connections) {
    # By cmd.exe: 2>&1 under Stop would end this module where there is nothing to delete.
    & cmd.exe /c 'net.exe use * /delete /yes >nul 2>&1'
    Get-ChildItem -LiteralPath $network -ErrorAction SilentlyContinue | Remove-Item -Recurse
    # What is only remembered comes first: its letter may be live on something else afterwards.
    foreach ($connection in ($module.Params.connections | Sort-Object -Property { [bool]$_.connected })) {
        if ($connection.connected) {
            $code = [NetworkConnectionsForTests]::Add($connection.name, $connection.remote, $connection.persistent)
            if ($code -ne 0) {
                $module.FailJson("WNetAddConnection2W($($connection.name), $($connection.remote)) answered $code")
            }
        }
        else {
            $key = Join-Path -Path $network -ChildPath $connection.name.TrimEnd(':')
            $null = New-Item -Path $key -Force
            $null = New-ItemProperty -LiteralPath $key -Name RemotePath -Value $connection.remote
            $null = New-ItemProperty -LiteralPath $key -Name ProviderName -Value 'Microsoft Windows Network'
            $null = New-ItemProperty -LiteralPath $key -Name ProviderType -Value 0x20000 -PropertyType DWord
            $null = New-ItemProperty -LiteralPath $key -Name ConnectionType -Value 1 -PropertyType DWord
        }
    }
    $module.Result.changed = $true
}

$module.Result.connections = @(Get-Connection)
$module.ExitJson()
