// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using ansible_collections.netdrive.windows.plugins.module_utils.TextPattern;

namespace ansible_collections.netdrive.windows.plugins.module_utils.CalledScripts
{
    /// <summary>The scripts that a command line or a statement of a script runs, by their names.</summary>
    internal static class CalledScript
    {
        private const int Longest = 32768;  // characters, as many as a command line can have
        private const string Extensions = @"\.(?:bat|cmd|ps1|psm1|vbs|vbe|js|jse|wsf|hta|kix|kx|reg)";

        // In quotes; on a letter, with blanks; on the network; a bare name.
        private static readonly Regex Name = Pattern.Of(@"""(?<path>[^""]+?" + Extensions + @")""|(?<![\w.])(?<path>[a-z]:[\\/](?:(?!\s[\\/]{2}|\.(?:exe|com)\s)[^""<>|:*?])*?" + Extensions
            + @")(?!\w)|(?<![^\s""',;=])(?<path>[^\s""',;=]+" + Extensions + @")(?!\w)");

        // A command that runs a script, or the script itself as the command.
        private static readonly Regex Runs = Pattern.Of(@"\b(call|start|start-process|[cw]script(\.exe)?|w?kix32(\.exe)?|powershell(\.exe)?|pwsh(\.exe)?|cmd(\.exe)?)[\s""']|\.(Run|Exec)\b|^[\s@&.""']*[^\s""]+"
            + Extensions + @"(?!\w)");
        private static readonly Regex OnlyNames = Pattern.Of(@"^\W*(echo|copy|xcopy|del|erase|type|set|title|Write-\w+|Remove-Item|Copy-Item|Test-Path)\b");

        /// <summary>All that are named in a command line.</summary>
        public static IEnumerable<string> NamedIn(string line)
        {
            string text = line.Length <= Longest ? line : line.Substring(0, Longest);
            return Name.Matches(text).Cast<Match>().Select(name => name.Groups["path"].Value.Trim());
        }

        /// <summary>Those that a statement of a script runs.</summary>
        public static IEnumerable<string> RunBy(string statement)
        {
            return Runs.IsMatch(statement) && !OnlyNames.IsMatch(statement) ? NamedIn(statement) : Enumerable.Empty<string>();
        }
    }
}
