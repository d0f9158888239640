// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace Netdrive.Lint;

/// <summary>
/// Parses scripts with PowerShell's own parser and refuses what Windows PowerShell 5.1 does not know: syntax, types,
/// variables, and commands or parameters that are not in commands.txt. Beside that, some of what ansible-test's pslint refuses,
/// which needs a module that is not to be had offline.
/// </summary>
internal sealed partial class PowerShellCheck(string ansible, string utils)
{
    private static readonly StringComparer IgnoreCase = StringComparer.OrdinalIgnoreCase;

    /// <summary>Name of each command to its parameters that came after 5.1.</summary>
    private static readonly Dictionary<string, HashSet<string>> Commands =
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "commands.txt"))
            .Where(line => line.Length > 0 && !line.StartsWith('#'))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToDictionary(words => words[0], words => words[1..].ToHashSet(IgnoreCase), IgnoreCase);

    private static readonly HashSet<string> NewTypes = new(
        ["short", "ushort", "uint", "ulong", "semver", "ArgumentCompletions", "Experimental", "NoRunspaceAffinity",
            "ValidateNotNullOrWhiteSpace", "pspropertyexpression"], IgnoreCase);

    private static readonly HashSet<string> NewVariables = new(
        ["IsCoreCLR", "IsLinux", "IsMacOS", "IsWindows", "EnabledExperimentalFeatures", "PSStyle",
            "PSNativeCommandArgumentPassing", "PSNativeCommandUseErrorActionPreference"], IgnoreCase);

    /// <summary>Commands whose -Path takes wildcards, and that have -LiteralPath beside it.</summary>
    private static readonly HashSet<string> Literal = new(
        ["Add-Content", "Clear-Content", "Copy-Item", "Get-Acl", "Get-ChildItem", "Get-Content", "Get-Item", "Get-ItemProperty",
            "Get-ItemPropertyValue", "Move-Item", "New-ItemProperty", "Out-File", "Remove-Item", "Remove-ItemProperty", "Rename-Item",
            "Resolve-Path", "Set-Acl", "Set-Content", "Set-Item", "Set-ItemProperty", "Split-Path", "Test-Path"], IgnoreCase);

    private const int LongestLine = 160;

    [GeneratedRegex(@"^[-+]?(0x[0-9a-f]+|(\d+\.?\d*|\.\d+)(e[-+]?\d+)?)[dl]?([kmgtp]b)?$", RegexOptions.IgnoreCase)]
    private static partial Regex Number();

    [GeneratedRegex(@"(?<!`)(``)*`(e|u\{)")]
    private static partial Regex NewEscape();

    [GeneratedRegex(@"^#\s*(ansiblerequires\s+-powershell|requires\s+-modules?)\s+(?<name>[\w.]+)",
        RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex RequiredUtil();

    public IEnumerable<string> Run(IEnumerable<string> files) => files.SelectMany(Check);

    private IEnumerable<string> Check(string file)
    {
        var script = Parser.ParseFile(file, out var tokens, out var errors);
        var nodes = script.FindAll(_ => true, searchNestedScriptBlocks: true).ToList();
        var functions = Functions(script).Concat(RequiredFunctions(script.Extent.Text)).ToHashSet(IgnoreCase);
        IEnumerable<Finding> findings =
        [
            .. errors.Select(error => new Finding(error.Extent, error.Message)),
            .. nodes.Select(node => Unknown(node.Extent, NewSyntax(node) ?? NewName(node))).OfType<Finding>(),
            .. Flatten(tokens).Select(token => Unknown(token.Extent, NewToken(token))).OfType<Finding>(),
            .. LeadingPipes(tokens).Select(pipe => Unknown(pipe.Extent, "a leading '|'")).OfType<Finding>(),
            .. nodes.OfType<CommandAst>().SelectMany(command => NewCommand(command, functions)),
            .. nodes.OfType<CommandAst>().SelectMany(Careless),
            .. tokens.Where(token => token.Kind is TokenKind.NewLine && token.Extent.StartColumnNumber > LongestLine + 1)
                .Select(token => new Finding(token.Extent, $"the line is longer than {LongestLine} characters")),
        ];
        return findings.OrderBy(found => found.Extent.StartOffset).Select(found => $"{file}:{found}");
    }

    private static Finding? Unknown(IScriptExtent extent, string? what) =>
        what == null ? null : new Finding(extent, $"{what} is not known to Windows PowerShell 5.1");

    private static string? NewSyntax(Ast ast) => ast switch
    {
        TernaryExpressionAst => "the ternary operator",
        PipelineChainAst => "'&&' or '||' between pipelines",
        PipelineAst { Background: true } => "'&' for a background job",
        MemberExpressionAst { NullConditional: true } => "'?.'",
        IndexExpressionAst { NullConditional: true } => "'?[]'",
        InvokeMemberExpressionAst { GenericTypeArguments: not null } => "a method call with type arguments",
        BinaryExpressionAst { Operator: TokenKind.QuestionQuestion } => "'??'",
        BinaryExpressionAst { Operator: TokenKind.DotDot, Left: StringConstantExpressionAst } => "a range of letters",
        AssignmentStatementAst { Operator: TokenKind.QuestionQuestionEquals } => "'??='",
        NamedBlockAst { BlockKind: TokenKind.Clean } => "a 'clean' block",
        TypeDefinitionAst { IsEnum: true, BaseTypes.Count: > 0 } => "the underlying type of an enum",
        ScriptBlockAst { ScriptRequirements.RequiredPSVersion: var version } when version > new Version(5, 1) =>
            $"#requires -Version {version}",
        _ => null,
    };

    private static string? NewName(Ast ast) => ast switch
    {
        TypeExpressionAst type => NewType(type.TypeName),
        AttributeBaseAst attribute => NewType(attribute.TypeName),
        VariableExpressionAst variable when NewVariables.Contains(variable.VariablePath.UserPath) => $"{variable}",
        _ => null,
    };

    private static string? NewType(ITypeName type) => NewTypes.Contains(type.FullName) ? $"[{type.FullName}]" : null;

    private static string? NewToken(Token token) => token switch
    {
        NumberToken when !Number().IsMatch(token.Text) => $"the number {token.Text}",
        StringExpandableToken or { Kind: TokenKind.Generic } when NewEscape().IsMatch(token.Text) => "'`e' or '`u{}'",
        _ => null,
    };

    private static IEnumerable<Token> Flatten(IEnumerable<Token> tokens) => tokens.SelectMany(
        token => token is StringExpandableToken { NestedTokens: { } inner } ? Flatten(inner).Prepend(token) : [token]);

    private static IEnumerable<Token> LeadingPipes(Token[] tokens) => tokens.Zip(tokens.Skip(1))
        .Where(pair => pair.First.Kind is TokenKind.NewLine or TokenKind.Comment && pair.Second.Kind == TokenKind.Pipe)
        .Select(pair => pair.Second);

    private static IEnumerable<Finding> NewCommand(CommandAst command, HashSet<string> functions)
    {
        var name = command.GetCommandName();
        if (name == null || functions.Contains(name) || Path.HasExtension(name)) // a script block, the script's own, a program
        {
            return [];
        }
        if (!Commands.TryGetValue(name, out var newParameters))
        {
            return [new(command.Extent, $"{name} is not the full name of a command of Windows PowerShell 5.1")];
        }
        return command.CommandElements.OfType<CommandParameterAst>()
            .Where(parameter => newParameters.Contains(parameter.ParameterName))
            .Select(parameter => Unknown(parameter.Extent, $"-{parameter.ParameterName} of {name}")!);
    }

    private static IEnumerable<Finding> Careless(CommandAst command)
    {
        var name = command.GetCommandName() ?? "";
        foreach (var path in command.CommandElements.OfType<CommandParameterAst>())
        {
            if (Literal.Contains(name) && path.ParameterName.Equals("Path", StringComparison.OrdinalIgnoreCase))
            {
                yield return new(path.Extent, $"{name} takes wildcards in -Path: -LiteralPath");
            }
        }
        var errors = command.Redirections.FirstOrDefault(redirection => redirection.FromStream == RedirectionStream.Error);
        if (errors != null && Path.HasExtension(name))
        {
            yield return new(errors.Extent, $"in 5.1 and with 'Stop', this ends the script when {name} writes an error: cmd.exe /c '{name} ... 2>&1'");
        }
    }

    private static IEnumerable<string> Functions(Ast script) => script
        .FindAll(ast => ast is FunctionDefinitionAst, searchNestedScriptBlocks: true)
        .Select(ast => ((FunctionDefinitionAst)ast).Name);

    /// <returns>What the PowerShell utils that a script requires bring along.</returns>
    private IEnumerable<string> RequiredFunctions(string text) => RequiredUtil().Matches(text)
        .Select(match => match.Groups["name"].Value)
        .Select(name => name.StartsWith("Ansible.", StringComparison.OrdinalIgnoreCase)
            ? Path.Combine(ansible, "powershell", name + ".psm1")
            : Path.Combine(utils, name[(name.LastIndexOf('.') + 1)..] + ".psm1"))
        .Where(File.Exists)
        .SelectMany(path => Functions(Parser.ParseFile(path, out _, out _)));

    private sealed record Finding(IScriptExtent Extent, string Message)
    {
        public override string ToString() => $"{Extent.StartLineNumber}:{Extent.StartColumnNumber}: {Message}";
    }
}
