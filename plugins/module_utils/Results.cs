// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.netdrive.windows.plugins.module_utils.Results
{
    /// <summary>What a module that changes connections reports.</summary>
    public abstract class ModuleResult
    {
        private const int LongestEvent = 30000;  // characters; EventLog.WriteEntry takes 31,839

        public abstract bool Changed { get; }

        /// <summary>The entries of the result, in their order.</summary>
        public abstract List<Dictionary<string, object>> Connections { get; }

        /// <summary>The diff: a line for each connection that is there.</summary>
        public abstract string Before { get; }
        public abstract string After { get; }

        /// <summary>What the administrator of the machine should know, whatever was asked for.</summary>
        public abstract IList<string> Warnings { get; }

        /// <summary>What failed, counted and named; null where nothing failed.</summary>
        public abstract string Failure { get; }

        /// <summary>What was changed, for the event log; null where nothing was.</summary>
        public string Event
        {
            get
            {
                List<string> changes = Changes.ToList();
                if (changes.Count == 0)
                    return null;
                string text = changes.Count + " network connections changed. " + String.Join("; ", changes);
                // What users can put into names must not look like something else.
                text = new string(text.Select(character => Char.IsControl(character) ? '?' : character).ToArray());
                return text.Length <= LongestEvent ? text : text.Substring(0, LongestEvent) + "...";
            }
        }

        /// <summary>Each connection that was changed, and how.</summary>
        protected abstract IEnumerable<string> Changes { get; }

        /// <summary>The lines that are there, as a text.</summary>
        protected static string Lines(IEnumerable<string> lines)
        {
            return String.Concat(lines.Where(line => line != null).Select(line => line + "\n"));
        }
    }
}
