// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>A -Property argument: a name, a script block, or a hashtable of Name, Expression and an order.</summary>
internal sealed class PropertyArgument
{
    private readonly string? label;
    private readonly PSPropertyExpression expression;

    public PropertyArgument(object argument)
    {
        var value = argument is PSObject wrapper ? wrapper.BaseObject : argument;
        if (value is IDictionary dictionary)
        {
            label = Entry(dictionary, "name", "label")?.ToString();
            Descending = Entry(dictionary, "descending") is { } down ? LanguagePrimitives.IsTrue(down)
                : Entry(dictionary, "ascending") is { } up ? !LanguagePrimitives.IsTrue(up) : null;
            value = Entry(dictionary, "expression") ?? label
                ?? throw new PSArgumentException("A property hashtable needs the key Expression.");
            value = value is PSObject inner ? inner.BaseObject : value;
        }
        expression = value is ScriptBlock script
            ? new PSPropertyExpression(script)
            : new PSPropertyExpression(value.ToString());
    }

    /// <summary>Order of this property where it has one of its own.</summary>
    public bool? Descending { get; }

    /// <summary>Name and value of each property that is meant; a missing one has the value null.</summary>
    public IEnumerable<(string Name, object? Value)> Of(PSObject target)
    {
        var resolved = expression.ResolveNames(target);
        if (resolved.Count == 0 && !expression.HasWildCardCharacters)
        {
            resolved.Add(expression);
        }
        return resolved.Select(e => (label ?? e.ToString(), e.GetValues(target).FirstOrDefault()?.Result));
    }

    /// <summary>Value of the first property that is meant, or null.</summary>
    public object? ValueOf(PSObject target) => Of(target).FirstOrDefault().Value;

    // As in PowerShell, the beginning of a key is enough: @{ n = ...; e = ... }.
    private static object? Entry(IDictionary dictionary, params string[] names) => dictionary.Keys.Cast<object>()
        .Where(k => k.ToString() is { Length: > 0 } key
            && names.Any(n => n.StartsWith(key, StringComparison.OrdinalIgnoreCase)))
        .Select(k => dictionary[k]).FirstOrDefault();
}

/// <summary>Orders what PowerShell can order, and what it can't by its text.</summary>
internal sealed class ValueComparer(bool caseSensitive) : IComparer<object?>, IEqualityComparer<object?>
{
    public int Compare(object? x, object? y) =>
        LanguagePrimitives.TryCompare(x, y, !caseSensitive, out var order)
            ? order
            : string.Compare(
                PSObject.AsPSObject(x).ToString(), PSObject.AsPSObject(y).ToString(),
                caseSensitive ? StringComparison.CurrentCulture : StringComparison.CurrentCultureIgnoreCase);

    bool IEqualityComparer<object?>.Equals(object? x, object? y) => LanguagePrimitives.Equals(x, y, !caseSensitive);

    int IEqualityComparer<object?>.GetHashCode(object? value) =>
        StringComparer.CurrentCultureIgnoreCase.GetHashCode(value?.ToString() ?? "");
}

[Cmdlet(VerbsCommon.Select, "Object", DefaultParameterSetName = "Default")]
public sealed class SelectObjectCommand : PSCmdlet
{
    private readonly List<PSObject> queue = [];
    private readonly List<object[]> written = [];
    private List<PropertyArgument> properties = [];
    private WildcardPattern[] excluded = [];
    private int seen;

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    [Parameter(Position = 0)]
    public object[] Property { get; set; } = [];

    [Parameter]
    public string[] ExcludeProperty { get; set; } = [];

    [Parameter]
    public string? ExpandProperty { get; set; }

    [Parameter]
    public SwitchParameter Unique { get; set; }

    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int First { get; set; } = -1;

    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int Last { get; set; }

    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int Skip { get; set; }

    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int SkipLast { get; set; }

    [Parameter]
    public int[]? Index { get; set; }

