// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Linq;
using ansible_collections.netdrive.windows.plugins.module_utils.MachineFiles;
using ansible_collections.netdrive.windows.plugins.module_utils.SourceAccess;
using ansible_collections.netdrive.windows.plugins.module_utils.Sources;

namespace ansible_collections.netdrive.windows.plugins.module_utils.AutostartSources
{
    /// <summary>What Windows runs when somebody signs in: values of the registry, and the Startup folders.</summary>
    internal sealed class Autostart
    {
        private const string CurrentVersion = @"\Software\Microsoft\Windows\CurrentVersion";
        private const string Approved = CurrentVersion + @"\Explorer\StartupApproved\";

        private readonly Findings findings;

        public Autostart(Findings findings)
        {
            this.findings = findings;
        }

        public void ReadUser(Place user)
        {
            string key = user.Root + @"\Environment";
            string script = SourceApi.Text(findings.Api.Values(key), "UserInitMprLogonScript");
            Run(new Starter { Kind = "init_script", Direct = Certainty.Sure, ThroughScript = Certainty.Likely }, user, key, script, false);
            ReadRunKeys(user, CurrentVersion);
            ReadValues(user, @"\Software\Microsoft\Windows NT\CurrentVersion\Windows", "Load", "Run");
            string startup = SourceApi.Text(findings.Api.Values(user.Root + CurrentVersion + @"\Explorer\User Shell Folders"), "Startup");
            if (startup.Length == 0 && user.Folder != null)
                startup = user.Folder + @"\AppData\Roaming\Microsoft\Windows\Start Menu\Programs\Startup";
            ReadStartup(user, user.Expand(startup));
        }

        public void ReadMachine(Place machine)
        {
            ReadRunKeys(machine, CurrentVersion);
            ReadRunKeys(machine, @"\Software\WOW6432Node\Microsoft\Windows\CurrentVersion");
            ReadValues(machine, @"\Software\Microsoft\Windows NT\CurrentVersion\Winlogon", "Userinit", "Shell");
            string startup = SourceApi.Text(findings.Api.Values(machine.Root + CurrentVersion + @"\Explorer\User Shell Folders"), "Common Startup");
            ReadStartup(machine, machine.Expand(startup.Length > 0 ? startup : @"%ProgramData%\Microsoft\Windows\Start Menu\Programs\StartUp"));
        }

        private void ReadRunKeys(Place place, string version)
        {
            foreach (string name in new[] { @"\Run", @"\RunOnce", @"\Policies\Explorer\Run" })
                ReadValues(place, version + name);
        }

        /// <param name="names">Only these values; all of the key where none are given.</param>
        private void ReadValues(Place place, string key, params string[] names)
        {
            foreach (KeyValuePair<string, object> value in findings.Api.Values(place.Root + key))
            {
                if (!(value.Value is string) || (names.Length > 0 && !names.Contains(value.Key, StringComparer.OrdinalIgnoreCase)))
                    continue;
                bool off = new[] { "Run", "Run32" }.Any(list => IsOff(place, list, value.Key));
                Run(new Starter { Kind = "run_entry", Direct = Certainty.Likely, ThroughScript = Certainty.Likely }, place, place.Root + key, (string)value.Value, off);
            }
        }

        private void Run(Starter starter, Place place, string key, string command, bool off)
        {
            starter.Affected = place.Affected;
            starter.Where = Findings.Shown(place, key);
            SwitchOff(starter, off);
            findings.AddCommand(starter, place, command);
        }

        private void ReadStartup(Place place, string folder)
        {
            if (folder.Length == 0)
                return;
            foreach (FileEntry file in findings.Entries(place.Affected, "startup_folder", folder).Where(entry => !entry.IsFolder))
                ReadItem(place, folder.TrimEnd('\\') + @"\" + file.Name, IsOff(place, "StartupFolder", file.Name));
        }

        private void ReadItem(Place place, string path, bool off)
        {
            Starter starter = new Starter { Kind = "startup_item", Affected = place.Affected, Where = path, Direct = Certainty.Likely, ThroughScript = Certainty.Likely };
            SwitchOff(starter, off);
            if (path.EndsWith(".lnk", StringComparison.OrdinalIgnoreCase))
                findings.AddLink(starter, place, path);
            else if (path.EndsWith(".url", StringComparison.OrdinalIgnoreCase))
                findings.AddCommand(starter, place, findings.Look(place.Affected, "link", path, () => findings.Files.ReadText(path, LocalFiles.LargestLink)) ?? "");
            else
                findings.AddCommand(starter, place, "\"" + path + "\"");
        }

        private static void SwitchOff(Starter starter, bool off)
        {
            if (!off)
                return;
            starter.Conditional = new[] { "disabled" };
            starter.Direct = starter.ThroughScript = Certainty.Hint;
        }

        // What the Task Manager switched off has an odd first byte.
        private bool IsOff(Place place, string list, string name)
        {
            object value;
            byte[] state = findings.Api.Values(place.Root + Approved + list).TryGetValue(name, out value) ? value as byte[] : null;
            return state != null && state.Length > 0 && state[0] % 2 == 1;
        }
    }
}
