// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System.Net;
using System.Runtime.InteropServices;
using ansible_collections.netdrive.windows.plugins.module_utils.NameLookUps;
using ansible_collections.netdrive.windows.plugins.module_utils.OtherNames;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;
using ansible_collections.netdrive.windows.plugins.module_utils.SourceAccess;
using Xunit;

namespace Netdrive.Tests;

public sealed class OtherNameTests
{
    private static readonly Dictionary<string, string> Addresses = new()
    {
        ["oldfs"] = "10.0.0.5", ["files"] = "10.0.0.5", ["keep"] = "10.0.0.6", ["10.0.0.5"] = "10.0.0.5", ["10.0.0.6"] = "10.0.0.6"
    };

    // What the cache of the DFS client has. Of 'unseen' it knows the root only.
    private static readonly Dictionary<string, DfsTarget> Folders = new()
    {
        [@"\\corp\dfs\home"] = new() { Entry = @"\\corp\dfs\home", Server = "OLDFS.corp.example", Share = "home" },
        [@"\\corp\dfs\keep"] = new() { Entry = @"\\corp\dfs\keep", Server = "keep", Share = "data" },
        [@"\\corp\dfs"] = new() { Entry = @"\\corp\dfs", Server = "oldfs", Share = "dfs" },
        [@"\\files\dfs"] = new() { Entry = @"\\files\dfs", Server = "keep", Share = "dfs" }
    };

