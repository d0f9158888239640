// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using Microsoft.Win32;
using Microsoft.Win32.SafeHandles;
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;

namespace ansible_collections.netdrive.windows.plugins.module_utils.SourceAccess
{
    /// <summary>A file or folder as its folder lists it.</summary>
    public sealed class FileEntry
    {
        public string Name { get; set; }
        public FileAttributes Attributes { get; set; }

        public bool IsFolder { get { return (Attributes & FileAttributes.Directory) != 0; } }
    }

    /// <summary>What an account of this machine itself has its users run and connect at sign-in (USER_INFO_3).</summary>
    public sealed class LocalAccount
    {
        public string Script { get; set; }
        public string HomeFolder { get; set; }

        /// <summary>'H:'; empty where the home folder has no letter.</summary>
        public string HomeDrive { get; set; }

        /// <summary>Where the roaming profile is.</summary>
        public string Profile { get; set; }
    }

    /// <summary>Where a path of a DFS namespace leads.</summary>
    public sealed class DfsTarget
    {
        /// <summary>The root or folder of the namespace: '\\corp.example\dfs\home'.</summary>
        public string Entry { get; set; }

        public string Server { get; set; }

        /// <summary>A share, or a folder of one.</summary>
        public string Share { get; set; }
    }

    /// <summary>
    /// What the search for sources reads of a machine: registry, files, environment, local accounts, DFS client. Nothing here decides
    /// what may be read. Virtual, so that a folder of fixtures can be a machine.
    /// </summary>
    public class SourceApi
    {
        /// <summary>The names of the keys below one, such as 'HKLM\SOFTWARE' or 'HKU\S-1-5-18'; none where it is not there.</summary>
        public virtual IList<string> Keys(string path)
        {
            using (RegistryKey key = Open(path))
                return key == null ? new string[0] : key.GetSubKeyNames();
        }

        /// <summary>The values of a key by name, '' for the key's own, unexpanded; none where the key is not there.</summary>
        public virtual Dictionary<string, object> Values(string path)
        {
            Dictionary<string, object> values = new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase);
            using (RegistryKey key = Open(path))
                if (key != null)
                    foreach (string name in key.GetValueNames())
                        values[name] = key.GetValue(name, null, RegistryValueOptions.DoNotExpandEnvironmentNames);
            return values;
        }

        /// <summary>A value that is text; empty where there is none.</summary>
        public static string Text(Dictionary<string, object> values, string name)
        {
            object value;
            return values.TryGetValue(name, out value) ? value as string ?? "" : "";
        }

        /// <summary>A variable of the machine's environment, such as SystemRoot; null where there is none.</summary>
        public virtual string Variable(string name)
        {
            return Environment.GetEnvironmentVariable(name);
        }

        /// <summary>QueryDosDeviceW: what a drive letter stands for in the object manager, without a look at the drive.</summary>
        /// <param name="drive">'C:'</param>
        /// <returns>'\Device\HarddiskVolume3'; null where nothing has that letter.</returns>
        public virtual string DosDevice(string drive)
        {
            StringBuilder target = new StringBuilder(1024);
            return NativeMethods.QueryDosDeviceW(drive, target, target.Capacity) == 0 ? null : target.ToString();
        }

        /// <summary>The attributes of a file or folder itself, not of what it may be a link to.</summary>
        /// <exception cref="IOException">It is not there, or cannot be looked at.</exception>
        public virtual FileAttributes Attributes(string path)
        {
            return File.GetAttributes(Native(path));
        }

        /// <summary>What is in a folder.</summary>
        /// <exception cref="IOException">It is not there, or cannot be looked at.</exception>
        public virtual IList<FileEntry> Entries(string folder)
        {
            return new DirectoryInfo(Native(folder)).EnumerateFileSystemInfos()
                .Select(info => new FileEntry { Name = info.Name, Attributes = info.Attributes }).ToList();
        }

