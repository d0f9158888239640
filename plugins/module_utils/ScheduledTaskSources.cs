// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using System.Xml;
using ansible_collections.netdrive.windows.plugins.module_utils.Accounts;
using ansible_collections.netdrive.windows.plugins.module_utils.CommandText;
using ansible_collections.netdrive.windows.plugins.module_utils.MachineFiles;
using ansible_collections.netdrive.windows.plugins.module_utils.SourceAccess;
using ansible_collections.netdrive.windows.plugins.module_utils.Sources;
using ansible_collections.netdrive.windows.plugins.module_utils.XmlText;

namespace ansible_collections.netdrive.windows.plugins.module_utils.ScheduledTaskSources
{
    /// <summary>Scheduled tasks, from the files that define them ("Task Scheduler Schema"), and one level of the scripts they run.</summary>
    internal sealed class ScheduledTasks
    {
        private const int MostTasks = 3000;
        private const int Deepest = 16;  // folders

        // Windows's own tasks have nothing to do with drives, as a rule.
        private const string OfWindows = @"\Microsoft\Windows";
        private static readonly Regex Suspicious = new Regex(@"net1?(\.exe)?\W+use\b|New-PSDrive|New-Smb(Global)?Mapping|MapNetworkDrive|encodedcommand",
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

        private readonly Findings findings;
        private readonly Place machine;
        private readonly Func<string, Place> placeOf;
        private readonly Func<string, string> sidOf;
        private readonly string root;
        private int count;

        /// <param name="placeOf">Where a SID is searched for; null for one that nobody asked for.</param>
        /// <param name="sidOf">The SID of an account's name; null where nobody knows it.</param>
        public ScheduledTasks(Findings findings, Place machine, Func<string, Place> placeOf, Func<string, string> sidOf)
        {
            this.findings = findings;
            this.machine = machine;
            this.placeOf = placeOf;
            this.sidOf = sidOf;
            root = machine.Expand(@"%SystemRoot%\System32\Tasks");
        }

        public void Read()
        {
            Read(root, 0);
        }

        private void Read(string folder, int depth)
        {
            if (depth > Deepest)
            {
                findings.Skip(machine.Affected, "task", folder, "lies too deep");
                return;
            }
            foreach (FileEntry entry in findings.Entries(machine.Affected, "task", folder))
            {
                string path = folder + @"\" + entry.Name;
                if (entry.IsFolder)
                    Read(path, depth + 1);
                else
                    findings.Look(machine.Affected, "task", path, () => ReadTask(path));
            }
        }

        private void ReadTask(string path)
        {
            if (++count > MostTasks)
                throw new NotReadException("there are more than " + MostTasks + " tasks");
            string text = findings.Files.ReadText(path, LocalFiles.LargestDocument);
            if (text != null && (!path.StartsWith(root + OfWindows, StringComparison.OrdinalIgnoreCase) || IsSuspicious(text)))
                AddTask(path, Xml.Parse(text));
        }

        private bool IsSuspicious(string text)
        {
            return Suspicious.IsMatch(text) || Command.RemoteNames(text).Any(remote => findings.IsSelected(null, remote));
        }

        private void AddTask(string path, XmlDocument task)
        {
            Affected affected = Runner(task);
            Place place = affected.Scope == "user" && affected.Sid != null ? placeOf(affected.Sid) : machine;
            if (place == null)
                return;
            List<string> conditional = Conditions(task);
            bool off = conditional.Contains("disabled");
            foreach (XmlElement action in Xml.Elements(task, "Exec"))
                findings.AddCommand(new Starter
                {
                    Kind = "scheduled_task", Affected = affected, Where = path, Conditional = conditional,
                    Folder = Unquoted(place.Expand(Xml.ChildText(action, "WorkingDirectory"))),
                    Direct = off ? Certainty.Hint : Certainty.Sure, ThroughScript = off ? Certainty.Hint : Certainty.Likely
                }, place, "\"" + Xml.ChildText(action, "Command").Trim('"') + "\" " + Xml.ChildText(action, "Arguments"));
        }

        private static List<string> Conditions(XmlDocument task)
        {
            List<string> conditions = new List<string>();
            XmlElement settings = Xml.Elements(task, "Settings").FirstOrDefault(), triggers = Xml.Elements(task, "Triggers").FirstOrDefault();
            List<XmlElement> each = triggers == null ? new List<XmlElement>() : triggers.ChildNodes.OfType<XmlElement>().ToList();
            if (settings != null && IsFalse(settings, "Enabled"))
                conditions.Add("disabled");
            if (each.Count > 0 && each.All(trigger => IsFalse(trigger, "Enabled")))
                conditions.Add("its triggers are disabled");
            else if (each.Count == 0)
                conditions.Add("runs only on demand");
            return conditions;
        }

        private static bool IsFalse(XmlElement element, string child)
        {
            string value = Xml.ChildText(element, child);
            return String.Equals(value, "false", StringComparison.OrdinalIgnoreCase) || value == "0";
        }

        private static string Unquoted(string folder)
        {
            return folder.Trim('"').Length == 0 ? null : folder.Trim('"');
        }

        /// <summary>Whom the task runs as; a group is everybody in it, when they sign in.</summary>
        private Affected Runner(XmlDocument task)
        {
            XmlElement principal = Xml.Elements(task, "Principal").FirstOrDefault();
            string group = principal == null ? "" : Xml.ChildText(principal, "GroupId"), user = principal == null ? "" : Xml.ChildText(principal, "UserId");
            if (group.Length > 0)
                return Affected.Group(Sid(group), AccountApi.IsSid(group) ? null : group);
            return user.Length > 0 ? Affected.Account(Sid(user), AccountApi.IsSid(user) ? null : user) : Affected.Machine;
        }

        private string Sid(string account)
        {
            return AccountApi.IsSid(account) ? account : sidOf(account);
        }
    }
}
