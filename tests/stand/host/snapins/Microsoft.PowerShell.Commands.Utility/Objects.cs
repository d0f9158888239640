// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.New, "Object", DefaultParameterSetName = "Net")]
public sealed class NewObjectCommand : PSCmdlet
{
    [Parameter(ParameterSetName = "Net", Mandatory = true, Position = 0)]
    public string TypeName { get; set; } = "";

    [Parameter(ParameterSetName = "Net", Position = 1)]
    [Alias("Args")]
    public object[] ArgumentList { get; set; } = [];

    [Parameter(ParameterSetName = "Com", Mandatory = true, Position = 0)]
    public string ComObject { get; set; } = "";

    [Parameter]
    public IDictionary? Property { get; set; }

    protected override void BeginProcessing()
    {
        try
        {
            var created = ParameterSetName == "Com" ? CreateCom() : Create();
            if (Property is { Count: > 0 })
            {
                SetProperties(created);
            }
            WriteObject(created);
        }
        catch (RuntimeException e)
        {
            ThrowTerminatingError(new ErrorRecord(
                e, "ConstructorInvokedThrowException,Microsoft.PowerShell.Commands.NewObjectCommand",
                ErrorCategory.InvalidOperation, targetObject: null));
        }
    }

    private object Create()
    {
        if (!LanguagePrimitives.TryConvertTo<Type>(TypeName, out var type))
        {
            ThrowTerminatingError(new ErrorRecord(
                new PSArgumentException(
                    $"Cannot find type [{TypeName}]: verify that the assembly containing this type is loaded."),
                "TypeNotFound", ErrorCategory.InvalidType, targetObject: null));
        }
        var constructors = type!.GetConstructors();
        return type.IsValueType && ArgumentList.Length == 0
            ? Activator.CreateInstance(type)!
            : DotNetAdapter.ConstructorInvokeDotNet(type, constructors, ArgumentList);
    }

    private object CreateCom()
    {
        var type = Type.GetTypeFromProgID(ComObject);
        return type is null
            ? throw new PSArgumentException($"The class {ComObject} is not registered.")
            : Activator.CreateInstance(type)!;
    }

    private void SetProperties(object created)
    {
        var target = PSObject.AsPSObject(created);
        foreach (DictionaryEntry entry in Property!)
        {
            var name = entry.Key.ToString()!;
            if (target.Properties[name] is { } property)
            {
                property.Value = entry.Value;
            }
            else if (target.BaseObject is PSCustomObject)
            {
                target.Properties.Add(new PSNoteProperty(name, entry.Value));
            }
            else
            {
                throw new PSInvalidOperationException($"The member \"{name}\" was not found for the specified object.");
            }
        }
    }
}

[Cmdlet(VerbsCommon.Add, "Member", DefaultParameterSetName = "TypeName")]
public sealed class AddMemberCommand : PSCmdlet
{
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public PSObject InputObject { get; set; } = null!;

    [Parameter(ParameterSetName = "Member", Mandatory = true, Position = 0)]
    [Alias("Type")]
    public PSMemberTypes MemberType { get; set; }

    [Parameter(ParameterSetName = "Member", Mandatory = true, Position = 1)]
    public string Name { get; set; } = "";

    [Parameter(ParameterSetName = "Member", Position = 2)]
    public object? Value { get; set; }

    [Parameter(ParameterSetName = "Member", Position = 3)]
    public object? SecondValue { get; set; }

    [Parameter(ParameterSetName = "NoteProperty", Mandatory = true, Position = 0)]
    [ValidateNoMemberType]
    public string NotePropertyName { get; set; } = "";

    [Parameter(ParameterSetName = "NoteProperty", Mandatory = true, Position = 1)]
    [AllowNull]
    public object? NotePropertyValue { get; set; }

    [Parameter(ParameterSetName = "NoteProperties", Mandatory = true, Position = 0)]
    public IDictionary NotePropertyMembers { get; set; } = null!;

