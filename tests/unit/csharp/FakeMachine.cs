// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System.ComponentModel;
using System.Security;
using Microsoft.Win32;
using Xunit;
using ansible_collections.netdrive.windows.plugins.module_utils.Accounts;
using ansible_collections.netdrive.windows.plugins.module_utils.BoundedCalls;
using ansible_collections.netdrive.windows.plugins.module_utils.CleanUp;
using ansible_collections.netdrive.windows.plugins.module_utils.HiveFiles;
using ansible_collections.netdrive.windows.plugins.module_utils.Inventory;
using ansible_collections.netdrive.windows.plugins.module_utils.Machines;
using ansible_collections.netdrive.windows.plugins.module_utils.NetworkConnections;
using ansible_collections.netdrive.windows.plugins.module_utils.Restore;
using ansible_collections.netdrive.windows.plugins.module_utils.Tokens;
using ansible_collections.netdrive.windows.plugins.module_utils.UserProfiles;

namespace Netdrive.Tests;

/// <summary>A machine in memory, whose every answer a test can bend.</summary>
internal sealed class FakeMachine
{
    public const string OwnSid = "S-1-5-21-1-2-3-500";
    public const string SystemSid = "S-1-5-18";

    [ThreadStatic] private static FakeSession? impersonated;
    private bool isKilled;

    public FakeMachine(string ownSid = OwnSid)
    {
        Own = AddSession(ownSid, 0x500, processId: 4);
        Network = new FakeNetwork(this);
        Tokens = new FakeTokens(this);
        Profiles = new FakeProfiles(this);
        HiveFiles = new FakeHiveFiles(this);
    }

    public FakeSession Own { get; }
    public List<FakeSession> Sessions { get; } = [];
    public Dictionary<int, FakeSession?> Processes { get; } = [];
    public Dictionary<string, FakeProfile> Loaded { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>By SID, the profiles that this machine lists.</summary>
    public Dictionary<string, FakeProfile> Hives { get; } = [];

    /// <summary>By path, the hive files, copies included.</summary>
    public Dictionary<string, FakeProfile> Files { get; } = [];

    public HashSet<string> RunFolders { get; } = [];
    public HashSet<string> AliveRuns { get; } = [];

    /// <summary>The step at which the run is killed: from there on it does nothing any more.</summary>
    public Func<Step, string, bool> KilledAt { get; set; } = (_, _) => false;
    public FakeNetwork Network { get; }
    public FakeTokens Tokens { get; }
    public FakeProfiles Profiles { get; }
    public FakeHiveFiles HiveFiles { get; }
    public FakeThreads Threads { get; } = new();

    /// <summary>The session that the calling thread works in.</summary>
    public FakeSession Session { get => impersonated ?? Own; }

    public static bool Impersonating { get => impersonated != null; }

    public FakeSession AddSession(string sid, ulong logonId, int processId = 0, FakeSession? linked = null)
    {
        var session = new FakeSession(sid, logonId) { Linked = linked };
        Sessions.Add(session);
        Loaded.TryAdd(sid, new FakeProfile());
        if (processId != 0)
            Processes.Add(processId, session);
        return session;
    }

    /// <summary>SYSTEM with a process of its own, from which an administrator borrows a token.</summary>
    public FakeSession AddSystem()
    {
        var system = AddSession(SystemSid, 0x3e7, processId: 8);
        system.Privileges.Add("SeTcbPrivilege");
        return system;
    }

    public static string FolderOf(string sid) => @"C:\Users\" + sid;

    /// <summary>A profile whose user is not signed in.</summary>
    public void AddHive(string sid, FakeProfile profile)
    {
        Hives.Add(sid, profile);
        Files.Add(HiveFileApi.In(FolderOf(sid)), profile);
    }

    public CleanUpResult Run(CleanUpOptions options, bool checkMode = false) => CleanUp.Run(Machine(), options, checkMode);

    public RestoreResult Run(RestoreOptions options, bool checkMode = false) => Restore.Run(Machine(), options, checkMode);

    public NetworkInventory Read(InventoryOptions options) => NetworkInventory.Read(Machine(), options);

    /// <summary>A run gets here, unless it has been killed.</summary>
    public void Reach(Step step, string what)
    {
        isKilled = isKilled || KilledAt(step, what);
        if (isKilled)
            throw new KilledException();
    }

    /// <summary>After a run was killed: Windows has closed what it held.</summary>
    public void Bury()
    {
        isKilled = false;
        KilledAt = (_, _) => false;
        AliveRuns.Clear();
        HiveFiles.Kept.Clear();
    }

    private Machine Machine() => new()
    {
        Network = Network, Tokens = Tokens, Profiles = Profiles, HiveFiles = HiveFiles, Accounts = new FakeAccounts(), Threads = Threads
    };

    public sealed class FakeToken(FakeMachine machine, FakeSession session, bool sandboxed = false, bool restricted = false) : Token(null!)
    {
        public override string Sid => session.Sid;
        public override ulong LogonId => session.LogonId;
        public override int SessionId => session.SessionId;
        public override bool IsSandboxed => sandboxed;
        public override bool IsRestricted => restricted;
        public override bool IsOfService => session.IsOfService;
        public override Token? Linked() => session.Linked == null ? null : new FakeToken(machine, session.Linked);
        public override bool Holds(string privilege) => session.Privileges.Contains(privilege);

        public override void Impersonate(Action action)
        {
            Assert.True(machine.Tokens.AreLoaded && machine.Network.LoadedAs == machine.Own.Sid, "something is loaded under impersonation");
            if (session.CannotBeImpersonated || sandboxed || restricted)
                throw new Win32Exception(1346);
            var before = impersonated;
            impersonated = session;
            try
            {
                action();
            }
            finally
            {
                impersonated = before;
            }
        }
    }
}

internal sealed class FakeSession(string sid, ulong logonId)
{
    public string Sid { get; } = sid;
    public ulong LogonId { get; } = logonId;
    public int SessionId { get; set; } = 1;
    public FakeSession? Linked { get; set; }
    public bool CannotBeImpersonated { get; set; }
    public HashSet<string> Privileges { get; } = [];

