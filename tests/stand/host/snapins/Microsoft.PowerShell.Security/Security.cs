// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Net;
using System.Security;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsData.ConvertTo, "SecureString", DefaultParameterSetName = "Protected")]
public sealed class ConvertToSecureStringCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public string String { get; set; } = "";

    [Parameter(ParameterSetName = "PlainText", Mandatory = true, Position = 1)]
    public SwitchParameter AsPlainText { get; set; }

    [Parameter(ParameterSetName = "PlainText", Position = 2)]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord() => WriteObject(
        AsPlainText ? SecureStringHelper.FromPlainTextString(String) : SecureStringHelper.Unprotect(String));
}

[Cmdlet(VerbsData.ConvertFrom, "SecureString")]
public sealed class ConvertFromSecureStringCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public SecureString SecureString { get; set; } = null!;

    [Parameter]
    public SwitchParameter AsPlainText { get; set; }

    protected override void ProcessRecord() => WriteObject(
        AsPlainText ? new NetworkCredential("", SecureString).Password : SecureStringHelper.Protect(SecureString));
}

[Cmdlet(VerbsCommon.Get, "ExecutionPolicy")]
public sealed class GetExecutionPolicyCommand : PSCmdlet
{
    [Parameter(Position = 0)]
    public ExecutionPolicyScope? Scope { get; set; }

    protected override void ProcessRecord() => WriteObject(Scope is { } scope
        ? SecuritySupport.GetExecutionPolicy(Context.ShellID, scope)
        : SecuritySupport.GetExecutionPolicy(Context.ShellID));
}
