// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;
using ansible_collections.netdrive.windows.plugins.module_utils.TextPattern;

namespace ansible_collections.netdrive.windows.plugins.module_utils.CommandText
{
    /// <summary>A remote name in a text, with the device that belongs to it.</summary>
    public sealed class Target
    {
        /// <summary>'H:'; null where the text names none.</summary>
        public string Device { get; internal set; }

        /// <summary>In the form '\\server\share'.</summary>
        public string Remote { get; internal set; }
    }

    /// <summary>One command of a script or of a command line: what it connects to, as far as its text says so.</summary>
    public sealed class Command
    {
        private const int LongestSwitch = 40;

        private static readonly Regex MapsDrive = Pattern.Of(Pattern.NetUse + @"|\b(New-(PSDrive|SmbMapping|SmbGlobalMapping)|MapNetworkDrive|WNetAddConnection\w*)\b|^\s*(use|ndr|mount)\s|(?<=[\s)])use\s+[""']?([a-z]:|\*)");
        private static readonly Regex Connects = Pattern.Of(@"\bAdd(Windows)?PrinterConnection\b|\bAdd-Printer\b.*-ConnectionName|\bprintui\b.*\s/(in|ga)\b"
            + @"|^\W*(pushd|subst(\.exe)?|mklink)\s|(?<=\s)(pushd|subst)\s");
        private static readonly Regex TakesAway = Pattern.Of(Pattern.NetUse + @".*\s/d(e(l(e(te?)?)?)?)?(?!\w)|(?<![\w-])use\s.*\s/d(e(l(e(te?)?)?)?)?(?!\w)"
            + @"|\bRemove-(PSDrive|SmbMapping|SmbGlobalMapping|Printer)\b|\bRemoveNetworkDrive\b|\bRemove(Windows)?PrinterConnection\b"
            + @"|\bDelPrinterConnection\b|\bWNetCancelConnection|\bprintui\b.*\s/(dn|gd)\b");
        // Commands whose words are a text, and calls that are given one in quotes. A server may be called 'msg'.
        private static readonly Regex Says = Pattern.Of(@"^[^\w\\]*(?<condition>(if|else|do)\b[^&|\\]*?\s)?@?(?<word>echo|title|msg|Write-\w+|throw)\b|^\s*(?<word>\?)");
        private static readonly Regex Asks = Pattern.Of(@"(?<![\w\\/-])(MsgBox|WScript\.Echo|alert|Read-Host|InputBox|MessageBox|(?<=\.)Popup)(?=[\s(\]])");
        private static readonly Regex BeginsCall = Pattern.Of(@"^[^\w\\]*((if|else|do)\b[^&|\\]*[\s(])?((set|call)\s+)?([^\s\\=]+\s*=\s*)?([^\s\\("")]*\([^()\\]*\))?[^\s\\]*$");
        private static readonly Regex Then = Pattern.Of(@"\bthen\b");
        private static readonly Regex InBracket = Pattern.Of(@"\([^()]*$");

        private static readonly Regex Drive = Pattern.Of(@"(?<![\w\\/.%$]|(?<!-\w{1,20}):)(?<name>[a-z]:|lpt[1-9]:?)(?![\\/\w:])");
        // PowerShell takes dashes of any length, and text processors make them.
        private static readonly Regex DriveOfPowerShell = Pattern.Of(@"\b(?:New-PSDrive|ndr|mount)\s+(?:(?![-\u2013\u2014\u0096])|.*?[-\u2013\u2014\u0096]Name\s+)[""']?(?<name>[a-z])[""']?(?=\s|$)");

        // A letter and a remote name side by side, as a script's own function is called with them or a list has them.
        private static readonly Regex LetterBefore = Pattern.Of(@"(?:(?<![\w\\/:.%$])(?<name>[a-z]:)[""']?[\s,;|=:]+>?\s*(?:-\w+\s+)?|(?:^|[,;|({\[""'\n]\s*)(?<name>[a-z])\s*[,;|]\s*"
            + @"|[;{""'\n]\s*(?<name>[a-z])\s*=\s*|[""'](?<name>[a-z])[""']\s*(?:[,;|=:]|=>)\s*)[""']?$");
        private static readonly Regex LetterBehind = Pattern.Of(@"^[""']?\s*[,;|]\s*(?:[""'](?<name>[a-z]):?[""']|(?<name>[a-z]):?)\s*(?=$|[,;|)}\]\n])");
        private static readonly Regex Compares = Pattern.Of(@"(?:-[ci]?(?:eq|ne|(?:not)?(?:like|match|contains|in)|replace)\s+|<>\s*|[=!]=\s*)[""'(]*$");
        private static readonly Regex Copies = Pattern.Of(@"^\W*(if|else|for|x?copy|robocopy|move|ren|dir|cd|start)\b");
        private static readonly Regex Url = Pattern.Of(@"https?://[^\s""'<>|,;)]+");
        private static readonly Regex Variable = Pattern.Of(@"[%!$][\w~]|[%!$][{(]|@[a-z]|\bMapNetworkDrive\b|\s/home\b");
        private static readonly Regex LetterIsVariable = Pattern.Of(@"^[\s(""'&+]*[^\s(""'&+\\/*,-]|\s-(Name|LocalPath)[\s:]+[""'(]*\$|\s@\w");  // behind the verb
        private static readonly Regex Redirection = Pattern.Of(@"\d?>>?\s*\S+|\|.*");
        private static readonly Regex GluedSwitch = Pattern.Of(@"/(p(ersistent)?:(y|n)|u(ser)?:|savecred|y(es)?$|delete)");
        private static readonly Regex Switch = Pattern.Of(@"^(/[a-z]{1,2}|[/-][a-z]\w*:|file:)$");

