// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System.Linq;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Get, "Item", DefaultParameterSetName = "Path")]
public sealed class GetItemCommand : FilteredCommandBase
{
    protected override void ProcessRecord() => ForEach(Path, InvokeProvider.Item.Get);

    private protected override object? DynamicParameters(CmdletProviderContext context) =>
        InvokeProvider.Item.GetItemDynamicParameters(FirstPath, context);
}

[Cmdlet(VerbsCommon.Get, "ChildItem", DefaultParameterSetName = "Path")]
public sealed class GetChildItemCommand : FilteredCommandBase
{
    [Parameter(ParameterSetName = "Path", Position = 0,
        ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public override string[] Path { get; set; } = [];

    [Parameter(Position = 1)]
    public override string? Filter { get; set; }

    [Parameter]
    [Alias("s")]
    public SwitchParameter Recurse { get; set; }

    [Parameter]
    public uint? Depth { get; set; }

    [Parameter]
    public SwitchParameter Name { get; set; }

    protected override void ProcessRecord()
    {
        var recurse = Recurse || Depth is not null;
        var depth = Depth ?? uint.MaxValue;
        ForEach(Path.DefaultIfEmpty(""), (path, context) =>
        {
            if (Name)
            {
                const ReturnContainers containers = ReturnContainers.ReturnMatchingContainers;
                InvokeProvider.ChildItem.GetNames(path, containers, recurse, depth, context);
            }
            else
            {
                InvokeProvider.ChildItem.Get(path, recurse, depth, context);
            }
        });
    }

    private protected override object? DynamicParameters(CmdletProviderContext context) =>
        InvokeProvider.ChildItem.GetChildItemsDynamicParameters(FirstPath, Recurse, context);
}

[Cmdlet(VerbsCommon.New, "Item", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
public sealed class NewItemCommand : ProviderCommandBase
{
    [Parameter(ParameterSetName = "Path", Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = "Name", Position = 0, ValueFromPipelineByPropertyName = true)]
    public string[] Path { get; set; } = [];

    [Parameter(ParameterSetName = "Name", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyString]
    public string? Name { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Type")]
    public string? ItemType { get; set; }

    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Target")]
    public object? Value { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override CmdletProviderContext ProviderContext
    {
        get
        {
            var context = base.ProviderContext;
            context.Force = Force;
            return context;
        }
    }

    protected override void ProcessRecord() => ForEach(
        Path.DefaultIfEmpty(""), (path, context) => InvokeProvider.Item.New(path, Name, ItemType, Value, context));

    private protected override object? DynamicParameters(CmdletProviderContext context) =>
        InvokeProvider.Item.NewItemDynamicParameters(Path.FirstOrDefault() ?? ".", ItemType, Value, context);
}

[Cmdlet(VerbsCommon.Set, "Item", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
public sealed class SetItemCommand : PassThruCommandBase
{
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    public object? Value { get; set; }

    protected override void ProcessRecord() =>
        ForEach(Path, (path, context) => InvokeProvider.Item.Set(path, Value, context));

    private protected override object? DynamicParameters(CmdletProviderContext context) =>
        InvokeProvider.Item.SetItemDynamicParameters(FirstPath, Value, context);
}

[Cmdlet(VerbsCommon.Remove, "Item", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
public sealed class RemoveItemCommand : FilteredCommandBase
{
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    // Where there is nobody to confirm it, a folder that is not empty is removed only by name.
    protected override void ProcessRecord() => ForEach(Path, (path, context) =>
    {
        var pattern = !Literal && WildcardPattern.ContainsWildcardCharacters(path);
        if (!InvokeProvider.Item.Exists(path, context))
        {
            if (!pattern)
            {
                throw NotFound(path);
            }
            return;
        }
        if (!Recurse && !pattern && InvokeProvider.ChildItem.HasChild(path, context))
        {
            ShouldContinue($"The item at {path} has children and the Recurse parameter was not specified.", "Confirm");
        }
        InvokeProvider.Item.Remove(path, Recurse, context);
    });

    private protected override object? DynamicParameters(CmdletProviderContext context) =>
        InvokeProvider.Item.RemoveItemDynamicParameters(FirstPath, Recurse, context);

    private static ItemNotFoundException NotFound(string path) => new(
        path, "PathNotFound", $"Cannot find path '{path}' because it does not exist.");
}

[Cmdlet(VerbsCommon.Clear, "Item", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
public sealed class ClearItemCommand : FilteredCommandBase
{
    protected override void ProcessRecord() => ForEach(Path, InvokeProvider.Item.Clear);
}

/// <summary>A command that leads from some items to a new place for them.</summary>
public abstract class TransferCommandBase : PassThruCommandBase
{
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    public string Destination { get; set; } = ".";
}

[Cmdlet(VerbsCommon.Copy, "Item", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
public sealed class CopyItemCommand : TransferCommandBase
{
    [Parameter]
    public SwitchParameter Container { get; set; } = true;

    [Parameter]
    public SwitchParameter Recurse { get; set; }

    protected override void ProcessRecord()
    {
        var containers = Container ? CopyContainers.CopyTargetContainer : CopyContainers.CopyChildrenOfTargetContainer;
        ForEach(Path, (path, context) => InvokeProvider.Item.Copy(path, Destination, Recurse, containers, context));
    }

    private protected override object? DynamicParameters(CmdletProviderContext context) =>
        InvokeProvider.Item.CopyItemDynamicParameters(FirstPath, Destination, Recurse, context);
}

[Cmdlet(VerbsCommon.Move, "Item", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
public sealed class MoveItemCommand : TransferCommandBase
{
    protected override void ProcessRecord() =>
        ForEach(Path, (path, context) => InvokeProvider.Item.Move(path, Destination, context));
}

[Cmdlet(VerbsCommon.Rename, "Item", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
public sealed class RenameItemCommand : PassThruCommandBase
{
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    public string NewName { get; set; } = "";

    protected override void ProcessRecord() =>
        ForEach(Path, (path, context) => InvokeProvider.Item.Rename(path, NewName, context));
}
