// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using Microsoft.Win32.SafeHandles;
using System;
using System.Runtime.InteropServices;

namespace ansible_collections.netdrive.windows.plugins.module_utils.NativeBuffers
{
    /// <summary>Memory that a function of Windows writes to.</summary>
    public sealed class NativeBuffer : SafeHandleZeroOrMinusOneIsInvalid
    {
        /// <param name="size">Bytes.</param>
        public NativeBuffer(int size) : base(true)
        {
            Size = size;
            SetHandle(Marshal.AllocHGlobal(size));
        }

        public int Size { get; private set; }

        /// <summary>The structure at a place of an array of such structures.</summary>
        public T Element<T>(int index)
        {
            return (T)Marshal.PtrToStructure(IntPtr.Add(handle, index * Marshal.SizeOf(typeof(T))), typeof(T));
        }

        public int Int32(int offset) { return Marshal.ReadInt32(handle, offset); }

        public long Int64(int offset) { return Marshal.ReadInt64(handle, offset); }

        public IntPtr Pointer(int offset) { return Marshal.ReadIntPtr(handle, offset); }

        public void SetInt32(int offset, int value) { Marshal.WriteInt32(handle, offset, value); }

        public void SetInt64(int offset, long value) { Marshal.WriteInt64(handle, offset, value); }

        public void SetPointer(int offset, IntPtr value) { Marshal.WriteIntPtr(handle, offset, value); }

        protected override bool ReleaseHandle()
        {
            Marshal.FreeHGlobal(handle);
            return true;
        }
    }
}
