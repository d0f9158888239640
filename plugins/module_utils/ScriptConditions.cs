// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using ansible_collections.netdrive.windows.plugins.module_utils.ConfiguredDrives;
using ansible_collections.netdrive.windows.plugins.module_utils.ScriptLanguages;
using ansible_collections.netdrive.windows.plugins.module_utils.ScriptStatements;
using ansible_collections.netdrive.windows.plugins.module_utils.TextPattern;

namespace ansible_collections.netdrive.windows.plugins.module_utils.ScriptConditions
{
    /// <summary>Under which condition each statement of a script is run, from the first to the last. None is evaluated.</summary>
    internal sealed class Conditions
    {
        private sealed class Block
        {
            public string Condition;
            public bool IsFunction;
            public string List;  // that it goes through as a loop; null for none
            public string Left;  // why what follows in it may not run
            public string Over;  // what ends it before its end; null for nothing
        }

        private static readonly Regex Switch = Pattern.Of(@"^\W*switch\b");
        private static readonly Regex Ends = Pattern.Of(@"^\W*(?<word>goto|exit|quit|return|wscript\.quit)\b");
        private static readonly Regex Loop = Pattern.Of(@"^\W*(for|foreach|do)\b");
        // Leaving on an error is what scripts do anyway, and says nothing of whom they are for.
        private static readonly Regex Failure = Pattern.Of(@"^\W*(catch\b|(else)?if\W+(err\b|@error))");

        private readonly ScriptLanguage language;
        private readonly Conditions caller;
        private readonly string condition;
        private readonly Stack<Block> blocks = new Stack<Block>();
        private readonly Jumps jumps = new Jumps();
        private string header;  // of a block or statement that is to come
        private string restOfLine;
        private string line;

        public Conditions(ScriptLanguage language) : this(language, null, null) { }

        /// <summary>The conditions in a function that is called.</summary>
        /// <param name="caller">Those at the place of the call.</param>
        /// <param name="condition">The one that the call is under; null for none.</param>
        public Conditions(ScriptLanguage language, Conditions caller, string condition)
        {
            this.language = language;
            this.caller = caller;
            this.condition = condition;
            blocks.Push(new Block { IsFunction = true });  // the script itself
        }

        /// <summary>The condition that a statement is under, the nearest where there are several, in a function that of its call; null for none.</summary>
        public string Of(string statement)
        {
            if (condition != null)
                return condition;
            if (language.Condition.IsMatch(statement))
                return statement;
            return restOfLine ?? (header != null && language.Condition.IsMatch(header) ? header : null)
                ?? blocks.Select(block => block.Condition ?? block.Left).FirstOrDefault(one => one != null) ?? jumps.Condition;
        }

        /// <summary>The part of a script that is run as a whole, if the statement is certain to be run in it; null otherwise.</summary>
        public object PlaceOf(string statement)
        {
            if (language.Condition.IsMatch(statement) || restOfLine != null || header != null)
                return null;
            return jumps.Condition != null ? jumps.Region : blocks.Peek();
        }

        /// <summary>Whether a place has not come to its end.</summary>
        public bool IsIn(object place)
        {
            return place != null && (place == jumps.Region || blocks.Contains(place as Block) || (caller != null && caller.IsIn(place)));
        }

        /// <summary>The 'goto' or 'exit' that the next statement stands behind, up to the next label or the end of the block; null where it can be run.</summary>
        public string Over { get { return blocks.Select(block => block.Over).FirstOrDefault(over => over != null); } }

        /// <summary>The variable that the nearest loop goes through; null without one.</summary>
        public string List
        {
            get { return blocks.Select(block => block.List).FirstOrDefault(list => list != null) ?? (caller == null ? null : caller.List); }
        }

        /// <summary>To be called before a statement is looked at.</summary>
        public void Enter(Statement statement)
        {
            if (!ReferenceEquals(statement.Line, line))
                restOfLine = null;
            line = statement.Line;
            if (language.BlockEnds.IsMatch(statement.Text))
                Close();
            else if (language.BlockTurns.IsMatch(statement.Text))
                Turn(statement.Text);
            Match label = language.Label.Match(statement.Text);
            if (label.Success)
                Arrive(label.Groups["label"].Value);
        }