    /// <summary>Its processes that are sandboxed, so that their tokens can't be worked with.</summary>
    public HashSet<int> SandboxedProcesses { get; } = [];

    /// <summary>Those of which the tokens are restricted.</summary>
    public HashSet<int> RestrictedProcesses { get; } = [];

    public bool IsOfService { get; set; }
    public List<LiveConnection> Live { get; set; } = [];

    /// <summary>What QueryDosDevice says of devices.</summary>
    public Dictionary<string, string> Targets { get; } = [];

    public void Connect(string? name, string remote) =>
        Live.Add(new LiveConnection { LocalName = name, RemoteName = remote, Provider = "Fake Network" });
}

/// <summary>Where a run can be killed.</summary>
public enum Step { Copy, Load, Delete, Unload, DeleteCopy, End }

internal sealed class KilledException : Exception { }

internal sealed class FakeProfile
{
    /// <summary>By key; a remote name that is null is none, or no text.</summary>
    public Dictionary<string, string?> Remembered { get; } = [];

    /// <summary>By key, the values that were written.</summary>
    public Dictionary<string, Dictionary<string, RegistryValue>> Written { get; } = [];
    public int LoadError { get; set; }
    public bool DeleteDenied { get; set; }
    public bool ReadDenied { get; set; }
    public bool HoldDenied { get; set; }
    public bool Roams { get; set; }
    public bool IsMandatory { get; set; }
    public bool IsTemporary { get; set; }
    public int CopyError { get; set; }

    /// <summary>Why its files can't be looked at.</summary>
    public string? WhyNot { get; set; }

    public FakeProfile Copy()
    {
        var copy = new FakeProfile { LoadError = LoadError, ReadDenied = ReadDenied, HoldDenied = HoldDenied };
        foreach (var (key, remote) in Remembered)
            copy.Remembered.Add(key, remote);
        foreach (var (key, values) in Written)
            copy.Written.Add(key, new(values));
        return copy;
    }
}

internal sealed class FakeNetwork(FakeMachine machine) : NetworkApi
{
    /// <summary>Answers in place of the real one: name, force → code; null lets the cancel happen.</summary>
    public Func<string, bool, int?> OnCancel { get; set; } = (_, _) => null;

