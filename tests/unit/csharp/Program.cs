// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System.Text.Json;
using ansible_collections.netdrive.windows.plugins.module_utils.Selection;
using Xunit.Runner.InProc.SystemConsole;

namespace Netdrive.Tests;

/// <summary>Runs the tests or, with the argument 'selection', answers for tests in other languages.</summary>
public static class Program
{
    public static int Main(string[] arguments) =>
        arguments is ["selection"] ? AnswerSelections() : ConsoleRunner.Run(arguments).GetAwaiter().GetResult();

    /// <summary>A line of JSON for each question: which of the connections are meant; null where the selection is refused.</summary>
    private static int AnswerSelections()
    {
        while (Console.ReadLine() is string line)
            Console.WriteLine(JsonSerializer.Serialize(Answer(JsonSerializer.Deserialize<Question>(line)!)));
        return 0;
    }

    private static bool[]? Answer(Question question)
    {
        try
        {
            var selection = new ConnectionSelection(question.name, question.remote, question.exclude);
            return [.. question.connections.Select(connection => selection.Matches(connection[0], connection[1]))];
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private sealed record Question(string[]? name, string[]? remote, string[]? exclude, string?[][] connections);
}
