// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using Microsoft.Win32;
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;
using ansible_collections.netdrive.windows.plugins.module_utils.Tokens;
using ansible_collections.netdrive.windows.plugins.module_utils.WindowsErrors;

namespace ansible_collections.netdrive.windows.plugins.module_utils.UserProfiles
{
    /// <summary>A connection that a profile remembers: HKEY_USERS\SID\Network\LETTER.</summary>
    public sealed class RememberedConnection
    {
        /// <param name="key">The name of the connection's key: its device without the colon.</param>
        /// <param name="remoteName">Null where the key does not say.</param>
        public RememberedConnection(string key, string remoteName)
        {
            Key = key;
            RemoteName = remoteName;
            Values = new Dictionary<string, RegistryValue>();
        }

        public string Key { get; private set; }

        public string LocalName { get { return Key.ToUpperInvariant() + ":"; } }

        public string RemoteName { get; private set; }

        /// <summary>All values of the key; none where nobody asked.</summary>
        public Dictionary<string, RegistryValue> Values { get; internal set; }

        public string UserName { get { return Text("UserName"); } }

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

        public RegistryValue(object data, RegistryValueKind kind)
        {
            Data = data;
            Kind = kind;
        }

        public object Data { get; private set; }

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
    }

    /// <summary>
    /// What the clean-up needs of the registry. A root is a name under HKEY_USERS: a SID, or that of a hive we loaded.
    /// HKEY_CURRENT_USER would not do: it is cached per process and does not follow impersonation ("RegOpenCurrentUser").
    /// Virtual, so that tests can answer what no stand can.
    /// </summary>
    public class ProfileApi
    {
        private const string ProfileList = @"SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList";

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

