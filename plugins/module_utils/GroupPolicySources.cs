// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using ansible_collections.netdrive.windows.plugins.module_utils.Accounts;
using ansible_collections.netdrive.windows.plugins.module_utils.MachineFiles;
using ansible_collections.netdrive.windows.plugins.module_utils.Secrets;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;
using ansible_collections.netdrive.windows.plugins.module_utils.SourceAccess;
using ansible_collections.netdrive.windows.plugins.module_utils.Sources;
using ansible_collections.netdrive.windows.plugins.module_utils.TextPattern;
using ansible_collections.netdrive.windows.plugins.module_utils.XmlText;

namespace ansible_collections.netdrive.windows.plugins.module_utils.GroupPolicySources
{
    /// <summary>
    /// What Group Policy leaves on a machine: the preferences that it applied ("Drive Map", in the Group Policy extensions'
    /// documentation; [MS-GPPREF]), its cache of whole policies, its registry files and its scripts ([MS-GPSCR]).
    /// </summary>
    internal sealed class GroupPolicy
    {
        private const string Key = @"Software\Microsoft\Windows\CurrentVersion\Group Policy";
        private const string HasRun = "FilterRunOnce has run";
        private const string Managed = @"HKLM\SOFTWARE\Microsoft\PolicyManager\Providers";
        private const int MostItems = 2000;  // of one preference
        private const int MostAreas = 1000;  // of all managed policies
        private const int LongestValue = 32 * 1024;  // characters of a managed policy
        private static readonly TimeSpan LongestManaged = TimeSpan.FromSeconds(1);  // for all of them
        private const string LocalPolicy = "LocalGPO";
        private static readonly Regex Guid = new Regex(@"\{[0-9a-f-]{36}\}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
        private static readonly Regex RememberedDrive = Pattern.Of(@"\bNetwork\\(?<letter>[a-z])\b");
        private static readonly Regex RemotePath = Pattern.Of(@"\bRemotePath\b");
        private static readonly Regex SysVol = new Regex(@"^\\\\[^\\]+\\SysVol\\", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

        private readonly Findings findings;
        private readonly Place machine;
        private readonly Func<string, Place> placeOf;
        private readonly PolicyNames names;
        private readonly HashSet<string> knownScripts = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

        /// <param name="placeOf">Where a SID is searched for; null for one that nobody asked for.</param>
        public GroupPolicy(Findings findings, Place machine, Func<string, Place> placeOf)
        {
            this.findings = findings;
            this.machine = machine;
            this.placeOf = placeOf;
            names = new PolicyNames(findings.Api, machine);
        }

        private string System32 { get { return machine.Expand(@"%SystemRoot%\System32"); } }

        private string ProgramData { get { return machine.Expand("%ProgramData%"); } }

        /// <summary>What it keeps in a user's profile and in the registry under the user's name.</summary>
        public void ReadUser(Place user)
        {
            ReadScripts(user, user.Root + @"\" + Key + @"\Scripts\Logon", "Logon");
            ReadScripts(user, user.Root + @"\Software\Policies\Microsoft\Windows\System\Scripts\Logon", "Logon");
            ReadScripts(user, @"HKLM\" + Key + @"\State\" + user.Affected.Sid + @"\Scripts\Logon", "Logon");
            string own = ProgramData + @"\Microsoft\GroupPolicy\Users\" + user.Affected.Sid;
            ReadCache(user, own + @"\DataStore");
            ReadRegistryFile(user, own + @"\ntuser.pol", null);
            if (user.Folder == null)
                return;
            ReadHistory(user, user.Folder + @"\AppData\Local\Microsoft\Group Policy\History");
            ReadCache(user, user.Folder + @"\AppData\Local\GroupPolicy\DataStore");
            ReadRegistryFile(user, user.Folder + @"\ntuser.pol", null);
        }

        /// <summary>What it keeps for the machine, and for users in places that are the machine's.</summary>
        public void ReadMachine()
        {
            ReadHistory(machine, ProgramData + @"\Microsoft\Group Policy\History");
            ReadScripts(machine, @"HKLM\" + Key + @"\Scripts\Startup", "Startup");
            ReadScripts(machine, @"HKLM\Software\Policies\Microsoft\Windows\System\Scripts\Startup", "Startup");
            ReadScripts(machine, @"HKLM\" + Key + @"\State\Machine\Scripts\Startup", "Startup");
            ReadCache(machine, System32 + @"\GroupPolicy\DataStore");
            ReadManaged();
        }

        /// <summary>The policies that were made on the machine itself; to be read first, as what the registry has of them is the same.</summary>
        public void ReadLocalPolicies()
        {
            ReadLocalPolicy(machine, machine.Affected, System32 + @"\GroupPolicy\Machine", "Startup");
            ReadLocalPolicy(machine, machine.Affected, System32 + @"\GroupPolicy\User", "Logon");
            foreach (string folder in Folders(machine.Affected, System32 + @"\GroupPolicyUsers"))
            {
                string sid = NameOf(folder);
                bool isGroup = sid.StartsWith("S-1-5-32-", StringComparison.Ordinal);
                Place place = isGroup ? machine : placeOf(sid);
                if (place != null)
                    ReadLocalPolicy(place, isGroup ? Affected.Group(sid, null) : place.Affected, folder + @"\User", "Logon");
            }
        }

        // ------------------------------------------------------------------------------------------- preferences

        /// <summary>History\{policy}\{SID or Machine}\Preferences: what was applied.</summary>
        private void ReadHistory(Place place, string history)
        {
            foreach (string policy in Folders(place.Affected, history))
                foreach (string folder in Folders(place.Affected, policy))
                {
                    string whose = NameOf(folder);
                    Place owner = AccountApi.IsSid(whose) ? placeOf(whose) : place;
                    if (owner != null)
                        ReadPreferences(owner, folder + @"\Preferences", NameOf(policy), false);
                }
        }

        /// <summary>DataStore\0\SysVol\domain\Policies\{policy}: a copy of all that a policy has; to be read after what the registry has of it.</summary>
        private void ReadCache(Place place, string store)
        {
            foreach (string number in Folders(place.Affected, store))
                foreach (string domain in Folders(place.Affected, number + @"\SysVol"))
                    foreach (string policy in Folders(place.Affected, domain + @"\Policies"))
                    {
                        ReadPreferences(place, policy + @"\User\Preferences", NameOf(policy), true);
                        ReadRegistryFile(place, policy + @"\User\registry.pol", NameOf(policy));
                        ReadCachedScripts(place, NameOf(domain), policy, "User", "Logon");
                        if (place != machine)
                            continue;
                        ReadPreferences(place, policy + @"\Machine\Preferences", NameOf(policy), true);
                        ReadCachedScripts(place, NameOf(domain), policy, "Machine", "Startup");
                    }
        }

        private void ReadPreferences(Place place, string preferences, string policy, bool cached)
        {
            foreach (string folder in Folders(place.Affected, preferences))
                foreach (FileEntry file in findings.Entries(place.Affected, "policy", folder).Where(entry => !entry.IsFolder && entry.Name.EndsWith(".xml", StringComparison.OrdinalIgnoreCase)))
                {
                    string path = folder + @"\" + file.Name;
                    XmlDocument document = findings.Look(place.Affected, "policy", path, () => Xml.Parse(findings.Files.ReadText(path, LocalFiles.LargestDocument)));
                    if (document == null)
                        continue;
                    Policy named = names.Find(place, policy);
                    int count = Xml.Elements(document, "Properties").Count();
                    if (count > MostItems)
                        findings.Skip(place.Affected, "policy", path, "has more than " + MostItems + " items");
                    else if (String.Equals(NameOf(folder), "Drives", StringComparison.OrdinalIgnoreCase))
                        foreach (XmlElement drive in Xml.Elements(document, "Drive"))
                            AddDrive(place, drive, path, named, cached);
                    else
                        foreach (XmlElement properties in Xml.Elements(document, "Properties"))
                            AddItem(place, properties, path, named);
                }
        }

        private void AddDrive(Place place, XmlElement drive, string path, Policy policy, bool cached)
        {
            XmlElement properties = Xml.Child(drive, "Properties");
            string remote = properties == null ? "" : Xml.Attribute(properties, "path");
            if (remote.Trim().Length == 0 || Is(properties, "action", "D"))
                return;  // action D takes away; with no path it is about the letter only
            string first = ResourceName.Device(Xml.Attribute(properties, "letter").Trim());
            bool anyLetter = Is(properties, "useLetter", "0") || first == null;
            string device = anyLetter ? LettersFrom(first).FirstOrDefault(letter => findings.IsSelected(letter, place.Expand(remote))) : first;
            if (!findings.IsSelected(device, place.Expand(remote)))
                return;
            List<string> conditional = Filters(drive, place);
            if (Is(properties, "policyApplied", "0") || Is(drive, "policyApplied", "0"))
                conditional.Add("policyApplied=\"0\"");
            bool disabled = IsDisabled(drive);
            if (disabled)
                conditional.Add("disabled");
            findings.Add(new Source
            {
                Kind = cached ? "gpp_cache_drive" : "gpp_drive",
                Affected = place.Affected,
                Name = anyLetter ? null : device,
                Remote = remote,
                Where = path,
                Policy = policy,
                Conditional = conditional,
                Certainty = disabled || conditional.Contains(HasRun) ? Certainty.Hint : cached || conditional.Count > 0 ? Certainty.Likely : Certainty.Sure,
                Evidence = SecretText.Without(Xml.Shown(properties, "action", "letter", "useLetter", "path", "persistent"))
            });
        }

        // The first free letter from this one on; it is not known which that will be.
        private static IEnumerable<string> LettersFrom(string first)
        {
            int from = first == null ? 'A' : first[0];
            return Enumerable.Range(from, 'Z' - from + 1).Select(letter => (char)letter + ":");
        }

        /// <summary>An item of any other preference: a printer, a registry value, a task, a shortcut.</summary>
        private void AddItem(Place place, XmlElement properties, string path, Policy policy)
        {
            XmlElement item = properties.ParentNode as XmlElement;
            if (item == null || Is(properties, "action", "D"))
                return;
            List<string> conditional = Filters(item, place);
            if (IsDisabled(item))
                conditional.Add("disabled");
            bool shortcut = String.Equals(item.LocalName, "Shortcut", StringComparison.OrdinalIgnoreCase);
            bool starts = !shortcut || Xml.Attribute(properties, "shortcutPath").IndexOf("Startup", StringComparison.OrdinalIgnoreCase) >= 0;
            Certainty certainty = conditional.Contains("disabled") || conditional.Contains(HasRun) || !starts ? Certainty.Hint : Certainty.Likely;
            Starter starter = new Starter
            {
                Kind = "gpp_other", Affected = place.Affected, Where = path, Policy = policy, Conditional = conditional,
                Direct = certainty, ThroughScript = certainty
            };
            Match network = NetworkKey(Xml.Attribute(properties, "key"));
            string device = network.Success ? ResourceName.Device(network.Groups["letter"].Value) : null;
            if (device != null && Is(properties, "name", "RemotePath"))
                findings.AddMapping(starter, place, device, Xml.Attribute(properties, "value"), Xml.Shown(properties, "action", "key", "name", "value"));
            else
                foreach (string text in Xml.Texts(properties, "cpassword", "userName", "runAs", "password"))
                    findings.AddCommand(starter, place, text);
        }

        private List<string> Filters(XmlElement item, Place place)
        {
            XmlElement filters = Xml.Child(item, "Filters");
            if (filters == null)
                return new List<string>();
            List<XmlElement> each = Xml.Elements(filters).Where(element => element.LocalName.StartsWith("Filter", StringComparison.OrdinalIgnoreCase)).ToList();
            List<string> shown = each.Select(filter => filter.LocalName).Distinct().ToList();
            // The filter that lets an item run once only notes its id when it has.
            Dictionary<string, object> done = findings.Api.Values(place.Root + @"\Software\Microsoft\Group Policy\Client\RunOnce");
            if (each.Any(filter => Is(filter, "hidden", "1") && done.ContainsKey(Xml.Attribute(filter, "id"))))
                shown.Add(HasRun);
            return shown;
        }

        private static bool IsDisabled(XmlElement item)
        {
            for (XmlElement element = item; element != null; element = element.ParentNode as XmlElement)
                if (Is(element, "disabled", "1") || Is(element, "disabled", "true"))
                    return true;
            return false;
        }

        private static bool Is(XmlElement element, string attribute, string value)
        {
            return String.Equals(Xml.Attribute(element, attribute).Trim(), value, StringComparison.OrdinalIgnoreCase);
        }

        // ------------------------------------------------------------------------------------- registry of policies

        private static Match NetworkKey(string key)
        {
            return Regex.Match(key, @"(^|\\)Network\\(?<letter>[a-z]):?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
        }

        /// <summary>registry.pol and ntuser.pol: what administrative templates write, such as a remembered drive.</summary>
        private void ReadRegistryFile(Place place, string path, string policy)
        {
            IList<PolicyValue> values = findings.Look(place.Affected, "policy", path, () => PolicyValue.ReadAll(findings.Files.Read(path, LocalFiles.LargestDocument)));
            foreach (PolicyValue value in (values ?? new PolicyValue[0]).Where(value => String.Equals(value.Name, "RemotePath", StringComparison.OrdinalIgnoreCase)))
            {
                Match network = NetworkKey(value.Key);
                if (network.Success)
                    findings.AddMapping(new Starter
                    {
                        Kind = "policy_network_key", Affected = place.Affected, Where = path, Policy = names.Find(place, policy), Direct = Certainty.Likely
                    }, place, ResourceName.Device(network.Groups["letter"].Value), value.Text, value.Key + " RemotePath = " + value.Text);
            }
        }

        /// <summary>
        /// PolicyManager\Providers\{id}\default\{SID or Device}\area: what Intune and its like have set. The path is documented; that the
        /// values of administrative templates stand there as they are sent ("Understanding ADMX policies") is not.
        /// </summary>
        private void ReadManaged()
        {
            Stopwatch clock = Stopwatch.StartNew();
            int areas = 0;
            foreach (KeyValuePair<string, Place> area in ManagedAreas())
            {
                if (++areas > MostAreas)
                {
                    findings.Skip(machine.Affected, "policy", Managed, "has too many keys");
                    return;
                }
                foreach (KeyValuePair<string, object> value in findings.Api.Values(area.Key).Where(value => value.Value is string))
                {
                    if (clock.Elapsed > LongestManaged)
                    {
                        findings.Skip(machine.Affected, "policy", Managed, "takes longer than a second to read");
                        return;
                    }
                    AddManaged(area.Value, area.Key + @"\" + value.Key, (string)value.Value);
                }
            }
        }

        /// <summary>Their keys, with whose they are.</summary>
        private IEnumerable<KeyValuePair<string, Place>> ManagedAreas()
        {
            foreach (string provider in findings.Api.Keys(Managed))
                foreach (string whose in findings.Api.Keys(Managed + @"\" + provider + @"\default"))
                {
                    string key = Managed + @"\" + provider + @"\default\" + whose;
                    Place owner = AccountApi.IsSid(whose) ? placeOf(whose) : machine;
                    foreach (string area in owner == null ? new string[0] : findings.Api.Keys(key))
                        yield return new KeyValuePair<string, Place>(key + @"\" + area, owner);
                }
        }

        private void AddManaged(Place owner, string where, string value)
        {
            string text = value.Length <= LongestValue ? value : value.Substring(0, LongestValue);
            if (value.IndexOf(@"\\", text.Length, StringComparison.Ordinal) >= 0)
                findings.Skip(owner.Affected, "policy", where, "is longer than " + LongestValue / 1024 + " KiB, and only its beginning was read");
            if (!text.Contains(@"\\"))
                return;
            findings.Look(owner.Affected, "policy", where, () =>
            {
                string all = where + " " + text;
                Match drive = RemotePath.IsMatch(all) ? RememberedDrive.Match(all) : Match.Empty;
                Starter starter = new Starter
                {
                    Kind = "policy_network_key", Affected = owner.Affected, Where = where, Direct = drive.Success ? Certainty.Likely : Certainty.Hint
                };
                foreach (string part in SentValues(text))
                    findings.AddNames(starter, owner.Expand(part), drive.Success ? ResourceName.Device(drive.Groups["letter"].Value) : null);
            });
        }

        // '<enabled/><data id="…" value="…"/>', in which U+F000 is between the items of a list.
        private static IEnumerable<string> SentValues(string text)
        {
            try
            {
                XmlDocument sent = Xml.Parse("<sent>" + text + "</sent>");
                List<string> values = Xml.Elements(sent, "data").SelectMany(data => Xml.Attribute(data, "value").Split('\uF000')).ToList();
                return values.Count > 0 ? values : new List<string> { text };
            }
            catch (NotReadException) { return new[] { text }; }  // some other text
        }

        // ---------------------------------------------------------------------------------------------- scripts

        /// <summary>Scripts\Logon\N\M: which scripts each policy runs; N is the policy, M the script.</summary>
        private void ReadScripts(Place place, string key, string occasion)
        {
            foreach (string number in findings.Api.Keys(key))
            {
                Dictionary<string, object> policy = findings.Api.Values(key + @"\" + number);
                string id = SourceApi.Text(policy, "GPO-ID"), guid = Guid.Match(id + SourceApi.Text(policy, "GPOName")).Value;
                string name = SourceApi.Text(policy, "DisplayName");
                bool local = String.Equals(id, LocalPolicy, StringComparison.OrdinalIgnoreCase);
                string folder = SourceApi.Text(policy, "FileSysPath").TrimEnd('\\') + @"\Scripts\" + occasion;
                foreach (string script in findings.Api.Keys(key + @"\" + number))
                {
                    Dictionary<string, object> values = findings.Api.Values(key + @"\" + number + @"\" + script);
                    string path = WholePath(folder, SourceApi.Text(values, "Script"));
                    if (path == null || (local && knownScripts.Contains(path)))
                        continue;
                    if (!local)
                        NoteScript(place, path);
                    AddScript(place, path, SourceApi.Text(values, "Parameters"), new Starter
                    {
                        Kind = local ? "local_gpo_script" : "gpo_logon_script", Affected = place.Affected, Where = path, Folder = folder,
                        Policy = new Policy { Id = local ? LocalPolicy : guid.Length > 0 ? guid : id, Name = name.Length > 0 ? name : null },
                        Direct = Certainty.Sure, ThroughScript = Certainty.Sure
                    });
                }
            }
        }

        private void ReadLocalPolicy(Place place, Affected affected, string folder, string occasion)
        {
            string scripts = folder + @"\Scripts\" + occasion;
            foreach (KeyValuePair<string, string> script in ScriptsOfPolicy(affected, folder, occasion, scripts))
            {
                NoteScript(place, script.Key);
                AddScript(place, script.Key, script.Value, new Starter
                {
                    Kind = "local_gpo_script", Affected = affected, Where = script.Key, Folder = scripts,
                    Policy = new Policy { Id = LocalPolicy }, Direct = Certainty.Sure, ThroughScript = Certainty.Sure
                });
            }
            if (occasion == "Logon")
                ReadRegistryFile(place, folder + @"\Registry.pol", null);
        }

        /// <summary>The scripts of a policy that only the cache has, known by where they lie in SYSVOL.</summary>
        private void ReadCachedScripts(Place place, string domain, string policy, string part, string occasion)
        {
            string scripts = @"\\" + domain + @"\SysVol\" + domain + @"\Policies\" + NameOf(policy) + @"\" + part + @"\Scripts\" + occasion;
            foreach (KeyValuePair<string, string> script in ScriptsOfPolicy(place.Affected, policy + @"\" + part, occasion, scripts))
                if (!knownScripts.Contains(place.Affected.Sid + InSysVol(script.Key)))
                    AddScript(place, script.Key, script.Value, new Starter
                    {
                        Kind = "gpo_logon_script", Affected = place.Affected, Where = script.Key, Folder = scripts,
                        Policy = names.Find(place, NameOf(policy)), Direct = Certainty.Likely, ThroughScript = Certainty.Likely
                    });
        }

        // By itself, for what the machine has of all users, and as a user's.
        private void NoteScript(Place place, string path)
        {
            knownScripts.Add(InSysVol(path));
            knownScripts.Add(place.Affected.Sid + InSysVol(path));
        }

        // A domain has several names.
        private static string InSysVol(string path)
        {
            return SysVol.Replace(path, "");
        }

        /// <summary>The scripts of a policy, each with its parameters.</summary>
        /// <param name="scripts">Where they lie, if nothing else is said.</param>
        private IEnumerable<KeyValuePair<string, string>> ScriptsOfPolicy(Affected affected, string folder, string occasion, string scripts)
        {
            return new[] { folder + @"\Scripts\scripts.ini", folder + @"\Scripts\psscripts.ini" }
                .Select(path => findings.Look(affected, "policy", path, () => findings.Files.ReadText(path, LocalFiles.LargestText)))
                .SelectMany(text => ScriptsInIni(text ?? "", occasion))
                .Select(script => new KeyValuePair<string, string>(WholePath(scripts, script.Key), script.Value)).Where(script => script.Key != null).ToList();
        }

        /// <summary>The scripts of one section ([MS-GPSCR] 2.2.2: nCmdLine, nParameters).</summary>
        private static IEnumerable<KeyValuePair<string, string>> ScriptsInIni(string text, string section)
        {
            Dictionary<string, string> values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            bool inside = false;
            foreach (string line in text.Split('\n').Select(line => line.Trim()))
            {
                int equals = line.IndexOf('=');
                if (line.StartsWith("[", StringComparison.Ordinal))
                    inside = String.Equals(line, "[" + section + "]", StringComparison.OrdinalIgnoreCase);
                else if (inside && equals > 0)
                    values[line.Substring(0, equals).Trim()] = line.Substring(equals + 1).Trim();
            }
            List<KeyValuePair<string, string>> scripts = new List<KeyValuePair<string, string>>();
            foreach (KeyValuePair<string, string> value in values.Where(value => value.Key.EndsWith("CmdLine", StringComparison.OrdinalIgnoreCase) && value.Value.Length > 0))
            {
                string parameters;
                values.TryGetValue(value.Key.Substring(0, value.Key.Length - "CmdLine".Length) + "Parameters", out parameters);
                scripts.Add(new KeyValuePair<string, string>(value.Value, parameters ?? ""));
            }
            return scripts;
        }

        private void AddScript(Place place, string path, string parameters, Starter starter)
        {
            findings.AddLine(starter, place, "\"" + path + "\" " + parameters);
            findings.AddCommand(starter, place, parameters);
            string local = findings.Files.IsRemote(path) ? CachedCopy(place, path) : path;
            if (local != null)
                findings.AddScriptText(starter, place, local, path);
            else
                findings.AddScript(starter, place, path);
        }

        /// <summary>Where the cache has a copy of a file of a policy; null where it has none.</summary>
        private string CachedCopy(Place place, string path)
        {
            Match server = SysVol.Match(path);
            if (!server.Success)
                return null;
            string[] stores =
            {
                ProgramData + @"\Microsoft\GroupPolicy\Users\" + place.Affected.Sid, place.Folder + @"\AppData\Local\GroupPolicy", System32 + @"\GroupPolicy"
            };
            return stores.Where(store => store[0] != '\\').Select(store => store + @"\DataStore\0\SysVol\" + path.Substring(server.Length))
                .FirstOrDefault(copy => findings.Look(place.Affected, "script", copy, () => findings.Files.Read(copy, LocalFiles.LargestText)) != null);
        }

        private string WholePath(string folder, string script)
        {
            string path = machine.Expand(script).Trim().Trim('"');
            if (path.Length == 0)
                return null;
            bool isWhole = path.IndexOf(':') == 1 || path.StartsWith(@"\\", StringComparison.Ordinal);
            return isWhole ? path : folder + @"\" + path;
        }

        // ---------------------------------------------------------------------------------------------- reading

        private static string NameOf(string path)
        {
            return path.Substring(path.LastIndexOf('\\') + 1);
        }

        private IEnumerable<string> Folders(Affected affected, string folder)
        {
            return findings.Entries(affected, "policy", folder).Where(entry => entry.IsFolder).Select(entry => folder + @"\" + entry.Name);
        }
    }

    /// <summary>The names of policies, which Windows keeps beside what it applied of them.</summary>
    internal sealed class PolicyNames
    {
        private const string Key = @"\Software\Microsoft\Windows\CurrentVersion\Group Policy\";

        private readonly SourceApi api;
        private readonly Place machine;
        private readonly Dictionary<string, Dictionary<string, string>> known = new Dictionary<string, Dictionary<string, string>>();

        public PolicyNames(SourceApi api, Place machine)
        {
            this.api = api;
            this.machine = machine;
        }

        /// <returns>Null for no id; with a null name where nobody knows it.</returns>
        public Policy Find(Place place, string id)
        {
            string name;
            if (id == null)
                return null;
            return new Policy { Id = id, Name = Of(place).TryGetValue(id, out name) || Of(machine).TryGetValue(id, out name) ? name : null };
        }

        private Dictionary<string, string> Of(Place place)
        {
            Dictionary<string, string> names;
            string who = place.Affected.Sid ?? "Machine";
            if (known.TryGetValue(who, out names))
                return names;
            names = known[who] = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            AddAll(names, @"HKLM" + Key + @"DataStore\" + who + @"\0");
            AddAll(names, @"HKLM" + Key + @"State\" + who + @"\GPO-List");
            foreach (string extension in api.Keys(place.Root + Key + "History"))
                AddAll(names, place.Root + Key + @"History\" + extension);
            return names;
        }

        private void AddAll(Dictionary<string, string> names, string key)
        {
            foreach (string number in api.Keys(key))
            {
                Dictionary<string, object> values = api.Values(key + @"\" + number);
                object name, id;
                if (values.TryGetValue("DisplayName", out name) && name is string && ((string)name).Length > 0
                    && (values.TryGetValue("GPOName", out id) || values.TryGetValue("GPOID", out id) || values.TryGetValue("GPO-ID", out id)) && id is string)
                    names[(string)id] = (string)name;
            }
        }
    }

    /// <summary>One value of a registry policy file ("Registry Policy File Format").</summary>
    internal sealed class PolicyValue
    {
        private const int Signature = 0x67655250;  // PReg
        private const int String = 1;  // REG_SZ
        private const int ExpandString = 2;

        public string Key { get; private set; }
        public string Name { get; private set; }

        /// <summary>Empty for what is no text.</summary>
        public string Text { get; private set; }

        /// <param name="content">Null for a file that is not there.</param>
        /// <returns>Null for no content.</returns>
        /// <exception cref="NotReadException">It is no such file, or a broken one.</exception>
        public static IList<PolicyValue> ReadAll(byte[] content)
        {
            if (content == null)
                return null;
            if (content.Length < 8 || BitConverter.ToInt32(content, 0) != Signature)
                throw new NotReadException("is no registry policy file");
            List<PolicyValue> values = new List<PolicyValue>();
            try
            {
                for (int at = 8; at < content.Length;)
                    values.Add(ReadOne(content, ref at));
            }
            catch (ArgumentException)  // a place outside of the file
            {
                throw new NotReadException("is a broken registry policy file");
            }
            return values;
        }

        // [key;value;type;size;data], each character in UTF-16
        private static PolicyValue ReadOne(byte[] content, ref int at)
        {
            Expect(content, ref at, '[');
            PolicyValue value = new PolicyValue { Key = ReadText(content, ref at), Text = "" };
            Expect(content, ref at, ';');
            value.Name = ReadText(content, ref at);
            Expect(content, ref at, ';');
            int type = BitConverter.ToInt32(content, at);
            at += 4;
            Expect(content, ref at, ';');
            int size = BitConverter.ToInt32(content, at);
            at += 4;
            Expect(content, ref at, ';');
            if (size < 0 || size > content.Length - at)
                throw new NotReadException("is a broken registry policy file");
            if (type == String || type == ExpandString)
                value.Text = Encoding.Unicode.GetString(content, at, size).TrimEnd('\0');
            at += size;
            Expect(content, ref at, ']');
            return value;
        }

        private static string ReadText(byte[] content, ref int at)
        {
            int start = at;
            while (BitConverter.ToInt16(content, at) != 0)
                at += 2;
            at += 2;
            return Encoding.Unicode.GetString(content, start, at - 2 - start);
        }

        private static void Expect(byte[] content, ref int at, char expected)
        {
            if (BitConverter.ToInt16(content, at) != expected)
                throw new NotReadException("is a broken registry policy file");
            at += 2;
        }
    }
}
