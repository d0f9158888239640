// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Linq;
using System.Text;
using Microsoft.PowerShell;

namespace Netdrive.Stand;

/// <summary>What powershell.exe was asked to run.</summary>
internal sealed class CommandLine
{
    // Every option of powershell.exe and pwsh that a remote caller may send, with the shortest form that is understood.
    private static readonly (string Name, int Shortest, bool HasValue)[] Options =
    [
        ("command", 1, true), ("file", 1, true), ("encodedcommand", 1, true), ("ec", 2, true),
        ("executionpolicy", 2, true), ("ep", 2, true), ("workingdirectory", 2, true), ("wd", 2, true),
        ("inputformat", 3, true), ("outputformat", 1, true), ("windowstyle", 1, true), ("version", 1, true),
        ("noprofile", 3, false), ("noninteractive", 4, false), ("nologo", 3, false), ("sta", 3, false),
        ("mta", 3, false),
    ];

    /// <summary>Script text, or "-": the script is on standard input. Null where there is a file.</summary>
    public string? Script { get; private set; }

    /// <summary>Script file of -File.</summary>
    public string? File { get; private set; }

    /// <summary>What followed the script file.</summary>
    public string[] Arguments { get; private set; } = [];

    /// <summary>Execution policy for this process, or null to leave it to the machine's settings.</summary>
    public ExecutionPolicy? ExecutionPolicy { get; private set; }

    /// <summary>Reads the arguments of powershell.exe.</summary>
    /// <exception cref="CommandLineException">An option is unknown or its value is missing or wrong.</exception>
    public static CommandLine Parse(string[] args)
    {
        var line = new CommandLine();
        for (var i = 0; i < args.Length && line.Script is null && line.File is null; i++)
        {
            var (name, hasValue) = Find(args[i]);
            if (hasValue && ++i >= args.Length)
            {
                throw new CommandLineException($"The option {args[i - 1]} needs a value.");
            }
            // A first argument that is no option is a command, with what follows it.
            line.Set(name ?? "command", hasValue || name is null ? args[i..] : []);
        }
        line.Script ??= line.File is null ? "-" : null;
        return line;
    }

    private static (string? Name, bool HasValue) Find(string argument)
    {
        if (argument is "-" or "" || argument[0] is not ('-' or '/'))
        {
            return (null, false);
        }
        var given = argument[1..].ToLowerInvariant();
        var option = Options.FirstOrDefault(o => given.Length >= o.Shortest && o.Name.StartsWith(given));
        return option.Name is null
            ? throw new CommandLineException($"The option {argument} is not known.")
            : (option.Name, option.HasValue);
    }

    private void Set(string name, string[] rest)
    {
        switch (name)
        {
            case "command":
                Script = string.Join(' ', rest);
                break;
            case "encodedcommand" or "ec":
                Script = Decode(rest[0]);
                break;
            case "file":
                File = rest[0];
                Arguments = rest[1..];
                break;
            case "executionpolicy" or "ep":
                ExecutionPolicy = Enum.TryParse<ExecutionPolicy>(rest[0], ignoreCase: true, out var policy)
                    ? policy
                    : throw new CommandLineException($"{rest[0]} is no execution policy.");
                break;
            case "workingdirectory" or "wd":
                Environment.CurrentDirectory = rest[0];
                break;
        }
    }

    private static string Decode(string base64)
    {
        try
        {
            return Encoding.Unicode.GetString(Convert.FromBase64String(base64));
        }
        catch (FormatException e)
        {
            throw new CommandLineException($"The encoded command is not valid Base64: {e.Message}");
        }
    }
}

/// <summary>The command line can't be understood.</summary>
internal sealed class CommandLineException(string message) : Exception(message)
{
    /// <summary>What powershell.exe exits with then.</summary>
    public const int ExitCode = 64;
}
