// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using Microsoft.Win32.SafeHandles;
using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using ansible_collections.netdrive.windows.plugins.module_utils.Accounts;
using ansible_collections.netdrive.windows.plugins.module_utils.NativeBuffers;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;
using ansible_collections.netdrive.windows.plugins.module_utils.UserProfiles;
using ansible_collections.netdrive.windows.plugins.module_utils.WindowsErrors;

namespace ansible_collections.netdrive.windows.plugins.module_utils.NetworkConnections
{
    /// <summary>A connection that a logon session has.</summary>
    public sealed class LiveConnection
    {
        /// <summary>The redirected device ('Z:', 'LPT1:'); null for a connection without one.</summary>
        public string LocalName { get; set; }

        /// <summary>What it leads to, as the provider spells it; null where the provider does not say.</summary>
        public string RemoteName { get; set; }

        /// <summary>The name of the network provider.</summary>
        public string Provider { get; set; }

        /// <summary>The account that the server knows the connection by; null where nobody asked or the provider does not say.</summary>
        public string ConnectedAs { get; set; }

        /// <summary>Whether it is the connection with this local name, which may be null, and this remote name.</summary>
        public bool Is(string localName, string remoteName)
        {
            return LocalName == localName && ResourceName.SameRemote(RemoteName, remoteName);
        }
    }

    /// <summary>What an enumeration came to.</summary>
    public sealed class Enumeration
    {
        /// <summary>The live connections; where there is an error, those that were found before it.</summary>
        public IList<LiveConnection> Connections { get; internal set; }

        /// <summary>Null where there is none.</summary>
        public WindowsError Error { get; internal set; }
    }

    /// <summary>
    /// The functions of Windows that look at connections, cancel them and make them. Each works in the logon session of the thread
    /// that calls it ("Defining an MS-DOS Device Name"). Virtual, so that tests can answer what no stand can.
    /// </summary>
    public class NetworkApi
    {
        private const int FirstBufferSize = 16 * 1024;  // bytes; what WNetEnumResource's page recommends
        private const int LargestBufferSize = 16 * 1024 * 1024;

        /// <summary>
        /// Finds all functions that are used here, and has Windows load its network providers. Under impersonation a DLL that is loaded
        /// for the first time may be looked for on a drive that the other user has mapped.
        /// </summary>
        public virtual void Load()
        {
            Marshal.PrelinkAll(typeof(NativeMethods));
            EnumerateConnected(new List<LiveConnection>());
        }

        /// <summary>WNetOpenEnum and WNetEnumResource over RESOURCE_CONNECTED.</summary>
        /// <returns>A system error code; whatever it is, <paramref name="found"/> has what was enumerated before.</returns>
        public virtual int EnumerateConnected(IList<LiveConnection> found)
        {
            SafeEnumHandle enumeration;
            int result = NativeMethods.WNetOpenEnumW(NativeMethods.RESOURCE_CONNECTED, NativeMethods.RESOURCETYPE_ANY, 0, IntPtr.Zero, out enumeration);
            using (enumeration)
            {
                int size = FirstBufferSize;
                while (result == (int)SystemError.NO_ERROR)
                    result = ReadBuffer(enumeration, ref size, found);
            }
            return result == (int)SystemError.ERROR_NO_MORE_ITEMS ? (int)SystemError.NO_ERROR : result;
        }

        /// <summary>WNetCancelConnection2W.</summary>
        /// <param name="name">A redirected device, or a remote name: then its connections without a device.</param>
        /// <param name="updateProfile">CONNECT_UPDATE_PROFILE: do not restore it at the next sign-in.</param>
        /// <param name="force">Cancel it even if files or jobs are open on it.</param>
        /// <returns>A system error code.</returns>
        public virtual int Cancel(string name, bool updateProfile, bool force)
        {
            return NativeMethods.WNetCancelConnection2W(name, updateProfile ? NativeMethods.CONNECT_UPDATE_PROFILE : 0, force);
        }

        /// <summary>WNetAddConnection2W, with the credentials of the calling thread's user, and without changing a profile.</summary>
        /// <param name="device">The device to redirect; null for a connection without one.</param>
        /// <param name="provider">The network provider to take; null for whichever knows the remote name.</param>
        /// <returns>A system error code.</returns>
        public virtual int Add(string device, string remoteName, string provider)
        {
            NativeMethods.NewConnection connection = new NativeMethods.NewConnection
            {
                dwType = device == null ? NativeMethods.RESOURCETYPE_ANY : device.StartsWith("LPT", StringComparison.Ordinal) ? NativeMethods.RESOURCETYPE_PRINT : NativeMethods.RESOURCETYPE_DISK,
                lpLocalName = device,
                lpRemoteName = remoteName,
                lpProvider = provider
            };
            return NativeMethods.WNetAddConnection2W(ref connection, null, null, 0);
        }

