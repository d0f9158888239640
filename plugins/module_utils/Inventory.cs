// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Linq;
using ansible_collections.netdrive.windows.plugins.module_utils.Accounts;
using ansible_collections.netdrive.windows.plugins.module_utils.BoundedCalls;
using ansible_collections.netdrive.windows.plugins.module_utils.LogonSessions;
using ansible_collections.netdrive.windows.plugins.module_utils.Machines;
using ansible_collections.netdrive.windows.plugins.module_utils.NetworkConnections;
using ansible_collections.netdrive.windows.plugins.module_utils.OtherNames;
using ansible_collections.netdrive.windows.plugins.module_utils.ProfileHives;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;
using ansible_collections.netdrive.windows.plugins.module_utils.UserProfiles;
using ansible_collections.netdrive.windows.plugins.module_utils.WindowsErrors;

namespace ansible_collections.netdrive.windows.plugins.module_utils.Inventory
{
    /// <summary>What to look for, as a module's options say; by the last two, which are none, a search for sources takes part.</summary>
    public class InventoryOptions
    {
        private const int LongestTimeout = 24 * 60 * 60;  // seconds, a day; .NET waits for no more than 24

        public InventoryOptions()
        {
            Users = new[] { "current" };
            Timeout = 60;
        }

        /// <summary>One text or a list of texts each; null where it was not given.</summary>
        public object Name { get; set; }
        public object Remote { get; set; }
        public object Exclude { get; set; }
        public object Users { get; set; }

        public bool SignedOut { get; set; }

        /// <summary>Whether profiles of signed-out users count that a server has a copy of.</summary>
        public bool SignedOutRoaming { get; set; }

        /// <summary>Seconds that one call may take.</summary>
        public int Timeout { get; set; }

        /// <summary>
        /// What else is to be done with each profile that is read, given the name of its hive below HKEY_USERS; null for nothing.
        /// Called by several threads.
        /// </summary>
        public Action<Owner, string> OnProfile { get; set; }

        /// <summary>What else is known of the names of connections that were not selected; null where nobody is to be asked.</summary>
        public Func<ConnectionSelection, IList<OtherConnection>, IEnumerable<OtherName>> LookUp { get; set; }

        internal TimeSpan TimeLimit { get { return TimeSpan.FromSeconds(Timeout); } }

        /// <exception cref="ArgumentException">It is no number of seconds that can be waited for.</exception>
        internal static void CheckTimeout(int seconds)
        {
            if (seconds < 1 || seconds > LongestTimeout)
                throw new ArgumentException("timeout: " + seconds + " is not between 1 and " + LongestTimeout + " seconds");
        }
    }

    /// <summary>A user in one logon session, or one who is not signed in.</summary>
    public sealed class Owner
    {
        /// <summary>'DOMAIN\name'; the SID where nobody knows the name.</summary>
        public string User { get; internal set; }

        public string Sid { get; internal set; }

        /// <summary>Null for a user who is not signed in.</summary>
        public LogonSession Session { get; internal set; }

        /// <summary>Whether nothing may be written to the profile.</summary>
        public bool ProfileStays { get; internal set; }

        public Dictionary<string, object> ToResult()
        {
            return new Dictionary<string, object>
            {
                { "user", User },
                { "sid", Sid },
                { "logon_id", Session == null ? null : Session.LogonId },
                { "session_id", Session == null ? (object)null : Session.SessionId },
                { "signed_in", Session != null }
            };
        }
    }

    /// <summary>What an owner has under one name for one resource.</summary>
    public sealed class Connection
    {
        public Owner Owner { get; internal set; }

        /// <summary>The device; null for a connection without one.</summary>
        public string Name { get; internal set; }

        public string Remote { get; internal set; }
        public string Provider { get; internal set; }

        /// <summary>The account it was made with; null where neither the provider nor the profile says.</summary>
        public string ConnectedAs { get; internal set; }

