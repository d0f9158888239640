// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace ansible_collections.netdrive.windows.plugins.module_utils.TextPattern
{
    /// <summary>Regular expressions for text that anybody may have written: in any case, and none that goes on for ever.</summary>
    internal static class Pattern
    {
        /// <summary>How long one search may take, and the work on one text.</summary>
        public static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

        /// <summary>Why a text was not looked at that takes longer.</summary>
        public const string TooLong = "takes too long to read";

        /// <summary>'net use', as scripts write it: what connects, and behind which a password may stand.</summary>
        public const string NetUse = @"\bnet1?(\.exe)?[""']?\s+(-\w+\s+)?[@(""',\s]*use\b";

        /// <summary>A text in quotes.</summary>
        public static readonly Regex Quoted = Of(@"""[^""]*""|'[^']*'");

        /// <exception cref="RegexMatchTimeoutException">By every use of it that takes too long.</exception>
        public static Regex Of(string expression)
        {
            return new Regex(expression, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, Longest);
        }
    }

    /// <summary>Ends the work on one text when it takes too long.</summary>
    internal sealed class TextClock
    {
        private readonly Stopwatch watch = Stopwatch.StartNew();

        /// <exception cref="TimeoutException">The work has taken longer than <see cref="Pattern.Longest"/>.</exception>
        public void Check()
        {
            if (watch.Elapsed > Pattern.Longest)
                throw new TimeoutException();
        }

        /// <summary>One after the other, as long as there is time.</summary>
        /// <exception cref="TimeoutException">As above.</exception>
        public IEnumerable<T> Each<T>(IEnumerable<T> parts)
        {
            foreach (T part in parts)
            {
                Check();
                yield return part;
            }
        }
    }
}
