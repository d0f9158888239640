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

        public static IEnumerable<ConfiguredDrive> In(string code)
        {
            foreach (Match row in Row.Matches(code).Cast<Match>().Take(Most))
                yield return new ConfiguredDrive { Device = ResourceName.Device(row.Groups["name"].Value), Text = row.Value };
            foreach (Match entry in Entry.Matches(code).Cast<Match>().Take(Most))
            {
                Match letter = Letter.Match(entry.Value), filter = Filter.Match(entry.Value);
                if (letter.Success)
                    yield return new ConfiguredDrive
                    {
                        Device = ResourceName.Device(letter.Groups["name"].Value), Text = entry.Value,
                        Condition = filter.Success ? filter.Groups["name"].Value + " " + filter.Groups["value"].Value : null
                    };
            }
        }
    }
}
