// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using Microsoft.Win32.SafeHandles;
using System;
using System.ComponentModel;
using System.IO;
using System.Runtime.InteropServices;
using System.Security.AccessControl;
using System.Security.Principal;
using System.Text;
using ansible_collections.netdrive.windows.plugins.module_utils.NativeBuffers;
using ansible_collections.netdrive.windows.plugins.module_utils.WindowsErrors;

namespace ansible_collections.netdrive.windows.plugins.module_utils.OpenFiles
{
    /// <summary>What a file or folder is opened for.</summary>
    [Flags]
    public enum FileUse
    {
        /// <summary>Reading; FILE_READ_DATA, which is FILE_LIST_DIRECTORY of a folder.</summary>
        Read = 0x1,

        /// <summary>Looking at times and links; asks nothing of others who have it open.</summary>
        Look = 0x80,

        /// <summary>The same, and setting the times.</summary>
        SetTimes = 0x180,

        /// <summary>Taking its name away.</summary>
        Delete = 0x10000,

        /// <summary>Asking whose it is.</summary>
        ReadOwner = 0x20000
    }

    /// <summary>
    /// A file or folder that is open under its path. Where the path ends in a link, the link is open and not what it leads to.
    /// SeBackupPrivilege and SeRestorePrivilege open what its rights would not.
    /// </summary>
    public sealed class OpenFile : IDisposable
    {
        private readonly string path;
        private NativeMethods.BY_HANDLE_FILE_INFORMATION information;

        /// <exception cref="Win32Exception">It is not there, or can't be opened.</exception>
        public OpenFile(string path, FileUse use, FileShare share = FileShare.ReadWrite | FileShare.Delete, FileOptions options = FileOptions.None)
        {
            this.path = path;
            Handle = NativeMethods.CreateFileW(path, (int)(use | FileUse.Look), (int)share, IntPtr.Zero, NativeMethods.OPEN_EXISTING,
                NativeMethods.FILE_FLAG_BACKUP_SEMANTICS | NativeMethods.FILE_FLAG_OPEN_REPARSE_POINT | (int)options, IntPtr.Zero);
            if (!Handle.IsInvalid && NativeMethods.GetFileInformationByHandle(Handle, out information))
                return;
            Win32Exception error = new Win32Exception();
            Handle.Dispose();
            throw error;
        }

        public SafeFileHandle Handle { get; private set; }

        /// <summary>Bytes.</summary>
        public long Size { get { return ((long)information.nFileSizeHigh << 32) | information.nFileSizeLow; } }

