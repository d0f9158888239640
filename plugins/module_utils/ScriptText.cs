// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using ansible_collections.netdrive.windows.plugins.module_utils.CalledScripts;
using ansible_collections.netdrive.windows.plugins.module_utils.CommandText;
using ansible_collections.netdrive.windows.plugins.module_utils.ConfiguredDrives;
using ansible_collections.netdrive.windows.plugins.module_utils.ScriptConditions;
using ansible_collections.netdrive.windows.plugins.module_utils.ScriptFunctions;
using ansible_collections.netdrive.windows.plugins.module_utils.ScriptLanguages;
using ansible_collections.netdrive.windows.plugins.module_utils.ScriptStatements;
using ansible_collections.netdrive.windows.plugins.module_utils.ScriptVariables;
using ansible_collections.netdrive.windows.plugins.module_utils.Secrets;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;
using ansible_collections.netdrive.windows.plugins.module_utils.TextPattern;

namespace ansible_collections.netdrive.windows.plugins.module_utils.ScriptText
{
    /// <summary>How a text speaks of the selected connections, the weakest first.</summary>
    public enum Grade
    {
        /// <summary>It maps a drive, but which server cannot be told from the text.</summary>
        HidesServer,

        /// <summary>It names the server where it is probably never run: in a function that nothing calls, or behind an 'exit'.</summary>
        IsUnused,

        /// <summary>It names the server in some command.</summary>
        Names,

        /// <summary>It has a list with a letter and a path of the server, and maps a drive whose letter is a variable, but perhaps not from that list.</summary>
        Lists,

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

        /// <summary>The variable that has the list which it stands in; null where that is not known.</summary>
        internal string List { get; set; }
    }

    /// <summary>Reads scripts and command lines for what they connect to. Nothing is run, and conditions are not evaluated.</summary>
    public sealed class ScriptReader
    {
        private const int LongestCommand = 32768;  // characters; Windows allows no more
        private const int MostMentions = 500;  // of one script

        private static readonly Regex Encoded = Pattern.Of(@"(?<=-e(c|nc|ncodedcommand)?\s{1,30})[""']?(?<text>[a-z0-9+/=]{16,})");

        private readonly ConnectionSelection selection;

        public ScriptReader(ConnectionSelection selection)
        {
            this.selection = selection;
        }

        /// <summary>What a script has to do with the selected connections, the strongest evidence of each first.</summary>
        /// <param name="name">The script's name, by which its language is known.</param>
        /// <param name="environment">The variables of whom it runs for.</param>
        /// <param name="called">Takes the names of the scripts that it runs.</param>
        /// <param name="limits">Takes why a part of it was not looked at, such as 'takes too long to read'; what was found until then is kept.</param>
        public IList<Mention> Read(string text, string name, IDictionary<string, string> environment, ICollection<string> called, ICollection<string> limits = null)
        {
            limits = limits ?? new List<string>();
            ScriptLanguage language = Timed(() => ScriptLanguage.Of(name, text), limits);
            return Best(new Walk(selection, language ?? ScriptLanguage.Other, environment, called, limits).Read(text));
        }

        /// <summary>The same of a command line, with what an '-EncodedCommand' in it says.</summary>
        public IList<Mention> ReadCommand(string line, IDictionary<string, string> environment, ICollection<string> limits = null)
        {
            limits = limits ?? new List<string>();
            List<Mention> found = new Walk(selection, ScriptLanguage.Other, environment, new List<string>(), limits).Read(line);
            string encoded = Timed(() => DecodedCommand(line.Length <= LongestCommand ? line : line.Substring(0, LongestCommand)), limits);
            if (encoded != null)
                found.AddRange(new Walk(selection, ScriptLanguage.PowerShell, environment, new List<string>(), limits).Read(encoded));
            return Best(found);
        }

        /// <returns>Null where it takes too long.</returns>
        private static T Timed<T>(Func<T> work, ICollection<string> limits) where T : class
        {
            try
            {
                return work();
            }
            catch (TimeoutException)
            {
                Limit(limits, Pattern.TooLong);
                return null;
            }
        }

