// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System.Diagnostics;
using System.Text;
using ansible_collections.netdrive.windows.plugins.module_utils.Inventory;
using ansible_collections.netdrive.windows.plugins.module_utils.MachineFiles;
using ansible_collections.netdrive.windows.plugins.module_utils.Secrets;
using ansible_collections.netdrive.windows.plugins.module_utils.Sources;
using Xunit;

namespace Netdrive.Tests;

public sealed class SourceTests : IDisposable
{
    private const string Anna = FixtureMachine.Anna;
    private const string Profile = FixtureMachine.Profile;
    private const string Policy = "{11111111-2222-3333-4444-555555555555}";
    private const string CurrentVersion = @"Software\Microsoft\Windows\CurrentVersion";
    private const string History = $@"{Profile}\AppData\Local\Microsoft\Group Policy\History\{Policy}\{Anna}\Preferences";
    private const string MachineHistory = $@"C:\ProgramData\Microsoft\Group Policy\History\{Policy}";
    private const string Tasks = @"C:\Windows\System32\Tasks";

    private readonly FixtureMachine machine = new();

    public void Dispose() => machine.Dispose();

    private static string Drives(string items) => $"<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<Drives clsid=\"{{8FDDCC1A-0C3C-43cd-A6B4-71A6DF20DA8C}}\">{items}</Drives>";

    private static string Drive(string properties, string more = "", string attributes = "") =>
        $"<Drive clsid=\"{{935D1B74-9CB8-4e3c-9914-7DD559B7A417}}\" name=\"H:\" {attributes}><Properties {properties}/>{more}</Drive>";

    private Source Single(string kind) => Assert.Single(machine.Search().Sources, source => source.Kind == kind);

    private NotExamined NotExamined(string kind) => Assert.Single(machine.Search().NotExamined, entry => entry.Kind == kind);

    // ------------------------------------------------------------------------------------------------ drive maps

    [Theory]
    [InlineData("action=\"U\" letter=\"H\" useLetter=\"1\" path=\"\\\\oldfs\\home\" persistent=\"1\"", "H:", Certainty.Sure)]
    [InlineData("path=\"\\\\OLDFS\\home\" LETTER=\"h:\" persistent=\"0\" action=\"r\"", "H:", Certainty.Sure)]
    [InlineData("letter=\"H\" path=\"\\\\oldfs.corp.example\\home\\\" unknown=\"?\" thisDrive=\"USE\"", "H:", Certainty.Sure)]
    [InlineData("action=\"C\" letter=\"H\" useLetter=\"0\" path=\"\\\\oldfs\\home\"", null, Certainty.Sure)]
    [InlineData("action=\"U\" letter=\"H\" path=\"\\\\oldfs\\home\" policyApplied=\"1\"", "H:", Certainty.Sure)]
    [InlineData("action=\"U\" letter=\"H\" path=\"\\\\oldfs\\home\" policyApplied=\"0\"", "H:", Certainty.Likely)]
    [InlineData("action=\"U\" letter=\"H\" path=\"\\\\oldfs\\%LogonUser%\"", "H:", Certainty.Sure)]
    public void A_drive_map_that_was_applied_comes_back(string properties, string? letter, Certainty certainty)
    {
        machine.Write($@"{History}\Drives\Drives.xml", Drives(Drive(properties)));
        var source = Single("gpp_drive");
        Assert.Equal((letter, certainty, "user", Anna, @"CORP\anna", Policy), (source.Name, source.Certainty, source.Affected.Scope, source.Affected.Sid, source.User, source.Policy.Id));
        Assert.Equal($@"{History}\Drives\Drives.xml", source.Where);
    }

    [Theory]
    [InlineData("action=\"D\" letter=\"H\" path=\"\\\\oldfs\\home\"")]
    [InlineData("action=\"U\" letter=\"H\" path=\"\"")]
    [InlineData("action=\"U\" letter=\"H\"")]
    [InlineData("action=\"U\" letter=\"H\" path=\"\\\\oldfs2\\home\"")]
    [InlineData("action=\"U\" letter=\"H\" path=\"\\\\newfs\\oldfs\"")]
    [InlineData("action=\"U\" letter=\"H\" path=\"V:\"")]
    [InlineData("action=\"U\" letter=\"H\" path=\"Network Share\"")]
    public void A_drive_map_that_maps_nothing_of_the_server_is_none(string properties)
    {
        machine.Write($@"{History}\Drives\Drives.xml", Drives(Drive(properties)));
        Assert.Empty(machine.Sources("gpp_drive"));
    }

    [Theory]
    [InlineData("disabled=\"1\"", "")]
    [InlineData("", "disabled=\"1\"")]
    public void A_drive_map_that_is_disabled_is_a_hint(string ofItem, string ofAll)
    {
        machine.Write($@"{History}\Drives\Drives.xml", Drives(Drive("letter=\"H\" path=\"\\\\oldfs\\home\"", attributes: ofItem)).Replace("<Drives ", $"<Drives {ofAll} "));
        var source = Single("gpp_drive");
        Assert.Equal(Certainty.Hint, source.Certainty);
        Assert.Equal(["disabled"], source.Conditional);
    }

    [Fact]
    public void Filters_are_named_and_not_evaluated()
    {
        machine.Write($@"{History}\Drives\Drives.xml", Drives(Drive("letter=\"H\" path=\"\\\\oldfs\\home\"",
            "<Filters><FilterCollection bool=\"AND\" not=\"0\"><FilterGroup bool=\"AND\" not=\"1\" name=\"CORP\\Sales\"/><FilterOs bool=\"OR\" not=\"0\"/></FilterCollection><FilterGroup bool=\"AND\" not=\"0\"/></Filters>")));
        var source = Single("gpp_drive");
        Assert.Equal(Certainty.Likely, source.Certainty);
        Assert.Equal(["FilterCollection", "FilterGroup", "FilterOs"], source.Conditional);
    }

