// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Text.RegularExpressions;

namespace ansible_collections.netdrive.windows.plugins.module_utils.TextPattern
{
    /// <summary>Regular expressions for text that anybody may have written: in any case, and none that goes on for ever.</summary>
    internal static class Pattern
    {
        /// <summary>How long one search may take, and the work on one text.</summary>
        public static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

        /// <exception cref="RegexMatchTimeoutException">By every use of it that takes too long.</exception>
        public static Regex Of(string expression)
        {
            return new Regex(expression, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, Longest);
        }
    }
}