        private static void Limit(ICollection<string> limits, string reason)
        {
            if (!limits.Contains(reason))
                limits.Add(reason);
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
            List<Mention> all = found.Where(mention => mention.Grade == Grade.Maps).ToList();
            List<Mention> maps = all.Where(mention => !IsFoundWithDevice(mention, all.Where(other => other.Line == mention.Line))).ToList();
            List<Mention> named = found.Where(mention => mention.Grade != Grade.Maps && mention.Remote != null)
                .Where(mention => !IsMapped(mention.Remote, maps) && !IsFoundWithDevice(mention, found)).ToList();
            List<Mention> hidden = found.Where(mention => mention.Remote == null && !found.Any(other => other.Grade >= Grade.Lists)).ToList();
            return maps.OrderBy(mention => mention.Condition != null).Concat(named.OrderByDescending(mention => mention.Grade)).Concat(hidden)
                .GroupBy(mention => (mention.Remote + "|" + mention.Device).ToUpperInvariant()).Select(same => same.First()).ToList();
        }

        private static bool IsFoundWithDevice(Mention mention, IEnumerable<Mention> others)
        {
            return mention.Device == null && others.Any(other => other.Device != null && other.Remote == mention.Remote);
        }

        private static bool IsMapped(string remote, IEnumerable<Mention> maps)
        {
            return maps.Any(map => IsAbove(remote, map.Remote) || IsAbove(map.Remote, remote));
        }

