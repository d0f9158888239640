// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using ansible_collections.netdrive.windows.plugins.module_utils.CalledScripts;
using ansible_collections.netdrive.windows.plugins.module_utils.CommandText;
using ansible_collections.netdrive.windows.plugins.module_utils.Inventory;
using ansible_collections.netdrive.windows.plugins.module_utils.MachineFiles;
using ansible_collections.netdrive.windows.plugins.module_utils.ScriptLanguages;
using ansible_collections.netdrive.windows.plugins.module_utils.ScriptText;
using ansible_collections.netdrive.windows.plugins.module_utils.Secrets;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;
using ansible_collections.netdrive.windows.plugins.module_utils.ShellLink;
using ansible_collections.netdrive.windows.plugins.module_utils.SourceAccess;
using ansible_collections.netdrive.windows.plugins.module_utils.TextPattern;

namespace ansible_collections.netdrive.windows.plugins.module_utils.Sources
{
    /// <summary>How sure it is that a source will connect to what was selected.</summary>
    public enum Certainty
    {
        /// <summary>It is switched off, only shown when somebody looks, or the server cannot be told from the text.</summary>
        Hint,

        /// <summary>It depends on a condition, or the evidence is text that some program will read.</summary>
        Likely,

        /// <summary>It names the server, and Windows itself acts on it.</summary>
        Sure
    }

    /// <summary>A policy that a source is part of.</summary>
    public sealed class Policy
    {
        /// <summary>Null where this machine does not know the name.</summary>
        public string Name { get; set; }

        /// <summary>'{GUID}'; 'LocalGPO' for the machine's own.</summary>
        public string Id { get; set; }
    }

    /// <summary>Whom a source or something that was not looked at is about.</summary>
    public sealed class Affected
    {
        public static readonly Affected Machine = new Affected("machine", null, null);

        private Affected(string scope, string sid, string name)
        {
            Scope = scope;
            Sid = sid;
            Name = name;
        }

        public static Affected User(string sid) { return new Affected("user", sid, null); }

        /// <summary>An account that somebody else names, as a task does: a user, or one of Windows's own for the whole machine.</summary>
        public static Affected Account(string sid, string name) { return new Affected(IsOfWindows(sid) ? "machine" : "user", sid, name); }

        public static Affected Group(string sid, string name) { return new Affected("group", sid, name); }

        /// <summary>'user', 'group' or 'machine'.</summary>
        public string Scope { get; private set; }

        /// <summary>Null for the machine, and where nobody knows it.</summary>
        public string Sid { get; private set; }

        /// <summary>What the source calls the account; null where it has its SID only.</summary>
        public string Name { get; private set; }

        /// <summary>Whether it is SYSTEM, LOCAL SERVICE or NETWORK SERVICE ("Well-known SIDs").</summary>
        public static bool IsOfWindows(string sid)
        {
            return sid == "S-1-5-18" || sid == "S-1-5-19" || sid == "S-1-5-20";
        }
    }

    /// <summary>Something that will connect to what was selected.</summary>
    public sealed class Source
    {
        // What to do about each kind, and where.
        private static readonly Dictionary<string, string> Remedies = new Dictionary<string, string>
        {
            { "remembered_drive", "Remove it with netdrive.windows.mapped_drive and users: all; for a service's own drive, change what the service maps." },
            { "global_mapping", "PowerShell as an administrator: Remove-SmbGlobalMapping with this remote path." },
            { "dos_device", "Registry Editor: delete the value, then restart the machine." },
            { "gpp_drive", "Group Policy Management: in this policy under User Configuration, Preferences, Windows Settings, Drive Maps, delete the item or set its action to Delete." },
            { "gpp_cache_drive", "Group Policy Management: in this policy under User Configuration, Preferences, Windows Settings, Drive Maps, delete the item or set its action to Delete." },
            { "gpp_other", "Group Policy Management: in this policy under Preferences, change or delete the item." },
            { "policy_network_key", "Group Policy Management or Intune: set the administrative template that writes this registry key to Not Configured." },
            { "gpo_logon_script", "Group Policy Management: in this policy under Windows Settings, Scripts, change or remove the script." },
            { "local_gpo_script", "Local Group Policy Editor (gpedit.msc): under Windows Settings, Scripts, change or remove the script." },
            { "home_folder", "Active Directory Users and Computers, or Computer Management for a local account: the account's tab Profile, Home folder." },
            { "account_script", "Computer Management: the local account's tab Profile, Logon script." },
            { "init_script", "Registry Editor: delete the value UserInitMprLogonScript of this key, and stop the policy or tool that writes it." },
            { "run_entry", "Registry Editor: change or delete this value." },
            { "startup_item", "File Explorer: delete or change this file in the Startup folder." },
            { "scheduled_task", "Task Scheduler: change, disable or delete this task." },
            { "mapping_tool", "The console that the tool was deployed from: change its configuration; on the machine, delete what it left, its scheduled task as well." },
            { "folder_redirection", "Group Policy Management: User Configuration, Policies, Windows Settings, Folder Redirection: move the folder to the new server." },
            { "printer", "Print Management, or Settings of the user: remove the printer and connect the one on the new server; look for a policy that deploys it." },
            { "roaming_profile", "Active Directory Users and Computers, or Computer Management for a local account: the account's tab Profile, Profile path." },
            { "network_shortcut", "File Explorer of the user: delete the network location." }
        };

