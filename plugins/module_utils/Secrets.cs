// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Linq;
using System.Text.RegularExpressions;
using ansible_collections.netdrive.windows.plugins.module_utils.TextPattern;

namespace ansible_collections.netdrive.windows.plugins.module_utils.Secrets
{
    /// <summary>Takes passwords out of what a line of a script or of the registry says, before anybody gets to see it.</summary>
    public static class SecretText
    {
        private const int Longest = 200;  // characters of a line that is shown
        private const int LongestRead = 4096;
        private const string Hidden = "***";
        private const string Value = @"(""[^""]*""?|'[^']*'?|[^\s""';&|]+)";

        // Everything behind 'net use' that is no device, remote name, switch, redirection or next command may be a password.
        private static readonly Regex[] Connecting = { Pattern.Of("(?<=" + Pattern.NetUse + @")(?!\s*[|)>]).*"), Pattern.Of(@"(?<=^\s*use\s)[^;]*") };
        private static readonly Regex Part = Pattern.Of(@"(?<next>(?<=\s)[&|]{1,2}\s+\w+(\s+use\b)?)|""[^""]*""?|'[^']*'?|[^\s""']+");
        private static readonly Regex Harmless = Pattern.Of(
            @"^[""'(]*([a-z]:|lpt[1-9]:?|\*|[\\/]{2}[^&|]*|https?://.*|/(delete|d|y|yes|no|n|savecred|smartcard|home)|[/-]p(ersistent)?:?(yes|no|y|n)?|/user:[^&|]*|/u:[^&|]*|%[\w()]+%([\\/][^&|]*)?|\d?[<>]+(&\d|[^&|]*)|nul|[)""',+]+)[""',)]*$");

        // What is piped into a command that asks for a password; 'echo y' is none.
        private static readonly Regex Piped = Pattern.Of(@"[^&|]*(?=\|\s*[@""]*\S*" + Pattern.NetUse + @")|.*(?=\|\s*ConvertTo-SecureString\b)");
        private static readonly Regex Consent = Pattern.Of(@"^\W*(echo[\s.(]*)?[yn]?\s*$");
        private static readonly Regex SecureString = Pattern.Of(@"(?<=ConvertTo-SecureString\b)(""[^""]*""?|'[^']*'?|[^;|""'])*");

        // A value that is given to a variable on the same line as a connection is made.
        private static readonly Regex Connects = Pattern.Of(Pattern.NetUse + @"|\bMapNetworkDrive\b|\bNew-(PSDrive|Smb(Global)?Mapping)\b");
        private static readonly Regex Assigned = Pattern.Of(@"(?<=(^|[^=!<>])=\s{0,9})(?![=""']*[\\/]{2}|""?[a-z]:?""?(?!\S))" + Value);

        private static readonly Regex UserOfUrl = Pattern.Of(@"(?<=https?:[/\\]{2})([^/\\@]*\\[^/\\:@]*:)?[^/\\]*@");

        private static readonly Regex[] Named =
        {
            // password=x, "password": "x", id="password" value="x", set pw=x, /pass:x, cpassword="x"
            Pattern.Of(@"(?<=(pass(word|wd|phrase|code|wort)?|kennwort|pwd|pw|secret|token|api_?key|credentials?)\w{0,30}[""']?\s{0,30}(value\s{0,9})?[=:]{1,3}\s{0,30})" + Value),
            // -Password x, psexec -p x, schtasks /rp x
            Pattern.Of(@"(?<=[\s(][-/](password|passwd|pass|pwd|pw|p|rp|credential|cred|securestring|key|securekey|accesskey|token|accountkey)[\s:]{1,30})(?!(yes|no)\b)" + Value),
            Pattern.Of(@"(?<=(PSCredential|NetworkCredential)\W).*"),
            // user and password are the last two of five arguments
            Pattern.Of(@"(?<=MapNetworkDrive[^,]*,[^,]*,[^,]*),.*"),
            Pattern.Of(@"(?<=-e(nc|ncodedcommand|c)?\s{1,30})[a-z0-9+/=]{16,}"),
            Pattern.Of(@"(?<=:[/\\]{2})[^\s/@""']+:[^\s/@""']+(?=@)"),
            Pattern.Of(@"(?<![\w\\/+.-])[a-z0-9+/]{40,}={0,2}")  // a key, or something encrypted
        };

        /// <summary>The line without secrets and without what cannot be printed, cut off where it is long.</summary>
        public static string Without(string line)
        {
            try
            {
                string text = Hide(line.Length <= LongestRead ? line : line.Substring(0, LongestRead));
                return text.Length <= Longest ? text : text.Substring(0, Longest) + "...";
            }
            catch (RegexMatchTimeoutException)
            {
                return Hidden;
            }
        }

        /// <summary>A remote name without the user and the password that a URL may have before its server.</summary>
        public static string WithoutUser(string remote)
        {
            return UserOfUrl.Replace(remote, "");
        }

        private static string Hide(string line)
        {
            string text = new string(line.Trim().Select(c => Char.IsControl(c) ? ' ' : c).ToArray());
            if (Connects.IsMatch(text))
                text = Assigned.Replace(text, Hidden);
            text = Piped.Replace(text, piped => Consent.IsMatch(piped.Value) ? piped.Value : Hidden + (piped.Value.EndsWith(" ", StringComparison.Ordinal) ? " " : ""));
            foreach (Regex connecting in Connecting)
                text = connecting.Replace(text, arguments => Part.Replace(arguments.Value, part => part.Groups["next"].Success || Harmless.IsMatch(part.Value) ? part.Value : Hidden));
            text = SecureString.Replace(text, arguments => Part.Replace(arguments.Value, part => part.Value[0] == '-' ? part.Value : Hidden));
            foreach (Regex secret in Named)
                text = secret.Replace(text, Hidden);
            return text;
        }
    }
}
