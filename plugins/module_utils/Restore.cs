// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ansible_collections.netdrive.windows.plugins.module_utils.Accounts;
using ansible_collections.netdrive.windows.plugins.module_utils.BoundedCalls;
using ansible_collections.netdrive.windows.plugins.module_utils.Inventory;
using ansible_collections.netdrive.windows.plugins.module_utils.LogonSessions;
using ansible_collections.netdrive.windows.plugins.module_utils.Machines;
using ansible_collections.netdrive.windows.plugins.module_utils.NetworkConnections;
using ansible_collections.netdrive.windows.plugins.module_utils.ProfileHives;
using ansible_collections.netdrive.windows.plugins.module_utils.RestoreEntries;
using ansible_collections.netdrive.windows.plugins.module_utils.Results;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;
using ansible_collections.netdrive.windows.plugins.module_utils.Tokens;
using ansible_collections.netdrive.windows.plugins.module_utils.UserProfiles;
using ansible_collections.netdrive.windows.plugins.module_utils.WindowsErrors;

namespace ansible_collections.netdrive.windows.plugins.module_utils.Restore
{
    /// <summary>What to put back.</summary>
    public sealed class RestoreOptions
    {
        /// <summary>Entries as mapped_drive returned them.</summary>
        public IList Connections { get; set; }

        /// <summary>Whose entries: 'current', 'all', accounts; one text or a list.</summary>
        public object Users { get; set; }

        /// <summary>Seconds that one call may take.</summary>
        public int Timeout { get; set; }

        internal TimeSpan TimeLimit { get { return TimeSpan.FromSeconds(Timeout); } }
    }

    /// <summary>What is to be done about one entry, and how far that came.</summary>
    internal sealed class RestoreStep
    {
        public RestoreStep(RestoreEntry entry)
        {
            Entry = entry;
            Error = entry.Refusal;
        }

        public RestoreEntry Entry { get; private set; }

        /// <summary>The logon session to connect it in; null where its user is not signed in.</summary>
        public LogonSession Session { get; private set; }

        /// <summary>How it was before, and how it was seen last.</summary>
        public bool WasConnected { get; private set; }
        public bool WasRemembered { get; private set; }
        public bool IsConnected { get; private set; }
        public bool IsRemembered { get; private set; }

        /// <summary>What is missing, and can be put back.</summary>
        public bool Connect { get; private set; }
        public bool Remember { get; private set; }

        /// <summary>Why it is not back; null where it is, or nobody looked.</summary>
        public WindowsError Error { get; set; }

        /// <summary>Whether it was made again with an account that it did not have: then it is not back.</summary>
        public bool IsAnothers { get; private set; }

        /// <summary>What to know of it that is no error; null for nothing.</summary>
        public string Message { get; private set; }

        /// <summary>Whether there is anything to look at: something was taken away, and nothing is wrong with what is said of it.</summary>
        public bool IsOpen { get { return Error == null && (Entry.WasCut || Entry.WasForgotten); } }

        /// <summary>Refuses an entry of somebody whom this machine does not know, or knows by another name.</summary>
        /// <param name="hasProfile">Whether the SID has a profile here.</param>
        /// <param name="name">The account that the machine knows the SID by; the SID where it does not know.</param>
        public void CheckOwner(bool hasProfile, string name)
        {
            bool comparable = name != Entry.Sid && Entry.User != null && Entry.User != Entry.Sid;
            if (!hasProfile)
                Error = new WindowsError(SystemError.ERROR_INVALID_DATA, "The SID " + Entry.Sid + " has no profile on this machine: its user is gone, or the record is another machine's.");
            else if (comparable && !String.Equals(name, Entry.User, StringComparison.OrdinalIgnoreCase))
                Error = new WindowsError(SystemError.ERROR_INVALID_DATA, "The SID " + Entry.Sid + " is " + name + " on this machine, not " + Entry.User + ".");
        }