        public string Kind { get; internal set; }
        public Affected Affected { get; internal set; }

        /// <summary>'DOMAIN\name' of the user or group; the SID where nobody knows the name.</summary>
        public string User { get; internal set; }

        /// <summary>'H:'; null without a letter, or where it is not known.</summary>
        public string Name { get; internal set; }

        /// <summary>As it stands there; null where it cannot be told from the text.</summary>
        public string Remote { get; internal set; }

        /// <summary>The file or registry key.</summary>
        public string Where { get; internal set; }

        public Policy Policy { get; internal set; }

        /// <summary>Conditions that were not evaluated.</summary>
        public IList<string> Conditional { get; internal set; }

        public Certainty Certainty { get; internal set; }

        /// <summary>One line, without secrets.</summary>
        public string Evidence { get; internal set; }

        public string Remedy { get { return Remedies[Kind]; } }

        public Dictionary<string, object> ToResult()
        {
            return new Dictionary<string, object>
            {
                { "kind", Kind },
                { "scope", Affected.Scope },
                { "user", User },
                { "sid", Affected.Sid },
                { "name", Name },
                { "remote", Remote },
                { "where", Where },
                { "policy", Policy == null ? null : new Dictionary<string, object> { { "name", Policy.Name }, { "id", Policy.Id } } },
                { "conditional", Conditional },
                { "certainty", Certainty.ToString().ToLowerInvariant() },
                { "evidence", Evidence },
                { "remedy", Remedy }
            };
        }
    }

    /// <summary>The part of a machine that a search goes through: a user's, or what belongs to the machine.</summary>
    public sealed class Place
    {
        private const int MostExpanded = 32767;  // characters; no variable of Windows has more ("SetEnvironmentVariable")
        private static readonly Regex Variable = new Regex("%([^%]+)%");

        public Affected Affected { get; internal set; }

        /// <summary>The key that is read: 'HKU\S-1-…', the name of a hive that was loaded, or 'HKLM'.</summary>
        public string Root { get; internal set; }

        /// <summary>The key as people know it; what is read may be a copy.</summary>
        public string ShownRoot { get; internal set; }

        /// <summary>The folder of the profile; null for the machine, and where nobody knows it.</summary>
        public string Folder { get; internal set; }

        public IDictionary<string, string> Environment { get; internal set; }

        /// <summary>Text with the variables that are known in place of their names, such as %APPDATA%, as long as there is room for them.</summary>
        public string Expand(string text)
        {
            int room = MostExpanded;
            return Variable.Replace(text, name =>
            {
                string value;
                if (!Environment.TryGetValue(name.Groups[1].Value, out value) || value.Length > room)
                    return name.Value;
                room -= value.Length;
                return value;
            });
        }
    }

    /// <summary>What is known of something that runs a command or a script.</summary>
    internal sealed class Starter
    {
        public string Kind { get; set; }
        public Affected Affected { get; set; }

        /// <summary>See <see cref="Source.Where"/>.</summary>
        public string Where { get; set; }

        public Policy Policy { get; set; }
        public IList<string> Conditional { get; set; }

        /// <summary>How sure it is where the command itself names the server.</summary>
        public Certainty Direct { get; set; }

        /// <summary>How sure it is where a script that the command runs maps a drive of the server.</summary>
        public Certainty ThroughScript { get; set; }

        /// <summary>Where relative names of scripts begin; null where that is not known.</summary>
        public string Folder { get; set; }
    }

