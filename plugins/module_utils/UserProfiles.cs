// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using Microsoft.Win32;
using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;
using ansible_collections.netdrive.windows.plugins.module_utils.WindowsErrors;

namespace ansible_collections.netdrive.windows.plugins.module_utils.UserProfiles
{
    /// <summary>A connection that a profile remembers: HKEY_USERS\SID\Network\LETTER.</summary>
    public sealed class RememberedConnection
    {
        /// <param name="key">The name of the connection's key: its device without the colon, where Windows made it.</param>
        /// <param name="remoteName">Null where the key does not say.</param>
        public RememberedConnection(string key, string remoteName)
        {
            Key = key;
            RemoteName = remoteName;
            Values = new Dictionary<string, RegistryValue>();
        }

        public string Key { get; private set; }

        /// <summary>The device; the name of the key where that is none.</summary>
        public string LocalName { get { return ResourceName.Device(Key) ?? Key; } }

        /// <summary>Whether Windows would find it by its device: scripts have made keys such as 'Z:', too.</summary>
        public bool IsWindowsOwn { get { return String.Equals(Key + ":", LocalName, StringComparison.OrdinalIgnoreCase); } }

        public string RemoteName { get; private set; }

        /// <summary>All values of the key; none where nobody asked.</summary>
        public Dictionary<string, RegistryValue> Values { get; internal set; }

        public string ConnectedAs { get { return Text("UserName"); } }

        public string Provider { get { return Text("ProviderName"); } }

        /// <summary>Every value as it is, with its registry type: what is needed to put the connection back.</summary>
        public Dictionary<string, object> ProfileValues()
        {
            return Values.ToDictionary(value => value.Key, value => (object)value.Value.ToResult());
        }

        private string Text(string name)
        {
            RegistryValue value;
            string text = Values.TryGetValue(name, out value) ? value.Data as string : null;
            return String.IsNullOrEmpty(text) ? null : text;
        }
    }

    /// <summary>A value in the registry.</summary>
    public sealed class RegistryValue
    {
        private static readonly Dictionary<RegistryValueKind, string> TypeNames = new Dictionary<RegistryValueKind, string>
        {
            { RegistryValueKind.String, "REG_SZ" },
            { RegistryValueKind.ExpandString, "REG_EXPAND_SZ" },
            { RegistryValueKind.MultiString, "REG_MULTI_SZ" },
            { RegistryValueKind.DWord, "REG_DWORD" },
            { RegistryValueKind.QWord, "REG_QWORD" },
            { RegistryValueKind.None, "REG_NONE" }
        };

        private const int LongestText = 64 * 1024;  // characters; far more than any value of a connection

        public RegistryValue(object data, RegistryValueKind kind)
        {
            Data = WithoutTerminators(data);
            Kind = kind;
        }

        public object Data { get; private set; }

        /// <summary>A value's data. A text may be stored with several terminators, of which .NET takes one off.</summary>
        public static object WithoutTerminators(object data)
        {
            string text = data as string;
            return text == null ? data : text.TrimEnd('\0');
        }

        public RegistryValueKind Kind { get; private set; }

        /// <summary>Binary data is written in hexadecimal.</summary>
        public Dictionary<string, object> ToResult()
        {
            string type;
            byte[] binary = Data as byte[];
            return new Dictionary<string, object>
            {
                { "type", TypeNames.TryGetValue(Kind, out type) ? type : "REG_BINARY" },
                { "value", binary == null ? Data : BitConverter.ToString(binary).Replace("-", "") }
            };
        }