        private Command() { }

        /// <summary>Whether it maps a drive or connects to a printer or folder.</summary>
        public bool Maps { get; private set; }

        /// <summary>'H:'; null where the text names none.</summary>
        public string Device { get; private set; }

        /// <summary>The remote names that it is about.</summary>
        public IList<Target> Targets { get; private set; }

        /// <summary>The remote names that stand in front of the command, such as in a condition.</summary>
        public IList<string> AlsoNames { get; private set; }

        /// <summary>Whether it maps a drive, but a variable stands where the server should.</summary>
        public bool HidesServer { get; private set; }

        /// <summary>Whether a variable stands where the letter should as well.</summary>
        public bool HidesLetter { get; private set; }

        /// <summary>The commands in a text, without those that take a connection away or only show text; several where they stand in one argument.</summary>
        public static IEnumerable<Command> ParseAll(string text)
        {
            bool several = text.IndexOfAny(new[] { '&', ';' }) >= 0 && (TakesAway.IsMatch(text) || MapsDrive.Matches(text).Count > 1);
            return (several ? text.Split('&', ';') : new[] { text }).Where(part => !TakesAway.IsMatch(part) && !OnlyShows(part)).Select(Parse);
        }

        // A command that maps before it asks, as for a password, or because of the answer does not only show text.
        private static bool OnlyShows(string text)
        {
            Match says = Says.Match(text), asks = Asks.Match(text);
            Group word = says.Groups["word"];
            if (word.Success && !Verb(text.Substring(0, word.Index)).Success && !(says.Groups["condition"].Success && IsInCondition(text, word.Index)))
                return true;
            string before = text.Substring(0, asks.Index);
            return asks.Success && BeginsCall.IsMatch(before) && !Verb(before).Success && !IsInCondition(text, asks.Index)
                && !Verb(Pattern.Quoted.Replace(text.Substring(asks.Index), "")).Success;
        }

        // 'If title = "x" Then ...', 'if ( msg ) ...', with a command behind it.
        private static bool IsInCondition(string text, int word)
        {
            Match then = Then.Match(text, word);
            int end = then.Success ? then.Index : InBracket.IsMatch(text.Substring(0, word)) ? text.IndexOf(')', word) : -1;
            return end >= 0 && Verb(text.Substring(end)).Success;
        }

        /// <summary>Where the word begins that maps a drive or connects to something; -1 where there is none.</summary>
        public static int Start(string text)
        {
            Match verb = Verb(text);
            return verb.Success ? text.LastIndexOfAny(new[] { ' ', '\t', '(' }, verb.Index) + 1 : -1;
        }

        private static Match Verb(string text)
        {
            Match verb = MapsDrive.Match(text);
            return verb.Success ? verb : Connects.Match(text);
        }

        private static Command Parse(string text)
        {
            bool hidden;
            Match verb = Verb(text), mapsDrive = MapsDrive.Match(text);
            string arguments = verb.Success ? text.Substring(verb.Index) : text;
            List<Target> targets = TargetsIn(arguments, out hidden);
            if (mapsDrive.Success)
                targets.AddRange(Url.Matches(arguments).Cast<Match>().Select(match => new Target { Remote = match.Value }));
            string device = verb.Success ? DeviceIn(arguments) : null;
            foreach (Target target in targets)
                target.Device = verb.Success ? device : Copies.IsMatch(text) ? null : target.Device;
            bool hidesServer = mapsDrive.Success && (hidden || (targets.Count == 0 && Variable.IsMatch(Redirection.Replace(arguments, ""))));
            return new Command
            {
                Maps = verb.Success,
                Device = device,
                Targets = targets,
                AlsoNames = verb.Success ? RemoteNames(text.Substring(0, verb.Index)) : new List<string>(),
                HidesServer = hidesServer,
                HidesLetter = hidesServer && device == null && LetterIsVariable.IsMatch(text.Substring(mapsDrive.Index + mapsDrive.Length))
            };
        }