        /// <summary>Whether its path leads over a link, or it has another name besides.</summary>
        public bool IsLinked
        {
            get
            {
                FileAttributes attributes = (FileAttributes)information.dwFileAttributes;
                bool isFolder = (attributes & FileAttributes.Directory) != 0;
                return (attributes & FileAttributes.ReparsePoint) != 0 || (!isFolder && information.nNumberOfLinks > 1)
                    || !String.Equals(FinalPath, @"\\?\" + Path.GetFullPath(path), StringComparison.OrdinalIgnoreCase);
            }
        }

        /// <summary>Whether only administrators, SYSTEM or the account of the task can have made it.</summary>
        public bool IsOfAdministrators
        {
            get
            {
                SecurityIdentifier owner = Owner;
                using (WindowsIdentity self = WindowsIdentity.GetCurrent())
                    return owner.IsWellKnown(WellKnownSidType.BuiltinAdministratorsSid) || owner.IsWellKnown(WellKnownSidType.LocalSystemSid)
                        || owner.Equals(self.User);
            }
        }

        /// <summary>Whether the other is the same file with the same content, as far as can be told without reading it.</summary>
        public bool IsAsBefore(OpenFile other)
        {
            return information.dwVolumeSerialNumber == other.information.dwVolumeSerialNumber
                && information.nFileIndexHigh == other.information.nFileIndexHigh && information.nFileIndexLow == other.information.nFileIndexLow
                && Size == other.Size && information.ftLastWriteTime == other.information.ftLastWriteTime;
        }

        /// <summary>Gives the file under the path the time stamps that this one had when it was opened.</summary>
        public void PutTimesBack()
        {
            using (OpenFile now = new OpenFile(path, FileUse.SetTimes))
                if (!now.IsLinked && !NativeMethods.SetFileTime(now.Handle, ref information.ftCreationTime, ref information.ftLastAccessTime,
                    ref information.ftLastWriteTime))
                    throw new Win32Exception();
        }

        public void Dispose()
        {
            Handle.Dispose();
        }

        private string FinalPath
        {
            get
            {
                StringBuilder final = new StringBuilder(NativeMethods.LongestPath);
                if (NativeMethods.GetFinalPathNameByHandleW(Handle, final, final.Capacity, 0) == 0)
                    throw new Win32Exception();
                return final.ToString();
            }
        }

        private SecurityIdentifier Owner
        {
            get
            {
                using (NativeBuffer descriptor = new NativeBuffer(NativeMethods.LargestOwner))
                {
                    int size;
                    if (!NativeMethods.GetKernelObjectSecurity(Handle, NativeMethods.OWNER_SECURITY_INFORMATION, descriptor, descriptor.Size, out size))
                        throw new Win32Exception();
                    byte[] bytes = new byte[size];
                    Marshal.Copy(descriptor.DangerousGetHandle(), bytes, 0, size);
                    return new RawSecurityDescriptor(bytes, 0).Owner;
                }
            }
        }

        private static class NativeMethods
        {
            public const int OPEN_EXISTING = 3;
            public const int FILE_FLAG_BACKUP_SEMANTICS = 0x02000000;  // folders are opened only with it
            public const int FILE_FLAG_OPEN_REPARSE_POINT = 0x00200000;
            public const int OWNER_SECURITY_INFORMATION = 1;
            public const int LongestPath = 32767;  // characters
            public const int LargestOwner = 256;  // bytes; a header of 20 and a SID of 68 at most

            [StructLayout(LayoutKind.Sequential, Pack = 4)]
            public struct BY_HANDLE_FILE_INFORMATION
            {
                public int dwFileAttributes;
                public long ftCreationTime;
                public long ftLastAccessTime;
                public long ftLastWriteTime;
                public int dwVolumeSerialNumber;
                public int nFileSizeHigh;
                public uint nFileSizeLow;
                public int nNumberOfLinks;
                public int nFileIndexHigh;
                public int nFileIndexLow;
            }

            [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
            public static extern SafeFileHandle CreateFileW(string lpFileName, int dwDesiredAccess, int dwShareMode, IntPtr lpSecurityAttributes,
                int dwCreationDisposition, int dwFlagsAndAttributes, IntPtr hTemplateFile);

            [DllImport("kernel32.dll", SetLastError = true)]
            [return: MarshalAs(UnmanagedType.Bool)]
            public static extern bool GetFileInformationByHandle(SafeFileHandle hFile, out BY_HANDLE_FILE_INFORMATION lpFileInformation);

            [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
            public static extern int GetFinalPathNameByHandleW(SafeFileHandle hFile, StringBuilder lpszFilePath, int cchFilePath, int dwFlags);

            [DllImport("kernel32.dll", SetLastError = true)]
            [return: MarshalAs(UnmanagedType.Bool)]
            public static extern bool SetFileTime(SafeFileHandle hFile, ref long lpCreationTime, ref long lpLastAccessTime, ref long lpLastWriteTime);

            [DllImport("advapi32.dll", SetLastError = true)]
            [return: MarshalAs(UnmanagedType.Bool)]
            public static extern bool GetKernelObjectSecurity(SafeFileHandle Handle, int RequestedInformation, NativeBuffer pSecurityDescriptor,
                int nLength, out int lpnLengthNeeded);
        }
    }
}