    /// <summary>Answers in place of the real one: device → code; null lets the connection be made.</summary>
    public Func<string?, int?> OnAdd { get; set; } = _ => null;
    public Func<int> OnEnumerate { get; set; } = () => 0;
    public Func<string, bool, bool> CancelTakesEffect { get; set; } = (_, _) => true;
    public Func<string?, string?> SpellRemote { get; set; } = remote => remote;
    public (int Code, string Text, string Provider) ProviderError { get; set; }
    public List<(string Sid, string Name, bool UpdateProfile, bool Force)> Calls { get; } = [];

    public override int EnumerateConnected(IList<LiveConnection> found)
    {
        lock (machine)
            foreach (var connection in machine.Session.Live)
                found.Add(connection);
        return OnEnumerate();
    }

    public override int Cancel(string name, bool updateProfile, bool force)
    {
        lock (machine)
            Calls.Add((machine.Session.Sid, name, updateProfile, force));
        if (OnCancel(name, force) is int code)
            return code;
        lock (machine)
        {
            if (!CancelTakesEffect(name, force))
                return 0;
            if (updateProfile && machine.Loaded.TryGetValue(machine.Session.Sid, out var profile) && !profile.DeleteDenied)
                profile.Remembered.Remove(name[..^1]);
            var removed = machine.Session.Live.RemoveAll(live => (live.LocalName ?? live.RemoteName) == name);
            return removed == 0 ? 2250 : 0;
        }
    }

    /// <summary>The connections that were to be made, and in whose session.</summary>
    public List<(string Sid, string? Device, string Remote, string? Provider)> Added { get; } = [];

    public override int Add(string? device, string remoteName, string? provider)
    {
        lock (machine)
            Added.Add((machine.Session.Sid, device, remoteName, provider));
        if (OnAdd(device) is int code)
            return code;
        lock (machine)
            machine.Session.Connect(device, remoteName);
        return 0;
    }

    public override string? RemoteOf(string device)
    {
        lock (machine)
            return SpellRemote(machine.Session.Live.Find(live => live.LocalName == device)?.RemoteName);
    }

    /// <summary>Whom a connection was made with, as WNetGetUser says it: of a device or remote name.</summary>
    public Func<string, string?> OnUser { get; set; } = _ => null;

    public override string? UserOf(string name) => OnUser(name);

    /// <summary>As whom the providers were loaded.</summary>
    public string? LoadedAs { get; private set; }

    public override void Load() => LoadedAs = machine.Session.Sid;

    /// <summary>What happens before it is said what a device is.</summary>
    public Action<string> OnTarget { get; set; } = _ => { };

    public override string? TargetOf(string device)
    {
        OnTarget(device);
        lock (machine)
            return machine.Session.Targets.GetValueOrDefault(device);
    }

    public override int LastError(out int code, out string text, out string provider)
    {
        (code, text, provider) = ProviderError;
        return 0;
    }
}

internal sealed class FakeTokens(FakeMachine machine) : TokenApi
{
    /// <summary>The privileges that the account of the task does not hold.</summary>
    public HashSet<string> Missing { get; } = [];
    public bool NetworkLogon { get; set; }

    public override Token Own() => new FakeMachine.FakeToken(machine, machine.Own);

    public bool AreLoaded { get; private set; }

    public override void Load() => AreLoaded = true;

    public override bool IsNetworkLogon() => NetworkLogon;

    public override IList<int> Processes() => [.. machine.Processes.Keys];

    public override Token? OfProcess(int processId) => machine.Processes[processId] is FakeSession session
        ? new FakeMachine.FakeToken(machine, session, session.SandboxedProcesses.Contains(processId), session.RestrictedProcesses.Contains(processId)) : null;

