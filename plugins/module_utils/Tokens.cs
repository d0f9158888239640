// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

// Ansible.AccessToken and Ansible.Privilege have this and much more. Compiling them would cost each task more than half of
// what all of this collection's own code does, which is why the little that is needed stands here.

using Microsoft.Win32.SafeHandles;
using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Principal;
using ansible_collections.netdrive.windows.plugins.module_utils.NativeBuffers;

namespace ansible_collections.netdrive.windows.plugins.module_utils.Tokens
{
    /// <summary>An access token: who it is for, and working as that user. Virtual, so that tests can make tokens that no stand has.</summary>
    public class Token : IDisposable
    {
        // LocalSystem, LocalService, NetworkService ("Well-known SIDs")
        private static readonly string[] ServiceAccounts = { "S-1-5-18", "S-1-5-19", "S-1-5-20" };

        private readonly SafeAccessTokenHandle handle;

        public Token(SafeAccessTokenHandle handle)
        {
            this.handle = handle;
        }

        /// <summary>The user's SID.</summary>
        public virtual string Sid
        {
            get
            {
                using (NativeBuffer user = Read(NativeMethods.TokenUser))
                    return new SecurityIdentifier(user.Pointer(0)).Value;
            }
        }

        /// <summary>The AuthenticationId: the LUID of the logon session, to which drive letters belong.</summary>
        public virtual ulong LogonId
        {
            get
            {
                using (NativeBuffer statistics = Read(NativeMethods.TokenStatistics))
                    return (ulong)statistics.Int64(8);  // behind TokenId
            }
        }

        /// <summary>The number of the Remote Desktop session that its processes are in; 0 is the services'.</summary>
        public virtual int SessionId
        {
            get
            {
                using (NativeBuffer session = Read(NativeMethods.TokenSessionId))
                    return session.Int32(0);
            }
        }

        /// <summary>Whether its integrity is below medium ("Mandatory Integrity Control"), as that of a browser's sandboxed processes is.</summary>
        public virtual bool IsSandboxed
        {
            get
            {
                using (NativeBuffer label = Read(NativeMethods.TokenIntegrityLevel))
                {
                    string level = new SecurityIdentifier(label.Pointer(0)).Value;  // S-1-16-LEVEL
                    return Int32.Parse(level.Substring(level.LastIndexOf('-') + 1), CultureInfo.InvariantCulture) < NativeMethods.SECURITY_MANDATORY_MEDIUM_RID;
                }
            }
        }

        /// <summary>Whether it reaches only what some SIDs beside its user's may reach, too ("Restricted Tokens"), as some services' do.</summary>
        public virtual bool IsRestricted
        {
            get
            {
                try
                {
                    using (NativeBuffer restricting = Read(NativeMethods.TokenRestrictedSids))
                        return restricting.Int32(0) > 0;
                }
                catch (Win32Exception) { return false; }
            }
        }

        /// <summary>Whether it is a service's: one of the three accounts of Windows itself, or logged on as a service.</summary>
        public virtual bool IsOfService
        {
            get
            {
                if (Array.IndexOf(ServiceAccounts, Sid) >= 0)
                    return true;
                using (NativeBuffer groups = Read(NativeMethods.TokenGroups))
                    for (int i = 0; i < groups.Int32(0); i++)
                        if (new SecurityIdentifier(groups.Pointer((1 + 2 * i) * IntPtr.Size)).IsWellKnown(WellKnownSidType.ServiceSid))
                            return true;
                return false;
            }
        }

        /// <summary>Whether the token holds a privilege, enabled or not.</summary>
        public virtual bool Holds(string privilege)
        {
            long luid = Privileges.Luid(privilege);
            using (NativeBuffer privileges = Read(NativeMethods.TokenPrivileges))
                for (int i = 0; i < privileges.Int32(0); i++)
                    if (privileges.Int64(Privileges.Entry(i)) == luid)
                        return true;
            return false;
        }

        /// <summary>The other half of a split administrator's logon; null where there is none.</summary>
        public virtual Token Linked()
        {
            try
            {
                using (NativeBuffer linked = Read(NativeMethods.TokenLinkedToken))
                    return linked.Pointer(0) == IntPtr.Zero ? null : new Token(new SafeAccessTokenHandle(linked.Pointer(0)));
            }
            catch (Win32Exception)
            {
                return null;  // ERROR_NO_SUCH_LOGON_SESSION for a token that is not split
            }
        }

