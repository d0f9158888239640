// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>A command on items: the engine's providers do the work and bring parameters of their own.</summary>
public abstract class ProviderCommandBase : PSCmdlet, IDynamicParameters
{
    private object? dynamicParameters;

    /// <summary>Whether wildcards in the paths are plain characters.</summary>
    private protected bool Literal { get; set; }

    /// <summary>What is told to the provider: results and errors go straight to this command's streams.</summary>
    private protected virtual CmdletProviderContext ProviderContext =>
        new(this) { SuppressWildcardExpansion = Literal, DynamicParameters = dynamicParameters };

    public object? GetDynamicParameters() => dynamicParameters = DynamicParameters(ProviderContext);

    /// <summary>Parameters that the provider of the first path adds, or null.</summary>
    private protected virtual object? DynamicParameters(CmdletProviderContext context) => null;

    /// <summary>Does something for each path; a path that fails is an error, and the others go on.</summary>
    private protected void ForEach(IEnumerable<string> paths, Action<string, CmdletProviderContext> act)
    {
        foreach (var path in paths)
        {
            try
            {
                act(path, ProviderContext);
            }
            catch (Exception e)
                when (e is SessionStateException or PSNotSupportedException or PSInvalidOperationException)
            {
                WriteError(new ErrorRecord(((IContainsErrorRecord)e).ErrorRecord, e));
            }
        }
    }
}

/// <summary>A command whose paths are mandatory, with wildcards or literal.</summary>
public abstract class PathCommandBase : ProviderCommandBase
{
    [Parameter(ParameterSetName = "Path", Mandatory = true, Position = 0,
        ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public virtual string[] Path { get; set; } = [];

    [Parameter(ParameterSetName = "LiteralPath", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath
    {
        get => Path;
        set => (Path, Literal) = (value, true);
    }

    private protected string FirstPath => Path.FirstOrDefault() ?? ".";
}

/// <summary>A command on paths that can be narrowed by name, and forced.</summary>
public abstract class FilteredCommandBase : PathCommandBase
{
    [Parameter]
    public virtual string? Filter { get; set; }

    [Parameter]
    public string[] Include { get; set; } = [];

    [Parameter]
    public string[] Exclude { get; set; } = [];

    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override CmdletProviderContext ProviderContext
    {
        get
        {
            var context = base.ProviderContext;
            context.Force = Force;
            context.SetFilters(new Collection<string>(Include), new Collection<string>(Exclude), Filter);
            return context;
        }
    }
}

/// <summary>A command that shows what it has changed only when asked to.</summary>
public abstract class PassThruCommandBase : FilteredCommandBase
{
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override CmdletProviderContext ProviderContext
    {
        get
        {
            var context = base.ProviderContext;
            context.PassThru = PassThru;
            return context;
        }
    }
}
