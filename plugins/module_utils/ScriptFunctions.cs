// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using ansible_collections.netdrive.windows.plugins.module_utils.CalledScripts;
using ansible_collections.netdrive.windows.plugins.module_utils.CommandText;
using ansible_collections.netdrive.windows.plugins.module_utils.ScriptLanguages;
using ansible_collections.netdrive.windows.plugins.module_utils.ScriptStatements;
using ansible_collections.netdrive.windows.plugins.module_utils.TextPattern;

namespace ansible_collections.netdrive.windows.plugins.module_utils.ScriptFunctions
{
    /// <summary>A part of a script that is run where it is called: a function, or what stands behind a label of a batch file.</summary>
    internal sealed class ScriptFunction
    {
        public string Name { get; set; }

        /// <summary>Whether another of the same name follows, which counts from there on.</summary>
        public bool IsDefinedAgain { get; set; }

        /// <summary>The parameters as they are declared, with the values that they have unless others are given.</summary>
        public string Declaration { get; set; }

        public IList<string> Parameters { get; set; }

        public IList<Statement> Body { get; set; }
    }

    /// <summary>A call of a function.</summary>
    internal sealed class FunctionCall
    {
        public ScriptFunction Function { get; set; }

        /// <summary>Its name, as it is called.</summary>
        public string Text { get; set; }

        /// <summary>What stands behind the name.</summary>
        public string Rest { get; set; }

        /// <summary>What the parameters are given, as it is written.</summary>
        public IDictionary<string, string> Values { get; set; }
    }

    /// <summary>The functions of a script, and what is outside of them.</summary>
    internal sealed class Functions
    {
        private const int MostBroken = 20;  // functions without an end
        private const int MostArguments = 9;  // of a subroutine of a batch file: %1 to %9
        private static readonly Regex Word = Pattern.Of(@"[a-z_]\w*(?:-\w+)*");
        private static readonly Regex Attribute = Pattern.Of(@"\[[^\[\]]*\]");
        private static readonly Regex Name = Pattern.Of(@"\w+(?=\W*$)");
        private static readonly Regex Named = Pattern.Of(@"^-(?<name>[a-z]\w*)(?::(?<value>.+))?$");

        private readonly ScriptLanguage language;
        private readonly List<Statement> all;
        private readonly TextClock clock;
        private readonly List<ScriptFunction> defined = new List<ScriptFunction>();
        private readonly ILookup<string, ScriptFunction> byName;
        private Dictionary<string, int> counts;  // of words

        /// <exception cref="TimeoutException">It takes too long.</exception>
        public Functions(ScriptLanguage language, List<Statement> statements, TextClock clock)
        {
            this.language = language;
            this.clock = clock;
            all = statements;
            Outside = new List<Statement>();
            HashSet<string> labels = CalledLabels();
            for (int i = 0, broken = 0; i < all.Count; i++)
            {
                clock.Check();
                Match header = language.Function.Match(all[i].Text), label = language.Label.Match(all[i].Text);
                bool named = header.Groups["name"].Success && broken < MostBroken, called = label.Success && labels.Contains(label.Groups["label"].Value);
                int end = named ? EndOfFunction(i) : called ? EndOfSubroutine(i) : -1;
                broken += named && end < 0 ? 1 : 0;
                if (end < 0)
                    Outside.Add(all[i]);
                else
                {
                    Add(named ? header.Groups["name"].Value : label.Groups["label"].Value, header.Groups["parameters"].Value, all.GetRange(i + 1, end - i));
                    i = end;
                }
            }
            foreach (IGrouping<string, ScriptFunction> same in defined.GroupBy(function => function.Name, StringComparer.OrdinalIgnoreCase))
                foreach (ScriptFunction earlier in same.Take(same.Count() - 1))
                    earlier.IsDefinedAgain = true;
            HashSet<ScriptFunction> keep = ThoseThatConnect();
            byName = defined.Where(keep.Contains).ToLookup(function => function.Name, StringComparer.OrdinalIgnoreCase);
        }

        /// <summary>The statements that are in no function.</summary>
        public IList<Statement> Outside { get; private set; }

