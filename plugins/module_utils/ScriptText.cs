// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using ansible_collections.netdrive.windows.plugins.module_utils.CommandText;
using ansible_collections.netdrive.windows.plugins.module_utils.Secrets;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;

namespace ansible_collections.netdrive.windows.plugins.module_utils.ScriptText
{
    /// <summary>How a text speaks of the selected connections, the weakest first.</summary>
    public enum Grade
    {
        /// <summary>It maps a drive, but which server cannot be told from the text.</summary>
        HidesServer,

        /// <summary>It shows the server's name to somebody.</summary>
        Says,

        /// <summary>It names the server in some command.</summary>
        Names,

        /// <summary>It maps a drive of the server or connects to it, in one command.</summary>
        Maps
    }

    /// <summary>A place in a text that has to do with the selected connections.</summary>
    public sealed class Mention
    {
        public Grade Grade { get; internal set; }

        /// <summary>'H:'; null where the command names no device.</summary>
        public string Device { get; internal set; }

        /// <summary>Null where the server is hidden.</summary>
        public string Remote { get; internal set; }

        /// <summary>The condition that the command is under, as it stands there; null where there is none.</summary>
        public string Condition { get; internal set; }

        /// <summary>The line, without secrets.</summary>
        public string Line { get; internal set; }
    }

    /// <summary>What differs between the languages of scripts.</summary>
    internal sealed class ScriptLanguage
    {
        private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;
        private const string NoRegex = @"(?!)";

        // name=, or $name =, at the beginning of a statement; the value without its quotes
        private const string Assignment = @"(?:^|[;({,\s])(?:const\s+|var\s+|let\s+|set\s+|\[\w+\])?\$?(?:global:|script:)?(?<name>[a-z_]\w*)\s*=\s*(?<quote>[""'])(?<value>[^""']*)\k<quote>";

        public static readonly ScriptLanguage Batch = new ScriptLanguage
        {
            Comment = new Regex(@"^\s*@?\s*(rem(?!\S)|:).*|&\s*@?rem(?!\S).*", Options),
            Sets = new Regex(@"\bset\s+""?(?<name>[^=""\s/]+)=(?<value>[^""&|)]*)", Options),
            Reference = new Regex(@"%(?<name>[^%\s:=]+)%|!(?<name>[^!\s:=]+)!", Options),
            Continues = "^", Ends = "&|", Opens = '(', Closes = ')', Quotes = "\""
        };

        public static readonly ScriptLanguage PowerShell = new ScriptLanguage
        {
            Block = new Regex(@"<#.*?(#>|\z)", Options | RegexOptions.Singleline),
            CommentMark = "#", Sets = new Regex(Assignment, Options),
            Reference = new Regex(@"\$(?:\((?:\$)(?<name>\w+)\)|\{(?:global:|script:)?(?<name>[\w:]+)\}|(?:global:|script:)?(?<name>(?:env:)?\w+))", Options),
            Continues = "`", Ends = ";|", Opens = '{', Closes = '}', Quotes = "\"'", Joins = true
        };

        public static readonly ScriptLanguage VBScript = new ScriptLanguage
        {
            Comment = new Regex(@"^\s*rem(?!\S).*", Options), CommentMark = "'", Sets = new Regex(Assignment, Options),
            BlockBegins = new Regex(@"^\s*(If\b.*\bThen|Select\s+Case\b.*)\s*$", Options), BlockEnds = new Regex(@"^\s*End\s+(If|Select)\b", Options),
            Continues = " _", Quotes = "\"", Joins = true
        };

        public static readonly ScriptLanguage JScript = new ScriptLanguage
        {
            Block = new Regex(@"/\*.*?(\*/|\z)", Options | RegexOptions.Singleline),
            CommentMark = "//", Sets = new Regex(Assignment, Options), Ends = ";", Opens = '{', Closes = '}', Quotes = "\"'", Joins = true
        };

        public static readonly ScriptLanguage KiXtart = new ScriptLanguage
        {
            Block = new Regex(@"/\*.*?(\*/|\z)", Options | RegexOptions.Singleline),
            CommentMark = ";", Sets = new Regex(Assignment, Options), Reference = new Regex(@"\$(?<name>\w+)", Options),
            BlockBegins = new Regex(@"^\s*(If\b(?!.*\bEndIf\b).*|Select\b.*)$", Options), BlockEnds = new Regex(@"^\s*End(If|Select)\b", Options),
            Quotes = "\"'", Joins = true
        };

