// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Text.RegularExpressions;
using ansible_collections.netdrive.windows.plugins.module_utils.TextPattern;

namespace ansible_collections.netdrive.windows.plugins.module_utils.ScriptLanguages
{
    /// <summary>What differs between the languages of scripts.</summary>
    internal sealed class ScriptLanguage
    {
        private static readonly Regex Never = Pattern.Of("(?!)");
        private static readonly Regex IsJScript = Pattern.Of(@"<script\b[^>]*\blanguage\s*=\s*[""']?(jscript|javascript)");  // in .wsf and .hta
        private static readonly Regex Word = Pattern.Of(@"(?<![\w$@.\\/-])(?<name>[a-z_]\w*(?:-\w+)*)");

        // What may be joined to a value: texts, names of variables, calls.
        private const string Part = @"(?:""[^""]*""|'[^']*'|[$@]?(?:env:)?[\w.]+(?:\([^()""']*\))?)";
        private const string Given = @"\s*=\s*(?<value>" + Part + @"(?:\s*[&+]\s*" + Part + @")*)(?=\s*(?:$|[;,)}]|ENDIF\b))";
        private const string NotGiven = @"(?!\w)(?!\s*=(?!=))";  // not where the variable gets another value
        private const string SigilName = @"\$(?:\(\$(?<name>\w+)\)|\{(?:\w+:)?(?<name>\w+)\}|(?:(?:global|script|local|private):)?(?<name>(?:env:)?\w+))" + NotGiven;
        private const string PlainName = @"(?<![\w.$])(?<name>[a-z_]\w*)" + NotGiven;

        public static readonly ScriptLanguage Batch = new ScriptLanguage
        {
            Comment = Pattern.Of(@"^\s*@?\s*(rem(?!\S)|::).*|&\s*@?rem(?!\S).*"),
            Sets = Pattern.Of(@"\bset\s+(?:""(?<name>[^=""\s/]+)=(?<value>[^""]*)|(?<name>[^=""\s/]+)=(?<value>.*))|\bset\s+/[ap]\s+""?(?<name>[^=""\s]+)="),
            Reference = Pattern.Of(@"%(?:~[a-z]*)?(?<name>\d)|%%~?(?<name>[a-z])(?![\w%]|\s+in\b)|%(?<name>[^%\s:=]+)%|!(?<name>[^!\s:=]+)!"),
            Call = Pattern.Of(@"\bcall\s+:(?<name>[^\s""]+)"),
            List = Pattern.Of(@"^\W*for\s+%%(?<name>[a-z])\s+in\s*\((?<list>[^)]*)\)"),
            Condition = Pattern.Of(@"^\W*(do\s+)?\W*(if|else|for\s+/f)\b"),
            Label = Pattern.Of(@"^\s*:(?<label>[^\s:]+)"),
            Leaves = Pattern.Of(@"^(?!.*\b(?:echo|title|msg|set)\b).*?(?<![\w.\\/-])(?:goto\s*:?(?<label>\S+)|exit\b)"),
            Continues = "^",
            Ends = "&|",
            Opens = '(',
            Closes = ')',
            Quotes = "\"",
            Separates = " \t,;=",
            CallsLabels = true,
            ConditionsGoOn = true
        };

        public static readonly ScriptLanguage PowerShell = new ScriptLanguage
        {
            Block = new Regex(@"<#.*?(#>|\z)", RegexOptions.Singleline, Pattern.Longest),
            Sets = Pattern.Of(@"\$(?:\w+:)?(?<name>\w+)(?:" + Given + @"|\s*=\s*(?:\[\w+\])?@\{(?<table>[^{}]*)\})"),
            Reference = Pattern.Of(SigilName + @"|(?<!\w)@(?<name>\w+)"),
            Condition = Pattern.Of(@"^\W*(if|else|elseif|switch|catch|while)\b"),
            Function = Pattern.Of(@"^\s*(?:function|filter)\s+(?:\w+:)?(?<name>[\w-]+)\s*(?:\((?<parameters>.*)\))?|(?:ForEach-Object|Where-Object|[%?])\s*$"),
            Parameters = Pattern.Of(@"^\s*param\s*\("),
            Leaves = Pattern.Of(@"(?<![\w.$-])(exit|return)\b"),
            CommentMark = "#",
            Continues = "`",
            Ends = ";|",
            Opens = '{',
            Closes = '}',
            Quotes = "\"'",
            Separates = " \t",
            TakesWords = true,
            HasBrackets = true,
            Joins = true,
            HasSigil = true
        };

