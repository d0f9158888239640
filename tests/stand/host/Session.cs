// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Threading;
using System.Threading.Tasks;

namespace Netdrive.Stand;

/// <summary>Runs the script of a command line in a runspace of its own.</summary>
internal sealed class Session(CommandLine commandLine, ScriptHost host)
{
    /// <summary>Runs it to its end, with the lines of the input as $input.</summary>
    /// <returns>The exit code of powershell.exe: what the script asked for, or 1 where it failed, or 0.</returns>
    public int Run(TextReader? input)
    {
        // Neither runspace nor pipeline is closed: the process ends with them, and sooner.
        var runspace = Open();
        var pipeline = commandLine.File is null ? ScriptPipeline(runspace, ref input) : FilePipeline(runspace);
        // Errors go down the same pipe as output, so that both appear in the order in which they happened.
        pipeline.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        pipeline.Commands.Add("Out-Default");
        Feed(pipeline.Input, input);
        var reason = Invoke(pipeline);
        if (reason is not null)
        {
            Report(runspace, reason);
        }
        // -File fails by an exception only, -Command also by its last statement.
        var failed = reason is not null || (commandLine.File is null && !LastStatementSucceeded(runspace));
        return host.ExitCode ?? (failed ? 1 : 0);
    }

    private Runspace Open()
    {
        // With every command loaded at once: CreateDefault2 would search all modules for each one.
        var state = InitialSessionState.CreateDefault();
        if (commandLine.ExecutionPolicy is { } policy)
        {
            state.ExecutionPolicy = policy;
        }
        var runspace = RunspaceFactory.CreateRunspace(host, state);
        runspace.Open();
        return runspace;
    }

    private Pipeline ScriptPipeline(Runspace runspace, ref TextReader? input)
    {
        var script = commandLine.Script!;
        if (script == "-")
        {
            script = input?.ReadToEnd() ?? "";
            input = null;
        }
        // Only a pipeline that goes to the history leaves its $? behind.
        return runspace.CreatePipeline(script, addToHistory: true);
    }

    private Pipeline FilePipeline(Runspace runspace)
    {
        var command = new Command(Path.GetFullPath(commandLine.File!));
        foreach (var argument in commandLine.Arguments)
        {
            command.Parameters.Add(Parameter(argument));
        }
        var pipeline = runspace.CreatePipeline();
        pipeline.Commands.Add(command);
        return pipeline;
    }

    private static CommandParameter Parameter(string argument)
    {
        if (argument.Length < 2 || argument[0] != '-' || !char.IsLetter(argument[1]))
        {
            return new CommandParameter(null, argument);
        }
        var colon = argument.IndexOf(':');
        return colon < 0
            ? new CommandParameter(argument)
            : new CommandParameter(argument[..colon], argument[(colon + 1)..]);
    }

    // On a thread of its own: a script may end without reading its input, and the input may never end.
    private static void Feed(PipelineWriter pipe, TextReader? input)
    {
        if (input is null)
        {
            pipe.Close();
            return;
        }
        new Thread(() => Copy(input, pipe)) { IsBackground = true }.Start();
    }

    private static void Copy(TextReader input, PipelineWriter pipe)
    {
        try
        {
            while (input.ReadLine() is { } line)
            {
                pipe.Write(line);
            }
            pipe.Close();
        }
        catch (PipelineClosedException)
        {
            // The script has ended.
        }
    }

    /// <summary>Runs the pipeline to its end; its own Invoke would close the input that is still to come.</summary>
    /// <returns>The error that ended it, or null.</returns>
    private static Exception? Invoke(Pipeline pipeline)
    {
        var end = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        pipeline.StateChanged += (_, change) =>
        {
            var state = change.PipelineStateInfo;
            if (state.State is PipelineState.Completed or PipelineState.Failed or PipelineState.Stopped)
            {
                end.TrySetResult(state.Reason);
            }
        };
        pipeline.InvokeAsync();
        return end.Task.Result;
    }

    private static void Report(Runspace runspace, Exception reason)
    {
        var record = (reason as IContainsErrorRecord)?.ErrorRecord
            ?? new ErrorRecord(reason, reason.GetType().FullName, ErrorCategory.NotSpecified, targetObject: null);
        var error = new PSObject(record);
        error.Properties.Add(new PSNoteProperty("writeErrorStream", true));
        using var pipeline = runspace.CreatePipeline("$input | Out-Default");
        pipeline.Invoke(new[] { error });
    }

    private static bool LastStatementSucceeded(Runspace runspace) =>
        runspace.SessionStateProxy.GetVariable("?") is true;
}
