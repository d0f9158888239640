// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net;
using ansible_collections.netdrive.windows.plugins.module_utils.Accounts;
using ansible_collections.netdrive.windows.plugins.module_utils.AutostartSources;
using ansible_collections.netdrive.windows.plugins.module_utils.BoundedCalls;
using ansible_collections.netdrive.windows.plugins.module_utils.GroupPolicySources;
using ansible_collections.netdrive.windows.plugins.module_utils.Inventory;
using ansible_collections.netdrive.windows.plugins.module_utils.MachineFiles;
using ansible_collections.netdrive.windows.plugins.module_utils.Machines;
using ansible_collections.netdrive.windows.plugins.module_utils.MachineSources;
using ansible_collections.netdrive.windows.plugins.module_utils.NameLookUps;
using ansible_collections.netdrive.windows.plugins.module_utils.ProfileSources;
using ansible_collections.netdrive.windows.plugins.module_utils.ScheduledTaskSources;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;
using ansible_collections.netdrive.windows.plugins.module_utils.SourceAccess;
using ansible_collections.netdrive.windows.plugins.module_utils.Sources;
using ansible_collections.netdrive.windows.plugins.module_utils.WindowsErrors;

namespace ansible_collections.netdrive.windows.plugins.module_utils.SourceSearch
{
    /// <summary>
    /// Looks through a machine for what will connect to the selected servers again: each profile while the inventory has it at
    /// hand, the machine afterwards. Nothing is changed or run, and no path on the network is opened.
    /// </summary>
    public sealed class SourceSearch : IDisposable
    {
        private const string ProfileList = @"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList\";
        private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
        private static readonly TimeSpan LongestLookUp = TimeSpan.FromSeconds(2);  // of an account

        private readonly Machine machine;
        private readonly SourceApi api;
        private readonly UserSelection users;
        private readonly Stopwatch clock = new Stopwatch();  // of the search alone, without what it and others wait for servers
        private readonly LocalFiles files;
        private readonly Findings findings;
        private readonly Place whole;
        private readonly GroupPolicy policies;
        private readonly Dictionary<string, Place> places = new Dictionary<string, Place>(StringComparer.OrdinalIgnoreCase);
        private bool profilesAreRead;
        private readonly Dictionary<string, string> sids = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

        /// <summary>A search of this machine.</summary>
        /// <exception cref="ArgumentException">An option is not valid.</exception>
        public SourceSearch(Machine machine, InventoryOptions options) : this(machine, new SourceApi(), options) { }

        /// <exception cref="ArgumentException">An option is not valid.</exception>
        public SourceSearch(Machine machine, SourceApi api, InventoryOptions options)
        {
            this.machine = machine;
            this.api = api;
            users = new UserSelection(options.Users, machine.Accounts);
            files = new LocalFiles(api, clock, Longest);
            findings = new Findings(api, files, new ConnectionSelection(options.Name, options.Remote, options.Exclude));
            whole = new Place { Affected = Affected.Machine, Root = "HKLM", ShownRoot = "HKLM", Environment = MachineEnvironment() };
            policies = new GroupPolicy(findings, whole, PlaceOf);
        }

        /// <summary>What was found, the surest first.</summary>
        public IList<Source> Sources
        {
            get
            {
                return findings.Sources.OrderByDescending(source => source.Certainty).ThenBy(source => source.User, StringComparer.OrdinalIgnoreCase)
                    .ThenBy(source => source.Kind, StringComparer.Ordinal).ThenBy(source => source.Name, StringComparer.Ordinal).ToList();
            }
        }

        /// <summary>What may be a source, and could not be read.</summary>
        public IList<NotExamined> NotExamined { get { return findings.NotExamined; } }

        /// <summary>Has an inventory with these options show the search each profile, and ask it for other names of servers.</summary>
        public void Attach(InventoryOptions options)
        {
            options.OnProfile = ReadProfile;
            options.LookUp = new LookUps(Dns.GetHostAddresses, api.DfsTargetOf, machine.Threads).Find;
        }