        /// <summary>WNetGetLastErrorW: the provider's side of the ERROR_EXTENDED_ERROR that this thread just got.</summary>
        /// <returns>A system error code.</returns>
        public virtual int LastError(out int code, out string text, out string provider)
        {
            StringBuilder textBuffer = new StringBuilder(1024), providerBuffer = new StringBuilder(256);
            int result = NativeMethods.WNetGetLastErrorW(out code, textBuffer, textBuffer.Capacity, providerBuffer, providerBuffer.Capacity);
            text = textBuffer.ToString();
            provider = providerBuffer.ToString();
            return result;
        }

        /// <summary>WNetGetUserW.</summary>
        /// <returns>The account a connection was made with; null where the provider does not say.</returns>
        public virtual string UserOf(string name)
        {
            StringBuilder user = new StringBuilder(512);
            int size = user.Capacity;
            return NativeMethods.WNetGetUserW(name, user, ref size) == (int)SystemError.NO_ERROR ? user.ToString() : null;
        }

        /// <summary>WNetGetConnectionW.</summary>
        /// <returns>The remote name that a device leads to; null where it leads nowhere.</returns>
        public virtual string RemoteOf(string device)
        {
            StringBuilder remote = new StringBuilder(1024);
            int size = remote.Capacity;
            return NativeMethods.WNetGetConnectionW(device, remote, ref size) == (int)SystemError.NO_ERROR ? remote.ToString() : null;
        }

        /// <summary>QueryDosDeviceW.</summary>
        /// <returns>
        /// What a device is to the system, as '\Device\Mup\;LanmanRedirector\;H:0000000000012345\server\share'; null where it is nothing.
        /// </returns>
        public virtual string TargetOf(string device)
        {
            StringBuilder target = new StringBuilder(4096);
            string name = device.StartsWith("LPT", StringComparison.Ordinal) ? device.TrimEnd(':') : device;  // "MS-DOS Device Names": a port's has no colon
            return NativeMethods.QueryDosDeviceW(name, target, target.Capacity) == 0 ? null : target.ToString();
        }

        private static int ReadBuffer(SafeEnumHandle enumeration, ref int size, IList<LiveConnection> found)
        {
            using (NativeBuffer buffer = new NativeBuffer(size))
            {
                int count = -1;  // as many as fit
                int needed = size;
                int result = NativeMethods.WNetEnumResourceW(enumeration, ref count, buffer, ref needed);
                if (result == (int)SystemError.ERROR_MORE_DATA && size < LargestBufferSize)
                {
                    // Not even one entry fits. Some providers ask for what they need, others just say no.
                    size = Math.Min(LargestBufferSize, Math.Max(needed, size * 2));
                    return (int)SystemError.NO_ERROR;
                }
                for (int i = 0; result == (int)SystemError.NO_ERROR && i < count; i++)
                    found.Add(ReadResource(buffer, i));
                return result;
            }
        }

        private static LiveConnection ReadResource(NativeBuffer buffer, int index)
        {
            NativeMethods.NETRESOURCE resource = buffer.Element<NativeMethods.NETRESOURCE>(index);
            string localName = NullIfEmpty(Marshal.PtrToStringUni(resource.lpLocalName));
            return new LiveConnection
            {
                LocalName = localName == null ? null : ResourceName.Device(localName) ?? localName,
                RemoteName = NullIfEmpty(Marshal.PtrToStringUni(resource.lpRemoteName)),
                Provider = NullIfEmpty(Marshal.PtrToStringUni(resource.lpProvider))
            };
        }

        private static string NullIfEmpty(string text)
        {
            return String.IsNullOrEmpty(text) ? null : text;
        }

        private sealed class SafeEnumHandle : SafeHandleZeroOrMinusOneIsInvalid
        {
            public SafeEnumHandle() : base(true) { }

            protected override bool ReleaseHandle()
            {
                return NativeMethods.WNetCloseEnum(handle) == (int)SystemError.NO_ERROR;
            }
        }

        private static class NativeMethods
        {
            public const int RESOURCE_CONNECTED = 1;
            public const int RESOURCETYPE_ANY = 0;
            public const int RESOURCETYPE_DISK = 1;
            public const int RESOURCETYPE_PRINT = 2;
            public const int CONNECT_UPDATE_PROFILE = 1;