    [Parameter(ParameterSetName = "TypeName", Mandatory = true)]
    [Parameter(ParameterSetName = "Member")]
    [Parameter(ParameterSetName = "NoteProperty")]
    [Parameter(ParameterSetName = "NoteProperties")]
    public string? TypeName { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var member in Members())
        {
            Add(member);
        }
        if (TypeName is not null)
        {
            InputObject.TypeNames.Insert(0, TypeName);
        }
        if (PassThru)
        {
            WriteObject(InputObject);
        }
    }

    private IEnumerable<PSMemberInfo> Members() => ParameterSetName switch
    {
        "Member" => [Member()],
        "NoteProperty" => [new PSNoteProperty(NotePropertyName, NotePropertyValue)],
        "NoteProperties" => NotePropertyMembers.Keys.Cast<object>()
            .Select(k => new PSNoteProperty(k.ToString(), NotePropertyMembers[k])),
        _ => [],
    };

    private PSMemberInfo Member() => MemberType switch
    {
        PSMemberTypes.NoteProperty => new PSNoteProperty(Name, Value),
        PSMemberTypes.AliasProperty => new PSAliasProperty(Name, LanguagePrimitives.ConvertTo<string>(Value)),
        PSMemberTypes.ScriptMethod => new PSScriptMethod(Name, LanguagePrimitives.ConvertTo<ScriptBlock>(Value)),
        PSMemberTypes.ScriptProperty => new PSScriptProperty(
            Name,
            LanguagePrimitives.ConvertTo<ScriptBlock>(Value),
            LanguagePrimitives.ConvertTo<ScriptBlock>(SecondValue)),
        _ => throw new PSNotSupportedException($"A member of the type {MemberType} can't be added."),
    };

    private void Add(PSMemberInfo member)
    {
        if (InputObject.Members[member.Name] is { } existing)
        {
            if (!Force)
            {
                WriteError(new ErrorRecord(
                    new InvalidOperationException(
                        $"Cannot add a member with the name \"{member.Name}\" because a member with that name already "
                        + "exists. To overwrite the member anyway, add the Force parameter to your command."),
                    "MemberAlreadyExists", ErrorCategory.InvalidOperation, InputObject));
                return;
            }
            if (existing.IsInstance)
            {
                InputObject.Members.Remove(member.Name);
            }
        }
        InputObject.Members.Add(member);
    }
}

/// <summary>Tells "Add-Member NoteProperty a 1" from "Add-Member a 1".</summary>
internal sealed class ValidateNoMemberTypeAttribute : ValidateArgumentsAttribute
{
    protected override void Validate(object arguments, EngineIntrinsics engineIntrinsics)
    {
        if (Enum.TryParse<PSMemberTypes>(arguments.ToString(), ignoreCase: true, out _))
        {
            // Swallowed: the engine then tries the next parameter set.
            throw new ValidationMetadataException($"{arguments} is a member type.", swallowException: true);
        }
    }
}

/// <summary>One line of Get-Member.</summary>
public sealed record MemberDefinition(string TypeName, string Name, PSMemberTypes MemberType, string Definition);

[Cmdlet(VerbsCommon.Get, "Member")]
public sealed class GetMemberCommand : PSCmdlet
{
    private readonly HashSet<string> seen = [];

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    [Parameter(Position = 0)]
    public string[] Name { get; set; } = ["*"];

    [Parameter]
    [Alias("Type")]
    public PSMemberTypes MemberType { get; set; } = PSMemberTypes.All;

    protected override void ProcessRecord()
    {
        if (InputObject is null || !seen.Add(InputObject.TypeNames.FirstOrDefault() ?? ""))
        {
            return;
        }
        var type = InputObject.TypeNames.FirstOrDefault() ?? "";
        var members = Name.SelectMany(n => InputObject.Members.Match(n, MemberType)).Distinct();
        WriteObject(
            members.OrderBy(m => m.MemberType.ToString()).ThenBy(m => m.Name)
                .Select(m => new MemberDefinition(type, m.Name, m.MemberType, m.ToString()!)),
            enumerateCollection: true);
    }
}
