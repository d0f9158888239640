// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ansible_collections.netdrive.windows.plugins.module_utils.BoundedCalls;
using ansible_collections.netdrive.windows.plugins.module_utils.Inventory;
using ansible_collections.netdrive.windows.plugins.module_utils.LogonSessions;
using ansible_collections.netdrive.windows.plugins.module_utils.Machines;
using ansible_collections.netdrive.windows.plugins.module_utils.NetworkConnections;
using ansible_collections.netdrive.windows.plugins.module_utils.ProfileHives;
using ansible_collections.netdrive.windows.plugins.module_utils.Results;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;
using ansible_collections.netdrive.windows.plugins.module_utils.UserProfiles;
using ansible_collections.netdrive.windows.plugins.module_utils.WindowsErrors;

namespace ansible_collections.netdrive.windows.plugins.module_utils.CleanUp
{
    /// <summary>What to take away, and how.</summary>
    public sealed class CleanUpOptions : InventoryOptions
    {
        /// <summary>dwFlags of WNetCancelConnection2W: whether the profile forgets the connection, too.</summary>
        public bool UpdateProfile { get; set; }

        /// <summary>fForce of WNetCancelConnection2W.</summary>
        public bool Force { get; set; }
    }

    /// <summary>What is to be done about one connection, and how far that came.</summary>
    internal sealed class Step
    {
        public Step(Connection connection, CleanUpOptions options)
        {
            Connection = connection;
            Forget = connection.Persistent && options.UpdateProfile && !connection.Owner.ProfileStays;
            StillConnected = connection.Connected;
            StillRemembered = connection.Persistent;
            Error = connection.Doubt;
        }

        public Connection Connection { get; private set; }

        /// <summary>Whether the profile's entry has to go.</summary>
        public bool Forget { get; private set; }

        /// <summary>What was seen last.</summary>
        public bool StillConnected { get; set; }
        public bool StillRemembered { get; set; }

        /// <summary>Why it is not gone, as far as is known; null where Windows reported success, or was not asked.</summary>
        public WindowsError Error { get; set; }

        /// <summary>Whether its cancel took too long, so that it may yet end either way.</summary>
        public bool GivenUp { get; set; }

        /// <summary>Why the profile is not as it should be, whatever became of the connection; null where it is.</summary>
        public WindowsError ProfileError { get; set; }

        /// <summary>Whether an entry of the profile is this connection's, which the profile remembered.</summary>
        public bool IsRememberedAs(RememberedConnection entry)
        {
            return String.Equals(entry.Key, Connection.Remembered.Key, StringComparison.OrdinalIgnoreCase)
                && ResourceName.SameRemote(entry.RemoteName, Connection.Remote);
        }

        /// <summary>Whether both are the profile's same entry, as a letter that two sessions of its user have.</summary>
        public bool SharesEntryWith(Step other)
        {
            return Connection.Persistent && other.Connection.Remembered == Connection.Remembered;
        }

        /// <summary>The entry of the profile that brings the connection back, under a name with a variable in it; null for none.</summary>
        public Step RememberedAs { get; private set; }

        /// <summary>Whether one that was not selected does.</summary>
        public bool IsRememberedAsAnother { get; private set; }

        /// <summary>Finds what the profile may remember a live connection as: '\\server\home\anna' as '\\server\home\%USERNAME%'.</summary>
        public void FindRemembered(IEnumerable<Step> plan, NetworkInventory inventory)
        {
            RemoteName live = Connection.Connected && !Connection.Persistent ? RemoteName.Parse(Connection.Remote ?? "") : null;
            RememberedAs = live == null ? null : plan.FirstOrDefault(other => other.Connection.Persistent && other.Connection.Owner.Sid == Connection.Owner.Sid
                && other.Connection.Name == Connection.Name && live.MightBe(RemoteName.Parse(other.Connection.Remote ?? "")));
            IsRememberedAsAnother = live != null && inventory.MightRemember(Connection.Owner.Sid, Connection.Name, live);
        }

        /// <summary>As it is hoped to end: what check mode reports.</summary>
        public Outcome Expected()
        {
            return Connection.Doubt != null ? Outcome() : new Outcome(Connection, false, Connection.Persistent && !Forget, false, null)
            {
                ComesBack = IsRememberedAsAnother || (RememberedAs != null && !RememberedAs.Forget)
            };
        }