        /// <summary>The path of a profile's hive file; null where there is none, as RegLoadKey would make one.</summary>
        public virtual string HiveFile(string sid)
        {
            using (RegistryKey profile = Registry.LocalMachine.OpenSubKey(ProfileList + @"\" + sid))
            {
                string folder = profile == null ? null : profile.GetValue("ProfileImagePath") as string;
                string file = String.IsNullOrEmpty(folder) ? null : folder.TrimEnd('\\') + @"\NTUSER.DAT";
                return file != null && Exists(file) ? file : null;
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
                return network.GetSubKeyNames().Where(key => ResourceName.Device(key) != null)
                    .Select(key => new RememberedConnection(key, RemoteName(root, key))).ToList();
            }
        }

        /// <summary>The remote name that a profile remembers under a key; null where there is none.</summary>
        public virtual string RemoteName(string root, string key)
        {
            using (RegistryKey connection = Registry.Users.OpenSubKey(root + @"\Network\" + key))
            {
                string name = connection == null ? null : connection.GetValue("RemotePath") as string;
                return String.IsNullOrEmpty(name) ? null : name;
            }
        }

        /// <summary>All values of a remembered connection; none where it is gone.</summary>
        public virtual Dictionary<string, RegistryValue> Values(string root, string key)
        {
            using (RegistryKey connection = Registry.Users.OpenSubKey(root + @"\Network\" + key))
            {
                if (connection == null)
                    return new Dictionary<string, RegistryValue>();
                return connection.GetValueNames().ToDictionary(name => name, name => new RegistryValue(
                    connection.GetValue(name, null, RegistryValueOptions.DoNotExpandEnvironmentNames), connection.GetValueKind(name)));
            }
        }

        /// <summary>Deletes a remembered connection; one that is gone already is no error.</summary>
        public virtual void Delete(string root, string key)
        {
            using (RegistryKey network = Registry.Users.OpenSubKey(root + @"\Network", true))
                if (network != null)
                    network.DeleteSubKeyTree(key, false);
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

        // File.Exists would take a file that may not be looked at for one that is not there.
        private static bool Exists(string file)
        {
            try
            {
                File.GetAttributes(file);
                return true;
            }
            catch (FileNotFoundException) { return false; }
            catch (DirectoryNotFoundException) { return false; }
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
        private readonly ProfileApi api;
        private readonly string root;

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
        public IList<RememberedConnection> Remembered(ConnectionSelection selection)
        {
            List<RememberedConnection> found = Remembered().Where(connection => selection.Matches(connection.LocalName, connection.RemoteName)).ToList();
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
    }

    /// <summary>The profiles of this machine, each used where it is: loaded for its user, or in its hive file.</summary>
    public sealed class ProfileStore
    {
        // Ours alone, so that what a killed run left is known by its name.
        private const string RootPrefix = "netdrive.windows-";
        private const int Tries = 20;
        private const int Pause = 100;  // milliseconds

        private readonly ProfileApi api;
        private readonly TokenApi tokens;

        public ProfileStore(ProfileApi api, TokenApi tokens)
        {
            this.api = api;
            this.tokens = tokens;
        }

        /// <summary>The rights to load and unload hives, until disposed of.</summary>
        /// <exception cref="WindowsErrorException">The account of the task does not hold them.</exception>
        public IDisposable EnablePrivileges()
        {
            try
            {
                return tokens.Enable("SeBackupPrivilege", "SeRestorePrivilege");
            }
            catch (System.ComponentModel.Win32Exception)
            {
                throw new WindowsErrorException("The profiles of users who are not signed in need SeBackupPrivilege and SeRestorePrivilege, "
                    + "which the account of this task does not hold (members of Administrators do)", new WindowsError(SystemError.ERROR_PRIVILEGE_NOT_HELD));
            }
        }

        /// <summary>The SIDs whose profiles are not seen through a logon session. Unloads what a killed run left first.</summary>
        /// <param name="signedIn">The SIDs that have a logon session.</param>
        public IList<string> NotSignedIn(IEnumerable<string> signedIn)
        {
            foreach (string root in api.Roots().Where(root => root.StartsWith(RootPrefix, StringComparison.OrdinalIgnoreCase)))
                api.Unload(root);  // fails where another run is at work on it, as it should
            // A session may be without its profile ("runas /noprofile"), and a profile may stay loaded without a session.
            HashSet<string> seen = new HashSet<string>(api.Roots(), StringComparer.OrdinalIgnoreCase);
            seen.IntersectWith(signedIn);
            return api.Sids().Where(sid => IsUser(sid) && !seen.Contains(sid)).ToList();
        }

        /// <summary>Runs the action on a profile as it is loaded; one that is not loaded remembers nothing.</summary>
        /// <returns>The error of the action; null where there is none.</returns>
        public WindowsError UseLoaded(string sid, Action<UserProfile> action)
        {
            try
            {
                action(new UserProfile(api, sid));
                return null;
            }
            catch (Exception e)
            {
                return WindowsError.Of(e);
            }
        }

        /// <summary>
        /// Runs the action on a profile. Where that is not loaded, its hive is loaded for as long as the action takes, and
        /// unloaded whatever happens; a profile without a hive remembers nothing.
        /// </summary>
        /// <returns>The error of the action, of loading or of unloading; null where there is none.</returns>
        public WindowsError Use(string sid, Action<UserProfile> action)
        {
            try
            {
                using (IDisposable hold = api.Hold(sid))
                {
                    string file = hold == null ? api.HiveFile(sid) : null;
                    return file == null ? UseLoaded(sid, action) : UseHive(RootPrefix + sid, file, action);
                }
            }
            catch (Exception e)
            {
                return WindowsError.Of(e);
            }
        }

        private WindowsError UseHive(string root, string file, Action<UserProfile> action)
        {
            using (EnablePrivileges())
            {
                IDisposable hold = Load(root, file);
                int unloaded;
                try
                {
                    using (hold)
                        action(new UserProfile(api, root));
                }
                finally
                {
                    unloaded = Unload(root);
                }
                return unloaded == (int)SystemError.NO_ERROR ? null : new WindowsError(unloaded, "The profile's hive could not be unloaded again, "
                    + "so that its user may get a temporary profile at the next sign-in. Run again, which unloads it.");
            }
        }

        // A hive can be in one place only. Another run may have it for a moment, or unload ours before we hold it.
        private IDisposable Load(string root, string file)
        {
            for (int i = 0; i < Tries; i++)
            {
                if (IsLoaded(root))
                    api.Unload(root);
                int code = IsLoaded(root) ? (int)SystemError.ERROR_SHARING_VIOLATION : api.Load(root, file);
                if (code != (int)SystemError.NO_ERROR && code != (int)SystemError.ERROR_SHARING_VIOLATION)
                {
                    api.Unload(root);  // whatever half a load left
                    throw new WindowsErrorException(file, new WindowsError(code));
                }
                IDisposable hold = code == (int)SystemError.NO_ERROR ? Hold(root) : null;
                if (hold != null)
                    return hold;
                Thread.Sleep(Pause);
            }
            throw new WindowsErrorException(file, new WindowsError(SystemError.ERROR_SHARING_VIOLATION));
        }

        private IDisposable Hold(string root)
        {
            try
            {
                return api.Hold(root);
            }
            catch (Exception)
            {
                api.Unload(root);
                throw;
            }
        }

        private bool IsLoaded(string root)
        {
            return api.Roots().Contains(root, StringComparer.OrdinalIgnoreCase);
        }

        // Virus scanners and the registry's own flushing can hold a key for a moment longer.
        private int Unload(string root)
        {
            int code = api.Unload(root);
            for (int i = 1; i < Tries && code != (int)SystemError.NO_ERROR && IsLoaded(root); i++)
            {
                Thread.Sleep(Pause);
                code = api.Unload(root);
            }
            return IsLoaded(root) ? code : (int)SystemError.NO_ERROR;
        }

        // ProfileList has keys such as 'S-1-5-21-...-1001.bak' as well.
        private static bool IsUser(string sid)
        {
            return sid.StartsWith("S-1-", StringComparison.OrdinalIgnoreCase) && sid.Substring(4).All(c => Char.IsDigit(c) || c == '-');
        }
    }
}