    protected override void BeginProcessing()
    {
        var wanted = Property.Length == 0 && ExcludeProperty.Length > 0 ? ["*"] : Property;
        properties = wanted.Select(p => new PropertyArgument(p)).ToList();
        excluded = ExcludeProperty.Select(p => WildcardPattern.Get(p, WildcardOptions.IgnoreCase)).ToArray();
    }

    protected override void ProcessRecord()
    {
        if (InputObject is null)
        {
            return;
        }
        var position = seen++;
        if (Index is not null)
        {
            if (Index.Contains(position))
            {
                Select(InputObject);
            }
        }
        else if (Last > 0 || SkipLast > 0)
        {
            queue.Add(InputObject);
        }
        else if (position >= Skip)
        {
            Take(InputObject, position - Skip + 1);
        }
    }

    protected override void EndProcessing()
    {
        if (Last > 0)
        {
            var end = queue.Count - Skip;
            queue.Take(Math.Max(end, 0)).Skip(Math.Max(end - Last, 0)).ToList().ForEach(Select);
        }
        else
        {
            queue.Skip(Skip).SkipLast(SkipLast).ToList().ForEach(Select);
        }
    }

    private void Take(PSObject input, int count)
    {
        if (First < 0 || count <= First)
        {
            Select(input);
        }
        if (First >= 0 && count >= First)
        {
            throw new StopUpstreamCommandsException(this);
        }
    }

    private void Select(PSObject input)
    {
        var result = properties.Count == 0 ? input : Project(input);
        if (ExpandProperty is null)
        {
            Emit(result);
            return;
        }
        var property = input.Properties[ExpandProperty];
        if (property is null)
        {
            WriteError(new ErrorRecord(
                new PSArgumentException($"Property \"{ExpandProperty}\" cannot be found."),
                "ExpandPropertyNotFound", ErrorCategory.InvalidArgument, input));
            return;
        }
        foreach (var value in LanguagePrimitives.GetEnumerable(property.Value) ?? new[] { property.Value })
        {
            Emit(value is null ? null : PSObject.AsPSObject(value));
        }
    }

    private PSObject Project(PSObject input)
    {
        var result = new PSObject();
        result.TypeNames.Insert(0, "Selected." + input.TypeNames.FirstOrDefault());
        foreach (var (name, value) in properties.SelectMany(p => p.Of(input)))
        {
            if (result.Properties[name] is null && !excluded.Any(e => e.IsMatch(name)))
            {
                result.Properties.Add(new PSNoteProperty(name, value));
            }
        }
        return result;
    }

    private void Emit(PSObject? result)
    {
        if (!Unique || IsNew(result))
        {
            WriteObject(result);
        }
    }

    private bool IsNew(PSObject? result)
    {
        object[] key = result?.BaseObject is PSCustomObject
            ? [.. result.Properties.Select(p => p.Value)]
            : [result!];
        if (written.Any(w => w.SequenceEqual(key, new ValueComparer(caseSensitive: true))))
        {
            return false;
        }
        written.Add(key);
        return true;
    }
}

[Cmdlet("Sort", "Object")]
public sealed class SortObjectCommand : PSCmdlet
{
    private readonly List<PSObject> inputs = [];

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    [Parameter(Position = 0)]
    public object[] Property { get; set; } = [];

    [Parameter]
    public SwitchParameter Descending { get; set; }

    [Parameter]
    public SwitchParameter Unique { get; set; }

    [Parameter]
    public SwitchParameter CaseSensitive { get; set; }

    [Parameter]
    public SwitchParameter Stable { get; set; }

    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Top { get; set; } = int.MaxValue;

    protected override void ProcessRecord()
    {
        if (InputObject is not null)
        {
            inputs.Add(InputObject);
        }
    }

    protected override void EndProcessing()
    {
        var comparer = new ValueComparer(CaseSensitive);
        var keys = Keys();
        var sorted = inputs.OrderBy(_ => 0);
        foreach (var (value, descending) in keys)
        {
            sorted = descending ? sorted.ThenByDescending(value, comparer) : sorted.ThenBy(value, comparer);
        }
        PSObject? previous = null;
        foreach (var current in sorted.Take(Top))
        {
            var repeated = previous is not null
                && keys.All(k => comparer.Compare(k.Value(previous), k.Value(current)) == 0);
            if (!Unique || !repeated)
            {
                WriteObject(current);
            }
            previous = current;
        }
    }