        /// <summary>What <see cref="ToResult"/> wrote.</summary>
        /// <exception cref="FormatException">It is none; the message says why.</exception>
        public static RegistryValue Parse(string type, object value)
        {
            switch (type)
            {
                case "REG_SZ": return new RegistryValue(Text(value), RegistryValueKind.String);
                case "REG_EXPAND_SZ": return new RegistryValue(Text(value), RegistryValueKind.ExpandString);
                case "REG_MULTI_SZ": return new RegistryValue(Texts(value), RegistryValueKind.MultiString);
                case "REG_DWORD": return new RegistryValue(unchecked((int)Number(value, Int32.MinValue, UInt32.MaxValue)), RegistryValueKind.DWord);
                case "REG_QWORD": return new RegistryValue(Number(value, Int64.MinValue, Int64.MaxValue), RegistryValueKind.QWord);
                case "REG_BINARY": return new RegistryValue(Bytes(value), RegistryValueKind.Binary);
                case "REG_NONE": return new RegistryValue(Bytes(value), RegistryValueKind.None);
                default: throw new FormatException("has a type that is none of the registry's");
            }
        }

        private static string Text(object value)
        {
            string text = WithoutTerminators(value) as string;  // of a record of an earlier version
            if (text == null || text.Length > LongestText || text.IndexOf('\0') >= 0)
                throw new FormatException("is no text that the registry can hold");
            return text;
        }

        private static string[] Texts(object value)
        {
            IEnumerable values = value as IList;
            if (values == null)
                throw new FormatException("is no list of texts");
            return values.Cast<object>().Select(Given.Plain).Select(Text).ToArray();
        }

        private static long Number(object value, long least, long most)
        {
            if (!(value is int || value is long))
                throw new FormatException("is no whole number");
            long number = Convert.ToInt64(value, CultureInfo.InvariantCulture);
            if (number < least || number > most)
                throw new FormatException("is a number that its type cannot hold");
            return number;
        }

        private static byte[] Bytes(object value)
        {
            string text = Text(value);
            if (text.Length % 2 != 0 || !text.All(Uri.IsHexDigit))
                throw new FormatException("is not binary data in hexadecimal");
            return Enumerable.Range(0, text.Length / 2).Select(index => Convert.ToByte(text.Substring(index * 2, 2), 16)).ToArray();
        }
    }

    /// <summary>What the registry key ProfileList says of a profile.</summary>
    public sealed class ProfileEntry
    {
        /// <summary>Null where it does not say.</summary>
        public string Folder { get; set; }

        /// <summary>Whether a server has a copy, which the one on this machine replaces where it is newer.</summary>
        public bool Roams { get; set; }

        /// <summary>Whether nothing of what its user changes is kept.</summary>
        public bool IsMandatory { get; set; }

        /// <summary>Whether its user has it in the place of one that could not be loaded, and loses it at the end.</summary>
        public bool IsTemporary { get; set; }
    }

    /// <summary>
    /// What the clean-up needs of the registry. A root is a name under HKEY_USERS: a SID, or that of a hive we loaded.
    /// HKEY_CURRENT_USER would not do: it is cached per process and does not follow impersonation ("RegOpenCurrentUser").
    /// Virtual, so that tests can answer what no stand can.
    /// </summary>
    public class ProfileApi
    {
        private const string ProfileList = @"SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList";
        private const int MandatoryState = 1, TemporaryState = 0x800;  // of State, as the user profile service keeps it

        /// <summary>The names under HKEY_USERS.</summary>
        public virtual IList<string> Roots()
        {
            return Registry.Users.GetSubKeyNames();
        }

        /// <summary>The SIDs of everyone who has a profile on this machine, loaded or not.</summary>
        public virtual IList<string> Sids()
        {
            using (RegistryKey list = Registry.LocalMachine.OpenSubKey(ProfileList))
                return list == null ? new string[0] : list.GetSubKeyNames();
        }