        /// <summary>Whether it was seen live in the owner's logon session.</summary>
        public bool Connected { get; internal set; }

        /// <summary>Why exclude might mean it, so that it must be left alone; null where that is clear.</summary>
        public WindowsError Doubt { get; internal set; }

        /// <summary>Whether a logon session of the owner could not be read, so that it may be live there.</summary>
        public bool MayBeConnected { get; internal set; }

        /// <summary>The profile's entry; null where the profile does not remember the connection.</summary>
        public RememberedConnection Remembered { get; internal set; }

        public bool Persistent { get { return Remembered != null; } }

        /// <summary>Whether the owner's profile could not be read, so that it may be remembered there.</summary>
        public bool MayBePersistent { get; internal set; }

        public Dictionary<string, object> ToResult()
        {
            Dictionary<string, object> result = Owner.ToResult();
            result.Add("name", Name);
            result.Add("remote", Remote);
            result.Add("provider", Provider);
            result.Add("connected_as", ConnectedAs);
            result.Add("connected", MayBeConnected ? (object)null : Connected);
            result.Add("persistent", MayBePersistent ? (object)null : Persistent);
            result.Add("profile_values", Persistent ? Remembered.ProfileValues() : null);
            return result;
        }
    }

    /// <summary>A logon session or profile that could not be read.</summary>
    public sealed class Unreadable
    {
        public Owner Owner { get; internal set; }
        public WindowsError Error { get; internal set; }

        public Dictionary<string, object> ToResult()
        {
            Dictionary<string, object> result = Owner.ToResult();
            result.Add("error", Error.ToResult());
            return result;
        }
    }

    /// <summary>A profile, a logon session or what may be a source that could not be looked at, which is no failure.</summary>
    public sealed class NotExamined
    {
        public Owner Owner { get; internal set; }

        /// <summary>'profile' or 'session'; of a search for sources 'script', 'task', 'link', 'policy' and others.</summary>
        public string Kind { get; internal set; }

        /// <summary>The profile's folder, the file or the registry key; null where there is none.</summary>
        public string Path { get; internal set; }

        /// <summary>Why, in words.</summary>
        public string Reason { get; internal set; }

        public Dictionary<string, object> ToResult()
        {
            return new Dictionary<string, object>
            {
                { "user", Owner.User },
                { "sid", Owner.Sid },
                { "kind", Kind },
                { "path", Path },
                { "reason", Reason }
            };
        }
    }

    /// <summary>Who has which network connections on this machine.</summary>
    public sealed class NetworkInventory : IDisposable
    {
        // The window manager's and the font driver host's accounts ("Well-known SIDs"): no profile, no network.
        private static readonly string[] NeverConnected = { "S-1-5-90-", "S-1-5-96-" };

        private const string RoamingReason = "The profile roams: the copy on its server was not looked at, and the one on this machine, which "
            + "would replace it if it were changed, was only read. mapped_drive changes it with signed_out_roaming, the role with cleanup_signed_out_roaming.";

        private const string OnlyNetworkLogon = "users: current is the logon session of this task, a network logon as WinRM and SSH make them: "
            + "the drives of the people who are signed in are never in it. To look into everybody's, say users: all";

        private readonly Machine machine;
        private readonly InventoryOptions options;
        private readonly ConnectionSelection selection;
        private readonly OtherConnections others;
        private readonly List<Connection> connections = new List<Connection>();
        private readonly List<Unreadable> unreadable = new List<Unreadable>();
        private readonly List<NotExamined> notExamined = new List<NotExamined>();
        private readonly List<NotExamined> putAside = new List<NotExamined>();  // where their users have another, which is no temporary one
        private readonly HashSet<string> unread = new HashSet<string>(StringComparer.OrdinalIgnoreCase);  // the SIDs of profiles that nobody has looked into
        private IList<LogonSession> sessions = new LogonSession[0];

