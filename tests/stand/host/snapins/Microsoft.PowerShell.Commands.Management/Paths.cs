// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System.Linq;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>What Test-Path looks for.</summary>
public enum TestPathType
{
    Any,
    Container,
    Leaf,
}

[Cmdlet(VerbsDiagnostic.Test, "Path", DefaultParameterSetName = "Path")]
public sealed class TestPathCommand : FilteredCommandBase
{
    [Parameter(ParameterSetName = "Path", Mandatory = true, Position = 0,
        ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public override string[] Path { get; set; } = [];

    [Parameter]
    [Alias("Type")]
    public TestPathType PathType { get; set; }

    [Parameter]
    public SwitchParameter IsValid { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var path in Path ?? [])
        {
            WriteObject(!string.IsNullOrWhiteSpace(path) && Test(path));
        }
    }

    private bool Test(string path)
    {
        if (IsValid)
        {
            return SessionState.Path.IsValid(path);
        }
        try
        {
            var context = ProviderContext;
            return InvokeProvider.Item.Exists(path, context)
                && (PathType == TestPathType.Any
                    || InvokeProvider.Item.IsContainer(path, context) == (PathType == TestPathType.Container));
        }
        catch (SessionStateException)
        {
            return false;
        }
    }
}

[Cmdlet(VerbsCommon.Join, "Path")]
public sealed class JoinPathCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath")]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyString]
    public string ChildPath { get; set; } = "";

    [Parameter(Position = 2, ValueFromRemainingArguments = true)]
    public string[] AdditionalChildPath { get; set; } = [];

    [Parameter]
    public SwitchParameter Resolve { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var path in Path)
        {
            var joined = Enumerable.Prepend(AdditionalChildPath, ChildPath).Aggregate(path, SessionState.Path.Combine);
            if (Resolve)
            {
                WriteObject(SessionState.Path.GetResolvedPSPathFromPSPath(joined).Select(p => p.Path), true);
            }
            else
            {
                WriteObject(joined);
            }
        }
    }
}

[Cmdlet(VerbsCommon.Split, "Path", DefaultParameterSetName = "Parent")]
public sealed class SplitPathCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP", "LiteralPath")]
    public string[] Path { get; set; } = [];

    [Parameter(ParameterSetName = "Parent")]
    public SwitchParameter Parent { get; set; }

    [Parameter(ParameterSetName = "Leaf", Mandatory = true)]
    public SwitchParameter Leaf { get; set; }

    [Parameter(ParameterSetName = "LeafBase", Mandatory = true)]
    public SwitchParameter LeafBase { get; set; }

    [Parameter(ParameterSetName = "Extension", Mandatory = true)]
    public SwitchParameter Extension { get; set; }

    [Parameter(ParameterSetName = "Qualifier", Mandatory = true)]
    public SwitchParameter Qualifier { get; set; }

    [Parameter(ParameterSetName = "NoQualifier", Mandatory = true)]
    public SwitchParameter NoQualifier { get; set; }

    [Parameter(ParameterSetName = "IsAbsolute", Mandatory = true)]
    public SwitchParameter IsAbsolute { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var path in Path)
        {
            WriteObject(ParameterSetName switch
            {
                "Leaf" => SessionState.Path.ParseChildName(path),
                "LeafBase" => System.IO.Path.GetFileNameWithoutExtension(SessionState.Path.ParseChildName(path)),
                "Extension" => System.IO.Path.GetExtension(SessionState.Path.ParseChildName(path)),
                "Qualifier" => path[..QualifierLength(path)],
                "NoQualifier" => path[QualifierLength(path)..],
                "IsAbsolute" => SessionState.Path.IsPSAbsolute(path, out _),
                _ => SessionState.Path.ParseParent(path, root: ""),
            });
        }
    }

    private static int QualifierLength(string path)
    {
        var provider = path.IndexOf("::", System.StringComparison.Ordinal);
        return provider >= 0 ? provider + 2 : path.IndexOf(':') + 1;
    }
}

[Cmdlet(VerbsDiagnostic.Resolve, "Path", DefaultParameterSetName = "Path")]
public sealed class ResolvePathCommand : PathCommandBase
{
    protected override void ProcessRecord() => ForEach(Path, (path, context) =>
        WriteObject(SessionState.Path.GetResolvedPSPathFromPSPath(path, context), enumerateCollection: true));
}