        /// <summary>Decides what is to be done, from what is there.</summary>
        /// <param name="inOwn">Whether the logon session of the task is a place to put something back into.</param>
        /// <param name="isOfAnEntry">Whether a connection is what some entry of this restore is about.</param>
        public void Plan(NetworkInventory inventory, bool inOwn, Func<Connection, bool> isOfAnEntry)
        {
            Session = SessionIn(inventory.Sessions, inOwn);
            See(inventory);
            WasConnected = IsConnected;
            WasRemembered = IsRemembered;
            Remember = Entry.WasForgotten && !IsRemembered;
            bool cut = Entry.WasCut && !IsConnected;
            WindowsError error = inventory.WhyUnread(Entry.Sid) ?? (Remember || cut ? Conflict(inventory, cut, isOfAnEntry) : null);
            if (error != null)
                Refuse(error);
            else if (cut && Session != null && Entry.OtherAccount == null)
                Connect = true;
            else if (cut)
                Explain();
        }

        /// <summary>Leaves it as it is.</summary>
        public void Refuse(WindowsError error)
        {
            Error = error;
            Connect = Remember = false;
        }

        /// <summary>Makes the connection, in whichever session the calling thread works.</summary>
        /// <returns>The error; null where there is none.</returns>
        public WindowsError ConnectThrough(Network network)
        {
            bool isAnothers;
            WindowsError error = network.Connect(Entry.Name, Entry.Remote, Entry.Provider, Entry.ConnectedAs, out isAnothers);
            IsAnothers = isAnothers;
            return error;
        }

        /// <summary>Notes what is there.</summary>
        public void See(NetworkInventory inventory)
        {
            List<Connection> same = inventory.Connections.Where(IsAbout).ToList();
            IsConnected = same.Any(IsInSession);
            IsRemembered = same.Any(IsRememberedBy);
        }

        /// <summary>Whether a connection is what the entry is about, in whichever session.</summary>
        public bool IsAbout(Connection connection)
        {
            return HasItsName(connection) && ResourceName.SameRemote(connection.Remote, Entry.Remote);
        }

        /// <summary>As it is hoped to end: what check mode reports.</summary>
        public void Expect()
        {
            IsConnected |= Connect;
            IsRemembered |= Remember;
        }

        /// <summary>An error is none where a look shows that what was missing is there; a success is none where it is not.</summary>
        public void Judge()
        {
            bool reached = (!Connect || IsConnected) && (!Remember || IsRemembered);
            if (reached && !IsAnothers)
                Error = null;
            else if (Error == null)
                Error = new WindowsError(SystemError.NO_ERROR, "Windows reported success, but it is not there. Look at the network provider.");
        }

        // The same one if it is still there, then one on the same desk, then any in which somebody sits. The task's own ends with the
        // task, and a service's is nobody's desk.
        private LogonSession SessionIn(IEnumerable<LogonSession> sessions, bool inOwn)
        {
            return sessions.Where(session => IsTheirs(session.Sid))
                .Where(session => session.LogonId == Entry.LogonId || (session.IsCurrent ? inOwn : session.SessionId == Entry.SessionId || session.SessionId != 0))
                .OrderByDescending(session => session.LogonId == Entry.LogonId)
                .ThenByDescending(session => session.SessionId == Entry.SessionId)
                .ThenByDescending(session => session.SessionId != 0).FirstOrDefault();
        }

        private bool IsTheirs(string sid)
        {
            return String.Equals(sid, Entry.Sid, StringComparison.OrdinalIgnoreCase);
        }

        private bool HasItsName(Connection connection)
        {
            return IsTheirs(connection.Owner.Sid) && connection.Name == Entry.Name;
        }

        private bool IsInSession(Connection connection)
        {
            return connection.Connected && Session != null && connection.Owner.Session.LogonId == Session.LogonId;
        }

        // A run that was killed in the middle of a key may have left a part of its values.
        private bool IsRememberedBy(Connection connection)
        {
            return connection.Persistent && (!Entry.WasRemembered || Entry.Values.Keys.All(connection.Remembered.Values.ContainsKey));
        }

