// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.netdrive.windows.plugins.module_utils.Accounts;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;
using Xunit;

namespace Netdrive.Tests;

public sealed class SelectionTests
{
    private static readonly string TooLong = @"\\server\" + new string('x', 40_000);

    private static ConnectionSelection Select(object? name = null, object? remote = null, object? exclude = null) =>
        new(name, remote, exclude);

    private static string Refusal(object? name = null, object? remote = null, object? exclude = null) =>
        Assert.Throws<ArgumentException>(() => Select(name, remote, exclude)).Message;

    public static TheoryData<string> BadNames => new([
        "", " ", "\u200b", "1:", "ZZ:", "_:", "[:", "É:", "\u212a:", @"C:\folder", "LPT0", "LPT10:", "COM1:", "**", "server", @"\server\share",
        @"\\", @"\\server", @"\\server\", @"\\\server", "https://", @"\\server\*", @"\\*\*", @"\\?\C:", @"\\.\Z:", @"\\?\UNC", "file:///C:/folder",
        "ftp://server/share", "Z\n:", "\\\\server\\sh\0are", @"\\server\a | note", "\"\\\\server\\a\"", "\\\\server\\\ud800", "H:,I:", @"H: \\server\a",
        TooLong
    ]);

    [Theory]
    [MemberData(nameof(BadNames))]
    public void A_bad_name_is_refused(string name)
    {
        var lines = Refusal(name: new[] { name }).Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("name: '", lines[0]);
        Assert.StartsWith("Right would be", lines[1]);
        Assert.All(lines, line => Assert.InRange(line.Length, 10, 220));
        Assert.DoesNotContain(lines, line => line.Any(Char.IsControl));
    }

    public static TheoryData<string> BadRemotes => new([
        "", "\t", "\u2060\u00a0", "*", "?", @"\\", @"\\*", @"\\**", @"\\?", @"\\*.*", @"\\*\*", @"\\?*\share", @"\\*\share", "//*", "https://*/hr", "Z:", "oldfs",
        @"\oldfs", @"\\\", "https:/oldfs", "smb://oldfs/share", "\\\\old\u0007fs", @"\\a,\\b", "\\\\a\n\\\\b", TooLong
    ]);

    [Theory]
    [MemberData(nameof(BadRemotes))]
    public void A_bad_pattern_is_refused(string remote)
    {
        Assert.StartsWith("remote: '", Refusal(remote: new[] { remote }));
        Assert.Equal(Refusal(remote: new[] { remote }), Refusal(remote: remote));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("*")]
    [InlineData("oldfs")]
    [InlineData(@"\\")]
    [InlineData("K:,L:")]
    public void A_bad_exception_is_refused(string exclude)
    {
        Assert.StartsWith("exclude: '", Refusal("*", null, new[] { exclude }));
    }

    [Theory]
    [InlineData("H:,I:", "name: ['H:', 'I:']")]
    [InlineData("H I; LPT1", "name: ['H', 'I', 'LPT1']")]
    [InlineData(@"\\oldfs\a,\\oldfs\b", @"name: ['\\oldfs\a', '\\oldfs\b']")]
    [InlineData(@"\\oldfs", @"remote: '\\oldfs'")]
    [InlineData(@"\\oldfs\it's*", @"remote: '\\oldfs\it''s*'")]
    public void A_refusal_shows_what_would_be_right(string name, string right)
    {
        Assert.EndsWith(": " + right, Refusal(name));
        Assert.StartsWith("name: '" + name + "' ", Refusal(name));
    }