        /// <summary>A command line, or a text of unknown kind.</summary>
        public static readonly ScriptLanguage Other = new ScriptLanguage
        {
            Comment = new Regex(@"^\s*[;#].*", Options), Reference = Batch.Reference, Ends = "&|", Quotes = "\""
        };

        private static readonly Dictionary<string, ScriptLanguage> ByExtension = new Dictionary<string, ScriptLanguage>(StringComparer.OrdinalIgnoreCase)
        {
            { ".bat", Batch }, { ".cmd", Batch }, { ".ps1", PowerShell }, { ".psm1", PowerShell }, { ".vbs", VBScript }, { ".wsf", VBScript },
            { ".hta", VBScript }, { ".js", JScript }, { ".kix", KiXtart }, { ".kx", KiXtart }, { ".reg", Other }
        };

        /// <summary>The language of a script by its name; null for what is no script.</summary>
        public static ScriptLanguage Of(string path)
        {
            int dot = path.LastIndexOf('.');
            ScriptLanguage language;
            return dot >= 0 && ByExtension.TryGetValue(path.Substring(dot).TrimEnd('"', '\'', ' '), out language) ? language : null;
        }

        private ScriptLanguage()
        {
            Block = Comment = Sets = Reference = BlockBegins = BlockEnds = new Regex(NoRegex);
            CommentMark = Continues = Ends = "";
        }

        /// <summary>A comment that may go over several lines.</summary>
        public Regex Block { get; private set; }

        /// <summary>A comment by its first word; up to the end of the line.</summary>
        public Regex Comment { get; private set; }

        /// <summary>What begins a comment outside of quotes; empty for nothing.</summary>
        public string CommentMark { get; private set; }

        /// <summary>Gives a variable a value that stands there.</summary>
        public Regex Sets { get; private set; }

        /// <summary>A variable within text.</summary>
        public Regex Reference { get; private set; }

        /// <summary>Lines that begin and end a block under a condition, where no brackets do.</summary>
        public Regex BlockBegins { get; private set; }
        public Regex BlockEnds { get; private set; }

        /// <summary>What stands at the end of a line that goes on in the next.</summary>
        public string Continues { get; private set; }

        /// <summary>The characters that end a command, outside of quotes.</summary>
        public string Ends { get; private set; }

        /// <summary>The brackets around a block.</summary>
        public char Opens { get; private set; }
        public char Closes { get; private set; }

        public string Quotes { get; private set; }

        /// <summary>Whether texts are joined by an operator, with names of variables in between.</summary>
        public bool Joins { get; private set; }
    }

    /// <summary>Reads scripts and command lines for what they connect to. Nothing is run, and conditions are not evaluated.</summary>
    public sealed class ScriptReader
    {
        private const int LongestLine = 8192;  // characters; what is behind them in a line is not looked at
        private const int MostMentions = 50;  // of one script
        private const int LongestCondition = 80;
        private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

        private static readonly Regex Condition = new Regex(@"^\W*(if|else|elseif|switch|catch|case)\b", Options);
        private static readonly Regex Mapping = new Regex(@"\bnet1?(\.exe)?[""']?\s|\bpushd\b|\bsubst\b|\bmklink\b|\buse\s|\\\\", Options);
        private static readonly Regex Joint = new Regex(@"[""']\s*[&+]\s*[""']", Options);
        private static readonly Regex Identifier = new Regex(@"\$?[a-z_]\w*", Options);
        private static readonly Regex Encoded = new Regex(@"(?<=-e(c|nc|ncodedcommand)?\s+)[""']?(?<text>[a-z0-9+/=]{16,})", Options);

        private readonly ConnectionSelection selection;

        public ScriptReader(ConnectionSelection selection)
        {
            this.selection = selection;
        }

