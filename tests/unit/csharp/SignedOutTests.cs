// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.netdrive.windows.plugins.module_utils.CleanUp;
using Xunit;

namespace Netdrive.Tests;

public sealed class SignedOutTests
{
    private const string User1 = "S-1-5-21-1-2-3-1001";
    private const string User2 = "S-1-5-21-1-2-3-1002";
    private const string Root1 = "netdrive.windows-" + User1;

    private readonly FakeMachine machine = new();

    public SignedOutTests()
    {
        machine.AddSystem();
    }

    private FakeProfile Store(string sid)
    {
        var profile = new FakeProfile { Remembered = { ["H"] = @"\\oldfs\h", ["K"] = @"\\keep\k" } };
        machine.Hives.Add(sid, profile);
        return profile;
    }

    private CleanUpResult Run(bool checkMode = false) => machine.Run(new CleanUpOptions
    {
        Remote = new[] { @"\\oldfs" },
        Users = new[] { "all" },
        SignedOut = true,
        UpdateProfile = true,
        Timeout = 5
    }, checkMode);

    [Fact]
    public void What_is_forgotten_is_written_back_and_the_hive_unloaded()
    {
        var profile = Store(User1);

        var entry = Assert.Single(Run().Connections);

        Assert.Equal("forgotten", entry["action"]);
        Assert.Equal(false, entry["signed_in"]);
        Assert.Equal(["K"], profile.Remembered.Keys);
        Assert.DoesNotContain(Root1, machine.Loaded.Keys);
        Assert.Empty(Run().Connections);
    }

    [Fact]
    public void Check_mode_leaves_the_hive_as_it_is()
    {
        var profile = Store(User1);

        Assert.Equal("forgotten", Assert.Single(Run(checkMode: true).Connections)["action"]);
        Assert.Equal(2, profile.Remembered.Count);
        Assert.DoesNotContain(Root1, machine.Loaded.Keys);
    }

    [Theory]
    [InlineData(5, "ERROR_ACCESS_DENIED")]
    [InlineData(1009, "ERROR_BADDB")]
    [InlineData(1017, "ERROR_NOT_REGISTRY_FILE")]
    public void A_hive_that_cannot_be_loaded_is_an_entry_and_the_others_go_on(int code, string name)
    {
        Store(User1).LoadError = code;
        Store(User2);

        var result = Run();

        var bad = Assert.Single(result.Connections, entry => (string)entry["sid"] == User1);
        Assert.Equal(name, ((Dictionary<string, object>)bad["error"])["name"]);
        Assert.Contains(result.Connections, entry => (string)entry["sid"] == User2 && (string?)entry["action"] == "forgotten");
        Assert.NotNull(result.Failure);
    }

    [Fact]
    public void A_hive_that_is_locked_for_a_moment_is_tried_again()
    {
        var profile = Store(User1);
        profile.LoadError = 32;
        using var release = new Timer(_ => profile.LoadError = 0, null, 150, Timeout.Infinite);

        Assert.Null(Run().Failure);
    }

    [Fact]
    public void A_hive_that_stays_locked_is_an_entry()
    {
        Store(User1).LoadError = 32;

        Assert.Equal("ERROR_SHARING_VIOLATION", ((Dictionary<string, object>)Assert.Single(Run().Connections)["error"])["name"]);
    }

    [Fact]
    public void A_hive_that_a_killed_run_left_is_unloaded_and_cleaned_up()
    {
        var profile = Store(User1);
        machine.Loaded.Add(Root1, profile);

        Assert.Equal("forgotten", Assert.Single(Run().Connections)["action"]);
        Assert.DoesNotContain(Root1, machine.Loaded.Keys);
    }

    [Fact]
    public void A_hive_that_another_run_unloads_before_it_is_held_is_loaded_again()
    {
        Store(User1);
        var times = 0;
        machine.Profiles.OnLoaded = root =>
        {
            if (++times == 1)
                machine.Loaded.Remove(root);
        };

        Assert.Null(Run().Failure);
        Assert.DoesNotContain(Root1, machine.Loaded.Keys);
    }

    [Fact]
    public void A_hive_that_cannot_be_unloaded_is_reported()
    {
        Store(User1);
        machine.Profiles.UnloadError = 5;

        Assert.Contains("ERROR_ACCESS_DENIED", Run().Failure);
    }

    [Fact]
    public void A_hive_that_cannot_be_unloaded_after_it_was_changed_is_reported_beside_what_was_done()
    {
        Store(User1);
        var times = 0;
        machine.Profiles.OnLoaded = _ => machine.Profiles.UnloadError = ++times == 2 ? 5 : 0;

        var result = Run();

        var entry = Assert.Single(result.Connections);
        Assert.Equal("forgotten", entry["action"]);
        Assert.Contains("temporary profile", (string)((Dictionary<string, object>)entry["error"])["message"]);
        Assert.NotNull(result.Failure);
    }

    [Fact]
    public void A_hive_whose_root_may_not_be_opened_is_unloaded_all_the_same()
    {
        Store(User1).HoldDenied = true;

        Assert.Contains("ERROR_ACCESS_DENIED", Run().Failure);
        Assert.DoesNotContain(Root1, machine.Loaded.Keys);
    }

    [Fact]
    public void A_profile_that_stayed_loaded_without_a_session_is_cleaned_up_where_it_is()
    {
        var profile = Store(User1);
        profile.LoadError = 32;
        machine.Loaded.Add(User1, profile);

        Assert.Equal("forgotten", Assert.Single(Run().Connections)["action"]);
        Assert.Equal(["K"], profile.Remembered.Keys);
        Assert.Contains(User1, machine.Loaded.Keys);
    }

    [Fact]
    public void A_session_without_its_profile_has_one_in_a_hive_all_the_same()
    {
        var profile = Store(User1);
        machine.AddSession(User1, 0x1, processId: 12);
        machine.Loaded.Remove(User1);

        var entry = Assert.Single(Run().Connections);

        Assert.Equal("forgotten", entry["action"]);
        Assert.Equal(["K"], profile.Remembered.Keys);
    }

    [Fact]
    public void A_profile_whose_user_is_signed_in_is_not_loaded_twice()
    {
        Store(User1).LoadError = 32;
        machine.AddSession(User1, 0x1, processId: 12);

        Assert.Empty(Run().Connections);
    }

    [Fact]
    public void Keys_of_the_profile_list_that_are_no_users_are_passed_over()
    {
        Store(User1 + ".bak").LoadError = 1009;

        Assert.Empty(Run().Connections);
    }
}
