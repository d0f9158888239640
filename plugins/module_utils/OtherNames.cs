// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;

namespace ansible_collections.netdrive.windows.plugins.module_utils.OtherNames
{
    /// <summary>A connection that was seen and not selected.</summary>
    public sealed class OtherConnection
    {
        /// <summary>Whose it is.</summary>
        public string Sid { get; internal set; }

        /// <summary>Null for a connection without one.</summary>
        public string Device { get; internal set; }

        public string Remote { get; internal set; }
        public RemoteName Name { get; internal set; }
    }

    /// <summary>A name that probably leads to a selected server, and is another than the selected one.</summary>
    public sealed class OtherName
    {
        /// <summary>'\\oldfs.corp.example', or '\\corp.example\dfs\home' where DFS leads there: a pattern for the option remote.</summary>
        public string Remote { get; internal set; }

        /// <summary>The selected server.</summary>
        public string SameAs { get; internal set; }

        /// <summary>'first_label', 'address' or 'dfs'.</summary>
        public string KnownBy { get; internal set; }

        /// <summary>How many connections lead there.</summary>
        public int Connections { get; internal set; }

        public Dictionary<string, object> ToResult()
        {
            return new Dictionary<string, object>
            {
                { "remote", Remote },
                { "same_as", @"\\" + SameAs },
                { "known_by", KnownBy },
                { "connections", Connections }
            };
        }
    }

    /// <summary>The connections that were seen and not selected: whether they lead to selected servers under other names.</summary>
    public sealed class OtherConnections
    {
        private readonly ConnectionSelection selection;
        private readonly Func<ConnectionSelection, IList<OtherConnection>, IEnumerable<OtherName>> lookUp;
        private readonly Dictionary<string, OtherConnection> connections = new Dictionary<string, OtherConnection>(StringComparer.OrdinalIgnoreCase);

        /// <param name="lookUp">What else is known of the names that these connections have; null where nobody is to be asked.</param>
        public OtherConnections(ConnectionSelection selection, Func<ConnectionSelection, IList<OtherConnection>, IEnumerable<OtherName>> lookUp)
        {
            this.selection = selection;
            this.lookUp = lookUp;
        }

        /// <summary>Takes note of a connection, which may be live and remembered. Called by several threads.</summary>
        public void Add(string sid, string device, string remote)
        {
            RemoteName name = RemoteName.Parse(remote ?? "");
            if (name == null)
                return;
            string key = sid + " " + device + " " + name;
            lock (connections)
                if (!connections.ContainsKey(key))
                    connections.Add(key, new OtherConnection { Sid = sid, Device = device, Remote = remote, Name = name });
        }

        /// <summary>Whether a user's profile might remember a live connection under one of them, by what '%NAME%' in that stands for.</summary>
        public bool MightBe(string sid, string device, RemoteName live)
        {
            lock (connections)
                return connections.Values.Any(other => other.Sid == sid && other.Device == device && live.MightBe(other.Name));
        }

        /// <summary>The names that probably lead to selected servers, sorted.</summary>
        public IList<OtherName> Find()
        {
            List<OtherName> found = new List<OtherName>();
            ILookup<bool, OtherConnection> byKnown;
            lock (connections)
                byKnown = connections.Values.ToLookup(connection => selection.KnowsServerOf(connection.Name));
            List<OtherConnection> rest = byKnown[true].ToList();
            foreach (IGrouping<string, OtherConnection> server in byKnown[false].GroupBy(connection => connection.Name.Server, StringComparer.OrdinalIgnoreCase))
            {
                string same = selection.Servers.FirstOrDefault(name => IsSameLabel(name, server.Key));
                if (same != null)
                    found.Add(new OtherName { Remote = @"\\" + server.Key, SameAs = same, KnownBy = "first_label", Connections = server.Count() });
                else
                    rest.AddRange(server);
            }
            if (lookUp != null)
                found.AddRange(lookUp(selection, rest));
            return found.OrderBy(other => other.Remote, StringComparer.OrdinalIgnoreCase).ToList();
        }

        /// <summary>Whether two servers have the same first label: 'oldfs' and 'oldfs.corp.example'.</summary>
        public static bool IsSameLabel(string one, string other)
        {
            IPAddress address;
            return String.Equals(one.Split('.')[0], other.Split('.')[0], StringComparison.OrdinalIgnoreCase)
                && !IPAddress.TryParse(one, out address) && !IPAddress.TryParse(other, out address);
        }
    }
}
