// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System.Collections;
using Microsoft.Win32;
using ansible_collections.netdrive.windows.plugins.module_utils.Restore;
using ansible_collections.netdrive.windows.plugins.module_utils.UserProfiles;
using Xunit;

namespace Netdrive.Tests;

public sealed class RestoreTests
{
    private const string User1 = "S-1-5-21-1-2-3-1001";
    private const string User2 = "S-1-5-21-1-2-3-1002";
    private const string SignedOut = "S-1-5-21-1-2-3-1003";

    private readonly FakeMachine machine = new();
    private readonly FakeSession user1;
    private readonly FakeSession user2;

    public RestoreTests()
    {
        machine.AddSystem();
        user1 = machine.AddSession(User1, 0x1001, processId: 12);
        user2 = machine.AddSession(User2, 0x1002, processId: 16);
        machine.AddHive(SignedOut, new FakeProfile());
    }

    private RestoreResult Run(params object[] entries) => machine.Run(Options(entries));

    private RestoreResult Check(params object[] entries) => machine.Run(Options(entries), checkMode: true);

    private static RestoreOptions Options(object[] entries, int timeout = 5) => new() { Connections = entries, Users = new[] { "all" }, Timeout = timeout };

    private static Hashtable Value(string type, object? value) => new() { ["type"] = type, ["value"] = value };

    /// <summary>An entry as mapped_drive returns it, of a drive that was live and remembered.</summary>
    private static Hashtable Entry(string sid = User1, string? name = "H:", string remote = @"\\oldfs\h", params (string Name, object? Value)[] changes)
    {
        var entry = new Hashtable
        {
            ["user"] = sid == User1 ? @"CORP\user1" : sid, ["sid"] = sid, ["logon_id"] = "0x1001", ["session_id"] = 1, ["signed_in"] = true,
            ["name"] = name, ["remote"] = remote, ["provider"] = "Fake Network", ["connected_as"] = null, ["connected"] = true, ["persistent"] = true,
            ["profile_values"] = new Hashtable { ["RemotePath"] = Value("REG_SZ", remote) }, ["action"] = "removed", ["error"] = null
        };
        foreach (var (field, value) in changes)
            entry[field] = value;
        return entry;
    }

    /// <summary>An entry of a drive that the profile of a user who was not signed in remembered.</summary>
    private static Hashtable Forgotten(string sid, string name = "H:", string remote = @"\\oldfs\h") =>
        Entry(sid, name, remote, ("connected", false), ("action", "forgotten"), ("logon_id", null), ("session_id", null), ("signed_in", false));

    private static Hashtable WithValue(string name, object? value)
    {
        var entry = Entry();
        ((Hashtable)entry["profile_values"]!)[name] = value;
        return entry;
    }

    private static Dictionary<string, object> Only(RestoreResult result) => Assert.Single(result.Connections);

    private static string? ErrorName(Dictionary<string, object> entry) => (string?)((Dictionary<string, object>?)entry["error"])?["name"];

    private void AssertUntouched()
    {
        Assert.Empty(machine.Profiles.Writes);
        Assert.Empty(machine.Network.Added);
    }

    // Entries that cannot be right

    public static TheoryData<string, Hashtable> Hostile => new()
    {
        { "has no profile on this machine", Entry("S-1-5-21-9-9-9-1001") },
        { @"is CORP\user1 on this machine, not CORP\other", Entry(changes: ("user", @"CORP\other")) },
        { "is no SID", Entry(@"S-1-5-21-1-2-3-1001\Software") },
        { "is no SID", Entry("netdrive.windows-hive") },
        { "is no SID", Entry(changes: ("sid", null)) },
        { "sid is no text", Entry(changes: ("sid", 7)) },
        { "neither a drive letter", Entry(name: "..") },
        { "neither a drive letter", Entry(name: @"..\Z:") },
        { "neither a drive letter", Entry(name: @"H\Sub:") },
        { "neither a drive letter", Entry(name: "h:") },
        { "neither a drive letter", Entry(name: "H") },
        { "neither a drive letter", Entry(name: "") },
        { "neither a drive letter", Entry(name: "LPT0:") },
        { "can be none in Windows", Entry(name: "H\0:") },
        { "a profile remembers nothing without a device", Entry(name: null) },
        { "is no remote name", Entry(remote: "oldfs") },
        { "is no remote name", Entry(remote: @"C:\Windows") },
        { "is no remote name", Entry(remote: @"\\old*\h") },
        { "is no remote name", Entry(changes: ("remote", null)) },
        { "RemotePath is not the entry's remote name", Entry(changes: ("remote", @"\\newfs\h")) },
        { "RemotePath is not the entry's remote name", Entry(changes: ("profile_values", new Hashtable())) },
        { "profile_values is missing", Entry(changes: ("profile_values", null)) },
        { "profile_values is no dictionary", Entry(changes: ("profile_values", new[] { "RemotePath" })) },
        { "is no name of a value", WithValue(new string('x', 256), Value("REG_SZ", "")) },
        { "is no name of a value", WithValue("a\0b", Value("REG_SZ", "")) },
        { "a type that is none of the registry's", WithValue("X", Value("REG_LINK", @"\Registry\User")) },
        { "a type that is none of the registry's", WithValue("X", new Hashtable()) },
        { "is no dictionary of type and value", WithValue("X", "text") },
        { "is no text that the registry can hold", WithValue("X", Value("REG_SZ", 7)) },
        { "is no text that the registry can hold", WithValue("X", Value("REG_EXPAND_SZ", "a\0b")) },
        { "is no text that the registry can hold", WithValue("X", Value("REG_SZ", new string('x', 64 * 1024 + 1))) },
        { "is no list of texts", WithValue("X", Value("REG_MULTI_SZ", "text")) },
        { "is no whole number", WithValue("X", Value("REG_DWORD", "1")) },
        { "a number that its type cannot hold", WithValue("X", Value("REG_DWORD", 1L << 32)) },
        { "is not binary data in hexadecimal", WithValue("X", Value("REG_BINARY", "0G")) },
        { "is not binary data in hexadecimal", WithValue("X", Value("REG_BINARY", "012")) },
        { "action: ", Entry(changes: ("action", "restored")) },
        { "connected is neither true nor false", Entry(changes: ("connected", "yes")) },
        { "session_id is no whole number", Entry(changes: ("session_id", "1")) }
    };

