// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Linq;
using System.Text.RegularExpressions;

namespace ansible_collections.netdrive.windows.plugins.module_utils.Secrets
{
    /// <summary>Takes passwords out of what a line of a script or of the registry says, before anybody gets to see it.</summary>
    public static class SecretText
    {
        private const int Longest = 200;  // characters of a line that is shown
        private const string Hidden = "***";
        private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;
        private const string Value = @"(""[^""]*""?|'[^']*'?|[^\s""';&|]+)";

        // Everything behind 'net use' that is no device, remote name, switch or redirection may be a password.
        private static readonly Regex NetUse = new Regex(@"(?<=\bnet1?(\.exe)?[""']?\s+(-\w+\s+)?[@(""',\s]*use\b)[^&|]*", Options);
        private static readonly Regex KixUse = new Regex(@"(?<=^\s*use\s)[^;]*", Options);
        private static readonly Regex Part = new Regex(@"""[^""]*""?|'[^']*'?|[^\s""']+", Options);
        private static readonly Regex Harmless = new Regex(
            @"^[""'(]*([a-z]:|lpt[1-9]:?|\*|[\\/]{2}.*|https?://.*|/(delete|d|y|yes|no|n|savecred|smartcard|home)|[/-]p(ersistent)?:?(yes|no|y|n)?|/user:.*|/u:.*|\d?[<>]+.*|nul|[)""',+]+)[""',)]*$", Options);

        private static readonly Regex[] Named =
        {
            // password=x, "password": "x", set pw=x, /pass:x, cpassword="x"
            new Regex(@"(?<=[\w]*(pass(word|wd|phrase|code|wort)?|kennwort|pwd|pw|secret|token|api_?key|credentials?)\w*[""']?\s*(=|:)+\s*)" + Value, Options),
            // -Password x, -AsPlainText, psexec -p x, schtasks /rp x
            new Regex(@"(?<=[\s(][-/](password|passwd|pass|pwd|pw|p|rp|credential|cred|securestring|key|securekey|accesskey|token|accountkey)[\s:]+)" + Value, Options),
            new Regex(@"(?<=ConvertTo-SecureString\s+(-String\s+)?)" + Value, Options),
            new Regex(@"(?<=(PSCredential|NetworkCredential)\W).*", Options),
            // user and password are the last two of five arguments
            new Regex(@"(?<=MapNetworkDrive[^,]*,[^,]*,[^,]*),.*", Options),
            new Regex(@"(?<=-e(nc|ncodedcommand|c)?\s+)[a-z0-9+/=]{16,}", Options),
            new Regex(@"(?<=://)[^\s/@""']+:[^\s/@""']+(?=@)", Options),
            new Regex(@"(?<![\w\\/+.-])[a-z0-9+/]{40,}={0,2}", Options)  // a key, or something encrypted
        };

        /// <summary>The line without secrets and without what cannot be printed, cut off where it is long.</summary>
        public static string Without(string line)
        {
            string text = new string(line.Trim().Select(c => Char.IsControl(c) ? ' ' : c).ToArray());
            text = NetUse.Replace(text, arguments => Part.Replace(arguments.Value, part => KeepHarmless(part.Value)));
            text = KixUse.Replace(text, arguments => Part.Replace(arguments.Value, part => KeepHarmless(part.Value)));
            foreach (Regex secret in Named)
                text = secret.Replace(text, Hidden);
            return text.Length <= Longest ? text : text.Substring(0, Longest) + "...";
        }

        private static string KeepHarmless(string part)
        {
            return Harmless.IsMatch(part) ? part : Hidden;
        }
    }
}