        private NetworkInventory(Machine machine, InventoryOptions options, ConnectionSelection selection)
        {
            this.machine = machine;
            this.options = options;
            this.selection = selection;
            others = new OtherConnections(selection, options.LookUp);
            Profiles = new ProfileStore(machine.Profiles, machine.HiveFiles, machine.Tokens);
        }

        /// <summary>Reads the connections that the options select.</summary>
        /// <exception cref="ArgumentException">An option is not valid.</exception>
        /// <exception cref="WindowsErrorException">The account of the task may not look at others.</exception>
        public static NetworkInventory Read(Machine machine, InventoryOptions options)
        {
            InventoryOptions.CheckTimeout(options.Timeout);
            ConnectionSelection selection = new ConnectionSelection(options.Name, options.Remote, options.Exclude);
            UserSelection users = new UserSelection(options.Users, machine.Accounts);
            if (options.SignedOut && !users.Others)
                throw new ArgumentException("signed_out: users says current, and the task's own user is signed in; say users: all, or name accounts");

            if (options.SignedOutRoaming && !options.SignedOut)
                throw new ArgumentException("signed_out_roaming: without signed_out: true no profile of a signed-out user counts");

            NetworkInventory inventory = new NetworkInventory(machine, options, selection);
            try
            {
                inventory.Warnings = new List<string>(inventory.Profiles.Sweep());
                inventory.ReadSessions(users);
                if (options.SignedOut)
                    inventory.ReadSignedOut(users);
                inventory.DoubtUnread();
                inventory.ReadPutAside(users);
                inventory.NameOwners();
                inventory.OtherNames = inventory.others.Find();
                if (inventory.connections.Count == 0 && !users.Others && machine.Tokens.IsNetworkLogon())
                    inventory.Warnings.Add(OnlyNetworkLogon);
                return inventory;
            }
            catch (Exception)
            {
                inventory.Dispose();
                throw;
            }
        }

        /// <summary>The selected connections, sorted by user and name.</summary>
        public IList<Connection> Connections
        {
            get
            {
                return connections.OrderBy(connection => connection.Owner.User, StringComparer.OrdinalIgnoreCase)
                    .ThenBy(connection => connection.Name, StringComparer.OrdinalIgnoreCase)
                    .ThenBy(connection => connection.Remote, StringComparer.OrdinalIgnoreCase).ToList();
            }
        }

        public IList<Unreadable> Unreadable { get { return unreadable; } }

        /// <summary>What could not be looked at, sorted by user.</summary>
        public IList<NotExamined> NotExamined
        {
            get { return notExamined.Concat(putAside).OrderBy(entry => entry.Owner.User, StringComparer.OrdinalIgnoreCase).ToList(); }
        }

        /// <summary>Names that were not selected, and probably lead to selected servers.</summary>
        public IList<OtherName> OtherNames { get; private set; }

        /// <summary>What the administrator of the machine should know, whatever was asked for.</summary>
        public IList<string> Warnings { get; private set; }

        internal ProfileStore Profiles { get; private set; }

        /// <summary>The logon sessions of the machine, as far as they were looked for; with connections or without.</summary>
        internal IList<LogonSession> Sessions { get { return sessions; } }

        /// <summary>Why not all is known of a user's connections; null where it is.</summary>
        internal WindowsError WhyUnread(string sid)
        {
            Unreadable unread = unreadable.FirstOrDefault(entry => entry.Owner.Sid == sid);
            NotExamined hidden = notExamined.FirstOrDefault(entry => entry.Owner.Sid == sid);
            return unread != null ? unread.Error : hidden != null ? new WindowsError(SystemError.ERROR_NOT_SUPPORTED, hidden.Reason) : null;
        }

        /// <summary>Whether a profile might remember a live connection under a name with a variable in it that was not selected.</summary>
        internal bool MightRemember(string sid, string device, RemoteName live)
        {
            return others.MightBe(sid, device, live);
        }

