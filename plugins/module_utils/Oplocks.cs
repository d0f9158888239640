// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using Microsoft.Win32.SafeHandles;
using System;
using System.ComponentModel;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using ansible_collections.netdrive.windows.plugins.module_utils.NativeBuffers;
using ansible_collections.netdrive.windows.plugins.module_utils.OpenFiles;

namespace ansible_collections.netdrive.windows.plugins.module_utils.Oplocks
{
    /// <summary>
    /// A filter oplock ("Types of Opportunistic Locks"), by which indexers stay out of others' way: whoever wants the file to himself
    /// is not refused because it is open here, but waits until it is closed, and this tells that somebody waits. It has to be there
    /// before the file is opened for reading, and goes after that is closed.
    /// </summary>
    public sealed class FilterOplock : IDisposable
    {
        private const int Patience = 1000;  // milliseconds

        private readonly OpenFile file;
        private readonly ManualResetEvent broken = new ManualResetEvent(false);
        private readonly NativeBuffer overlapped = new NativeBuffer(3 * IntPtr.Size + 8);  // OVERLAPPED
        private readonly bool isGranted;

        /// <summary>Asks for it. File systems without oplocks, and files that others have open, do without.</summary>
        /// <exception cref="Win32Exception">The file is not there, or can't be opened.</exception>
        public FilterOplock(string path)
        {
            file = new OpenFile(path, FileUse.Look, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);
            for (int offset = 0; offset < overlapped.Size; offset += 4)
                overlapped.SetInt32(offset, 0);
            overlapped.SetPointer(2 * IntPtr.Size + 8, broken.SafeWaitHandle.DangerousGetHandle());
            isGranted = !NativeMethods.DeviceIoControl(file.Handle, NativeMethods.FSCTL_REQUEST_FILTER_OPLOCK, IntPtr.Zero, 0, IntPtr.Zero, 0,
                IntPtr.Zero, overlapped) && Marshal.GetLastWin32Error() == NativeMethods.ERROR_IO_PENDING;
        }

        /// <summary>Whether somebody waits for the file.</summary>
        public bool IsWanted { get { return isGranted && broken.WaitOne(0); } }

        public void Dispose()
        {
            file.Dispose();
            // Closing it ends the request, and only then Windows is done with its memory.
            if (isGranted && !broken.WaitOne(Patience))
                overlapped.SetHandleAsInvalid();
            overlapped.Dispose();
            broken.Dispose();
        }

        private static class NativeMethods
        {
            public const int FSCTL_REQUEST_FILTER_OPLOCK = 0x9005C;
            public const int ERROR_IO_PENDING = 997;

            [DllImport("kernel32.dll", SetLastError = true)]
            [return: MarshalAs(UnmanagedType.Bool)]
            public static extern bool DeviceIoControl(SafeFileHandle hDevice, int dwIoControlCode, IntPtr lpInBuffer, int nInBufferSize,
                IntPtr lpOutBuffer, int nOutBufferSize, IntPtr lpBytesReturned, NativeBuffer lpOverlapped);
        }
    }
}
