// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using ansible_collections.netdrive.windows.plugins.module_utils.Accounts;
using ansible_collections.netdrive.windows.plugins.module_utils.ScriptLanguages;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;
using ansible_collections.netdrive.windows.plugins.module_utils.SourceAccess;
using ansible_collections.netdrive.windows.plugins.module_utils.Sources;

namespace ansible_collections.netdrive.windows.plugins.module_utils.MachineSources
{
    /// <summary>What connects the machine as a whole, whoever signs in.</summary>
    internal sealed class MachineWide
    {
        private const string GlobalMappings = @"HKLM\SYSTEM\CurrentControlSet\Control\NetworkProvider\GlobalMappings";
        private const string DosDevices = @"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\DOS Devices";
        private const string Printers = @"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Print\Providers\Client Side Rendering Print Provider";

        // What a DOS device stands for where it is a share.
        private static readonly Regex ShareDevice = new Regex(@"^(\\\?\?\\UNC|\\DosDevices\\UNC|\\Device\\Mup|\\Device\\LanmanRedirector(\\;[^\\]*)?)(?=\\)",
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

        private readonly Findings findings;
        private readonly Place machine;
        private readonly Func<string, Place> placeOf;

        /// <param name="placeOf">Where a SID is searched for; null for one that nobody asked for.</param>
        public MachineWide(Findings findings, Place machine, Func<string, Place> placeOf)
        {
            this.findings = findings;
            this.machine = machine;
            this.placeOf = placeOf;
        }

        public void Read()
        {
            foreach (string name in findings.Api.Keys(GlobalMappings))
                AddRemotePath("global_mapping", machine, GlobalMappings + @"\" + name, ResourceName.Device(name));
            foreach (KeyValuePair<string, object> value in findings.Api.Values(DosDevices))
                ReadDosDevice(value.Key, value.Value as string ?? "");
            foreach (string sid in findings.Api.Keys(Printers))
                ReadPrinters(sid);
            ReadIntuneDriveMapping();
        }

        /// <summary>The drives that accounts of Windows's own remember, which services use.</summary>
        /// <param name="isGone">Whether an account does not remember a device any more.</param>
        public void ReadServices(Func<string, string, bool> isGone)
        {
            foreach (string root in new[] { "S-1-5-18", ".DEFAULT", "S-1-5-19", "S-1-5-20" })
            {
                string key = @"HKU\" + root + @"\Network";
                Place place = new Place
                {
                    Affected = Affected.Account(root == ".DEFAULT" ? "S-1-5-18" : root, null), Root = @"HKU\" + root, ShownRoot = @"HKU\" + root, Environment = machine.Environment
                };
                foreach (string name in findings.Api.Keys(key).Where(name => !isGone(place.Affected.Sid, ResourceName.Device(name))))
                    AddRemotePath("remembered_drive", place, key + @"\" + name, ResourceName.Device(name));
            }
        }

        private void AddRemotePath(string kind, Place place, string key, string device)
        {
            object remote;
            if (findings.Api.Values(key).TryGetValue("RemotePath", out remote) && remote is string)
                findings.AddValue(kind, place, key, "RemotePath", device, (string)remote, Certainty.Sure);
        }

        private void ReadDosDevice(string name, string target)
        {
            Match share = ShareDevice.Match(target);
            if (share.Success)
                findings.AddValue("dos_device", machine, DosDevices, name, ResourceName.Device(name), @"\" + target.Substring(share.Length), Certainty.Likely);
        }

        /// <summary>The printer connections that the print provider keeps, by SID; SYSTEM's are everybody's.</summary>
        private void ReadPrinters(string sid)
        {
            string key = Printers + @"\" + sid + @"\Printers\Connections";
            Place place = Affected.IsOfWindows(sid) ? machine : placeOf(sid);
            if (place == null || !AccountApi.IsSid(sid))
                return;
            foreach (string printer in findings.Api.Keys(key))
                findings.AddPrinter(place, key, printer);
        }

        /// <summary>IntuneDriveMapping leaves its scripts and a scheduled task, also when nobody deploys it any more.</summary>
        private void ReadIntuneDriveMapping()
        {
            string folder = machine.Expand(@"%ProgramData%\intune-drive-mapping-generator");
            foreach (FileEntry file in findings.Entries(machine.Affected, "tool", folder).Where(entry => ScriptLanguage.Of(entry.Name) != null))
            {
                string path = folder + @"\" + file.Name;
                Starter starter = new Starter { Kind = "mapping_tool", Affected = machine.Affected, Where = path, Direct = Certainty.Sure, ThroughScript = Certainty.Sure };
                findings.AddConfiguration(starter, machine, path);
            }
        }
    }
}