        public void Dispose()
        {
            Profiles.Dispose();
            foreach (LogonSession session in sessions)
                session.Dispose();
        }

        private void ReadSessions(UserSelection users)
        {
            if (users.Others)
                LoadBeforeImpersonating();
            SessionFinder all = new SessionFinder(machine.Tokens);
            sessions = users.Others ? all.All() : new[] { all.Current() };
            List<SignedInUser> signedIn = sessions
                .Where(session => users.Matches(session.Sid) || (users.Current && session.IsCurrent))
                .Where(session => !NeverConnected.Any(prefix => session.Sid.StartsWith(prefix, StringComparison.Ordinal)))
                .GroupBy(session => session.Sid).Select(ReadLoaded).ToList();
            // A session may be without its profile, or lose it while that is read.
            unread.UnionWith(Profiles.NotSignedIn(sessions.Select(session => session.Sid)));
            List<SessionReading> readings = signedIn.SelectMany(user => user.Readings).ToList();
            SessionReading.RunAll(readings, options.TimeLimit, machine.Threads);
            ReadAccounts(readings.Where(reading => reading.Live.Count > 0));
            foreach (SignedInUser user in signedIn)
                AddSignedIn(user, users.Names(user.Readings[0].Owner.Sid));
        }

        // What such a profile remembers is not known; a connection without a device none ever does.
        private void DoubtUnread()
        {
            foreach (Connection connection in connections.Where(found => found.Connected && found.Name != null && unread.Contains(found.Owner.Sid)))
                connection.MayBePersistent = !connection.Persistent;
        }

        private void LoadBeforeImpersonating()
        {
            machine.Tokens.Load();
            BoundedCall<bool> load = new BoundedCall<bool>(() =>
            {
                machine.Network.Load();
                return true;
            });
            BoundedCall<bool>.RunAll(new[] { load }, options.TimeLimit, machine.Threads);
        }

        // By itself, so that a server which keeps it waiting costs no more than the accounts.
        private void ReadAccounts(IEnumerable<SessionReading> readings)
        {
            List<BoundedCall<bool>> calls = readings.Select(reading => new BoundedCall<bool>(() => reading.Owner.Session.Run(() =>
            {
                new Network(machine.Network).ReadAccounts(reading.Live);
                return true;
            }))).ToList();
            BoundedCall<bool>.RunAll(calls, options.TimeLimit, machine.Threads);
        }

        // The profile first: what it remembers may turn out to be live in a session.
        private SignedInUser ReadLoaded(IEnumerable<LogonSession> sessionsOfUser)
        {
            SignedInUser user = new SignedInUser();
            user.Readings = sessionsOfUser.Select(session => new SessionReading(new Owner { Sid = session.Sid, Session = session }, machine.Network,
                network => network.Connected((device, remote) => IsSelected(session.Sid, device, remote), user.Remembered))).ToList();
            Owner first = user.Readings[0].Owner;
            try
            {
                user.Remembered = Look(first, new UserProfile(machine.Profiles, first.Sid));
            }
            catch (Exception e)
            {
                unread.Add(first.Sid);
                unreadable.Add(new Unreadable { Owner = first, Error = WindowsError.Of(e) });
            }
            return user;
        }

        /// <param name="user">Whose sessions were read.</param>
        /// <param name="isNamed">Whether the option users names the account.</param>
        private void AddSignedIn(SignedInUser user, bool isNamed)
        {
            List<RememberedConnection> onlyRemembered = new List<RememberedConnection>(user.Remembered);
            foreach (SessionReading reading in user.Readings)
            {
                foreach (LiveConnection live in reading.Live)
                {
                    RememberedConnection entry = user.Remembered.FirstOrDefault(candidate => live.Is(candidate.LocalName, candidate.RemoteName));
                    onlyRemembered.Remove(entry);
                    connections.Add(LiveEntry(reading.Owner, live, entry));
                }
            }
            List<SessionReading> failed = user.Readings.Where(reading => reading.Error != null && !reading.Ended).ToList();
            foreach (SessionReading reading in failed)
                AddFailed(reading.Owner, reading.Error, isNamed);
            // They belong to the user, not to a logon session: shown once, under the first.
            connections.AddRange(onlyRemembered.Select(entry => RememberedEntry(user.Readings[0].Owner, entry, failed.Count > 0)));
        }