    public override IDisposable Enable(params string[] privileges) =>
        Missing.Overlaps(privileges) ? throw new Win32Exception(1300) : new Nothing();
}

internal sealed class FakeProfiles(FakeMachine machine) : ProfileApi
{
    public Action<string> OnLoaded { get; set; } = _ => { };
    public Action<string> OnDeleted { get; set; } = _ => { };

    /// <summary>For how many milliseconds of waiting another process keeps a key of users' own hives open.</summary>
    public int HeldFor { get; set; }

    /// <summary>Every hive that was loaded, copies included.</summary>
    public List<(string Root, string File)> Loads { get; } = [];

    public override IList<string> Roots()
    {
        lock (machine)
            return [.. machine.Loaded.Keys];
    }

    public override IList<string> Sids() => [.. machine.Hives.Keys];

    public override ProfileEntry Entry(string sid) => !machine.Hives.TryGetValue(sid, out var profile) ? new ProfileEntry()
        : new ProfileEntry { Folder = FakeMachine.FolderOf(sid), Roams = profile.Roams, IsMandatory = profile.IsMandatory, IsTemporary = profile.IsTemporary };

    public override string? UserName(string root) => null;

    public override IList<RememberedConnection> Remembered(string root)
    {
        if (Find(root) is not FakeProfile profile)
            return [];
        if (profile.ReadDenied)
            throw new UnauthorizedAccessException();
        return [.. profile.Remembered.Select(entry => new RememberedConnection(entry.Key, entry.Value))];
    }

    public override string? RemoteName(string root, string key) => Find(root)!.Remembered.GetValueOrDefault(key);

    public override Dictionary<string, RegistryValue> Values(string root, string key)
    {
        var profile = Find(root)!;
        var values = new Dictionary<string, RegistryValue>(profile.Written.GetValueOrDefault(key) ?? []);
        if (profile.Remembered.GetValueOrDefault(key) is string remote)
            values.TryAdd("RemotePath", new(remote, RegistryValueKind.String));
        return values;
    }

    /// <summary>What happens before a value is written.</summary>
    public Action<string, string> OnWrite { get; set; } = (_, _) => { };

    /// <summary>Every value that was written: below HKEY_USERS, the root, then the key below Network, then its name.</summary>
    public List<(string Root, string Key, string Name)> Writes { get; } = [];

    public override void Make(string root, string key) => Find(root)!.Remembered.TryAdd(key, null);

    public override void Write(string root, string key, string name, RegistryValue value)
    {
        OnWrite(key, name);
        var profile = Find(root)!;
        Writes.Add((root, key, name));
        profile.Written.TryAdd(key, []);
        profile.Written[key][name] = value;
        profile.Remembered[key] = name == "RemotePath" ? value.Data as string : profile.Remembered.GetValueOrDefault(key);
    }

    public override void Delete(string root, string key)
    {
        machine.Reach(Step.Delete, root);
        if (Find(root)!.DeleteDenied)
            throw new UnauthorizedAccessException();
        Find(root)!.Remembered.Remove(key);
        OnDeleted(key);
    }

    public override IDisposable? Hold(string root)
    {
        if (Find(root) is not FakeProfile profile)
            return null;
        return profile.HoldDenied ? throw new SecurityException() : new Nothing();
    }

    public override int Load(string root, string file)
    {
        machine.Reach(Step.Load, root);
        lock (machine)
        {
            var profile = machine.Files[file];
            if (profile.LoadError != 0)
                return profile.LoadError;
            Loads.Add((root, file));
            machine.Loaded.Add(root, profile);
        }
        OnLoaded(root);
        return 0;
    }

    public override int Unload(string root)
    {
        machine.Reach(Step.Unload, root);
        lock (machine)
            return HeldFor > 0 && !root.Contains("-copy-") ? 5 : machine.Loaded.Remove(root) ? 0 : 2;
    }

    /// <summary>What happens while the machine is waited for.</summary>
    public Action OnWait { get; set; } = () => { };

    public override void Wait(int milliseconds)
    {
        OnWait();
        HeldFor -= milliseconds;
        Thread.Sleep(milliseconds / 50);
    }