    [Fact]
    public void Any_encoding_and_comments_are_read()
    {
        var text = Drives("<!-- " + Drive("letter=\"X\" path=\"\\\\oldfs\\never\"") + " -->" + Drive("\r\n  letter=\"H\"\r\n  path=\"\\\\oldfs\\home\"\r\n"));
        foreach (var encoding in new Encoding[] { new UTF8Encoding(true), new UTF8Encoding(false), Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            machine.Write($@"{History}\Drives\Drives.xml", text, encoding);
            Assert.Equal("H:", Single("gpp_drive").Name);
        }
        machine.Write($@"{History}\Drives\Drives.xml", Encoding.Unicode.GetBytes(text));
        Assert.Equal("H:", Single("gpp_drive").Name);
    }

    [Fact]
    public void The_machine_s_own_tree_says_whose_a_drive_map_is_and_the_registry_what_the_policy_is_called()
    {
        machine.Write($@"{MachineHistory}\{Anna}\Preferences\Drives\Drives.xml", Drives(Drive("letter=\"H\" path=\"\\\\oldfs\\home\"")));
        machine.SetKey($@"HKU\{Anna}\{CurrentVersion}\Group Policy\History\{{5794DAFD-BE60-433f-88A2-1A31939AC01F}}\0", ("DisplayName", "Laufwerke für alle"), ("GPOName", Policy));
        var source = Single("gpp_drive");
        Assert.Equal((Anna, "Laufwerke für alle", Policy), (source.Affected.Sid, source.Policy.Name, source.Policy.Id));
    }

    [Theory]
    [InlineData($@"{Profile}\AppData\Local\GroupPolicy\DataStore")]
    [InlineData($@"C:\ProgramData\Microsoft\GroupPolicy\Users\{Anna}\DataStore")]
    [InlineData(@"C:\Windows\System32\GroupPolicy\DataStore")]
    public void A_cached_drive_map_is_likely(string store)
    {
        machine.Write($@"{store}\0\SysVol\corp.example\Policies\{Policy}\User\Preferences\Drives\Drives.xml", Drives(Drive("letter=\"H\" path=\"\\\\oldfs\\home\"")));
        Assert.Equal(Certainty.Likely, Single("gpp_cache_drive").Certainty);
    }

    [Fact]
    public void A_letter_is_enough_to_select_a_drive_map_and_an_exclusion_to_leave_it_out()
    {
        machine.Write($@"{History}\Drives\Drives.xml", Drives(Drive("letter=\"H\" path=\"\\\\any\\home\"")));
        Assert.Contains(machine.Search(remote: [@"\\any"]).Sources, source => source.Kind == "gpp_drive");
        Assert.DoesNotContain(machine.Search(remote: [@"\\any"], exclude: [@"\\*\home"]).Sources, source => source.Kind == "gpp_drive");
    }

    [Fact]
    public void A_password_of_a_drive_map_is_not_shown()
    {
        machine.Write($@"{History}\Drives\Drives.xml", Drives(Drive("letter=\"H\" path=\"\\\\oldfs\\home\" userName=\"CORP\\svc\" cpassword=\"j1Uyj3Vx8TY9LtLZil2uAuZkFQA\"")));
        Assert.DoesNotContain("j1Uyj3", string.Join("|", Single("gpp_drive").ToResult().Values));
    }

    [Theory]
    [InlineData("Printers", "<Printers><SharedPrinter name=\"p\"><Properties action=\"U\" path=\"\\\\oldfs\\printer\"/></SharedPrinter></Printers>", Certainty.Likely)]
    [InlineData("Registry", "<RegistrySettings><Registry name=\"RemotePath\"><Properties action=\"U\" hive=\"HKEY_CURRENT_USER\" key=\"Network\\H\" name=\"RemotePath\" type=\"REG_SZ\" value=\"\\\\oldfs\\home\"/></Registry></RegistrySettings>", Certainty.Likely)]
    [InlineData("ScheduledTasks", "<ScheduledTasks><Task name=\"t\"><Properties action=\"C\" appName=\"net.exe\" args=\"use H: \\\\oldfs\\home\"/></Task></ScheduledTasks>", Certainty.Likely)]
    [InlineData("ScheduledTasks", "<ScheduledTasks><TaskV2 name=\"t\"><Properties action=\"C\"><Task><Actions><Exec><Command>cmd</Command><Arguments>/c net use H: \\\\oldfs\\home</Arguments></Exec></Actions></Task></Properties></TaskV2></ScheduledTasks>", Certainty.Likely)]
    [InlineData("Shortcuts", "<Shortcuts><Shortcut name=\"s\"><Properties action=\"U\" targetPath=\"\\\\oldfs\\x\" shortcutPath=\"%StartUpDir%\\x\"/></Shortcut></Shortcuts>", Certainty.Likely)]
    [InlineData("Shortcuts", "<Shortcuts><Shortcut name=\"s\"><Properties action=\"U\" targetPath=\"\\\\oldfs\\x\" shortcutPath=\"%DesktopDir%\\x\"/></Shortcut></Shortcuts>", Certainty.Hint)]
    public void Other_preferences_of_a_policy_are_looked_through(string folder, string xml, Certainty certainty)
    {
        machine.Write($@"{History}\{folder}\{folder}.xml", xml);
        Assert.Equal(certainty, Single("gpp_other").Certainty);
        machine.Write($@"{History}\{folder}\{folder}.xml", xml.Replace("action=\"U\"", "action=\"D\"").Replace("action=\"C\"", "action=\"D\""));
        Assert.Empty(machine.Sources("gpp_other"));
    }

    [Fact]
    public void A_policy_that_writes_a_remembered_drive_is_likely()
    {
        machine.Write($@"{Profile}\ntuser.pol", RegistryFile(("Software\\Other", "X", "1"), ("Network\\H", "RemotePath", @"\\oldfs\home"), ("Network\\K", "RemotePath", @"\\keep\k")));
        var source = Single("policy_network_key");
        Assert.Equal(("H:", @"\\oldfs\home", Certainty.Likely), (source.Name, source.Remote, source.Certainty));
    }

    private static byte[] RegistryFile(params (string Key, string Name, string Value)[] values)
    {
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file, Encoding.Unicode);
        writer.Write(0x67655250);
        writer.Write(1);
        foreach (var (key, name, value) in values)
        {
            var data = Encoding.Unicode.GetBytes(value + '\0');
            writer.Write($"[{key}\0;{name}\0;".ToCharArray());
            writer.Write(1);
            writer.Write(';');
            writer.Write(data.Length);
            writer.Write(';');
            writer.Write(data);
            writer.Write(']');
        }
        return file.ToArray();
    }

    // --------------------------------------------------------------------------------------------------- scripts

    private void SetScript(string root, string fileSysPath, string script, string parameters = "", string id = $"cn={Policy},cn=policies,cn=system,DC=corp,DC=example", string? name = "Anmeldeskripte")
    {
        machine.SetKey($@"{root}\0", [("GPO-ID", id), ("FileSysPath", fileSysPath), ("GPOName", Policy), .. name == null ? [] : new[] { ("DisplayName", (object)name) }]);
        machine.SetKey($@"{root}\0\0", ("Script", script), ("Parameters", parameters), ("IsPowershell", 0), ("ExecTime", new byte[16]));
    }

    private static string LogonScripts => $@"HKU\{Anna}\{CurrentVersion}\Group Policy\Scripts\Logon";

    [Fact]
    public void A_logon_script_in_SYSVOL_is_read_from_the_cache()
    {
        SetScript(LogonScripts, $@"\\corp.example\SysVol\corp.example\Policies\{Policy}\User", "map.bat");
        machine.Write($@"C:\ProgramData\Microsoft\GroupPolicy\Users\{Anna}\DataStore\0\SysVol\corp.example\Policies\{Policy}\User\Scripts\Logon\map.bat", @"net use H: \\oldfs\home");
        var source = Single("gpo_logon_script");
        Assert.Equal((Certainty.Sure, "H:", "Anmeldeskripte", $@"\\corp.example\SysVol\corp.example\Policies\{Policy}\User\Scripts\Logon\map.bat", @"net use H: \\oldfs\home"),
            (source.Certainty, source.Name, source.Policy.Name, source.Where, source.Evidence));
    }