    /// <summary>What a search has found so far, and what the parts of it have in common.</summary>
    public sealed class Findings
    {
        private const int MostScripts = 500;
        private static readonly Regex OwnFolder = Pattern.Of(@"^%~dp0\\?|^%0\\\.\.\\|^\.\\|^\$PSScriptRoot\\");

        private readonly ConnectionSelection selection;
        private readonly ScriptReader reader;
        private readonly List<Source> sources = new List<Source>();
        private readonly List<NotExamined> notExamined = new List<NotExamined>();
        // Many users have the same scripts. What could not be read the first time is not tried again.
        private readonly Dictionary<string, Lazy<string>> texts = new Dictionary<string, Lazy<string>>(StringComparer.OrdinalIgnoreCase);
        private readonly Dictionary<string, Script> scripts = new Dictionary<string, Script>(StringComparer.OrdinalIgnoreCase);

        public Findings(SourceApi api, LocalFiles files, ConnectionSelection selection)
        {
            Api = api;
            Files = files;
            this.selection = selection;
            reader = new ScriptReader(selection);
        }

        public SourceApi Api { get; private set; }
        public LocalFiles Files { get; private set; }
        public IList<Source> Sources { get { return sources; } }
        public IList<NotExamined> NotExamined { get { return notExamined; } }

        /// <summary>Whether a connection like this was selected.</summary>
        public bool IsSelected(string device, string remote)
        {
            return selection.Matches(device, remote);
        }

        /// <summary>Takes note of a source, unless it is known from elsewhere.</summary>
        internal void Add(Source source)
        {
            source.Conditional = source.Conditional ?? new string[0];
            source.Remote = source.Remote == null ? null : SecretText.WithoutUser(source.Remote);
            if (source.Conditional.Count > 0 && source.Certainty == Certainty.Sure)
                source.Certainty = Certainty.Likely;
            int known = sources.FindIndex(other => IsSame(other, source));
            if (known < 0)
                sources.Add(source);
            else if (source.Certainty > sources[known].Certainty)
                sources[known] = source;
        }

        private static bool IsSame(Source one, Source other)
        {
            // Windows has a printer in two places, and SYSTEM's drives under two names.
            bool hasTwoPlaces = one.Kind == "printer" || one.Kind == "remembered_drive";
            return one.Kind == other.Kind && one.Affected.Sid == other.Affected.Sid && one.Name == other.Name && one.Remote == other.Remote
                && (hasTwoPlaces || String.Equals(one.Where, other.Where, StringComparison.OrdinalIgnoreCase));
        }

        /// <summary>Takes note of something that was not looked at.</summary>
        internal void Skip(Affected affected, string kind, string path, string reason)
        {
            if (!notExamined.Any(other => other.Owner.Sid == affected.Sid && other.Kind == kind && String.Equals(other.Path, path, StringComparison.OrdinalIgnoreCase)))
                notExamined.Add(new NotExamined { Owner = new Owner { Sid = affected.Sid, User = affected.Name }, Kind = kind, Path = path, Reason = reason });
        }

        /// <summary>Looks at something, and takes note where it cannot be read.</summary>
        internal void Look(Affected affected, string kind, string path, Action look)
        {
            try
            {
                look();
            }
            catch (NotReadException e)
            {
                Skip(affected, kind, path, e.Message);
            }
            catch (RegexMatchTimeoutException)
            {
                Skip(affected, kind, path, Pattern.TooLong);
            }
        }

        /// <summary>What reading gives; null where it is not there or cannot be read, of which it takes note.</summary>
        internal T Look<T>(Affected affected, string kind, string path, Func<T> read) where T : class
        {
            T found = null;
            Look(affected, kind, path, () => { found = read(); });
            return found;
        }

        /// <summary>The entries of a folder; none where it is not there or cannot be read, of which it takes note.</summary>
        internal IList<FileEntry> Entries(Affected affected, string kind, string folder)
        {
            return Look(affected, kind, folder, () => Files.Entries(folder)) ?? new FileEntry[0];
        }

        /// <summary>Takes note of a value of the registry that is a remote name, if it was selected.</summary>
        /// <param name="device">Null without one.</param>
        internal void AddValue(string kind, Place place, string key, string name, string device, string remote, Certainty certainty)
        {
            AddMapping(new Starter { Kind = kind, Affected = place.Affected, Where = Shown(place, key), Direct = certainty }, place, device, remote, name + " = " + remote);
        }

