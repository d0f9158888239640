// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;

namespace ansible_collections.netdrive.windows.plugins.module_utils.CommandText
{
    /// <summary>One command of a script or of a command line: what it connects to, as far as its text says so.</summary>
    public sealed class Command
    {
        private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;
        private const string NetUse = @"\bnet1?(\.exe)?[""']?\s+(-\w+\s+)?[@(""',\s]*use\b";

        private static readonly Regex MapsDrive = new Regex(NetUse + @"|\bNew-(PSDrive|SmbMapping|SmbGlobalMapping)\b|\bMapNetworkDrive\b"
            + @"|\bWNetAddConnection|^\s*(use|ndr|mount)\s", Options);
        private static readonly Regex Connects = new Regex(@"\bAdd(Windows)?PrinterConnection\b|\bAdd-Printer\b.*-ConnectionName|\bprintui\b.*\s/(in|ga)\b"
            + @"|^\W*pushd\s|^\W*subst(\.exe)?\s|^\W*mklink\s", Options);
        private static readonly Regex TakesAway = new Regex(NetUse + @".*\s/d(e(l(e(te?)?)?)?)?(?!\w)|^\s*use\s.*\s/d(e(l(e(te?)?)?)?)?(?!\w)"
            + @"|\bRemove-(PSDrive|SmbMapping|SmbGlobalMapping|Printer)\b|\bRemoveNetworkDrive\b|\bRemove(Windows)?PrinterConnection\b"
            + @"|\bDelPrinterConnection\b|\bWNetCancelConnection|\bprintui\b.*\s/(dn|gd)\b", Options);
        private static readonly Regex Says = new Regex(@"^\W*(echo|title|msg|Write-(Host|Output|Verbose|Warning|Error|Debug|Information)|MsgBox|WScript\.Echo|alert)\b", Options);

        private static readonly Regex Drive = new Regex(@"(?<![\w\\/:.%$])(?<name>[a-z]:|lpt[1-9]:?)(?![\\/\w:])", Options);
        private static readonly Regex DriveOfPowerShell = new Regex(@"\b(?:New-PSDrive|ndr|mount)\s+(?:(?!-)|.*?-Name\s+)[""']?(?<name>[a-z])[""']?(?=\s|$)", Options);
        private static readonly Regex Url = new Regex(@"https?://[^\s""'<>|,;)]+", Options);
        private static readonly Regex Variable = new Regex(@"[%!$]\w|[%!$][{(]|\bMapNetworkDrive\b", Options);

        private Command() { }

        /// <summary>Whether it maps a drive or connects to a printer or folder.</summary>
        public bool Maps { get; private set; }

        /// <summary>Whether it takes a connection away.</summary>
        public bool Removes { get; private set; }

        /// <summary>Whether it only shows text.</summary>
        public bool OnlySays { get; private set; }

        /// <summary>'H:'; null where the text names none.</summary>
        public string Device { get; private set; }

        /// <summary>The remote names in it, in the form '\\server\share'.</summary>
        public IList<string> Remotes { get; private set; }

        /// <summary>Whether it maps a drive, but a variable stands where the server should.</summary>
        public bool HidesServer { get; private set; }

        public static Command Parse(string text)
        {
            bool mapsDrive = MapsDrive.IsMatch(text), hidden;
            List<string> remotes = RemoteNames(text, out hidden);
            if (mapsDrive)
                remotes.AddRange(Url.Matches(text).Cast<Match>().Select(match => match.Value));
            Match drive = DriveOfPowerShell.Match(text);
            if (!drive.Success)
                drive = Drive.Match(text);
            return new Command
            {
                Maps = mapsDrive || Connects.IsMatch(text),
                Removes = TakesAway.IsMatch(text),
                OnlySays = Says.IsMatch(text),
                Device = drive.Success ? ResourceName.Device(drive.Groups["name"].Value) : null,
                Remotes = remotes,
                HidesServer = mapsDrive && (hidden || (remotes.Count == 0 && Variable.IsMatch(text)))
            };
        }

        /// <summary>The remote names in any text, however many separators they are written with.</summary>
        public static List<string> RemoteNames(string text)
        {
            bool hidden;
            return RemoteNames(text, out hidden);
        }

        /// <param name="hidden">Whether there is one whose server is a variable.</param>
        private static List<string> RemoteNames(string text, out bool hidden)
        {
            List<string> names = new List<string>();
            hidden = false;
            for (int i = 0; i < text.Length; i++)
            {
                if (!IsSeparator(text, i) || !IsSeparator(text, i + 1))
                    continue;
                int server = i;
                while (IsSeparator(text, server))
                    server++;
                bool begins = !IsGlued(text, i);
                if (begins && server + 4 < text.Length && text[server] == '?' && String.Compare(text, server + 2, "UNC", 0, 3, StringComparison.OrdinalIgnoreCase) == 0)
                    server += 6;
                int end = EndOf(text, i, server);
                string name = begins ? NameOf(text.Substring(server, end - server)) : null;
                if (name != null)
                    names.Add(name);
                else if (begins && (server == text.Length || "%$!{\"'+&".IndexOf(text[server]) >= 0))
                    hidden = true;
                i = Math.Max(server, end) - 1;
            }
            return names;
        }

        private static bool IsSeparator(string text, int at)
        {
            return at < text.Length && (text[at] == '\\' || text[at] == '/');
        }

        // 'C:\\dir', 'https://server' and 'a//b' are no remote names; 'file://server' is one.
        private static bool IsGlued(string text, int at)
        {
            if (at == 0)
                return false;
            char before = text[at - 1];
            if (before == ':')
                return !text.Substring(0, at).EndsWith("file:", StringComparison.OrdinalIgnoreCase);
            return Char.IsLetterOrDigit(before) || "_.%$)}!]*?-".IndexOf(before) >= 0;
        }

        // Behind a quote a name goes on to the next one, and may have blanks in it.
        private static int EndOf(string text, int start, int server)
        {
            bool quoted = start > 0 && (text[start - 1] == '"' || text[start - 1] == '\'');
            int end = quoted ? text.IndexOf(text[start - 1], server) : -1;
            if (end >= 0)
                return end;
            for (end = server; end < text.Length && !Char.IsWhiteSpace(text[end]) && "\"'`<>|&;,)^".IndexOf(text[end]) < 0;)
                end++;
            return end;
        }

        /// <returns>Null where the server is no name, but a variable or something else.</returns>
        private static string NameOf(string path)
        {
            StringBuilder name = new StringBuilder(@"\");
            foreach (string part in path.Split(new[] { '\\', '/' }, StringSplitOptions.RemoveEmptyEntries))
                name.Append('\\').Append(part);
            string trimmed = name.ToString().TrimEnd('\\', '.', ' ');
            string server = trimmed.Length > 2 ? trimmed.Substring(2).Split('\\')[0] : "";
            bool isName = server.Length > 0 && Char.IsLetterOrDigit(server[0]) && server.All(c => Char.IsLetterOrDigit(c) || "-_.@".IndexOf(c) >= 0);
            return isName ? trimmed : null;
        }
    }
}