    [Theory]
    [InlineData($@"C:\ProgramData\Microsoft\GroupPolicy\Users\{Anna}\DataStore", "User", "Logon", "scripts.ini", "user")]
    [InlineData($@"{Profile}\AppData\Local\GroupPolicy\DataStore", "User", "Logon", "psscripts.ini", "user")]
    [InlineData(@"C:\Windows\System32\GroupPolicy\DataStore", "User", "Logon", "scripts.ini", "machine")]
    [InlineData(@"C:\Windows\System32\GroupPolicy\DataStore", "Machine", "Startup", "scripts.ini", "machine")]
    public void A_script_of_a_policy_that_only_the_cache_has_is_likely(string store, string part, string occasion, string ini, string scope)
    {
        var name = ini[0] == 'p' ? "map.ps1" : "map.bat";
        var scripts = $@"{store}\0\SysVol\corp.example\Policies\{Policy}\{part}\Scripts";
        machine.Write($@"{scripts}\{ini}", $"[{occasion}]\r\n0CmdLine={name}\r\n0Parameters=\r\n1CmdLine=gone.bat\r\n2CmdLine=\"\"\r\n[Logoff]\r\n0CmdLine=off.bat\r\n", Encoding.Unicode);
        machine.Write($@"{scripts}\{occasion}\{name}", @"net use H: \\oldfs\home");
        var source = Single("gpo_logon_script");
        Assert.Equal((Certainty.Likely, "H:", scope, Policy, null, $@"\\corp.example\SysVol\corp.example\Policies\{Policy}\{part}\Scripts\{occasion}\{name}"),
            (source.Certainty, source.Name, source.Affected.Scope, source.Policy.Id, source.Policy.Name, source.Where));
        Assert.EndsWith("gone.bat", NotExamined("script").Path);
    }

    [Fact]
    public void A_limit_that_a_script_reaches_is_told_with_what_was_found()
    {
        var scripts = $@"C:\Windows\System32\GroupPolicy\DataStore\0\SysVol\corp.example\Policies\{Policy}\User\Scripts";
        machine.Write($@"{scripts}\scripts.ini", "[Logon]\r\n0CmdLine=map.bat\r\n0Parameters=\r\n", Encoding.Unicode);
        machine.Write($@"{scripts}\Logon\map.bat", $"for %%d in ({string.Join(" ", Enumerable.Range(1, 27))}) do ver\r\nnet use H: \\\\oldfs\\home");
        Assert.Equal("H:", Single("gpo_logon_script").Name);
        Assert.Equal("has a loop with more than 26 values", NotExamined("script").Reason);
    }

    [Fact]
    public void A_cached_script_that_the_registry_has_is_told_once()
    {
        SetScript(LogonScripts, $@"\\corp\SysVol\corp.example\Policies\{Policy}\User", "map.bat");
        foreach (var store in new[] { $@"C:\ProgramData\Microsoft\GroupPolicy\Users\{Anna}", @"C:\Windows\System32\GroupPolicy" })
        {
            machine.Write($@"{store}\DataStore\0\SysVol\corp.example\Policies\{Policy}\User\Scripts\scripts.ini", "[Logon]\r\n0CmdLine=map.bat\r\n");
            machine.Write($@"{store}\DataStore\0\SysVol\corp.example\Policies\{Policy}\User\Scripts\Logon\map.bat", @"net use H: \\oldfs\home");
        }
        Assert.Equal(Certainty.Sure, Single("gpo_logon_script").Certainty);
    }

