// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

// plugins/plugin_utils/selection.py is the same for the controller: the same rules in the same order, with the same messages.

using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

namespace ansible_collections.netdrive.windows.plugins.module_utils.Selection
{
    /// <summary>Text as people and scripts write it.</summary>
    public static class Text
    {
        // First and last of each range: control characters, White_Space and Default_Ignorable_Code_Point (PropList.txt and
        // DerivedCoreProperties.txt of Unicode), the blank Braille pattern and interlinear annotations.
        private static readonly int[] InvisibleRanges =
        {
            0x0, 0x20, 0x7F, 0xA0, 0xAD, 0xAD, 0x34F, 0x34F, 0x61C, 0x61C, 0x115F, 0x1160, 0x1680, 0x1680, 0x17B4, 0x17B5,
            0x180B, 0x180F, 0x2000, 0x200F, 0x2028, 0x202F, 0x205F, 0x206F, 0x2800, 0x2800, 0x3000, 0x3000, 0x3164, 0x3164,
            0xFE00, 0xFE0F, 0xFEFF, 0xFEFF, 0xFFA0, 0xFFA0, 0xFFF0, 0xFFFB, 0x1BCA0, 0x1BCA3, 0x1D173, 0x1D17A, 0xE0000, 0xE0FFF
        };

        /// <summary>Without what cannot be seen around it.</summary>
        /// <param name="alsoAtEnd">Characters that do not count at the end either.</param>
        public static string Trim(string text, string alsoAtEnd = "")
        {
            int start = 0, end = text.Length;
            while (start < end && IsInvisible(CodePoint(text, start)))
                start += Char.IsSurrogatePair(text, start) ? 2 : 1;
            while (end > start)
            {
                int last = end - start > 1 && Char.IsSurrogatePair(text, end - 2) ? end - 2 : end - 1;
                if (!IsInvisible(CodePoint(text, last)) && alsoAtEnd.IndexOf(text[last]) < 0)
                    break;
                end = last;
            }
            return text.Substring(start, end - start);
        }

        /// <summary>Whether it has neither half of a surrogate pair alone nor a noncharacter in it, which can't be compared.</summary>
        public static bool IsValid(string text)
        {
            for (int i = 0; i < text.Length; i++)
            {
                int code = CodePoint(text, i);
                if ((code >= 0xD800 && code <= 0xDFFF) || (code >= 0xFDD0 && code <= 0xFDEF) || (code & 0xFFFE) == 0xFFFE)
                    return false;
                if (code > 0xFFFF)
                    i++;
            }
            return true;
        }

        /// <summary>Composed (NFC), and in upper case, as Windows compares names.</summary>
        public static string Fold(string text)
        {
            return Upper(text.All(c => c < 0x80) ? text : text.Normalize(NormalizationForm.FormC));
        }

        /// <summary>In upper case: each character for itself, and none becomes an ASCII one, as 'ſ' would with some tables.</summary>
        public static string Upper(string text)
        {
            return new string(Array.ConvertAll(text.ToCharArray(), c => c >= 0x80 && Char.ToUpperInvariant(c) < 0x80 ? c : Char.ToUpperInvariant(c)));
        }

        /// <summary>As it was typed, in quotes, and no longer than can be read.</summary>
        public static string Quoted(string text)
        {
            int end = 0;
            for (int shown = 0; shown < 80 && end < text.Length; shown++)
                end += Char.IsSurrogatePair(text, end) ? 2 : 1;
            string visible = new string(text.Take(end).Select(c => Char.IsControl(c) ? '?' : c).ToArray());
            return "'" + visible + (text.Length > end ? "..." : "") + "'";
        }

        /// <summary>Without what cannot be seen anywhere in it.</summary>
        public static string Visible(string text)
        {
            return String.Concat(text.Where((c, i) => !IsInvisible(CodePoint(text, i > 0 && Char.IsSurrogatePair(text, i - 1) ? i - 1 : i))));
        }

        public static bool IsInvisible(int code)
        {
            for (int i = 0; i < InvisibleRanges.Length; i += 2)
                if (code >= InvisibleRanges[i] && code <= InvisibleRanges[i + 1])
                    return true;
            return false;
        }

        private static int CodePoint(string text, int index)
        {
            return Char.IsSurrogatePair(text, index) ? Char.ConvertToUtf32(text, index) : text[index];
        }
    }