        private void Explain()
        {
            bool comesBack = Remember || IsRemembered;
            if (Session == null && !comesBack)
                Error = new WindowsError(SystemError.ERROR_NO_SUCH_LOGON_SESSION, "Its user is not signed in, and the profile never had it: there is no place to put it back into.");
            else if (Session == null)
                Message = "Its user is not signed in: it comes back at the next sign-in.";
            else
                Message = "It was made with the account " + Entry.OtherAccount + ", whose password nobody here has: it comes back at the next sign-in, when Windows asks for it.";
        }

        // A letter may be live for one resource and remembered for another, so only a live one is in the way of connecting it, and a
        // remembered one of what was remembered itself. One that leads to what another entry is about is as it was.
        private WindowsError Conflict(NetworkInventory inventory, bool cut, Func<Connection, bool> isOfAnEntry)
        {
            if (Entry.Name == null)
                return null;
            List<Connection> others = inventory.Connections.Where(connection => HasItsName(connection) && !IsAbout(connection)).ToList();
            Connection live = others.FirstOrDefault(connection => IsInSession(connection) && (cut || !isOfAnEntry(connection)));
            Connection remembered = others.FirstOrDefault(connection => Entry.WasRemembered && connection.Persistent && connection.Remembered.Values.Count > 0);
            if (live != null)
                return Taken(SystemError.ERROR_ALREADY_ASSIGNED, "leads to " + (live.Remote ?? "another resource"));
            return remembered == null ? null : Taken(SystemError.ERROR_DEVICE_ALREADY_REMEMBERED, "is remembered for " + (remembered.Remote ?? "another resource"));
        }

        /// <summary>The error where something else has its name.</summary>
        public WindowsError Taken(SystemError code, string by)
        {
            return new WindowsError(code, Entry.Name + " " + by + " by now; it was " + (Entry.Remote ?? "without a remote name") + ". Free it and run again, or leave it.");
        }
    }

    /// <summary>What mapped_drive_restore reports.</summary>
    public sealed class RestoreResult : ModuleResult
    {
        private readonly IList<RestoreStep> steps;
        private readonly IList<string> warnings;

        internal RestoreResult(IList<RestoreStep> steps, IList<string> warnings)
        {
            this.steps = steps;
            this.warnings = warnings;
        }

        public override IList<string> Warnings { get { return warnings; } }

        public override bool Changed { get { return steps.Any(IsChanged); } }

        /// <summary>One entry for each that was given, in the same order.</summary>
        public override List<Dictionary<string, object>> Connections { get { return steps.Select(EntryOf).ToList(); } }

        public override string Before { get { return Lines(steps.Select(step => Line(step, step.WasConnected, step.WasRemembered))); } }
        public override string After { get { return Lines(steps.Select(step => Line(step, step.IsConnected, step.IsRemembered))); } }

        public override string Failure
        {
            get
            {
                List<string> failed = steps.Where(step => step.Error != null).Select(step => Words(step) + ": " + step.Error).ToList();
                if (failed.Count == 0)
                    return null;
                return String.Format(CultureInfo.InvariantCulture, "{0} of {1} network connections could not be put back: {2}", failed.Count, steps.Count, WindowsError.Named(failed));
            }
        }

        protected override IEnumerable<string> Changes { get { return steps.Where(IsChanged).Select(step => Words(step) + ": " + (ActionOf(step) ?? "not complete")); } }

        private static string ActionOf(RestoreStep step)
        {
            return !IsChanged(step) || step.IsAnothers ? null : step.IsConnected ? "restored" : "remembered";
        }

        private static bool IsChanged(RestoreStep step)
        {
            return step.IsConnected != step.WasConnected || step.IsRemembered != step.WasRemembered;
        }