    [Theory]
    [InlineData(@"\\fs1,fs2", @"['\\fs1', '\\fs2']")]
    [InlineData(@"\\fs1;fs2\a", @"['\\fs1\a', '\\fs2\a']")]
    [InlineData(@"\\fs1 fs2", @"['\\fs1', '\\fs2']")]
    [InlineData(@"\\oldfs \keep", @"'\\oldfs\keep'")]
    [InlineData(@"\\ oldfs\keep", @"'\\oldfs\keep'")]
    [InlineData("\\\\old\u200bfs\\keep", @"'\\oldfs\keep'")]
    [InlineData("\\\\old\U000e0020fs\\keep", @"'\\oldfs\keep'")]
    [InlineData(@"\\oldfs@SSL \keep", @"'\\oldfs@SSL\keep'")]
    [InlineData("https://old%20fs/keep", @"['\\server', '\\server\share']")]
    [InlineData(@"\\oldfs\keep,", @"'\\oldfs\keep'")]
    [InlineData(@"\\oldfs\keep; ", @"'\\oldfs\keep'")]
    [InlineData(@"\\oldfs\keep,|", @"'\\oldfs\keep'")]
    [InlineData("oldfs,fs1", @"['\\oldfs', '\\fs1']")]
    public void A_pattern_that_can_mean_nothing_is_refused(string pattern, string right)
    {
        Assert.EndsWith("\nRight would be, for example: remote: " + right, Refusal(remote: pattern));
        Assert.Contains(right.Contains(@"\\server") ? "exclude: " : "exclude: " + right, Refusal("*", null, pattern));
    }

    [Theory]
    [InlineData(@"\\fs1,fs2\a", @"['\\fs1\a', '\\fs2\a']")]
    [InlineData(@"\\oldfs \keep", @"'\\oldfs\keep'")]
    [InlineData("H:,", "'H:'")]
    public void So_is_a_name(string name, string right)
    {
        Assert.EndsWith("\nRight would be, for example: name: " + right, Refusal(name));
    }

    [Theory]
    [InlineData(@"\\fs1\keep", @"\\%FS%\keep\a", true)]
    [InlineData(@"\\fs1\keep", @"\\%FS%\other", false)]
    [InlineData(@"\\fs1", @"\\fs%N%\a", true)]
    [InlineData(@"\\keep", @"\\fs%N%\a", false)]
    [InlineData(@"\\oldfs\home\anna", @"\\oldfs\home\%USERNAME%", true)]
    [InlineData(@"\\oldfs\home\anna\a", @"\\oldfs\home\%USERNAME%", false)]
    [InlineData(@"\\oldfs\home\a*b?", @"\\oldfs\home\%X%1", true)]
    [InlineData(@"\\oldfs\home\*b", @"\\oldfs\home\%X%1", false)]
    [InlineData(@"\\*\home$", @"\\oldfs\home$\%USERNAME%", true)]
    [InlineData(@"\\oldfs\50", @"\\oldfs\50% off", false)]
    [InlineData("https://h/50%20%25", @"\\h@SSL\%X%", true)]
    public void What_a_variable_stands_for_might_be_excluded(string exclude, string remote, bool might)
    {
        Assert.Equal(might, Select("*", null, exclude).MightBeExcluded(remote));
    }

    [Fact]
    public void What_is_quoted_is_cut_between_characters()
    {
        Assert.Equal("'" + string.Concat(Enumerable.Repeat("\U0001d15e", 80)) + "...'", Text.Quoted(string.Concat(Enumerable.Repeat("\U0001d15e", 81))));
    }

    public static TheoryData<object?> NoTexts => [5, 1.5, true, null, new Dictionary<string, object>(), new[] { "Z:" }];

    [Theory]
    [MemberData(nameof(NoTexts))]
    public void What_is_no_text_is_refused(object? value)
    {
        Assert.Contains("names are text", Refusal(name: new object?[] { "Z:", value }));
        Assert.DoesNotContain("System.", Refusal(name: new object?[] { value }));
    }

    [Fact]
    public void A_text_is_one_name_commas_or_not()
    {
        var selection = Select("*", null, @"\\oldfs\R,D");
        Assert.False(selection.Matches("K:", @"\\oldfs\r,d"));
        Assert.True(selection.Matches("D:", @"\\newfs\a"));
        Assert.True(selection.Matches("R:", @"\\oldfs\R"));
    }