        /// <summary>What a script has to do with the selected connections, the strongest evidence of each first.</summary>
        /// <param name="name">The script's name, by which its language is known.</param>
        /// <param name="environment">The variables of whom it runs for.</param>
        public IList<Mention> Read(string text, string name, IDictionary<string, string> environment)
        {
            return Best(new Walk(selection, ScriptLanguage.Of(name) ?? ScriptLanguage.Other, environment).Read(text));
        }

        /// <summary>The same of a command line, with what an '-EncodedCommand' in it says.</summary>
        public IList<Mention> ReadCommand(string line, IDictionary<string, string> environment)
        {
            List<Mention> found = new Walk(selection, ScriptLanguage.Other, environment).Read(line);
            string encoded = DecodedCommand(line);
            if (encoded != null)
                found.AddRange(new Walk(selection, ScriptLanguage.PowerShell, environment).Read(encoded));
            return Best(found);
        }

        private static string DecodedCommand(string line)
        {
            Match encoded = Encoded.Match(line);
            if (!encoded.Success)
                return null;
            try
            {
                return Encoding.Unicode.GetString(Convert.FromBase64String(encoded.Groups["text"].Value));
            }
            catch (FormatException) { return null; }
        }

        // A server that is put into a variable first is named there, but what counts is where it is mapped.
        private static IList<Mention> Best(List<Mention> found)
        {
            List<Mention> maps = found.Where(mention => mention.Grade == Grade.Maps).ToList();
            List<Mention> rest = found.Where(mention => mention.Grade != Grade.Maps && (mention.Remote == null ? maps.Count == 0 : !maps.Any(map => IsAbove(mention.Remote, map.Remote)))).ToList();
            return maps.OrderBy(mention => mention.Condition != null).Concat(rest.OrderByDescending(mention => mention.Grade))
                .GroupBy(mention => (mention.Remote + "|" + mention.Device).ToUpperInvariant()).Select(same => same.First()).Take(MostMentions).ToList();
        }