        private static Dictionary<string, object> EntryOf(RestoreStep step)
        {
            Dictionary<string, object> result = new Owner { User = step.Entry.User, Sid = step.Entry.Sid, Session = step.Session }.ToResult();
            result.Add("name", step.Entry.Name);
            result.Add("remote", step.Entry.Remote);
            result.Add("provider", step.Entry.Provider);
            result.Add("connected", step.IsConnected);
            result.Add("persistent", step.IsRemembered);
            result.Add("action", ActionOf(step));
            result.Add("message", step.Message);
            result.Add("error", step.Error == null ? null : step.Error.ToResult());
            return result;
        }

        private static string Line(RestoreStep step, bool connected, bool remembered)
        {
            string[] states = { connected ? "connected" : null, remembered ? "remembered" : null };
            string shown = String.Join(", ", states.Where(state => state != null));
            return shown.Length == 0 ? null : Words(step) + " (" + shown + ")";
        }

        private static string Words(RestoreStep step)
        {
            return (step.Entry.User ?? step.Entry.Sid ?? "?") + " " + (step.Entry.Name == null ? "" : step.Entry.Name + " ") + step.Entry.Remote;
        }
    }

    /// <summary>Puts network connections back that were taken away, and looks whether they are there.</summary>
    public sealed class Restore
    {
        private const string Roams = "The profile roams, and the changed one on this machine might replace the one on its server. Run again while its user is signed in.";

        private readonly Machine machine;
        private readonly RestoreOptions options;
        private readonly UserSelection users;
        private readonly List<RestoreStep> steps;
        private readonly List<string> warnings = new List<string>();

        private Restore(Machine machine, RestoreOptions options)
        {
            InventoryOptions.CheckTimeout(options.Timeout);
            this.machine = machine;
            this.options = options;
            users = new UserSelection(options.Users, machine.Accounts);
            string own = users.Current ? OwnSid() : null;
            steps = RestoreEntry.ParseAll(options.Connections).Where(entry => entry.Refusal != null || users.Matches(entry.Sid) || entry.Sid == own)
                .Select(entry => new RestoreStep(entry)).ToList();
        }

        /// <summary>Puts back what the entries say was taken away; with checkMode, reports the same without touching anything.</summary>
        /// <exception cref="ArgumentException">An option is not valid; nothing was read or changed.</exception>
        /// <exception cref="WindowsErrorException">The account of the task may not look at others; nothing was changed.</exception>
        public static RestoreResult Run(Machine machine, RestoreOptions options, bool checkMode)
        {
            Restore restore = new Restore(machine, options);
            restore.Run(checkMode);
            return new RestoreResult(restore.steps, restore.warnings);
        }

        private IList<RestoreStep> Open { get { return steps.Where(step => step.IsOpen).ToList(); } }

        private void Run(bool checkMode)
        {
            CheckOwners();
            IList<RestoreStep> open = Open;
            if (open.Count == 0)
                return;
            using (NetworkInventory inventory = ReadInventory(open))
            {
                warnings.AddRange(inventory.Warnings);
                foreach (RestoreStep step in open)
                    step.Plan(inventory, users.Current, connection => open.Any(other => other.IsAbout(connection)));
                CheckRoaming(open.Where(step => step.Remember && step.Entry.WasSignedIn), inventory.Sessions);
                CheckDrives(open.Where(step => step.Connect && step.Entry.IsDrive).ToList());
                IList<RestoreStep> missing = open.Where(step => step.Remember || step.Connect).ToList();
                if (checkMode)
                    foreach (RestoreStep step in missing)
                        step.Expect();
                else if (missing.Count > 0)
                    CarryOut(missing, inventory.Profiles);
            }
        }

        // A record of another machine, or one in which a SID was exchanged, must not end in somebody else's profile.
        private void CheckOwners()
        {
            HashSet<string> known = new HashSet<string>(machine.Profiles.Sids().Concat(machine.Profiles.Roots()), StringComparer.OrdinalIgnoreCase);
            Dictionary<string, string> names = machine.NamesOf(Open.Select(step => step.Entry.Sid), options.TimeLimit);
            foreach (RestoreStep step in Open)
                step.CheckOwner(known.Contains(step.Entry.Sid), names[step.Entry.Sid]);
        }