        /// <summary>The functions that may connect to something.</summary>
        public IEnumerable<ScriptFunction> All { get { return byName.SelectMany(same => same); } }

        /// <summary>Whether a function is named anywhere but in itself.</summary>
        public bool IsNamed(ScriptFunction function)
        {
            int everywhere, inside;
            counts = counts ?? CountOf(all);
            counts.TryGetValue(function.Name, out everywhere);
            CountOf(function.Body).TryGetValue(function.Name, out inside);
            return everywhere > inside + byName[function.Name].Count();
        }

        private Dictionary<string, int> CountOf(IEnumerable<Statement> statements)
        {
            return clock.Each(statements).SelectMany(statement => Word.Matches(statement.Text).Cast<Match>()).GroupBy(word => word.Value, StringComparer.OrdinalIgnoreCase)
                .ToDictionary(same => same.Key, same => same.Count(), StringComparer.OrdinalIgnoreCase);
        }

        private static bool Connects(string statement)
        {
            return statement.Contains(@"\\") || statement.Contains("//") || Command.Start(statement) >= 0 || CalledScript.RunBy(statement).Any();
        }

        // And what calls them. The others are not worth the time, such as those that write a log.
        private HashSet<ScriptFunction> ThoseThatConnect()
        {
            HashSet<string> names = new HashSet<string>(defined.Select(function => function.Name), StringComparer.OrdinalIgnoreCase);
            ILookup<string, ScriptFunction> callers = defined.SelectMany(function => clock.Each(function.Body).SelectMany(NamesCalledIn).Where(names.Contains)
                .Distinct(StringComparer.OrdinalIgnoreCase).Select(name => new { Name = name, Caller = function })).ToLookup(call => call.Name, call => call.Caller, StringComparer.OrdinalIgnoreCase);
            Queue<ScriptFunction> next = new Queue<ScriptFunction>(defined.Where(function => clock.Each(function.Body).Any(statement => Connects(statement.Text))));
            HashSet<ScriptFunction> keep = new HashSet<ScriptFunction>(next);
            while (next.Count > 0)
                foreach (ScriptFunction caller in clock.Each(callers[next.Dequeue().Name]).Where(keep.Add))
                    next.Enqueue(caller);
            return keep;
        }

        private IEnumerable<string> NamesCalledIn(Statement statement)
        {
            return language.Call.Matches(statement.Text).Cast<Match>().Select(call => call.Groups["name"].Value);
        }

        // The labels that are called and never gone to.
        private HashSet<string> CalledLabels()
        {
            HashSet<string> labels = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            if (language.CallsLabels)
            {
                labels.UnionWith(clock.Each(all).SelectMany(NamesCalledIn));
                labels.ExceptWith(clock.Each(all).Select(statement => language.Leaves.Match(statement.Text)).Select(leaves => leaves.Groups["label"].Value));
            }
            return labels;
        }

        /// <returns>-1 where there is none.</returns>
        private int EndOfFunction(int header)
        {
            int depth = 0;
            for (int i = header; i < all.Count; i++)
            {
                clock.Check();
                int step = Step(all[i]);
                depth += step;
                if (language.FunctionEnds.IsMatch(all[i].Text) || (step < 0 && depth == 0))
                    return i;
                if (depth < 0)
                    return -1;
                if (language.Opens != '\0' && depth == 0 && i > header && all[i].Text.Trim().Length > 0)
                    return -1;
            }
            return -1;
        }

        // 'goto :eof' and 'exit /b', unless under a condition; the end of the file.
        private int EndOfSubroutine(int label)
        {
            int depth = 0;
            for (int i = label + 1; i < all.Count; i++)
            {
                clock.Check();
                bool goesOn = all[i - 1].End.Length == 2 || language.Condition.IsMatch(all[i].Text);
                if (depth == 0 && !goesOn && language.Leaves.IsMatch(all[i].Text))
                    return i;
                depth += Step(all[i]);
            }
            return all.Count - 1;
        }

        // Into a block or out of it.
        private int Step(Statement statement)
        {
            char end = statement.End.Length == 1 ? statement.End[0] : '\n';
            return end == language.Opens ? 1 : end == language.Closes ? -1 : 0;
        }