    private FakeProfile? Find(string root)
    {
        lock (machine)
            return machine.Loaded.GetValueOrDefault(root);
    }
}

internal sealed class FakeHiveFiles(FakeMachine machine) : HiveFileApi
{
    /// <summary>How often a file changes while it is copied.</summary>
    public int Changes { get; set; }

    /// <summary>The hive files that are held in place, and whose time stamps are to be put back.</summary>
    public HashSet<string> Kept { get; } = [];

    public override string? WhyNot(string folder) => machine.Files.TryGetValue(In(folder), out var profile) ? profile.WhyNot : "It is not there.";

    public override IDisposable MakeRunFolder(string run)
    {
        machine.RunFolders.Add(run);
        machine.AliveRuns.Add(run);
        return new Ending(() =>
        {
            machine.Reach(Step.End, run);
            machine.AliveRuns.Remove(run);
            DeleteRunFolder(run);
        });
    }

    public override IList<string> Runs(string prefix) => [.. machine.RunFolders];

    public override bool IsAlive(string run) => machine.AliveRuns.Contains(run);

    public override void DeleteRunFolder(string run)
    {
        lock (machine)
        {
            foreach (var copy in machine.Files.Keys.Where(file => file.StartsWith(run) && !machine.Loaded.ContainsValue(machine.Files[file])).ToList())
                machine.Files.Remove(copy);
            if (!machine.Files.Keys.Any(file => file.StartsWith(run)))
                machine.RunFolders.Remove(run);
        }
    }

    public override string? Copy(string file, string run, string name)
    {
        machine.Reach(Step.Copy, name);
        lock (machine)
        {
            var profile = machine.Files[file];
            if (profile.CopyError != 0)
                throw new Win32Exception(profile.CopyError);
            machine.Files[CopyOf(run, name)] = profile.Copy();
            return Changes-- > 0 ? null : CopyOf(run, name);
        }
    }

    public override void DeleteCopy(string run, string name)
    {
        machine.Reach(Step.DeleteCopy, name);
        lock (machine)
            if (!machine.Loaded.ContainsValue(machine.Files[CopyOf(run, name)]))
                machine.Files.Remove(CopyOf(run, name));
    }

    public override IDisposable Keep(string file)
    {
        Kept.Add(file);
        return new Ending(() => Kept.Remove(file));
    }

    private static string CopyOf(string run, string name) => In(run + @"\" + name);
}

internal sealed class FakeThreads : ThreadApi
{
    /// <summary>The managed ids of the threads whose I/O was cancelled.</summary>
    public List<int> Cancelled { get; } = [];

    public override IDisposable Current() => new FakeThread(Environment.CurrentManagedThreadId);

    public override void CancelIo(IDisposable thread) => Cancelled.Add(((FakeThread)thread).Id);

    private sealed record FakeThread(int Id) : IDisposable
    {
        public void Dispose() { }
    }
}

internal sealed class Ending(Action end) : IDisposable
{
    public void Dispose() => end();
}

internal sealed class FakeAccounts : AccountApi
{
    public override string SidOf(string account, out AccountKind kind)
    {
        kind = account switch
        {
            @"CORP\Domain Users" => (AccountKind)2,
            "Everyone" or "SYSTEM" or @"NT SERVICE\backup" or @"NT SERVICE\ALL SERVICES" => AccountKind.WellKnownGroup,
            _ => AccountKind.User
        };
        return account switch
        {
            @"CORP\user1" or "sa" => "S-1-5-21-1-2-3-1001",
            "Everyone" => "S-1-1-0",
            "SYSTEM" => FakeMachine.SystemSid,
            @"NT SERVICE\backup" => "S-1-5-80-1-2-3-4-5",
            @"NT SERVICE\ALL SERVICES" => "S-1-5-80-0",
            @"CORP\Domain Users" => "S-1-5-21-1-2-3-513",
            @"AWAY\user1" => throw new Win32Exception(1722),
            _ => throw new Win32Exception(1332)
        };
    }

    public override string? NameOf(string sid) => sid == "S-1-5-21-1-2-3-1001" ? @"CORP\user1" : null;
}

internal sealed class Nothing : IDisposable
{
    public void Dispose() { }
}
