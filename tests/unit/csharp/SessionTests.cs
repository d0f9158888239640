// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.netdrive.windows.plugins.module_utils.CleanUp;
using ansible_collections.netdrive.windows.plugins.module_utils.WindowsErrors;
using Xunit;

namespace Netdrive.Tests;

public sealed class SessionTests
{
    private const string User1 = "S-1-5-21-1-2-3-1001";
    private const string User2 = "S-1-5-21-1-2-3-1002";

    private readonly FakeMachine machine = new();

    private CleanUpResult Run(params string[] users) => machine.Run(new CleanUpOptions
    {
        Remote = new[] { @"\\oldfs" },
        Users = users,
        UpdateProfile = true,
        Timeout = 5
    });

    [Fact]
    public void Both_halves_of_a_split_administrator_are_found_where_one_has_no_process()
    {
        machine.AddSystem();
        var elevated = machine.AddSession(User1, 0x2);
        var filtered = machine.AddSession(User1, 0x1, processId: 12, linked: elevated);
        filtered.Connect("H:", @"\\oldfs\filtered");
        elevated.Connect("H:", @"\\oldfs\elevated");

        var result = Run("all");

        Assert.Equal(["0x2", "0x1"], result.Connections.Select(entry => entry["logon_id"]));
        Assert.All(result.Connections, entry => Assert.Equal("removed", entry["action"]));
        Assert.Empty(filtered.Live);
        Assert.Empty(elevated.Live);
    }

    [Fact]
    public void Two_sessions_of_one_user_have_a_letter_each_and_one_profile()
    {
        machine.AddSystem();
        machine.AddSession(User1, 0x1, processId: 12).Connect("H:", @"\\oldfs\h");
        machine.AddSession(User1, 0x2, processId: 16).Connect("H:", @"\\oldfs\h");
        machine.Loaded[User1].Remembered.Add("H", @"\\oldfs\h");

        var result = Run("all");

        Assert.Null(result.Failure);
        Assert.Equal(["removed", "removed"], result.Connections.Select(entry => entry["action"]));
        Assert.Empty(machine.Loaded[User1].Remembered);
    }

    [Fact]
    public void Sessions_that_share_their_connections_are_no_failure()
    {
        machine.AddSystem();
        var one = machine.AddSession(User1, 0x1, processId: 12);
        one.Connect("H:", @"\\oldfs\h");
        machine.AddSession(User1, 0x2, processId: 16).Live = one.Live;

        var result = Run("all");

        Assert.Null(result.Failure);
        Assert.Equal(["removed", "removed"], result.Connections.Select(entry => entry["action"]));
    }

    [Fact]
    public void A_session_that_ends_before_it_is_looked_at_is_none()
    {
        machine.AddSystem();
        var ending = machine.AddSession(User1, 0x1, processId: 12);
        machine.Network.OnEnumerate = () => machine.Session == ending ? 1312 : 0;

        Assert.Empty(Run("all").Connections);
    }

    [Fact]
    public void A_session_that_ends_between_looking_and_cancelling_has_lost_its_connections()
    {
        machine.AddSystem();
        var ending = machine.AddSession(User1, 0x1, processId: 12);
        ending.Connect("H:", @"\\oldfs\h");
        var ended = false;
        machine.Network.OnCancel = (_, _) =>
        {
            ended = true;
            return 1312;
        };
        machine.Network.OnEnumerate = () => ended && machine.Session == ending ? 1312 : 0;

        var result = Run("all");

        Assert.Equal("removed", Assert.Single(result.Connections)["action"]);
        Assert.Null(result.Failure);
    }

    [Fact]
    public void A_process_that_vanishes_or_is_protected_is_passed_over()
    {
        machine.Processes.Add(2, null);
        machine.AddSystem();
        machine.AddSession(User1, 0x1, processId: 12).Connect("H:", @"\\oldfs\h");

        Assert.Equal("removed", Assert.Single(Run("all").Connections)["action"]);
    }

    [Fact]
    public void A_token_that_cannot_be_impersonated_is_an_entry_and_the_others_go()
    {
        machine.AddSystem();
        machine.AddSession(User1, 0x1, processId: 12).CannotBeImpersonated = true;
        machine.AddSession(User2, 0x2, processId: 16).Connect("H:", @"\\oldfs\h");

        var result = Run("all");

        Assert.Contains(result.Connections, entry => (string)entry["sid"] == User1 && entry["error"] != null);
        Assert.Contains(result.Connections, entry => (string)entry["sid"] == User2 && (string?)entry["action"] == "removed");
    }

    [Fact]
    public void Without_the_right_to_look_at_others_nothing_is_changed_and_the_right_is_named()
    {
        machine.Own.Connect("Z:", @"\\oldfs\a");
        machine.Tokens.HoldsDebugPrivilege = false;

        var exception = Assert.Throws<WindowsErrorException>(() => Run("all"));

        Assert.Contains("SeDebugPrivilege", exception.Message);
        Assert.Contains("become SYSTEM", exception.Message);
        Assert.Single(machine.Own.Live);
        Assert.Single(Run("current").Connections);
    }

    [Fact]
    public void Without_a_token_of_SYSTEM_nothing_is_changed()
    {
        machine.Own.Connect("Z:", @"\\oldfs\a");

        Assert.Contains("SYSTEM", Assert.Throws<WindowsErrorException>(() => Run("all")).Message);
        Assert.Single(machine.Own.Live);
    }

    [Fact]
    public void SYSTEM_itself_needs_nobody_s_token()
    {
        machine.Own.Privileges.Add("SeTcbPrivilege");
        machine.AddSession(User1, 0x1, processId: 12).Connect("H:", @"\\oldfs\h");

        Assert.Equal("removed", Assert.Single(Run("all").Connections)["action"]);
    }

    [Fact]
    public void An_account_reaches_all_of_its_sessions_and_no_other()
    {
        machine.AddSystem();
        machine.Own.Connect("Z:", @"\\oldfs\own");
        machine.AddSession(User1, 0x1, processId: 12).Connect("H:", @"\\oldfs\one");
        machine.AddSession(User1, 0x2, processId: 16).Connect("H:", @"\\oldfs\two");
        machine.AddSession(User2, 0x3, processId: 20).Connect("H:", @"\\oldfs\other");

        var result = Run(@"CORP\user1");

        Assert.Equal([@"\\oldfs\one", @"\\oldfs\two"], result.Connections.Select(entry => entry["remote"]));
        Assert.All(result.Connections, entry => Assert.Equal(@"CORP\user1", entry["user"]));
        Assert.Equal(3, machine.Sessions.Count(session => session.Live.Count > 0) + 1);
    }

    [Fact]
    public void An_unknown_account_is_named_before_anything_is_changed()
    {
        machine.Own.Connect("Z:", @"\\oldfs\a");

        Assert.Contains(@"'CORP\nobody'", Assert.Throws<ArgumentException>(() => Run("current", @"CORP\nobody")).Message);
        Assert.Single(machine.Own.Live);
    }
}