        /// <summary>Takes note of a device and where it leads to, if that was selected. Without a remote name it leads nowhere.</summary>
        internal void AddMapping(Starter starter, Place place, string device, string remote, string evidence)
        {
            string expanded = place.Expand(remote);
            if (remote.Trim().Length > 0 && IsSelected(device, expanded))
                AddSelected(starter, device, RemoteName.Parse(remote) == null ? expanded : remote, evidence);
        }

        /// <summary>Takes note of a device that leads to what was selected.</summary>
        internal void AddSelected(Starter starter, string device, string remote, string evidence)
        {
            AddMention(starter, new Mention { Device = device, Remote = remote }, Certainty.Sure, starter.Direct, SecretText.Without(evidence));
        }

        /// <summary>The key as people know it.</summary>
        internal static string Shown(Place place, string key)
        {
            return key.StartsWith(place.Root + @"\", StringComparison.Ordinal) ? place.ShownRoot + key.Substring(place.Root.Length) : key;
        }

        /// <summary>Looks at a command line, and at the scripts of this machine that it names.</summary>
        internal void AddCommand(Starter starter, Place place, string line)
        {
            AddLine(starter, place, line);
            Look(starter.Affected, "command", starter.Where, () =>
            {
                foreach (string script in CalledScript.NamedIn(place.Expand(line)))
                    AddScript(starter, place, script);
            });
        }

        /// <summary>Looks at a command line only. It connects to whatever it names, unless it only shows the name.</summary>
        internal void AddLine(Starter starter, Place place, string line)
        {
            List<string> limits = new List<string>();
            foreach (Mention mention in reader.ReadCommand(line, place.Environment, limits))
                AddMention(starter, mention, mention.Grade == Grade.Names ? Certainty.Sure : MostOf(mention), starter.Direct, mention.Line);
            SkipRest(starter, "command", starter.Where, limits);
        }

        // What was found up to a limit counts.
        private void SkipRest(Starter starter, string kind, string path, IList<string> limits)
        {
            if (limits.Count > 0)
                Skip(starter.Affected, kind, path, String.Join(", and ", limits));
        }

        private static Certainty MostOf(Mention mention)
        {
            return mention.Grade < Grade.Names ? Certainty.Hint : mention.Grade < Grade.Maps ? Certainty.Likely : Certainty.Sure;
        }

        /// <summary>Looks at a script that is run, if it is on this machine.</summary>
        internal void AddScript(Starter starter, Place place, string path)
        {
            string whole = IsWhole(path) || starter.Folder == null ? path : starter.Folder.TrimEnd('\\') + @"\" + path;
            if (Files.IsRemote(whole) && IsSelected(null, Command.RemoteNames(whole).FirstOrDefault() ?? whole))
                return;  // the command has named it already
            AddScriptText(starter, place, whole, whole);
        }

        /// <summary>Looks at the text of a script.</summary>
        /// <param name="path">Where to read it.</param>
        /// <param name="shown">What it is known as, if that is another path.</param>
        internal void AddScriptText(Starter starter, Place place, string path, string shown)
        {
            Look(starter.Affected, "script", shown, () =>
            {
                string text = TextOf(path);
                if (text == null)
                    return;
                if (ScriptLanguage.Of(path) == null)
                    throw new NotReadException("is in a form that only Windows can read");
                Script script = Read(text, path, place.Environment);
                foreach (Mention mention in script.Mentions)
                    AddMention(starter, mention, MostOf(mention), starter.ThroughScript, starter.Where == shown ? mention.Line : shown + ": " + mention.Line);
                SkipRest(starter, "script", shown, script.Limits);
                string folder = shown.Substring(0, shown.LastIndexOf('\\') + 1);
                foreach (string called in script.Called)
                    SkipCalled(starter, CalledPath(folder, called), shown);
            });
        }

        // Scripts are followed for one level: what they call in turn is named.
        private void SkipCalled(Starter starter, string path, string caller)
        {
            bool remote = Files.IsRemote(path);
            if (!remote || !IsSelected(null, Command.RemoteNames(path).FirstOrDefault() ?? path))
                Skip(starter.Affected, "script", path, (remote ? "is on the network, and " : "") + "is called by another script: " + caller);
        }

        // '%~dp0' is the folder of the script itself.
        private static string CalledPath(string folder, string path)
        {
            string name = OwnFolder.Replace(path, "");
            return IsWhole(name) || (name.IndexOf('%') == 0 && name == path) ? name : folder + name;
        }

        private static bool IsWhole(string path)
        {
            return path.IndexOf(':') == 1 || path.StartsWith(@"\\", StringComparison.Ordinal) || path.StartsWith("//", StringComparison.Ordinal);
        }

        /// <summary>Takes note of every remote name in a text that some program reads as its configuration.</summary>
        /// <param name="device">What it connects to them; null where that is not known.</param>
        internal void AddNames(Starter starter, string text, string device = null)
        {
            Look(starter.Affected, "command", starter.Where, () =>
            {
                string evidence = null;
                foreach (string remote in Command.RemoteNames(text).Where(remote => IsSelected(device, remote)).Distinct())
                {
                    evidence = evidence ?? SecretText.Without(text);
                    AddMention(starter, new Mention { Device = device, Remote = remote }, Certainty.Sure, starter.Direct, evidence);
                }
            });
        }

        /// <summary>Looks at where a shortcut leads, without going there.</summary>
        internal void AddLink(Starter starter, Place place, string path)
        {
            Look(starter.Affected, "link", path, () =>
            {
                byte[] content = Files.Read(path, LocalFiles.LargestLink);
                if (content == null)
                    return;
                Shortcut link = Shortcut.Parse(content);
                starter.Folder = link.WorkingFolder;
                AddCommand(starter, place, String.Join(" ", link.Targets.Select(target => "\"" + target + "\"")) + " " + link.Arguments);
            });
        }

        /// <summary>Takes note of a printer connection, whose key is called ',,server,printer'.</summary>
        internal void AddPrinter(Place place, string key, string printer)
        {
            AddValue("printer", place, key, "printer", null, printer.Replace(',', '\\'), Certainty.Sure);
        }

        /// <summary>Looks at a file of some tool for remote names that it is to connect to.</summary>
        internal void AddConfiguration(Starter starter, Place place, string path)
        {
            Look(starter.Affected, "tool", path, () =>
            {
                Script script = Read(TextOf(path) ?? "", path, place.Environment);
                foreach (Mention mention in script.Mentions.Where(mention => mention.Remote != null))
                    AddMention(starter, mention, mention.Grade == Grade.Names ? Certainty.Sure : MostOf(mention), starter.Direct, mention.Line);
                SkipRest(starter, "tool", path, script.Limits);
            });
        }

        /// <param name="most">How sure it can be at most, by what the text says.</param>
        /// <param name="certainty">How sure it is at most that the text is run.</param>
        private void AddMention(Starter starter, Mention mention, Certainty most, Certainty certainty, string evidence)
        {
            IList<string> conditional = starter.Conditional ?? new string[0];
            Add(new Source
            {
                Kind = starter.Kind,
                Affected = starter.Affected,
                Name = mention.Device,
                Remote = mention.Remote,
                Where = starter.Where,
                Policy = starter.Policy,
                Conditional = mention.Condition == null ? conditional : conditional.Concat(new[] { mention.Condition }).ToList(),
                Certainty = certainty < most ? certainty : most,
                Evidence = evidence
            });
        }

        private string TextOf(string path)
        {
            if (!texts.ContainsKey(path))
            {
                if (texts.Count >= MostScripts)
                    throw new NotReadException("there are more than " + MostScripts + " scripts");
                texts.Add(path, new Lazy<string>(() => Files.ReadText(path, LocalFiles.LargestText)));
            }
            return texts[path].Value;
        }

        /// <summary>What a script says, which depends on the variables that it names.</summary>
        private Script Read(string text, string path, IDictionary<string, string> environment)
        {
            IEnumerable<string> variables = environment.Where(variable => text.IndexOf(variable.Key, StringComparison.OrdinalIgnoreCase) >= 0)
                .Select(variable => "|" + variable.Key + "=" + variable.Value).OrderBy(variable => variable, StringComparer.Ordinal);
            string key = path + String.Concat(variables);
            Script script;
            if (!scripts.TryGetValue(key, out script))
            {
                script = new Script { Called = new List<string>(), Limits = new List<string>() };
                script.Mentions = reader.Read(text, path, environment, script.Called, script.Limits);
                scripts.Add(key, script);
            }
            return script;
        }

        private sealed class Script
        {
            public IList<Mention> Mentions;
            public IList<string> Called;
            public IList<string> Limits;  // why a part of it was not looked at
        }
    }
}
