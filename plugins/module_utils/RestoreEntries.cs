// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ansible_collections.netdrive.windows.plugins.module_utils.Accounts;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;
using ansible_collections.netdrive.windows.plugins.module_utils.UserProfiles;
using ansible_collections.netdrive.windows.plugins.module_utils.WindowsErrors;

namespace ansible_collections.netdrive.windows.plugins.module_utils.RestoreEntries
{
    /// <summary>
    /// A connection that was taken away, as an entry of mapped_drive's result describes it. It comes from a file on the
    /// controller, so nothing in it is trusted: what is read here can only ever become one connection of one user and the
    /// values of one key Network\X.
    /// </summary>
    public sealed class RestoreEntry
    {
        private const int MostEntries = 10000;
        private const int MostValues = 64;
        private const int LongestValueName = 255;  // characters; Windows itself writes names of a few
        private const int LongestKey = 255;  // characters ("Registry Element Size Limits")
        private const int LongestText = 32767;  // characters; Windows has no longer path ("Maximum Path Length Limitation")

        private static readonly string[] Actions = { "removed", "disconnected", "forgotten" };

        private readonly IDictionary source;

        private RestoreEntry(IDictionary source)
        {
            this.source = source;
        }

        /// <summary>What the machine called the user: 'DOMAIN\name', or the SID.</summary>
        public string User { get; private set; }

        public string Sid { get; private set; }

        /// <summary>The logon session it was live in; null for a user who was not signed in.</summary>
        public string LogonId { get; private set; }

        /// <summary>Whether its user was signed in, as far as is known; a hive was changed only where not.</summary>
        public bool WasSignedIn { get; private set; }

        /// <summary>The Remote Desktop session of that; null for a user who was not signed in.</summary>
        public int? SessionId { get; private set; }

        /// <summary>The device; null for a connection without one.</summary>
        public string Name { get; private set; }

        /// <summary>Whether the device is a drive, not a port.</summary>
        public bool IsDrive { get { return Name != null && Name.Length == 2; } }

        public string Remote { get; private set; }

        /// <summary>The name of the network provider; null where it was not known.</summary>
        public string Provider { get; private set; }

        /// <summary>The account that one which was never remembered was made with; null for one that was, and where nobody knows.</summary>
        public string ConnectedAs { get; private set; }

        /// <summary>The values of the profile's entry; null where the profile did not remember it.</summary>
        public Dictionary<string, RegistryValue> Values { get; private set; }

        /// <summary>Whether a live connection was cut.</summary>
        public bool WasCut { get; private set; }

        /// <summary>Whether the profile's entry was deleted.</summary>
        public bool WasForgotten { get; private set; }

        /// <summary>Whether the profile had it, deleted or not.</summary>
        public bool WasRemembered { get { return Values != null; } }

        /// <summary>Why the entry is refused; null for one that can be worked with.</summary>
        public WindowsError Refusal { get; private set; }

        /// <summary>The account that the profile's entry names beside its user; null where the user's own credentials are meant.</summary>
        public string OtherAccount
        {
            get
            {
                RegistryValue value;
                string account = WasRemembered && Values.TryGetValue("UserName", out value) ? value.Data as string : null;
                return String.IsNullOrEmpty(account) || String.Equals(account, User, StringComparison.OrdinalIgnoreCase) ? null : account;
            }
        }

        /// <exception cref="ArgumentException">There are more entries than a machine can have connections.</exception>
        public static IList<RestoreEntry> ParseAll(IList entries)
        {
            if (entries.Count > MostEntries)
                throw new ArgumentException(String.Format(CultureInfo.InvariantCulture,
                    "connections: {0} entries are more than one machine can have; the most are {1}", entries.Count, MostEntries));
            return entries.Cast<object>().Select(entry => Parse(Given.Plain(entry) as IDictionary)).ToList();
        }

        private static RestoreEntry Parse(IDictionary source)
        {
            RestoreEntry entry = new RestoreEntry(source ?? new Hashtable());
            try
            {
                entry.Read();
            }
            catch (FormatException e)
            {
                entry.Refusal = new WindowsError(SystemError.ERROR_INVALID_DATA, e.Message);
            }
            return entry;
        }

        private void Read()
        {
            User = Field("user");
            Sid = Field("sid");
            LogonId = Field("logon_id");
            SessionId = Number("session_id");
            WasSignedIn = Given.Plain(source["signed_in"]) == null || Flag("signed_in");
            Name = Field("name");
            Remote = Field("remote");
            Provider = Field("provider");
            ReadAction();
            ReadValues();
            ConnectedAs = WasRemembered ? null : Field("connected_as");
            Check();
        }