        /// <summary>As it ended. An error is none where a look shows that the connection is gone all the same.</summary>
        public Outcome Outcome()
        {
            bool reached = !StillConnected && !(Forget && StillRemembered) && !GivenUp;
            WindowsError error = reached ? ProfileError : Error ?? ProfileError ?? new WindowsError(SystemError.NO_ERROR);
            return new Outcome(Connection, StillConnected, StillRemembered, GivenUp, error)
            {
                ComesBack = IsRememberedAsAnother || (RememberedAs != null && RememberedAs.StillRemembered)
            };
        }
    }

    /// <summary>What became of a connection.</summary>
    public sealed class Outcome
    {
        private readonly Connection connection;
        private readonly bool connected;
        private readonly bool remembered;
        private readonly bool givenUp;

        internal Outcome(Connection connection, bool connected, bool remembered, bool givenUp, WindowsError error)
        {
            this.connection = connection;
            this.connected = connected;
            this.remembered = remembered;
            this.givenUp = givenUp;
            Error = error;
        }

        internal Connection Connection { get { return connection; } }

        /// <summary>Whether the profile remembers it afterwards.</summary>
        internal bool IsRemembered { get { return remembered; } }

        /// <summary>Whether the profile brings it back under another name.</summary>
        internal bool ComesBack { get; set; }

        /// <summary>Why the connection is not as it should be; null where it is.</summary>
        public WindowsError Error { get; private set; }

        public bool Changed { get { return connected != connection.Connected || remembered != connection.Persistent; } }

        /// <summary>What was done and seen to be done; null for nothing, and for a call given up, which may yet end either way.</summary>
        public string Action
        {
            get
            {
                if (!Changed || connected || givenUp)
                    return null;
                if (!connection.Connected)
                    return "forgotten";
                return remembered || ComesBack || connection.MayBePersistent ? "disconnected" : "removed";
            }
        }

        public Dictionary<string, object> ToResult()
        {
            Dictionary<string, object> result = connection.ToResult();
            result.Add("action", Action);
            result.Add("error", Error == null ? null : Error.ToResult());
            return result;
        }

        /// <summary>One line of the diff; null where there is nothing to show.</summary>
        internal string LineBefore { get { return Line(connection.Connected, connection.Persistent); } }
        internal string LineAfter { get { return Line(connected, remembered); } }

        /// <summary>The connection in words.</summary>
        public override string ToString()
        {
            return connection.Owner.User + " " + (connection.Name == null ? "" : connection.Name + " ") + connection.Remote;
        }

        private string Line(bool isConnected, bool isRemembered)
        {
            List<string> states = new[]
            {
                State("connected", isConnected, connection.MayBeConnected),
                State("remembered", isRemembered, connection.MayBePersistent)
            }.Where(state => state != null).ToList();
            return states.Count > 0 ? this + " (" + String.Join(", ", states) + ")" : null;
        }

        private static string State(string state, bool isSo, bool mayBeSo)
        {
            return isSo ? state : mayBeSo ? "perhaps " + state : null;
        }
    }

    /// <summary>What mapped_drive reports.</summary>
    public sealed class CleanUpResult : ModuleResult
    {
        private readonly IList<Outcome> outcomes;
        private readonly NetworkInventory inventory;

        internal CleanUpResult(IList<Outcome> outcomes, NetworkInventory inventory)
        {
            this.outcomes = outcomes;
            this.inventory = inventory;
        }

        public override bool Changed { get { return outcomes.Any(outcome => outcome.Changed); } }

        /// <summary>One entry for each connection, and one for each session or profile that could not be read.</summary>
        public override List<Dictionary<string, object>> Connections
        {
            get { return outcomes.Select(outcome => outcome.ToResult()).Concat(inventory.Unreadable.Select(EntryOf)).ToList(); }
        }

        /// <summary>What could not be looked at, which is no failure.</summary>
        public List<Dictionary<string, object>> NotExamined { get { return inventory.NotExamined.Select(entry => entry.ToResult()).ToList(); } }

        public override IList<string> Warnings { get { return inventory.Warnings; } }

