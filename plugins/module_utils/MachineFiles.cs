// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using ansible_collections.netdrive.windows.plugins.module_utils.SourceAccess;
using ansible_collections.netdrive.windows.plugins.module_utils.WindowsErrors;

namespace ansible_collections.netdrive.windows.plugins.module_utils.MachineFiles
{
    /// <summary>Why something was not looked at.</summary>
    public sealed class NotReadException : Exception
    {
        public NotReadException(string reason) : base(reason) { }
    }

    /// <summary>
    /// The files of this machine, and of no other: only what lies on a disk of its own, not behind a link, is opened, in
    /// bounded size, number and time.
    /// </summary>
    public sealed class LocalFiles : IDisposable
    {
        /// <summary>Bytes; scripts that people write are smaller, and so are a policy's settings.</summary>
        public const int LargestText = 256 * 1024;
        public const int LargestDocument = 4 * 1024 * 1024;
        public const int LargestLink = 64 * 1024;

        private const int MostEntries = 5000;  // of one folder
        private const int MostLinks = 8;  // a letter that stands for a folder on another letter
        private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(1);

        // In winnt.h, but not in .NET: the content is elsewhere, and would be fetched.
        private const FileAttributes RecallOnOpen = (FileAttributes)0x40000;
        private const FileAttributes RecallOnDataAccess = (FileAttributes)0x400000;

        private static readonly string[] DeviceNames = { "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$" };

        private readonly SourceApi api;
        private readonly BoundedCaller caller;
        private readonly Dictionary<string, string> refusedFolders = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

        /// <param name="clock">Runs while the search does.</param>
        /// <param name="limit">How long everything together may take.</param>
        public LocalFiles(SourceApi api, Stopwatch clock, TimeSpan limit)
        {
            this.api = api;
            caller = new BoundedCaller(LongestCall, clock, limit);
            // Only administrators can put a link in their place.
            string windows = api.Variable("SystemRoot") ?? "";
            refusedFolders[windows] = null;
            refusedFolders[windows + @"\System32"] = null;
        }

        public void Dispose()
        {
            caller.Dispose();
        }

        /// <summary>The content of a file; null where it is not there.</summary>
        /// <param name="limit">Bytes.</param>
        /// <exception cref="NotReadException">It may not or cannot be read; the message says why.</exception>
        public byte[] Read(string path, int limit)
        {
            string local = Local(path);
            return Ask(() =>
            {
                RefuseLinks(local);
                FileAttributes attributes = api.Attributes(local);
                if ((attributes & FileAttributes.Directory) != 0)
                    throw new NotReadException("is a folder");
                if ((attributes & (FileAttributes.Offline | RecallOnOpen | RecallOnDataAccess)) != 0)
                    throw new NotReadException("its content is not on this machine");
                using (Stream file = api.Open(local, 4096))
                    return Content(file, limit);
            });
        }

        /// <summary>The text of a file, in whichever encoding; null where it is not there.</summary>
        /// <exception cref="NotReadException">It may not or cannot be read, or is no text.</exception>
        public string ReadText(string path, int limit)
        {
            byte[] content = Read(path, limit);
            return content == null ? null : TextOf(content);
        }

        /// <summary>The entries of a folder, sorted by name; none where it is not there.</summary>
        /// <exception cref="NotReadException">It may not or cannot be read.</exception>
        public IList<FileEntry> Entries(string folder)
        {
            string local = Local(folder);
            return Ask<IList<FileEntry>>(() =>
            {
                RefuseLinks(local);
                IList<FileEntry> entries = api.Entries(local);
                if (entries.Count > MostEntries)
                    throw new NotReadException("has more than " + MostEntries + " entries");
                return entries.OrderBy(entry => entry.Name, StringComparer.OrdinalIgnoreCase).ToList();
            }) ?? new FileEntry[0];
        }