    private List<(Func<PSObject, object?> Value, bool Descending)> Keys()
    {
        if (Property.Length == 0)
        {
            return [(o => o, Descending)];
        }
        List<(Func<PSObject, object?>, bool)> keys = [];
        foreach (var property in Property.Select(p => new PropertyArgument(p)))
        {
            keys.Add((property.ValueOf, property.Descending ?? Descending));
        }
        return keys;
    }
}

/// <summary>What Group-Object gives for each group.</summary>
public sealed class GroupInfo(string name, object?[] values, List<PSObject> group)
{
    public int Count => Group.Count;

    public string Name => name;

    public List<PSObject> Group => group;

    public object?[] Values => values;
}

[Cmdlet(VerbsData.Group, "Object")]
public sealed class GroupObjectCommand : PSCmdlet
{
    private readonly List<PSObject> inputs = [];

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    [Parameter(Position = 0)]
    public object[] Property { get; set; } = [];

    [Parameter]
    public SwitchParameter AsHashTable { get; set; }

    [Parameter]
    public SwitchParameter AsString { get; set; }

    [Parameter]
    public SwitchParameter CaseSensitive { get; set; }

    protected override void ProcessRecord()
    {
        if (InputObject is not null)
        {
            inputs.Add(InputObject);
        }
    }

    protected override void EndProcessing()
    {
        var properties = Property.Select(p => new PropertyArgument(p)).ToList();
        var groups = inputs
            .GroupBy<PSObject, object?>(Key, new ValueComparer(CaseSensitive))
            .Select(g => new GroupInfo(string.Join(", ", Values(g.First())), Values(g.First()), [.. g]))
            .OrderBy(g => g.Name, StringComparer.CurrentCultureIgnoreCase);
        if (!AsHashTable)
        {
            WriteObject(groups, enumerateCollection: true);
            return;
        }
        var table = new Hashtable(CaseSensitive ? null : StringComparer.CurrentCultureIgnoreCase);
        foreach (var group in groups)
        {
            table[AsString || group.Values.Length > 1 ? group.Name : group.Values[0] ?? ""] = group.Group;
        }
        WriteObject(table);

        object? Key(PSObject input) => Property.Length == 0 ? input : string.Join("\0", Values(input));
        object?[] Values(PSObject input) =>
            Property.Length == 0 ? [input] : [.. properties.Select(p => p.ValueOf(input))];
    }
}

[Cmdlet(VerbsDiagnostic.Measure, "Object")]
public sealed class MeasureObjectCommand : PSCmdlet
{
    private readonly List<object> values = [];

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    [Parameter(Position = 0)]
    public string? Property { get; set; }

    [Parameter]
    public SwitchParameter Sum { get; set; }

    [Parameter]
    public SwitchParameter Average { get; set; }

    [Parameter]
    public SwitchParameter Maximum { get; set; }

    [Parameter]
    public SwitchParameter Minimum { get; set; }

    protected override void ProcessRecord()
    {
        if ((Property is null ? InputObject : InputObject?.Properties[Property]?.Value) is { } value)
        {
            values.Add(value);
        }
    }

    protected override void EndProcessing()
    {
        var comparer = new ValueComparer(caseSensitive: false);
        double? sum = Sum || Average ? values.Sum(LanguagePrimitives.ConvertTo<double>) : null;
        var result = new PSObject();
        result.TypeNames.Insert(0, "Microsoft.PowerShell.Commands.GenericMeasureInfo");
        Add("Count", values.Count);
        Add("Average", Average && values.Count > 0 ? sum / values.Count : null);
        Add("Sum", Sum ? sum : null);
        Add("Maximum", Maximum ? values.Max(comparer) : null);
        Add("Minimum", Minimum ? values.Min(comparer) : null);
        Add("Property", Property);
        WriteObject(result);

        void Add(string name, object? value) => result.Properties.Add(new PSNoteProperty(name, value));
    }
}