        public void Dispose()
        {
            files.Dispose();
        }

        /// <summary>Looks through one profile.</summary>
        /// <param name="root">The key of its hive below HKEY_USERS: its SID, or the name that a copy of it is loaded under.</param>
        private void ReadProfile(Owner owner, string root)
        {
            // Signed-out users' profiles are read side by side, and one that was given up may come late.
            lock (places)
            {
                if (profilesAreRead || places.ContainsKey(owner.Sid))
                    return;
                clock.Start();
                ReadUser(owner.Sid, root);
                clock.Stop();
            }
        }

        private void ReadUser(string sid, string root)
        {
            if (places.Count == 0)
                Try(whole.Affected, "policy", policies.ReadLocalPolicies);
            Place place = null;
            Try(Affected.Account(sid, null), "registry", () => place = NewPlace(sid, root));
            if (place == null)
                return;
            places.Add(sid, place);
            Try(place.Affected, "policy", () => policies.ReadUser(place));
            Try(place.Affected, "autostart", () => new Autostart(findings).ReadUser(place));
            Try(place.Affected, "profile", () => new ProfileConnections(findings).Read(place));
        }

        /// <summary>Looks through the rest of the machine.</summary>
        /// <param name="remembered">The connections that profiles go on to remember.</param>
        /// <param name="forgotten">Those that they do not remember any more, or will not.</param>
        public void ReadMachine(Connection[] remembered, Connection[] forgotten)
        {
            lock (places)
                profilesAreRead = true;
            clock.Start();
            MachineWide wide = new MachineWide(findings, whole, PlaceOf);
            if (places.Count == 0)
                Try(whole.Affected, "policy", policies.ReadLocalPolicies);
            Try(whole.Affected, "policy", policies.ReadMachine);
            Try(whole.Affected, "autostart", () => new Autostart(findings).ReadMachine(whole));
            Try(whole.Affected, "task", new ScheduledTasks(findings, whole, PlaceOf, SidOf).Read);
            Try(whole.Affected, "registry", wide.Read);
            Try(whole.Affected, "registry", () => wide.ReadServices((sid, device) => forgotten.Any(connection => connection.Owner.Sid == sid && connection.Name == device)));
            foreach (Connection connection in remembered)
                AddRemembered(connection);
            Try(whole.Affected, "account", ReadAccountsAndNames);
            clock.Stop();
        }

        private void ReadAccountsAndNames()
        {
            IEnumerable<string> all = findings.Sources.Select(source => source.Affected.Sid).Concat(findings.NotExamined.Select(entry => entry.Owner.Sid)).Concat(places.Keys);
            clock.Stop();
            Dictionary<string, string> names = machine.NamesOf(all.Where(sid => sid != null), LongestLookUp);
            clock.Start();
            ReadAccounts(names);
            foreach (Source source in findings.Sources)
                source.User = Name(names, source.Affected.Sid) ?? source.Affected.Name;
            foreach (Owner owner in findings.NotExamined.Select(entry => entry.Owner))
                owner.User = Name(names, owner.Sid) ?? owner.User;
        }

        private void AddRemembered(Connection connection)
        {
            string key = @"HKU\" + connection.Owner.Sid + @"\Network\" + connection.Remembered.Key;
            Starter starter = new Starter { Kind = "remembered_drive", Affected = Affected.Account(connection.Owner.Sid, null), Where = key, Direct = Certainty.Sure };
            findings.AddSelected(starter, connection.Name, connection.Remote, "RemotePath = " + connection.Remote);
        }

