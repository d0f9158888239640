// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System.Collections;
using ansible_collections.netdrive.windows.plugins.module_utils.CleanUp;
using ansible_collections.netdrive.windows.plugins.module_utils.WindowsErrors;
using Xunit;

namespace Netdrive.Tests;

public sealed class CleanUpTests
{
    private const string User1 = "S-1-5-21-1-2-3-1001";

    private readonly FakeMachine machine = new();

    private static CleanUpOptions Options(string remote = @"\\oldfs", params string[] users) => new()
    {
        Remote = new[] { remote },
        Users = users.Length == 0 ? new[] { "current" } : users,
        UpdateProfile = true,
        Timeout = 5
    };

    private static Dictionary<string, object> Only(CleanUpResult result) => Assert.Single(result.Connections);

    private static Dictionary<string, object>? ErrorOf(Dictionary<string, object> entry) => (Dictionary<string, object>?)entry["error"];

    [Theory]
    [InlineData(5, "ERROR_ACCESS_DENIED")]
    [InlineData(1201, "ERROR_CONNECTION_UNAVAIL")]
    [InlineData(50, "ERROR_NOT_SUPPORTED")]
    [InlineData(1205, "ERROR_CANNOT_OPEN_PROFILE")]
    [InlineData(1206, "ERROR_BAD_PROFILE")]
    [InlineData(1222, "ERROR_NO_NETWORK")]
    [InlineData(2401, "ERROR_OPEN_FILES")]
    [InlineData(2402, "ERROR_ACTIVE_CONNECTIONS")]
    [InlineData(2404, "ERROR_DEVICE_IN_USE")]
    [InlineData(4711, null)]
    public void A_failed_cancel_is_reported_by_number_and_name(int code, string? name)
    {
        machine.Own.Connect("Z:", @"\\oldfs\a");
        machine.Loaded[FakeMachine.OwnSid].Remembered.Add("Z", @"\\oldfs\a");
        machine.Network.OnCancel = (_, _) => code;

        var result = machine.Run(Options());

        var error = ErrorOf(Only(result));
        Assert.Equal(code, error!["code"]);
        Assert.Equal(name, error["name"]);
        Assert.Null(Only(result)["action"]);
        Assert.False(result.Changed);
        Assert.Contains(code.ToString(), result.Failure);
        Assert.Contains("Z", machine.Loaded[FakeMachine.OwnSid].Remembered.Keys);
    }

    [Fact]
    public void An_extended_error_has_the_provider_s_own_code_text_and_name()
    {
        machine.Own.Connect("Z:", @"\\oldfs\a");
        machine.Network.OnCancel = (_, _) => 1208;
        machine.Network.ProviderError = (59, "The server is going down.\r\n", "Fake Network");

        var error = ErrorOf(Only(machine.Run(Options())));

        Assert.Equal(1208, error!["code"]);
        Assert.Equal(59, error["provider_code"]);
        Assert.Equal("The server is going down.", error["provider_message"]);
        Assert.Equal("Fake Network", error["provider"]);
    }

    [Fact]
    public void A_busy_provider_is_asked_again()
    {
        machine.Own.Connect("Z:", @"\\oldfs\a");
        var answers = new Queue<int?>([170, 170, null]);
        machine.Network.OnCancel = (_, _) => answers.Dequeue();

        Assert.Equal("removed", Only(machine.Run(Options()))["action"]);
    }

    [Fact]
    public void A_provider_that_stays_busy_is_an_error()
    {
        machine.Own.Connect("Z:", @"\\oldfs\a");
        machine.Network.OnCancel = (_, _) => 170;

        Assert.Equal("ERROR_BUSY", ErrorOf(Only(machine.Run(Options())))!["name"]);
    }

    [Fact]
    public void A_success_that_a_look_does_not_confirm_is_none()
    {
        machine.Own.Connect("Z:", @"\\oldfs\a");
        machine.Network.CancelTakesEffect = (_, _) => false;

        var result = machine.Run(Options());

        Assert.Null(Only(result)["action"]);
        Assert.Equal(0, ErrorOf(Only(result))!["code"]);
        Assert.False(result.Changed);
    }

    [Fact]
    public void An_error_is_none_where_a_look_shows_the_connection_gone()
    {
        machine.Own.Connect("Z:", @"\\oldfs\a");
        machine.Network.OnCancel = (_, _) =>
        {
            machine.Own.Live.Clear();
            return 2250;
        };

        var result = machine.Run(Options());

        Assert.Equal("removed", Only(result)["action"]);
        Assert.Null(result.Failure);
    }