        // A fleet must not stop over the account of a service.
        private void AddFailed(Owner owner, WindowsError error, bool isNamed)
        {
            if (owner.Session.IsOfService && !owner.Session.IsCurrent && !isNamed)
                notExamined.Add(new NotExamined { Owner = owner, Kind = "session", Reason = "The logon session of a service could not be read: " + error });
            else
                unreadable.Add(new Unreadable { Owner = owner, Error = error });
        }

        private void ReadSignedOut(UserSelection users)
        {
            using (Profiles.EnablePrivileges())
            {
                List<Owner> owners = Profiles.NotSignedIn(sessions.Select(session => session.Sid)).Where(users.Matches)
                    .Select(sid => new Owner { Sid = sid }).ToList();
                List<BoundedCall<ProfileReading>> readings = owners.Select(owner => new BoundedCall<ProfileReading>(() =>
                    Profiles.Read(owner.Sid, profile => Look(owner, profile)))).ToList();
                BoundedCall<ProfileReading>.RunAll(readings, options.TimeLimit, machine.Threads);
                for (int i = 0; i < owners.Count; i++)
                    AddSignedOut(owners[i], readings[i].Result, readings[i].Error);
            }
        }

        private void ReadPutAside(UserSelection users)
        {
            foreach (KeyValuePair<string, ProfileEntry> profile in Profiles.PutAside().Where(profile => users.Matches(profile.Key) || (users.Current && IsOwn(profile.Key))))
            {
                List<NotExamined> hidden = machine.Profiles.Entry(profile.Key).IsTemporary ? notExamined : putAside;
                hidden.Add(NotExaminedProfile(new Owner { Sid = profile.Key }, profile.Value.Folder, "Windows has put this profile aside (SID.bak in its list of profiles)."));
            }
        }

        private bool IsOwn(string sid)
        {
            return sessions.Any(session => session.IsCurrent && String.Equals(session.Sid, sid, StringComparison.OrdinalIgnoreCase));
        }

        private void AddSignedOut(Owner owner, ProfileReading reading, WindowsError error)
        {
            if (error != null)
            {
                unreadable.Add(new Unreadable { Owner = owner, Error = error });
                return;
            }
            owner.ProfileStays = reading.Roams && !options.SignedOutRoaming;
            if (reading.NotExamined == null)
                unread.Remove(owner.Sid);
            string reason = reading.NotExamined ?? (owner.ProfileStays ? RoamingReason : null);
            if (reason != null)
                notExamined.Add(NotExaminedProfile(owner, reading.Folder, reason));
            connections.AddRange(reading.Remembered.Select(entry => RememberedEntry(owner, entry, false)));
        }

        private bool IsSelected(string sid, string device, string remote)
        {
            bool selected = selection.Matches(device, remote);
            if (!selected)
                others.Add(sid, device, remote);
            return selected;
        }

        private IList<RememberedConnection> Look(Owner owner, UserProfile profile)
        {
            IList<RememberedConnection> found = profile.Remembered((device, remote) => IsSelected(owner.Sid, device, remote));
            if (options.OnProfile != null)
                options.OnProfile(owner, profile.Root);
            return found;
        }

        // Only whoever is in the result.
        private void NameOwners()
        {
            List<Owner> owners = connections.Select(connection => connection.Owner).Concat(unreadable.Select(entry => entry.Owner))
                .Concat(NotExamined.Select(entry => entry.Owner)).ToList();
            Dictionary<string, string> names = machine.NamesOf(owners.Select(owner => owner.Sid), options.TimeLimit);
            foreach (Owner owner in owners)
                owner.User = names[owner.Sid];
        }

