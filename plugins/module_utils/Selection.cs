// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;

namespace ansible_collections.netdrive.windows.plugins.module_utils.Selection
{
    /// <summary>Local names (devices that can be redirected) and remote names, in the one form in which they are compared.</summary>
    public static class ResourceName
    {
        /// <summary>'z', 'Z:' → 'Z:'; 'lpt1' → 'LPT1:'; null for what is neither a drive letter nor LPT1 to LPT9.</summary>
        public static string Device(string text)
        {
            string name = text.EndsWith(":", StringComparison.Ordinal) ? text.Substring(0, text.Length - 1) : text;
            name = name.ToUpperInvariant();
            bool drive = name.Length == 1 && name[0] >= 'A' && name[0] <= 'Z';
            bool port = name.Length == 4 && name.StartsWith("LPT", StringComparison.Ordinal) && name[3] >= '1' && name[3] <= '9';
            return drive || port ? name + ":" : null;
        }

        /// <summary>'/' is read as '\', and a trailing '\' is ignored.</summary>
        public static string Remote(string text)
        {
            return text.Replace('/', '\\').TrimEnd('\\');
        }

        /// <summary>'\\server\share' → 'server'; null for what names no server.</summary>
        public static string Server(string remote)
        {
            string normal = Remote(remote);
            string server = normal.StartsWith(@"\\", StringComparison.Ordinal) ? normal.Substring(2).Split('\\')[0] : "";
            return server.Length == 0 ? null : server;
        }