    [Fact]
    public void Not_connected_is_an_error_where_a_look_shows_the_connection()
    {
        machine.Own.Connect("Z:", @"\\oldfs\a");
        machine.Network.OnCancel = (_, _) => 2250;

        Assert.Equal("ERROR_NOT_CONNECTED", ErrorOf(Only(machine.Run(Options())))!["name"]);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(50)]
    [InlineData(487)]
    [InlineData(1207)]
    public void A_session_that_cannot_be_enumerated_fails_the_run(int code)
    {
        machine.Network.OnEnumerate = () => code;

        var result = machine.Run(Options());

        Assert.Equal(code, ErrorOf(Only(result))!["code"]);
        Assert.NotNull(result.Failure);
        Assert.Empty(machine.Network.Calls);
    }

    [Fact]
    public void Without_a_network_there_is_nothing_live_but_the_profile_still_counts()
    {
        machine.Network.OnEnumerate = () => 1222;
        machine.Loaded[FakeMachine.OwnSid].Remembered.Add("Z", @"\\oldfs\a");

        Assert.Equal("forgotten", Only(machine.Run(Options()))["action"]);
    }

    [Fact]
    public void What_cannot_be_looked_at_again_is_not_reported_as_gone()
    {
        machine.Own.Connect("Z:", @"\\oldfs\a");
        var looks = 0;
        machine.Network.OnEnumerate = () => ++looks == 1 ? 0 : 5;

        var result = machine.Run(Options());

        Assert.Null(Only(result)["action"]);
        Assert.Equal(5, ErrorOf(Only(result))!["code"]);
    }

    [Fact]
    public void The_profile_flag_is_passed_in_the_task_s_own_session_only()
    {
        machine.AddSystem();
        machine.Own.Connect("Z:", @"\\oldfs\a");
        machine.Loaded[FakeMachine.OwnSid].Remembered.Add("Z", @"\\oldfs\a");
        var other = machine.AddSession(User1, 0x1001, processId: 12);
        other.Connect("H:", @"\\oldfs\h");
        machine.Loaded[User1].Remembered.Add("H", @"\\oldfs\h");

        var result = machine.Run(Options(@"\\oldfs", "all"));

        Assert.Null(result.Failure);
        Assert.Contains((FakeMachine.OwnSid, "Z:", true, false), machine.Network.Calls);
        Assert.Contains((User1, "H:", false, false), machine.Network.Calls);
        Assert.Empty(machine.Loaded[User1].Remembered);
        Assert.Empty(machine.Loaded[FakeMachine.OwnSid].Remembered);
    }

