// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using ansible_collections.netdrive.windows.plugins.module_utils.BoundedCalls;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;

namespace ansible_collections.netdrive.windows.plugins.module_utils.OtherNames
{
    /// <summary>A server that is probably a selected one under another name.</summary>
    public sealed class OtherName
    {
        /// <summary>'oldfs.corp.example'</summary>
        public string Server { get; internal set; }

        /// <summary>The selected server.</summary>
        public string SameAs { get; internal set; }

        /// <summary>'first_label' or 'address'.</summary>
        public string KnownBy { get; internal set; }

        /// <summary>How many connections lead there.</summary>
        public int Connections { get; internal set; }

        public Dictionary<string, object> ToResult()
        {
            return new Dictionary<string, object>
            {
                { "remote", @"\\" + Server },
                { "same_as", @"\\" + SameAs },
                { "known_by", KnownBy },
                { "connections", Connections }
            };
        }
    }

    /// <summary>The connections that were seen and not selected: whether their servers are selected ones under other names.</summary>
    public sealed class OtherConnections
    {
        private const int MostNames = 24;  // that are looked up
        private static readonly TimeSpan LongestLookUp = TimeSpan.FromSeconds(2);

        private readonly ConnectionSelection selection;
        private readonly Func<string, IPAddress[]> resolve;
        private readonly Dictionary<string, HashSet<string>> servers = new Dictionary<string, HashSet<string>>(StringComparer.OrdinalIgnoreCase);

        /// <param name="resolve">The addresses of a name, by the machine's own resolver; null where nobody is to be asked.</param>
        public OtherConnections(ConnectionSelection selection, Func<string, IPAddress[]> resolve)
        {
            this.selection = selection;
            this.resolve = resolve;
        }

        /// <summary>Takes note of a connection, which may be live and remembered. Called by several threads.</summary>
        public void Add(string sid, string device, string remote)
        {
            RemoteName name = RemoteName.Parse(remote ?? "");
            if (name == null || selection.KnowsServerOf(name))
                return;
            string server = name.Server;
            lock (servers)
            {
                if (!servers.ContainsKey(server))
                    servers.Add(server, new HashSet<string>(StringComparer.OrdinalIgnoreCase));
                servers[server].Add(sid + " " + device + " " + name);
            }
        }

        /// <summary>The servers that are probably selected ones, sorted.</summary>
        public IList<OtherName> Find()
        {
            List<OtherName> found = new List<OtherName>();
            List<string> selected = selection.Servers.Distinct(StringComparer.OrdinalIgnoreCase).ToList();
            foreach (string server in servers.Keys)
            {
                string same = selected.FirstOrDefault(name => !IsAddress(name) && !IsAddress(server) && SameText(Label(name), Label(server)));
                if (same != null)
                    found.Add(NewName(server, same, "first_label"));
            }
            List<string> rest = servers.Keys.Where(server => !found.Any(other => SameText(other.Server, server))).OrderBy(server => server, StringComparer.OrdinalIgnoreCase).ToList();
            if (resolve != null && rest.Count > 0 && selected.Count > 0)
                found.AddRange(ByAddress(selected, rest));
            return found.OrderBy(other => other.Server, StringComparer.OrdinalIgnoreCase).ToList();
        }

        private IEnumerable<OtherName> ByAddress(IList<string> selected, IList<string> rest)
        {
            List<string> names = selected.Concat(rest).Take(MostNames).ToList();
            List<BoundedCall<IPAddress[]>> calls = names.Select(name => new BoundedCall<IPAddress[]>(() => resolve(name))).ToList();
            BoundedCall<IPAddress[]>.RunAll(calls, LongestLookUp);
            Dictionary<string, IPAddress[]> addresses = names.Select((name, index) => new { name, found = calls[index].Result ?? new IPAddress[0] })
                .ToDictionary(one => one.name, one => one.found, StringComparer.OrdinalIgnoreCase);
            return rest.Where(addresses.ContainsKey)
                .Select(server => new { server, same = selected.FirstOrDefault(name => addresses.ContainsKey(name) && addresses[name].Intersect(addresses[server]).Any()) })
                .Where(one => one.same != null).Select(one => NewName(one.server, one.same, "address")).ToList();
        }

        private OtherName NewName(string server, string same, string knownBy)
        {
            return new OtherName { Server = server, SameAs = same, KnownBy = knownBy, Connections = servers[server].Count };
        }

        private static string Label(string server)
        {
            return server.Split('.')[0];
        }

        private static bool IsAddress(string server)
        {
            IPAddress address;
            return IPAddress.TryParse(server, out address);
        }

        private static bool SameText(string one, string other)
        {
            return String.Equals(one, other, StringComparison.OrdinalIgnoreCase);
        }
    }
}
