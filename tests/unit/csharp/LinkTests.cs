// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System.Text;
using ansible_collections.netdrive.windows.plugins.module_utils.MachineFiles;
using ansible_collections.netdrive.windows.plugins.module_utils.ShellLink;
using Xunit;

namespace Netdrive.Tests;

public sealed class LinkTests
{
    private const int HasIdList = 1, HasInfo = 2, HasName = 4, HasWorkingFolder = 16, HasArguments = 32, IsUnicode = 128;

    /// <summary>A shortcut made on a mapped drive: the share stands in it, the letter, and what is below.</summary>
    internal static byte[] Link(string share, string device, string suffix, string? arguments = null, string? target = null)
    {
        var flags = HasInfo | IsUnicode | HasName | (arguments == null ? 0 : HasArguments);
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        Header(writer, flags);
        writer.Write(Info(share, device, suffix));
        Text(writer, "a shortcut");
        if (arguments != null)
            Text(writer, arguments);
        if (target != null)
        {
            writer.Write(0x314);
            writer.Write(0xA0000001);
            writer.Write(Encoding.ASCII.GetBytes(target.PadRight(260, '\0')));
            writer.Write(Encoding.Unicode.GetBytes(target.PadRight(260, '\0')));
        }
        writer.Write(0);
        return file.ToArray();
    }

    private static void Header(BinaryWriter writer, int flags)
    {
        writer.Write(0x4C);
        writer.Write(new Guid("00021401-0000-0000-C000-000000000046").ToByteArray());
        writer.Write(flags);
        writer.Write(new byte[0x4C - 0x18]);
    }

    private static byte[] Info(string share, string device, string suffix)
    {
        byte[] net = Ansi(share), letter = Ansi(device), rest = Ansi(suffix);
        var network = 0x14 + net.Length + letter.Length;
        using var info = new MemoryStream();
        using var writer = new BinaryWriter(info);
        writer.Write(0x1C + network + rest.Length);
        writer.Write(0x1C);
        writer.Write(2);
        writer.Write(0);
        writer.Write(0);
        writer.Write(0x1C);
        writer.Write(0x1C + network);
        writer.Write(network);
        writer.Write(device.Length > 0 ? 3 : 2);
        writer.Write(0x14);
        writer.Write(0x14 + net.Length);
        writer.Write(0x20000);
        writer.Write(net);
        writer.Write(letter);
        writer.Write(rest);
        return info.ToArray();
    }

    private static byte[] Ansi(string text) => [.. Encoding.Latin1.GetBytes(text), 0];

    private static void Text(BinaryWriter writer, string text)
    {
        writer.Write((ushort)text.Length);
        writer.Write(Encoding.Unicode.GetBytes(text));
    }

    [Fact]
    public void The_share_behind_a_letter_is_known()
    {
        var link = Shortcut.Parse(Link(@"\\OLDFS\TOOLS", "T:", @"dir\tool.exe", "/x \\\\oldfs\\y", @"%OLD%\tool.exe"));
        Assert.Equal([@"\\OLDFS\TOOLS\dir\tool.exe", @"%OLD%\tool.exe"], link.Targets);
        Assert.Equal(@"/x \\oldfs\y", link.Arguments);
    }

    /// <summary>The list of items of a shortcut to a share: the network, the server, the share.</summary>
    private static byte[] Items(Encoding encoding, params string[] names)
    {
        using var list = new MemoryStream();
        using var writer = new BinaryWriter(list);
        foreach (var name in names)
        {
            byte[] item = [0xC3, 1, 0xC5, .. encoding.GetBytes(name + "\0Microsoft Network\0"), 0, 0];
            writer.Write((ushort)(item.Length + 2));
            writer.Write(item);
        }
        writer.Write((ushort)0);
        return [.. BitConverter.GetBytes((ushort)list.Length), .. list.ToArray()];
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_share_in_the_list_of_items_is_found(bool wide)
    {
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        Header(writer, HasIdList);
        writer.Write(Items(wide ? Encoding.Unicode : Encoding.Latin1, @"\\oldfs", @"\\oldfs\My Share"));
        Assert.Equal([@"\\oldfs\My Share"], Shortcut.Parse(file.ToArray()).Targets);
    }

    [Fact]
    public void The_list_of_items_does_not_count_where_the_share_stands_elsewhere()
    {
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        Header(writer, HasIdList | HasInfo);
        writer.Write(Items(Encoding.Latin1, @"\\oldfs", @"\\oldfs\My Share"));
        writer.Write(Info(@"\\OLDFS\MY SHARE", "", "tool.exe"));
        Assert.Equal([@"\\OLDFS\MY SHARE\tool.exe"], Shortcut.Parse(file.ToArray()).Targets);
    }

    [Fact]
    public void Whatever_is_cut_off_or_changed_ends_with_an_answer()
    {
        var whole = Link(@"\\oldfs\tools", "T:", "tool.exe", "/x", "y");
        for (var length = 0; length < whole.Length; length++)
            Try(whole[..length]);
        var random = new Random(1);
        for (var round = 0; round < 20_000; round++)
        {
            var changed = (byte[])whole.Clone();
            for (var i = 0; i < 4; i++)
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            Try(changed);
        }
    }

    private static void Try(byte[] content)
    {
        try
        {
            Shortcut.Parse(content);
        }
        catch (NotReadException)
        {
        }
    }
}