        // The clean-up changed such a profile where its user was signed in, or where it was told to; so does this.
        private void CheckRoaming(IEnumerable<RestoreStep> steps, IList<LogonSession> sessions)
        {
            foreach (RestoreStep step in steps.Where(step => !sessions.Any(session => session.Sid == step.Entry.Sid)))
                if (machine.Profiles.Entry(step.Entry.Sid).Roams)
                    step.Refuse(new WindowsError(SystemError.ERROR_NO_SUCH_LOGON_SESSION, Roams));
        }

        // A letter may be a disk's by now. A port is a device of the system also while it is redirected.
        private void CheckDrives(IList<RestoreStep> drives)
        {
            List<BoundedCall<string>> calls = drives.Select(step => new BoundedCall<string>(() => step.Session.Run(() => machine.Network.TargetOf(step.Entry.Name)))).ToList();
            BoundedCall<string>.RunAll(calls, options.TimeLimit, machine.Threads);
            for (int i = 0; i < calls.Count; i++)
                if (calls[i].Error != null || calls[i].Result != null)
                    drives[i].Refuse(calls[i].Error ?? drives[i].Taken(SystemError.ERROR_ALREADY_ASSIGNED, "is another device (" + calls[i].Result + ")"));
        }

        /// <summary>All connections of the users whom the steps are about.</summary>
        private NetworkInventory ReadInventory(IEnumerable<RestoreStep> about)
        {
            List<string> sids = about.Select(step => step.Entry.Sid).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
            bool onlyOwn = !users.Others;  // which needs no right
            return NetworkInventory.Read(machine, new InventoryOptions
            {
                Name = "*",
                Users = onlyOwn ? (object)"current" : sids,
                SignedOut = !onlyOwn,
                SignedOutRoaming = !onlyOwn,
                Timeout = options.Timeout
            });
        }

        private string OwnSid()
        {
            using (Token own = machine.Tokens.Own())
                return own.Sid;
        }

        // Profiles first: what is killed after that comes back at the next sign-in at least.
        private void CarryOut(IList<RestoreStep> missing, ProfileStore profiles)
        {
            foreach (var user in missing.Where(step => step.Remember).GroupBy(step => new { step.Entry.Sid, step.Entry.WasSignedIn }))
                Remember(profiles, user.ToList());
            Connect(missing.Where(step => step.Connect).ToList());
            using (NetworkInventory now = ReadInventory(missing))
                foreach (RestoreStep step in missing)
                    step.See(now);
            foreach (RestoreStep step in missing)
                step.Judge();
            IDictionary<string, WindowsError> loaded = profiles.UnloadLeft();
            foreach (RestoreStep step in missing.Where(step => loaded.ContainsKey(step.Entry.Sid)))
                step.Error = loaded[step.Entry.Sid];
        }

        private static void Remember(ProfileStore profiles, IList<RestoreStep> missing)
        {
            RestoreEntry first = missing[0].Entry;
            WindowsError error = profiles.Change(first.Sid, profile => profile.Roams && first.WasSignedIn ? Roams : null, profile =>
            {
                foreach (RestoreStep step in missing)
                    step.Error = profile.Remember(step.Entry.Name, step.Entry.Remote, step.Entry.Values);
            });
            foreach (RestoreStep step in missing)
                step.Error = step.Error ?? error;
        }

        private void Connect(IList<RestoreStep> missing)
        {
            List<BoundedCall<WindowsError>> calls = missing.Select(step => new BoundedCall<WindowsError>(() =>
                step.Session.Run(() => step.ConnectThrough(new Network(machine.Network))))).ToList();
            BoundedCall<WindowsError>.RunAll(calls, options.TimeLimit, machine.Threads);
            for (int i = 0; i < calls.Count; i++)
                missing[i].Error = missing[i].Error ?? calls[i].Error ?? calls[i].Result;
        }
    }
}