    /// <summary>
    /// A remote name, or a pattern on remote names, in the one form in which they are compared: host, WebDAV's '@SSL@port' where it
    /// is not the plain protocol, and path ("Using the WebDAV Redirector").
    /// </summary>
    public sealed class RemoteName
    {
        private const string File = @"FILE:\\", Http = @"HTTP:\\", Https = @"HTTPS:\\";
        public static readonly char[] Wildcards = { '*', '?' };
        private static readonly char[] NotInOneComponent = { '*', '?', '/', '\\' };
        private static readonly Regex Variable = new Regex("%[^%]+%");
        private const char Anything = '\uffff';  // in no name, see Text.IsValid

        private readonly string host;
        private readonly string service;
        private readonly string[] path;

        private RemoteName(string host, string service, IEnumerable<string> path)
        {
            this.host = host;
            this.service = service;
            this.path = path.ToArray();
        }

        /// <summary>The first component, as it was spelled: the host and what is said of the protocol.</summary>
        public string Authority { get; private set; }

        /// <summary>The host, as it was spelled.</summary>
        public string Server { get; private set; }

        /// <summary>Whether, as a pattern, it means the server by whatever protocol: '\\server', with nothing said of one.</summary>
        public bool AnyProtocol { get; private set; }

        /// <summary>Whether it is a server without a path.</summary>
        public bool IsServer { get { return path.Length == 0; } }

        /// <summary>Whether a '*' or '?' stands anywhere in it.</summary>
        public bool HasWildcards { get { return ToString().IndexOfAny(Wildcards) >= 0; } }

        /// <summary>Whether the server is named by a letter or digit at least, not by wildcards and punctuation alone.</summary>
        public bool NamesServer { get { return host.Where((c, index) => Char.IsLetterOrDigit(host, index)).Any(); } }

        /// <summary>Whether, as a pattern, it is about something on a remote name's server.</summary>
        public bool IsAboutServerOf(RemoteName name)
        {
            return Matches(host, name.host);
        }