        private WindowsError DoubtAbout(string remote)
        {
            return selection.MightBeExcluded(remote) ? new WindowsError(SystemError.ERROR_INVALID_NAME) : null;
        }

        private static NotExamined NotExaminedProfile(Owner owner, string folder, string reason)
        {
            return new NotExamined { Owner = owner, Kind = "profile", Path = folder, Reason = reason };
        }

        private Connection LiveEntry(Owner owner, LiveConnection live, RememberedConnection remembered)
        {
            return new Connection
            {
                Owner = owner,
                Name = live.LocalName,
                Remote = live.RemoteName,
                Doubt = DoubtAbout(live.RemoteName),
                Provider = live.Provider,
                ConnectedAs = live.ConnectedAs ?? (remembered == null ? null : remembered.ConnectedAs),
                Connected = true,
                Remembered = remembered
            };
        }

        private Connection RememberedEntry(Owner owner, RememberedConnection remembered, bool mayBeConnected)
        {
            return new Connection
            {
                Owner = owner,
                Name = remembered.LocalName,
                Remote = remembered.RemoteName,
                Doubt = DoubtAbout(remembered.RemoteName),
                Provider = remembered.Provider,
                ConnectedAs = remembered.ConnectedAs,
                MayBeConnected = mayBeConnected,
                Remembered = remembered
            };
        }
    }

    /// <summary>A user who is signed in: what the profile remembers, and each logon session.</summary>
    internal sealed class SignedInUser
    {
        public SignedInUser()
        {
            Remembered = new RememberedConnection[0];
        }

        public IList<RememberedConnection> Remembered { get; set; }

        public IList<SessionReading> Readings { get; set; }
    }

    /// <summary>The live connections of one logon session, looked at once.</summary>
    internal sealed class SessionReading
    {
        private readonly BoundedCall<Enumeration> call;

        public SessionReading(Owner owner, NetworkApi network, Func<Network, Enumeration> read)
        {
            Owner = owner;
            call = new BoundedCall<Enumeration>(() => Read(owner.Session, () => read(new Network(network))));
        }

        public Owner Owner { get; private set; }

        /// <summary>Why not all of them could be read; null where they could.</summary>
        public WindowsError Error { get { return call.Error ?? (call.Result == null ? null : call.Result.Error); } }

        /// <summary>Whether the logon session ended before it could be read: it has no connections any more.</summary>
        public bool Ended { get { return HasEnded(Error); } }

        /// <summary>The live connections; where there is an error, those that were found before it.</summary>
        public IList<LiveConnection> Live { get { return call.Result == null || Ended ? new LiveConnection[0] : call.Result.Connections; } }

        public bool Has(string name, string remote)
        {
            return Live.Any(connection => connection.Is(name, remote));
        }

        public static void RunAll(IEnumerable<SessionReading> readings, TimeSpan timeout, ThreadApi threads)
        {
            BoundedCall<Enumeration>.RunAll(readings.Select(reading => reading.call), timeout, threads);
        }

        // Another process's token may reach what this one's does not.
        private static Enumeration Read(LogonSession session, Func<Enumeration> read)
        {
            for (;;)
            {
                Enumeration found;
                try
                {
                    found = session.Run(read);
                }
                catch (Exception e)
                {
                    found = new Enumeration { Connections = new LiveConnection[0], Error = WindowsError.Of(e) };
                }
                // A call that was given up is cancelled, and nobody waits for another.
                if (found.Error == null || HasEnded(found.Error) || found.Error.Is(SystemError.ERROR_OPERATION_ABORTED) || !session.TryNextToken())
                    return found;
            }
        }

        private static bool HasEnded(WindowsError error)
        {
            return error != null && error.Is(SystemError.ERROR_NO_SUCH_LOGON_SESSION);
        }
    }
}