            [StructLayout(LayoutKind.Sequential)]
            public struct NETRESOURCE
            {
                public int dwScope;
                public int dwType;
                public int dwDisplayType;
                public int dwUsage;
                public IntPtr lpLocalName;
                public IntPtr lpRemoteName;
                public IntPtr lpComment;
                public IntPtr lpProvider;
            }

            /// <summary>NETRESOURCE as a parameter: its texts are ours.</summary>
            [StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode)]
            public struct NewConnection
            {
                public int dwScope;
                public int dwType;
                public int dwDisplayType;
                public int dwUsage;
                public string lpLocalName;
                public string lpRemoteName;
                public string lpComment;
                public string lpProvider;
            }

            [DllImport("mpr.dll", CharSet = CharSet.Unicode)]
            public static extern int WNetAddConnection2W(ref NewConnection lpNetResource, string lpPassword, string lpUserName, int dwFlags);

            [DllImport("mpr.dll", CharSet = CharSet.Unicode)]
            public static extern int WNetOpenEnumW(int dwScope, int dwType, int dwUsage, IntPtr lpNetResource, out SafeEnumHandle lphEnum);

            [DllImport("mpr.dll", CharSet = CharSet.Unicode)]
            public static extern int WNetEnumResourceW(SafeEnumHandle hEnum, ref int lpcCount, NativeBuffer lpBuffer, ref int lpBufferSize);

            [DllImport("mpr.dll")]
            public static extern int WNetCloseEnum(IntPtr hEnum);

            [DllImport("mpr.dll", CharSet = CharSet.Unicode)]
            public static extern int WNetCancelConnection2W(string lpName, int dwFlags, [MarshalAs(UnmanagedType.Bool)] bool fForce);

            [DllImport("mpr.dll", CharSet = CharSet.Unicode)]
            public static extern int WNetGetLastErrorW(out int lpError, StringBuilder lpErrorBuf, int nErrorBufSize, StringBuilder lpNameBuf, int nNameBufSize);

            [DllImport("mpr.dll", CharSet = CharSet.Unicode)]
            public static extern int WNetGetConnectionW(string lpLocalName, StringBuilder lpRemoteName, ref int lpnLength);

            [DllImport("kernel32.dll", CharSet = CharSet.Unicode)]
            public static extern int QueryDosDeviceW(string lpDeviceName, StringBuilder lpTargetPath, int ucchMax);