    [Theory]
    [MemberData(nameof(Hostile), DisableDiscoveryEnumeration = true)]
    public void An_entry_that_cannot_be_right_is_refused_and_nothing_else_written(string reason, Hashtable hostile)
    {
        var result = Run(hostile, Entry(User2, "I:", @"\\oldfs\i"));

        Assert.Equal("ERROR_INVALID_DATA", ErrorName(result.Connections[0]));
        Assert.Null(result.Connections[0]["action"]);
        Assert.Contains(reason, result.Failure);
        Assert.StartsWith("1 of 2 network connections could not be put back", result.Failure);
        Assert.Equal("restored", result.Connections[1]["action"]);
        Assert.Equal([(User2, "I", "RemotePath")], machine.Profiles.Writes);
        Assert.Equal([(User2, "I:", @"\\oldfs\i", "Fake Network")], machine.Network.Added);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text")]
    [InlineData(7)]
    public void What_is_no_entry_at_all_does_nothing(object? entry)
    {
        Assert.Null(Only(machine.Run(Options([entry!])))["action"]);
        AssertUntouched();
    }

    [Fact]
    public void More_values_than_a_connection_has_are_refused()
    {
        var entry = Entry();
        for (var i = 0; i < 64; i++)
            ((Hashtable)entry["profile_values"]!)["X" + i] = Value("REG_DWORD", i);

        Assert.Contains("has 65 values", Run(entry).Failure);
        AssertUntouched();
    }

    [Fact]
    public void More_entries_than_a_machine_can_have_are_refused_as_a_whole()
    {
        var error = Assert.Throws<ArgumentException>(() => Run([.. Enumerable.Repeat(Entry(), 10_001)]));

        Assert.Contains("connections: 10001 entries", error.Message);
        AssertUntouched();
    }

    [Fact]
    public void Of_many_failures_twenty_are_named()
    {
        var failure = Run([.. Enumerable.Repeat(Entry(name: ".."), 23)]).Failure;

        Assert.StartsWith("23 of 23 network connections could not be put back", failure);
        Assert.EndsWith(" And 3 more, see connections.", failure);
        Assert.Equal(20, failure.Split(@"CORP\user1 ..").Length - 1);
    }

    [Fact]
    public void A_SID_in_other_letters_is_the_same_user()
    {
        Assert.Null(Run(Entry(User1.ToLowerInvariant(), changes: ("user", @"CORP\user1")), Entry(name: "I:", remote: @"\\oldfs\i")).Failure);
        Assert.Equal(["H", "I"], machine.Loaded[User1].Remembered.Keys.Order());
        Assert.All(machine.Network.Added, added => Assert.Equal(User1, added.Sid));
    }

    // What has the letter by now

    [Fact]
    public void A_letter_that_leads_elsewhere_by_now_stays()
    {
        user1.Connect("H:", @"\\newfs\home");

        var result = Run(Entry());

        Assert.Equal("ERROR_ALREADY_ASSIGNED", ErrorName(Only(result)));
        Assert.Contains(@"\\newfs\home", result.Failure);
        Assert.Contains(@"\\oldfs\h", result.Failure);
        AssertUntouched();
    }

    [Fact]
    public void A_letter_that_is_remembered_for_something_else_stays()
    {
        machine.Hives[SignedOut].Remembered.Add("H", @"\\newfs\home");

        var result = Run(Forgotten(SignedOut));

        Assert.Equal("ERROR_DEVICE_ALREADY_REMEMBERED", ErrorName(Only(result)));
        Assert.Contains(@"\\newfs\home", result.Failure);
        Assert.Contains(@"\\oldfs\h", result.Failure);
        AssertUntouched();
        Assert.Equal(@"\\newfs\home", machine.Hives[SignedOut].Remembered["H"]);
    }

    [Fact]
    public void A_letter_that_is_another_device_stays()
    {
        user1.Targets["H:"] = @"\Device\HarddiskVolume7";

        var result = Run(Entry());

        Assert.Equal("ERROR_ALREADY_ASSIGNED", ErrorName(Only(result)));
        Assert.Contains(@"\Device\HarddiskVolume7", result.Failure);
        AssertUntouched();
    }

    [Fact]
    public void An_entry_that_appears_when_its_turn_comes_stays()
    {
        machine.Profiles.OnWrite = (key, _) =>
        {
            if (key == "G")
                machine.Loaded[User1].Remembered["H"] = @"\\newfs\home";
        };

        var result = Run(Entry(name: "G:", remote: @"\\oldfs\g"), Entry(changes: ("connected", false)));

        Assert.Equal("ERROR_DEVICE_ALREADY_REMEMBERED", ErrorName(result.Connections[1]));
        Assert.Equal(@"\\newfs\home", machine.Loaded[User1].Remembered["H"]);
        Assert.DoesNotContain(machine.Profiles.Writes, written => written.Key == "H");
    }

    /// <summary>An entry of a drive that was live, and that no profile remembered.</summary>
    private static Hashtable Cut(string sid = User1, string? name = "H:", string remote = @"\\oldfs\h", params (string Name, object? Value)[] changes) =>
        Entry(sid, name, remote, [("persistent", false), ("profile_values", null), .. changes]);

    /// <summary>An entry of a drive that only the profile of a signed-in user had.</summary>
    private static Hashtable OnlyForgotten(string sid = User1, string name = "H:", string remote = @"\\oldfs\h") =>
        Entry(sid, name, remote, ("connected", false), ("action", "forgotten"));

    [Fact]
    public void A_letter_that_was_live_under_one_name_and_remembered_under_another_is_put_back_whole()
    {
        object[] entries = [Cut(remote: @"\\oldfs.corp\h"), OnlyForgotten(remote: @"\\oldfs\h")];

        Assert.Equal(["restored", "remembered"], Run(entries).Connections.Select(entry => entry["action"]));
        Assert.Equal(@"\\oldfs.corp\h", Assert.Single(user1.Live).RemoteName);
        Assert.Equal(@"\\oldfs\h", machine.Loaded[User1].Remembered["H"]);

        var again = Run(entries);
        Assert.Null(again.Failure);
        Assert.False(again.Changed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Either_half_of_such_a_letter_is_put_back_where_the_other_is_there(bool isLive)
    {
        if (isLive)
            user1.Connect("H:", @"\\oldfs.corp\h");
        else
            machine.Loaded[User1].Remembered["H"] = @"\\oldfs\h";

        Assert.Null(Run(Cut(remote: @"\\oldfs.corp\h"), OnlyForgotten(remote: @"\\oldfs\h")).Failure);

        Assert.Equal(@"\\oldfs.corp\h", Assert.Single(user1.Live).RemoteName);
        Assert.Equal(@"\\oldfs\h", machine.Loaded[User1].Remembered["H"]);
    }

    [Fact]
    public void What_is_remembered_is_not_in_the_way_of_what_never_was()
    {
        machine.Loaded[User1].Remembered["H"] = @"\\fs1\h";

        Assert.Equal("restored", Only(Run(Cut()))["action"]);
        Assert.Equal(@"\\fs1\h", machine.Loaded[User1].Remembered["H"]);
    }

    [Fact]
    public void Two_sessions_of_one_user_get_their_letters_back()
    {
        var second = machine.AddSession(User1, 0x2002, processId: 20);
        object[] entries = [Entry(), Cut(remote: @"\\oldfs\second", changes: ("logon_id", "0x2002"))];

        foreach (var changed in new[] { true, false })
        {
            var result = Run(entries);
            Assert.Null(result.Failure);
            Assert.Equal(changed, result.Changed);
        }
        Assert.Equal(@"\\oldfs\h", Assert.Single(user1.Live).RemoteName);
        Assert.Equal(@"\\oldfs\second", Assert.Single(second.Live).RemoteName);
    }

    [Fact]
    public void What_a_letter_leads_to_is_in_the_way_of_remembering_something_else()
    {
        user1.Connect("H:", @"\\newfs\home");

        Assert.Equal("ERROR_ALREADY_ASSIGNED", ErrorName(Only(Run(OnlyForgotten()))));
        AssertUntouched();
    }

    [Fact]
    public void A_port_of_the_machine_is_not_in_the_way_of_its_redirection()
    {
        user1.Targets["LPT1:"] = @"\Device\NamedPipe\Spooler\LPT1";

        Assert.Equal("restored", Only(Run(Cut(name: "LPT1:")))["action"]);
    }

    [Fact]
    public void A_session_in_which_a_drive_cannot_be_looked_at_fails_for_itself()
    {
        machine.Network.OnTarget = _ =>
        {
            if (machine.Session == user1)
                throw new InvalidOperationException("in the middle");
        };

        var result = Run(Entry(), Entry(User2, "I:", @"\\oldfs\i"));

        Assert.Equal([null, "restored"], result.Connections.Select(entry => entry["action"]));
        Assert.DoesNotContain(machine.Profiles.Writes, written => written.Root == User1);
    }

    [Fact]
    public void A_session_in_which_looking_at_a_drive_takes_too_long_fails_for_itself()
    {
        using var end = new ManualResetEventSlim();
        machine.Network.OnTarget = _ =>
        {
            if (machine.Session == user1)
                end.Wait(TimeSpan.FromSeconds(20));
        };

        var result = machine.Run(Options([Entry(), Entry(User2, "I:", @"\\oldfs\i")], timeout: 1));
        end.Set();

        Assert.Equal("ERROR_TIMEOUT", ErrorName(result.Connections[0]));
        Assert.Equal("restored", result.Connections[1]["action"]);
    }

    // What is written

    [Fact]
    public void Every_value_is_written_as_it_was()
    {
        var entry = Entry();
        entry["profile_values"] = new Hashtable
        {
            ["RemotePath"] = Value("REG_EXPAND_SZ", @"\\OLDFS\h"),
            ["UserName"] = Value("REG_DWORD", 0),
            ["DeferFlags"] = Value("REG_DWORD", 0xffffffffL),
            ["Nobody knows it"] = Value("REG_BINARY", "00ff7a"),
            ["Nothing"] = Value("REG_NONE", ""),
            ["Many"] = Value("REG_MULTI_SZ", new object[] { "a", "", "c" }),
            ["Long"] = Value("REG_QWORD", long.MaxValue),
            [""] = Value("REG_SZ", "of the key itself")
        };

        Assert.Null(Run(entry).Failure);

        var values = Assert.Single(machine.Loaded[User1].Written, written => written.Key == "H").Value;
        Assert.Equal(8, values.Count);
        void AssertValue(string name, RegistryValueKind kind, object data)
        {
            Assert.Equal(kind, values[name].Kind);
            Assert.Equal(data, values[name].Data);
        }
        AssertValue("RemotePath", RegistryValueKind.ExpandString, @"\\OLDFS\h");
        AssertValue("UserName", RegistryValueKind.DWord, 0);
        AssertValue("DeferFlags", RegistryValueKind.DWord, -1);
        AssertValue("Nobody knows it", RegistryValueKind.Binary, new byte[] { 0, 0xff, 0x7a });
        AssertValue("Nothing", RegistryValueKind.None, Array.Empty<byte>());
        AssertValue("Many", RegistryValueKind.MultiString, new[] { "a", "", "c" });
        AssertValue("Long", RegistryValueKind.QWord, long.MaxValue);
        AssertValue("", RegistryValueKind.String, "of the key itself");
        Assert.Equal("RemotePath", machine.Profiles.Writes[0].Name);  // a key without one would be taken for another connection
    }

    [Fact]
    public void What_a_result_says_of_a_value_is_read_back_as_the_same()
    {
        foreach (var value in new RegistryValue[]
        {
            new("%TEMP%", RegistryValueKind.ExpandString), new(-1, RegistryValueKind.DWord), new(-1L, RegistryValueKind.QWord),
            new(new byte[] { 1, 0xab }, RegistryValueKind.Binary), new(Array.Empty<byte>(), RegistryValueKind.None), new(new[] { "a", "b" }, RegistryValueKind.MultiString)
        })
        {
            var result = value.ToResult();
            var again = RegistryValue.Parse((string)result["type"], result["value"]);
            Assert.Equal(value.Kind, again.Kind);
            Assert.Equal(value.Data, again.Data);
        }
    }

    [Fact]
    public void A_text_with_several_terminators_is_the_text()
    {
        Assert.Equal(@"\\oldfs\h", new RegistryValue("\\\\oldfs\\h\0\0", RegistryValueKind.String).ToResult()["value"]);
        Assert.Equal(new byte[] { 0 }, new RegistryValue(new byte[] { 0 }, RegistryValueKind.Binary).Data);
    }

    [Fact]
    public void A_signed_out_user_s_is_written_into_their_hive_which_is_let_go()
    {
        var result = Run(Forgotten(SignedOut));

        Assert.Null(result.Failure);
        Assert.Equal("remembered", Only(result)["action"]);
        Assert.Equal(@"\\oldfs\h", machine.Hives[SignedOut].Remembered["H"]);
        Assert.EndsWith("-" + SignedOut, Assert.Single(machine.Profiles.Writes).Root);
        Assert.DoesNotContain(machine.Loaded.Keys, root => root.Contains(SignedOut));
        Assert.Empty(machine.HiveFiles.Kept);
        Assert.Empty(machine.Network.Added);
    }

    [Fact]
    public void A_profile_that_Windows_put_aside_once_says_nothing_of_the_one_that_its_user_has()
    {
        machine.AddHive(User1 + ".bak", new FakeProfile());

        Assert.Equal("restored", Only(Run(Entry()))["action"]);
        Assert.Equal(@"\\oldfs\h", machine.Loaded[User1].Remembered["H"]);
    }

    [Fact]
    public void But_into_a_temporary_one_nothing_is_put()
    {
        machine.AddHive(User1 + ".bak", new FakeProfile());
        machine.AddHive(User1, new FakeProfile { IsTemporary = true });

        Assert.Contains("put this profile aside", Run(Entry()).Failure);
        AssertUntouched();
    }

    [Fact]
    public void Nor_into_the_task_s_own()
    {
        machine.AddHive(FakeMachine.OwnSid + ".bak", new FakeProfile());
        machine.AddHive(FakeMachine.OwnSid, new FakeProfile { IsTemporary = true });
        var entry = Entry(FakeMachine.OwnSid, changes: ("user", FakeMachine.OwnSid));

        Assert.Contains("put this profile aside", machine.Run(new RestoreOptions { Connections = new[] { entry }, Users = "current", Timeout = 5 }).Failure);
        AssertUntouched();
    }

    [Theory]
    [InlineData("Archive")]
    [InlineData("Home (H).old$")]
    public void A_key_that_is_no_device_is_put_back_as_it_was(string key)
    {
        var result = Run(Forgotten(User1, key));

        Assert.Equal(("remembered", null), (Only(result)["action"], result.Failure));
        Assert.Equal(@"\\oldfs\h", machine.Loaded[User1].Remembered[key]);
        Assert.False(Run(Forgotten(User1, key)).Changed);
    }

    [Fact]
    public void Terminators_that_a_record_has_are_none_of_a_text()
    {
        var entry = Entry(changes: ("remote", "\\\\oldfs\\h\0"));
        ((Hashtable)entry["profile_values"]!)["RemotePath"] = Value("REG_SZ", "\\\\oldfs\\h\0");

        Assert.Equal("restored", Only(Run(entry))["action"]);
        Assert.Equal(@"\\oldfs\h", machine.Loaded[User1].Remembered["H"]);
    }

    [Theory]
    [InlineData("H")]
    [InlineData("LPT0:")]
    [InlineData(@"..\Z")]
    [InlineData("..")]
    [InlineData("")]
    public void Nothing_else_is_a_key_without_a_device(string name)
    {
        Assert.Contains("neither a drive letter", Run(Forgotten(User1, name)).Failure);
        AssertUntouched();
    }

    [Fact]
    public void A_hive_that_stays_loaded_is_loaded_once_and_is_an_error_of_all_its_entries()
    {
        machine.Profiles.HeldFor = 60_000;

        var result = Run(Forgotten(SignedOut), Entry(SignedOut, "G:"));

        Assert.Equal(["ERROR_ACCESS_DENIED", "ERROR_ACCESS_DENIED"], result.Connections.Select(ErrorName));
        Assert.Single(machine.Profiles.Loads, load => !load.Root.Contains("-copy-"));
        Assert.InRange(machine.Profiles.HeldFor, 1, 30_100);
    }

    [Fact]
    public void Values_that_a_killed_run_did_not_write_are_added_and_the_others_left()
    {
        machine.Loaded[User1].Remembered.Add("H", @"\\oldfs\h");
        var entry = WithValue("ProviderType", Value("REG_DWORD", 0x20000));

        var result = Run(entry);

        Assert.Equal("restored", Only(result)["action"]);
        Assert.Equal([(User1, "H", "ProviderType")], machine.Profiles.Writes);
    }

    [Fact]
    public void Check_mode_writes_nothing_and_reports_the_same()
    {
        object[] entries = [Entry(), Entry(User2, "I:", @"\\oldfs\i"), Forgotten(SignedOut, "J:", @"\\oldfs\j"), Entry(name: "..")];

        var check = Check(entries);

        AssertUntouched();
        Assert.DoesNotContain(machine.Profiles.Loads, load => !load.Root.Contains("-copy-"));
        var real = Run(entries);
        Assert.True(check.Changed);
        Assert.Equal(["restored", "restored", "remembered", null], check.Connections.Select(entry => entry["action"]));
        Assert.Equal(check.Connections.Select(entry => entry["action"]), real.Connections.Select(entry => entry["action"]));
        Assert.Equal(check.Before, real.Before);
        Assert.Equal(check.After, real.After);
        Assert.Equal(check.Failure, real.Failure);
    }

    [Fact]
    public void What_was_put_back_is_one_event_and_nothing_is_none()
    {
        var given = new object[] { Entry(), Forgotten(SignedOut, remote: "\\\\oldfs\\h") };
        Assert.Equal(@"2 network connections changed. CORP\user1 H: \\oldfs\h: restored; " + SignedOut + @" H: \\oldfs\h: remembered", Run(given).Event);
        Assert.Null(Run(given).Event);
    }

    [Fact]
    public void Twice_is_unchanged()
    {
        object[] entries = [Entry(), Entry(User2, "I:", @"\\oldfs\i"), Forgotten(SignedOut, "J:", @"\\oldfs\j")];
        Assert.True(Run(entries).Changed);
        var writes = machine.Profiles.Writes.Count;
        machine.Profiles.Loads.Clear();

        var again = Run(entries);

        Assert.False(again.Changed);
        Assert.Null(again.Failure);
        Assert.All(again.Connections, entry => Assert.Null(entry["action"]));
        Assert.Equal(again.Before, again.After);
        Assert.Equal(writes, machine.Profiles.Writes.Count);
        Assert.All(machine.Profiles.Loads, load => Assert.Contains("-copy-", load.Root));
        Assert.Equal(2, machine.Network.Added.Count);
    }

    [Fact]
    public void What_nobody_took_away_is_not_put_there()
    {
        var result = Run(Entry(changes: ("action", null)), Entry(name: "I:", remote: @"\\oldfs\i", changes: [("connected", false), ("persistent", false)]));

        Assert.False(result.Changed);
        AssertUntouched();
    }

    [Fact]
    public void A_profile_that_cannot_be_written_is_an_error()
    {
        machine.Profiles.OnWrite = (_, _) => throw new UnauthorizedAccessException();

        Assert.Equal("ERROR_ACCESS_DENIED", ErrorName(Only(Run(Entry(changes: ("connected", false))))));
    }

    [Fact]
    public void A_profile_that_cannot_be_read_is_left_alone()
    {
        machine.Loaded[User1].ReadDenied = true;

        Assert.Equal("ERROR_ACCESS_DENIED", ErrorName(Only(Run(Entry()))));
        AssertUntouched();
    }

    public static TheoryData<Hashtable> Nameless => new()
    {
        new Hashtable(), new Hashtable { ["RemotePath"] = Value("REG_SZ", "") }, new Hashtable { ["RemotePath"] = Value("REG_DWORD", 7) },
        new Hashtable { ["UserName"] = Value("REG_SZ", "x") }
    };

    [Theory]
    [MemberData(nameof(Nameless), DisableDiscoveryEnumeration = true)]
    public void An_entry_without_a_remote_name_is_written_as_it_was(Hashtable values)
    {
        object[] entries = [Entry(changes: [("remote", null), ("connected", false), ("action", "forgotten"), ("profile_values", values)])];

        Assert.Equal("remembered", Only(Run(entries))["action"]);
        Assert.Equal(["H"], machine.Loaded[User1].Remembered.Keys);
        Assert.Equal(values.Keys.Cast<string>(), machine.Profiles.Writes.Select(written => written.Name));
        Assert.Empty(machine.Network.Added);

        var again = Run(entries);
        Assert.False(again.Changed);
        Assert.Null(again.Failure);
    }

    [Fact]
    public void Nor_does_such_an_entry_replace_another()
    {
        machine.Loaded[User1].Remembered["H"] = @"\\newfs\home";

        var result = Run(Entry(changes: [("remote", null), ("connected", false), ("action", "forgotten"), ("profile_values", new Hashtable())]));

        Assert.Equal("ERROR_DEVICE_ALREADY_REMEMBERED", ErrorName(Only(result)));
        AssertUntouched();
    }

    [Theory]
    [InlineData(true, false, null)]
    [InlineData(false, false, "remembered")]
    [InlineData(true, true, null)]
    [InlineData(false, true, "remembered")]
    public void A_roaming_profile_of_a_signed_out_user_is_changed_where_the_clean_up_did_so(bool wasSignedIn, bool isLoaded, string? action)
    {
        machine.Hives[SignedOut].Roams = true;
        if (isLoaded)
            machine.Loaded.Add(SignedOut, machine.Hives[SignedOut]);
        var entry = Forgotten(SignedOut);
        entry["signed_in"] = wasSignedIn;

        foreach (var result in new[] { Check(entry), Run(entry) })
        {
            Assert.Equal(action, Only(result)["action"]);
            Assert.Equal(action == null, result.Failure?.Contains("while its user is signed in") == true);
        }
        Assert.Equal(action == null ? [] : ["H"], machine.Hives[SignedOut].Remembered.Keys);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9_999_999)]
    public void A_time_limit_that_is_none_is_refused_by_name(int seconds)
    {
        Assert.StartsWith("timeout: " + seconds + " is not between", Assert.Throws<ArgumentException>(() => machine.Run(Options([], seconds))).Message);
    }

    // What is connected

    [Theory]
    [InlineData(@"CORP\svc", "user1", null)]
    [InlineData("user1@corp.example", @"CORP\USER1", "restored")]
    [InlineData(@"CORP\svc", null, "restored")]
    [InlineData(null, "user1", "restored")]
    public void What_was_never_remembered_and_is_another_account_s_by_now_is_taken_away_again(string? before, string? now, string? action)
    {
        machine.Network.OnUser = _ => now;

        var result = Run(Cut(changes: ("connected_as", before)));

        Assert.Equal(action, Only(result)["action"]);
        Assert.Equal(action == null, result.Failure?.Contains(@"It was made with the account CORP\svc") == true);
        Assert.Equal(action == null ? 0 : 1, user1.Live.Count);
    }

    [Fact]
    public void One_that_stays_with_another_account_is_an_error()
    {
        machine.Network.OnUser = _ => "user1";
        machine.Network.OnCancel = (_, force) => force ? null : 2401;
        Assert.Null(Only(Run(Cut(changes: ("connected_as", @"CORP\svc"))))["action"]);
        Assert.Empty(user1.Live);

        machine.Network.OnCancel = (_, _) => 2404;
        var result = Run(Cut(changes: ("connected_as", @"CORP\svc")));
        Assert.Equal("ERROR_LOGON_FAILURE", ErrorName(Only(result)));
        Assert.Equal((true, null), (Only(result)["connected"], Only(result)["action"]));
        Assert.EndsWith(": not complete", result.Event);
    }

    [Theory]
    [InlineData(53, "ERROR_BAD_NETPATH")]
    [InlineData(67, "ERROR_BAD_NET_NAME")]
    [InlineData(86, "ERROR_INVALID_PASSWORD")]
    [InlineData(1203, "ERROR_NO_NET_OR_BAD_PATH")]
    [InlineData(1219, "ERROR_SESSION_CREDENTIAL_CONFLICT")]
    [InlineData(1326, "ERROR_LOGON_FAILURE")]
    [InlineData(4711, null)]
    public void A_connection_that_cannot_be_made_is_an_error_and_the_profile_remembers_it(int code, string? name)
    {
        machine.Network.OnAdd = _ => code;

        var result = Run(Entry());

        Assert.Equal(name, ErrorName(Only(result)));
        Assert.Contains(code.ToString(), result.Failure);
        Assert.Equal("remembered", Only(result)["action"]);
        Assert.True(result.Changed);
        Assert.Equal(@"\\oldfs\h", machine.Loaded[User1].Remembered["H"]);
    }

    [Fact]
    public void A_success_that_a_look_does_not_confirm_is_none()
    {
        machine.Network.OnAdd = _ => 0;

        var result = Run(Entry());

        Assert.Equal("remembered", Only(result)["action"]);
        Assert.Contains("Windows reported success, but it is not there", result.Failure);
    }

    [Fact]
    public void An_error_is_none_where_a_look_shows_the_connection()
    {
        machine.Network.OnAdd = device =>
        {
            user1.Connect(device, @"\\oldfs\h");
            return 85;
        };

        var result = Run(Entry());

        Assert.Null(result.Failure);
        Assert.Equal("restored", Only(result)["action"]);
    }

    [Fact]
    public void A_busy_provider_is_asked_again()
    {
        var answers = new Queue<int?>([170, 170, null]);
        machine.Network.OnAdd = _ => answers.Dequeue();

        Assert.Equal("restored", Only(Run(Entry()))["action"]);
    }

    [Fact]
    public void A_call_that_does_not_return_is_given_up_and_the_others_go()
    {
        using var never = new ManualResetEvent(false);
        machine.Network.OnAdd = device =>
        {
            if (device == "H:")
                never.WaitOne(TimeSpan.FromSeconds(20));  // then it succeeds: the time limit is a second
            return null;
        };

        var result = machine.Run(Options([Entry(), Entry(User2, "I:", @"\\oldfs\i")], timeout: 1));
        never.Set();

        Assert.Equal("ERROR_TIMEOUT", ErrorName(result.Connections[0]));
        Assert.Equal("remembered", result.Connections[0]["action"]);
        Assert.Equal("restored", result.Connections[1]["action"]);
        Assert.Single(machine.Threads.Cancelled);
    }

    [Fact]
    public void Each_is_made_in_its_user_s_session_whatever_fails_before_on_the_thread()
    {
        // More than there are threads, so that each thread has several.
        object[] entries = [.. from letter in Enumerable.Range('E', 20).Select(code => (char)code)
                               from sid in new[] { User1, FakeMachine.OwnSid, User2 }
                               select Entry(sid, letter + ":", $@"\\oldfs\{letter}-{sid}", ("logon_id", sid == FakeMachine.OwnSid ? "0x500" : "0x1001"))];
        machine.Network.OnAdd = _ => machine.Session == user1 ? throw new InvalidDataException("in the middle") : null;

        var result = Run(entries);

        Assert.Equal(60, machine.Network.Added.Count);
        Assert.All(machine.Network.Added, added => Assert.EndsWith(added.Sid, added.Remote));
        Assert.Equal(20, result.Connections.Count(entry => ErrorName(entry) == "ERROR_INTERNAL_ERROR"));
        Assert.Equal(40, result.Connections.Count(entry => (string?)entry["action"] == "restored"));
        Assert.Contains("ERROR_INTERNAL_ERROR (1359): in the middle", result.Failure);
        Assert.False(FakeMachine.Impersonating);
    }

    [Fact]
    public void A_session_that_cannot_be_worked_in_is_an_error_and_nothing_is_made_in_another()
    {
        user1.CannotBeImpersonated = true;

        Assert.NotNull(Run(Entry()).Failure);
        AssertUntouched();
    }

    [Fact]
    public void It_is_made_in_the_session_it_was_in_where_that_is_still_there()
    {
        var second = machine.AddSession(User1, 0x2002, processId: 20);

        Run(Entry(changes: ("logon_id", "0x2002")));

        Assert.Equal("H:", Assert.Single(second.Live).LocalName);
        Assert.Empty(user1.Live);
    }

    [Theory]
    [InlineData(0, 1, false)]  // a service's session, where somebody sat
    [InlineData(0, 0, true)]
    [InlineData(1, 2, true)]
    public void It_is_made_in_another_session_only_where_somebody_sits_or_it_was_a_service_s_before(int found, int before, bool made)
    {
        user1.SessionId = found;

        var result = Run(Cut(changes: [("logon_id", "0x9999"), ("session_id", before)]));

        Assert.Equal(made ? "restored" : null, Only(result)["action"]);
        Assert.Equal(made ? null : "ERROR_NO_SUCH_LOGON_SESSION", ErrorName(Only(result)));
    }

    [Theory]
    [InlineData("all", "0x9999", false)]
    [InlineData("all", "0x500", true)]
    [InlineData("current", "0x9999", true)]
    public void It_is_made_in_the_task_s_own_session_only_where_it_was_or_that_is_asked_for(string users, string logonId, bool made)
    {
        machine.Tokens.NetworkLogon = true;
        var options = Options([Cut(FakeMachine.OwnSid, changes: ("logon_id", logonId))]);
        options.Users = users;

        var result = machine.Run(options);

        Assert.Equal(made ? "restored" : null, Only(result)["action"]);
        Assert.Equal(made ? 1 : 0, machine.Own.Live.Count);
        Assert.Equal(users == "current" ? 1 : 0, result.Warnings.Count);
    }

    [Fact]
    public void What_the_account_of_the_task_had_at_the_screen_is_put_back_there()
    {
        var screen = machine.AddSession(FakeMachine.OwnSid, 0x3003, processId: 20);
        machine.Own.SessionId = 0;

        Assert.Equal("restored", Only(Run(Entry(FakeMachine.OwnSid, changes: ("logon_id", "0x3003"))))["action"]);

        Assert.Equal("H:", Assert.Single(screen.Live).LocalName);
        Assert.Empty(machine.Own.Live);
    }

    [Fact]
    public void One_that_was_made_with_another_account_is_remembered_with_a_message()
    {
        var result = Run(WithValue("UserName", Value("REG_SZ", @"CORP\admin")));

        Assert.Null(result.Failure);
        Assert.Equal("remembered", Only(result)["action"]);
        Assert.Contains(@"CORP\admin", (string)Only(result)["message"]);
        Assert.Empty(machine.Network.Added);
    }

    [Fact]
    public void A_connection_without_a_device_is_made_in_a_session_and_needs_no_profile()
    {
        var result = Run(Entry(name: null, changes: [("persistent", false), ("profile_values", null)]));

        Assert.Equal("restored", Only(result)["action"]);
        Assert.Equal((User1, null, @"\\oldfs\h", "Fake Network"), Assert.Single(machine.Network.Added));
        Assert.Empty(machine.Profiles.Writes);
    }

    [Fact]
    public void What_was_never_remembered_has_no_place_where_its_user_is_not_signed_in()
    {
        var result = Run(Entry(SignedOut, changes: [("persistent", false), ("profile_values", null)]));

        Assert.Null(Only(result)["action"]);
        Assert.Contains("there is no place to put it back into", result.Failure);
        AssertUntouched();
    }
}