    [Fact]
    public void Neither_selector_is_refused_and_the_way_to_say_everything_named()
    {
        Assert.Contains("name: '*'", Assert.Throws<ArgumentException>(() => ConnectionSelection.RequireSelector(null, null)).Message);
    }

    [Fact]
    public void An_empty_list_is_refused()
    {
        Assert.Contains("empty", Assert.Throws<ArgumentException>(() => Select(name: Array.Empty<string>())).Message);
        Assert.Contains("empty", Assert.Throws<ArgumentException>(() => Select(remote: Array.Empty<string>())).Message);
        Assert.Contains("empty", Assert.Throws<ArgumentException>(() => new UserSelection(Array.Empty<string>(), new FakeAccounts())).Message);
    }

    [Theory]
    [InlineData(" all\u200b")]
    [InlineData("\tCORP\\user1 ")]
    public void Blanks_around_a_user_do_not_count(string user)
    {
        Assert.True(new UserSelection(user, new FakeAccounts()).Matches("S-1-5-21-1-2-3-1001"));
    }

    [Theory]
    [InlineData(@"CORP\user1,sa", @"users: ['CORP\user1', 'sa']")]
    [InlineData("\u00a0", "users: ")]
    [InlineData("all;current", "users: ['all', 'current']")]
    public void Several_users_in_one_text_or_none_are_refused(string users, string right)
    {
        var message = Assert.Throws<ArgumentException>(() => new UserSelection(users, new FakeAccounts())).Message;
        Assert.StartsWith("users: '" + users + "' ", message);
        Assert.Contains(": " + right, message);
    }

