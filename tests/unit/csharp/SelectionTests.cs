// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.netdrive.windows.plugins.module_utils.Accounts;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;
using Xunit;

namespace Netdrive.Tests;

public sealed class SelectionTests
{
    private static readonly string TooLong = @"\\server\" + new string('x', 40_000);

    private static ConnectionSelection Select(string[]? name = null, string[]? remote = null, string[]? exclude = null) =>
        new(name, remote, exclude);

    public static TheoryData<string> BadNames => new([
        "", " ", "1:", "ZZ:", "_:", "[:", "É:", "Z:\\", @"C:\folder", "LPT0", "LPT10:", "COM1:", "**", "server", @"\server\share",
        @"\\", @"\\server", @"\\server\", @"\\\share", @"\\server\\share", @"\\server\*", @"\\*\*", @"\\?\C:", @"\\.\Z:",
        "Z:\n", "\\\\server\\sh\0are", TooLong
    ]);

    [Theory]
    [MemberData(nameof(BadNames))]
    public void A_bad_name_is_refused(string name)
    {
        var message = Assert.Throws<ArgumentException>(() => Select(name: [name])).Message;
        Assert.StartsWith("name: '", message);
        Assert.InRange(message.Length, 10, 300);
        Assert.DoesNotContain(message, Char.IsControl);
    }

    public static TheoryData<string> BadRemotes => new([
        "", "\t", "*", "?", @"\\", @"\\*", @"\\**", @"\\?", @"\\*.*", @"\\*\*", @"\\?*\share", @"\\*\share", "//*", "Z:", "oldfs",
        @"\oldfs", @"\\oldfs\\share", @"\\\", "\\\\old\u0007fs", TooLong
    ]);

    [Theory]
    [MemberData(nameof(BadRemotes))]
    public void A_bad_pattern_is_refused(string remote)
    {
        Assert.StartsWith("remote: '", Assert.Throws<ArgumentException>(() => Select(remote: [remote])).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("oldfs")]
    [InlineData(@"\\")]
    public void A_bad_exception_is_refused(string exclude)
    {
        Assert.StartsWith("exclude: '", Assert.Throws<ArgumentException>(() => Select(["*"], null, [exclude])).Message);
    }

    [Fact]
    public void Neither_selector_is_refused_and_the_way_to_say_everything_named()
    {
        Assert.Contains("name: '*'", Assert.Throws<ArgumentException>(() => ConnectionSelection.RequireSelector(null, null)).Message);
    }

    [Fact]
    public void An_empty_list_is_refused()
    {
        Assert.Contains("empty", Assert.Throws<ArgumentException>(() => Select(name: [])).Message);
        Assert.Contains("empty", Assert.Throws<ArgumentException>(() => Select(remote: [])).Message);
        Assert.Contains("empty", Assert.Throws<ArgumentException>(() => new UserSelection(Array.Empty<string>(), new FakeAccounts())).Message);
    }

    [Theory]
    [InlineData("z", "Z:", @"\\s\a", true)]
    [InlineData("Z", "Z:", @"\\s\a", true)]
    [InlineData("z:", "Z:", @"\\s\a", true)]
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
        Assert.Equal(meant, Select(name: [name]).Matches(device, remote));
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
        Assert.Equal(meant, Select(remote: [pattern]).Matches("Z:", remote));
    }

    [Fact]
    public void A_pattern_with_many_stars_does_not_take_for_ever()
    {
        var pattern = @"\\s\" + string.Concat(Enumerable.Repeat("a*", 200)) + "b";
        Assert.False(Select(remote: [pattern]).Matches("Z:", @"\\s\" + new string('a', 20_000)));
    }

    [Theory]
    [InlineData("Z:", @"\\s\a", false)]
    [InlineData("Y:", @"\\s\a", true)]
    [InlineData("Y:", @"\\keep\a", false)]
    [InlineData(null, @"\\keep\a\b", false)]
    [InlineData("Y:", @"\\any\home$\x", false)]
    [InlineData("Y:", null, false)]
    public void What_is_excluded_is_never_meant(string? device, string? remote, bool meant)
    {
        Assert.Equal(meant, Select(["*"], null, ["z", @"\\keep", @"\\*\home$"]).Matches(device, remote));
    }

    [Fact]
    public void Name_and_remote_both_have_to_match()
    {
        var selection = Select(["Z:", @"\\s\a"], [@"\\s"]);
        Assert.True(selection.Matches("Z:", @"\\s\b"));
        Assert.False(selection.Matches("Z:", @"\\t\b"));
        Assert.False(selection.Matches("Y:", @"\\s\b"));
        Assert.True(selection.Matches(null, @"\\s\a"));
    }
}
