// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Linq;
using ansible_collections.netdrive.windows.plugins.module_utils.Accounts;
using ansible_collections.netdrive.windows.plugins.module_utils.HiveFiles;
using ansible_collections.netdrive.windows.plugins.module_utils.Tokens;
using ansible_collections.netdrive.windows.plugins.module_utils.UserProfiles;
using ansible_collections.netdrive.windows.plugins.module_utils.WindowsErrors;

namespace ansible_collections.netdrive.windows.plugins.module_utils.ProfileHives
{
    /// <summary>What a look at the profile of a user who is not signed in came to.</summary>
    public sealed class ProfileReading
    {
        public ProfileReading()
        {
            Remembered = new RememberedConnection[0];
        }

        public IList<RememberedConnection> Remembered { get; internal set; }

        /// <summary>The profile's folder; null where nobody had to know.</summary>
        public string Folder { get; internal set; }

        /// <summary>Whether a server has a copy of the profile, too.</summary>
        public bool Roams { get; internal set; }

        /// <summary>Why it could not be looked at, in words; null where it could.</summary>
        public string NotExamined { get; internal set; }
    }

    /// <summary>
    /// The profiles of this machine, each used where it is: loaded for its user, or in its hive file. While a user's own hive is
    /// loaded by somebody else, its user gets a temporary profile at sign-in. So to look at one, a copy is loaded; the hive
    /// itself only to change it, and for no longer than that takes.
    /// </summary>
    public sealed class ProfileStore : IDisposable
    {
        // Ours alone, so that what a killed run left is known by its name: RUN-SID and RUN-copy-SID under HKEY_USERS.
        private const string RunPrefix = "netdrive.windows-";
        private const string CopyMark = "-copy-";
        private const string Aside = ".bak";

        private const int Pause = 100;  // milliseconds
        private const int Tries = 20;  // users who sign in, and virus scanners, hold a hive for a moment
        private const int UnloadTries = 300;  // half a minute, as its user is at risk

        private readonly ProfileApi api;
        private readonly HiveFileApi files;
        private readonly TokenApi tokens;
        private readonly string run = RunPrefix + Guid.NewGuid().ToString("N");
        private readonly object monitor = new object();
        private readonly List<LeftHive> left = new List<LeftHive>();
        private IDisposable runFolder;

        public ProfileStore(ProfileApi api, HiveFileApi files, TokenApi tokens)
        {
            this.api = api;
            this.files = files;
            this.tokens = tokens;
        }

        /// <summary>The rights to copy, load and unload hives, until disposed of.</summary>
        /// <exception cref="WindowsErrorException">The account of the task does not hold them.</exception>
        public IDisposable EnablePrivileges()
        {
            try
            {
                return tokens.Enable("SeBackupPrivilege", "SeRestorePrivilege");
            }
            catch (Win32Exception)
            {
                throw new WindowsErrorException("The profiles of users who are not signed in need SeBackupPrivilege and SeRestorePrivilege, "
                    + "which the account of this task does not hold (members of Administrators do)", new WindowsError(SystemError.ERROR_PRIVILEGE_NOT_HELD));
            }
        }

        /// <summary>
        /// Unloads and deletes what killed runs left. That is nobody's but ours, so check mode does it as well. It costs two listings
        /// where there is nothing, and an account without the rights leaves it to another run.
        /// </summary>
        /// <returns>Which users' hives could not be unloaded, a sentence each.</returns>
        public IList<string> Sweep()
        {
            IList<string> roots = api.Roots().Where(root => root.StartsWith(RunPrefix, StringComparison.OrdinalIgnoreCase)).ToList();
            IList<string> runs = files.Runs(RunPrefix);  // after the hives: a run has its folder before it loads one
            if (roots.Count == 0 && runs.Count == 0)
                return new string[0];
            try
            {
                using (EnablePrivileges())
                {
                    IList<string> alive = runs.Where(files.IsAlive).ToList();
                    IList<string> loaded = roots.Where(root => !alive.Any(other => root.StartsWith(other, StringComparison.OrdinalIgnoreCase)))
                        .Where(root => Unload(root, Tries) != (int)SystemError.NO_ERROR).ToList();
                    foreach (string ended in runs.Except(alive))
                        files.DeleteRunFolder(ended);
                    return loaded.Where(root => !root.Contains(CopyMark)).Select(root => "An earlier run left a user's profile loaded. " + StillLoaded(root)).ToList();
                }
            }
            catch (WindowsErrorException)
            {
                return new string[0];
            }
        }

