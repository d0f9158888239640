// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Management.Automation.Language;
using System.Numerics;
using System.Reflection;
using Newtonsoft.Json;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsData.ConvertTo, "Json")]
public sealed class ConvertToJsonCommand : PSCmdlet
{
    private readonly List<object?> inputs = [];
    private bool truncated;

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AllowNull]
    public object? InputObject { get; set; }

    [Parameter]
    [ValidateRange(0, 100)]
    public int Depth { get; set; } = 2;

    [Parameter]
    public SwitchParameter Compress { get; set; }

    [Parameter]
    public SwitchParameter EnumsAsStrings { get; set; }

    [Parameter]
    public SwitchParameter AsArray { get; set; }

    [Parameter]
    public StringEscapeHandling EscapeHandling { get; set; } = StringEscapeHandling.Default;

    protected override void ProcessRecord() => inputs.Add(InputObject);

    protected override void EndProcessing()
    {
        if (inputs.Count == 0)
        {
            return;
        }
        using var text = new StringWriter();
        using var writer = new JsonTextWriter(text)
        {
            Formatting = Compress ? Formatting.None : Formatting.Indented,
            StringEscapeHandling = EscapeHandling,
        };
        Write(writer, inputs.Count > 1 || AsArray ? inputs : inputs[0], depth: 0);
        if (truncated)
        {
            WriteWarning($"Resulting JSON is truncated as serialization has exceeded the set depth of {Depth}.");
        }
        WriteObject(text.ToString());
    }

    private void Write(JsonTextWriter writer, object? value, int depth)
    {
        var wrapper = value as PSObject;
        var target = wrapper is null ? value : wrapper.BaseObject;
        if (IsScalar(target))
        {
            WriteScalar(writer, target);
        }
        else if (depth > Depth)
        {
            truncated = true;
            writer.WriteValue(LanguagePrimitives.ConvertTo<string>(value));
        }
        else if (target is IEnumerable list and not IDictionary)
        {
            WriteList(writer, list, depth);
        }
        else
        {
            WriteObject(writer, Members(target!, wrapper), depth);
        }
    }

    private static bool IsScalar(object? value) =>
        value is null or string or Enum or DateTime or DateTimeOffset or Guid or Uri or decimal or BigInteger
            or NullString or DBNull
        || value == AutomationNull.Value || value.GetType().IsPrimitive;

    private void WriteScalar(JsonTextWriter writer, object? value)
    {
        switch (value)
        {
            case NullString or DBNull or PSObject:
                writer.WriteNull();
                break;
            case Enum when EnumsAsStrings:
                writer.WriteValue(value.ToString());
                break;
            case Enum:
                writer.WriteValue(Convert.ChangeType(value, Enum.GetUnderlyingType(value.GetType())));
                break;
            default:
                writer.WriteValue(value);
                break;
        }
    }

    private void WriteList(JsonTextWriter writer, IEnumerable list, int depth)
    {
        writer.WriteStartArray();
        foreach (var item in list)
        {
            Write(writer, item, depth + 1);
        }
        writer.WriteEndArray();
    }

    private void WriteObject(JsonTextWriter writer, IEnumerable<(string Name, object? Value)> members, int depth)
    {
        var seen = new HashSet<string>();
        writer.WriteStartObject();
        foreach (var (name, value) in members.Where(m => seen.Add(m.Name)))
        {
            writer.WritePropertyName(name);
            Write(writer, value, depth + 1);
        }
        writer.WriteEndObject();
    }

    // The object's own members first, then those that PowerShell has attached to it.
    private static IEnumerable<(string Name, object? Value)> Members(object target, PSObject? wrapper)
    {
        var own = target switch
        {
            PSCustomObject => [],
            IDictionary dictionary => Entries(dictionary),
            _ => Fields(target).Concat(Properties(target)),
        };
        const PSMemberTypes computed = PSMemberTypes.Properties & ~(PSMemberTypes.Property);
        var attached = wrapper?.Properties
            .Where(p => (p.MemberType & computed) != 0 && p.IsGettable)
            .Select(p => (p.Name, ValueOrNull(() => p.Value)));
        return own.Concat(attached ?? []);
    }

    private static IEnumerable<(string, object?)> Entries(IDictionary dictionary)
    {
        foreach (DictionaryEntry entry in dictionary)
        {
            yield return (entry.Key.ToString()!, entry.Value);
        }
    }

    private static IEnumerable<(string, object?)> Fields(object target) =>
        target.GetType().GetFields(BindingFlags.Public | BindingFlags.Instance)
            .Select(f => (f.Name, f.GetValue(target)));

    private static IEnumerable<(string, object?)> Properties(object target) =>
        target.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.GetMethod is { IsPublic: true } && p.GetIndexParameters().Length == 0)
            .Select(p => (p.Name, ValueOrNull(() => p.GetValue(target))));

    // A property that throws is null in the JSON, and no reason to lose the rest.
    private static object? ValueOrNull(Func<object?> get)
    {
        try
        {
            return get();
        }
        catch (Exception e) when (e is TargetInvocationException or RuntimeException)
        {
            return null;
        }
    }
}