            [DllImport("mpr.dll", CharSet = CharSet.Unicode)]
            public static extern int WNetGetUserW(string lpName, StringBuilder lpUserName, ref int lpnLength);
        }
    }

    /// <summary>Network connections of the calling thread's logon session, with errors as the result shows them.</summary>
    public sealed class Network
    {
        private const int BusyTries = 5;
        private const int BusyPause = 200;  // milliseconds
        private const string SystemSession = "3e7";  // SYSTEM_LUID of winnt.h, in hexadecimal

        private readonly NetworkApi api;

        public Network(NetworkApi api)
        {
            this.api = api;
        }

        /// <summary>The live connections.</summary>
        /// <param name="remembered">
        /// What the user's profile remembers. Such a connection may be restored but not used yet ("deferred"): its letter is there, but
        /// nothing says that it is enumerated as well.
        /// </param>
        public Enumeration Connected(IEnumerable<RememberedConnection> remembered)
        {
            List<LiveConnection> found = new List<LiveConnection>();
            int code = WhileBusy(() =>
            {
                found.Clear();
                return api.EnumerateConnected(found);
            });
            // Without a network there are no connections.
            bool all = code == (int)SystemError.NO_ERROR || code == (int)SystemError.ERROR_NO_NETWORK;
            WindowsError error = all ? null : Error(code);
            found.AddRange(remembered.Where(entry => !found.Any(live => live.Is(entry.LocalName, entry.RemoteName)) && IsDeferred(entry.LocalName, entry.RemoteName))
                .Select(entry => new LiveConnection { LocalName = entry.LocalName, RemoteName = entry.RemoteName, Provider = entry.Provider }).ToList());
            return new Enumeration { Connections = found, Error = error };
        }

        /// <summary>The live connections that are selected.</summary>
        /// <param name="isSelected">Whether a connection with this device, which may be null, and this remote name is.</param>
        /// <param name="remembered">What of these the user's profile remembers.</param>
        public Enumeration Connected(Func<string, string, bool> isSelected, IEnumerable<RememberedConnection> remembered)
        {
            Enumeration found = Connected(remembered);
            found.Connections = found.Connections.Where(connection => isSelected(connection.LocalName, connection.RemoteName)).ToList();
            return found;
        }

        /// <summary>Notes the accounts that connections were made with. A server that is gone may keep it waiting.</summary>
        public void ReadAccounts(IEnumerable<LiveConnection> connections)
        {
            foreach (LiveConnection connection in connections)
                connection.ConnectedAs = api.UserOf(connection.LocalName ?? connection.RemoteName);
        }

        /// <summary>Cancels a connection, unless its device leads elsewhere by now: somebody may have mapped it anew.</summary>
        /// <param name="device">Null for a connection without one.</param>
        /// <returns>The error; null where there is none.</returns>
        /// <exception cref="WindowsErrorException">Where the device leads could not be seen.</exception>
        public WindowsError Cancel(string device, string remoteName, bool updateProfile, bool force)
        {
            if (device != null && !LeadsTo(device, remoteName))
                return Error((int)SystemError.ERROR_NOT_CONNECTED);
            int code = WhileBusy(() => api.Cancel(device ?? remoteName, updateProfile, force));
            return code == (int)SystemError.NO_ERROR ? null : Error(code);
        }

        /// <summary>Makes a connection, with the credentials of the calling thread's user.</summary>
        /// <param name="account">What has to be said of its account afterwards, or it is cancelled again; null for whatever is.</param>
        /// <param name="isAnothers">Whether it was made, and with another account.</param>
        /// <returns>The error; null where there is none.</returns>
        public WindowsError Connect(string device, string remoteName, string provider, string account, out bool isAnothers)
        {
            isAnothers = false;
            int code = WhileBusy(() => api.Add(device, remoteName, provider));
            if (code != (int)SystemError.NO_ERROR)
                return Error(code);
            string now = account == null ? null : api.UserOf(device ?? remoteName);
            if (now == null || AccountApi.IsSameName(now, account))
                return null;
            isAnothers = true;
            WhileBusy(() => api.Cancel(device ?? remoteName, false, true));  // it is new: whoever has it open, as Explorer, only looked
            return new WindowsError(SystemError.ERROR_LOGON_FAILURE, "It was made with the account " + account + ", whose password nobody here has, "
                + "and not with " + now + ". Its user has to connect by hand.");
        }

        // A provider may spell a remote name in two ways; what counts is how it enumerates it.
        private bool LeadsTo(string device, string remoteName)
        {
            if (ResourceName.SameRemote(api.RemoteOf(device), remoteName) || IsDeferred(device, remoteName))
                return true;
            Enumeration found = Connected(new RememberedConnection[0]);
            if (found.Connections.Any(connection => connection.Is(device, remoteName)))
                return true;
            if (found.Error != null)
                throw new WindowsErrorException("The network connections could not be enumerated", found.Error);
            return false;
        }

        private bool IsDeferred(string device, string remoteName)
        {
            string target = api.TargetOf(device) ?? "";
            string letter = ";" + device;
            int name = target.LastIndexOf(letter, StringComparison.OrdinalIgnoreCase);  // ';H:', the logon session, '\server\share'
            int remote = name < 0 ? -1 : target.IndexOf('\\', name);
            if (remote < 0)
                return false;
            // Everybody sees SYSTEM's letters ("Local and Global MS-DOS Device Names"); to others they say nothing of their own.
            string session = target.Substring(name + letter.Length, remote - name - letter.Length).TrimStart('0');
            return !session.Equals(SystemSession, StringComparison.OrdinalIgnoreCase)
                && ResourceName.SameRemote(@"\" + target.Substring(remote), remoteName);
        }

        private static int WhileBusy(Func<int> call)
        {
            int code = call();
            for (int i = 1; i < BusyTries && code == (int)SystemError.ERROR_BUSY; i++)
            {
                Thread.Sleep(BusyPause);
                code = call();
            }
            return code;
        }

        private WindowsError Error(int code)
        {
            WindowsError error = new WindowsError(code);
            int providerCode;
            string text, provider;
            if (error.Is(SystemError.ERROR_EXTENDED_ERROR) && api.LastError(out providerCode, out text, out provider) == (int)SystemError.NO_ERROR)
            {
                error.Provider = provider;
                error.ProviderCode = providerCode;
                error.ProviderMessage = text.Trim();
            }
            return error;
        }
    }
}
