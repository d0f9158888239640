// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text;
using Microsoft.PowerShell.Commands.Internal.Format;

namespace Microsoft.PowerShell.Commands;

// The engine does the formatting; these commands are its doors.

[Cmdlet(VerbsCommon.Format, "Table")]
public sealed class FormatTableCommand : OuterFormatTableBase
{
    public FormatTableCommand() => implementation = new InnerFormatShapeCommand(FormatShape.Table);
}

[Cmdlet(VerbsCommon.Format, "List")]
public sealed class FormatListCommand : OuterFormatTableAndListBase
{
    public FormatListCommand() => implementation = new InnerFormatShapeCommand(FormatShape.List);
}

[Cmdlet(VerbsData.Out, "String", DefaultParameterSetName = "NoNewLine")]
public sealed class OutStringCommand : FrontEndCommandBase
{
    private readonly StringWriter text = new();

    public OutStringCommand() => implementation = new OutputManagerInner();

    [Parameter(ParameterSetName = "Stream")]
    public SwitchParameter Stream { get; set; }

    [Parameter]
    [ValidateRange(2, int.MaxValue)]
    public int Width { get; set; } = 120;

    [Parameter(ParameterSetName = "NoNewLine")]
    public SwitchParameter NoNewline { get; set; }

    protected override void BeginProcessing()
    {
        TextWriter writer = Stream ? new StreamingTextWriter(WriteObject, CultureInfo.InvariantCulture) : text;
        ((OutputManagerInner)implementation).LineOutput = new TextWriterLineOutput(writer, Width, NoNewline);
        base.BeginProcessing();
    }

    protected override void EndProcessing()
    {
        base.EndProcessing();
        if (!Stream)
        {
            WriteObject(text.ToString());
        }
    }
}

[Cmdlet(VerbsData.Out, "File", DefaultParameterSetName = "ByPath", SupportsShouldProcess = true)]
public sealed class OutFileCommand : FrontEndCommandBase
{
    private StreamWriter? writer;

    public OutFileCommand() => implementation = new OutputManagerInner();

    [Parameter(ParameterSetName = "ByPath", Mandatory = true, Position = 0)]
    [Alias("Path")]
    public string FilePath { get; set; } = "";

    [Parameter(ParameterSetName = "ByLiteralPath", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string? LiteralPath { get; set; }

    [Parameter(Position = 1)]
    [ArgumentToEncodingTransformation]
    public Encoding Encoding { get; set; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    [Parameter]
    public SwitchParameter Append { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    [Alias("NoOverwrite")]
    public SwitchParameter NoClobber { get; set; }

    [Parameter]
    [ValidateRange(2, int.MaxValue)]
    public int Width { get; set; } = int.MaxValue - 1;

    [Parameter]
    public SwitchParameter NoNewline { get; set; }

    protected override void BeginProcessing()
    {
        var path = LiteralPath is null ? Resolve(FilePath) : GetUnresolvedProviderPathFromPSPath(LiteralPath);
        if (!ShouldProcess(path, "Output to File"))
        {
            return;
        }
        var mode = Append ? FileMode.Append : NoClobber ? FileMode.CreateNew : FileMode.Create;
        writer = new StreamWriter(new FileStream(path, mode, FileAccess.Write, FileShare.Read), Encoding);
        ((OutputManagerInner)implementation).LineOutput = new TextWriterLineOutput(writer, Width, NoNewline);
        base.BeginProcessing();
    }

    protected override void ProcessRecord()
    {
        if (writer is not null)
        {
            base.ProcessRecord();
        }
    }

    protected override void EndProcessing()
    {
        if (writer is not null)
        {
            base.EndProcessing();
        }
    }

    protected override void InternalDispose()
    {
        base.InternalDispose();
        writer?.Dispose();
    }

    private string Resolve(string pattern) =>
        WildcardPattern.ContainsWildcardCharacters(pattern)
            ? GetResolvedProviderPathFromPSPath(pattern, out _).Single()
            : GetUnresolvedProviderPathFromPSPath(pattern);
}
