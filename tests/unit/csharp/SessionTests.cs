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

    private CleanUpResult Run(params string[] users) => Run(machine, users);

    private static CleanUpResult Run(FakeMachine machine, params string[] users) => machine.Run(new CleanUpOptions
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
    public void An_entry_stays_while_it_is_connected_in_another_session()
    {
        machine.AddSystem();
        var busy = machine.AddSession(User1, 0x1, processId: 12);
        machine.AddSession(User1, 0x2, processId: 16).Connect("H:", @"\\oldfs\h");
        busy.Connect("H:", @"\\oldfs\h");
        machine.Loaded[User1].Remembered.Add("H", @"\\oldfs\h");
        machine.Network.OnCancel = (_, _) => machine.Session == busy ? 2401 : null;

        var result = Run("all");

        Assert.Equal([null, "disconnected"], result.Connections.Select(entry => entry["action"]));
        Assert.All(result.Connections, entry => Assert.Equal(2401, ((Dictionary<string, object>)entry["error"])["code"]));
        Assert.Single(machine.Loaded[User1].Remembered);
    }

    [Fact]
    public void The_task_s_own_session_does_not_forget_what_is_still_connected_in_another()
    {
        machine.AddSystem();
        var busy = machine.AddSession(FakeMachine.OwnSid, 0x1, processId: 12);
        foreach (var session in new[] { machine.Own, busy })
            session.Connect("H:", @"\\oldfs\h");
        machine.Loaded[FakeMachine.OwnSid].Remembered.Add("H", @"\\oldfs\h");
        machine.Network.OnCancel = (_, _) => machine.Session == busy ? 2401 : null;

        var result = Run("all");

        Assert.Equal(["disconnected", null], result.Connections.Select(entry => entry["action"]));
        Assert.Single(machine.Loaded[FakeMachine.OwnSid].Remembered);
    }

    [Fact]
    public void What_went_has_an_action_though_the_same_was_given_up_in_another_session()
    {
        machine.AddSystem();
        var slow = machine.AddSession(User1, 0x1, processId: 12);
        foreach (var session in new[] { slow, machine.AddSession(User1, 0x2, processId: 16) })
            session.Connect("H:", @"\\oldfs\h");
        machine.Loaded[User1].Remembered.Add("H", @"\\oldfs\h");
        using var end = new ManualResetEventSlim();
        machine.Network.OnCancel = (_, _) =>
        {
            if (machine.Session == slow)
                end.Wait();
            return null;
        };

        var result = machine.Run(new CleanUpOptions { Remote = new[] { @"\\oldfs" }, Users = new[] { "all" }, UpdateProfile = true, Timeout = 1 });
        end.Set();

        Assert.Equal([null, "disconnected"], result.Connections.Select(entry => entry["action"]));
        Assert.All(result.Connections, entry => Assert.Equal(1460, ((Dictionary<string, object>)entry["error"])["code"]));
    }

    [Fact]
    public void What_may_be_live_in_a_session_that_could_not_be_read_is_not_called_unconnected()
    {
        machine.AddSystem();
        machine.AddSession(User1, 0x1, processId: 12).CannotBeImpersonated = true;
        machine.Loaded[User1].Remembered.Add("H", @"\\oldfs\h");

        var result = Run("all");

        Assert.Null(Assert.Single(result.Connections, entry => (string?)entry["action"] == "forgotten")["connected"]);
        Assert.EndsWith("(perhaps connected)\n", result.After);
        Assert.NotNull(result.Failure);
    }

    [Fact]
    public void A_profile_that_cannot_be_read_is_an_entry_and_the_live_ones_go_but_are_not_called_removed()
    {
        machine.AddSystem();
        var user = machine.AddSession(User1, 0x1, processId: 12);
        user.Connect("H:", @"\\oldfs\h");
        user.Connect(null, @"\\oldfs\ipc");
        machine.Loaded[User1].ReadDenied = true;

        var result = Run("all");

        Assert.Equal([(null, "removed", false), ("H:", "disconnected", null), (null, null, null)],
            result.Connections.Select(entry => ((string?)entry["name"], (string?)entry["action"], (bool?)entry["persistent"])));
        Assert.NotNull(result.Connections[2]["error"]);
        Assert.Equal("CORP\\user1 H: \\\\oldfs\\h (perhaps remembered)\n", result.After);
        Assert.Empty(user.Live);
        Assert.NotNull(result.Failure);
    }

    [Theory]
    [InlineData(false, 0, null, "disconnected", null)]
    [InlineData(true, 0, null, "removed", false)]
    [InlineData(true, 1009, null, "disconnected", null)]
    [InlineData(true, 0, "Its files lead elsewhere.", "disconnected", null)]
    public void What_a_session_without_its_profile_has_is_called_removed_only_where_the_profile_was_read(
        bool signedOut, int loadError, string? whyNot, string action, bool? persistent)
    {
        machine.AddSystem();
        machine.AddSession(User1, 0x1, processId: 12).Connect("H:", @"\\oldfs\h");
        machine.AddHive(User1, new FakeProfile { LoadError = loadError, WhyNot = whyNot });
        machine.Loaded.Remove(User1);

        var result = machine.Run(new CleanUpOptions { Remote = new[] { @"\\oldfs" }, Users = new[] { "all" }, SignedOut = signedOut, UpdateProfile = true });

        var entry = Assert.Single(result.Connections, found => "H:".Equals(found["name"]));
        Assert.Equal((action, persistent), ((string?)entry["action"], (bool?)entry["persistent"]));
        Assert.Equal(loadError != 0, result.Failure != null);
    }

    [Fact]
    public void Nor_is_it_where_the_profile_came_while_the_session_was_read()
    {
        machine.AddSystem();
        machine.AddSession(User1, 0x1, processId: 12).Connect("H:", @"\\oldfs\h");
        var profile = machine.Loaded[User1];
        machine.AddHive(User1, profile);
        machine.Loaded.Remove(User1);
        machine.Network.OnEnumerate = () =>
        {
            lock (machine)
                machine.Loaded[User1] = profile;
            return 0;
        };

        var entry = Assert.Single(Run("all").Connections);
        Assert.Equal(("disconnected", null), ((string?)entry["action"], (bool?)entry["persistent"]));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void The_profile_of_a_user_who_signs_out_in_the_middle_is_changed_only_with_signed_out(bool signedOut, bool roams)
    {
        machine.AddSystem();
        machine.AddSession(User1, 0x1, processId: 12).Connect("H:", @"\\oldfs\h");
        var profile = machine.Loaded[User1];
        profile.Remembered.Add("H", @"\\oldfs\h");
        profile.Roams = roams;
        machine.Network.OnCancel = (_, _) =>
        {
            machine.Loaded.Remove(User1);
            machine.AddHive(User1, profile);
            return null;
        };

        var result = machine.Run(new CleanUpOptions { Remote = new[] { @"\\oldfs" }, Users = new[] { "all" }, SignedOut = signedOut, UpdateProfile = true });

        var entry = Assert.Single(result.Connections);
        Assert.DoesNotContain(machine.Loaded.Keys, root => root.Contains(User1));
        if (signedOut && !roams)
        {
            Assert.Equal("removed", entry["action"]);
            Assert.Null(result.Failure);
            Assert.Empty(profile.Remembered);
            return;
        }
        Assert.Equal("disconnected", entry["action"]);
        Assert.Contains($"signed out in the meantime", result.Failure);
        Assert.Contains(roams ? "'signed_out_roaming: true'" : "'signed_out: true'", result.Failure);
        Assert.Single(profile.Remembered);
        Assert.Empty(machine.Profiles.Loads);
    }

    [Fact]
    public void Nor_is_it_looked_at_where_the_profile_was_to_stay()
    {
        machine.AddSystem();
        machine.AddSession(User1, 0x1, processId: 12).Connect("H:", @"\\oldfs\h");
        var profile = machine.Loaded[User1];
        profile.Remembered.Add("H", @"\\oldfs\h");
        machine.Network.OnCancel = (_, _) =>
        {
            machine.Loaded.Remove(User1);
            machine.AddHive(User1, profile);
            return null;
        };

        var result = machine.Run(new CleanUpOptions { Remote = new[] { @"\\oldfs" }, Users = new[] { "all" } });

        Assert.Null(result.Failure);
        Assert.Equal("disconnected", Assert.Single(result.Connections)["action"]);
    }

    [Fact]
    public void A_server_that_does_not_say_who_connected_costs_no_more_than_that()
    {
        using var end = new ManualResetEventSlim();
        machine.AddSystem();
        var user = machine.AddSession(User1, 0x1, processId: 12);
        user.Connect("G:", @"\\oldfs\g");
        user.Connect("H:", @"\\oldfs\h");
        machine.Network.OnUser = name =>
        {
            if (name == "H:")
                end.Wait();
            return @"CORP\user1";
        };

        var result = machine.Run(new CleanUpOptions { Remote = new[] { @"\\oldfs" }, Users = new[] { "all" }, UpdateProfile = true, Timeout = 1 });
        end.Set();

        Assert.Null(result.Failure);
        Assert.Equal([@"CORP\user1", null], result.Connections.Select(entry => entry["connected_as"]));
        Assert.All(result.Connections, entry => Assert.Equal("removed", entry["action"]));
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
        machine.Tokens.Missing.Add("SeDebugPrivilege");

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
        var system = new FakeMachine(FakeMachine.SystemSid);
        system.Own.Privileges.Add("SeTcbPrivilege");
        system.AddSession(User1, 0x1, processId: 12).Connect("H:", @"\\oldfs\h");

        Assert.Equal("removed", Assert.Single(Run(system, "all").Connections)["action"]);
    }

    [Fact]
    public void An_administrator_with_the_right_of_SYSTEM_still_needs_its_token()
    {
        machine.Own.Privileges.Add("SeTcbPrivilege");

        Assert.Contains("SYSTEM", Assert.Throws<WindowsErrorException>(() => Run("all")).Message);
    }

    [Theory]
    [InlineData(12)]
    [InlineData(16)]
    public void A_session_is_reached_through_a_process_that_is_not_sandboxed(int sandboxed)
    {
        machine.AddSystem();
        var session = machine.AddSession(User1, 0x1, processId: 12);
        machine.Processes.Add(16, session);
        session.SandboxedProcesses.Add(sandboxed);
        session.Connect("H:", @"\\oldfs\h");

        Assert.Equal("removed", Assert.Single(Run("all").Connections)["action"]);
    }

    [Fact]
    public void The_other_half_of_the_task_s_own_session_is_found()
    {
        machine.AddSystem();
        machine.Own.Linked = machine.AddSession(FakeMachine.OwnSid, 0x501);
        machine.Own.Linked.Connect("H:", @"\\oldfs\h");

        var entry = Assert.Single(Run("all").Connections);

        Assert.Equal("0x501", entry["logon_id"]);
        Assert.Equal("removed", entry["action"]);
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

    [Theory]
    [InlineData(@"CORP\nobody", "ERROR_NONE_MAPPED")]
    [InlineData(@"AWAY\user1", "1722")]
    [InlineData(@"CORP\Domain Users", "is a group")]
    [InlineData("Everyone", "is a group")]
    [InlineData(@"NT SERVICE\ALL SERVICES", "is a group")]
    [InlineData("S-1-5-21-1-2-3-100l", "is no SID")]
    [InlineData("s-1-5", "is no SID")]
    [InlineData("S-1-5-21-", "is no SID")]
    public void An_account_that_is_no_known_user_is_named_before_anything_is_changed(string account, string reason)
    {
        machine.Own.Connect("Z:", @"\\oldfs\a");

        var message = Assert.Throws<ArgumentException>(() => Run("current", account)).Message;

        Assert.Contains("'" + account + "'", message);
        Assert.Contains(reason, message);
        Assert.Single(machine.Own.Live);
    }

    [Theory]
    [InlineData("SYSTEM")]
    [InlineData("s-1-5-18")]
    public void The_system_s_own_account_is_one(string account)
    {
        machine.AddSystem().Connect("S:", @"\\oldfs\s");

        Assert.Equal("removed", Assert.Single(Run(account).Connections)["action"]);
    }

    [Fact]
    public void A_service_s_own_account_is_one()
    {
        machine.AddSystem();
        machine.AddSession("S-1-5-80-1-2-3-4-5", 0x1, processId: 12).Connect("B:", @"\\oldfs\b");

        Assert.Equal("removed", Assert.Single(Run(@"NT SERVICE\backup").Connections)["action"]);
    }

    [Fact]
    public void An_account_may_be_called_as_an_abbreviation_of_a_SID_is()
    {
        machine.AddSystem();
        machine.AddSession(User1, 0x1, processId: 12).Connect("H:", @"\\oldfs\h");

        Assert.Equal("removed", Assert.Single(Run("sa").Connections)["action"]);
    }

    [Fact]
    public void A_letter_that_is_not_enumerated_but_leads_to_what_is_remembered_is_live()
    {
        machine.AddSystem();
        var user = machine.AddSession(User1, 0x1, processId: 12);
        user.Targets["H:"] = @"\Device\Mup\;LanmanRedirector\;H:0000000000012345\oldfs\h";
        machine.Loaded[User1].Remembered.Add("H", @"\\oldfs\h");
        machine.Network.OnCancel = (name, _) => user.Targets.Remove(name) ? 0 : 2250;

        var entry = Assert.Single(Run("all").Connections);

        Assert.Equal((true, true, "removed"), (entry["connected"], entry["persistent"], entry["action"]));
        Assert.Empty(machine.Loaded[User1].Remembered);
    }

    [Fact]
    public void Such_a_letter_that_stays_is_still_connected()
    {
        machine.AddSystem();
        machine.AddSession(User1, 0x1, processId: 12).Targets["H:"] = @"\Device\LanmanRedirector\;H:0000000000012345\oldfs\h";
        machine.Loaded[User1].Remembered.Add("H", @"\\oldfs\h");
        machine.Network.OnCancel = (_, _) => 0;

        var entry = Assert.Single(Run("all").Connections);

        Assert.Null(entry["action"]);
        Assert.Equal("NO_ERROR", ((Dictionary<string, object>)entry["error"])["name"]);
        Assert.Single(machine.Loaded[User1].Remembered);
    }

    [Theory]
    [InlineData(@"\Device\HarddiskVolume7")]
    [InlineData(@"\??\C:\oldfs\h")]
    [InlineData(@"\Device\Mup\;LanmanRedirector\;H:0000000000012345\newfs\h")]
    [InlineData(@"\Device\LanmanRedirector\;H:00000000000003e7\oldfs\h")] // SYSTEM's, which everybody sees
    public void A_letter_that_leads_elsewhere_or_is_of_the_machine_is_only_remembered(string target)
    {
        machine.AddSystem();
        var user = machine.AddSession(User1, 0x1, processId: 12);
        user.Targets["H:"] = target;
        machine.Loaded[User1].Remembered.Add("H", @"\\oldfs\h");

        var entry = Assert.Single(Run("all").Connections);

        Assert.Equal((false, "forgotten"), (entry["connected"], entry["action"]));
        Assert.Empty(machine.Network.Calls);
    }

    [Fact]
    public void What_was_enumerated_before_an_error_is_kept()
    {
        machine.AddSystem();
        var user = machine.AddSession(User1, 0x1, processId: 12);
        user.Connect("H:", @"\\oldfs\h");
        machine.Network.OnEnumerate = () => machine.Session == user ? 487 : 0;

        var result = Run("all");

        Assert.Equal([@"\\oldfs\h", null], result.Connections.Select(entry => entry["remote"]));
        Assert.All(result.Connections, entry => Assert.Equal("ERROR_INVALID_ADDRESS", ((Dictionary<string, object>)entry["error"])["name"]));
        Assert.Single(machine.Network.Calls);
    }

    [Theory]
    [InlineData(12)]
    [InlineData(16)]
    public void A_session_is_read_through_a_token_that_is_not_restricted(int restricted)
    {
        machine.AddSystem();
        var session = machine.AddSession(User1, 0x1, processId: 12);
        machine.Processes.Add(16, session);
        session.RestrictedProcesses.Add(restricted);
        session.Connect("H:", @"\\oldfs\h");

        Assert.Equal("removed", Assert.Single(Run("all").Connections)["action"]);
    }

    [Fact]
    public void A_session_that_cannot_be_read_under_one_token_is_read_under_the_next()
    {
        machine.AddSystem();
        var session = machine.AddSession(User1, 0x1, processId: 12);
        machine.Processes.Add(16, session);
        session.Connect("H:", @"\\oldfs\h");
        var times = 0;
        machine.Network.OnEnumerate = () => machine.Session == session && ++times == 1 ? 5 : 0;

        var result = Run("all");

        Assert.Null(result.Failure);
        Assert.Equal("removed", Assert.Single(result.Connections)["action"]);
    }

    [Fact]
    public void A_session_whose_enumeration_was_cancelled_is_not_read_under_another_token()
    {
        machine.AddSystem();
        var session = machine.AddSession(User1, 0x1, processId: 12);
        machine.Processes.Add(16, session);
        var times = 0;
        machine.Network.OnEnumerate = () => machine.Session == session && ++times > 0 ? 995 : 0;

        Assert.NotNull(Run("all").Failure);
        Assert.Equal(1, times);
    }

    [Theory]
    [InlineData("all", false)]
    [InlineData(@"CORP\user1", true)]
    public void The_session_of_a_service_that_cannot_be_read_is_no_failure_unless_its_account_is_named(string users, bool fails)
    {
        machine.AddSystem();
        var service = machine.AddSession(User1, 0x1, processId: 12);
        (service.IsOfService, service.CannotBeImpersonated) = (true, true);

        var result = Run(users);

        Assert.Equal(fails, result.Failure != null);
        Assert.Equal(fails ? [] : [(@"CORP\user1", "session", null)],
            result.NotExamined.Select(entry => ((string)entry["user"], (string)entry["kind"], (string?)entry["path"])));
    }

    [Fact]
    public void What_was_changed_is_one_event_and_nothing_is_none()
    {
        machine.AddSystem();
        machine.AddSession(User1, 0x1, processId: 12).Connect("H:", "\\\\oldfs\\h\r\n");

        Assert.Equal(@"1 network connections changed. CORP\user1 H: \\oldfs\h??: removed", Run("all").Event);
        Assert.Null(Run("all").Event);
    }
}