        private static bool IsAbove(string remote, string other)
        {
            return (other + @"\").StartsWith(remote + @"\", StringComparison.OrdinalIgnoreCase);
        }

        /// <summary>A command that maps what variables say.</summary>
        private sealed class HiddenMapping
        {
            public string Condition;
            public IList<string> Lists;  // that it takes the letter and the path from, as far as that can be seen
        }

        /// <summary>One way through a script from its first line to its last.</summary>
        private sealed class Walk
        {
            private const int MostScripts = 50;
            private const int MostCalls = 300;  // of functions
            private const int Deepest = 4;  // functions that call each other
            private const int LongestCondition = 80;
            private static readonly Regex Handles = Pattern.Of("_on|^on");  // what happens in a window
            private static readonly Regex Asks = Pattern.Of(@"\bthen\b");
            private static readonly Regex TextBegins = Pattern.Of(@"@[""']$");
            private static readonly Regex Then = Pattern.Of(@"^.*\b(then|else)\b");

            private readonly ConnectionSelection selection;
            private readonly ScriptLanguage language;
            private readonly ICollection<string> scripts;
            private readonly ScriptCode code;
            private readonly Variables variables;
            private readonly Stack<ScriptFunction> within = new Stack<ScriptFunction>();
            private readonly HashSet<ScriptFunction> taken = new HashSet<ScriptFunction>();
            private readonly ICollection<string> limits;
            private readonly TextClock clock = new TextClock();
            private readonly HashSet<string> known = new HashSet<string>();
            private readonly List<Mention> found = new List<Mention>();
            private readonly List<HiddenMapping> hidden = new List<HiddenMapping>();
            private readonly HashSet<string> lists = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            private string list;  // that the statement belongs to; null for none
            private bool isInText;  // of several lines, that a variable is given
            private Functions functions;
            private Conditions conditions;
            private string line;  // outside of functions
            private int calls;
            private string unused;  // why what is looked at is probably never run; null where it may be

            /// <param name="scripts">Takes the names of the scripts that it runs.</param>
            /// <param name="limits">Takes why a part of it was not looked at.</param>
            public Walk(ConnectionSelection selection, ScriptLanguage language, IDictionary<string, string> environment, ICollection<string> scripts, ICollection<string> limits)
            {
                this.scripts = scripts;
                this.limits = limits;
                this.selection = selection;
                this.language = language;
                code = new ScriptCode(language, clock);
                conditions = new Conditions(language);
                variables = new Variables(language, conditions, environment, reason => Limit(limits, reason));
            }

            public List<Mention> Read(string text)
            {
                try
                {
                    List<Statement> statements = code.Statements(text).ToList();
                    functions = new Functions(language, statements, clock);
                    Take(functions.Outside);
                    foreach (ScriptFunction function in functions.All.OrderBy(functions.IsNamed).Where(function => !taken.Contains(function)))
                        TakeAlone(function);
                    if (language.Opens == '{')
                        Look(ConfiguredDrive.In(String.Join("\n", statements.Select(statement => statement.Line).Where((one, i) => i == 0 || !ReferenceEquals(one, statements[i - 1].Line)))));
                }
                catch (TimeoutException)
                {
                    Limit(limits, Pattern.TooLong);
                }
                MapListed();
                return found;
            }

            private void Take(IEnumerable<Statement> statements)
            {
                foreach (Statement statement in clock.Each(statements))
                {
                    line = within.Count == 0 ? statement.Line : line;
                    conditions.Enter(statement);
                    if (unused != null || conditions.Over == null)
                        Take(statement);
                    else
                        TakeBehind(conditions.Over, statement);
                    conditions.Leave(statement);
                }
            }

            // It may be another language, in a file that is two scripts at once. What it gives to variables does not count.
            private void TakeBehind(string end, Statement statement)
            {
                unused = "behind " + end;
                foreach (Expansion expansion in variables.Expand(statement.Text))
                    Look(expansion, statement.Text);
                unused = null;
            }

            private void TakeListOf(Statement statement)
            {
                Match given = DriveList.Given.Match(statement.Text);
                if (isInText)
                    isInText = !statement.Text.StartsWith("'@", StringComparison.Ordinal) && !statement.Text.StartsWith("\"@", StringComparison.Ordinal);
                else
                {
                    list = given.Success ? given.Groups["name"].Value : null;
                    isInText = given.Success && TextBegins.IsMatch(statement.Line);
                }
                if (list != null)
                    lists.Add(list);
            }

            private void Take(Statement statement)
            {
                TakeListOf(statement);
                variables.TakeList(statement.Text);
                foreach (Expansion expansion in variables.Expand(statement.Text))
                {
                    Look(expansion, statement.Text);
                    CallScripts(expansion.Text);
                    foreach (FunctionCall call in functions.CallsIn(expansion.Text))
                        Take(call, ConditionOf(call, statement) ?? expansion.Condition ?? ConditionOf(call.Function));
                }
                variables.TakeFrom(statement.Text);
            }

            // What a function does counts where it is called, with what it is given there.
            private void Take(FunctionCall call, string condition)
            {
                if (within.Contains(call.Function) || IsTooMuch())
                    return;
                Conditions caller = conditions;
                conditions = variables.Conditions = new Conditions(language, caller, condition);
                Action leave = variables.Enter(call);
                taken.Add(call.Function);
                within.Push(call.Function);
                Take(call.Function.Body);
                within.Pop();
                leave();
                conditions = variables.Conditions = caller;
            }

            private bool IsTooMuch()
            {
                if (within.Count >= Deepest)
                    Limit(limits, "has functions that call each other over more than " + Deepest + " levels");
                else if (++calls > MostCalls)
                    Limit(limits, "calls functions more than " + MostCalls + " times");
                return within.Count >= Deepest || calls > MostCalls;
            }

            private static string ConditionOf(ScriptFunction function)
            {
                return function.IsDefinedAgain ? function.Name + " is defined again" : null;
            }

            // 'if (Map("H:")) {' calls it whatever comes out.
            private string ConditionOf(FunctionCall call, Statement statement)
            {
                bool isAsked = language.Condition.IsMatch(statement.Text) && (Asks.IsMatch(call.Rest) || (statement.End.Length == 1 && statement.End[0] == language.Opens));
                string condition = conditions.Of(isAsked ? "" : statement.Text);
                int at = condition == statement.Text || language.ConditionsGoOn ? (condition ?? "").IndexOf(call.Text, StringComparison.OrdinalIgnoreCase) : -1;
                return at > 0 ? condition.Substring(0, at) : condition;
            }

            private void TakeAlone(ScriptFunction function)
            {
                unused = functions.IsNamed(function) || Handles.IsMatch(function.Name) ? null : function.Name + " is not called";
                line = function.Body.Select(statement => statement.Line).FirstOrDefault();
                Take(new FunctionCall { Function = function, Values = new Dictionary<string, string>() }, unused ?? ConditionOf(function));
                unused = null;
            }

            private void Look(Expansion expansion, string statement)
            {
                string shown = null;
                foreach (Command command in Command.ParseAll(expansion.Text))
                {
                    foreach (Target target in command.Targets.Where(target => selection.Matches(target.Device, target.Remote)))
                        Add(command.Maps ? Grade.Maps : Grade.Names, target.Device, target.Remote, shown = shown ?? Condition(statement, expansion.Condition), line);
                    foreach (string remote in command.AlsoNames.Where(remote => selection.Matches(null, remote)))
                        Add(Grade.Names, null, remote, shown = shown ?? Condition(statement, expansion.Condition), line);
                    if (command.HidesServer)
                        Add(Grade.HidesServer, command.Device, null, shown = shown ?? Condition(statement, expansion.Condition), line);
                    if (command.HidesLetter && unused == null && hidden.Count < MostMentions)
                        hidden.Add(new HiddenMapping { Condition = shown, Lists = ListsOf(statement) });
                }
            }

            private void Look(IEnumerable<ConfiguredDrive> drives)
            {
                foreach (ConfiguredDrive drive in clock.Each(drives))
                {
                    list = drive.List;
                    foreach (string remote in variables.Expand(drive.Text).SelectMany(expansion => Command.RemoteNames(expansion.Text)).Where(remote => selection.Matches(drive.Device, remote)))
                        Add(Grade.Names, drive.Device, remote, drive.Condition, drive.Text);
                }
            }

            // Those that it has by an index; else that of the loop.
            private IList<string> ListsOf(string statement)
            {
                List<string> indexed = DriveList.IndexedIn(statement).Where(lists.Contains).ToList();
                return indexed.Count > 0 || conditions.List == null ? indexed : new List<string> { conditions.List };
            }

            // A command whose letter and server are variables maps what the list has that it goes through, and probably what others have.
            private void MapListed()
            {
                foreach (Mention mention in found.Where(mention => hidden.Count > 0 && mention.Grade == Grade.Names && mention.Device != null))
                {
                    HiddenMapping command = hidden.OrderBy(one => !IsFrom(mention.List, one)).ThenBy(one => one.Condition != null).First();
                    mention.Grade = IsFrom(mention.List, command) ? Grade.Maps : Grade.Lists;
                    mention.Condition = mention.Condition ?? command.Condition;
                }
            }

            private static bool IsFrom(string list, HiddenMapping command)
            {
                return list != null && command.Lists.Contains(list, StringComparer.OrdinalIgnoreCase);
            }

            private void CallScripts(string statement)
            {
                foreach (string script in CalledScript.RunBy(statement).Where(script => !scripts.Contains(script)))
                {
                    if (scripts.Count < MostScripts)
                        scripts.Add(script);
                    else
                        Limit(limits, "runs more than " + MostScripts + " scripts");
                }
            }

            private void Add(Grade grade, string device, string remote, string condition, string line)
            {
                grade = unused != null && remote != null ? Grade.IsUnused : grade;
                if (!known.Add(String.Join("|", grade, device, remote, condition)))
                    return;
                if (known.Count > MostMentions)
                    Limit(limits, "names more than " + MostMentions + " connections");
                else
                    found.Add(new Mention { Grade = grade, Device = device, Remote = remote, Condition = condition, Line = SecretText.Without(line), List = list });
            }

            // Without the command, where it stands on the same line.
            private string Condition(string statement, string ofVariables)
            {
                string condition = unused ?? conditions.Of(statement) ?? ofVariables;
                if (condition == null)
                    return null;
                int command = condition == statement || language.ConditionsGoOn ? Command.Start(condition) : -1;
                string shown = command > 0 ? condition.Substring(0, command) : condition;
                Match then = command > 0 ? Then.Match(shown) : Match.Empty;
                shown = SecretText.Without(then.Success ? then.Value : shown).Trim(' ', '\t', '(', '{', '}', '@');
                return shown.Length <= LongestCondition ? shown : shown.Substring(0, LongestCondition) + "...";
            }
        }
    }
}
