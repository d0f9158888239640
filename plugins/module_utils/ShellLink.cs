// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using ansible_collections.netdrive.windows.plugins.module_utils.CommandText;
using ansible_collections.netdrive.windows.plugins.module_utils.MachineFiles;

namespace ansible_collections.netdrive.windows.plugins.module_utils.ShellLink
{
    /// <summary>
    /// A shortcut, read from its bytes as [MS-SHLLINK] lays them out. Windows's own reader may go to where a shortcut leads,
    /// and does not show what a letter stood for when the shortcut was made.
    /// </summary>
    public sealed class Shortcut
    {
        private const int HeaderSize = 0x4C;
        private const uint EnvironmentBlock = 0xA0000001;
        private const int EnvironmentUnicode = 8 + 260;  // behind size, signature and the same in ANSI

        [Flags]
        private enum Has
        {
            IdList = 1, Info = 2, Name = 4, RelativePath = 8, WorkingFolder = 16, Arguments = 32, Icon = 64, Unicode = 128
        }

        private readonly byte[] content;
        private readonly List<string> targets = new List<string>();
        private Has has;

        /// <exception cref="NotReadException">It is no shortcut, or a broken one.</exception>
        private Shortcut(byte[] content)
        {
            this.content = content;
            try
            {
                Read();
            }
            catch (ArgumentException)  // a place outside of the file
            {
                throw new NotReadException("is no shortcut, or a broken one");
            }
        }

        /// <exception cref="NotReadException">It is no shortcut, or a broken one.</exception>
        public static Shortcut Parse(byte[] content)
        {
            return new Shortcut(content);
        }

        /// <summary>Where it leads, in every way that it says so: with a letter, by what the letter stood for, by a path with variables.</summary>
        public IList<string> Targets
        {
            get { return targets.Where(target => !targets.Any(other => other.StartsWith(target.TrimEnd('\\') + @"\", StringComparison.OrdinalIgnoreCase))).ToList(); }
        }

        public string Arguments { get; private set; }

        public string WorkingFolder { get; private set; }

        private void Read()
        {
            if (Int32(0) != HeaderSize)
                throw new NotReadException("is no shortcut");
            has = (Has)Int32(0x14);
            int idList = (has & Has.IdList) != 0 ? 2 + UInt16(HeaderSize) : 0, at = HeaderSize + idList;
            if ((has & Has.Info) != 0)
            {
                ReadInfo(at);
                at += Size(Int32(at));
            }
            foreach (Has field in new[] { Has.Name, Has.RelativePath, Has.WorkingFolder, Has.Arguments, Has.Icon })
                if ((has & field) != 0)
                    ReadString(field, ref at);
            while (at + 8 <= content.Length && Int32(at) >= 8)
            {
                if ((uint)Int32(at + 4) == EnvironmentBlock && Int32(at) > EnvironmentUnicode)
                    Add(Unicode(at + EnvironmentUnicode));
                at += Size(Int32(at));
            }
            // The names of a server and share stand in the list of items as text, with nothing to tell in which of them.
            if (!targets.Any(target => target.StartsWith(@"\\", StringComparison.Ordinal)))
                AddNamesIn(HeaderSize, idList);
        }

        private void ReadInfo(int info)
        {
            int headerSize = Int32(info + 4), flags = Int32(info + 8);
            string suffix = headerSize >= 0x24 ? Unicode(info + Int32(info + 0x20)) : Ansi(info + Int32(info + 0x18));
            if ((flags & 1) != 0)
                Add((headerSize >= 0x24 ? Unicode(info + Int32(info + 0x1C)) : Ansi(info + Int32(info + 0x10))) + suffix);
            if ((flags & 2) == 0)
                return;
            int network = info + Int32(info + 0x14), name = Int32(network + 8);
            string share = name > 0x14 ? Unicode(network + Int32(network + 0x14)) : Ansi(network + name);
            Add(suffix.Length == 0 ? share : share.TrimEnd('\\') + @"\" + suffix);
        }

        private void ReadString(Has field, ref int at)
        {
            int length = UInt16(at), size = (has & Has.Unicode) != 0 ? length * 2 : length;
            string text = ((has & Has.Unicode) != 0 ? Encoding.Unicode : Latin1).GetString(content, at + 2, size);
            at += 2 + size;
            if (field == Has.RelativePath && text.StartsWith(@"\\", StringComparison.Ordinal))
                Add(text);
            else if (field == Has.WorkingFolder)
                WorkingFolder = text;
            else if (field == Has.Arguments)
                Arguments = text;
        }

        private void AddNamesIn(int start, int size)
        {
            if (size == 0)
                return;
            foreach (string text in new[] { Latin1.GetString(content, start, size), Encoding.Unicode.GetString(content, start, size), Encoding.Unicode.GetString(content, start + 1, size - 1) })
                foreach (string part in text.Split('\0').Where(part => part.Contains(@"\\")))
                    foreach (string name in Command.RemoteNames("\"" + part.Substring(part.IndexOf(@"\\", StringComparison.Ordinal)) + "\""))
                        Add(name);
        }

        private void Add(string target)
        {
            if (target.Length > 0 && !targets.Contains(target, StringComparer.OrdinalIgnoreCase))
                targets.Add(target);
        }

        private static Encoding Latin1 { get { return Encoding.GetEncoding(28591); } }

        private string Ansi(int at)
        {
            int end = at;
            while (Byte(end) != 0)
                end++;
            return Latin1.GetString(content, at, end - at);
        }

        private string Unicode(int at)
        {
            int end = at;
            while (UInt16(end) != 0)
                end += 2;
            return Encoding.Unicode.GetString(content, at, end - at);
        }

        private byte Byte(int at)
        {
            if (at < 0 || at >= content.Length)
                throw new ArgumentOutOfRangeException("at");
            return content[at];
        }

        private int UInt16(int at)
        {
            return Byte(at) | Byte(at + 1) << 8;
        }

        private int Int32(int at)
        {
            return UInt16(at) | UInt16(at + 2) << 16;
        }

        // What claims to be smaller than its own size would be read for ever.
        private int Size(int size)
        {
            if (size < 4 || size > content.Length)
                throw new ArgumentOutOfRangeException("size");
            return size;
        }
    }
}
