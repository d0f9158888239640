// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System.ComponentModel;
using System.Security;
using Microsoft.Win32;
using ansible_collections.netdrive.windows.plugins.module_utils.Accounts;
using ansible_collections.netdrive.windows.plugins.module_utils.CleanUp;
using ansible_collections.netdrive.windows.plugins.module_utils.Inventory;
using ansible_collections.netdrive.windows.plugins.module_utils.NetworkConnections;
using ansible_collections.netdrive.windows.plugins.module_utils.Tokens;
using ansible_collections.netdrive.windows.plugins.module_utils.UserProfiles;

namespace Netdrive.Tests;

/// <summary>A machine in memory, whose every answer a test can bend.</summary>
internal sealed class FakeMachine
{
    public const string OwnSid = "S-1-5-21-1-2-3-500";
    public const string SystemSid = "S-1-5-18";

    [ThreadStatic] private static FakeSession? impersonated;

    public FakeMachine(string ownSid = OwnSid)
    {
        Own = AddSession(ownSid, 0x500, processId: 4);
        Network = new FakeNetwork(this);
        Tokens = new FakeTokens(this);
        Profiles = new FakeProfiles(this);
    }

    public FakeSession Own { get; }
    public List<FakeSession> Sessions { get; } = [];
    public Dictionary<int, FakeSession?> Processes { get; } = [];
    public Dictionary<string, FakeProfile> Loaded { get; } = new(StringComparer.OrdinalIgnoreCase);
    public Dictionary<string, FakeProfile> Hives { get; } = [];
    public FakeNetwork Network { get; }
    public FakeTokens Tokens { get; }
    public FakeProfiles Profiles { get; }

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

    public CleanUpResult Run(CleanUpOptions options, bool checkMode = false)
    {
        var machine = new Machine { Network = Network, Tokens = Tokens, Profiles = Profiles, Accounts = new FakeAccounts() };
        return CleanUp.Run(machine, options, checkMode);
    }

    public sealed class FakeToken(FakeSession session, bool sandboxed = false) : Token(null!)
    {
        public override string Sid => session.Sid;
        public override ulong LogonId => session.LogonId;
        public override int SessionId => 1;
        public override bool IsSandboxed => sandboxed;
        public override Token? Linked() => session.Linked == null ? null : new FakeToken(session.Linked);
        public override bool Holds(string privilege) => session.Privileges.Contains(privilege);

        public override void Impersonate(Action action)
        {
            if (session.CannotBeImpersonated || sandboxed)
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
    public FakeSession? Linked { get; set; }
    public bool CannotBeImpersonated { get; set; }
    public HashSet<string> Privileges { get; } = [];

    /// <summary>Its processes that are sandboxed, so that their tokens can't be worked with.</summary>
    public HashSet<int> SandboxedProcesses { get; } = [];
    public List<LiveConnection> Live { get; set; } = [];

    public void Connect(string? name, string remote) =>
        Live.Add(new LiveConnection { LocalName = name, RemoteName = remote, Provider = "Fake Network" });
}

internal sealed class FakeProfile
{
    public Dictionary<string, string> Remembered { get; } = [];
    public int LoadError { get; set; }
    public bool DeleteDenied { get; set; }
    public bool ReadDenied { get; set; }
    public bool HoldDenied { get; set; }
}

internal sealed class FakeNetwork(FakeMachine machine) : NetworkApi
{
    /// <summary>Answers in place of the real one: name, force → code; null lets the cancel happen.</summary>
    public Func<string, bool, int?> OnCancel { get; set; } = (_, _) => null;
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
                profile.Remembered.Remove(name.TrimEnd(':'));
            var removed = machine.Session.Live.RemoveAll(live => (live.LocalName ?? live.RemoteName) == name);
            return removed == 0 ? 2250 : 0;
        }
    }

    public override string? RemoteOf(string device)
    {
        lock (machine)
            return SpellRemote(machine.Session.Live.Find(live => live.LocalName == device)?.RemoteName);
    }

    public override string? UserOf(string name) => null;

    public override int LastError(out int code, out string text, out string provider)
    {
        (code, text, provider) = ProviderError;
        return 0;
    }
}

internal sealed class FakeTokens(FakeMachine machine) : TokenApi
{
    public bool HoldsDebugPrivilege { get; set; } = true;

    public override Token Own() => new FakeMachine.FakeToken(machine.Own);

    public override IList<int> Processes() => [.. machine.Processes.Keys];

    public override Token? OfProcess(int processId) => machine.Processes[processId] is FakeSession session
        ? new FakeMachine.FakeToken(session, session.SandboxedProcesses.Contains(processId)) : null;

    public override IDisposable Enable(params string[] privileges) =>
        HoldsDebugPrivilege || !privileges.Contains("SeDebugPrivilege") ? new Nothing() : throw new Win32Exception(1300);
}

internal sealed class FakeProfiles(FakeMachine machine) : ProfileApi
{
    public int UnloadError { get; set; }
    public Action<string> OnLoaded { get; set; } = _ => { };
    public Action<string> OnDeleted { get; set; } = _ => { };

    public override IList<string> Roots() => [.. machine.Loaded.Keys];

    public override IList<string> Sids() => [.. machine.Hives.Keys];

    public override string? HiveFile(string sid) => machine.Hives.ContainsKey(sid) ? sid : null;

    public override string? UserName(string root) => null;

    public override IList<RememberedConnection> Remembered(string root)
    {
        if (!machine.Loaded.TryGetValue(root, out var profile))
            return [];
        if (profile.ReadDenied)
            throw new UnauthorizedAccessException();
        return [.. profile.Remembered.Select(entry => new RememberedConnection(entry.Key, entry.Value))];
    }

    public override string? RemoteName(string root, string key) => machine.Loaded[root].Remembered.GetValueOrDefault(key);

    public override Dictionary<string, RegistryValue> Values(string root, string key) =>
        new() { ["RemotePath"] = new(machine.Loaded[root].Remembered[key], RegistryValueKind.String) };

    public override void Delete(string root, string key)
    {
        if (machine.Loaded[root].DeleteDenied)
            throw new UnauthorizedAccessException();
        machine.Loaded[root].Remembered.Remove(key);
        OnDeleted(key);
    }

    public override IDisposable? Hold(string root)
    {
        if (!machine.Loaded.TryGetValue(root, out var profile))
            return null;
        return profile.HoldDenied ? throw new SecurityException() : new Nothing();
    }

    public override int Load(string root, string file)
    {
        if (machine.Hives[file].LoadError != 0)
            return machine.Hives[file].LoadError;
        machine.Loaded.Add(root, machine.Hives[file]);
        OnLoaded(root);
        return 0;
    }

    public override int Unload(string root)
    {
        if (UnloadError != 0)
            return UnloadError;
        machine.Loaded.Remove(root);
        return 0;
    }
}

internal sealed class FakeAccounts : AccountApi
{
    public override string SidOf(string account, out AccountKind kind)
    {
        kind = account == @"CORP\Domain Users" ? AccountKind.Group : AccountKind.User;
        return account switch
        {
            @"CORP\user1" or "sa" => "S-1-5-21-1-2-3-1001",
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