    [Theory]
    [InlineData("z", "Z:", @"\\s\a", true)]
    [InlineData("Z", "Z:", @"\\s\a", true)]
    [InlineData("z:", "Z:", @"\\s\a", true)]
    [InlineData(@"Z:\", "Z:", @"\\s\a", true)]
    [InlineData("Z:/ ", "Z:", @"\\s\a", true)]
    [InlineData("\tz:\u200b", "Z:", @"\\s\a", true)]
    [InlineData("lpt1", "LPT1:", @"\\s\p", true)]
    [InlineData("LPT1:", "LPT1:", @"\\s\p", true)]
    [InlineData("Z:", "Y:", @"\\s\a", false)]
    [InlineData("Z:", null, @"\\s\a", false)]
    [InlineData(@"\\S\A", null, @"\\s\a", true)]
    [InlineData(@"\\s\a\", null, @"\\s\a", true)]
    [InlineData("//s/a", null, @"\\s\a", true)]
    [InlineData(@"\\s\a", null, @"\\s\a\", true)]
    [InlineData(@"\\s\a", null, @"\\s\a\below", false)]
    [InlineData(@"\\s\a", "Z:", @"\\s\a", false)]
    [InlineData(@"\\s\my share", null, @"\\s\my share", true)]
    [InlineData(@"\\s\größe", null, @"\\s\GRÖSSE", false)]
    [InlineData(@"\\s\ÜBER", null, @"\\s\über", true)]
    [InlineData(@"\\s\日本", null, @"\\s\日本", true)]
    [InlineData("*", "Z:", @"\\s\a", true)]
    [InlineData("*", null, @"\\s\a", true)]
    [InlineData("*", "Z:", null, true)]
    public void A_name_means(string name, string? device, string? remote, bool meant)
    {
        Assert.Equal(meant, Select(name: new[] { name }).Matches(device, remote));
    }

    [Theory]
    [InlineData(@"\\oldfs", @"\\oldfs\a", true)]
    [InlineData(@"\\oldfs", @"\\OLDFS", true)]
    [InlineData(@"\\oldfs\", @"\\oldfs\a\b", true)]
    [InlineData("//oldfs", @"\\oldfs\a", true)]
    [InlineData(@"\\oldfs", @"\\oldfs2\a", false)]
    [InlineData(@"\\oldfs", @"\\oldfs.corp.example\a", false)]
    [InlineData(@"\\oldfs\a", @"\\oldfs\a\b", true)]
    [InlineData(@"\\oldfs\a", @"\\oldfs\ab", false)]
    [InlineData(@"\\oldfs\a", @"\\oldfs", false)]
    [InlineData(@"\\old*", @"\\oldfs\a", true)]
    [InlineData(@"\\old??", @"\\oldfs\a", true)]
    [InlineData(@"\\old?", @"\\oldfs\a", false)]
    [InlineData(@"\\oldfs\*$", @"\\oldfs\home$\user1", true)]
    [InlineData(@"\\oldfs\*$", @"\\oldfs\home\user$", false)]
    [InlineData(@"\\oldfs\a*b*c", @"\\oldfs\aXbXbXc", true)]
    [InlineData(@"\\oldfs\a*b*c", @"\\oldfs\aXbXbX", false)]
    [InlineData(@"\\oldfs\[a]", @"\\oldfs\a", false)]
    [InlineData(@"\\oldfs\[a]", @"\\oldfs\[A]", true)]
    [InlineData(@"\\oldfs", null, false)]
    [InlineData(@"\\oldfs", "", false)]
    public void A_pattern_means(string pattern, string? remote, bool meant)
    {
        Assert.Equal(meant, Select(remote: new[] { pattern }).Matches("Z:", remote));
    }

    [Fact]
    public void A_pattern_with_many_stars_does_not_take_for_ever()
    {
        var pattern = @"\\s\" + string.Concat(Enumerable.Repeat("a*", 200)) + "b";
        Assert.False(Select(remote: new[] { pattern }).Matches("Z:", @"\\s\" + new string('a', 20_000)));
    }

    [Theory]
    [InlineData(@"\\oldfs\home", @"\\\\oldfs\\home")]
    [InlineData(@"\\oldfs\home", " \\\\oldfs\\home\u200b")]
    [InlineData(@"\\oldfs\home", @"\\?\UNC\oldfs\home")]
    [InlineData(@"\\oldfs\home", @"\\.\unc\OLDFS\home\ ")]
    [InlineData(@"\\oldfs\home", @"\\oldfs.\home")]
    [InlineData(@"\\oldfs\home", "file://oldfs/home")]
    [InlineData(@"\\oldfs\home", "file:////oldfs/home")]
    [InlineData("\\\\oldfs\\b\u00fcro", "\\\\oldfs\\BU\u0308RO")]
    [InlineData("https://corp.example/hr", @"\\corp.example@SSL\DavWWWRoot\hr")]
    [InlineData("https://corp.example:443/hr/", @"\\corp.example@ssl\hr")]
    [InlineData("HTTPS://anna@corp.example:8443/hr", @"\\corp.example@SSL@8443\davwwwroot\HR")]
    [InlineData("https://corp.example/hr%20data/%C3%A9", "\\\\corp.example@SSL\\hr data\\e\u0301")]
    [InlineData("http://corp.example/hr", @"\\corp.example\DavWWWRoot\hr")]
    [InlineData("http://corp.example:80/hr", @"\\corp.example\hr")]
    [InlineData("http://corp.example:8080/hr", @"\\corp.example@8080\hr")]
    public void Two_spellings_are_one_name(string one, string other)
    {
        Assert.True(ResourceName.SameRemote(one, other));
        foreach (var (typed, found) in new[] { (one, other), (other, one) })
        {
            Assert.True(Select(name: typed).Matches(null, found));
            Assert.True(Select(remote: typed).Matches("Z:", found));
            Assert.False(Select("*", null, typed).Matches("Z:", found));
        }
    }

    [Theory]
    [InlineData(@"\\h", "https://h/a", true)]
    [InlineData(@"\\h", @"\\h@8080\a", true)]
    [InlineData(@"\\h\a", "https://h:8443/a/b", true)]
    [InlineData(@"\\h@SSL", "https://h/a", true)]
    [InlineData(@"\\h@SSL", "https://h:8443/a", false)]
    [InlineData(@"\\h@SSL@*", "https://h:8443/a", true)]
    [InlineData(@"\\h@SSL", @"\\h\a", false)]
    [InlineData("http://h", "https://h/a", false)]
    [InlineData("http://h", @"\\h\a", true)]
    [InlineData("https://h", @"\\h@SSL\DavWWWRoot\a", true)]
    [InlineData("https://h*/a", "https://host/a", true)]
    [InlineData("https://h/a%2Fb", "https://h/a/b", false)]
    [InlineData("https://h/%2A", "https://h/a", false)]
    [InlineData(@"\\h\DavWWWRoot", "https://h/a", false)]
    [InlineData(@"\\h\a", @"\\h\a \b", false)]
    [InlineData(@"\\h\a?b", "\\\\h\\a\ud83d\udcc1b", true)]
    public void A_protocol_is_meant_where_it_is_named(string pattern, string remote, bool meant)
    {
        Assert.Equal(meant, Select(remote: pattern).Matches("Z:", remote));
        Assert.Equal(!meant, Select("*", null, pattern).Matches("Z:", remote));
    }

    [Fact]
    public void A_url_is_excluded_by_what_it_says_and_by_what_it_stands_for()
    {
        var selection = Select("*", null, new[] { "https://h/a%20b", @"\\i\c%20d" });
        Assert.False(selection.Matches(null, @"\\h@SSL\a b"));
        Assert.False(selection.Matches(null, @"\\h@SSL\a%20b"));
        Assert.False(selection.Matches(null, "https://i/c%20d"));
        Assert.True(selection.Matches(null, @"\\i\c d"));
        Assert.False(Select(remote: "https://h/a%20b").Matches(null, @"\\h@SSL\a%20b"));
    }

    public static TheoryData<string?> NoRemoteNames => [null, "", "oldfs", @"\oldfs\home", @"\\?\C:\home", "ftp://oldfs/home", "\\\\oldfs\\\udc00", "\\\\oldfs\\\uffff"];

    [Theory]
    [MemberData(nameof(NoRemoteNames))]
    public void What_is_no_remote_name_is_never_meant_by_a_pattern_and_may_be_excluded_by_one(string? remote)
    {
        Assert.False(Select(remote: @"\\oldfs*").Matches("Z:", remote));
        var selection = Select("z", null, @"\\keep");
        Assert.True(selection.Matches("Z:", remote) && selection.MightBeExcluded(remote));
        Assert.False(selection.MightBeExcluded(@"\\oldfs\home"));
        Assert.False(Select("z", null, "K").MightBeExcluded(remote));
        Assert.False(Select("*", null, "z").Matches("Z:", remote));
        Assert.True(ResourceName.SameRemote(remote, remote));
        Assert.False(ResourceName.SameRemote(remote, @"\\oldfs"));
    }

    [Theory]
    [InlineData("Z:", @"\\s\a", false)]
    [InlineData("Y:", @"\\s\a", true)]
    [InlineData("Y:", @"\\keep\a", false)]
    [InlineData(null, @"\\keep\a\b", false)]
    [InlineData("Y:", @"\\any\home$\x", false)]
    public void What_is_excluded_is_never_meant(string? device, string? remote, bool meant)
    {
        Assert.Equal(meant, Select(new[] { "*" }, null, new[] { "z", @"\\keep", @"\\*\home$" }).Matches(device, remote));
    }

    [Fact]
    public void Name_and_remote_both_have_to_match()
    {
        var selection = Select(new[] { "Z:", @"\\s\a" }, new[] { @"\\s" });
        Assert.True(selection.Matches("Z:", @"\\s\b"));
        Assert.False(selection.Matches("Z:", @"\\t\b"));
        Assert.False(selection.Matches("Y:", @"\\s\b"));
        Assert.True(selection.Matches(null, @"\\s\a"));
    }
}
