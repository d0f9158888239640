// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

// What the tests use that neither the .NET Framework nor the package Polyfill has.
#if NETFRAMEWORK
using System.Runtime.InteropServices;

namespace Netdrive.Tests
{
    internal static class Framework
    {
        extension(File)
        {
            public static void CreateSymbolicLink(string path, string target)
            {
                if (symlink(target, path) != 0)
                    throw new IOException($"{path}: no link to {target}, error {Marshal.GetLastWin32Error()}");
            }
        }

        [DllImport("libc", SetLastError = true)]
        private static extern int symlink(string target, string path);
    }
}

namespace System.Runtime.CompilerServices
{
    /// <summary>The compiler asks for it where part of an array is taken: array[..2].</summary>
    internal static class RuntimeHelpers
    {
        public static T[] GetSubArray<T>(T[] array, Range range)
        {
            var (offset, length) = range.GetOffsetAndLength(array.Length);
            var part = new T[length];
            Array.Copy(array, offset, part, 0, length);
            return part;
        }
    }
}
#endif