        private static string DeviceIn(string arguments)
        {
            Match drive = DriveOfPowerShell.Match(arguments);
            if (!drive.Success)
                drive = Drive.Match(arguments);
            return drive.Success ? ResourceName.Device(drive.Groups["name"].Value) : null;
        }

        private static string Before(string text, int at)
        {
            int from = Math.Max(0, at - LongestSwitch);
            return text.Substring(from, at - from);
        }

        private static string DeviceBeside(string text, int start, int end)
        {
            Match letter = LetterBefore.Match(Before(text, start));
            if (!letter.Success)
                letter = LetterBehind.Match(text.Substring(end, Math.Min(LongestSwitch, text.Length - end)));
            return letter.Success ? ResourceName.Device(letter.Groups["name"].Value) : null;
        }

        /// <summary>The remote names in any text, however many separators they are written with.</summary>
        public static List<string> RemoteNames(string text)
        {
            return TargetsIn(text).Select(target => target.Remote).ToList();
        }

        /// <summary>The same with the letters that stand beside them.</summary>
        public static List<Target> TargetsIn(string text)
        {
            bool hidden;
            return TargetsIn(text, out hidden);
        }

        /// <param name="hidden">Whether there is one whose server is a variable.</param>
        private static List<Target> TargetsIn(string text, out bool hidden)
        {
            List<Target> targets = new List<Target>();
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
                if (name != null && !Compares.IsMatch(Before(text, i)))
                    targets.Add(new Target { Device = DeviceBeside(text, i, end), Remote = name });
                else if (name == null && begins && (server == text.Length || "%$!{\"'+&".IndexOf(text[server]) >= 0))
                    hidden = true;
                i = Math.Max(server, end) - 1;
            }
            return targets;
        }

        private static bool IsSeparator(string text, int at)
        {
            return at < text.Length && (text[at] == '\\' || text[at] == '/');
        }

        // 'C:\\dir', 'https://server' and 'a//b' are no remote names; 'file://server', '-Root:\\server' and '/n\\server' have one.
        private static bool IsGlued(string text, int at)
        {
            if (at == 0)
                return false;
            char before = text[at - 1];
            if (!Char.IsLetterOrDigit(before) && "_.%$)}!]*?-:".IndexOf(before) < 0)
                return false;
            int start = at;
            while (start > 0 && at - start < LongestSwitch && !Char.IsWhiteSpace(text[start - 1]) && "\"'=,;(".IndexOf(text[start - 1]) < 0)
                start--;
            return !Switch.IsMatch(text.Substring(start, at - start));
        }

        // Behind a quote a name goes on to the next one, and may have blanks in it.
        private static int EndOf(string text, int start, int server)
        {
            bool quoted = start > 0 && (text[start - 1] == '"' || text[start - 1] == '\'');
            int end = quoted ? text.IndexOf(text[start - 1], server) : -1;
            if (end >= 0)
                return text[end - 1] == '`' ? end - 1 : end;  // "...`"", within a text of PowerShell
            for (end = server; end < text.Length && !Char.IsWhiteSpace(text[end]) && "\"'`<>|&;,)^".IndexOf(text[end]) < 0;)
                end++;
            Match glued = GluedSwitch.Match(text, server, end - server);
            if (glued.Success)
                return glued.Index;
            bool quotesShare = end + 1 < text.Length && text[end] == '"' && text[end - 1] == '\\';  // \\server\"my share"
            int closing = quotesShare ? text.IndexOf('"', end + 1) : -1;
            return closing < 0 ? end : closing;
        }

        /// <returns>Null where the server is no name, but a variable or something else.</returns>
        private static string NameOf(string path)
        {
            StringBuilder name = new StringBuilder(@"\");
            foreach (string part in path.Replace("\"", "").Split(new[] { '\\', '/' }, StringSplitOptions.RemoveEmptyEntries))
                name.Append('\\').Append(part);
            string trimmed = name.ToString().TrimEnd('\\', '.', ' ');
            string server = trimmed.Length > 2 ? trimmed.Substring(2).Split('\\')[0] : "";
            bool isName = server.Length > 0 && Char.IsLetterOrDigit(server[0]) && server.All(c => Char.IsLetterOrDigit(c) || "-_.@".IndexOf(c) >= 0);
            return isName ? trimmed : null;
        }
    }
}
