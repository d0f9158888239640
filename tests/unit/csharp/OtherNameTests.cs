// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System.Net;
using ansible_collections.netdrive.windows.plugins.module_utils.OtherNames;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;
using Xunit;

namespace Netdrive.Tests;

public sealed class OtherNameTests
{
    private static readonly Dictionary<string, string> Addresses = new()
    {
        ["oldfs"] = "10.0.0.5", ["files"] = "10.0.0.5", ["keep"] = "10.0.0.6", ["10.0.0.5"] = "10.0.0.5", ["10.0.0.6"] = "10.0.0.6"
    };

    private static IList<OtherName> Find(string[] remote, string[] exclude, params string[] seen)
    {
        var others = new OtherConnections(new ConnectionSelection(null, remote, exclude), name =>
        {
            if (name == "hangs")
                Thread.Sleep(Timeout.Infinite);
            return Addresses.TryGetValue(name, out var address) ? [IPAddress.Parse(address)] : throw new System.Net.Sockets.SocketException(11001);
        });
        foreach (var name in seen)
            others.Add("S-1", "H:", name);
        return others.Find();
    }

    private static (string, string, string, int) Single(params string[] seen)
    {
        var other = Assert.Single(Find([@"\\oldfs"], [], seen));
        return (other.Server, other.SameAs, other.KnownBy, other.Connections);
    }

    [Fact]
    public void The_same_first_label() =>
        Assert.Equal(("OLDFS.corp.example", "oldfs", "first_label", 2), Single(@"\\OLDFS.corp.example\home", @"\\oldfs.corp.example\data", @"\\oldfs.corp.example\HOME\"));

    [Theory]
    [InlineData(@"\\files\home", "files")]
    [InlineData(@"\\10.0.0.5\home", "10.0.0.5")]
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
    public void What_is_excluded_is_known() => Assert.Empty(Find([@"\\oldfs"], [@"\\oldfs.corp.example"], @"\\oldfs.corp.example\home"));

    [Fact]
    public void An_address_is_no_label() => Assert.Empty(Find([@"\\10.1.1.1"], [], @"\\10.2.2.2\x"));
}