        /// <summary>The connections that profiles go on to remember.</summary>
        public Connection[] Remembered { get { return outcomes.Where(outcome => outcome.IsRemembered).Select(outcome => outcome.Connection).ToArray(); } }

        /// <summary>Those that they do not remember any more.</summary>
        public Connection[] Forgotten { get { return outcomes.Where(outcome => !outcome.IsRemembered && outcome.Connection.Persistent).Select(outcome => outcome.Connection).ToArray(); } }

        /// <summary>Servers that were not selected, and are probably the same as selected ones.</summary>
        public List<Dictionary<string, object>> OtherNames { get { return inventory.OtherNames.Select(other => other.ToResult()).ToList(); } }

        public override string Before { get { return Lines(outcomes.Select(outcome => outcome.LineBefore)); } }
        public override string After { get { return Lines(outcomes.Select(outcome => outcome.LineAfter)); } }

        public override string Failure
        {
            get
            {
                List<string> failed = outcomes.Where(outcome => outcome.Error != null).Select(outcome => outcome + ": " + outcome.Error).ToList();
                List<string> unread = inventory.Unreadable.Select(entry => entry.Owner.User + ": " + entry.Error).ToList();
                List<string> parts = new List<string>();
                if (failed.Count > 0)
                    parts.Add(String.Format(CultureInfo.InvariantCulture, "{0} of {1} network connections could not be taken away: {2}", failed.Count, outcomes.Count, WindowsError.Named(failed)));
                if (unread.Count > 0)
                    parts.Add(String.Format(CultureInfo.InvariantCulture, "{0} logon sessions or profiles could not be read: {1}", unread.Count, WindowsError.Named(unread)));
                return parts.Count == 0 ? null : String.Join(" ", parts);
            }
        }

        protected override IEnumerable<string> Changes
        {
            get { return outcomes.Where(outcome => outcome.Changed).Select(outcome => outcome + ": " + (outcome.Action ?? "not complete")); }
        }

        private static Dictionary<string, object> EntryOf(Unreadable entry)
        {
            Dictionary<string, object> result = entry.Owner.ToResult();
            foreach (string field in new[] { "name", "remote", "provider", "connected_as", "connected", "persistent", "profile_values", "action" })
                result.Add(field, null);
            result.Add("error", entry.Error.ToResult());
            return result;
        }
    }

    /// <summary>Takes network connections away, and looks whether they are gone.</summary>
    public sealed class CleanUp
    {
        private readonly Machine machine;
        private readonly CleanUpOptions options;
        private readonly ProfileStore profiles;

        private CleanUp(Machine machine, CleanUpOptions options, ProfileStore profiles)
        {
            this.machine = machine;
            this.options = options;
            this.profiles = profiles;
        }

        /// <summary>Takes away what the options select; with checkMode, reports the same without touching anything.</summary>
        /// <exception cref="ArgumentException">An option is not valid; nothing was read or changed.</exception>
        /// <exception cref="WindowsErrorException">The account of the task may not look at others; nothing was changed.</exception>
        public static CleanUpResult Run(Machine machine, CleanUpOptions options, bool checkMode)
        {
            ConnectionSelection.RequireSelector(options.Name, options.Remote);
            if (options.SignedOut && !options.UpdateProfile)
                throw new ArgumentException("signed_out: with update_profile: false there is nothing to do for users who are not signed in");
            using (NetworkInventory inventory = NetworkInventory.Read(machine, options))
            {
                List<Step> plan = inventory.Connections.Select(connection => new Step(connection, options)).ToList();
                foreach (Step step in plan)
                    step.FindRemembered(plan, inventory);
                if (!checkMode)
                    new CleanUp(machine, options, inventory.Profiles).CarryOut(plan.Where(step => step.Connection.Doubt == null).ToList());
                List<Outcome> outcomes = plan.Select(step => checkMode ? step.Expected() : step.Outcome()).ToList();
                return new CleanUpResult(outcomes, inventory);
            }
        }