        /// <summary>
        /// Runs the action with the calling thread impersonating this token, and as itself again whatever happens. Not by
        /// WindowsIdentity.RunImpersonated: what that leaves for a finalizer keeps the logon session from ending.
        /// </summary>
        /// <exception cref="Win32Exception">It may not be impersonated.</exception>
        public virtual void Impersonate(Action action)
        {
            if (!NativeMethods.ImpersonateLoggedOnUser(handle))
                throw new Win32Exception();
            try
            {
                action();
            }
            finally
            {
                // RevertToSelf's page: go on as somebody else under no circumstances.
                if (!NativeMethods.RevertToSelf())
                    Environment.FailFast("The thread could not be reverted to its own account");
            }
        }

        public void Dispose()
        {
            if (handle != null)
                handle.Dispose();
        }

        private NativeBuffer Read(int what)
        {
            int size;
            NativeMethods.GetTokenInformation(handle, what, IntPtr.Zero, 0, out size);
            NativeBuffer memory = new NativeBuffer(Math.Max(size, IntPtr.Size));
            if (NativeMethods.GetTokenInformation(handle, what, memory, memory.Size, out size))
                return memory;
            Win32Exception error = new Win32Exception();
            memory.Dispose();
            throw error;
        }
    }

    /// <summary>Where tokens come from. Virtual, so that tests can answer what no stand can.</summary>
    public class TokenApi
    {
        public virtual Token Own()
        {
            using (SafeProcessHandle process = NativeMethods.GetCurrentProcess())
                return new Token(NativeMethods.OpenToken(process, NativeMethods.TOKEN_QUERY));
        }

        /// <summary>Whether this task signed in over the network ("Well-known SIDs": NETWORK), as by WinRM or SSH.</summary>
        public virtual bool IsNetworkLogon()
        {
            using (WindowsIdentity identity = WindowsIdentity.GetCurrent())
                return new WindowsPrincipal(identity).IsInRole(new SecurityIdentifier(WellKnownSidType.NetworkSid, null));
        }

        /// <summary>
        /// Finds all functions of Windows that are used here. Under impersonation a DLL that is loaded for the first time may be
        /// looked for on a drive that the other user has mapped.
        /// </summary>
        public virtual void Load()
        {
            Marshal.PrelinkAll(typeof(NativeMethods));
        }

        /// <summary>The ids of the processes of this machine.</summary>
        public virtual IList<int> Processes()
        {
            List<int> ids = new List<int>();
            foreach (Process process in Process.GetProcesses())
                using (process)
                    ids.Add(process.Id);
            return ids;
        }

        /// <summary>The token of a process; null where the process is gone or protected.</summary>
        public virtual Token OfProcess(int processId)
        {
            const int access = NativeMethods.TOKEN_QUERY | NativeMethods.TOKEN_DUPLICATE;  // all that ImpersonateLoggedOnUser asks for
            try
            {
                using (SafeProcessHandle process = NativeMethods.OpenProcess(NativeMethods.PROCESS_QUERY_LIMITED_INFORMATION, false, processId))
                    return process.IsInvalid ? null : new Token(NativeMethods.OpenToken(process, access));
            }
            catch (Win32Exception)
            {
                return null;
            }
        }

        /// <summary>Privileges of this process, until disposed of.</summary>
        /// <exception cref="Win32Exception">The account does not hold them all.</exception>
        public virtual IDisposable Enable(params string[] privileges)
        {
            return new Privileges(privileges);
        }
    }

    /// <summary>Privileges that are enabled in this process until disposed of, and then as they were.</summary>
    internal sealed class Privileges : IDisposable
    {
        private const int SE_PRIVILEGE_ENABLED = 2;
        private const int ERROR_NOT_ALL_ASSIGNED = 1300;

        private readonly SafeAccessTokenHandle token;
        private readonly NativeBuffer previous;

        public Privileges(string[] names)
        {
            using (SafeProcessHandle process = NativeMethods.GetCurrentProcess())
                token = NativeMethods.OpenToken(process, NativeMethods.TOKEN_QUERY | NativeMethods.TOKEN_ADJUST_PRIVILEGES);
            previous = new NativeBuffer(Entry(names.Length));
            using (NativeBuffer enabled = new NativeBuffer(Entry(names.Length)))
            {
                enabled.SetInt32(0, names.Length);
                for (int i = 0; i < names.Length; i++)
                {
                    enabled.SetInt64(Entry(i), Luid(names[i]));
                    enabled.SetInt32(Entry(i) + 8, SE_PRIVILEGE_ENABLED);
                }
                int size;
                bool adjusted = NativeMethods.AdjustTokenPrivileges(token, false, enabled, previous.Size, previous, out size);
                int error = Marshal.GetLastWin32Error();
                if (adjusted && error != ERROR_NOT_ALL_ASSIGNED)
                    return;
                if (adjusted)
                    Dispose();
                throw new Win32Exception(error);
            }
        }

