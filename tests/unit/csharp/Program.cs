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

    /// <summary>A line of JSON for each question: which of the connections are meant, or null for one that must be left alone; the message where the selection is refused.</summary>
    private static int AnswerSelections()
    {
        while (Console.ReadLine() is string line)
            Console.WriteLine(JsonSerializer.Serialize(Answer(JsonSerializer.Deserialize<Question>(line)!)));
        return 0;
    }

    private static object Answer(Question question)
    {
        try
        {
            var selection = new ConnectionSelection(Value(question.name), Value(question.remote), Value(question.exclude));
            return question.connections.Select(connection =>
                selection.Matches(connection[0], connection[1]) ? selection.MightBeExcluded(connection[1]) ? (bool?)null : true : false).ToArray();
        }
        catch (ArgumentException e)
        {
            return e.Message;
        }
    }

    /// <summary>As a module's options come out of JSON.</summary>
    private static object? Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Array => element.EnumerateArray().Select(Value).ToArray(),
        JsonValueKind.Number => element.GetInt32(),
        JsonValueKind.Object => new Dictionary<string, object>(),
        _ => element.GetBoolean()
    };

    private sealed record Question(JsonElement name, JsonElement remote, JsonElement exclude, string?[][] connections);
}
