// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Linq;
using ansible_collections.netdrive.windows.plugins.module_utils.Accounts;
using ansible_collections.netdrive.windows.plugins.module_utils.BoundedCalls;
using ansible_collections.netdrive.windows.plugins.module_utils.HiveFiles;
using ansible_collections.netdrive.windows.plugins.module_utils.NetworkConnections;
using ansible_collections.netdrive.windows.plugins.module_utils.Tokens;
using ansible_collections.netdrive.windows.plugins.module_utils.UserProfiles;

namespace ansible_collections.netdrive.windows.plugins.module_utils.Machines
{
    /// <summary>
    /// Windows, as far as this collection touches it: the seam at which tests put something else in its place. What only a search for
    /// sources reads has SourceApi.
    /// </summary>
    public sealed class Machine
    {
        public Machine()
        {
            Network = new NetworkApi();
            Tokens = new TokenApi();
            Profiles = new ProfileApi();
            HiveFiles = new HiveFileApi();
            Accounts = new AccountApi();
            Threads = new ThreadApi();
        }

        public NetworkApi Network { get; set; }
        public TokenApi Tokens { get; set; }
        public ProfileApi Profiles { get; set; }
        public HiveFileApi HiveFiles { get; set; }
        public AccountApi Accounts { get; set; }
        public ThreadApi Threads { get; set; }

        /// <summary>The names of accounts by SID, and the SID itself where nobody knows the name within the time: it may have to come from a domain.</summary>
        internal Dictionary<string, string> NamesOf(IEnumerable<string> sids, TimeSpan limit)
        {
            List<string> all = sids.Distinct(StringComparer.OrdinalIgnoreCase).ToList();
            List<BoundedCall<string>> calls = all.Select(sid => new BoundedCall<string>(() => Accounts.NameOf(sid) ?? Profiles.UserName(sid))).ToList();
            BoundedCall<string>.RunAll(calls, limit, Threads);
            return all.Select((sid, index) => new { Sid = sid, Name = calls[index].Result ?? sid })
                .ToDictionary(one => one.Sid, one => one.Name, StringComparer.OrdinalIgnoreCase);
        }
    }
}
