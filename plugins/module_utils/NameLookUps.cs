// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using ansible_collections.netdrive.windows.plugins.module_utils.BoundedCalls;
using ansible_collections.netdrive.windows.plugins.module_utils.OtherNames;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;
using ansible_collections.netdrive.windows.plugins.module_utils.SourceAccess;

namespace ansible_collections.netdrive.windows.plugins.module_utils.NameLookUps
{
    /// <summary>Which names lead to selected servers, by the machine's own resolver and by the cache of its DFS client.</summary>
    internal sealed class LookUps
    {
        private const int MostServers = 24;  // of the selected that are looked up, and of the others
        private const int MostPaths = 256;
        private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);  // for all of one kind

        private readonly Func<string, IPAddress[]> resolve;
        private readonly Func<string, DfsTarget> follow;
        private readonly ThreadApi threads;

        /// <param name="resolve">The addresses of a server.</param>
        /// <param name="follow">Where a path leads that is one of DFS; null for every other.</param>
        /// <param name="threads">What cancels a call that takes too long.</param>
        public LookUps(Func<string, IPAddress[]> resolve, Func<string, DfsTarget> follow, ThreadApi threads)
        {
            this.threads = threads;
            this.resolve = resolve;
            this.follow = follow;
        }

        public IEnumerable<OtherName> Find(ConnectionSelection selection, IList<OtherConnection> connections)
        {
            // DFS has paths of SMB only. Where one leads that was not answered for is not known, and so none of its addresses means anything.
            ILookup<bool, OtherConnection> bySmb = connections.ToLookup(connection => connection.Name.AnyProtocol);
            Dictionary<string, DfsTarget> targets = Ask(bySmb[true].Select(connection => connection.Name.ToString()).Distinct().Take(MostPaths), follow);
            // The server of a DFS path has the namespace; its address says nothing of where the path leads.
            ILookup<bool, OtherConnection> byDfs = bySmb[true].Where(connection => targets.ContainsKey(connection.Name.ToString()))
                .ToLookup(connection => targets[connection.Name.ToString()] != null);
            IEnumerable<OtherConnection> byAddress = byDfs[false].Concat(bySmb[false]).Where(connection => !selection.KnowsServerOf(connection.Name));
            return ByDfs(selection, byDfs[true], targets).Concat(ByAddress(selection, byAddress)).ToList();
        }

        private static IEnumerable<OtherName> ByDfs(ConnectionSelection selection, IEnumerable<OtherConnection> connections, Dictionary<string, DfsTarget> targets)
        {
            return connections.Select(connection => new { connection, Target = targets[connection.Name.ToString()] })
                .Select(one => new { one.Target, Same = SelectedTarget(selection, one.connection, one.Target) })
                .Where(one => one.Same != null).GroupBy(one => one.Target.Entry, StringComparer.OrdinalIgnoreCase)
                .Select(entry => new OtherName { Remote = entry.Key, SameAs = entry.First().Same, KnownBy = "dfs", Connections = entry.Count() });
        }

        /// <summary>The selected server that a connection leads to, if its path there was selected; else null.</summary>
        private static string SelectedTarget(ConnectionSelection selection, OtherConnection connection, DfsTarget target)
        {
            RemoteName entry = RemoteName.Parse(target.Entry);
            if (entry == null || !entry.Matches(connection.Name) || selection.MightBeExcluded(connection.Remote))
                return null;
            string below = connection.Name.ToString().Substring(entry.ToString().Length);
            bool isRoot = entry.ToString().Count(c => c == '\\') == 3;
            if (isRoot && below.Length > 0)
                return null;  // a folder of the namespace, and it is not known where that leads
            return new[] { target.Server }.Concat(selection.Servers.Where(name => OtherConnections.IsSameLabel(name, target.Server)))
                .FirstOrDefault(server => selection.Matches(connection.Device, @"\\" + server + @"\" + target.Share + below));
        }

        private IEnumerable<OtherName> ByAddress(ConnectionSelection selection, IEnumerable<OtherConnection> connections)
        {
            ILookup<string, OtherConnection> servers = connections.ToLookup(connection => connection.Name.Server, StringComparer.OrdinalIgnoreCase);
            if (servers.Count == 0 || !selection.Servers.Any())
                return new OtherName[0];
            IEnumerable<string> others = servers.Select(server => server.Key).OrderBy(name => name, StringComparer.OrdinalIgnoreCase);
            // In turns, as each is of use with one of the other kind only, and the time may not be enough for all.
            IEnumerable<string> names = new[] { selection.Servers.Distinct(StringComparer.OrdinalIgnoreCase), others }
                .SelectMany(kind => kind.Take(MostServers).Select((name, turn) => new { name, turn })).OrderBy(one => one.turn).Select(one => one.name);
            Dictionary<string, IPAddress[]> addresses = Ask(names, resolve);
            Func<string, IPAddress[]> of = name => addresses.ContainsKey(name) ? addresses[name] ?? new IPAddress[0] : new IPAddress[0];
            return servers.Select(server => new { server, same = selection.Servers.FirstOrDefault(name => of(name).Intersect(of(server.Key)).Any()) }).Where(one => one.same != null)
                .Select(one => new OtherName { Remote = @"\\" + one.server.Key, SameAs = one.same, KnownBy = "address", Connections = one.server.Count() });
        }

        /// <summary>The answers that came in time, by name; null for an error.</summary>
        private Dictionary<string, T> Ask<T>(IEnumerable<string> all, Func<string, T> ask) where T : class
        {
            List<string> names = all.Distinct(StringComparer.OrdinalIgnoreCase).ToList();
            List<BoundedCall<T>> calls = names.Select(name => new BoundedCall<T>(() => ask(name))).ToList();
            BoundedCall<T>.RunAllWithin(calls, Longest, threads);
            return names.Zip(calls, (name, call) => new { name, call }).Where(one => !one.call.GivenUp)
                .ToDictionary(one => one.name, one => one.call.Result, StringComparer.OrdinalIgnoreCase);
        }
    }
}
