// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System.Collections.ObjectModel;
using System.Linq;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Get, "ItemProperty", DefaultParameterSetName = "Path")]
public sealed class GetItemPropertyCommand : FilteredCommandBase
{
    [Parameter(Position = 1)]
    [Alias("PSProperty")]
    public string[]? Name { get; set; }

    protected override void ProcessRecord()
    {
        var names = Name is null ? null : new Collection<string>(Name);
        ForEach(Path, (path, context) => InvokeProvider.Property.Get(path, names, context));
    }
}

[Cmdlet(VerbsCommon.Get, "ItemPropertyValue", DefaultParameterSetName = "Path")]
public sealed class GetItemPropertyValueCommand : FilteredCommandBase
{
    [Parameter(Mandatory = true, Position = 1)]
    [Alias("PSProperty")]
    public string[] Name { get; set; } = [];

    protected override void ProcessRecord() => ForEach(Path, (path, _) =>
    {
        foreach (var holder in InvokeProvider.Property.Get([path], new Collection<string>(Name), Literal))
        {
            WriteObject(Name.Select(n => holder.Properties[n]?.Value), enumerateCollection: true);
        }
    });
}

[Cmdlet(VerbsCommon.Set, "ItemProperty", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
public sealed class SetItemPropertyCommand : PassThruCommandBase
{
    [Parameter(Mandatory = true, Position = 1)]
    [Alias("PSProperty")]
    public string Name { get; set; } = "";

    [Parameter(Mandatory = true, Position = 2)]
    [AllowNull]
    public object? Value { get; set; }

    protected override void ProcessRecord()
    {
        var values = new PSObject();
        values.Properties.Add(new PSNoteProperty(Name, Value));
        ForEach(Path, (path, context) => InvokeProvider.Property.Set(path, values, context));
    }

    private protected override object? DynamicParameters(CmdletProviderContext context) =>
        InvokeProvider.Property.SetPropertyDynamicParameters(FirstPath, new PSObject(), context);
}

[Cmdlet(VerbsCommon.New, "ItemProperty", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
public sealed class NewItemPropertyCommand : FilteredCommandBase
{
    [Parameter(Mandatory = true, Position = 1)]
    [Alias("PSProperty")]
    public string Name { get; set; } = "";

    [Parameter]
    [Alias("Type")]
    public string? PropertyType { get; set; }

    [Parameter]
    public object? Value { get; set; }

    protected override void ProcessRecord() =>
        ForEach(Path, (path, context) => InvokeProvider.Property.New(path, Name, PropertyType, Value, context));

    private protected override object? DynamicParameters(CmdletProviderContext context) =>
        InvokeProvider.Property.NewPropertyDynamicParameters(FirstPath, Name, PropertyType, Value, context);
}

[Cmdlet(VerbsCommon.Remove, "ItemProperty", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
public sealed class RemoveItemPropertyCommand : FilteredCommandBase
{
    [Parameter(Mandatory = true, Position = 1)]
    [Alias("PSProperty")]
    public string[] Name { get; set; } = [];

    protected override void ProcessRecord() => ForEach(Path, (path, context) =>
    {
        foreach (var name in Name)
        {
            InvokeProvider.Property.Remove(path, name, context);
        }
    });
}