        /// <summary>Where an entry of TOKEN_PRIVILEGES begins: behind the count, a LUID and its attributes each.</summary>
        public static int Entry(int index) { return 4 + index * 12; }

        public static long Luid(string privilege)
        {
            long luid;
            if (!NativeMethods.LookupPrivilegeValueW(null, privilege, out luid))
                throw new Win32Exception();
            return luid;
        }

        public void Dispose()
        {
            NativeMethods.AdjustTokenPrivileges(token, false, previous, 0, IntPtr.Zero, IntPtr.Zero);
            previous.Dispose();
            token.Dispose();
        }
    }

    internal static class NativeMethods
    {
        public const int PROCESS_QUERY_LIMITED_INFORMATION = 0x1000;
        public const int TOKEN_DUPLICATE = 0x2;
        public const int TOKEN_QUERY = 0x8;
        public const int TOKEN_ADJUST_PRIVILEGES = 0x20;
        public const int TokenUser = 1;
        public const int TokenGroups = 2;
        public const int TokenPrivileges = 3;
        public const int TokenStatistics = 10;
        public const int TokenRestrictedSids = 11;
        public const int TokenSessionId = 12;
        public const int TokenLinkedToken = 19;
        public const int TokenIntegrityLevel = 25;
        public const int SECURITY_MANDATORY_MEDIUM_RID = 0x2000;

        public static SafeAccessTokenHandle OpenToken(SafeProcessHandle process, int access)
        {
            SafeAccessTokenHandle token;
            if (!OpenProcessToken(process, access, out token))
                throw new Win32Exception();
            return token;
        }

        [DllImport("kernel32.dll")]
        public static extern SafeProcessHandle GetCurrentProcess();

        [DllImport("kernel32.dll", SetLastError = true)]
        public static extern SafeProcessHandle OpenProcess(int dwDesiredAccess, [MarshalAs(UnmanagedType.Bool)] bool bInheritHandle, int dwProcessId);

        [DllImport("advapi32.dll", SetLastError = true)]
        [return: MarshalAs(UnmanagedType.Bool)]
        public static extern bool ImpersonateLoggedOnUser(SafeAccessTokenHandle hToken);

        [DllImport("advapi32.dll", SetLastError = true)]
        [return: MarshalAs(UnmanagedType.Bool)]
        public static extern bool RevertToSelf();

        [DllImport("advapi32.dll", SetLastError = true)]
        [return: MarshalAs(UnmanagedType.Bool)]
        private static extern bool OpenProcessToken(SafeProcessHandle ProcessHandle, int DesiredAccess, out SafeAccessTokenHandle TokenHandle);

        [DllImport("advapi32.dll", SetLastError = true)]
        [return: MarshalAs(UnmanagedType.Bool)]
        public static extern bool GetTokenInformation(SafeAccessTokenHandle TokenHandle, int TokenInformationClass, NativeBuffer TokenInformation,
            int TokenInformationLength, out int ReturnLength);

        [DllImport("advapi32.dll", SetLastError = true)]
        [return: MarshalAs(UnmanagedType.Bool)]
        public static extern bool GetTokenInformation(SafeAccessTokenHandle TokenHandle, int TokenInformationClass, IntPtr TokenInformation,
            int TokenInformationLength, out int ReturnLength);

        [DllImport("advapi32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
        [return: MarshalAs(UnmanagedType.Bool)]
        public static extern bool LookupPrivilegeValueW(string lpSystemName, string lpName, out long lpLuid);

        [DllImport("advapi32.dll", SetLastError = true)]
        [return: MarshalAs(UnmanagedType.Bool)]
        public static extern bool AdjustTokenPrivileges(SafeAccessTokenHandle TokenHandle, [MarshalAs(UnmanagedType.Bool)] bool DisableAllPrivileges,
            NativeBuffer NewState, int BufferLength, NativeBuffer PreviousState, out int ReturnLength);

        [DllImport("advapi32.dll", SetLastError = true)]
        [return: MarshalAs(UnmanagedType.Bool)]
        public static extern bool AdjustTokenPrivileges(SafeAccessTokenHandle TokenHandle, [MarshalAs(UnmanagedType.Bool)] bool DisableAllPrivileges,
            NativeBuffer NewState, int BufferLength, IntPtr PreviousState, IntPtr ReturnLength);
    }
}
