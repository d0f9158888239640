// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using ansible_collections.netdrive.windows.plugins.module_utils.CommandText;
using ansible_collections.netdrive.windows.plugins.module_utils.ScriptConditions;
using ansible_collections.netdrive.windows.plugins.module_utils.ScriptFunctions;
using ansible_collections.netdrive.windows.plugins.module_utils.ScriptLanguages;
using ansible_collections.netdrive.windows.plugins.module_utils.ScriptStatements;
using ansible_collections.netdrive.windows.plugins.module_utils.TextPattern;

namespace ansible_collections.netdrive.windows.plugins.module_utils.ScriptVariables
{
    /// <summary>A statement with values in place of its variables.</summary>
    internal sealed class Expansion
    {
        public string Text { get; set; }

        /// <summary>The condition that one of the variables was given its value under; null where the values are certain.</summary>
        public string Condition { get; set; }
    }

    /// <summary>The values that variables may have as a script goes on: several where they were given under conditions.</summary>
    internal sealed class Variables
    {
        private sealed class Value
        {
            public string Text;  // as it is written, with its quotes; null where it is not known
            public string Condition;
            public object Place;
        }

        private const int MostValues = 26;  // of one variable, and of all in a statement
        private static readonly Regex Joint = Pattern.Of(@"[""']\s*[&+]\s*[""']");
        private static readonly Regex IsText = Pattern.Of(@"(^|[&+]\s*)[""']|^\s*-");
        private static readonly Regex Key = Pattern.Of(@";?\s*[""']?(\w+)[""']?\s*=\s*");  // of a table that is given to a command as its parameters

        private readonly ScriptLanguage language;
        private readonly IDictionary<string, string> environment;
        private readonly Dictionary<string, List<Value>> variables = new Dictionary<string, List<Value>>(StringComparer.OrdinalIgnoreCase);

        private readonly Action<string> limit;

        /// <param name="limit">Is told what is not looked at, as it is too much.</param>
        public Variables(ScriptLanguage language, Conditions conditions, IDictionary<string, string> environment, Action<string> limit)
        {
            this.limit = limit;
            this.language = language;
            this.environment = environment;
            Conditions = conditions;
        }

        /// <summary>The conditions at the place that is looked at.</summary>
        public Conditions Conditions { get; set; }

        /// <summary>Gives the parameters of a function their values.</summary>
        /// <returns>Gives them their old ones when the function is left.</returns>
        public Action Enter(FunctionCall call)
        {
            List<KeyValuePair<string, List<Value>>> before = new List<KeyValuePair<string, List<Value>>>();
            foreach (string parameter in call.Function.Parameters)
            {
                List<Value> values;
                before.Add(new KeyValuePair<string, List<Value>>(parameter, variables.TryGetValue(parameter, out values) ? values : null));
                variables[parameter] = new List<Value>();
            }
            TakeFrom(call.Function.Declaration);
            foreach (KeyValuePair<string, string> given in call.Values)
                variables[given.Key] = new List<Value> { new Value { Text = IsKnown(given.Value) ? given.Value : null, Place = Conditions.PlaceOf("") } };
            return () => before.ForEach(old => Restore(old.Key, old.Value));
        }

        private void Restore(string name, List<Value> values)
        {
            if (values == null)
                variables.Remove(name);
            else
                variables[name] = values;
        }

        /// <summary>Takes note of the values that a statement gives to variables.</summary>
        public void TakeFrom(string statement)
        {
            foreach (Match set in language.Sets.Matches(statement))
            {
                Group value = set.Groups["value"], table = set.Groups["table"];
                IList<Expansion> values = value.Success ? Expand(value.Value) : table.Success ? Expand(Key.Replace(table.Value, " -$1 ")) : new[] { new Expansion() };
                foreach (Expansion each in values)
                    Add(set.Groups["name"].Value, new Value
                    {
                        Text = IsKnown(each.Text) ? each.Text.Trim() : null,
                        Condition = Conditions.Of(statement) ?? each.Condition,
                        Place = values.Count == 1 ? Conditions.PlaceOf(statement) : null
                    });
            }
        }

        /// <summary>Takes note of the values that a loop gives to its variable.</summary>
        public void TakeList(string statement)
        {
            Match loop = language.List.Match(statement);
            if (!loop.Success)
                return;
            string[] values = Expand(loop.Groups["list"].Value)[0].Text.Split(new[] { ' ', '\t', ',', ';' }, StringSplitOptions.RemoveEmptyEntries);
            if (values.Length > MostValues)
                limit("has a loop with more than " + MostValues + " values");
            variables[loop.Groups["name"].Value] = values.Take(MostValues).Reverse().Select(value => new Value { Text = value }).ToList();  // the last one is asked for first
        }