        /// <summary>Opens a file to read it, in nobody's way.</summary>
        /// <exception cref="IOException">It is not there, or cannot be opened.</exception>
        public virtual Stream Open(string path, int bufferSize)
        {
            return new FileStream(Native(path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize);
        }

        /// <summary>NetUserGetInfo on this machine, level 3.</summary>
        /// <param name="name">The account's name without a domain.</param>
        /// <returns>Null where it is none of this machine's accounts.</returns>
        public virtual LocalAccount Account(string name)
        {
            SafeNetBuffer buffer;
            int code = NativeMethods.NetUserGetInfo(null, name, 3, out buffer);
            using (buffer)
            {
                if (code != 0)
                    return null;
                NativeMethods.USER_INFO_3 info = Structure<NativeMethods.USER_INFO_3>(buffer.DangerousGetHandle(), 0);
                return new LocalAccount
                {
                    Script = Marshal.PtrToStringUni(info.usri3_script_path),
                    HomeFolder = Marshal.PtrToStringUni(info.usri3_home_dir),
                    HomeDrive = Marshal.PtrToStringUni(info.usri3_home_dir_drive),
                    Profile = Marshal.PtrToStringUni(info.usri3_profile)
                };
            }
        }

        /// <summary>
        /// NetDfsGetClientInfo, level 3: where a path leads, by the cache of the DFS client and without asking the network. It is the
        /// active target, as several servers may have the same.
        /// </summary>
        /// <returns>Null for what is no path of DFS, or is not in the cache.</returns>
        public virtual DfsTarget DfsTargetOf(string path)
        {
            SafeNetBuffer buffer;
            int code = NativeMethods.NetDfsGetClientInfo(path, null, null, 3, out buffer);
            using (buffer)
                return code == 0 ? DfsTargetIn(buffer.DangerousGetHandle()) : null;
        }

        internal static DfsTarget DfsTargetIn(IntPtr buffer)
        {
            NativeMethods.DFS_INFO_3 info = Structure<NativeMethods.DFS_INFO_3>(buffer, 0);
            List<NativeMethods.DFS_STORAGE_INFO> targets = Enumerable.Range(0, info.NumberOfStorages)
                .Select(index => Structure<NativeMethods.DFS_STORAGE_INFO>(info.Storage, index)).ToList();
            NativeMethods.DFS_STORAGE_INFO target = targets.FirstOrDefault(each => targets.Count == 1 || (each.State & NativeMethods.DFS_STORAGE_STATE_ACTIVE) != 0);
            return new[] { info.EntryPath, target.ServerName, target.ShareName }.Contains(IntPtr.Zero) ? null : new DfsTarget
            {
                Entry = @"\\" + Marshal.PtrToStringUni(info.EntryPath).TrimStart('\\'),  // the cache has one separator, the documentation two
                Server = Marshal.PtrToStringUni(target.ServerName).Trim('\\'),
                Share = Marshal.PtrToStringUni(target.ShareName).Trim('\\')
            };
        }

        private static T Structure<T>(IntPtr array, int index)
        {
            return (T)Marshal.PtrToStructure(IntPtr.Add(array, index * Marshal.SizeOf(typeof(T))), typeof(T));
        }

        private static RegistryKey Open(string path)
        {
            int separator = path.IndexOf('\\');
            RegistryHive hive = path.StartsWith(@"HKU\", StringComparison.Ordinal) ? RegistryHive.Users : RegistryHive.LocalMachine;
            RegistryView view = Environment.Is64BitOperatingSystem ? RegistryView.Registry64 : RegistryView.Default;
            using (RegistryKey root = RegistryKey.OpenBaseKey(hive, view))
                return root.OpenSubKey(path.Substring(separator + 1));
        }

        // A 32-bit process sees another folder under the name of System32 ("File System Redirector").
        private static string Native(string path)
        {
            if (Environment.Is64BitProcess || !Environment.Is64BitOperatingSystem)
                return path;
            string system = Environment.GetEnvironmentVariable("SystemRoot") + @"\System32\";
            return path.StartsWith(system, StringComparison.OrdinalIgnoreCase)
                ? Environment.GetEnvironmentVariable("SystemRoot") + @"\Sysnative\" + path.Substring(system.Length) : path;
        }

        private sealed class SafeNetBuffer : SafeHandleZeroOrMinusOneIsInvalid
        {
            public SafeNetBuffer() : base(true) { }

            protected override bool ReleaseHandle()
            {
                return NativeMethods.NetApiBufferFree(handle) == 0;
            }
        }

        private static class NativeMethods
        {
            [StructLayout(LayoutKind.Sequential)]
            public struct USER_INFO_3
            {
                public IntPtr usri3_name;
                public IntPtr usri3_password;
                public int usri3_password_age;
                public int usri3_priv;
                public IntPtr usri3_home_dir;
                public IntPtr usri3_comment;
                public int usri3_flags;
                public IntPtr usri3_script_path;
                public int usri3_auth_flags;
                public IntPtr usri3_full_name;
                public IntPtr usri3_usr_comment;
                public IntPtr usri3_parms;
                public IntPtr usri3_workstations;
                public int usri3_last_logon;
                public int usri3_last_logoff;
                public int usri3_acct_expires;
                public int usri3_max_storage;
                public int usri3_units_per_week;
                public IntPtr usri3_logon_hours;
                public int usri3_bad_pw_count;
                public int usri3_num_logons;
                public IntPtr usri3_logon_server;
                public int usri3_country_code;
                public int usri3_code_page;
                public int usri3_user_id;
                public int usri3_primary_group_id;
                public IntPtr usri3_profile;
                public IntPtr usri3_home_dir_drive;
                public int usri3_password_expired;
            }

            public const int DFS_STORAGE_STATE_ACTIVE = 4;

            [StructLayout(LayoutKind.Sequential)]
            public struct DFS_INFO_3
            {
                public IntPtr EntryPath;
                public IntPtr Comment;
                public int State;
                public int NumberOfStorages;
                public IntPtr Storage;
            }

            [StructLayout(LayoutKind.Sequential)]
            public struct DFS_STORAGE_INFO
            {
                public int State;
                public IntPtr ServerName;
                public IntPtr ShareName;
            }

            [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
            public static extern int QueryDosDeviceW(string lpDeviceName, StringBuilder lpTargetPath, int ucchMax);

            [DllImport("netapi32.dll", CharSet = CharSet.Unicode)]
            public static extern int NetUserGetInfo(string servername, string username, int level, out SafeNetBuffer bufptr);

            [DllImport("netapi32.dll", CharSet = CharSet.Unicode)]
            public static extern int NetDfsGetClientInfo(string DfsEntryPath, string ServerName, string ShareName, int Level, out SafeNetBuffer Buffer);

            [DllImport("netapi32.dll")]
            public static extern int NetApiBufferFree(IntPtr Buffer);
        }
    }
}