        private static bool IsAbove(string remote, string other)
        {
            return (other + @"\").StartsWith(remote + @"\", StringComparison.OrdinalIgnoreCase);
        }

        /// <summary>One way through a script from its first line to its last.</summary>
        private sealed class Walk
        {
            private readonly ConnectionSelection selection;
            private readonly ScriptLanguage language;
            private readonly IDictionary<string, string> environment;
            private readonly Dictionary<string, string> variables = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            private readonly Stack<string> conditions = new Stack<string>();  // of the blocks around; null for one without
            private readonly List<Mention> found = new List<Mention>();

            public Walk(ConnectionSelection selection, ScriptLanguage language, IDictionary<string, string> environment)
            {
                this.selection = selection;
                this.language = language;
                this.environment = environment;
            }

            public List<Mention> Read(string text)
            {
                foreach (string line in Lines(text))
                {
                    string code = WithoutComment(line);
                    if (language.BlockEnds.IsMatch(code))
                        Close();
                    Split(Expanded(code), code);
                    foreach (Match set in language.Sets.Matches(code))
                        variables[set.Groups["name"].Value] = Substituted(set.Groups["value"].Value).Trim();
                    if (language.BlockBegins.IsMatch(code))
                        conditions.Push(code);
                }
                return found;
            }

            private IEnumerable<string> Lines(string text)
            {
                List<string> lines = new List<string>();
                string begun = "";
                foreach (string line in language.Block.Replace(text, " ").Split('\n'))
                {
                    string whole = begun + (line.Length > LongestLine ? line.Substring(0, LongestLine) : line).TrimEnd('\r', ' ', '\t');
                    bool goesOn = language.Continues.Length > 0 && whole.EndsWith(language.Continues, StringComparison.Ordinal) && whole.Length < LongestLine;
                    begun = goesOn ? whole.Substring(0, whole.Length - language.Continues.Trim().Length) : "";
                    if (!goesOn)
                        lines.Add(whole);
                }
                lines.Add(begun);
                return lines;
            }

            private string WithoutComment(string line)
            {
                string code = language.Comment.Replace(line, "");
                char quote = '\0';
                for (int i = 0; language.CommentMark.Length > 0 && i < code.Length; i++)
                {
                    if (quote == '\0' && String.CompareOrdinal(code, i, language.CommentMark, 0, language.CommentMark.Length) == 0 && (i == 0 || code[i - 1] != ':'))
                        return code.Substring(0, i);
                    quote = Quote(quote, code[i]);
                }
                return code;
            }

            private char Quote(char current, char next)
            {
                if (current != '\0')
                    return next == current ? '\0' : current;
                return language.Quotes.IndexOf(next) >= 0 ? next : '\0';
            }

            private string Expanded(string code)
            {
                if (!language.Joins || variables.Count == 0)
                    return Substituted(code);
                return Joint.Replace(Substituted(Identifier.Replace(code, name => Literal(code, name))), "");
            }

            /// <summary>Text with the variables that are known in place of their names.</summary>
            private string Substituted(string text)
            {
                return language.Reference.Replace(text, reference => ValueOf(reference.Groups["name"].Value) ?? reference.Value);
            }

            private string ValueOf(string name)
            {
                string value;
                if (variables.TryGetValue(name, out value))
                    return value;
                bool ofEnvironment = !language.Joins || name.StartsWith("env:", StringComparison.OrdinalIgnoreCase);
                return ofEnvironment && environment.TryGetValue(name.Substring(name.IndexOf(':') + 1), out value) ? value : null;
            }

            // The name of a variable outside of quotes, as in "\\" & server & "\data".
            private string Literal(string text, Match name)
            {
                string value;
                if (!variables.TryGetValue(name.Value.TrimStart('$'), out value))
                    return name.Value;
                int end = name.Index + name.Length;
                bool partOfPath = (name.Index > 0 && IsPath(text[name.Index - 1])) || (end < text.Length && IsPath(text[end]));
                return !partOfPath && text.Take(name.Index).Aggregate('\0', Quote) == '\0' ? "\"" + value + "\"" : name.Value;
            }

            private static bool IsPath(char c)
            {
                return c == '\\' || c == '/' || c == '{' || c == '}';
            }

            /// <summary>Goes through the commands of a line, in and out of its blocks.</summary>
            private void Split(string text, string line)
            {
                char quote = '\0';
                int start = 0;
                for (int i = 0; i < text.Length; i++)
                {
                    bool opens = text[i] == language.Opens, closes = text[i] == language.Closes;
                    if (quote == '\0' && (opens || closes || language.Ends.IndexOf(text[i]) >= 0))
                    {
                        string command = text.Substring(start, i - start);
                        Look(command, line);
                        if (opens)
                            conditions.Push(Condition.IsMatch(command) ? command : null);
                        else if (closes)
                            Close();
                        start = i + 1;
                    }
                    quote = Quote(quote, text[i]);
                }
                Look(text.Substring(start), line);
            }

            private void Close()
            {
                if (conditions.Count > 0)
                    conditions.Pop();
            }

            private void Look(string text, string line)
            {
                Command command = Command.Parse(text);
                if (command.Removes && text.IndexOfAny(new[] { '&', ';' }) >= 0)
                    foreach (string part in text.Split('&', ';'))  // several commands in one argument
                        Look(part, line);
                else if (!command.Removes)
                    Look(command, text, line);
            }

            private void Look(Command command, string text, string line)
            {
                foreach (string remote in command.Remotes.Where(remote => selection.Matches(command.Device, remote)))
                    Add(command.OnlySays ? Grade.Says : command.Maps ? Grade.Maps : Grade.Names, command, remote, text, line);
                if (command.HidesServer && !command.OnlySays)
                    Add(Grade.HidesServer, command, null, text, line);
            }

            private void Add(Grade grade, Command command, string remote, string text, string line)
            {
                found.Add(new Mention
                {
                    Grade = grade,
                    Device = command.Device,
                    Remote = remote,
                    Condition = ConditionOf(text),
                    Line = SecretText.Without(line)
                });
            }

            private string ConditionOf(string text)
            {
                string condition = Condition.IsMatch(text) ? text : conditions.FirstOrDefault(one => one != null);
                if (condition == null)
                    return null;
                Match mapping = Condition.IsMatch(text) ? Mapping.Match(text) : Match.Empty;
                string shown = SecretText.Without(mapping.Success ? text.Substring(0, mapping.Index) : condition).Trim(' ', '\t', '(', '{', '}', '@');
                return shown.Length <= LongestCondition ? shown : shown.Substring(0, LongestCondition) + "...";
            }
        }
    }
}
