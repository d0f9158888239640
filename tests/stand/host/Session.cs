// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Threading;

namespace Netdrive.Stand;

/// <summary>Runs the script of a command line in a runspace of its own.</summary>
internal sealed class Session(CommandLine commandLine, ScriptHost host)
{
    /// <summary>Runs it to its end, with the lines of the input as $input.</summary>
    /// <returns>The exit code of powershell.exe: what the script asked for, or 1 where it failed, or 0.</returns>
    public int Run(TextReader? input)
    {
        using var runspace = Open();
        var command = Command(ref input);
        // What is last on the line decides: -File fails only on an exception, -Command also by its last statement.
        var failed = !Invoke(runspace, command, input) || (commandLine.File is null && !LastStatementSucceeded(runspace));
        return host.ExitCode ?? (failed ? 1 : 0);
    }

    private Runspace Open()
    {
        var state = InitialSessionState.CreateDefault();
        if (commandLine.ExecutionPolicy is { } policy)
        {
            state.ExecutionPolicy = policy;
        }
        var runspace = RunspaceFactory.CreateRunspace(host, state);
        // The default, a thread for each pipeline, would start one more.
        runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        runspace.Open();
        return runspace;
    }

    private Command Command(ref TextReader? input)
    {
        if (commandLine.File is null)
        {
            var script = commandLine.Script!;
            if (script == "-")
            {
                script = input?.ReadToEnd() ?? "";
                input = null;
            }
            return new Command(script, isScript: true, useLocalScope: false);
        }
        var command = new Command(Path.GetFullPath(commandLine.File), isScript: false, useLocalScope: false);
        foreach (var argument in commandLine.Arguments)
        {
            command.Parameters.Add(Parameter(argument));
        }
        return command;
    }

    private static CommandParameter Parameter(string argument)
    {
        if (argument.Length < 2 || argument[0] != '-' || !char.IsLetter(argument[1]))
        {
            return new CommandParameter(null, argument);
        }
        var colon = argument.IndexOf(':');
        return colon < 0
            ? new CommandParameter(argument[1..])
            : new CommandParameter(argument[1..colon], argument[(colon + 1)..]);
    }

    private static bool Invoke(Runspace runspace, Command command, TextReader? input)
    {
        // Errors go down the same pipe as output, so that both appear in the order in which they happened.
        command.MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        using var pipeline = runspace.CreatePipeline();
        pipeline.Commands.Add(command);
        pipeline.Commands.Add("Out-Default");
        if (input is null)
        {
            pipeline.Input.Close();
        }
        else
        {
            new Thread(() => Feed(input, pipeline.Input)) { IsBackground = true }.Start();
        }
        if (Wait(pipeline) is not { } reason)
        {
            return true;
        }
        Report(runspace, reason);
        return false;
    }

    /// <summary>Runs the pipeline to its end. Not by Invoke, which closes the input that is still to come.</summary>
    /// <returns>The error that ended it, or null.</returns>
    private static Exception? Wait(Pipeline pipeline)
    {
        using var ended = new ManualResetEventSlim();
        pipeline.StateChanged += (_, change) =>
        {
            if (change.PipelineStateInfo.State is PipelineState.Completed or PipelineState.Failed or PipelineState.Stopped)
            {
                ended.Set();
            }
        };
        pipeline.InvokeAsync();
        ended.Wait();
        return pipeline.PipelineStateInfo.Reason;
    }

    private static void Feed(TextReader input, PipelineWriter pipe)
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
            // The script ended without reading all of it.
        }
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
