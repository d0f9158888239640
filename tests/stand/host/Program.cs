// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.IO;
using System.Text;

namespace Netdrive.Stand;

/// <summary>powershell.exe for one script: no prompt, no profile, UTF-8 without BOM in and out.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
        // As pwsh does: "powershell" in a script is this one.
        var path = Environment.GetEnvironmentVariable("PATH");
        Environment.SetEnvironmentVariable("PATH", $"{AppContext.BaseDirectory}{Path.PathSeparator}{path}");

        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var input = new StreamReader(Console.OpenStandardInput(), utf8);
        using var output = new StreamWriter(Console.OpenStandardOutput(), utf8) { AutoFlush = true };
        using var error = new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true };
        // Scripts that use [Console] directly write to the same places, whatever the console's code page is.
        Console.SetIn(input);
        Console.SetOut(output);
        Console.SetError(error);

        CommandLine commandLine;
        try
        {
            commandLine = CommandLine.Parse(args);
        }
        catch (CommandLineException e)
        {
            error.WriteLine(e.Message);
            return CommandLineException.ExitCode;
        }
        return new Session(commandLine, new ScriptHost(output, error)).Run(Console.IsInputRedirected ? input : null);
    }
}
