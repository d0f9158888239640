// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System.Management.Automation.Language;
using System.Text.Json;

namespace Netdrive.Lint;

/// <summary>
/// Reads the argument spec out of PowerShell modules without running them: the hashtable that is given to
/// [Ansible.Basic.AnsibleModule]::Create, itself or in a variable. Where a module only calls a function of a util of its
/// collection, in that function.
/// </summary>
internal static class ArgumentSpec
{
    /// <returns>JSON: path of each module to its argument spec, or null if it has none made of constants.</returns>
    public static string ToJson(IEnumerable<string> files) =>
        JsonSerializer.Serialize(files.ToDictionary(file => file, Read));

    private static object? Read(string file)
    {
        Ast script = Parser.ParseFile(file, out _, out _);
        script = CalledFunction(script, file) ?? script;
        var create = (InvokeMemberExpressionAst?)script.Find(IsCreate, searchNestedScriptBlocks: true);
        var spec = create is { Arguments: [_, var argument, ..] } ? Definition(script, argument) : null;
        try
        {
            return spec?.SafeGetValue();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static Ast? CalledFunction(Ast script, string file)
    {
        var called = script.FindAll(ast => ast is CommandAst, searchNestedScriptBlocks: false).Select(ast => ((CommandAst)ast).GetCommandName()).ToHashSet();
        var utils = Path.Combine(Path.GetDirectoryName(file)!, "..", "module_utils");
        return (Directory.Exists(utils) ? Directory.EnumerateFiles(utils, "*.psm1") : [])
            .Select(util => Parser.ParseFile(util, out _, out _).Find(
                ast => ast is FunctionDefinitionAst function && called.Contains(function.Name)
                    && function.Find(IsCreate, searchNestedScriptBlocks: true) != null, searchNestedScriptBlocks: false))
            .OfType<FunctionDefinitionAst>().FirstOrDefault()?.Body;
    }

    private static bool IsCreate(Ast ast) => ast is InvokeMemberExpressionAst
    {
        Static: true,
        Expression: TypeExpressionAst { TypeName.FullName: "Ansible.Basic.AnsibleModule" },
        Member: StringConstantExpressionAst { Value: "Create" },
    };

    private static Ast? Definition(Ast script, ExpressionAst argument)
    {
        if (argument is not VariableExpressionAst variable)
        {
            return argument;
        }
        var assignment = script.Find(
            ast => ast is AssignmentStatementAst { Left: VariableExpressionAst left }
                && left.VariablePath.UserPath == variable.VariablePath.UserPath,
            searchNestedScriptBlocks: false);
        return ((assignment as AssignmentStatementAst)?.Right as CommandExpressionAst)?.Expression;
    }
}
