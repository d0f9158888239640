// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System.Text;
using ansible_collections.netdrive.windows.plugins.module_utils.Accounts;
using ansible_collections.netdrive.windows.plugins.module_utils.Inventory;
using ansible_collections.netdrive.windows.plugins.module_utils.Machines;
using ansible_collections.netdrive.windows.plugins.module_utils.SourceAccess;
using ansible_collections.netdrive.windows.plugins.module_utils.Sources;
using ansible_collections.netdrive.windows.plugins.module_utils.SourceSearch;

namespace Netdrive.Tests;

/// <summary>A machine for the search for sources: its disk C: is a folder, its registry is in memory.</summary>
internal sealed class FixtureMachine : SourceApi, IDisposable
{
    public const string Anna = "S-1-5-21-1-2-3-1001";
    public const string Profile = @"C:\Users\anna";

    private readonly string folder = Directory.CreateTempSubdirectory("fixtures-").FullName;
    private readonly Dictionary<string, Dictionary<string, object>> registry = new(StringComparer.OrdinalIgnoreCase);

    public FixtureMachine()
    {
        SetKey($@"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList\{Anna}", ("ProfileImagePath", @"%SystemDrive%\Users\anna"));
        SetKey($@"HKU\{Anna}\Volatile Environment", ("USERNAME", "anna"), ("USERDOMAIN", "CORP"));
    }

    /// <summary>Every path that was opened or listed.</summary>
    public List<string> Opened { get; } = [];

    public Dictionary<string, string> Devices { get; } = new() { ["C:"] = @"\Device\HarddiskVolume3" };
    public Dictionary<string, LocalAccount> LocalAccounts { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Paths that never answer.</summary>
    public HashSet<string> Hanging { get; } = [];

    /// <summary>A key whose values take longer than a second to come.</summary>
    public string? SlowKey { get; set; }

    public void Dispose() => Directory.Delete(folder, true);

    public void Write(string path, string text, Encoding? encoding = null) => Write(path, [.. (encoding ?? new UTF8Encoding(false)).GetPreamble(), .. (encoding ?? new UTF8Encoding(false)).GetBytes(text)]);

    public void Write(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Real(path))!);
        File.WriteAllBytes(Real(path), content);
    }

    /// <summary>Makes a link on the disk.</summary>
    public void Link(string path, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Real(path))!);
        File.CreateSymbolicLink(Real(path), target);
    }

    public void SetKey(string path, params (string Name, object Value)[] values)
    {
        for (var at = path.IndexOf('\\'); at >= 0; at = path.IndexOf('\\', at + 1))
            registry.TryAdd(path[..at], new(StringComparer.OrdinalIgnoreCase));
        registry.TryAdd(path, new(StringComparer.OrdinalIgnoreCase));
        foreach (var (name, value) in values)
            registry[path][name] = value;
    }

    /// <summary>Searches for what leads to a server, with Anna's profile as the only one.</summary>
    public SourceSearch Search(string[]? remote = null, string[]? name = null, string[]? exclude = null, string root = Anna)
    {
        var options = new InventoryOptions { Users = new[] { "all" }, Remote = remote ?? (name == null ? [@"\\oldfs", @"\\oldfs.corp.example"] : null), Name = name, Exclude = exclude ?? [] };
        var machine = new Machine { Accounts = new NamelessAccounts(), Profiles = new FakeProfiles(new FakeMachine()), Threads = new FakeThreads() };
        var search = new SourceSearch(machine, this, options);
        search.Attach(options);
        options.OnProfile(new Owner { Sid = Anna }, root);
        search.ReadMachine([], []);
        search.Dispose();
        return search;
    }

    public IList<Source> Sources(string kind) => [.. Search().Sources.Where(source => source.Kind == kind)];

    public override IList<string> Keys(string path) => [.. registry.Keys.Where(key => key.StartsWith(path + @"\", StringComparison.OrdinalIgnoreCase))
        .Select(key => key[(path.Length + 1)..]).Where(key => !key.Contains('\\'))];

    public override Dictionary<string, object> Values(string path)
    {
        if (path == SlowKey)
            Thread.Sleep(1100);
        return registry.TryGetValue(path, out var values) ? values : [];
    }

    public override string? Variable(string name) => name.ToUpperInvariant() switch
    {
        "SYSTEMROOT" or "WINDIR" => @"C:\Windows",
        "SYSTEMDRIVE" => "C:",
        "PROGRAMDATA" => @"C:\ProgramData",
        "COMPUTERNAME" => "PC1",
        _ => null
    };

    public override string? DosDevice(string drive) => Devices.GetValueOrDefault(drive);

    public override FileAttributes Attributes(string path) => File.GetAttributes(Real(path));

    public override IList<FileEntry> Entries(string path)
    {
        Opened.Add(path);
        return [.. new DirectoryInfo(Real(path)).EnumerateFileSystemInfos().Select(info => new FileEntry { Name = info.Name, Attributes = info.Attributes })];
    }

    public override Stream Open(string path, int bufferSize)
    {
        Opened.Add(path);
        if (Hanging.Contains(path))
            Thread.Sleep(Timeout.Infinite);
        return new FileStream(Real(path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize);
    }

    public override LocalAccount? Account(string name) => LocalAccounts.GetValueOrDefault(name);

    /// <summary>Where a path of the machine is on this one. Windows knows no upper and lower case in names.</summary>
    private string Real(string path)
    {
        if (!path.StartsWith(@"C:\", StringComparison.OrdinalIgnoreCase))
            throw new InvalidOperationException($"{path} is outside of the machine's disk");
        var real = folder;
        foreach (var part in path[3..].Split('\\', StringSplitOptions.RemoveEmptyEntries))
            real = Directory.Exists(real) ? Directory.EnumerateFileSystemEntries(real).FirstOrDefault(entry => string.Equals(Path.GetFileName(entry), part, StringComparison.OrdinalIgnoreCase))
                ?? Path.Combine(real, part) : Path.Combine(real, part);
        return real;
    }

    private sealed class NamelessAccounts : AccountApi
    {
        public override string SidOf(string account, out AccountKind kind)
        {
            kind = AccountKind.User;
            return account == @"CORP\anna" ? Anna : throw new System.ComponentModel.Win32Exception(1332);
        }

        public override string? NameOf(string sid) => sid == Anna ? @"CORP\anna" : null;
    }
}