        // What an account of this machine connects to, this machine knows; of all others it is in the directory.
        private void ReadAccounts(Dictionary<string, string> names)
        {
            string own = api.Variable("COMPUTERNAME") + @"\";
            foreach (Place place in places.Values.Where(place => place.Affected.Sid.StartsWith("S-1-5-21-", StringComparison.Ordinal)))
            {
                string name = names[place.Affected.Sid];
                if (name.StartsWith(own, StringComparison.OrdinalIgnoreCase))
                    Try(place.Affected, "account", () => ReadAccount(place, name.Substring(own.Length)));
                else
                    findings.Skip(place.Affected, "account", null, "its logon script and home folder are in the directory, which was not asked");
            }
        }

        private void ReadAccount(Place place, string name)
        {
            LocalAccount account = api.Account(name);
            if (account != null)
                new ProfileConnections(findings).ReadAccount(place, account);
        }

        // One kind of source that cannot be read leaves the others.
        private void Try(Affected affected, string kind, Action read)
        {
            try
            {
                read();
            }
            catch (Exception e)
            {
                findings.Skip(affected, kind, null, WindowsError.Of(e).ToString());
            }
        }

        /// <summary>Where a user is searched for; null for one that nobody asked for.</summary>
        private Place PlaceOf(string sid)
        {
            Place place;
            return places.TryGetValue(sid, out place) ? place : users.Matches(sid) ? NewPlace(sid, sid) : null;
        }

        private Place NewPlace(string sid, string root)
        {
            string folder = whole.Expand(SourceApi.Text(api.Values(ProfileList + sid), "ProfileImagePath")).TrimEnd('\\');
            Place place = new Place
            {
                Affected = Affected.Account(sid, null), Root = @"HKU\" + root, ShownRoot = @"HKU\" + sid, Folder = folder.Length > 0 ? folder : null,
                Environment = new Dictionary<string, string>(whole.Environment, StringComparer.OrdinalIgnoreCase)
            };
            if (place.Folder != null)
            {
                place.Environment["USERPROFILE"] = folder;
                place.Environment["APPDATA"] = folder + @"\AppData\Roaming";
                place.Environment["LOCALAPPDATA"] = folder + @"\AppData\Local";
            }
            foreach (string key in new[] { @"\Environment", @"\Volatile Environment" })
                AddVariables(place, place.Root + key);
            CopyVariable(place, "USERNAME", "LogonUser");  // as preferences of Group Policy call them
            CopyVariable(place, "USERDOMAIN", "LogonDomain");
            return place;
        }

        private IDictionary<string, string> MachineEnvironment()
        {
            Dictionary<string, string> environment = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            foreach (string name in new[] { "SystemRoot", "SystemDrive", "windir", "ProgramData", "ALLUSERSPROFILE", "ProgramFiles", "ProgramFiles(x86)", "PUBLIC", "COMPUTERNAME" })
                if (!String.IsNullOrEmpty(api.Variable(name)))
                    environment[name] = api.Variable(name);
            return environment;
        }

        private void AddVariables(Place place, string key)
        {
            foreach (KeyValuePair<string, object> variable in api.Values(key))
                if (variable.Value is string && !String.Equals(variable.Key, "PATH", StringComparison.OrdinalIgnoreCase))
                    place.Environment[variable.Key] = place.Expand((string)variable.Value);
        }

        private static void CopyVariable(Place place, string name, string other)
        {
            string value;
            if (place.Environment.TryGetValue(name, out value))
                place.Environment[other] = value;
        }

        private string SidOf(string account)
        {
            string sid;
            if (!sids.TryGetValue(account, out sid))
            {
                AccountKind kind;
                BoundedCall<string> call = new BoundedCall<string>(() => machine.Accounts.SidOf(account, out kind));
                clock.Stop();
                BoundedCall<string>.RunAll(new[] { call }, LongestLookUp);
                clock.Start();
                sids[account] = sid = call.Result;
            }
            return sid;
        }

        private static string Name(Dictionary<string, string> names, string sid)
        {
            string name;
            return sid != null && names.TryGetValue(sid, out name) ? name : sid;
        }
    }
}
