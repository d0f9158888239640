// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Provider;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Get, "Content", DefaultParameterSetName = "Path")]
public sealed class GetContentCommand : FilteredCommandBase
{
    private const int BlockSize = 1000;

    [Parameter]
    [Alias("First", "Head")]
    public long TotalCount { get; set; } = long.MaxValue;

    [Parameter]
    [Alias("Last")]
    public int? Tail { get; set; }

    protected override void ProcessRecord() => ForEach(Path, (path, context) =>
    {
        foreach (var reader in InvokeProvider.Content.GetReader(path, context))
        {
            using (reader)
            {
                Write(Lines(reader));
                reader.Close();
            }
        }
    });

    private protected override object? DynamicParameters(CmdletProviderContext context) =>
        InvokeProvider.Content.GetContentReaderDynamicParameters(FirstPath, context);

    private void Write(IEnumerable<object> lines)
    {
        if (Tail is { } tail)
        {
            lines = lines.TakeLast(tail);
        }
        var left = TotalCount;
        foreach (var line in lines.TakeWhile(_ => left-- > 0))
        {
            WriteObject(line);
        }
    }

    private static IEnumerable<object> Lines(IContentReader reader)
    {
        while (reader.Read(BlockSize) is { Count: > 0 } block)
        {
            foreach (var line in block)
            {
                yield return line;
            }
        }
    }
}

/// <summary>A command that writes what it gets to an item, from the item's start or its end.</summary>
public abstract class WriteContentCommandBase(SeekOrigin start) : FilteredCommandBase
{
    private readonly List<IContentWriter> writers = [];

    // The pipeline brings the content, not the path.
    [Parameter(ParameterSetName = "Path", Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    public override string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyCollection]
    public object?[]? Value { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord()
    {
        if (writers.Count == 0)
        {
            ForEach(Path.Where(p => ShouldProcess(p)), Open);
        }
        var values = Value ?? [];
        writers.ForEach(w => w.Write(values));
        if (PassThru)
        {
            WriteObject(values, enumerateCollection: true);
        }
    }

    protected override void EndProcessing()
    {
        writers.ForEach(w => w.Close());
        writers.ForEach(w => w.Dispose());
    }

    private protected override object? DynamicParameters(CmdletProviderContext context) =>
        InvokeProvider.Content.GetContentWriterDynamicParameters(FirstPath, context);

    private void Open(string path, CmdletProviderContext context)
    {
        if (start == SeekOrigin.Begin && InvokeProvider.Item.Exists(path, context))
        {
            InvokeProvider.Content.Clear(path, context);
        }
        foreach (var writer in InvokeProvider.Content.GetWriter(path, context))
        {
            writer.Seek(0, start);
            writers.Add(writer);
        }
    }
}

[Cmdlet(VerbsCommon.Set, "Content", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
public sealed class SetContentCommand() : WriteContentCommandBase(SeekOrigin.Begin)
{
}

[Cmdlet(VerbsCommon.Add, "Content", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
public sealed class AddContentCommand() : WriteContentCommandBase(SeekOrigin.End)
{
}

[Cmdlet(VerbsCommon.Clear, "Content", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
public sealed class ClearContentCommand : FilteredCommandBase
{
    protected override void ProcessRecord() => ForEach(Path, InvokeProvider.Content.Clear);
}