        public static readonly ScriptLanguage VBScript = new ScriptLanguage
        {
            Comment = Pattern.Of(@"^\s*rem(?!\S).*"),
            Sets = Pattern.Of(@"(?:^\s*(?:(?:const|public|private)\s+)*|\b(?:then|else)\s+)(?<name>[a-z_]\w*)" + Given),
            Reference = Pattern.Of(PlainName),
            Condition = Pattern.Of(@"^\W*(if|else|elseif|case)\b"),
            BlockBegins = Pattern.Of(@"^\s*(If\b.*\bThen|Select\s+Case\b.*|For\b.*|Do\b.*|While\b.*)\s*$"),
            BlockTurns = Pattern.Of(@"^\s*(Else|ElseIf|Case)\b"),
            BlockEnds = Pattern.Of(@"^\s*(End\s+(If|Select|Sub|Function)|Next|Loop|Wend)\b"),
            Function = Pattern.Of(@"^\s*(?:(?:Public|Private)\s+)?(?:Sub|Function)\s+(?<name>\w+)\s*(?:\((?<parameters>[^)]*)\))?"),
            FunctionEnds = Pattern.Of(@"^\s*End\s+(Sub|Function)\b"),
            Leaves = Pattern.Of(@"\bWScript\.Quit\b|\bExit\s+(Sub|Function)\b"),
            CommentMark = "'",
            Continues = " _",
            Ends = ":",
            Quotes = "\"",
            Joins = true,
            ConditionsGoOn = true
        };

        public static readonly ScriptLanguage JScript = new ScriptLanguage
        {
            Block = new Regex(@"/\*.*?(\*/|\z)", RegexOptions.Singleline, Pattern.Longest),
            Sets = Pattern.Of(@"(?:^|[\s(])(?<name>[a-z_]\w*)" + Given),
            Reference = Pattern.Of(PlainName),
            Condition = Pattern.Of(@"^\W*(if|else|switch|catch|while|case)\b"),
            Function = Pattern.Of(@"\bfunction\s+(?<name>\w+)\s*\((?<parameters>[^)]*)\)|(?<!\w)(?<name>\w+)\s*[=:]\s*function\s*\((?<parameters>[^)]*)\)|\bfunction\b"),
            BlockTurns = Pattern.Of(@"^\s*(case\b|default\s*:)"),
            Leaves = Pattern.Of(@"\bWScript\.Quit\b|^\s*return\b"),
            CommentMark = "//",
            Ends = ";",
            Opens = '{',
            Closes = '}',
            Quotes = "\"'",
            HasBrackets = true,
            Joins = true
        };

        public static readonly ScriptLanguage KiXtart = new ScriptLanguage
        {
            Block = new Regex(@"/\*.*?(\*/|\z)", RegexOptions.Singleline, Pattern.Longest),
            Sets = Pattern.Of(@"^\s*(?:global\s+|dim\s+)?\$(?<name>\w+)" + Given),
            Reference = Pattern.Of(SigilName),
            Condition = Pattern.Of(@"^\W*(if|else|case|while)\b"),
            BlockBegins = Pattern.Of(@"^\s*(If\b(?!.*\bEndIf\b)|Select\b|(For|Do|While)\b(?!.*\b(Next|Until|Loop)\b))"),
            BlockTurns = Pattern.Of(@"^\s*(Else|Case)\b"),
            BlockEnds = Pattern.Of(@"^\s*(End(If|Select|Function)|Next|Until|Loop)\b"),
            Function = Pattern.Of(@"^\s*Function\s+(?<name>\w+)\s*(?:\((?<parameters>[^)]*)\))?"),
            FunctionEnds = Pattern.Of(@"^\s*EndFunction\b"),
            Label = Pattern.Of(@"^\s*:(?<label>\w+)"),
            Leaves = Pattern.Of(@"\bgoto\s+""?:?(?<label>\w+)|\b(exit|quit|return)\b"),
            CommentMark = ";",
            Quotes = "\"'",
            Joins = true,
            HasSigil = true
        };

        /// <summary>A command line, or a text of unknown kind.</summary>
        public static readonly ScriptLanguage Other = new ScriptLanguage
        {
            Comment = Pattern.Of(@"^\s*[;#].*"),
            Reference = Batch.Reference,
            Condition = Pattern.Of(@"^\W*(cmd(\.exe)?[""']?(\s+/\w+)*\W+)?(if|else|for\s+/f)\b"),
            Ends = "&|",
            Quotes = "\"",
            ConditionsGoOn = true
        };