        /// <summary>The SIDs whose profiles are not seen through a logon session.</summary>
        /// <param name="signedIn">The SIDs that have a logon session.</param>
        public IList<string> NotSignedIn(IEnumerable<string> signedIn)
        {
            // A session may be without its profile ("runas /noprofile"), and a profile may stay loaded without a session.
            HashSet<string> seen = new HashSet<string>(api.Roots(), StringComparer.OrdinalIgnoreCase);
            seen.IntersectWith(signedIn);
            return api.Sids().Where(sid => AccountApi.IsSid(sid) && !seen.Contains(sid)).ToList();
        }

        /// <summary>
        /// The keys of the machine's list of profiles that Windows has put aside, as 'SID.bak': it could not load the profile once, and
        /// whatever is done about that may bring it back.
        /// </summary>
        public IDictionary<string, ProfileEntry> PutAside()
        {
            return api.Sids().Where(key => key.EndsWith(Aside, StringComparison.OrdinalIgnoreCase) && AccountApi.IsSid(key.Substring(0, key.Length - Aside.Length)))
                .ToDictionary(key => key.Substring(0, key.Length - Aside.Length), key => api.Entry(key));
        }

        /// <summary>Reads the profile of a user who is not signed in: where it is loaded all the same, or else in a copy of its hive.</summary>
        /// <exception cref="Exception">It could not be read; see <see cref="WindowsError.Of"/>.</exception>
        public ProfileReading Read(string sid, Func<UserProfile, IList<RememberedConnection>> read)
        {
            ProfileReading reading = null;
            UntilNobodyHolds(sid, loaded =>
            {
                ProfileEntry entry = api.Entry(sid);
                reading = loaded == null ? ReadHive(sid, entry, read)
                    : new ProfileReading { Folder = entry.Folder, Roams = entry.Roams, Remembered = read(loaded) };
                return reading != null;
            });
            return reading;
        }

        /// <summary>
        /// Changes a profile: where it is loaded, or else in its hive. That is loaded for as long as the action takes; where it can't be
        /// unloaded again within half a minute, <see cref="UnloadLeft"/> tries once more.
        /// </summary>
        /// <param name="sid">Whose profile.</param>
        /// <param name="whyNot">Why its hive must not be loaded, in words; null where it may be.</param>
        /// <param name="change">What to do.</param>
        /// <returns>The error of loading or of the change; null where there is none.</returns>
        public WindowsError Change(string sid, Func<ProfileEntry, string> whyNot, Action<UserProfile> change)
        {
            try
            {
                UntilNobodyHolds(sid, loaded =>
                {
                    if (loaded == null)
                        return ChangeHive(sid, whyNot, change);
                    change(loaded);
                    return true;
                });
                return null;
            }
            catch (Exception e)
            {
                return WindowsError.Of(e);
            }
        }

        /// <summary>Tries once more to unload the hives that could not be unloaded.</summary>
        /// <returns>The SIDs whose hives stay loaded, and what that means.</returns>
        public IDictionary<string, WindowsError> UnloadLeft()
        {
            foreach (LeftHive hive in left)
                using (EnablePrivileges())
                    hive.Code = Unload(hive.Root, 1);
            return left.Where(hive => hive.Code != (int)SystemError.NO_ERROR)
                .ToDictionary(hive => hive.Sid, hive => new WindowsError(hive.Code, StillLoaded(hive.Root)));
        }

        /// <summary>Ends the run: nothing of it stays, unless something holds it, which the next run sees to.</summary>
        public void Dispose()
        {
            foreach (LeftHive hive in left)
                hive.Kept.Dispose();
            if (runFolder == null)
                return;
            foreach (string root in api.Roots().Where(root => root.StartsWith(run + CopyMark, StringComparison.OrdinalIgnoreCase)))
                using (EnablePrivileges())
                    Unload(root, 1);
            runFolder.Dispose();
        }

        private void UntilNobodyHolds(string sid, Func<UserProfile, bool> attempt)
        {
            for (int i = 0; i < Tries; i++)
            {
                using (IDisposable hold = api.Hold(sid))
                    if (attempt(hold == null ? null : new UserProfile(api, sid)))
                        return;
                api.Wait(Pause);
            }
            throw new WindowsErrorException(sid, new WindowsError(SystemError.ERROR_SHARING_VIOLATION));
        }

