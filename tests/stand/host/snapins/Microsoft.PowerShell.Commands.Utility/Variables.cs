// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>A command on the variables of one scope, or of all that the caller sees.</summary>
public abstract class VariableCommandBase : PSCmdlet
{
    [Parameter]
    public string? Scope { get; set; }

    private protected IDictionary<string, PSVariable> Table => Scope is null
        ? SessionState.Internal.GetVariableTable()
        : SessionState.Internal.GetVariableTableAtScope(Scope);

    private protected PSVariable? Find(string name) => Scope is null
        ? SessionState.PSVariable.Get(name)
        : SessionState.Internal.GetVariableAtScope(name, Scope);

    private protected void Store(PSVariable variable, bool force)
    {
        if (Scope is null)
        {
            SessionState.Internal.SetVariable(variable, force, MyInvocation.CommandOrigin);
        }
        else
        {
            SessionState.Internal.SetVariableAtScope(variable, Scope, force, MyInvocation.CommandOrigin);
        }
    }

    /// <summary>Variables that the name or pattern means; an error where a name means none.</summary>
    private protected IEnumerable<PSVariable> Match(string name)
    {
        if (WildcardPattern.ContainsWildcardCharacters(name))
        {
            var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
            return Table.Where(v => pattern.IsMatch(v.Key)).Select(v => v.Value).OrderBy(v => v.Name);
        }
        if (Find(name) is { } variable)
        {
            return [variable];
        }
        WriteError(new ErrorRecord(
            new ItemNotFoundException($"Cannot find a variable with the name '{name}'."),
            "VariableNotFound", ErrorCategory.ObjectNotFound, name));
        return [];
    }
}

[Cmdlet(VerbsCommon.Get, "Variable")]
public sealed class GetVariableCommand : VariableCommandBase
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public string[] Name { get; set; } = ["*"];

    [Parameter]
    public SwitchParameter ValueOnly { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var variable in Name.SelectMany(Match))
        {
            WriteObject(ValueOnly ? variable.Value : variable);
        }
    }
}

[Cmdlet(VerbsCommon.Set, "Variable", SupportsShouldProcess = true)]
public sealed class SetVariableCommand : VariableCommandBase
{
    private readonly List<object?> values = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    public string[] Name { get; set; } = [];

    [Parameter(Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public object? Value { get; set; }

    [Parameter]
    public string? Description { get; set; }

    [Parameter]
    public ScopedItemOptions? Option { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord() => values.Add(Value);

    protected override void EndProcessing()
    {
        var value = values.Count == 1 ? values[0] : values.ToArray();
        foreach (var name in Name.Where(n => ShouldProcess($"Name: {n} Value: {value}", "Set variable")))
        {
            Set(name, value);
        }
    }

    private void Set(string name, object? value)
    {
        // Without a scope, an outer scope's variable is not changed: the caller's scope gets one of its own.
        var variable = SessionState.Internal.GetVariableAtScope(name, Scope ?? "Local");
        if (variable is null || Option is not null)
        {
            variable = new PSVariable(name, value, Option ?? ScopedItemOptions.None);
        }
        else
        {
            variable.Value = value;
        }
        variable.Description = Description ?? variable.Description;
        Store(variable, Force);
        if (PassThru)
        {
            WriteObject(variable);
        }
    }
}

[Cmdlet(VerbsCommon.New, "Variable", SupportsShouldProcess = true)]
public sealed class NewVariableCommand : VariableCommandBase
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    public string Name { get; set; } = "";

    [Parameter(Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public object? Value { get; set; }

    [Parameter]
    public string? Description { get; set; }

    [Parameter]
    public ScopedItemOptions Option { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord()
    {
        if (!ShouldProcess($"Name: {Name} Value: {Value}", "New variable"))
        {
            return;
        }
        var variable = new PSVariable(Name, Value, Option) { Description = Description ?? "" };
        SessionState.Internal.NewVariableAtScope(variable, Scope ?? "Local", Force);
        if (PassThru)
        {
            WriteObject(variable);
        }
    }
}

[Cmdlet(VerbsCommon.Remove, "Variable", SupportsShouldProcess = true)]
public sealed class RemoveVariableCommand : VariableCommandBase
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    public string[] Name { get; set; } = [];

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var variable in Name.SelectMany(Match).Where(v => ShouldProcess($"Name: {v.Name}", "Remove variable")))
        {
            SessionState.Internal.RemoveVariableAtScope(variable, Scope ?? "Local", Force);
        }
    }
}

[Cmdlet(VerbsCommon.Get, "Alias")]
public sealed class GetAliasCommand : PSCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true)]
    public string[] Name { get; set; } = ["*"];

    [Parameter]
    public string? Definition { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var name in Name)
        {
            var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
            var found = SessionState.Internal.GetAliasTable().Values
                .Where(a => pattern.IsMatch(a.Name))
                .Where(a => Definition is null || a.Definition.Equals(Definition, StringComparison.OrdinalIgnoreCase))
                .OrderBy(a => a.Name).ToList();
            if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                WriteError(new ErrorRecord(
                    new ItemNotFoundException($"No alias has the name '{name}'."),
                    "ItemNotFoundException", ErrorCategory.ObjectNotFound, name));
            }
            WriteObject(found, enumerateCollection: true);
        }
    }
}

/// <summary>What New-Alias and Set-Alias have in common.</summary>
public abstract class WriteAliasCommandBase : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    public string Name { get; set; } = "";

    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    public string Value { get; set; } = "";

    [Parameter]
    public ScopedItemOptions Option { get; set; }

    [Parameter]
    public string Scope { get; set; } = "Local";

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord() => SessionState.Internal.SetAliasItemAtScope(
        new AliasInfo(Name, Value, Context, Option), Scope, Force, MyInvocation.CommandOrigin);
}

[Cmdlet(VerbsCommon.Set, "Alias")]
public sealed class SetAliasCommand : WriteAliasCommandBase
{
}

[Cmdlet(VerbsCommon.New, "Alias")]
public sealed class NewAliasCommand : WriteAliasCommandBase
{
    protected override void BeginProcessing()
    {
        if (!Force && SessionState.Internal.GetAliasAtScope(Name, Scope) is not null)
        {
            ThrowTerminatingError(new ErrorRecord(
                new SessionStateException(
                    Name, SessionStateCategory.Alias, "AliasAlreadyExists",
                    "The alias is not allowed, because an alias with the name '{0}' already exists.",
                    ErrorCategory.ResourceExists, Name),
                "AliasAlreadyExists", ErrorCategory.ResourceExists, Name));
        }
    }
}
