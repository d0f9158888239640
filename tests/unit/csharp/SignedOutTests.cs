// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.netdrive.windows.plugins.module_utils.CleanUp;
using ansible_collections.netdrive.windows.plugins.module_utils.HiveFiles;
using ansible_collections.netdrive.windows.plugins.module_utils.Inventory;
using Xunit;

namespace Netdrive.Tests;

public sealed class SignedOutTests
{
    /// <summary>A run with signed_out, in check mode, or for the task's own session only.</summary>
    public enum Kind { Real, Check, Current }

    private const string User1 = "S-1-5-21-1-2-3-1001";
    private const string User2 = "S-1-5-21-1-2-3-1002";

    public static TheoryData<Step, bool, Kind> Kills => [.. from step in Enum.GetValues<Step>() from original in new[] { false, true } from next in Enum.GetValues<Kind>()
                                                         select (step, original, next)];

    private readonly FakeMachine machine = new();

    public SignedOutTests()
    {
        machine.AddSystem();
    }

    private FakeProfile Store(string sid)
    {
        var profile = new FakeProfile { Remembered = { ["H"] = @"\\oldfs\h", ["K"] = @"\\keep\k" } };
        machine.AddHive(sid, profile);
        return profile;
    }

    private CleanUpResult Run(bool checkMode = false) => Run(checkMode ? Kind.Check : Kind.Real);

    private CleanUpResult Run(Kind kind) => machine.Run(new CleanUpOptions
    {
        Remote = new[] { @"\\oldfs" },
        Users = new[] { kind == Kind.Current ? "current" : "all" },
        SignedOut = kind != Kind.Current,
        UpdateProfile = true,
        Timeout = 5
    }, kind == Kind.Check);

