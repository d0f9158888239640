// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Security.Cryptography;
using System.Threading;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.New, "Guid")]
public sealed class NewGuidCommand : PSCmdlet
{
    [Parameter]
    public SwitchParameter Empty { get; set; }

    protected override void EndProcessing() => WriteObject(Empty ? Guid.Empty : Guid.NewGuid());
}

[Cmdlet(VerbsCommon.Get, "Date")]
public sealed class GetDateCommand : PSCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public DateTime? Date { get; set; }

    [Parameter]
    public string? Format { get; set; }

    [Parameter]
    public SwitchParameter AsUTC { get; set; }

    protected override void ProcessRecord()
    {
        var date = Date ?? DateTime.Now;
        date = AsUTC ? date.ToUniversalTime() : date;
        WriteObject(Format is null ? date : date.ToString(Format));
    }
}

[Cmdlet(VerbsCommon.New, "TimeSpan", DefaultParameterSetName = "Date")]
public sealed class NewTimeSpanCommand : PSCmdlet
{
    [Parameter(ParameterSetName = "Date", Position = 0, ValueFromPipeline = true)]
    public DateTime? Start { get; set; }

    [Parameter(ParameterSetName = "Date", Position = 1)]
    public DateTime? End { get; set; }

    [Parameter(ParameterSetName = "Time")]
    public int Days { get; set; }

    [Parameter(ParameterSetName = "Time")]
    public int Hours { get; set; }

    [Parameter(ParameterSetName = "Time")]
    public int Minutes { get; set; }

    [Parameter(ParameterSetName = "Time")]
    public int Seconds { get; set; }

    [Parameter(ParameterSetName = "Time")]
    public int Milliseconds { get; set; }

    protected override void ProcessRecord()
    {
        var now = DateTime.Now;
        WriteObject(ParameterSetName == "Date"
            ? (End ?? now) - (Start ?? now)
            : new TimeSpan(Days, Hours, Minutes, Seconds, Milliseconds));
    }
}

[Cmdlet(VerbsLifecycle.Start, "Sleep", DefaultParameterSetName = "Seconds")]
public sealed class StartSleepCommand : PSCmdlet
{
    private readonly ManualResetEventSlim stopped = new();

    [Parameter(ParameterSetName = "Seconds", Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public double Seconds { get; set; }

    [Parameter(ParameterSetName = "Milliseconds", Mandatory = true)]
    [Alias("ms")]
    public int Milliseconds { get; set; }

    protected override void ProcessRecord() => stopped.Wait(
        ParameterSetName == "Seconds" ? TimeSpan.FromSeconds(Seconds) : TimeSpan.FromMilliseconds(Milliseconds));

    protected override void StopProcessing() => stopped.Set();
}

[Cmdlet(VerbsCommon.Get, "Random", DefaultParameterSetName = "Number")]
public sealed class GetRandomCommand : PSCmdlet
{
    [Parameter(ParameterSetName = "List", Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public object[] InputObject { get; set; } = [];

    [Parameter(ParameterSetName = "List")]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 1;

    [Parameter(ParameterSetName = "Number", Position = 0)]
    public int Maximum { get; set; } = int.MaxValue;

    [Parameter(ParameterSetName = "Number")]
    public int Minimum { get; set; }

    private readonly System.Collections.Generic.List<object> list = [];

    protected override void ProcessRecord() => list.AddRange(InputObject);

    protected override void EndProcessing()
    {
        if (ParameterSetName == "Number")
        {
            WriteObject(Random.Shared.Next(Minimum, Maximum));
            return;
        }
        var shuffled = list.ToArray();
        Random.Shared.Shuffle(shuffled);
        WriteObject(shuffled.Take(Count), enumerateCollection: true);
    }
}

/// <summary>What Get-FileHash gives for each file.</summary>
public sealed record FileHashInfo(string Algorithm, string Hash, string Path);

[Cmdlet(VerbsCommon.Get, "FileHash", DefaultParameterSetName = "Path")]
public sealed class GetFileHashCommand : PSCmdlet
{
    [Parameter(ParameterSetName = "Path", Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public string[] Path { get; set; } = [];

    [Parameter(ParameterSetName = "LiteralPath", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = [];

    [Parameter(Position = 1)]
    [ValidateSet("SHA1", "SHA256", "SHA384", "SHA512", "MD5")]
    public string Algorithm { get; set; } = "SHA256";

    protected override void ProcessRecord()
    {
        var files = Path.SelectMany(p => GetResolvedProviderPathFromPSPath(p, out _))
            .Concat(LiteralPath.Select(GetUnresolvedProviderPathFromPSPath));
        foreach (var file in files)
        {
            using var stream = File.OpenRead(file);
            var hash = CryptographicOperations.HashData(new HashAlgorithmName(Algorithm), stream);
            WriteObject(new FileHashInfo(Algorithm, System.Convert.ToHexString(hash), file));
        }
    }
}

[Cmdlet(VerbsCommon.Get, "PSCallStack")]
public sealed class GetPSCallStackCommand : PSCmdlet
{
    protected override void ProcessRecord() => WriteObject(Context.Debugger.GetCallStack(), enumerateCollection: true);
}

[Cmdlet(VerbsLifecycle.Invoke, "Expression")]
public sealed class InvokeExpressionCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public string Command { get; set; } = "";

    // In the caller's scope, its output and errors going where this command's go.
    protected override void ProcessRecord() => InvokeCommand.NewScriptBlock(Command).InvokeUsingCmdlet(
        this,
        useLocalScope: false,
        ScriptBlock.ErrorHandlingBehavior.WriteToCurrentErrorPipe,
        dollarUnder: AutomationNull.Value,
        input: Array.Empty<object>(),
        scriptThis: AutomationNull.Value,
        args: []);
}