    [Fact]
    public void A_profile_that_cannot_be_changed_leaves_the_connection_disconnected_with_an_error()
    {
        machine.Own.Connect("Z:", @"\\oldfs\a");
        machine.Loaded[FakeMachine.OwnSid].Remembered.Add("Z", @"\\oldfs\a");
        machine.Loaded[FakeMachine.OwnSid].DeleteDenied = true;

        var entry = Only(machine.Run(Options()));

        Assert.Equal("disconnected", entry["action"]);
        Assert.Equal("ERROR_ACCESS_DENIED", ErrorOf(entry)!["name"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(86_401)]
    public void A_time_limit_that_is_none_is_refused_by_name(int seconds)
    {
        var options = Options();
        options.Timeout = seconds;

        Assert.Contains("timeout", Assert.Throws<ArgumentException>(() => machine.Run(options)).Message);
    }

    [Fact]
    public void A_call_that_takes_too_long_is_given_up_and_the_others_go()
    {
        using var never = new ManualResetEvent(false);
        machine.Own.Connect("Y:", @"\\oldfs\slow");
        machine.Own.Connect("Z:", @"\\oldfs\a");
        machine.Network.OnCancel = (name, _) =>
        {
            if (name == "Y:")
                never.WaitOne();
            return null;
        };

        var options = Options();
        options.Timeout = 1;
        var result = machine.Run(options);
        never.Set();

        Assert.Equal("ERROR_TIMEOUT", ErrorOf(result.Connections[0])!["name"]);
        Assert.Null(result.Connections[0]["action"]);
        Assert.Equal("removed", result.Connections[1]["action"]);
    }

    [Fact]
    public void What_was_given_up_stays_remembered_though_it_is_gone_by_then()
    {
        using var end = new ManualResetEventSlim();
        machine.AddSystem();
        var user = machine.AddSession(User1, 0x1001, processId: 12);
        user.Connect("Y:", @"\\oldfs\slow");
        machine.Loaded[User1].Remembered.Add("Y", @"\\oldfs\slow");
        machine.Network.OnCancel = (_, _) =>
        {
            lock (machine)
                user.Live.Clear();
            end.Wait();
            return 0;
        };

        var options = Options(@"\\oldfs", "all");
        options.Timeout = 1;
        var entry = Only(machine.Run(options));
        end.Set();

        Assert.Equal("ERROR_TIMEOUT", ErrorOf(entry)!["name"]);
        Assert.Null(entry["action"]);
        Assert.Single(machine.Loaded[User1].Remembered);
    }

    [Fact]
    public void At_most_eight_calls_are_under_way_at_a_time()
    {
        int running = 0, most = 0;
        for (var letter = 'A'; letter <= 'Z'; letter++)
            machine.Own.Connect(letter + ":", @"\\oldfs\" + letter);
        machine.Network.OnCancel = (_, _) =>
        {
            lock (never)
                most = Math.Max(most, ++running);
            Thread.Sleep(20);
            lock (never)
                running--;
            return null;
        };

        Assert.Null(machine.Run(Options()).Failure);
        Assert.InRange(most, 2, 8);
    }

    private readonly object never = new();

    [Fact]
    public void Check_mode_calls_nothing_and_reports_the_same()
    {
        machine.Own.Connect("Z:", @"\\oldfs\a");
        machine.Loaded[FakeMachine.OwnSid].Remembered.Add("Y", @"\\oldfs\b");

        var check = machine.Run(Options(), checkMode: true);

        Assert.Empty(machine.Network.Calls);
        Assert.Single(machine.Loaded[FakeMachine.OwnSid].Remembered);
        var real = machine.Run(Options());
        Assert.Equal(check.Connections.Select(entry => entry["action"]), real.Connections.Select(entry => entry["action"]));
        Assert.Equal(check.Before, real.Before);
        Assert.Equal(check.After, real.After);
    }

    [Fact]
    public void An_entry_that_leads_elsewhere_when_its_turn_comes_is_left_alone()
    {
        var remembered = machine.Loaded[FakeMachine.OwnSid].Remembered;
        remembered.Add("Y", @"\\oldfs\a");
        remembered.Add("Z", @"\\oldfs\b");
        machine.Profiles.OnDeleted = key =>
        {
            if (key == "Y")
                remembered["Z"] = @"\\newfs\b";
        };

        var result = machine.Run(Options());

        Assert.Equal(@"\\newfs\b", Assert.Single(remembered).Value);
        Assert.All(result.Connections, entry => Assert.Equal("forgotten", entry["action"]));
        Assert.Null(result.Failure);
    }

    [Fact]
    public void A_device_that_was_mapped_anew_is_left_alone()
    {
        machine.Own.Connect("Z:", @"\\oldfs\a");
        machine.Loaded[FakeMachine.OwnSid].Remembered.Add("Z", @"\\oldfs\a");
        machine.Network.OnEnumerate = () =>
        {
            machine.Own.Live.Clear();
            machine.Own.Connect("Z:", @"\\newfs\a");
            return 0;
        };

        var result = machine.Run(Options());

        Assert.Equal("removed", Only(result)["action"]);
        Assert.Empty(machine.Network.Calls);
        Assert.Equal(@"\\newfs\a", Assert.Single(machine.Own.Live).RemoteName);
    }

    [Fact]
    public void A_remote_name_that_the_provider_spells_in_two_ways_is_the_same()
    {
        machine.Own.Connect("Z:", @"\\oldfs@SSL\a");
        machine.Network.SpellRemote = _ => "https://oldfs/a";

        Assert.Equal("removed", Only(machine.Run(Options(@"\\oldfs@SSL")))["action"]);
    }

    [Fact]
    public void An_exception_in_the_middle_leaves_no_thread_impersonating_and_the_others_go()
    {
        machine.AddSystem();
        machine.Own.Connect("Z:", @"\\oldfs\a");
        machine.AddSession(User1, 0x1001, processId: 12).Connect("H:", @"\\oldfs\h");
        machine.Network.OnCancel = (name, _) => name == "H:" ? throw new InvalidDataException("in the middle") : null;

        var result = machine.Run(Options(@"\\oldfs", "all"));

        var failed = Assert.Single(result.Connections, entry => ErrorOf(entry) != null);
        Assert.Equal("ERROR_INTERNAL_ERROR", ErrorOf(failed)!["name"]);
        Assert.Contains("ERROR_INTERNAL_ERROR (1359): in the middle", result.Failure);
        Assert.Contains(result.Connections, entry => (string?)entry["action"] == "removed");
        Assert.False(FakeMachine.Impersonating);
    }

    [Fact]
    public void Every_error_with_a_name_has_a_text_of_our_own()
    {
        Assert.All(Enum.GetValues<SystemError>(), error =>
            Assert.NotEqual(new System.ComponentModel.Win32Exception((int)error).Message, new WindowsError(error).Message));
    }
}