[Cmdlet(VerbsData.Convert, "Path", DefaultParameterSetName = "Path")]
public sealed class ConvertPathCommand : PathCommandBase
{
    protected override void ProcessRecord() => ForEach(Path, (path, context) =>
        WriteObject(
            SessionState.Path.GetResolvedProviderPathFromPSPath(path, context, out _), enumerateCollection: true));
}

[Cmdlet(VerbsCommon.Get, "Location")]
public sealed class GetLocationCommand : PSCmdlet
{
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? PSProvider { get; set; }

    protected override void ProcessRecord() => WriteObject(PSProvider is null
        ? SessionState.Path.CurrentLocation
        : SessionState.Path.CurrentProviderLocation(PSProvider));
}

[Cmdlet(VerbsCommon.Set, "Location", DefaultParameterSetName = "Path")]
public sealed class SetLocationCommand : ProviderCommandBase
{
    [Parameter(ParameterSetName = "Path", Position = 0,
        ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public string Path { get; set; } = "~";

    [Parameter(ParameterSetName = "LiteralPath", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string LiteralPath
    {
        get => Path;
        set => (Path, Literal) = (value, true);
    }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord() => ForEach([Path], (path, context) =>
    {
        var location = SessionState.Path.SetLocation(path, context, Literal);
        if (PassThru)
        {
            WriteObject(location);
        }
    });
}

[Cmdlet(VerbsCommon.Push, "Location")]
public sealed class PushLocationCommand : PSCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true)]
    public string? Path { get; set; }

    protected override void ProcessRecord()
    {
        SessionState.Path.PushCurrentLocation(stackName: null);
        if (Path is not null)
        {
            SessionState.Path.SetLocation(Path);
        }
    }
}

[Cmdlet(VerbsCommon.Pop, "Location")]
public sealed class PopLocationCommand : PSCmdlet
{
    protected override void ProcessRecord() => SessionState.Path.PopLocation(stackName: null);
}

[Cmdlet(VerbsCommon.Get, "PSDrive")]
public sealed class GetPSDriveCommand : PSCmdlet
{
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    public string[] Name { get; set; } = ["*"];

    [Parameter]
    public string[] PSProvider { get; set; } = ["*"];

    protected override void ProcessRecord()
    {
        var providers = PSProvider.Select(p => WildcardPattern.Get(p, WildcardOptions.IgnoreCase)).ToList();
        foreach (var name in Name)
        {
            var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
            var drives = SessionState.Drive.GetAll()
                .Where(d => pattern.IsMatch(d.Name) && providers.Any(p => p.IsMatch(d.Provider.Name)))
                .OrderBy(d => d.Name).ToList();
            if (drives.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                WriteError(new ErrorRecord(
                    new DriveNotFoundException(
                        $"Cannot find drive. A drive with the name '{name}' does not exist."),
                    "GetLocationNoMatchingDrive", ErrorCategory.ObjectNotFound, name));
            }
            WriteObject(drives, enumerateCollection: true);
        }
    }
}

[Cmdlet(VerbsCommon.New, "PSDrive")]
public sealed class NewPSDriveCommand : ProviderCommandBase
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    public string Name { get; set; } = "";

    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    public string PSProvider { get; set; } = "";

    [Parameter(Mandatory = true, Position = 2, ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    public string Root { get; set; } = "";

    [Parameter]
    public string Description { get; set; } = "";

    [Parameter]
    public string Scope { get; set; } = "Local";

    protected override void ProcessRecord() => ForEach([Name], (name, context) => SessionState.Drive.New(
        new PSDriveInfo(name, SessionState.Provider.GetOne(PSProvider), Root, Description, credential: null),
        Scope, context));
}

[Cmdlet(VerbsCommon.Remove, "PSDrive")]
public sealed class RemovePSDriveCommand : ProviderCommandBase
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    public string[] Name { get; set; } = [];

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public string? Scope { get; set; }

    protected override void ProcessRecord() =>
        ForEach(Name, (name, context) => SessionState.Drive.Remove(name, Force, Scope, context));
}