    /// <summary>The users' own hives that were loaded.</summary>
    private IEnumerable<string> Originals => machine.Profiles.Loads.Select(load => load.File).Where(file => file.StartsWith(@"C:\Users\"));

    private void AssertNothingIsLeft()
    {
        Assert.DoesNotContain(machine.Loaded.Keys, root => root.StartsWith("netdrive.windows-"));
        Assert.Empty(machine.RunFolders);
        Assert.Empty(machine.HiveFiles.Kept);
        Assert.All(machine.Files.Keys, file => Assert.StartsWith(@"C:\Users\", file));
    }

    [Fact]
    public void What_is_forgotten_is_written_back_and_the_hive_unloaded()
    {
        var profile = Store(User1);

        var entry = Assert.Single(Run().Connections);

        Assert.Equal("forgotten", entry["action"]);
        Assert.Equal(false, entry["signed_in"]);
        Assert.Equal(["K"], profile.Remembered.Keys);
        AssertNothingIsLeft();
        Assert.Empty(Run().Connections);
    }

    [Fact]
    public void Check_mode_leaves_the_hive_as_it_is()
    {
        var profile = Store(User1);

        Assert.Equal("forgotten", Assert.Single(Run(checkMode: true).Connections)["action"]);
        Assert.Equal(2, profile.Remembered.Count);
        AssertNothingIsLeft();
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
        profile.CopyError = 32;
        machine.Profiles.OnWait = () => profile.CopyError = 0;

        Assert.Null(Run().Failure);
        Assert.Equal(["K"], profile.Remembered.Keys);
    }

    [Fact]
    public void A_hive_that_stays_locked_is_an_entry()
    {
        Store(User1).CopyError = 32;

        Assert.Equal("ERROR_SHARING_VIOLATION", ((Dictionary<string, object>)Assert.Single(Run().Connections)["error"])["name"]);
    }

    [Fact]
    public void Fifty_are_read_in_copies_and_only_those_that_match_are_loaded_themselves()
    {
        for (var number = 0; number < 50; number++)
            machine.AddHive($"S-1-5-21-1-2-3-{2000 + number}", new FakeProfile { Remembered = { ["H"] = number < 3 ? @"\\oldfs\h" : @"\\keep\h" } });

        using (machine.Read(new InventoryOptions { Users = new[] { "all" }, SignedOut = true })) { }
        Run(checkMode: true);

        Assert.Equal(100, machine.Profiles.Loads.Count);
        Assert.Empty(Originals);

        machine.Profiles.Loads.Clear();
        var result = Run();

        Assert.Equal(3, result.Connections.Count(entry => (string?)entry["action"] == "forgotten"));
        Assert.Equal(53, machine.Profiles.Loads.Count);
        Assert.Equal(Enumerable.Range(2000, 3).Select(number => HiveFileApi.In(FakeMachine.FolderOf($"S-1-5-21-1-2-3-{number}"))), Originals);
        AssertNothingIsLeft();
    }

    [Theory]
    [MemberData(nameof(Kills))]
    public void Wherever_a_run_is_killed_the_profile_is_whole_and_the_next_run_of_any_kind_leaves_nothing_behind(
        Step step, bool original, Kind next)
    {
        var profile = Store(User1);
        machine.KilledAt = (reached, root) => reached == step && !(original && root.Contains("-copy-"));
        Record.Exception(() => Run());
        machine.Bury();

        Assert.Contains("K", profile.Remembered.Keys);
        Assert.Null(Record.Exception(() => Run(next)));

        AssertNothingIsLeft();
        Assert.Null(Run().Failure);
        Assert.Equal(["K"], profile.Remembered.Keys);
    }

    [Fact]
    public void A_hive_that_an_earlier_version_left_is_unloaded()
    {
        machine.Loaded.Add("netdrive.windows-" + User1, Store(User1));

        Assert.Equal("forgotten", Assert.Single(Run().Connections)["action"]);
        AssertNothingIsLeft();
    }

    [Fact]
    public void What_a_run_has_that_is_alive_is_left_alone()
    {
        var root = "netdrive.windows-0123456789abcdef0123456789abcdef-" + User2;
        machine.RunFolders.Add(root[..48]);
        machine.AliveRuns.Add(root[..48]);
        machine.Loaded.Add(root, new FakeProfile());
        Store(User1);

        Assert.Null(Run().Failure);
        Assert.Contains(root, machine.Loaded.Keys);
        Assert.Contains(root[..48], machine.RunFolders);
    }

    [Fact]
    public void An_account_without_the_rights_leaves_what_a_killed_run_left()
    {
        machine.Loaded.Add("netdrive.windows-" + User2, new FakeProfile());
        machine.Tokens.Missing.Add("SeRestorePrivilege");

        Assert.Null(Run(Kind.Current).Failure);
        Assert.Contains("netdrive.windows-" + User2, machine.Loaded.Keys);
    }

    [Fact]
    public void A_hive_of_which_another_process_holds_a_key_for_ten_seconds_is_unloaded_after_these()
    {
        Store(User1);
        machine.Profiles.HeldFor = 10_000;

        var result = Run();

        Assert.Null(result.Failure);
        Assert.Equal("forgotten", Assert.Single(result.Connections)["action"]);
        AssertNothingIsLeft();
    }

    [Fact]
    public void A_hive_of_which_another_process_holds_a_key_for_a_minute_is_reported_and_unloaded_by_the_next_run()
    {
        Store(User1);
        machine.Profiles.HeldFor = 60_000;

        var result = Run();

        var entry = Assert.Single(result.Connections);
        Assert.Equal("forgotten", entry["action"]);
        var error = (Dictionary<string, object>)entry["error"];
        Assert.Equal("ERROR_ACCESS_DENIED", error["name"]);
        Assert.Contains("temporary profile", (string)error["message"]);
        Assert.InRange(machine.Profiles.HeldFor, 1, 30_100);  // half a minute was waited for it
        Assert.StartsWith(@"1 of 1 network connections could not be taken away: CORP\user1 H: \\oldfs\h", result.Failure);

        var warning = Assert.Single(Run(Kind.Current).Warnings);
        Assert.Contains(User1, warning);

        machine.Profiles.HeldFor = 0;  // the process has ended
        Assert.Empty(Run(Kind.Current).Warnings);
        AssertNothingIsLeft();
    }

    [Fact]
    public void A_hive_that_is_let_go_at_the_end_of_the_run_is_no_failure()
    {
        Store(User1);
        machine.AddHive(User2, new FakeProfile { Remembered = { ["H"] = @"\\oldfs\h" } });
        machine.Profiles.HeldFor = 31_000;

        Assert.Null(Run().Failure);
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData(3, null)]
    [InlineData(1000, "ERROR_SHARING_VIOLATION")]
    public void A_hive_that_changes_while_it_is_copied_is_copied_again(int changes, string? error)
    {
        Store(User1);
        machine.HiveFiles.Changes = changes;

        var entry = Assert.Single(Run().Connections);

        Assert.Equal(error, ((Dictionary<string, object>?)entry["error"])?["name"]);
        Assert.Equal(error == null ? "forgotten" : null, entry["action"]);
    }

    [Fact]
    public void A_hive_that_may_not_be_read_is_an_entry()
    {
        Store(User1).CopyError = 5;

        Assert.Equal("ERROR_ACCESS_DENIED", ((Dictionary<string, object>)Assert.Single(Run().Connections)["error"])["name"]);
    }

    [Fact]
    public void A_profile_that_cannot_be_looked_at_is_named_and_no_failure()
    {
        Store(User1).WhyNot = "It is in a container.";
        Store(User2).IsMandatory = true;

        var result = Run();

        Assert.Null(result.Failure);
        Assert.Empty(result.Connections);
        Assert.Equal([(@"CORP\user1", "profile", @"C:\Users\" + User1, "It is in a container."),
                      (User2, "profile", @"C:\Users\" + User2, "The profile is mandatory: it keeps nothing of what its user does.")],
            result.NotExamined.Select(entry => ((string)entry["user"], (string)entry["kind"], (string)entry["path"], (string)entry["reason"])));
        Assert.Empty(machine.Profiles.Loads);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_profile_that_roams_is_only_read(bool checkMode)
    {
        var profile = Store(User1);
        profile.Roams = true;

        var result = Run(checkMode);

        Assert.Null(result.Failure);
        Assert.False(result.Changed);
        var entry = Assert.Single(result.Connections);
        Assert.Equal((null, null, true), (entry["action"], entry["error"], entry["persistent"]));
        Assert.Contains("signed_out_roaming", (string)Assert.Single(result.NotExamined)["reason"]);
        Assert.Equal(2, profile.Remembered.Count);
        Assert.Empty(Originals);
    }

    [Fact]
    public void So_is_one_that_stayed_loaded_without_a_session()
    {
        var profile = Store(User1);
        profile.Roams = true;
        machine.Loaded.Add(User1, profile);

        var result = Run();

        Assert.Null(Assert.Single(result.Connections)["action"]);
        Assert.Equal(@"C:\Users\" + User1, Assert.Single(result.NotExamined)["path"]);
        Assert.Equal(2, profile.Remembered.Count);
    }

    [Fact]
    public void A_profile_that_roams_is_changed_where_that_is_asked_for()
    {
        var profile = Store(User1);
        profile.Roams = true;

        var result = machine.Run(new CleanUpOptions
        {
            Remote = new[] { @"\\oldfs" }, Users = new[] { "all" }, SignedOut = true, SignedOutRoaming = true, UpdateProfile = true
        });

        Assert.Equal("forgotten", Assert.Single(result.Connections)["action"]);
        Assert.Empty(result.NotExamined);
        Assert.Equal(["K"], profile.Remembered.Keys);
    }

    [Fact]
    public void A_hive_whose_root_may_not_be_opened_is_unloaded_all_the_same()
    {
        Store(User1).HoldDenied = true;

        Assert.Contains("ERROR_ACCESS_DENIED", Run().Failure);
        AssertNothingIsLeft();
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
    public void A_profile_that_Windows_has_put_aside_is_named_and_other_keys_of_the_list_are_passed_over()
    {
        Store(User1 + ".bak").LoadError = 1009;
        Store("S-1-5-21-x.bak").LoadError = 1009;
        Store("nonsense").LoadError = 1009;

        Assert.Empty(Run().Connections);
        Assert.Equal([User1], Run().NotExamined.Select(entry => entry["sid"]));
        var signedIn = machine.Run(new CleanUpOptions { Remote = new[] { @"\\oldfs" }, Users = new[] { "all" }, UpdateProfile = true });
        Assert.Equal([User1], signedIn.NotExamined.Select(entry => entry["sid"]));
    }
}