        private void Add(string name, string declaration, List<Statement> body)
        {
            int end, at = body.FindIndex(statement => language.Parameters.IsMatch(statement.Text));
            if (at >= 0)
            {
                Statement first = body[at];
                int start = language.Parameters.Match(first.Text).Length;
                Split(first.Text, start, ",", out end);
                declaration = first.Text.Substring(start, end - start);
                body[at] = new Statement { Text = first.Text.Substring(end).TrimStart(')'), End = first.End, Line = first.Line };
            }
            defined.Add(new ScriptFunction
            {
                Name = name,
                Declaration = declaration,
                Body = body,
                Parameters = language.CallsLabels ? Enumerable.Range(1, MostArguments).Select(number => number.ToString()).ToList()
                    : Split(declaration, 0, ",", out end).Select(NameOf).Where(one => one.Length > 0).ToList()
            });
        }

        // '[string] $path = "x"', 'ByVal path', 'Optional $path'
        private static string NameOf(string parameter)
        {
            string text = Attribute.Replace(Attribute.Replace(parameter, ""), "");
            return Name.Match(text.Split('=')[0]).Value;
        }

        /// <summary>The calls in a statement, from the left to the right.</summary>
        public IEnumerable<FunctionCall> CallsIn(string statement)
        {
            if (byName.Count == 0)
                yield break;
            string code = Pattern.Quoted.Replace(statement, quoted => new string(' ', quoted.Length));
            foreach (Match call in clock.Each(language.Call.Matches(code).Cast<Match>()))
                foreach (ScriptFunction function in byName[call.Groups["name"].Value])
                    yield return new FunctionCall
                    {
                        Function = function,
                        Text = call.Value,
                        Rest = statement.Substring(call.Index + call.Length),
                        Values = Values(function, statement, call.Index + call.Length)
                    };
        }

        private IDictionary<string, string> Values(ScriptFunction function, string statement, int at)
        {
            Dictionary<string, string> values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            bool bracket = statement.Substring(at).TrimStart().StartsWith("(", StringComparison.Ordinal);
            int end;
            IList<string> arguments = bracket ? Split(statement, statement.IndexOf('(', at) + 1, ",", out end) : Split(statement, at, language.Separates, out end);
            string next = null;
            foreach (string argument in arguments)
            {
                Match named = language.TakesWords ? Named.Match(argument) : Match.Empty;
                string name = named.Success ? function.Parameters.FirstOrDefault(one => one.StartsWith(named.Groups["name"].Value, StringComparison.OrdinalIgnoreCase))
                    : next ?? function.Parameters.FirstOrDefault(one => !values.ContainsKey(one));
                bool complete = !named.Success || named.Groups["value"].Success;
                if (complete && name != null)
                    values[name] = Text(named.Success ? named.Groups["value"].Value : argument);
                next = complete ? null : name;
            }
            return values;
        }

        // In PowerShell, a word is a text.
        private string Text(string argument)
        {
            bool isWord = language.TakesWords && "$(@[{".IndexOf(argument[0]) < 0 && argument.IndexOfAny(new[] { '"', '\'' }) < 0;
            return isWord ? "\"" + argument + "\"" : argument;
        }

        /// <param name="end">Where the bracket is that closes what is handed over; else the end of the text.</param>
        private IList<string> Split(string text, int start, string separators, out int end)
        {
            List<string> parts = new List<string>();
            Nesting quotes = new Nesting(language);
            int depth = 0, from = start;
            for (end = start; end < text.Length; end++)
            {
                quotes.Take(text, end);
                if (quotes.Quote != '\0')
                    continue;
                depth += "([{".IndexOf(text[end]) >= 0 ? 1 : ")]}".IndexOf(text[end]) >= 0 ? -1 : 0;
                if (depth < 0)
                    break;
                if (depth > 0 || separators.IndexOf(text[end]) < 0)
                    continue;
                parts.Add(text.Substring(from, end - from));
                from = end + 1;
            }
            parts.Add(text.Substring(from, end - from));
            return parts.Select(part => part.Trim(' ', '\t', ',')).Where(part => part.Length > 0).ToList();
        }
    }
}