        /// <summary>Reads '\\server\path', '\\?\UNC\server\path', '\\server@SSL@port\DavWWWRoot\path', URLs of http, https and file.</summary>
        /// <param name="encoded">Whether '%20' in a URL is left as it is.</param>
        /// <returns>Null for what is no remote name.</returns>
        public static RemoteName Parse(string text, bool encoded = false)
        {
            string name = Text.Trim(text, @"\/").Replace('/', '\\');
            string scheme = new[] { File, Http, Https }.FirstOrDefault(each => name.StartsWith(each, StringComparison.OrdinalIgnoreCase)) ?? "";
            string unc = name.Substring(Math.Max(0, scheme.Length - 2));
            bool local = scheme == File && unc.StartsWith(@"\\\", StringComparison.Ordinal) && !unc.StartsWith(@"\\\\", StringComparison.Ordinal);
            if (local || !unc.StartsWith(@"\\", StringComparison.Ordinal) || !Text.IsValid(name))
                return null;
            try
            {
                List<string> parts = unc.Split(new[] { '\\' }, StringSplitOptions.RemoveEmptyEntries)
                    .Select(part => scheme.Length == 0 || encoded ? part : Decoded(part)).ToList();
                return Of(scheme, parts);
            }
            catch (ArgumentException) { return null; }  // a character that this Windows cannot compose
        }

        private static RemoteName Of(string scheme, List<string> parts)
        {
            if (scheme.Length == 0 && parts.Count > 2 && (parts[0] == "?" || parts[0] == ".") && Text.Fold(parts[1]) == "UNC")
                parts.RemoveRange(0, 2);
            bool web = scheme == Http || scheme == Https;
            string server = web ? ServerOf(parts[0], scheme == Https) : parts[0];
            int at = (server + "@").IndexOf('@');
            string host = server.Substring(0, at).TrimEnd('.'), service = Text.Fold(server.Substring(at));
            bool root = scheme.Length == 0 && parts.Count > 1 && Text.Fold(parts[1]) == "DAVWWWROOT";
            if (host.Length == 0 || host == "?")
                return null;
            string plain = service == "@SSL@443" ? "@SSL" : service == "@80" ? "" : service;
            return new RemoteName(Text.Fold(host), plain, parts.Skip(root ? 2 : 1).Select(Text.Fold))
            {
                Authority = server,
                Server = host,
                AnyProtocol = !web && !root && service.Length == 0
            };
        }

        // 'user@host:port' of a URL as it would be in '\\host@SSL@port'.
        private static string ServerOf(string authority, bool ssl)
        {
            string address = authority.Substring(authority.LastIndexOf('@') + 1);
            int colon = address.LastIndexOf(':');
            bool port = colon > address.LastIndexOf(']');  // [fe80::1]
            return (port ? address.Substring(0, colon) : address) + (ssl ? "@SSL" : "") + (port && colon + 1 < address.Length ? "@" + address.Substring(colon + 1) : "");
        }

        // '%20' stands for a blank, '%2F' for no separator and '%2A' for no wildcard: a component with such a thing stays as it is.
        private static string Decoded(string component)
        {
            List<byte> bytes = new List<byte>();
            byte[] given = Encoding.UTF8.GetBytes(component);
            for (int i = 0; i < given.Length; i++)
            {
                bool escape = given[i] == '%' && i + 2 < given.Length && Uri.IsHexDigit((char)given[i + 1]) && Uri.IsHexDigit((char)given[i + 2]);
                bytes.Add(escape ? (byte)(Uri.FromHex((char)given[i + 1]) * 16 + Uri.FromHex((char)given[i + 2])) : given[i]);
                i += escape ? 2 : 0;
            }
            try
            {
                string decoded = new UTF8Encoding(false, true).GetString(bytes.ToArray());
                bool fits = decoded.IndexOfAny(NotInOneComponent) < 0 && !decoded.Any(Char.IsControl) && Text.IsValid(decoded);
                return fits ? decoded : component;
            }
            catch (ArgumentException) { return component; }  // not UTF-8
        }

        /// <summary>Whether, as a pattern, it means this remote name or something above it.</summary>
        public bool Matches(RemoteName name)
        {
            return path.Length <= name.path.Length && Matches(host, name.host) && (AnyProtocol || Matches(service, name.service))
                && path.Zip(name.path, Matches).All(same => same);
        }

        /// <summary>Whether, as a pattern, it might mean this remote name, by what '%NAME%' in that stands for.</summary>
        public bool MightMatch(RemoteName name)
        {
            Func<string, string> open = component => Variable.Replace(component, Anything.ToString());
            return Matches(new RemoteName(open(name.host), open(name.service), name.path.Select(open)));
        }

        /// <summary>Whether what a profile remembers, in which '%NAME%' may stand for anything, might be this.</summary>
        public bool MightBe(RemoteName remembered)
        {
            return remembered != null && path.Length == remembered.path.Length && MightMatch(remembered);
        }

        // From the end on, with all that the rest of the pattern fits: the time is bounded by the product of the lengths.
        private static bool Matches(string pattern, string text)
        {
            int end = text.TrimEnd(Anything).Length;
            bool[] fits = Enumerable.Range(0, text.Length + 1).Select(at => at >= end).ToArray();
            foreach (char wanted in pattern.Reverse())
            {
                bool[] next = new bool[text.Length + 1];
                for (int at = text.Length; at >= 0; at--)
                    if (wanted == '*' || (at < text.Length && text[at] == Anything))
                        next[at] = fits[at] || (at < text.Length && next[at + 1]);
                    else if (at < text.Length && (wanted == '?' || wanted == text[at]))
                        next[at] = fits[at + (wanted == '?' && Char.IsSurrogatePair(text, at) ? 2 : 1)];
                fits = next;
            }
            return fits[0];
        }

        /// <summary>The one form: '\\HOST@SSL@PORT\PATH'.</summary>
        public override string ToString()
        {
            return @"\\" + host + service + String.Concat(path.Select(part => @"\" + part));
        }
    }

    /// <summary>Local names (devices that can be redirected) and remote names.</summary>
    public static class ResourceName
    {
        /// <summary>'z', 'Z:', 'Z:\' → 'Z:'; 'lpt1' → 'LPT1:'; null for what is neither a drive letter nor LPT1 to LPT9.</summary>
        public static string Device(string text)
        {
            string name = Text.Trim(text, @"\/");
            name = name.EndsWith(":", StringComparison.Ordinal) ? name.Substring(0, name.Length - 1) : name;
            name = Text.Upper(name);
            bool drive = name.Length == 1 && name[0] >= 'A' && name[0] <= 'Z';
            bool port = name.Length == 4 && name.StartsWith("LPT", StringComparison.Ordinal) && name[3] >= '1' && name[3] <= '9';
            return drive || port ? name + ":" : null;
        }

        /// <summary>Whether two remote names, either of which may be null, mean the same resource.</summary>
        public static bool SameRemote(string one, string other)
        {
            if (String.Equals(one ?? "", other ?? "", StringComparison.OrdinalIgnoreCase))
                return true;
            RemoteName first = RemoteName.Parse(one ?? ""), second = RemoteName.Parse(other ?? "");
            return first != null && second != null && first.ToString() == second.ToString();
        }
    }

    /// <summary>Values as Ansible hands them to a module.</summary>
    public static class Given
    {
        /// <summary>Without the PSObject that PowerShell may put around what a list or a dictionary holds.</summary>
        public static object Plain(object value)
        {
            Type type = value == null ? null : value.GetType();  // known by its name, as the C# tests have no PowerShell
            return type != null && type.FullName == "System.Management.Automation.PSObject" ? type.GetProperty("BaseObject").GetValue(value, null) : value;
        }
    }

    /// <summary>The values of an option that takes one name or a list of them. A text is one name, commas or not.</summary>
    public static class NameList
    {
        public static readonly char[] Separators = { ',', ';', '|' };

        private static readonly Dictionary<string, string> Examples = new Dictionary<string, string>
        {
            { "name", @"['Z:', '\\server\share']" },
            { "remote", @"['\\server', '\\server\share']" },
            { "exclude", @"['K:', '\\server\share']" },
            { "users", @"['DOMAIN\name', '.\name']" }
        };

        /// <returns>The texts as they were given; null where the option was not.</returns>
        /// <exception cref="ArgumentException">It is neither text nor a list of texts.</exception>
        public static IList<string> Of(string option, object value)
        {
            if (value == null)
                return null;
            List<object> values = (value as IList ?? new[] { value }).Cast<object>().Select(Given.Plain).ToList();
            foreach (object each in values)
                if (!(each is string))
                    throw new ArgumentException(option + ": " + WhatIsWrongWith(each) + "; names are text, in quotes" + Example(option));
            return values.Cast<string>().ToList();
        }

        /// <summary>What the text means, by a function that gives ArgumentException where it means nothing.</summary>
        /// <exception cref="ArgumentException">The message names the option and the text, and shows what would be right.</exception>
        public static T Parsed<T>(string option, string text, Func<string, T> parse)
        {
            try
            {
                string value = Text.Trim(text);
                if (value.Length == 0)
                    throw new ArgumentException("is empty" + Example(option));
                return parse(value);
            }
            catch (ArgumentException e)
            {
                throw new ArgumentException(option + ": " + Text.Quoted(text) + " " + e.Message);
            }
        }

        /// <summary>Refuses a text that is a list of names by the look of it.</summary>
        /// <param name="isSeveral">Whether the pieces are names, each by itself.</param>
        public static void RequireOne(string option, string text, Func<IList<string>, bool> isSeveral)
        {
            string cut = new string(text.Select(c => Text.IsInvisible(c) || Separators.Contains(c) ? ',' : c).ToArray());
            string[] pieces = cut.Split(new[] { ',' }, StringSplitOptions.RemoveEmptyEntries);
            if (pieces.Length > 1 && isSeveral(pieces))
                throw new ArgumentException("looks like several names in one text" + Example(option, pieces));
        }

        /// <summary>The line that shows what would be right.</summary>
        /// <param name="values">What was meant; none where nobody can tell.</param>
        public static string Example(string option, params string[] values)
        {
            string[] quoted = values.Select(value => Text.Quoted(value.Replace("'", "''"))).ToArray();
            string example = quoted.Length == 0 ? Examples[option] : quoted.Length == 1 ? quoted[0] : "[" + String.Join(", ", quoted) + "]";
            return "\nRight would be, for example: " + option + ": " + example;
        }

        private static string WhatIsWrongWith(object value)
        {
            return value == null ? "a value is missing" : value is bool ? "true or false is no name" : value is IDictionary ? "a mapping is no name"
                : value is IList ? "a list is no name" : Convert.ToString(value, CultureInfo.InvariantCulture) + " is a number";
        }
    }

    /// <summary>Which network connections are meant: the options name, remote and exclude.</summary>
    public sealed class ConnectionSelection
    {
        private const int LongestName = 32767;  // characters; Windows has no longer path ("Maximum Path Length Limitation")
        private const string InNoName = "\"<>|";  // "Naming Files, Paths, and Namespaces"
        private const string Everything = "*";
        private const string HowToSayEverything = "to remove everything, say name: '*'";

        private readonly HashSet<string> names;
        private readonly IList<RemoteName> remotes;
        private readonly HashSet<string> excludedDevices = new HashSet<string>();
        private readonly List<RemoteName> excludedRemotes = new List<RemoteName>();

        /// <param name="name">Device names, remote names or '*', as one text or a list; null for any.</param>
        /// <param name="remote">Patterns on the remote name; null for any.</param>
        /// <param name="exclude">Device names and patterns that are never meant; null or an empty list for none.</param>
        /// <exception cref="ArgumentException">A value is not valid; the message names the option and the value.</exception>
        public ConnectionSelection(object name, object remote, object exclude)
        {
            if (name != null)
                names = new HashSet<string>(Required("name", name).Select(text => Checked("name", text, ParseName)));
            if (remote != null)
                remotes = Required("remote", remote).Select(text => Checked("remote", text, ParseRemote)).ToList();
            foreach (string text in NameList.Of("exclude", exclude) ?? new string[0])
                Checked("exclude", text, Exclude);
        }

        /// <summary>Refuses a clean-up without any selector: forgetting it must not empty a fleet.</summary>
        /// <exception cref="ArgumentException">Neither name nor remote was given.</exception>
        public static void RequireSelector(object name, object remote)
        {
            if (name == null && remote == null)
                throw new ArgumentException("It is not said what to take away; " + HowToSayEverything + NameList.Example("remote"));
        }

        /// <summary>Whether a connection is meant.</summary>
        /// <param name="device">The redirected device; null for a connection without one.</param>
        /// <param name="remote">The remote name; null where there is none.</param>
        public bool Matches(string device, string remote)
        {
            RemoteName name = RemoteName.Parse(remote ?? "");
            string called = device ?? (name == null ? "" : name.ToString());
            return (names == null || names.Contains(Everything) || names.Contains(called))
                && (remotes == null || (name != null && remotes.Any(pattern => pattern.Matches(name))))
                && !excludedDevices.Contains(device ?? "")
                && !IsExcluded(remote);
        }

        /// <summary>Whether exclude might mean a connection, as its remote name is none that can be compared with a pattern, or has '%NAME%' in it.</summary>
        public bool MightBeExcluded(string remote)
        {
            RemoteName name = RemoteName.Parse(remote ?? "");
            return excludedRemotes.Any(pattern => name == null || pattern.MightMatch(name));
        }

        /// <summary>The servers that remote names without wildcards.</summary>
        public IEnumerable<string> Servers
        {
            get { return (remotes ?? new RemoteName[0]).Select(pattern => pattern.Server).Where(server => server.IndexOfAny(RemoteName.Wildcards) < 0); }
        }

        /// <summary>Whether remote or exclude have something to say of a remote name's server.</summary>
        public bool KnowsServerOf(RemoteName name)
        {
            return (remotes != null && remotes.Any(pattern => pattern.IsAboutServerOf(name))) || excludedRemotes.Any(pattern => pattern.Matches(name));
        }

        // By what a URL's '%20' stands for and by what it is: which of them Windows keeps is documented nowhere.
        private bool IsExcluded(string remote)
        {
            return excludedRemotes.Count > 0 && Readings(remote ?? "").Any(name => excludedRemotes.Any(pattern => pattern.Matches(name)));
        }

        private static IEnumerable<RemoteName> Readings(string remote)
        {
            return new[] { RemoteName.Parse(remote), RemoteName.Parse(remote, true) }.Where(name => name != null);
        }

        private static IList<string> Required(string option, object value)
        {
            IList<string> values = NameList.Of(option, value);
            if (values.Count == 0)
                throw new ArgumentException(option + ": the list is empty, which selects nothing; " + HowToSayEverything + NameList.Example(option));
            return values;
        }

        private static T Checked<T>(string option, string text, Func<string, T> parse)
        {
            return NameList.Parsed(option, text, value =>
            {
                NameList.RequireOne(option, value, AreNames);
                string one = Text.Trim(value, new string(NameList.Separators));
                if (NameList.Separators.Contains(value.Last()))
                    throw new ArgumentException("ends in what is between names; where it belongs to a share's name, remote and exclude take '?' in its place"
                        + NameList.Example(option, one.Length == 0 ? new string[0] : new[] { one }));
                if (value.Length > LongestName)
                    throw new ArgumentException("is longer than any name in Windows" + NameList.Example(option));
                if (value.Any(c => Char.IsControl(c) || InNoName.IndexOf(c) >= 0) || !Text.IsValid(value))
                    throw new ArgumentException("has a character in it that no name has" + NameList.Example(option));
                return parse(value);
            });
        }

        // 'H:,I:' and '\\a\b,\\c\d', but not '\\a\b,c'.
        private static bool AreNames(IList<string> pieces)
        {
            return pieces.All(piece => ResourceName.Device(piece) != null) || pieces.Skip(1).Any(piece =>
                RemoteName.Parse(piece) != null || (piece.Contains(":") && ResourceName.Device(piece) != null));
        }

        private static string ParseName(string text)
        {
            string device = ResourceName.Device(text);
            if (device != null || text == Everything)
                return device ?? Everything;
            RemoteName remote = RemoteName.Parse(text);
            if (remote == null)
                throw new ArgumentException("is no name of a connection; these are drive letters (Z:), ports (LPT1: to LPT9:), remote names (\\\\server\\share) and '*'" + NameList.Example("name"));
            RequireServer("name", remote);
            if (remote.HasWildcards)
                throw new ArgumentException("has a wildcard, which no name of a connection has" + NameList.Example("remote", text));
            if (remote.IsServer && remote.AnyProtocol)
                throw new ArgumentException("is a server, not a connection" + NameList.Example("remote", text));
            return RequirePossible("name", text, remote).ToString();
        }

        private static RemoteName ParseRemote(string text)
        {
            if (text == Everything)
                throw new ArgumentException("matches every server; " + HowToSayEverything + NameList.Example("remote"));
            if (ResourceName.Device(text) != null)
                throw new ArgumentException("is a device, not a remote name" + NameList.Example("name", ResourceName.Device(text)));
            return RequireServer("remote", ParsePattern("remote", text));
        }

        private bool Exclude(string text)
        {
            string device = ResourceName.Device(text);
            if (device != null)
                return excludedDevices.Add(device);
            ParsePattern("exclude", text);
            excludedRemotes.AddRange(Readings(text));
            return true;
        }

        private static RemoteName ParsePattern(string option, string text)
        {
            RemoteName pattern = RemoteName.Parse(text);
            if (pattern != null)
                return RequirePossible(option, text, pattern);
            string meant = @"\\" + text.TrimStart('\\', '/');
            RemoteName name = text.Contains(":") ? null : RemoteName.Parse(meant);
            throw new ArgumentException("is no remote name; these begin with \\\\server" + NameList.Example(option, name != null && name.NamesServer ? WithServers(meant, name) : new string[0]));
        }

        // '\\fs1,fs2' and '\\oldfs \keep' would select nothing, and protect nothing.
        private static RemoteName RequirePossible(string option, string text, RemoteName pattern)
        {
            string[] possible = ServersIn(pattern);
            if (possible.Length == 1 && possible[0] == pattern.Authority)
                return pattern;
            throw new ArgumentException((possible.Length > 1 ? "looks like several names in one text" : "has a character in its server's name that none has")
                + NameList.Example(option, text.Contains(pattern.Authority) ? WithServers(text, pattern) : new string[0]));
        }

        private static string[] ServersIn(RemoteName name)
        {
            return name.Authority.Split(NameList.Separators.Concat(new[] { ' ' }).ToArray()).Select(Text.Visible).Where(server => server.Length > 0).ToArray();
        }

        /// <summary>A remote name with each of the servers that it seems to name.</summary>
        private static string[] WithServers(string text, RemoteName name)
        {
            return ServersIn(name).Select(server => text.Replace(name.Authority, server)).ToArray();
        }

        // A filter that is broader than meant once unmapped a whole company: every pattern names a server.
        private static RemoteName RequireServer(string option, RemoteName pattern)
        {
            if (!pattern.NamesServer)
                throw new ArgumentException("names no server (it would match every one); " + HowToSayEverything + NameList.Example(option));
            return pattern;
        }
    }
}
