// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.netdrive.windows.plugins.module_utils.CleanUp;
using Xunit;

namespace Netdrive.Tests;

/// <summary>Names as people, scripts and policies have left them in profiles, from the options to the result.</summary>
public sealed class NameTests
{
    private readonly FakeMachine machine = new();

    private Dictionary<string, string?> Remembered => machine.Loaded[FakeMachine.OwnSid].Remembered;

    private CleanUpResult Run(object? name = null, object? remote = null, object? exclude = null, bool checkMode = false) =>
        machine.Run(new CleanUpOptions { Name = name, Remote = remote, Exclude = exclude, UpdateProfile = true, Timeout = 5 }, checkMode);

    [Theory]
    [InlineData("Z", "Z:")]
    [InlineData("z", "Z:")]
    [InlineData("Z:", "Z:")]
    [InlineData("lpt1", "LPT1:")]
    [InlineData("Archive", "Archive")]
    public void An_entry_is_forgotten_under_the_name_it_has(string key, string name)
    {
        Remembered.Add(key, @"\\\\OLDFS.\\home");
        var entry = Assert.Single(Run(remote: @"\\oldfs\home").Connections);
        Assert.Equal((name, @"\\\\OLDFS.\\home", "forgotten"), (entry["name"], entry["remote"], entry["action"]));
        Assert.Empty(Remembered);
    }

    [Fact]
    public void Two_keys_of_one_letter_are_two_entries()
    {
        Remembered.Add("Z", @"\\newfs\z");
        Remembered.Add("Z:", @"\\oldfs\z");
        machine.Own.Connect("Z:", @"\\oldfs\z");
        var entry = Assert.Single(Run(remote: @"\\oldfs").Connections);
        Assert.Equal(("removed", true), (entry["action"], entry["persistent"]));
        Assert.Equal(["Z"], Remembered.Keys);
        Assert.Equal("forgotten", Assert.Single(Run(name: "z").Connections)["action"]);
        Assert.Empty(Remembered);
    }

    // Not in an attribute, which is UTF-8 and has no half of a surrogate pair.
    public static TheoryData<string?> NoRemoteNames => [null, "", "oldfs", "\\\\oldfs\\\ud800"];

    [Theory]
    [MemberData(nameof(NoRemoteNames))]
    public void What_cannot_be_compared_is_meant_by_its_letter_but_no_pattern(string? remote)
    {
        Remembered.Add("X", remote);
        Assert.Empty(Run(remote: @"\\oldfs*").Connections);
        Assert.Equal("forgotten", Assert.Single(Run(name: "X:", exclude: "K").Connections)["action"]);
        Assert.Empty(Remembered);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_an_exclude_may_mean_stays_and_says_why(bool checkMode)
    {
        Remembered.Add("X", null);
        Remembered.Add("Y", @"\\oldfs\y");
        machine.Own.Connect("W:", null!);
        var result = Run(name: "*", exclude: @"\\fs1", checkMode: checkMode);
        Assert.Equal(["W:", "X:", "Y:"], result.Connections.Select(entry => entry["name"]));
        Assert.Equal([null, null, "forgotten"], result.Connections.Select(entry => entry["action"]));
        Assert.All(result.Connections.Take(2), entry => Assert.Contains("exclude", (string)((Dictionary<string, object>)entry["error"])["message"]));
        Assert.Contains("2 of 3 network connections", result.Failure);
        Assert.Equal(checkMode ? ["X", "Y"] : ["X"], Remembered.Keys);
        Assert.Single(machine.Own.Live);
        Assert.Empty(machine.Network.Calls);
    }

    [Fact]
    public void What_a_variable_may_make_an_exclude_mean_stays_and_says_why()
    {
        Remembered.Add("H", @"\\oldfs\home\%USERNAME%");
        Remembered.Add("M", @"\\oldfs\music");

        var result = Run(remote: @"\\oldfs", exclude: @"\\oldfs\home\anna");

        Assert.Equal([null, "forgotten"], result.Connections.Select(entry => entry["action"]));
        Assert.Contains("%USERNAME%", result.Failure);
        Assert.Contains("exclude", result.Failure);
        Assert.Equal(["H"], Remembered.Keys);
    }

    [Theory]
    [InlineData(@"\\oldfs\home\%USERNAME%", false, "disconnected")]
    [InlineData(@"\\oldfs\home\%USERNAME%", true, "removed")]
    [InlineData(@"\\oldfs\home\%USERNAME%\a", false, "removed")]
    [InlineData(@"\\oldfs\music", false, "removed")]
    public void What_comes_back_under_a_name_with_a_variable_is_not_called_removed(string remembered, bool updateProfile, string action)
    {
        foreach (var checkMode in new[] { true, false })
        {
            Remembered["H"] = remembered;
            machine.Own.Live.Clear();
            machine.Own.Connect("H:", @"\\oldfs\home\anna");
            var result = machine.Run(new CleanUpOptions { Remote = @"\\oldfs", UpdateProfile = updateProfile }, checkMode);
            Assert.Equal(action, Assert.Single(result.Connections, entry => true.Equals(entry["connected"]))["action"]);
        }
    }

    [Theory]
    [InlineData(@"\\oldfs", @"\\oldfs\home", @"\\%FS%\home")]
    [InlineData(@"\\oldfs\home\anna", @"\\oldfs\home\anna", @"\\oldfs\home\%USERNAME%")]
    public void Nor_what_comes_back_under_one_that_was_not_selected(string remote, string live, string remembered)
    {
        foreach (var checkMode in new[] { true, false })
        {
            Remembered["H"] = remembered;
            machine.Own.Live.Clear();
            machine.Own.Connect("H:", live);
            var result = Run(remote: remote, checkMode: checkMode);
            Assert.Equal("disconnected", Assert.Single(result.Connections)["action"]);
        }
    }

    [Fact]
    public void A_url_and_its_live_form_are_one_connection()
    {
        Remembered.Add("H", "https://corp.example/hr");
        machine.Own.Connect("H:", @"\\corp.example@SSL\DavWWWRoot\hr");
        Assert.Empty(Run(name: "*", exclude: @"\\corp.example").Connections);
        var entry = Assert.Single(Run(remote: "https://corp.example/").Connections);
        Assert.Equal(("removed", @"\\corp.example@SSL\DavWWWRoot\hr"), (entry["action"], entry["remote"]));
        Assert.Empty(Remembered);
        Assert.Empty(machine.Own.Live);
    }

    [Fact]
    public void Windows_gets_a_name_as_it_was_found()
    {
        machine.Own.Connect(null, "//OldFS./home ");
        Assert.Equal("removed", Assert.Single(Run(name: @"\\oldfs\home").Connections)["action"]);
        Assert.Equal("//OldFS./home ", Assert.Single(machine.Network.Calls).Name);
    }

    [Theory]
    [InlineData(true, @"\\oldfs", 1)]
    [InlineData(true, @"\\keep", 0)]
    [InlineData(false, @"\\oldfs", 0)]
    public void A_network_logon_in_which_nothing_was_found_is_a_warning(bool networkLogon, string remote, int warnings)
    {
        machine.Own.Connect("K:", @"\\keep\k");
        machine.Tokens.NetworkLogon = networkLogon;
        var result = Run(remote: remote);
        Assert.Equal(warnings, result.Warnings.Count);
        Assert.All(result.Warnings, warning => Assert.Contains("users: all", warning));
    }
}