    private static DfsTarget? Follow(string path) => path.StartsWith(@"\\hangs") ? throw new EntryPointNotFoundException()
        : Folders.Where(folder => (path + @"\").StartsWith(folder.Key + @"\", StringComparison.OrdinalIgnoreCase)).MaxBy(folder => folder.Key.Length).Value;

    private static IPAddress[] Resolve(string name)
    {
        if (name == "hangs")
            Thread.Sleep(Timeout.Infinite);
        if (name.StartsWith("slow"))
        {
            Thread.Sleep(1200);
            return [IPAddress.Parse("10.0.0.5")];
        }
        return Addresses.TryGetValue(name, out var address) ? [IPAddress.Parse(address)] : throw new System.Net.Sockets.SocketException(11001);
    }

    private static IList<OtherName> Find(string[] remote, string[] exclude, params string[] seen) => Find(new ConnectionSelection(null, remote, exclude), seen);

    private static IList<OtherName> Find(ConnectionSelection selection, params string[] seen)
    {
        var others = new OtherConnections(selection, new LookUps(Resolve, Follow, new FakeThreads()).Find);
        foreach (var name in seen.Where(name => !selection.Matches("H:", name)))
            others.Add("S-1", "H:", name);
        return others.Find();
    }

    private static (string, string, string, int) Single(params string[] seen)
    {
        var other = Assert.Single(Find([@"\\oldfs"], [], seen));
        return (other.Remote, other.SameAs, other.KnownBy, other.Connections);
    }

    [Fact]
    public void The_same_first_label() =>
        Assert.Equal((@"\\OLDFS.corp.example", "oldfs", "first_label", 2), Single(@"\\OLDFS.corp.example\home", @"\\oldfs.corp.example\data", @"\\oldfs.corp.example\HOME\"));

    [Fact]
    public void What_is_excluded_there_does_not_hide_the_rest()
    {
        foreach (var seen in new[] { new[] { @"\\oldfs.corp\keep", @"\\oldfs.corp\data" }, [@"\\oldfs.corp\data", @"\\oldfs.corp\keep"] })
        {
            var other = Assert.Single(Find([@"\\oldfs"], [@"\\oldfs.corp\keep"], seen));
            Assert.Equal((@"\\oldfs.corp", "first_label", 1), (other.Remote, other.KnownBy, other.Connections));
        }
    }

    [Theory]
    [InlineData(@"\\files\home", @"\\files")]
    [InlineData(@"\\10.0.0.5\home", @"\\10.0.0.5")]
    public void The_same_address(string remote, string server) => Assert.Equal((server, "oldfs", "address", 1), Single(remote, @"\\keep\home"));

    [Theory]
    [InlineData(@"\\keep\home")]
    [InlineData(@"\\10.0.0.6\home")]
    [InlineData(@"\\hangs\home")]
    [InlineData(@"\\unknown\home")]
    [InlineData(@"\\oldfs2\home")]
    [InlineData(@"\\oldfs\other")]
    [InlineData("https://oldfs/x")]
    [InlineData("")]
    public void Another_server_or_the_same_one(string remote) => Assert.Empty(Find([@"\\oldfs\home"], [], remote));

    [Fact]
    public void All_addresses_together_have_two_seconds() =>
        Assert.InRange(Find([@"\\oldfs"], [], [.. Enumerable.Range(0, 16).Select(number => $@"\\slow{number}\x")]).Count, 1, 8);

    [Fact]
    public void Many_selected_servers_leave_other_names_their_turn() =>
        Assert.Equal("oldfs", Assert.Single(Find([@"\\oldfs", .. Enumerable.Range(0, 40).Select(number => $@"\\retired{number}")], [], @"\\files\x")).SameAs);

    [Fact]
    public void A_path_that_DFS_was_not_asked_about_is_known_by_no_address() =>
        Assert.Empty(Find([@"\\oldfs"], [], [.. Enumerable.Range(0, 256).Select(number => $@"\\keep\{number}"), @"\\files\x"]));

    [Theory]
    [InlineData(@"\\?\UNC\corp\dfs\home\", true)]
    [InlineData(@"\\corp\dfs\home\\", true)]
    [InlineData(@"\\corp@SSL\dfs\home", false)]
    [InlineData(@"\\corp\DavWWWRoot\dfs\home", false)]
    [InlineData("https://corp/dfs/home", false)]
    public void DFS_is_asked_for_paths_of_SMB_only_and_in_one_form(string remote, bool asked)
    {
        List<string> followed = [];
        var selection = new ConnectionSelection(null, new[] { @"\\oldfs" }, null);
        var others = new OtherConnections(selection, new LookUps(Resolve, path => { lock (followed) followed.Add(path); return Follow(path); }, new FakeThreads()).Find);
        others.Add("S-1", "H:", remote);
        Assert.Equal(asked, others.Find().Any());
        Assert.Equal(asked ? new[] { @"\\CORP\DFS\HOME" } : Array.Empty<string>(), followed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_target_without_one_of_its_names_is_none(int missing)
    {
        var names = new[] { @"\corp\dfs\home", "oldfs", "share" }.Select((name, index) => index == missing ? IntPtr.Zero : Marshal.StringToHGlobalUni(name)).ToArray();
        var storage = Marshal.AllocHGlobal(3 * IntPtr.Size);
        Marshal.WriteInt32(storage, 0, 2);
        Marshal.WriteIntPtr(storage, IntPtr.Size, names[1]);
        Marshal.WriteIntPtr(storage, 2 * IntPtr.Size, names[2]);
        var info = Marshal.AllocHGlobal(3 * IntPtr.Size + 8);
        Marshal.WriteIntPtr(info, 0, names[0]);
        Marshal.WriteInt32(info, 2 * IntPtr.Size + 4, 1);
        Marshal.WriteIntPtr(info, 2 * IntPtr.Size + 8, storage);
        Assert.Null(SourceApi.DfsTargetIn(info));
    }

    [Fact]
    public void What_is_excluded_is_known() => Assert.Empty(Find([@"\\oldfs"], [@"\\oldfs.corp.example"], @"\\oldfs.corp.example\home"));

    [Fact]
    public void An_address_is_no_label() => Assert.Empty(Find([@"\\10.1.1.1"], [], @"\\10.2.2.2\x"));

    [Fact]
    public void Where_DFS_leads_to_the_server() =>
        Assert.Equal((@"\\corp\dfs\home", "oldfs", "dfs", 3), Single(@"\\corp\dfs\home", @"\\CORP\DFS\Home\anna", @"\\corp\dfs\home\berta\", @"\\corp\dfs\keep", @"\\corp\dfs\unseen\x"));

    [Fact]
    public void A_root_of_DFS_that_is_on_the_server() => Assert.Equal((@"\\corp\dfs", "oldfs", "dfs", 1), Single(@"\\corp\dfs", @"\\corp\dfs\unseen"));

    [Theory]
    [InlineData(@"\\corp\dfs\keep")]
    [InlineData(@"\\corp\dfs\unseen")]
    [InlineData(@"\\files\dfs")]  // which has the same address, and leads elsewhere
    [InlineData("https://corp/dfs/home")]
    public void Where_DFS_leads_elsewhere(string remote) => Assert.Empty(Find([@"\\oldfs"], [], remote));

    [Fact]
    public void Only_what_was_selected_on_the_server_counts_behind_DFS()
    {
        Assert.Empty(Find([@"\\oldfs\data"], [], @"\\corp\dfs\home"));
        Assert.Empty(Find([@"\\oldfs\home\anna"], [], @"\\corp\dfs\home\berta"));
        Assert.Single(Find([@"\\oldfs\home\anna"], [], @"\\corp\dfs\home\anna"));
        Assert.Single(Find([@"\\old*"], [], @"\\corp\dfs\home"));
        Assert.Empty(Find([@"\\oldfs"], [@"\\corp\dfs\home"], @"\\corp\dfs\home"));
        Assert.Empty(Find([@"\\oldfs"], ["H:"], @"\\corp\dfs\home"));
        Assert.Empty(Find([@"\\oldfs", @"\\oldfs.corp.example"], [@"\\oldfs*\home"], @"\\corp\dfs\home"));
    }

    [Fact]
    public void A_path_that_is_told_selects_these_connections_and_others_of_the_namespace_are_still_told()
    {
        string[] seen = [@"\\corp\dfs\home\anna", @"\\corp\dfs"];
        var told = Find([@"\\oldfs"], [], seen).Select(other => other.Remote).ToList();
        Assert.Equal([@"\\corp\dfs", @"\\corp\dfs\home"], told);
        Assert.True(new ConnectionSelection(null, new[] { told[1] }, null).Matches("H:", seen[0]));
        Assert.Equal([@"\\corp\dfs"], Find([@"\\oldfs", told[1]], [], seen).Select(other => other.Remote));
        Assert.Empty(Find([@"\\oldfs", told[0]], [], seen));
    }

    [Theory]
    [InlineData("keep:2 oldfs:6", "oldfs")]
    [InlineData("keep:6 oldfs:2", "keep")]
    [InlineData("oldfs:2", "oldfs")]
    [InlineData("keep:2 oldfs:2", null)]
    [InlineData("", null)]
    public void The_target_in_use_is_read_from_what_Windows_returns(string targets, string? expected)
    {
        var each = targets.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(target => target.Split(':')).ToArray();
        var size = 3 * IntPtr.Size;  // State and what fills the place up to a pointer, ServerName, ShareName
        var storage = Marshal.AllocHGlobal(size * each.Length + 1);
        for (var i = 0; i < each.Length; i++)
        {
            Marshal.WriteInt32(storage, i * size, int.Parse(each[i][1]));
            Marshal.WriteIntPtr(storage, i * size + IntPtr.Size, Marshal.StringToHGlobalUni(@"\" + each[i][0]));
            Marshal.WriteIntPtr(storage, i * size + 2 * IntPtr.Size, Marshal.StringToHGlobalUni(@"share\folder"));
        }
        var info = Marshal.AllocHGlobal(3 * IntPtr.Size + 8);
        Marshal.WriteIntPtr(info, 0, Marshal.StringToHGlobalUni(@"\corp\dfs\home"));
        Marshal.WriteIntPtr(info, IntPtr.Size, IntPtr.Zero);
        Marshal.WriteInt32(info, 2 * IntPtr.Size, 1);
        Marshal.WriteInt32(info, 2 * IntPtr.Size + 4, each.Length);
        Marshal.WriteIntPtr(info, 2 * IntPtr.Size + 8, storage);
        var found = SourceApi.DfsTargetIn(info);
        Assert.Equal(expected, found?.Server);
        if (found != null)
            Assert.Equal((@"\\corp\dfs\home", @"share\folder"), (found.Entry, found.Share));
    }
}
