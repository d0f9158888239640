// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Linq;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;
using ansible_collections.netdrive.windows.plugins.module_utils.SourceAccess;
using ansible_collections.netdrive.windows.plugins.module_utils.Sources;

namespace ansible_collections.netdrive.windows.plugins.module_utils.ProfileSources
{
    /// <summary>What a user's account and profile themselves connect to: home folder, redirected folders, printers, where the profile roams to.</summary>
    internal sealed class ProfileConnections
    {
        private const string ProfileList = @"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList\";

        private readonly Findings findings;

        public ProfileConnections(Findings findings)
        {
            this.findings = findings;
        }

        public void Read(Place user)
        {
            ReadHomeFolder(user);
            ReadRedirectedFolders(user);
            string printers = user.Root + @"\Printers\Connections";
            foreach (string printer in findings.Api.Keys(printers))
                findings.AddPrinter(user, printers, printer);
            foreach (KeyValuePair<string, object> value in findings.Api.Values(ProfileList + user.Affected.Sid))
                if (String.Equals(value.Key, "CentralProfile", StringComparison.OrdinalIgnoreCase) && value.Value is string)
                    findings.AddValue("roaming_profile", user, ProfileList + user.Affected.Sid, value.Key, null, (string)value.Value, Certainty.Sure);
            ReadNetworkDriveMapping(user, user.Root + @"\Software\Policies\weatherlights.com\NetworkDriveMapping", 0);
            ReadNetworkShortcuts(user);
        }

        /// <summary>What the account of a user of this machine says.</summary>
        public void ReadAccount(Place user, LocalAccount account)
        {
            string where = "local account";
            if (!String.IsNullOrEmpty(account.HomeFolder))
                findings.AddValue("home_folder", user, where, "Home folder", ResourceName.Device(account.HomeDrive ?? ""), account.HomeFolder, Certainty.Sure);
            if (!String.IsNullOrEmpty(account.Profile))
                findings.AddValue("roaming_profile", user, where, "Profile path", null, account.Profile, Certainty.Sure);
            if (!String.IsNullOrEmpty(account.Script))
                findings.AddCommand(new Starter
                {
                    Kind = "account_script", Affected = user.Affected, Where = where, Folder = user.Expand(@"%SystemRoot%\System32\Repl\Import\Scripts"),
                    Direct = Certainty.Sure, ThroughScript = Certainty.Likely
                }, user, "\"" + account.Script + "\"");
        }

        // Only there while the user is signed in.
        private void ReadHomeFolder(Place user)
        {
            string key = user.Root + @"\Volatile Environment";
            Dictionary<string, object> values = findings.Api.Values(key);
            object share;
            if (values.TryGetValue("HOMESHARE", out share) && share is string)
                findings.AddValue("home_folder", user, key, "HOMESHARE",
                    ResourceName.Device(SourceApi.Text(values, "HOMEDRIVE")), (string)share, Certainty.Sure);
        }

        private void ReadRedirectedFolders(Place user)
        {
            string key = user.Root + @"\Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders";
            foreach (KeyValuePair<string, object> folder in findings.Api.Values(key).Where(value => value.Value is string))
                findings.AddValue("folder_redirection", user, key, folder.Key, null, (string)folder.Value, Certainty.Sure);
        }

        /// <summary>The policy of Weatherlights' Network Drive Mapping Tool, whatever its values are called.</summary>
        private void ReadNetworkDriveMapping(Place user, string key, int depth)
        {
            Starter starter = new Starter { Kind = "mapping_tool", Affected = user.Affected, Where = Findings.Shown(user, key), Direct = Certainty.Sure };
            foreach (KeyValuePair<string, object> value in findings.Api.Values(key))
                foreach (string text in value.Value as string[] ?? new[] { value.Value as string ?? "" })
                    findings.AddNames(starter, user.Expand(text));
            if (depth < 4)
                foreach (string below in findings.Api.Keys(key))
                    ReadNetworkDriveMapping(user, key + @"\" + below, depth + 1);
        }

        /// <summary>Network locations, each a folder with the shortcut target.lnk; they connect when somebody looks at them.</summary>
        private void ReadNetworkShortcuts(Place user)
        {
            if (user.Folder == null)
                return;
            string folder = user.Expand(@"%APPDATA%\Microsoft\Windows\Network Shortcuts");
            foreach (FileEntry entry in findings.Entries(user.Affected, "network_shortcuts", folder))
            {
                string path = folder + @"\" + entry.Name + (entry.IsFolder ? @"\target.lnk" : "");
                Starter starter = new Starter { Kind = "network_shortcut", Affected = user.Affected, Where = path, Direct = Certainty.Hint, ThroughScript = Certainty.Hint };
                if (path.EndsWith(".lnk", StringComparison.OrdinalIgnoreCase))
                    findings.AddLink(starter, user, path);
            }
        }
    }
}
