// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using ansible_collections.netdrive.windows.plugins.module_utils.ScriptLanguages;
using ansible_collections.netdrive.windows.plugins.module_utils.TextPattern;

namespace ansible_collections.netdrive.windows.plugins.module_utils.ScriptStatements
{
    /// <summary>A statement of a script, without the bracket or operator that ends it.</summary>
    internal sealed class Statement
    {
        public string Text { get; set; }

        /// <summary>What ends it: '{', '}', ';', '&amp;&amp;' and their like; empty for the end of the line.</summary>
        public string End { get; set; }

        /// <summary>The line that it is on.</summary>
        public string Line { get; set; }
    }

    /// <summary>Follows quotes and brackets through a text, character by character.</summary>
    internal sealed class Nesting
    {
        private readonly ScriptLanguage language;
        private int depth;

        public Nesting(ScriptLanguage language)
        {
            this.language = language;
        }

        /// <summary>The quote that a text is open with; '\0' outside of quotes.</summary>
        public char Quote { get; private set; }

        /// <summary>Whether a bracket is open that holds a statement together.</summary>
        public bool IsOpen { get { return depth > 0; } }

        public void Take(string text, int at)
        {
            char c = text[at];
            if (Quote != '\0')
                Quote = c == Quote ? '\0' : Quote;
            else if (language.Quotes.IndexOf(c) >= 0)
                Quote = c;
            else if (language.HasBrackets)
                TakeBracket(c, at > 0 ? text[at - 1] : '\0');
        }

        // '{' opens a block, but not in other brackets, and '@{' opens a table.
        private void TakeBracket(char c, char before)
        {
            if (c == '(' || c == '[' || (c == '{' && (IsOpen || before == '@')))
                depth++;
            else if (IsOpen && (c == ')' || c == ']' || c == '}'))
                depth--;
        }
    }

    /// <summary>Takes the text of a script apart, into lines of code and their statements.</summary>
    internal sealed class ScriptCode
    {
        public const int LongestLine = 8192;  // characters; what is behind them in a line is not looked at
        private const int MostJoined = 50;  // lines that a bracket holds together

        private readonly ScriptLanguage language;
        private readonly TextClock clock;

        public ScriptCode(ScriptLanguage language, TextClock clock)
        {
            this.language = language;
            this.clock = clock;
        }

        /// <summary>The statements of a script.</summary>
        /// <exception cref="TimeoutException">It takes too long.</exception>
        public IEnumerable<Statement> Statements(string text)
        {
            return clock.Each(Lines(text).SelectMany(StatementsOf));
        }

        // Without comments, those as one that belong together.
        private IEnumerable<string> Lines(string text)
        {
            List<string> lines = new List<string>();
            string begun = "";
            foreach (string line in clock.Each(language.Block.Replace(text, " ").Split('\n')))
            {
                string whole = begun + WithoutComment(line.Length > LongestLine ? line.Substring(0, LongestLine) : line).TrimEnd('\r', ' ', '\t');
                bool goesOn = language.Continues.Length > 0 && whole.EndsWith(language.Continues, StringComparison.Ordinal) && whole.Length < LongestLine;
                begun = goesOn ? whole.Substring(0, whole.Length - language.Continues.Trim().Length) : "";
                if (!goesOn)
                    lines.Add(whole);
            }
            lines.Add(begun);
            return language.HasBrackets ? Joined(lines) : lines;
        }

        private IEnumerable<string> Joined(IList<string> lines)
        {
            for (int first = 0; first < lines.Count; first++)
            {
                string whole = lines[first];
                for (int last = LastOf(lines, first); first < last;)
                    whole += " " + lines[++first];
                yield return whole;
            }
        }

        // The line that closes what the first one opens; the first where none does, such as in a text of several lines.
        private int LastOf(IList<string> lines, int first)
        {
            Nesting nesting = new Nesting(language);
            int length = 0;
            for (int i = first; i < lines.Count && i - first < MostJoined && length < LongestLine; i++)
            {
                for (int at = 0; at < lines[i].Length; at++)
                    nesting.Take(lines[i], at);
                if (!nesting.IsOpen)
                    return i;
                length += lines[i].Length;
            }
            return first;
        }

        private string WithoutComment(string line)
        {
            string code = language.Comment.Replace(line, "");
            if (language.CommentMark.Length == 0)
                return code;
            Nesting nesting = new Nesting(language);
            for (int i = 0; i < code.Length; i++)
            {
                if (nesting.Quote == '\0' && String.CompareOrdinal(code, i, language.CommentMark, 0, language.CommentMark.Length) == 0 && (i == 0 || code[i - 1] != ':'))
                    return code.Substring(0, i);
                nesting.Take(code, i);
            }
            return code;
        }

        private IEnumerable<Statement> StatementsOf(string line)
        {
            Nesting nesting = new Nesting(language);
            int start = 0;
            for (int i = EndOfList(line); i < line.Length; i++)
            {
                bool within = nesting.IsOpen;
                nesting.Take(line, i);
                if (within || nesting.IsOpen || nesting.Quote != '\0' || !IsEnd(line, i))
                    continue;
                bool twice = (line[i] == '&' || line[i] == '|') && i + 1 < line.Length && line[i + 1] == line[i];
                yield return new Statement { Text = line.Substring(start, i - start), End = line.Substring(i, twice ? 2 : 1), Line = line };
                i += twice ? 1 : 0;
                start = i + 1;
            }
            yield return new Statement { Text = line.Substring(start), End = "", Line = line };
        }

        // The brackets of 'for %%d in (a b) do' begin no block.
        private int EndOfList(string line)
        {
            Match list = language.List.Match(line);
            return list.Index + list.Length;
        }

        private bool IsEnd(string line, int at)
        {
            char c = line[at];
            if (c == '&' && at > 0 && line[at - 1] == '>')  // 2>&1
                return false;
            return c == language.Opens || c == language.Closes || language.Ends.IndexOf(c) >= 0;
        }
    }
}