        private void Turn(string text)
        {
            blocks.Peek().Condition = text;
            blocks.Peek().Over = null;
        }

        private void Arrive(string label)
        {
            jumps.Arrive(label);
            foreach (Block block in blocks)
                block.Over = null;
        }

        /// <summary>To be called when a statement was looked at.</summary>
        public void Leave(Statement statement)
        {
            string text = statement.Text;
            bool conditional = language.Condition.IsMatch(text), function = language.Function.IsMatch(text);
            Jump(text);
            if (statement.End.Length == 1 && statement.End[0] == language.Opens)
                Open(text.Trim().Length == 0 && header != null ? header : text, statement.Line);
            else if (statement.End.Length == 1 && statement.End[0] == language.Closes)
                Close();
            else if (language.BlockBegins.IsMatch(text) || (function && language.Opens == '\0'))
                Open(text, statement.Line);
            else if (text.Trim().Length > 0)
                header = language.HasBrackets && (conditional || function || Loop.IsMatch(text)) && IsHeader(text) ? text : null;
            if (conditional && language.ConditionsGoOn)
                restOfLine = restOfLine ?? text;
            if (statement.End == "&&" || statement.End == "||")
                restOfLine = restOfLine ?? text.Trim() + " " + statement.End;
        }

        // 'if (...)' with nothing behind it: what it is about comes on the next line.
        private bool IsHeader(string text)
        {
            int first = text.IndexOf('(');
            if (first < 0)
                return true;
            Nesting nesting = new Nesting(language);
            for (int i = 0; i < text.TrimEnd().Length - 1; i++)
            {
                nesting.Take(text, i);
                if (i > first && !nesting.IsOpen)
                    return false;
            }
            return true;
        }

        private void Open(string text, string line)
        {
            int at = line.IndexOf(text, StringComparison.Ordinal);
            bool isCase = text.Trim().Length > 0 && Switch.IsMatch(blocks.Peek().Condition ?? "");
            bool conditional = isCase || language.Condition.IsMatch(text);
            blocks.Push(new Block
            {
                Condition = conditional ? text : restOfLine,
                IsFunction = language.Function.IsMatch(text),
                List = DriveList.OfLoop(at < 0 ? text : line.Substring(0, at + text.Length))
            });
            header = null;
        }

        private void Close()
        {
            if (blocks.Count > 1)
                blocks.Pop();
            header = null;
        }

        private void Jump(string text)
        {
            Match leaves = language.Leaves.Match(Pattern.Quoted.Replace(text, "\"\""));
            if (!leaves.Success)
                return;
            string why = Of(text) ?? text;
            Match ends = Ends.Match(text);
            if (ends.Success && restOfLine == null && header == null)
                blocks.Peek().Over = blocks.Peek().Over ?? ends.Groups["word"].Value;
            if (leaves.Groups["label"].Success)
                jumps.GoTo(leaves.Groups["label"].Value, why);
            else if (!Failure.IsMatch(why))
            {
                Block left = blocks.First(block => block.IsFunction);
                left.Left = left.Left ?? why;
            }
        }
    }

    /// <summary>What 'goto' passes over. Until all its labels have come, nothing is certain to be run.</summary>
    internal sealed class Jumps
    {
        private readonly HashSet<string> passed = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        private readonly Dictionary<string, string> awaited = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

        /// <summary>Why the next statement may not be run; null where it will be.</summary>
        public string Condition { get; private set; }

        /// <summary>Stands for the statements between two labels or jumps.</summary>
        public object Region { get; private set; }

        public void GoTo(string label, string why)
        {
            if (passed.Contains(label))
                return;  // a loop: it comes past here in the end
            if (!awaited.ContainsKey(label))
                awaited.Add(label, why);
            Condition = why;
            Region = new object();
        }

        public void Arrive(string label)
        {
            string why;
            bool known = awaited.TryGetValue(label, out why);
            passed.Add(label);
            awaited.Remove(label);
            Condition = awaited.Count == 0 ? null : known ? why : Condition;
            Region = new object();
        }
    }
}