        /// <summary>Whether the path is one on the network, however it is spelled. Nothing is opened to see that.</summary>
        public bool IsRemote(string path)
        {
            string normal = path.Trim().Trim('"').Replace('/', '\\');
            if (normal.StartsWith(@"\\?\", StringComparison.Ordinal) && !normal.StartsWith(@"\\?\UNC\", StringComparison.OrdinalIgnoreCase))
                normal = normal.Substring(4);
            if (normal.StartsWith(@"\\", StringComparison.Ordinal))
                return !normal.StartsWith(@"\\.\", StringComparison.Ordinal);
            return HasDrive(normal) && DeviceOf(normal.Substring(0, 2)) == Device.Network;
        }

        /// <summary>A path as it may be opened: absolute, on a letter of this machine, without any of the other spellings.</summary>
        private string Local(string path)
        {
            string normal = path.Trim().Trim('"').Replace('/', '\\');
            if (normal.StartsWith(@"\\?\", StringComparison.Ordinal) && HasDrive(normal.Substring(4)))
                normal = normal.Substring(4);
            if (normal.StartsWith(@"\\.\", StringComparison.Ordinal) || normal.StartsWith(@"\??\", StringComparison.Ordinal))
                throw new NotReadException("names a device");
            if (normal.StartsWith(@"\\", StringComparison.Ordinal))
                throw new NotReadException("is on the network");
            if (!HasDrive(normal) || normal.Length < 4 || normal[2] != '\\')
                throw new NotReadException("is no whole path");
            if (normal.IndexOf(':', 2) >= 0 || normal.IndexOfAny(new[] { '*', '?', '<', '>', '|', '\0' }) >= 0)
                throw new NotReadException("is no name of a file");
            string[] parts = normal.Substring(3).Split('\\');
            if (parts.Any(part => part == ".." || part == "."))
                throw new NotReadException("leads through '..'");
            if (parts.Any(IsDeviceName))
                throw new NotReadException("names a device");
            Device device = DeviceOf(normal.Substring(0, 2));
            if (device == Device.Network)
                throw new NotReadException("is on the network");
            if (device != Device.Disk)
                throw new NotReadException(normal.Substring(0, 2) + " is no disk of this machine");
            return normal;
        }

        private static bool HasDrive(string path)
        {
            return path.Length >= 2 && path[1] == ':' && Char.IsLetter(path[0]) && path[0] < 128;
        }

        // 'CON', 'con.txt' and 'COM1' are devices in every folder ("Naming Files, Paths, and Namespaces").
        private static bool IsDeviceName(string part)
        {
            string name = part.Split('.')[0].TrimEnd(' ').ToUpperInvariant();
            bool numbered = name.Length == 4 && Char.IsDigit(name[3])
                && (name.StartsWith("COM", StringComparison.Ordinal) || name.StartsWith("LPT", StringComparison.Ordinal));
            return numbered || DeviceNames.Contains(name);
        }

        private enum Device { None, Disk, Network, Other }

        private Device DeviceOf(string drive)
        {
            string target = api.DosDevice(drive.ToUpperInvariant());
            for (int i = 0; i < MostLinks && target != null && target.StartsWith(@"\??\", StringComparison.Ordinal); i++)
            {
                if (target.StartsWith(@"\??\UNC\", StringComparison.OrdinalIgnoreCase))
                    return Device.Network;
                target = HasDrive(target.Substring(4)) ? api.DosDevice(target.Substring(4, 2).ToUpperInvariant()) : "";
            }
            if (target == null)
                return Device.None;
            if (target.StartsWith(@"\Device\Harddisk", StringComparison.OrdinalIgnoreCase))
                return Device.Disk;
            string[] network = { @"\Device\Mup", @"\Device\LanmanRedirector", @"\Device\WebDavRedirector", @"\Device\RdpDr", @"\Device\NfsRdr", @"\Device\WinDfs", @"\Device\DfsClient" };
            return network.Any(name => target.StartsWith(name, StringComparison.OrdinalIgnoreCase)) ? Device.Network : Device.Other;
        }

        /// <summary>Refuses what lies behind a link: it may lead to anywhere, and to see where to is to go there.</summary>
        private void RefuseLinks(string path)
        {
            for (int end = path.IndexOf('\\', 3); end >= 0; end = path.IndexOf('\\', end + 1))
                RefuseLink(path.Substring(0, end));
            RefuseLink(path);
        }

        private void RefuseLink(string path)
        {
            string reason;
            if (!refusedFolders.TryGetValue(path, out reason))
            {
                FileAttributes attributes = api.Attributes(path);
                reason = (attributes & FileAttributes.ReparsePoint) != 0 ? "is a link or lies behind one: " + path : null;
                if ((attributes & FileAttributes.Directory) != 0)
                    refusedFolders[path] = reason;
            }
            if (reason != null)
                throw new NotReadException(reason);
        }

        private T Ask<T>(Func<T> work) where T : class
        {
            try
            {
                return caller.Run(work);
            }
            catch (FileNotFoundException) { return null; }
            catch (DirectoryNotFoundException) { return null; }
            catch (NotReadException) { throw; }
            catch (Exception e)
            {
                throw new NotReadException(WindowsError.Of(e).ToString());
            }
        }

        private static byte[] Content(Stream file, int limit)
        {
            if (file.Length > limit)
                throw new NotReadException("is larger than " + limit / 1024 + " KiB");
            byte[] content = new byte[file.Length];
            int length = 0;
            for (int got = 1; got > 0; length += got)
                got = file.Read(content, length, content.Length - length);
            Array.Resize(ref content, length);
            return content;
        }

        /// <summary>Reads text as its byte order mark says; without one, as UTF-16 where every other byte is zero, as UTF-8 where it is valid, else byte by byte.</summary>
        internal static string TextOf(byte[] content)
        {
            string text = EncodingOf(content).GetString(content).TrimStart('\uFEFF');
            if (text.Take(4096).Count(c => c < ' ' && c != '\t' && c != '\r' && c != '\n' && c != '\f') > 8)
                throw new NotReadException("is no text");
            return text;
        }

        private static Encoding EncodingOf(byte[] content)
        {
            if (StartsWith(content, 0xEF, 0xBB, 0xBF))
                return Encoding.UTF8;
            if (StartsWith(content, 0xFF, 0xFE))
                return Encoding.Unicode;
            if (StartsWith(content, 0xFE, 0xFF))
                return Encoding.BigEndianUnicode;
            int looked = Math.Min(content.Length, 512) / 2 * 2, even = 0, odd = 0;
            for (int i = 0; i < looked; i += 2)
            {
                even += content[i] == 0 ? 1 : 0;
                odd += content[i + 1] == 0 ? 1 : 0;
            }
            if (odd > looked / 4)
                return Encoding.Unicode;
            if (even > looked / 4)
                return Encoding.BigEndianUnicode;
            try
            {
                UTF8Encoding strict = new UTF8Encoding(false, true);
                strict.GetCharCount(content);
                return strict;
            }
            catch (ArgumentException)
            {
                return Encoding.GetEncoding(28591);  // Latin-1: servers' names are the same in every code page
            }
        }

        private static bool StartsWith(byte[] content, params byte[] mark)
        {
            return content.Length >= mark.Length && !mark.Where((value, index) => content[index] != value).Any();
        }
    }

    /// <summary>
    /// Makes calls one after the other on a thread of their own, and leaves that one to itself when a call does not come back. A search
    /// makes thousands, each because of what the last one said: BoundedCall, which is for calls side by side, would start a thread for each.
    /// </summary>
    internal sealed class BoundedCaller : IDisposable
    {
        private readonly TimeSpan longestCall;
        private readonly TimeSpan limit;
        private readonly Stopwatch clock;
        private BlockingCollection<Action> waiting;

        /// <param name="clock">Runs as long as whoever makes the calls is at work.</param>
        /// <param name="limit">What it may come to.</param>
        public BoundedCaller(TimeSpan longestCall, Stopwatch clock, TimeSpan limit)
        {
            this.longestCall = longestCall;
            this.clock = clock;
            this.limit = limit;
        }

        /// <exception cref="NotReadException">It took too long, or all calls together have.</exception>
        /// <exception cref="Exception">Whatever the call threw.</exception>
        public T Run<T>(Func<T> work)
        {
            if (clock.Elapsed > limit)
                throw new NotReadException("there was no time left to look");
            T result = default(T);
            Exception error = null;
            ManualResetEventSlim done = new ManualResetEventSlim();  // not disposed of: a late call may still set it
            if (waiting == null)
                waiting = StartThread();
            waiting.Add(() =>
            {
                try
                {
                    result = work();
                }
                catch (Exception e)
                {
                    error = e;
                }
                done.Set();
            });
            if (!done.Wait(longestCall))
            {
                waiting.CompleteAdding();
                waiting = null;
                throw new NotReadException("did not answer within a second");
            }
            if (error != null)
                throw error;
            return result;
        }

        public void Dispose()
        {
            if (waiting != null)
                waiting.CompleteAdding();
        }

        private static BlockingCollection<Action> StartThread()
        {
            BlockingCollection<Action> calls = new BlockingCollection<Action>();
            Thread thread = new Thread(() =>
            {
                foreach (Action call in calls.GetConsumingEnumerable())
                    call();
            });
            thread.IsBackground = true;
            thread.Start();
            return calls;
        }
    }
}
