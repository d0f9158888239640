// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;
using ansible_collections.netdrive.windows.plugins.module_utils.TextPattern;

namespace ansible_collections.netdrive.windows.plugins.module_utils.ConfiguredDrives
{
    /// <summary>A drive in a list that a script goes through, such as {"Path": "\\\\server\\share", "DriveLetter": "Y"} or @{Letter='Y'; Path='\\server\share'}.</summary>
    internal sealed class ConfiguredDrive
    {
        private const int Most = 200;  // of one script
        private static readonly Regex Entry = Pattern.Of(@"\{[^{}]{1,2000}\}");
        private static readonly Regex Row = Pattern.Of(@"(?<=^|[;\n])[ \t]*(?<name>[a-z]):?[ \t]*;[ \t]*\\\\[^;\n]+");  // of a table whose columns a semicolon parts
        private static readonly Regex Letter = Pattern.Of(@"\w*(?:letter|drive|local|name)\w*[""']?\s*[=:]\s*[""'](?<name>[a-z]):?\\?[""']");
        private static readonly Regex Filter = Pattern.Of(@"(?<name>\w*(?:filter|group)\w*)[""']?\s*[=:]\s*[""'](?<value>[^""']+)[""']");

        /// <summary>'Y:'</summary>
        public string Device { get; private set; }

        /// <summary>Whom it is for, as far as the entry says so; null for everybody.</summary>
        public string Condition { get; private set; }

        /// <summary>The entry as it is written.</summary>
        public string Text { get; private set; }

        /// <summary>The variable that it belongs to; null where none stands before it.</summary>
        public string List { get; private set; }

        public static IEnumerable<ConfiguredDrive> In(string code)
        {
            List<Match> given = DriveList.Given.Matches(code).Cast<Match>().ToList();
            foreach (Match row in Row.Matches(code).Cast<Match>().Take(Most))
                yield return new ConfiguredDrive { Device = ResourceName.Device(row.Groups["name"].Value), Text = row.Value, List = NameBefore(given, row) };
            foreach (Match entry in Entry.Matches(code).Cast<Match>().Take(Most))
            {
                Match letter = Letter.Match(entry.Value), filter = Filter.Match(entry.Value);
                if (letter.Success)
                    yield return new ConfiguredDrive
                    {
                        Device = ResourceName.Device(letter.Groups["name"].Value),
                        Text = entry.Value,
                        List = NameBefore(given, entry),
                        Condition = filter.Success ? filter.Groups["name"].Value + " " + filter.Groups["value"].Value : null
                    };
            }
        }

        private static string NameBefore(List<Match> given, Match entry)
        {
            return given.TakeWhile(one => one.Index < entry.Index).Select(one => one.Groups["name"].Value).LastOrDefault();
        }
    }

    /// <summary>The variable that a list of drives is in, and the loop that goes through it.</summary>
    internal static class DriveList
    {
        /// <summary>Gives a list to a variable, or adds to it.</summary>
        public static readonly Regex Given = Pattern.Of(@"(?<=^|\n)[ \t]*(?:(?:set|dim|var|const)\s+)?(?:\[[\w.\[\]]+\]\s*)?\$?(?:\w+:)?(?<name>\w+)\s*(?:\([^()]*\)\s*|\[[^\[\]]*\]\s*)?(?:\.Add\b|\+?=(?!=))");

        private static readonly Regex Loop = Pattern.Of(@"\bfor(?:each)?\s*\(\s*(?:var\s+)?\$?\w+\s+in\s+[\$(]*(?<name>\w+)|\bFor\s+Each\s+\$?\w+\s+In\s+\$?(?<name>\w+)|\$(?<name>\w+)[\w.()]*\s*\|[^;{}]*$");
        private static readonly Regex Index = Pattern.Of(@"(?<!\w)(?<name>\w+)(?:\.Item)?[\[(]");

        /// <summary>The variable that a loop goes through; null where it is none.</summary>
        /// <param name="header">From the beginning of the line to where the block opens.</param>
        public static string OfLoop(string header)
        {
            return Loop.Matches(header).Cast<Match>().Select(loop => loop.Groups["name"].Value).LastOrDefault();
        }

        /// <summary>The variables that a command takes by an index.</summary>
        public static IEnumerable<string> IndexedIn(string command)
        {
            return Index.Matches(command).Cast<Match>().Select(index => index.Groups["name"].Value);
        }
    }
}