    [Fact]
    public void A_policy_with_a_broken_file_hides_no_other()
    {
        machine.Write(@"C:\Windows\System32\GroupPolicy\Machine\Scripts\scripts.ini", [.. Enumerable.Range(0, 64).Select(i => (byte)(i % 8))]);
        machine.Write(@"C:\Windows\System32\GroupPolicy\User\Scripts\scripts.ini", "[Logon]\r\n0CmdLine=map.bat\r\n");
        machine.Write(@"C:\Windows\System32\GroupPolicy\User\Scripts\Logon\map.bat", @"net use H: \\oldfs\home");
        Assert.Equal("H:", Single("local_gpo_script").Name);
        Assert.Equal(@"C:\Windows\System32\GroupPolicy\Machine\Scripts\scripts.ini", NotExamined("policy").Path);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public void A_policy_without_a_name_has_none(string? name)
    {
        SetScript(LogonScripts, "", @"\\oldfs\netlogon\map.bat", name: name);
        machine.Write($@"{History}\Drives\Drives.xml", Drives(Drive("letter=\"H\" path=\"\\\\oldfs\\home\"")));
        machine.SetKey($@"HKU\{Anna}\{CurrentVersion}\Group Policy\History\{{5794DAFD-BE60-433f-88A2-1A31939AC01F}}\0", [("GPOName", Policy), .. name == null ? [] : new[] { ("DisplayName", (object)name) }]);
        foreach (var kind in new[] { "gpo_logon_script", "gpp_drive" })
        {
            Assert.Equal((null, Policy), (Single(kind).Policy.Name, Single(kind).Policy.Id));
            Assert.Null(((Dictionary<string, object>)Single(kind).ToResult()["policy"])["name"]);
        }
    }

    [Fact]
    public void A_logon_script_that_is_only_on_the_network_was_not_examined()
    {
        SetScript(LogonScripts, $@"\\corp.example\SysVol\corp.example\Policies\{Policy}\User", "map.bat");
        Assert.Equal($@"\\corp.example\SysVol\corp.example\Policies\{Policy}\User\Scripts\Logon\map.bat", NotExamined("script").Path);
        Assert.All(machine.Opened, path => Assert.StartsWith(@"C:\", path));
    }

    [Fact]
    public void A_logon_script_that_lies_on_the_server_is_sure_and_is_not_looked_at()
    {
        SetScript(LogonScripts, "", @"\\oldfs\netlogon\map.bat");
        Assert.Equal((Certainty.Sure, @"\\oldfs\netlogon\map.bat"), (Single("gpo_logon_script").Certainty, Single("gpo_logon_script").Remote));
        Assert.DoesNotContain(machine.Search().NotExamined, entry => entry.Kind == "script");
    }

    [Theory]
    [InlineData("map.bat", @"cscript //nologo \\corp.example\netlogon\map.vbs", @"\\corp.example\netlogon\map.vbs")]
    [InlineData("map.bat", @"@kix32 map.kix", @"C:\Scripts\map.kix")]
    [InlineData("map.bat", @"call %~dp0more.bat", @"C:\Scripts\more.bat")]
    [InlineData("map.bat", @"\\corp.example\netlogon\more.bat", @"\\corp.example\netlogon\more.bat")]
    [InlineData("map.vbs", @"sh.Run ""\\corp.example\netlogon\more.bat""", @"\\corp.example\netlogon\more.bat")]
    [InlineData("map.ps1", @"& '\\corp.example\netlogon\more.ps1'", @"\\corp.example\netlogon\more.ps1")]
    public void A_script_that_another_one_calls_was_not_examined(string name, string text, string path)
    {
        SetScript(LogonScripts, @"C:\Windows", $@"C:\Scripts\{name}");
        machine.Write($@"C:\Scripts\{name}", text);
        Assert.Equal(path, NotExamined("script").Path);
        Assert.Contains($@"is called by another script: C:\Scripts\{name}", NotExamined("script").Reason);
    }

    [Theory]
    [InlineData("copy \\\\corp.example\\x\\map.bat C:\\")]
    [InlineData("rem call map.bat")]
    [InlineData("if exist map.bat ver")]
    [InlineData("call \\\\oldfs\\netlogon\\map.bat")]
    public void A_script_that_is_not_called_or_lies_on_the_server_is_none(string text)
    {
        SetScript(LogonScripts, @"C:\Windows", @"C:\Scripts\map.bat");
        machine.Write(@"C:\Scripts\map.bat", text);
        Assert.DoesNotContain(machine.Search().NotExamined, entry => entry.Kind == "script");
    }

    [Fact]
    public void The_surest_of_several_counts()
    {
        machine.Write($@"{History}\Drives\Drives.xml", Drives(Drive("letter=\"H\" path=\"\\\\oldfs\\home\"", attributes: "disabled=\"1\"") + Drive("letter=\"H\" path=\"\\\\oldfs\\home\"")));
        Assert.Equal((Certainty.Sure, 0), (Single("gpp_drive").Certainty, Single("gpp_drive").Conditional.Count));
    }

    [Theory]
    [InlineData("init_script")]
    [InlineData("scheduled_task")]
    public void A_command_that_names_the_server_is_sure(string kind)
    {
        if (kind == "init_script")
            machine.SetKey($@"HKU\{Anna}\Environment", ("UserInitMprLogonScript", @"robocopy \\oldfs\x C:\x"));
        else
            machine.Write($@"{Tasks}\Map", Task("", @"<Command>robocopy</Command><Arguments>\\oldfs\x C:\x</Arguments>"));
        Assert.Equal((Certainty.Sure, null), (Single(kind).Certainty, Single(kind).Name));
    }

    [Fact]
    public void A_script_that_several_have_is_opened_once_and_read_with_the_variables_of_each()
    {
        machine.SetKey($@"HKU\{Anna}\{CurrentVersion}\Run", ("Map", @"C:\Scripts\map.cmd"), ("Same", @"C:\Scripts\hangs.cmd"));
        machine.SetKey($@"HKLM\{CurrentVersion}\Run", ("Map", @"C:\Scripts\map.cmd"), ("Same", @"C:\Scripts\hangs.cmd"));
        machine.Write(@"C:\Scripts\map.cmd", "net use H: \\\\oldfs\\%username%\r\ncall more.cmd\r\n");
        machine.Write(@"C:\Scripts\hangs.cmd", "");
        machine.Hanging.Add(@"C:\Scripts\hangs.cmd");
        var search = machine.Search();
        Assert.Equal([@"\\oldfs\%username%", @"\\oldfs\anna"], search.Sources.Select(source => source.Remote).Order());
        Assert.Equal([null, Anna], search.NotExamined.Where(entry => entry.Path == @"C:\Scripts\more.cmd").Select(entry => entry.Owner.Sid).Order());
        Assert.Equal([null, Anna], search.NotExamined.Where(entry => entry.Path == @"C:\Scripts\hangs.cmd").Select(entry => entry.Owner.Sid).Order());
        Assert.Equal([@"C:\Scripts\hangs.cmd", @"C:\Scripts\map.cmd"], machine.Opened.Where(path => path.StartsWith(@"C:\Scripts")).Order());
    }

    [Fact]
    public void A_script_that_two_local_policies_run_is_told_of_both()
    {
        SetScript(LogonScripts, @"C:\Windows\System32\GroupPolicy\User", @"C:\Scripts\map.cmd", id: "LocalGPO");
        SetScript($@"HKLM\{CurrentVersion}\Group Policy\Scripts\Startup", @"C:\Windows\System32\GroupPolicy\Machine", @"C:\Scripts\map.cmd", id: "LocalGPO");
        machine.Write(@"C:\Scripts\map.cmd", @"net use H: \\oldfs\home");
        Assert.Equal(["machine", "user"], machine.Sources("local_gpo_script").Select(source => source.Affected.Scope).Order());
    }

    [Fact]
    public void A_startup_script_is_the_machine_s()
    {
        SetScript($@"HKLM\{CurrentVersion}\Group Policy\Scripts\Startup", @"C:\Windows\System32\GroupPolicy\Machine", @"C:\Scripts\start.cmd");
        machine.Write(@"C:\Scripts\start.cmd", @"copy \\oldfs\x C:\");
        Assert.Equal(("machine", Certainty.Likely), (Single("gpo_logon_script").Affected.Scope, Single("gpo_logon_script").Certainty));
    }

    [Fact]
    public void A_script_of_the_local_policy_is_told_once()
    {
        machine.Write(@"C:\Windows\System32\GroupPolicy\User\Scripts\scripts.ini", "\r\n[Logon]\r\n0CmdLine=map.bat\r\n0Parameters=now\r\n[Logoff]\r\n0CmdLine=off.bat\r\n", Encoding.Unicode);
        machine.Write(@"C:\Windows\System32\GroupPolicy\User\Scripts\Logon\map.bat", @"net use H: \\oldfs\home");
        machine.Write(@"C:\Windows\System32\GroupPolicy\User\Scripts\Logon\off.bat", @"net use X: \\oldfs\home");
        SetScript(LogonScripts, @"C:\Windows\System32\GroupPolicy\User", "map.bat", id: "LocalGPO");
        Assert.Equal(("H:", Certainty.Sure), (Single("local_gpo_script").Name, Single("local_gpo_script").Certainty));
    }

    // ------------------------------------------------------------------------------------------------- autostart

    [Theory]
    [InlineData(@"net use H: \\oldfs\home", Certainty.Sure)]
    [InlineData(@"%USERPROFILE%\map.cmd", Certainty.Likely)]
    public void The_init_script(string value, Certainty certainty)
    {
        machine.SetKey($@"HKU\{Anna}\Environment", ("UserInitMprLogonScript", value));
        machine.Write($@"{Profile}\map.cmd", @"net use H: \\oldfs\home");
        Assert.Equal((certainty, $@"HKU\{Anna}\Environment"), (Single("init_script").Certainty, Single("init_script").Where));
    }

    [Theory]
    [InlineData($@"HKU\{Anna}\{CurrentVersion}\Run", "user")]
    [InlineData($@"HKU\{Anna}\{CurrentVersion}\RunOnce", "user")]
    [InlineData($@"HKU\{Anna}\{CurrentVersion}\Policies\Explorer\Run", "user")]
    [InlineData($@"HKLM\{CurrentVersion}\Run", "machine")]
    [InlineData(@"HKLM\Software\WOW6432Node\Microsoft\Windows\CurrentVersion\Run", "machine")]
    public void A_run_entry_is_likely(string key, string scope)
    {
        machine.SetKey(key, ("Map", @"cmd /c net use H: \\oldfs\home"), ("Other", @"C:\Program Files\OneDrive.exe"));
        Assert.Equal((Certainty.Likely, scope, key), (Single("run_entry").Certainty, Single("run_entry").Affected.Scope, Single("run_entry").Where));
    }

    [Fact]
    public void A_script_behind_a_program_is_known_without_quotes()
    {
        machine.SetKey($@"HKLM\{CurrentVersion}\Run", ("Map", @"C:\Windows\System32\wscript.exe \\keep\netlogon\a.vbs"));
        Assert.Equal(@"\\keep\netlogon\a.vbs", NotExamined("script").Path);
    }

    [Fact]
    public void A_script_that_is_run_twice_is_looked_at_with_each_of_its_parameters()
    {
        machine.Write(@"C:\Windows\System32\GroupPolicy\User\Scripts\scripts.ini", "[Logon]\r\n0CmdLine=map.bat\r\n0Parameters=\\\\oldfs\\a\r\n1CmdLine=map.bat\r\n1Parameters=\\\\oldfs\\b\r\n", Encoding.Unicode);
        Assert.Equal([@"\\oldfs\a", @"\\oldfs\b"], machine.Sources("local_gpo_script").Select(source => source.Remote).Order());
    }

    [Fact]
    public void A_drive_map_that_runs_once_and_has_run_is_a_hint()
    {
        machine.SetKey($@"HKU\{Anna}\Software\Microsoft\Group Policy\Client\RunOnce", ("{AAAAAAAA-0000-0000-0000-000000000001}", "x"));
        machine.Write($@"{History}\Drives\Drives.xml", Drives(Drive("letter=\"H\" path=\"\\\\oldfs\\home\"",
            "<Filters><FilterRunOnce hidden=\"1\" not=\"0\" bool=\"AND\" id=\"{AAAAAAAA-0000-0000-0000-000000000001}\"/></Filters>")));
        Assert.Equal(Certainty.Hint, Single("gpp_drive").Certainty);
    }

    [Fact]
    public void A_run_entry_that_is_switched_off_is_a_hint()
    {
        machine.SetKey($@"HKU\{Anna}\{CurrentVersion}\Run", ("Map", @"cmd /c net use H: \\oldfs\home"));
        machine.SetKey($@"HKU\{Anna}\{CurrentVersion}\Explorer\StartupApproved\Run", ("Map", new byte[] { 3, 0, 0, 0 }));
        Assert.Equal(Certainty.Hint, Single("run_entry").Certainty);
    }

    [Fact]
    public void The_Startup_folder_with_scripts_and_shortcuts()
    {
        var startup = $@"{Profile}\AppData\Roaming\Microsoft\Windows\Start Menu\Programs\Startup";
        machine.Write($@"{startup}\map.bat", @"net use H: \\oldfs\home");
        machine.Write($@"{startup}\tool.lnk", LinkTests.Link(@"\\oldfs\tools", "T:", "tool.exe"));
        machine.Write($@"{startup}\page.url", "[InternetShortcut]\r\nURL=file://oldfs/page/index.htm\r\n");
        machine.Write($@"{startup}\desktop.ini", "[x]");
        machine.Write($@"{startup}\broken.lnk", "no link");
        Assert.Equal([@"\\oldfs\home", @"\\oldfs\page\index.htm", @"\\oldfs\tools\tool.exe"], machine.Sources("startup_item").Select(source => source.Remote).Order());
        Assert.All(machine.Sources("startup_item"), source => Assert.Equal(Certainty.Likely, source.Certainty));
        Assert.Equal($@"{startup}\broken.lnk", NotExamined("link").Path);
    }

    // ----------------------------------------------------------------------------------------------------- tasks

    private static string Task(string principal, string exec, string settings = "<Enabled>true</Enabled>", string triggers = "<LogonTrigger><Enabled>true</Enabled></LogonTrigger>") =>
        $"<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\"><Triggers>{triggers}</Triggers>"
        + $"<Principals><Principal id=\"Author\">{principal}</Principal></Principals><Settings>{settings}</Settings><Actions Context=\"Author\"><Exec>{exec}</Exec></Actions></Task>";

    [Theory]
    [InlineData("<UserId>S-1-5-18</UserId>", "machine", "S-1-5-18")]
    [InlineData($"<UserId>{Anna}</UserId>", "user", Anna)]
    [InlineData(@"<UserId>CORP\anna</UserId>", "user", Anna)]
    [InlineData("<GroupId>S-1-5-32-545</GroupId>", "group", "S-1-5-32-545")]
    public void A_task_that_names_the_server(string principal, string scope, string sid)
    {
        machine.Write($@"{Tasks}\Map", Task(principal, @"<Command>net.exe</Command><Arguments>use H: \\oldfs\home</Arguments>"), Encoding.Unicode);
        var source = Single("scheduled_task");
        Assert.Equal((Certainty.Sure, "H:", scope, sid, $@"{Tasks}\Map"), (source.Certainty, source.Name, source.Affected.Scope, source.Affected.Sid, source.Where));
    }

    [Fact]
    public void A_task_s_script_is_followed_for_one_level()
    {
        machine.Write($@"{Tasks}\Folder\Map", Task("<GroupId>S-1-5-32-545</GroupId>", @"<Command>wscript.exe</Command><Arguments>""C:\Program Data\run.vbs"" ""C:\Program Data\map.ps1""</Arguments>"), Encoding.Unicode);
        machine.Write(@"C:\Program Data\map.ps1", @"New-PSDrive -Name H -PSProvider FileSystem -Root \\oldfs\home -Persist");
        var source = Single("scheduled_task");
        Assert.Equal((Certainty.Likely, "H:", @"C:\Program Data\map.ps1: New-PSDrive -Name H -PSProvider FileSystem -Root \\oldfs\home -Persist"), (source.Certainty, source.Name, source.Evidence));
    }

    [Theory]
    [InlineData("<Enabled>false</Enabled>", "<LogonTrigger/>", Certainty.Hint, "disabled")]
    [InlineData("<Enabled>true</Enabled>", "<LogonTrigger><Enabled>false</Enabled></LogonTrigger>", Certainty.Likely, "its triggers are disabled")]
    [InlineData("", "", Certainty.Likely, "runs only on demand")]
    public void A_task_that_may_not_run_is_never_sure(string settings, string triggers, Certainty certainty, string condition)
    {
        machine.Write($@"{Tasks}\Map", Task("", @"<Command>net</Command><Arguments>use H: \\oldfs\home</Arguments>", settings, triggers), Encoding.Unicode);
        Assert.Equal((certainty, condition), (Single("scheduled_task").Certainty, Assert.Single(Single("scheduled_task").Conditional)));
    }

    // --------------------------------------------------------------------------------------- machine and profile

    [Fact]
    public void What_connects_the_machine()
    {
        machine.SetKey(@"HKLM\SYSTEM\CurrentControlSet\Control\NetworkProvider\GlobalMappings\G", ("RemotePath", @"\\oldfs\global"));
        machine.SetKey(@"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\DOS Devices", ("X:", @"\??\UNC\oldfs\x"), ("Y:", @"\??\C:\dir"), ("PRN", @"\DosDevices\LPT1"));
        machine.SetKey(@"HKU\.DEFAULT\Network\S", ("RemotePath", @"\\oldfs\s"));
        machine.SetKey(@"HKU\S-1-5-18\Network\S", ("RemotePath", @"\\oldfs\s"));
        machine.SetKey(@"HKU\S-1-5-20\Network\T", ("RemotePath", @"\\keep\t"));
        Assert.Equal([("dos_device", "X:", @"\\oldfs\x", Certainty.Likely), ("global_mapping", "G:", @"\\oldfs\global", Certainty.Sure), ("remembered_drive", "S:", @"\\oldfs\s", Certainty.Sure)],
            machine.Search().Sources.Select(source => (source.Kind, source.Name, source.Remote, source.Certainty)).Order());
    }

    [Fact]
    public void What_connects_a_profile()
    {
        machine.SetKey($@"HKU\{Anna}\Volatile Environment", ("HOMESHARE", @"\\oldfs\users\anna"), ("HOMEDRIVE", "U:"));
        machine.SetKey($@"HKU\{Anna}\{CurrentVersion}\Explorer\User Shell Folders", ("Personal", @"\\oldfs\docs\%USERNAME%"), ("Desktop", @"%USERPROFILE%\Desktop"));
        machine.SetKey($@"HKU\{Anna}\Printers\Connections\,,oldfs,laser");
        machine.SetKey($@"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Print\Providers\Client Side Rendering Print Provider\{Anna}\Printers\Connections\,,oldfs,laser");
        machine.SetKey($@"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList\{Anna}", ("CentralProfile", @"\\oldfs\profiles\anna.V6"));
        machine.SetKey($@"HKU\{Anna}\Software\Policies\weatherlights.com\NetworkDriveMapping", ("Drives", new[] { @"H;\\oldfs\home" }));
        machine.Write($@"{Profile}\AppData\Roaming\Microsoft\Windows\Network Shortcuts\old\target.lnk", LinkTests.Link(@"\\oldfs\web", "", ""));
        Assert.Equal([("folder_redirection", null, @"\\oldfs\docs\%USERNAME%", Certainty.Sure), ("home_folder", "U:", @"\\oldfs\users\anna", Certainty.Sure), ("mapping_tool", null, @"\\oldfs\home", Certainty.Sure),
            ("network_shortcut", null, @"\\oldfs\web", Certainty.Hint), ("printer", null, @"\\oldfs\laser", Certainty.Sure), ("roaming_profile", null, @"\\oldfs\profiles\anna.V6", Certainty.Sure)],
            machine.Search().Sources.Select(source => (source.Kind, (string?)source.Name, source.Remote, source.Certainty)).OrderBy(one => one.Kind));
    }

    [Fact]
    public void A_server_that_is_in_a_variable_is_found_where_the_variable_is_known()
    {
        machine.SetKey($@"HKU\{Anna}\Volatile Environment", ("HOMESHARE", @"\\oldfs\home\anna"));
        machine.SetKey($@"HKU\{Anna}\{CurrentVersion}\Explorer\User Shell Folders", ("Personal", @"%HOMESHARE%\Documents"), ("Desktop", @"%ELSEWHERE%\Desktop"));
        machine.Write($@"{History}\Registry\Registry.xml", "<RegistrySettings><Registry><Properties action=\"U\" key=\"Network\\P\" name=\"RemotePath\" value=\"%HOMESHARE%\\p\"/></Registry></RegistrySettings>");

        Assert.Equal([(@"\\oldfs\home\anna\Documents", Certainty.Sure), (@"\\oldfs\home\anna\p", Certainty.Likely)],
            machine.Search().Sources.Where(source => source.Kind is "folder_redirection" or "gpp_other").Select(source => (source.Remote, source.Certainty)).Order());
    }

    [Fact]
    public void A_value_that_is_empty_leads_nowhere()
    {
        machine.SetKey($@"HKU\{Anna}\Volatile Environment", ("HOMESHARE", ""));
        Assert.Empty(machine.Search(name: ["*"]).Sources);
    }

    [Fact]
    public void Variables_that_name_each_other_are_expanded_as_long_as_there_is_room()
    {
        for (var number = 1; number <= 12; number++)
            machine.SetKey($@"HKU\{Anna}\Environment", ($"V{number:00}", number == 1 ? new string('x', 30_000) : $"%V{number - 1:00}%%V{number - 1:00}%"));
        machine.SetKey($@"HKU\{Anna}\{CurrentVersion}\Run", ("Long", @"%V12% net use H: \\oldfs\home"));

        Assert.InRange(new Place { Environment = new Dictionary<string, string> { ["V"] = new('x', 30_000) } }.Expand("%V%%V%").Length, 30_000, 32_767);
        Assert.Equal("H:", Single("run_entry").Name);
    }

    [Fact]
    public void A_preference_without_an_item_around_it_leaves_the_others()
    {
        machine.Write($@"{History}\A\a.xml", "<Properties/>");
        machine.Write($@"{History}\Drives\Drives.xml", Drives(Drive("letter=\"H\" path=\"\\\\oldfs\\home\"")));
        Assert.Equal("H:", Single("gpp_drive").Name);
    }

    [Fact]
    public void The_password_of_a_url_is_in_no_source()
    {
        machine.SetKey($@"HKU\{Anna}\Volatile Environment", ("HOMESHARE", @"https:\\svc:S3cret@oldfs\share"));
        var source = Single("home_folder");
        Assert.Equal(@"https:\\oldfs\share", source.Remote);
        Assert.DoesNotContain("S3cret", source.Evidence);
        machine.SetKey($@"HKU\{Anna}\{CurrentVersion}\Run", ("Dav", "net use X: https://svc:S3cret@oldfs/share"));
        source = Single("run_entry");
        Assert.Equal("https://oldfs/share", source.Remote);
        Assert.DoesNotContain("S3cret", SecretText.Without(@"set DAV=https://CORP\svc:S3cret@oldfs/dav"));
        Assert.Equal("https://oldfs/dav", SecretText.WithoutUser(@"https://CORP\svc:S3cret@oldfs/dav"));
        Assert.Equal(@"https:\\oldfs\a@b", SecretText.WithoutUser(@"https:\\oldfs\a@b"));
        Assert.DoesNotContain(source.ToResult().Values, value => value?.ToString()!.Contains("S3cret") == true);
    }

    [Fact]
    public void The_time_for_files_is_that_of_the_search()
    {
        var clock = new Stopwatch();
        using var caller = new BoundedCaller(TimeSpan.FromSeconds(10), clock, TimeSpan.FromMilliseconds(200));
        Thread.Sleep(300);
        Assert.Equal(1, caller.Run(() => 1));
        clock.Start();
        Thread.Sleep(300);
        Assert.Throws<NotReadException>(() => caller.Run(() => 2));
    }

    [Fact]
    public void A_mapping_tool_that_was_left_behind_is_sure()
    {
        machine.Write(@"C:\ProgramData\intune-drive-mapping-generator\DriveMappping.ps1", "# \\\\oldfs\\never\n$config = '[{\"Path\":\"\\\\\\\\oldfs\\\\data\",\"DriveLetter\":\"Y\"}]'\n", Encoding.Unicode);
        Assert.Equal((Certainty.Sure, "Y:", @"\\oldfs\data"), (Single("mapping_tool").Certainty, Single("mapping_tool").Name, Single("mapping_tool").Remote));
    }

    [Fact]
    public void A_helper_of_a_mapping_tool_is_read_and_a_broken_one_hides_no_other()
    {
        const string folder = @"C:\ProgramData\intune-drive-mapping-generator";
        machine.Write($@"{folder}\A.ps1", [.. Enumerable.Range(0, 64).Select(i => (byte)(i % 8))]);
        machine.Write($@"{folder}\IntuneDriveMapping-VBSHelper.vbs", "network.MapNetworkDrive \"Y:\", \"\\\\oldfs\\data\"\r\n", Encoding.Unicode);
        machine.Write($@"{folder}\readme.txt", @"\\oldfs\never");
        Assert.Equal((Certainty.Sure, "Y:", $@"{folder}\IntuneDriveMapping-VBSHelper.vbs"), (Single("mapping_tool").Certainty, Single("mapping_tool").Name, Single("mapping_tool").Where));
        Assert.Equal($@"{folder}\A.ps1", NotExamined("tool").Path);
    }

    [Theory]
    [InlineData(Anna, "scloud~Policy~Drives", "DriveH", @"<enabled/><data id=""Path"" value=""\\oldfs\home""/><data id=""Password"" value=""S3cret""/>", "user", null, Certainty.Hint)]
    [InlineData(Anna, "Drives", "List", "<enabled/><data id=\"Paths\" value=\"1&#xF000;\\\\oldfs\\home&#xF000;2&#xF000;\\\\keep\\x\"/>", "user", null, Certainty.Hint)]
    [InlineData("Device", "Start", "Pins", @"{""Path"":""\\\\oldfs\\home""}", "machine", null, Certainty.Hint)]
    [InlineData(Anna, "Drives", @"Network\H", @"<enabled/><data id=""RemotePath"" value=""\\oldfs\home""/>", "user", "H:", Certainty.Likely)]
    [InlineData(Anna, "Drives", "H", @"<enabled/><data id=""RemotePath"" key=""Network\H"" value=""\\oldfs\home""/>", "user", "H:", Certainty.Likely)]
    public void A_managed_policy_that_names_the_server(string whose, string area, string name, string text, string scope, string? letter, Certainty certainty)
    {
        var key = $@"HKLM\SOFTWARE\Microsoft\PolicyManager\Providers\476830E9-5AE5-4794-A472-DF53C27AC1BC\default\{whose}\{area}";
        machine.SetKey(key, (name, text), (name + "_LastWrite", 1), ("Other", @"<enabled/><data id=""a"" value=""\\oldfs2\home""/>"));
        var source = Single("policy_network_key");
        Assert.Equal((scope, letter, certainty, $@"{key}\{name}"), (source.Affected.Scope, source.Name, source.Certainty, source.Where));
        Assert.DoesNotContain("S3cret", source.Evidence);
        Assert.DoesNotContain("keep", source.Evidence);
    }

    [Fact]
    public void Too_many_managed_policies_are_not_examined()
    {
        for (var i = 0; i < 1001; i++)
            machine.SetKey($@"HKLM\SOFTWARE\Microsoft\PolicyManager\Providers\1\default\Device\{i:0000}", ("a", @"\\oldfs\x"));
        Assert.Equal("has too many keys", NotExamined("policy").Reason);
    }

    [Fact]
    public void Managed_policies_that_take_too_long_are_not_called_too_many()
    {
        foreach (var area in new[] { "A", "B" })
            machine.SetKey($@"HKLM\SOFTWARE\Microsoft\PolicyManager\Providers\1\default\Device\{area}", ("a", @"\\oldfs\x"));
        machine.SlowKey = @"HKLM\SOFTWARE\Microsoft\PolicyManager\Providers\1\default\Device\A";
        Assert.Equal("takes longer than a second to read", NotExamined("policy").Reason);
    }

    [Theory]
    [InlineData(@"Network\h ", 300_000)]
    [InlineData("RemotePath ", 300_000)]
    [InlineData(@"\\oldfs\x ", 300_000)]
    [InlineData(@"""\\oldfs ", 30_000)]
    [InlineData("<data id=\"a\" value=\"\\\\oldfs\\x\"/>", 30_000)]
    public void A_managed_policy_that_is_made_to_take_long_comes_to_an_end(string part, int length)
    {
        const string key = @"HKLM\SOFTWARE\Microsoft\PolicyManager\Providers\1\default\Device\Drives";
        machine.SetKey(key, ("a", @"\\oldfs\a"), ("b", string.Concat(Enumerable.Repeat(part, length / part.Length)) + @"\\"));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var search = machine.Search();
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), clock.Elapsed.ToString());
        Assert.Contains(search.Sources, source => source.Where == key + @"\a");
        if (length > 32 * 1024)
            Assert.Equal((key + @"\b", "is longer than 32 KiB, and only its beginning was read"), search.NotExamined.Where(entry => entry.Kind == "policy").Select(entry => (entry.Path, entry.Reason)).Single());
    }

    [Fact]
    public void A_password_in_a_managed_policy_that_is_cut_is_not_shown()
    {
        machine.SetKey(@"HKLM\SOFTWARE\Microsoft\PolicyManager\Providers\1\default\Device\Drives",
            ("a", @"<data id=""Password"" value=""S3cret""/><data id=""Path"" value=""\\oldfs\home""/>" + new string(' ', 40_000) + @"<data id=""More"" value=""\\keep\x""/>"));
        Assert.DoesNotContain("S3cret", Single("policy_network_key").Evidence);
    }

    [Fact]
    public void A_copy_of_a_profile_is_known_by_the_user_s_own_key()
    {
        machine.SetKey(@"HKU\copy-1\Environment", ("UserInitMprLogonScript", @"net use H: \\oldfs\home"));
        Assert.Equal($@"HKU\{Anna}\Environment", Assert.Single(machine.Search(root: "copy-1").Sources).Where);
    }

    [Fact]
    public void What_the_directory_knows_was_not_examined()
    {
        Assert.Equal((Anna, @"CORP\anna"), (NotExamined("account").Owner.Sid, NotExamined("account").Owner.User));
    }

    // ------------------------------------------------------------------------------------------- what is hostile

    [Fact]
    public void A_document_type_is_not_read()
    {
        machine.Write($@"{History}\Drives\Drives.xml", "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>" + Drives(Drive("letter=\"H\" path=\"\\\\oldfs\\home\" label=\"&b;\""))[40..]);
        Assert.Equal($@"{History}\Drives\Drives.xml", NotExamined("policy").Path);
    }

    [Theory]
    [InlineData("<Drives><Drive>")]
    [InlineData("")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0001\u0002")]
    public void A_broken_file_is_not_nothing(string text)
    {
        machine.Write($@"{History}\Drives\Drives.xml", text);
        Assert.Equal($@"{History}\Drives\Drives.xml", NotExamined("policy").Path);
        Assert.Empty(machine.Search().Sources);
    }

    [Fact]
    public void A_huge_file_is_not_read()
    {
        machine.Write($@"{Tasks}\Huge", new byte[20 * 1024 * 1024]);
        Assert.Contains("larger", NotExamined("task").Reason);
    }

    [Fact]
    public void Elements_in_elements_in_elements_are_no_matter()
    {
        const int depth = 50_000;
        machine.Write($@"{History}\Drives\Drives.xml", Drives(string.Concat(Enumerable.Repeat("<Drive><Filters>", depth)) + string.Concat(Enumerable.Repeat("</Filters></Drive>", depth))));
        Assert.Empty(machine.Sources("gpp_drive"));
    }

    [Fact]
    public void A_command_within_many_elements_does_not_end_the_process()
    {
        const int depth = 400_000;
        machine.Write($@"{Tasks}\Map", Task("", $"<Command>{string.Concat(Enumerable.Repeat("<a>", depth))}{string.Concat(Enumerable.Repeat("</a>", depth))}</Command>"));
        Assert.Equal("is nested too deep", NotExamined("task").Reason);
    }

    [Fact]
    public void More_drives_than_there_are_in_any_policy_are_not_compared()
    {
        machine.Write($@"{History}\Drives\Drives.xml", Drives(string.Concat(Enumerable.Range(0, 9000).Select(number => $"<Drive><Properties path=\"\\\\oldfs\\{number}\"/></Drive>"))));
        Assert.Contains("more than 2000 items", NotExamined("policy").Reason);
    }

    [Theory]
    [InlineData("x", 200_000)]
    [InlineData("net use ", 25_000)]
    [InlineData("a:\\", 60_000)]
    [InlineData("\"", 200_000)]
    public void A_command_that_is_made_to_take_long_comes_to_an_end(string part, int count)
    {
        machine.SetKey($@"HKLM\{CurrentVersion}\Run", ("A", string.Concat(Enumerable.Repeat(part, count))), ("B", @"net use H: \\oldfs\home"));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.Contains(machine.Search().Sources, source => source.Name == "H:");
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), clock.Elapsed.ToString());
    }

    [Fact]
    public void A_file_that_does_not_answer_costs_a_second()
    {
        machine.Write(@"C:\Scripts\a.cmd", @"net use H: \\oldfs\home");
        machine.Write(@"C:\Scripts\b.cmd", @"net use I: \\oldfs\home");
        machine.Hanging.Add(@"C:\Scripts\a.cmd");
        machine.SetKey($@"HKLM\{CurrentVersion}\Run", ("A", @"C:\Scripts\a.cmd"), ("B", @"C:\Scripts\b.cmd"));
        Assert.Equal("I:", Single("run_entry").Name);
        Assert.Equal(@"C:\Scripts\a.cmd", NotExamined("script").Path);
    }

    [Fact]
    public void A_locked_file_is_named()
    {
        machine.Write($@"{Tasks}\Map", "x");
        // .NET locks files against itself on every system.
        var path = typeof(FixtureMachine).GetMethod("Real", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!.Invoke(machine, [$@"{Tasks}\Map"]);
        using var held = new FileStream((string)path!, FileMode.Open, FileAccess.Read, FileShare.None);
        Assert.Equal($@"{Tasks}\Map", NotExamined("task").Path);
    }

    [Theory]
    [InlineData(@"\\keep\scripts\map.cmd", "is on the network")]
    [InlineData(@"//keep/scripts/map.cmd", "is on the network")]
    [InlineData(@"\\?\UNC\keep\scripts\map.cmd", "is on the network")]
    [InlineData(@"\\.\pipe\map.cmd", "names a device")]
    [InlineData(@"\\?\pipe\map.cmd", "is on the network")]
    [InlineData(@"N:\map.cmd", "is on the network")]
    [InlineData(@"S:\map.cmd", "is on the network")]
    [InlineData(@"Q:\map.cmd", "Q: is no disk of this machine")]
    [InlineData(@"C:\x\con.cmd", "names a device")]
    [InlineData(@"C:\x\..\..\map.cmd", "leads through '..'")]
    [InlineData(@"C:\linked\map.cmd", @"is a link or lies behind one: C:\linked")]
    [InlineData(@"C:\loop\loop\map.cmd", @"is a link or lies behind one: C:\loop")]
    [InlineData(@"map.cmd", "is no whole path")]
    public void What_is_not_on_a_disk_of_the_machine_is_not_opened(string path, string reason)
    {
        machine.Devices["N:"] = @"\Device\LanmanRedirector\;N:0000000000012345\keep\n";
        machine.Devices["S:"] = @"\??\UNC\keep\s";
        machine.Write(@"C:\target\map.cmd", @"net use H: \\oldfs\home");
        machine.Link(@"C:\linked", "target");
        machine.Link(@"C:\loop", "loop");
        machine.SetKey($@"HKLM\{CurrentVersion}\Run", ("Map", $"cmd /c \"{path}\""));
        Assert.Equal((path, reason), (NotExamined("script").Path, NotExamined("script").Reason));
        Assert.DoesNotContain(machine.Opened, opened => opened.EndsWith(".cmd", StringComparison.Ordinal) || !opened.StartsWith(@"C:\", StringComparison.Ordinal));
    }

    [Fact]
    public void A_letter_that_stands_for_a_local_folder_is_local()
    {
        machine.Devices["S:"] = @"\??\C:\scripts";
        machine.SetKey($@"HKLM\{CurrentVersion}\Run", ("Map", @"S:\map.cmd"));
        Assert.Throws<InvalidOperationException>(() => machine.Attributes(@"S:\map.cmd"));  // the fixture has C: only
        Assert.Contains("is outside", NotExamined("script").Reason);
    }
}
