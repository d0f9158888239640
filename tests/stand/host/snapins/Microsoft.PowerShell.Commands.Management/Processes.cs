// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.Linq;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>A command on running processes, by name or by number.</summary>
public abstract class ProcessCommandBase : PSCmdlet
{
    [Parameter(Position = 0, ParameterSetName = "Name", ValueFromPipelineByPropertyName = true)]
    [Alias("ProcessName")]
    public string[] Name { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "Id", ValueFromPipelineByPropertyName = true)]
    [Alias("PID")]
    public int[] Id { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "InputObject", ValueFromPipeline = true)]
    public Process[] InputObject { get; set; } = [];

    private protected IEnumerable<Process> Matching => ParameterSetName switch
    {
        "InputObject" => InputObject,
        "Id" => Id.SelectMany(id => Existing($"{id}", p => p.Id == id)),
        _ => Name.DefaultIfEmpty("*").SelectMany(ByName),
    };

    private IEnumerable<Process> ByName(string name)
    {
        var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
        return Existing(name, p => pattern.IsMatch(p.ProcessName));
    }

    private List<Process> Existing(string asked, Func<Process, bool> matches)
    {
        var found = Process.GetProcesses().Where(matches).OrderBy(p => p.ProcessName).ThenBy(p => p.Id).ToList();
        if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(asked))
        {
            WriteError(new ErrorRecord(
                new ArgumentException($"Cannot find a process \"{asked}\"."),
                "NoProcessFound", ErrorCategory.ObjectNotFound, asked));
        }
        return found;
    }
}

[Cmdlet(VerbsCommon.Get, "Process", DefaultParameterSetName = "Name")]
public sealed class GetProcessCommand : ProcessCommandBase
{
    protected override void ProcessRecord() => WriteObject(Matching, enumerateCollection: true);
}

[Cmdlet(VerbsLifecycle.Stop, "Process", DefaultParameterSetName = "Id", SupportsShouldProcess = true)]
public sealed class StopProcessCommand : ProcessCommandBase
{
    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var process in Matching.Where(p => ShouldProcess($"{p.ProcessName} ({p.Id})")))
        {
            try
            {
                process.Kill();
            }
            catch (Exception e) when (e is Win32Exception or InvalidOperationException)
            {
                WriteError(new ErrorRecord(e, "CouldNotStopProcess", ErrorCategory.CloseError, process));
                continue;
            }
            if (PassThru)
            {
                WriteObject(process);
            }
        }
    }
}