        /// <summary>What the machine knows of a profile, loaded or not.</summary>
        public virtual ProfileEntry Entry(string sid)
        {
            using (RegistryKey profile = Registry.LocalMachine.OpenSubKey(ProfileList + @"\" + sid))
            {
                if (profile == null)
                    return new ProfileEntry();
                object value = profile.GetValue("State");
                int state = value is int ? (int)value : 0;
                return new ProfileEntry
                {
                    Folder = profile.GetValue("ProfileImagePath") as string,
                    Roams = !String.IsNullOrEmpty(profile.GetValue("CentralProfile") as string),
                    IsMandatory = (state & MandatoryState) != 0,
                    IsTemporary = (state & TemporaryState) != 0
                };
            }
        }

        /// <summary>
        /// What the profile's environment calls its user: a label for where the domain does not answer, and no more, as
        /// users may change it.
        /// </summary>
        /// <returns>'DOMAIN\name'; null for a user who is not signed in.</returns>
        public virtual string UserName(string root)
        {
            using (RegistryKey environment = Registry.Users.OpenSubKey(root + @"\Volatile Environment"))
            {
                string name = environment == null ? null : environment.GetValue("USERNAME") as string;
                return String.IsNullOrEmpty(name) ? null : environment.GetValue("USERDOMAIN") + @"\" + name;
            }
        }

        /// <summary>The connections that a profile remembers, without their values.</summary>
        public virtual IList<RememberedConnection> Remembered(string root)
        {
            using (RegistryKey network = Registry.Users.OpenSubKey(root + @"\Network"))
            {
                if (network == null)
                    return new RememberedConnection[0];
                return network.GetSubKeyNames().Select(key => new RememberedConnection(key, RemoteName(root, key))).ToList();
            }
        }

        /// <summary>
        /// The remote name that a profile remembers under a key, unexpanded: '%USERNAME%' would become that of the task's account.
        /// </summary>
        /// <returns>Null where there is none, or it is no text.</returns>
        public virtual string RemoteName(string root, string key)
        {
            string name = InConnection(root, key, null, connection => RegistryValue.WithoutTerminators(
                connection.GetValue(UserProfile.RemotePath, null, RegistryValueOptions.DoNotExpandEnvironmentNames)) as string);
            return String.IsNullOrEmpty(name) ? null : name;
        }

        /// <summary>All values of a remembered connection; none where it is gone.</summary>
        public virtual Dictionary<string, RegistryValue> Values(string root, string key)
        {
            return InConnection(root, key, new Dictionary<string, RegistryValue>(), connection =>
                connection.GetValueNames().ToDictionary(name => name, name => new RegistryValue(
                    connection.GetValue(name, null, RegistryValueOptions.DoNotExpandEnvironmentNames), connection.GetValueKind(name))));
        }

        private static T InConnection<T>(string root, string key, T gone, Func<RegistryKey, T> read)
        {
            using (RegistryKey connection = Registry.Users.OpenSubKey(root + @"\Network\" + key))
                return connection == null ? gone : UnlessDeleted(gone, () => read(connection));
        }

        /// <summary>What is done with a key that is open, or `gone` if somebody else has deleted it meanwhile, such as another run.</summary>
        private static T UnlessDeleted<T>(T gone, Func<T> act)
        {
            try
            {
                return act();
            }
            catch (IOException e)
            {
                if (!WindowsError.Of(e).Is(SystemError.ERROR_KEY_DELETED))
                    throw;
                return gone;
            }
        }

        /// <summary>Deletes a remembered connection; one that is gone already is no error.</summary>
        public virtual void Delete(string root, string key)
        {
            using (RegistryKey network = Registry.Users.OpenSubKey(root + @"\Network", true))
                if (network != null)
                    UnlessDeleted(true, () =>
                    {
                        network.DeleteSubKey(key, false);  // not its tree, which could lead over a link that the user put there
                        return true;
                    });
        }

        /// <summary>Makes the key of a remembered connection, which may have no values.</summary>
        public virtual void Make(string root, string key)
        {
            Registry.Users.CreateSubKey(root + @"\Network\" + key).Dispose();
        }

        /// <summary>Writes a value of a remembered connection, whose key is made if it is not there.</summary>
        public virtual void Write(string root, string key, string name, RegistryValue value)
        {
            using (RegistryKey connection = Registry.Users.CreateSubKey(root + @"\Network\" + key))
                connection.SetValue(name, value.Data, value.Kind);
        }

        /// <summary>A handle that keeps others from unloading a hive; null where the root is not there.</summary>
        public virtual IDisposable Hold(string root)
        {
            return Registry.Users.OpenSubKey(root);
        }

        /// <summary>RegLoadKeyW below HKEY_USERS.</summary>
        /// <returns>A system error code.</returns>
        public virtual int Load(string root, string file)
        {
            return NativeMethods.RegLoadKeyW(NativeMethods.HKEY_USERS, root, file);
        }

        /// <summary>RegUnLoadKeyW below HKEY_USERS.</summary>
        /// <returns>A system error code.</returns>
        public virtual int Unload(string root)
        {
            return NativeMethods.RegUnLoadKeyW(NativeMethods.HKEY_USERS, root);
        }

        /// <summary>Lets time go by.</summary>
        /// <param name="milliseconds">How long.</param>
        public virtual void Wait(int milliseconds)
        {
            Thread.Sleep(milliseconds);
        }

        private static class NativeMethods
        {
            public static readonly UIntPtr HKEY_USERS = new UIntPtr(0x80000003u);  // predefined: never closed

            [DllImport("advapi32.dll", CharSet = CharSet.Unicode)]
            public static extern int RegLoadKeyW(UIntPtr hKey, string lpSubKey, string lpFile);

            [DllImport("advapi32.dll", CharSet = CharSet.Unicode)]
            public static extern int RegUnLoadKeyW(UIntPtr hKey, string lpSubKey);
        }
    }

    /// <summary>The profile of one user, loaded in the registry: what it remembers, and forgetting it.</summary>
    public sealed class UserProfile
    {
        /// <summary>The value of an entry that has its remote name.</summary>
        public const string RemotePath = "RemotePath";

        private readonly ProfileApi api;
        private readonly string root;

        /// <summary>The name of its hive below HKEY_USERS.</summary>
        public string Root { get { return root; } }

        public UserProfile(ProfileApi api, string root)
        {
            this.api = api;
            this.root = root;
        }

        /// <summary>The remembered connections, without their values.</summary>
        public IList<RememberedConnection> Remembered()
        {
            return api.Remembered(root);
        }

        /// <summary>The remembered connections that are selected, with all their values.</summary>
        /// <param name="isSelected">Whether a connection with this device and this remote name is.</param>
        public IList<RememberedConnection> Remembered(Func<string, string, bool> isSelected)
        {
            List<RememberedConnection> found = Remembered().Where(connection => isSelected(connection.LocalName, connection.RemoteName)).ToList();
            foreach (RememberedConnection connection in found)
                connection.Values = api.Values(root, connection.Key);
            return found;
        }

        /// <summary>Forgets a connection, unless the profile has another remote name under its device by now.</summary>
        /// <returns>The error; null where there is none.</returns>
        public WindowsError Forget(RememberedConnection connection)
        {
            try
            {
                if (api.RemoteName(root, connection.Key) == connection.RemoteName)
                    api.Delete(root, connection.Key);
                return null;
            }
            catch (Exception e)
            {
                return WindowsError.Of(e);
            }
        }

        /// <summary>Remembers a connection as it was, unless the profile has something else under its device by now.</summary>
        /// <param name="remote">What it leads to; null where the entry did not say.</param>
        /// <param name="values">All that the entry had. RemotePath is written first: a key without one would be taken for another connection.</param>
        /// <returns>The error; null where there is none.</returns>
        public WindowsError Remember(string device, string remote, Dictionary<string, RegistryValue> values)
        {
            try
            {
                string key = device.TrimEnd(':');
                Dictionary<string, RegistryValue> there = api.Values(root, key);
                if (there.Count > 0 && !ResourceName.SameRemote(api.RemoteName(root, key), remote))
                    return new WindowsError(SystemError.ERROR_DEVICE_ALREADY_REMEMBERED);
                if (values.Count == 0)
                    api.Make(root, key);
                foreach (string name in values.Keys.Where(name => !there.ContainsKey(name)).OrderByDescending(name => name == RemotePath))
                    api.Write(root, key, name, values[name]);
                return null;
            }
            catch (Exception e)
            {
                return WindowsError.Of(e);
            }
        }
    }
}