        /// <returns>Null where somebody holds the file, or changed it in the middle.</returns>
        private ProfileReading ReadHive(string sid, ProfileEntry entry, Func<UserProfile, IList<RememberedConnection>> read)
        {
            ProfileReading reading = new ProfileReading { Folder = entry.Folder, Roams = entry.Roams, NotExamined = WhyNot(entry) };
            if (reading.NotExamined != null)
                return reading;
            string copy = Copy(sid, HiveFileApi.In(entry.Folder));
            if (copy == null)
                return null;
            string root = run + CopyMark + sid;
            try
            {
                if (!Load(root, copy))
                    return null;
                reading.Remembered = Use(root, read);
                return reading;
            }
            finally
            {
                Unload(root, Tries);
                files.DeleteCopy(run, sid);
            }
        }

        private string Copy(string sid, string file)
        {
            MakeRunFolder();
            try
            {
                return files.Copy(file, run, sid);
            }
            catch (Exception e)
            {
                if (WindowsError.Of(e).Is(SystemError.ERROR_SHARING_VIOLATION))
                    return null;
                throw;
            }
        }

        /// <returns>False where somebody holds the file.</returns>
        private bool ChangeHive(string sid, Func<ProfileEntry, string> whyNot, Action<UserProfile> change)
        {
            ProfileEntry entry = api.Entry(sid);
            string reason = whyNot(entry) ?? WhyNot(entry);
            if (reason != null)
                throw new WindowsErrorException(sid, new WindowsError(SystemError.ERROR_NO_SUCH_LOGON_SESSION, reason));
            LeftHive stuck = left.FirstOrDefault(hive => hive.Sid == sid);
            if (stuck != null)
                throw new WindowsErrorException(sid, new WindowsError(stuck.Code, StillLoaded(stuck.Root)));
            string root = run + "-" + sid, file = HiveFileApi.In(entry.Folder);
            MakeRunFolder();
            using (EnablePrivileges())
            {
                LeftHive hive = new LeftHive { Sid = sid, Root = root, Kept = files.Keep(file) };
                try
                {
                    if (!Load(root, file))
                        return false;
                    Use(root, profile =>
                    {
                        change(profile);
                        return true;
                    });
                    return true;
                }
                finally
                {
                    hive.Code = Unload(root, UnloadTries);
                    if (hive.Code == (int)SystemError.NO_ERROR)
                        hive.Kept.Dispose();
                    else
                        left.Add(hive);
                }
            }
        }

        private string WhyNot(ProfileEntry entry)
        {
            if (String.IsNullOrEmpty(entry.Folder))
                return "The machine's list of profiles names no folder for it.";
            if (entry.IsMandatory)
                return "The profile is mandatory: it keeps nothing of what its user does.";
            return files.WhyNot(entry.Folder);
        }

        /// <returns>False where somebody holds the file.</returns>
        private bool Load(string root, string file)
        {
            int code = api.Load(root, file);
            if (code != (int)SystemError.NO_ERROR && code != (int)SystemError.ERROR_SHARING_VIOLATION)
                throw new WindowsErrorException(file, new WindowsError(code));
            return code == (int)SystemError.NO_ERROR;
        }

        private T Use<T>(string root, Func<UserProfile, T> use)
        {
            using (IDisposable hold = api.Hold(root))
            {
                if (hold == null)
                    throw new WindowsErrorException(root, new WindowsError(SystemError.ERROR_FILE_NOT_FOUND));
                return use(new UserProfile(api, root));
            }
        }

        /// <returns>NO_ERROR where the hive is not loaded, whoever unloaded it.</returns>
        private int Unload(string root, int tries)
        {
            int code = api.Unload(root);
            for (int i = 1; i < tries && code != (int)SystemError.NO_ERROR && IsLoaded(root); i++)
            {
                api.Wait(Pause);
                code = api.Unload(root);
            }
            return code == (int)SystemError.NO_ERROR || !IsLoaded(root) ? (int)SystemError.NO_ERROR : code;
        }

        private bool IsLoaded(string root)
        {
            return api.Roots().Contains(root, StringComparer.OrdinalIgnoreCase);
        }

        private void MakeRunFolder()
        {
            lock (monitor)
                if (runFolder == null)
                    runFolder = files.MakeRunFolder(run);
        }

        private static string StillLoaded(string root)
        {
            return "A process keeps something of it open, so that it stays loaded as HKEY_USERS\\" + root + ". Until that process lets go and another run, "
                + "be it of mapped_drive_info, unloads it, or until the machine restarts, its user gets a temporary profile at sign-in. Run again soon.";
        }

        /// <summary>A user's own hive that was loaded, until it is not any more.</summary>
        private sealed class LeftHive
        {
            public string Sid { get; set; }
            public string Root { get; set; }

            /// <summary>What unloading it came to last; a system error code.</summary>
            public int Code { get; set; }

            /// <summary>Its files, held and with their time stamps.</summary>
            public IDisposable Kept { get; set; }
        }
    }
}
