// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Linq;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommunications.Write, "Output")]
public sealed class WriteOutputCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromRemainingArguments = true)]
    [AllowNull]
    [AllowEmptyCollection]
    public PSObject? InputObject { get; set; }

    [Parameter]
    public SwitchParameter NoEnumerate { get; set; }

    protected override void ProcessRecord() => WriteObject(InputObject, enumerateCollection: !NoEnumerate);
}

/// <summary>A command that writes a message to a stream of its own.</summary>
public abstract class WriteMessageCommandBase : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AllowEmptyString]
    [Alias("Msg")]
    public string Message { get; set; } = "";

    // The engine shows a message with the place that asked for it: the script, not this command.
    private protected void AsCaller(Action<MshCommandRuntime> write)
    {
        if (CommandRuntime is MshCommandRuntime runtime)
        {
            write(runtime);
        }
    }

    private protected InvocationInfo? Caller => GetVariableValue(SpecialVariables.MyInvocation) as InvocationInfo;
}

[Cmdlet(VerbsCommunications.Write, "Warning")]
public sealed class WriteWarningCommand : WriteMessageCommandBase
{
    protected override void ProcessRecord()
    {
        var record = new WarningRecord(Message);
        record.SetInvocationInfo(Caller);
        AsCaller(r => r.WriteWarning(record));
    }
}

[Cmdlet(VerbsCommunications.Write, "Verbose")]
public sealed class WriteVerboseCommand : WriteMessageCommandBase
{
    protected override void ProcessRecord()
    {
        var record = new VerboseRecord(Message);
        record.SetInvocationInfo(Caller);
        AsCaller(r => r.WriteVerbose(record));
    }
}

[Cmdlet(VerbsCommunications.Write, "Debug")]
public sealed class WriteDebugCommand : WriteMessageCommandBase
{
    protected override void ProcessRecord()
    {
        var record = new DebugRecord(Message);
        record.SetInvocationInfo(Caller);
        AsCaller(r => r.WriteDebug(record));
    }
}

[Cmdlet(VerbsCommunications.Write, "Information")]
public sealed class WriteInformationCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Msg", "Message")]
    public object MessageData { get; set; } = "";

    [Parameter(Position = 1)]
    public string[] Tags { get; set; } = [];

    protected override void ProcessRecord() => WriteInformation(MessageData, Tags);
}

[Cmdlet(VerbsCommunications.Write, "Host")]
public sealed class WriteHostCommand : PSCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromRemainingArguments = true)]
    [Alias("Msg", "Message")]
    public object? Object { get; set; }

    [Parameter]
    public SwitchParameter NoNewline { get; set; }

    [Parameter]
    public object Separator { get; set; } = " ";

    [Parameter]
    public ConsoleColor? ForegroundColor { get; set; }

    [Parameter]
    public ConsoleColor? BackgroundColor { get; set; }

    protected override void ProcessRecord()
    {
        var message = new HostInformationMessage
        {
            Message = Text(Object),
            NoNewLine = NoNewline,
            ForegroundColor = ForegroundColor,
            BackgroundColor = BackgroundColor,
        };
        WriteInformation(message, ["PSHOST"]);
    }

    private string Text(object? value) =>
        LanguagePrimitives.GetEnumerable(value) is { } list
            ? string.Join(LanguagePrimitives.ConvertTo<string>(Separator), list.Cast<object?>().Select(Text))
            : LanguagePrimitives.ConvertTo<string>(value);
}

[Cmdlet(VerbsCommunications.Write, "Progress")]
public sealed class WriteProgressCommand : PSCmdlet
{
    [Parameter(Position = 0)]
    public string Activity { get; set; } = "Processing";

    [Parameter(Position = 1)]
    public string Status { get; set; } = "Processing";

    [Parameter(Position = 2)]
    public int Id { get; set; }

    [Parameter]
    public int PercentComplete { get; set; } = -1;

    [Parameter]
    public SwitchParameter Completed { get; set; }

    protected override void ProcessRecord() => WriteProgress(new ProgressRecord(Id, Activity, Status)
    {
        PercentComplete = PercentComplete,
        RecordType = Completed ? ProgressRecordType.Completed : ProgressRecordType.Processing,
    });
}

[Cmdlet(VerbsCommunications.Write, "Error", DefaultParameterSetName = "NoException")]
public sealed class WriteErrorCommand : PSCmdlet
{
    [Parameter(ParameterSetName = "WithException", Mandatory = true, Position = 0)]
    public Exception? Exception { get; set; }

    [Parameter(ParameterSetName = "NoException", Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = "WithException")]
    [AllowNull]
    [AllowEmptyString]
    [Alias("Msg")]
    public string? Message { get; set; }

    [Parameter(ParameterSetName = "ErrorRecord", Mandatory = true, Position = 0)]
    public ErrorRecord? ErrorRecord { get; set; }

    [Parameter]
    public ErrorCategory Category { get; set; }

    [Parameter]
    public string? ErrorId { get; set; }

    [Parameter]
    public object? TargetObject { get; set; }

    protected override void ProcessRecord()
    {
        var record = ErrorRecord is null ? NewRecord() : new ErrorRecord(ErrorRecord, null);
        // The error shows the place that asked for it: the script, not this command.
        if (GetVariableValue(SpecialVariables.MyInvocation) is InvocationInfo caller)
        {
            record.SetInvocationInfo(caller);
            record.PreserveInvocationInfoOnce = true;
            record.CategoryInfo.Activity = "Write-Error";
        }
        WriteError(record);
    }

    private ErrorRecord NewRecord()
    {
        var exception = Exception ?? new WriteErrorException(Message);
        var record = new ErrorRecord(exception, ErrorId ?? exception.GetType().FullName, Category, TargetObject);
        if (Exception is not null && !string.IsNullOrEmpty(Message))
        {
            record.ErrorDetails = new ErrorDetails(Message);
        }
        return record;
    }
}

/// <summary>The exception of an error that has only a message.</summary>
public sealed class WriteErrorException(string? message) : SystemException(message)
{
}