        private static readonly Dictionary<string, ScriptLanguage> ByExtension = new Dictionary<string, ScriptLanguage>(StringComparer.OrdinalIgnoreCase)
        {
            { ".bat", Batch }, { ".cmd", Batch }, { ".ps1", PowerShell }, { ".psm1", PowerShell }, { ".vbs", VBScript }, { ".wsf", VBScript },
            { ".hta", VBScript }, { ".js", JScript }, { ".kix", KiXtart }, { ".kx", KiXtart }, { ".reg", Other }
        };

        /// <summary>The language of a script; null for what is no script.</summary>
        public static ScriptLanguage Of(string path, string text)
        {
            ScriptLanguage language = Of(path);
            return language == VBScript && IsJScript.IsMatch(text) ? JScript : language;
        }

        /// <summary>The same by its name alone.</summary>
        public static ScriptLanguage Of(string path)
        {
            int dot = path.LastIndexOf('.');
            ScriptLanguage language;
            return dot >= 0 && ByExtension.TryGetValue(path.Substring(dot).TrimEnd('"', '\'', ' '), out language) ? language : null;
        }

        private ScriptLanguage()
        {
            Block = Comment = Sets = Reference = Condition = BlockBegins = BlockTurns = BlockEnds = Function = FunctionEnds = Parameters = List = Label = Leaves = Never;
            Call = Word;
            CommentMark = Continues = Ends = "";
            Separates = ",";
        }

        /// <summary>A comment that may go over several lines.</summary>
        public Regex Block { get; private set; }

        /// <summary>A comment by its first word; up to the end of the line.</summary>
        public Regex Comment { get; private set; }

        /// <summary>What begins a comment outside of quotes; empty for nothing.</summary>
        public string CommentMark { get; private set; }

        /// <summary>Gives a variable a value, or a table of a command's parameters.</summary>
        public Regex Sets { get; private set; }

        /// <summary>Begins a loop that gives a variable each value of a list.</summary>
        public Regex List { get; private set; }

        /// <summary>A variable that stands for its value.</summary>
        public Regex Reference { get; private set; }

        /// <summary>A statement that is under a condition, or begins a block that is.</summary>
        public Regex Condition { get; private set; }

        /// <summary>Statements that begin a block under a condition, change the condition, and end a block, where no brackets do.</summary>
        public Regex BlockBegins { get; private set; }
        public Regex BlockTurns { get; private set; }
        public Regex BlockEnds { get; private set; }

        /// <summary>Begins a function, or another block that can be left on its own; without a name then.</summary>
        public Regex Function { get; private set; }

        /// <summary>Ends a function, where no bracket does.</summary>
        public Regex FunctionEnds { get; private set; }

        /// <summary>What begins the names of a function's parameters, where they stand in it.</summary>
        public Regex Parameters { get; private set; }

        /// <summary>Calls a function, if there is one of this name.</summary>
        public Regex Call { get; private set; }

        /// <summary>Whether what stands behind a label can be called.</summary>
        public bool CallsLabels { get; private set; }

        /// <summary>Whether a function takes words without quotes as texts, and names of its parameters.</summary>
        public bool TakesWords { get; private set; }

        /// <summary>The characters between what is handed over to a function.</summary>
        public string Separates { get; private set; }

        /// <summary>Where 'goto' goes to.</summary>
        public Regex Label { get; private set; }

        /// <summary>Leaves the function or the script, or goes to a label.</summary>
        public Regex Leaves { get; private set; }

        /// <summary>What stands at the end of a line that goes on in the next.</summary>
        public string Continues { get; private set; }

        /// <summary>The characters that end a statement, outside of quotes.</summary>
        public string Ends { get; private set; }

        /// <summary>The brackets around a block.</summary>
        public char Opens { get; private set; }
        public char Closes { get; private set; }

        public string Quotes { get; private set; }

        /// <summary>Whether other brackets hold a statement together, over several lines as well.</summary>
        public bool HasBrackets { get; private set; }

        /// <summary>Whether a condition counts for all that stands behind it on the line.</summary>
        public bool ConditionsGoOn { get; private set; }

        /// <summary>Whether texts are joined by an operator, with names of variables in between.</summary>
        public bool Joins { get; private set; }

        /// <summary>Whether variables begin with $, and stand for their values in texts as well.</summary>
        public bool HasSigil { get; private set; }
    }
}