        /// <summary>Whether two remote names, either of which may be null, mean the same resource.</summary>
        public static bool SameRemote(string one, string other)
        {
            return String.Equals(Remote(one ?? ""), Remote(other ?? ""), StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>A pattern on remote names: '\\server', '\\server\share'; '*' and '?' stand for characters of one component.</summary>
    public sealed class RemotePattern
    {
        private readonly string[] components;

        private RemotePattern(string[] components)
        {
            this.components = components;
        }

        /// <summary>The pattern that the text spells.</summary>
        /// <exception cref="ArgumentException">The text is no pattern; the message says what is wrong with it.</exception>
        public static RemotePattern Parse(string text)
        {
            string normal = ResourceName.Remote(text);
            if (!normal.StartsWith(@"\\", StringComparison.Ordinal))
                throw new ArgumentException("is no pattern on remote names; these begin with \\\\server");
            string[] components = normal.Substring(2).Split('\\');
            if (components.Any(component => component.Length == 0))
                throw new ArgumentException("has an empty part; the form is \\\\server or \\\\server\\share");
            return new RemotePattern(components);
        }

        /// <summary>How many components the pattern has: 1 for '\\server'.</summary>
        public int Depth { get { return components.Length; } }

        /// <summary>Whether a '*' or '?' stands anywhere in it.</summary>
        public bool HasWildcards { get { return components.Any(component => component.IndexOfAny(new[] { '*', '?' }) >= 0); } }

        /// <summary>The server; null where wildcards stand in it.</summary>
        public string Server { get { return components[0].IndexOfAny(new[] { '*', '?' }) >= 0 ? null : components[0]; } }

        /// <summary>Whether the pattern is about something on a remote name's server.</summary>
        public bool IsAboutServerOf(string remote)
        {
            string server = ResourceName.Server(remote);
            return server != null && MatchesPart(components[0], server);
        }

        /// <summary>Whether the server is named by a letter or digit at least, not by wildcards and punctuation alone.</summary>
        public bool NamesServer { get { return components[0].Any(Char.IsLetterOrDigit); } }

        /// <summary>Whether the pattern means this remote name or something above it.</summary>
        public bool Matches(string remote)
        {
            string normal = ResourceName.Remote(remote);
            if (!normal.StartsWith(@"\\", StringComparison.Ordinal))
                return false;
            string[] parts = normal.Substring(2).Split('\\');
            return parts.Length >= components.Length
                && !components.Where((component, index) => !MatchesPart(component, parts[index])).Any();
        }

        // Goes back to the last '*' only, so that the time is bounded by the product of the lengths.
        private static bool MatchesPart(string pattern, string text)
        {
            int star = -1, resume = 0, at = 0, position = 0;
            while (position < text.Length)
            {
                if (at < pattern.Length && pattern[at] == '*')
                {
                    star = at++;
                    resume = position;
                }
                else if (at < pattern.Length && (pattern[at] == '?' || SameCharacter(pattern[at], text[position])))
                {
                    at++;
                    position++;
                }
                else if (star >= 0)
                {
                    at = star + 1;
                    position = ++resume;
                }
                else
                    return false;
            }
            return pattern.Skip(at).All(character => character == '*');
        }

        private static bool SameCharacter(char one, char other)
        {
            return Char.ToUpperInvariant(one) == Char.ToUpperInvariant(other);
        }
    }

    /// <summary>Which network connections are meant: the options name, remote and exclude.</summary>
    public sealed class ConnectionSelection
    {
        private const int LongestName = 32767;  // characters; Windows has no longer path ("Maximum Path Length Limitation")
        private const string Everything = "*";
        private const string HowToSayEverything = "to remove everything, say name: '*'";

        private readonly HashSet<string> names;
        private readonly List<RemotePattern> remotes;
        private readonly HashSet<string> excludedNames = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        private readonly List<RemotePattern> excludedRemotes = new List<RemotePattern>();

        /// <param name="name">Device names, remote names or '*'; null for any.</param>
        /// <param name="remote">Patterns on the remote name; null for any.</param>
        /// <param name="exclude">Device names and patterns that are never meant; null or empty for none.</param>
        /// <exception cref="ArgumentException">A value is not valid; the message names the option and the value.</exception>
        public ConnectionSelection(IList name, IList remote, IList exclude)
        {
            if (name != null)
                names = new HashSet<string>(Parsed("name", name, ParseName), StringComparer.OrdinalIgnoreCase);
            if (remote != null)
                remotes = Parsed("remote", remote, ParseRemote);
            if (exclude != null && exclude.Count > 0)
                foreach (string text in Parsed("exclude", exclude, value => value))
                    Exclude(text);
        }

        /// <summary>Refuses a clean-up without any selector: forgetting it must not empty a fleet.</summary>
        /// <exception cref="ArgumentException">Neither name nor remote was given.</exception>
        public static void RequireSelector(IList name, IList remote)
        {
            if (name == null && remote == null)
                throw new ArgumentException("one of name and remote is required; " + HowToSayEverything);
        }

        /// <summary>Whether a connection is meant.</summary>
        /// <param name="device">The redirected device; null for a connection without one.</param>
        /// <param name="remote">The remote name; null where it could not be read.</param>
        public bool Matches(string device, string remote)
        {
            return MatchesName(device ?? ResourceName.Remote(remote ?? ""))
                && (remotes == null || MatchesAny(remotes, remote))
                && !excludedNames.Contains(device ?? "")
                && !IsExcluded(remote);
        }

        /// <summary>The servers that remote names without wildcards.</summary>
        public IEnumerable<string> Servers
        {
            get { return (remotes ?? new List<RemotePattern>()).Select(pattern => pattern.Server).Where(server => server != null); }
        }

        /// <summary>Whether remote or exclude have something to say of a remote name's server.</summary>
        public bool KnowsServerOf(string remote)
        {
            return (remotes != null && remotes.Any(pattern => pattern.IsAboutServerOf(remote))) || IsExcluded(remote);
        }

        private bool MatchesName(string name)
        {
            return names == null || names.Contains(Everything) || names.Contains(name);
        }

        // What cannot be read might be what must not be touched.
        private bool IsExcluded(string remote)
        {
            return excludedRemotes.Count > 0 && (remote == null || MatchesAny(excludedRemotes, remote));
        }

        private static bool MatchesAny(IEnumerable<RemotePattern> patterns, string remote)
        {
            return remote != null && patterns.Any(pattern => pattern.Matches(remote));
        }

        private static List<T> Parsed<T>(string option, IList values, Func<string, T> parse)
        {
            if (values.Count == 0)
                throw new ArgumentException(option + " is an empty list, which selects nothing; " + HowToSayEverything);
            List<T> parsed = new List<T>();
            foreach (object value in values)
                parsed.Add(ParsedValue(option, value as string ?? "", parse));
            return parsed;
        }

        private static T ParsedValue<T>(string option, string text, Func<string, T> parse)
        {
            try
            {
                if (text.Trim().Length == 0)
                    throw new ArgumentException("is empty");
                if (text.Length > LongestName)
                    throw new ArgumentException("is longer than any name in Windows");
                if (text.Any(Char.IsControl))
                    throw new ArgumentException("has a control character in it");
                return parse(text);
            }
            catch (ArgumentException e)
            {
                throw new ArgumentException(option + ": " + Quoted(text) + " " + e.Message);
            }
        }

        private static string ParseName(string text)
        {
            string device = ResourceName.Device(text);
            if (device != null || text == Everything)
                return device ?? Everything;
            if (!text.Replace('/', '\\').StartsWith(@"\\", StringComparison.Ordinal))
                throw new ArgumentException("is no name of a connection; these are drive letters (Z:), ports (LPT1: to LPT9:), remote names (\\\\server\\share) and '*'");
            RemotePattern remote = RemotePattern.Parse(text);
            if (remote.HasWildcards)
                throw new ArgumentException("has a wildcard, which belongs in remote");
            if (remote.Depth == 1)
                throw new ArgumentException("is a server; everything on it is remote: '" + text + "'");
            RequireServer(remote);
            return ResourceName.Remote(text);
        }

        private static RemotePattern ParseRemote(string text)
        {
            if (text == Everything)
                throw new ArgumentException("matches every server; " + HowToSayEverything);
            RemotePattern pattern = RemotePattern.Parse(text);
            RequireServer(pattern);
            return pattern;
        }

        // A filter that is broader than meant once unmapped a whole company: every pattern names a server.
        private static void RequireServer(RemotePattern pattern)
        {
            if (!pattern.NamesServer)
                throw new ArgumentException("names no server (it would match every one); " + HowToSayEverything);
        }

        private void Exclude(string text)
        {
            string device = ResourceName.Device(text);
            if (device != null)
                excludedNames.Add(device);
            else
                excludedRemotes.Add(ParsedValue("exclude", text, RemotePattern.Parse));
        }

        private static string Quoted(string text)
        {
            const int shown = 80;
            string visible = new string(text.Take(shown).Select(c => Char.IsControl(c) ? '?' : c).ToArray());
            return "'" + visible + (text.Length > shown ? "..." : "") + "'";
        }
    }
}