        private bool IsKnown(string value)
        {
            return value != null && value.Length < ScriptCode.LongestLine && (!language.Joins || IsText.IsMatch(value));
        }

        private void Add(string name, Value value)
        {
            List<Value> values;
            if (!variables.TryGetValue(name, out values))
                variables.Add(name, values = new List<Value>());
            values.Add(value);
            if (values.Count > MostValues)
                values.RemoveAt(0);
        }

        /// <summary>A statement with each of the values that its variables may have.</summary>
        public IList<Expansion> Expand(string statement)
        {
            List<Dictionary<string, Value>> choices = new List<Dictionary<string, Value>> { new Dictionary<string, Value>(StringComparer.OrdinalIgnoreCase) };
            IEnumerable<string> names = language.Reference.Matches(statement).Cast<Match>().Select(reference => reference.Groups["name"].Value);
            foreach (string name in names.Distinct(StringComparer.OrdinalIgnoreCase))
            {
                IList<Value> values = ValuesOf(name);
                if (choices.Count * values.Count > MostValues && (Command.Start(statement) >= 0 || statement.Contains(@"\\")))
                    limit("has a command with more than " + MostValues + " values");
                if (values.Count > 0)
                    choices = choices.SelectMany(choice => values.Select(value => new Dictionary<string, Value>(choice, StringComparer.OrdinalIgnoreCase) { { name, value } }))
                        .Take(MostValues).ToList();
            }
            return choices.Select(choice => new Expansion
            {
                Text = Replace(statement, choice), Condition = choice.Values.Select(value => value.Condition).FirstOrDefault(condition => condition != null)
            }).GroupBy(expansion => expansion.Text).Select(same => same.OrderBy(expansion => expansion.Condition != null).First()).ToList();
        }

        // The last value, and those before it as long as it may not have been given.
        private IList<Value> ValuesOf(string name)
        {
            List<Value> all, possible = new List<Value>();
            if (!variables.TryGetValue(name, out all))
                return OfEnvironment(name);
            for (int i = all.Count - 1; i >= 0; i--)
            {
                possible.Add(all[i]);
                if (Conditions.IsIn(all[i].Place))
                    break;
            }
            string condition = possible.Select(value => value.Condition).FirstOrDefault(one => one != null);
            return possible.Count == 1 ? possible : possible.Select(value => new Value { Text = value.Text, Condition = value.Condition ?? condition }).ToList();
        }

        private IList<Value> OfEnvironment(string name)
        {
            string value;
            bool asked = !language.Joins || name.StartsWith("env:", StringComparison.OrdinalIgnoreCase);
            return asked && environment.TryGetValue(name.Substring(name.IndexOf(':') + 1), out value)
                ? new[] { new Value { Text = language.Joins ? "\"" + value + "\"" : value } } : new Value[0];
        }

        private string Replace(string statement, Dictionary<string, Value> values)
        {
            if (values.Count == 0 && !language.Joins)
                return statement;
            StringBuilder text = new StringBuilder();
            Nesting nesting = new Nesting(language);
            int at = 0;
            foreach (Match reference in language.Reference.Matches(statement))
            {
                text.Append(statement, at, reference.Index - at);
                for (; at < reference.Index; at++)
                    nesting.Take(statement, at);
                Value value;
                bool known = values.TryGetValue(reference.Groups["name"].Value, out value) && value.Text != null && text.Length < ScriptCode.LongestLine;
                text.Append(known ? Inserted(statement, reference, value.Text, nesting.Quote) : reference.Value);
                for (; at < reference.Index + reference.Length; at++)
                    nesting.Take(statement, at);
            }
            text.Append(statement, at, statement.Length - at);
            return language.Joins ? Joint.Replace(text.ToString(), "") : text.ToString();
        }

        // Outside of quotes an expression stands for the variable, such as '"\\" & server' for 'path'; in a text its content does.
        private string Inserted(string statement, Match reference, string value, char quote)
        {
            if (value.StartsWith("-", StringComparison.Ordinal) && reference.Value[0] == '$')
                return reference.Value;  // a table, not the parameters of a command
            int end = reference.Index + reference.Length;
            bool partOfText = quote != '\0' || IsPath(statement, reference.Index - 1) || IsPath(statement, end);
            if (!language.Joins || !partOfText)
                return reference.Value.StartsWith("%~", StringComparison.Ordinal) ? value.Trim('"') : value;
            bool isOneText = value.Length > 1 && value.IndexOf(value[0], 1) == value.Length - 1;
            return language.HasSigil && quote != '\'' && isOneText ? value.Substring(1, value.Length - 2) : reference.Value;
        }

        private static bool IsPath(string text, int at)
        {
            return at >= 0 && at < text.Length && (text[at] == '\\' || text[at] == '/');
        }
    }
}