        private void CarryOut(IList<Step> plan)
        {
            List<Step> live = plan.Where(step => step.Connection.Connected).ToList();
            Cancel(live);
            LookAgain(live);
            foreach (IGrouping<string, Step> user in plan.Where(step => step.Connection.Persistent && !step.Connection.Owner.ProfileStays).GroupBy(step => step.Connection.Owner.Sid))
                Forget(user.Key, user.ToList());
            IDictionary<string, WindowsError> loaded = profiles.UnloadLeft();
            foreach (Step step in plan.Where(step => loaded.ContainsKey(step.Connection.Owner.Sid)))
                step.ProfileError = loaded[step.Connection.Owner.Sid];
        }

        private void Cancel(IList<Step> steps)
        {
            List<BoundedCall<WindowsError>> calls = steps.Select(step => new BoundedCall<WindowsError>(() =>
                Cancel(step, steps.Where(other => other != step)))).ToList();
            BoundedCall<WindowsError>.RunAll(calls, options.TimeLimit, machine.Threads);
            for (int i = 0; i < calls.Count; i++)
            {
                steps[i].Error = calls[i].Error ?? calls[i].Result;
                steps[i].GivenUp = calls[i].GivenUp;
            }
        }

        private WindowsError Cancel(Step step, IEnumerable<Step> others)
        {
            LogonSession session = step.Connection.Owner.Session;
            // Whose profile CONNECT_UPDATE_PROFILE means under impersonation is written nowhere: it might be that of
            // the task's own account. For others the entry is deleted in HKEY_USERS, where it is sure to be theirs.
            // So is one that is connected in another session, too, once it is known to be gone there.
            // And Windows knows an entry by its device: one under another name would stay, and another of that device go.
            bool updateProfile = step.Forget && session.IsCurrent && step.Connection.Remembered.IsWindowsOwn && !others.Any(step.SharesEntryWith);
            return session.Run(() => new Network(machine.Network).Cancel(step.Connection.Name, step.Connection.Remote, updateProfile, options.Force));
        }

        private void LookAgain(IList<Step> steps)
        {
            Dictionary<LogonSession, SessionReading> readings = steps.Select(step => step.Connection)
                .GroupBy(connection => connection.Owner.Session).ToDictionary(found => found.Key, found => new SessionReading(found.First().Owner, machine.Network,
                    network => network.Connected(found.Where(connection => connection.Persistent).Select(connection => connection.Remembered))));
            SessionReading.RunAll(readings.Values, options.TimeLimit, machine.Threads);
            foreach (Step step in steps)
            {
                SessionReading reading = readings[step.Connection.Owner.Session];
                if (reading.Ended)
                {
                    step.StillConnected = false;
                    continue;
                }
                step.StillConnected = reading.Error != null || reading.Has(step.Connection.Name, step.Connection.Remote);
                step.Error = step.Error ?? reading.Error;
            }
        }

        private void Forget(string sid, IList<Step> steps)
        {
            WindowsError error = profiles.Change(sid, WhyNotLoad, profile => Forget(profile, steps));
            foreach (Step step in steps.Where(step => step.Forget))
                step.ProfileError = error;
        }

        private string WhyNotLoad(ProfileEntry profile)
        {
            string option = !options.SignedOut ? "signed_out" : profile.Roams && !options.SignedOutRoaming ? "signed_out_roaming" : null;
            return option == null ? null : "Its user signed out in the meantime, and the profile still has it, so that it comes back at the next "
                + "sign-in. Run again when its user is signed in, or with '" + option + ": true'.";
        }

        private static void Forget(UserProfile profile, IList<Step> steps)
        {
            IList<RememberedConnection> remembered = profile.Remembered();
            foreach (Step step in steps.Where(step => step.Forget))
            {
                // What is still connected, be it in another session, keeps its entry: half a removal would hide it until the next sign-in.
                // So does what was given up: it may yet stay, and is reported as not taken away.
                Step inUse = steps.FirstOrDefault(other => (other.StillConnected || other.GivenUp) && step.SharesEntryWith(other));
                RememberedConnection entry = remembered.FirstOrDefault(step.IsRememberedAs);  // null where it has gone by itself
                if (inUse != null)
                    step.Error = step.Error ?? inUse.Error;
                else if (entry != null)
                    step.Error = profile.Forget(entry) ?? step.Error;
            }
            remembered = profile.Remembered();
            foreach (Step step in steps)
                step.StillRemembered = remembered.Any(step.IsRememberedAs);
        }
    }
}