        private void ReadAction()
        {
            string action = Field("action");
            if (action != null && !Actions.Contains(action))
                throw new FormatException("action: " + Text.Quoted(action) + " is none of " + String.Join(", ", Actions));
            WasCut = Flag("connected") && (action == "removed" || action == "disconnected");
            WasForgotten = Flag("persistent") && (action == "removed" || action == "forgotten");
        }

        private void ReadValues()
        {
            object given = Given.Plain(source["profile_values"]);
            IDictionary values = given as IDictionary;
            if (given != null && values == null)
                throw new FormatException("profile_values is no dictionary");
            if (values == null)
                return;
            if (values.Count > MostValues)
                throw new FormatException("profile_values has " + values.Count + " values, and no connection has more than " + MostValues);
            Values = new Dictionary<string, RegistryValue>(StringComparer.OrdinalIgnoreCase);
            foreach (DictionaryEntry value in values)
                Values[ValueName(value.Key as string)] = Value((string)value.Key, Given.Plain(value.Value) as IDictionary);
        }

        private void Check()
        {
            if (!WasCut && !WasForgotten)
                return;  // nothing was taken away
            if (Sid == null || !AccountApi.IsSid(Sid))
                throw new FormatException("sid: " + Text.Quoted(Sid ?? "") + " is no SID");
            Sid = Text.Upper(Sid);  // as Windows writes it: one user's entries belong together
            if (Name != null && ResourceName.Device(Name) != Name && !IsKeyWithoutDevice)
                throw new FormatException("name: " + Text.Quoted(Name) + " is neither a drive letter (Z:) nor a port (LPT1:)");
            if (WasForgotten && Name == null)
                throw new FormatException("name is missing, and a profile remembers nothing without a device");
            if (WasForgotten && !WasRemembered)
                throw new FormatException("profile_values is missing: there is no telling what the profile's entry was");
            RemoteName name = RemoteName.Parse(Remote ?? "");
            bool named = name != null && !name.HasWildcards;
            if (!named && !(Remote == null && WasForgotten && !WasCut))  // a script may have made a key without
                throw new FormatException("remote: " + Text.Quoted(Remote ?? "") + " is no remote name");
            if (WasRemembered && !ResourceName.SameRemote(RemotePath, Remote))
                throw new FormatException("profile_values: RemotePath is not the entry's remote name");
        }

        // A script may have made one, as 'Archive', and the clean-up took it away.
        private bool IsKeyWithoutDevice
        {
            get
            {
                bool isKey = Name.Any(Char.IsLetterOrDigit) && Name.Length <= LongestKey && !Name.Any(c => c == '\\' || Char.IsControl(c));
                return isKey && !WasCut && ResourceName.Device(Name) == null && !Name.EndsWith(":", StringComparison.Ordinal);
            }
        }

        // Null where there is none, or it is no text.
        private string RemotePath
        {
            get
            {
                RegistryValue path;
                return Values.TryGetValue(UserProfile.RemotePath, out path) ? path.Data as string : null;
            }
        }

        private static string ValueName(string name)
        {
            if (name == null || name.Length > LongestValueName || name.Any(Char.IsControl))
                throw new FormatException("profile_values: " + Text.Quoted(name ?? "") + " is no name of a value");
            return name;
        }

        private static RegistryValue Value(string name, IDictionary value)
        {
            try
            {
                if (value == null)
                    throw new FormatException("is no dictionary of type and value");
                return RegistryValue.Parse(Given.Plain(value["type"]) as string, Given.Plain(value["value"]));
            }
            catch (FormatException e)
            {
                throw new FormatException("profile_values: " + Text.Quoted(name) + " " + e.Message);
            }
        }

        private string Field(string field)
        {
            object value = Given.Plain(source[field]);
            string text = RegistryValue.WithoutTerminators(value) as string;  // of a record of an earlier version
            if (value != null && text == null)
                throw new FormatException(field + " is no text");
            if (text != null && (text.Length > LongestText || text.IndexOf('\0') >= 0))
                throw new FormatException(field + ": " + Text.Quoted(text) + " can be none in Windows");
            return text;
        }

        private int? Number(string field)
        {
            object value = Given.Plain(source[field]);
            if (value == null)
                return null;
            if (!(value is int) && !(value is long))
                throw new FormatException(field + " is no whole number");
            return unchecked((int)Convert.ToInt64(value, CultureInfo.InvariantCulture));
        }

        // Null where a session or profile could not be read: then nothing is known to have been there.
        private bool Flag(string field)
        {
            object value = Given.Plain(source[field]);
            if (value != null && !(value is bool))
                throw new FormatException(field + " is neither true nor false");
            return value != null && (bool)value;
        }
    }
}
