#!powershell

# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

#AnsibleRequires -CSharpUtil Ansible.Basic
#AnsibleRequires -CSharpUtil ..module_utils.CleanUp

$spec = @{
    options = @{
        exclude = @{ type = 'raw'; default = @() }
        force = @{ type = 'bool'; default = $false }
        name = @{ type = 'raw' }
        remote = @{ type = 'raw' }
        signed_out = @{ type = 'bool'; default = $false }
        signed_out_roaming = @{ type = 'bool'; default = $false }
        state = @{ type = 'str'; choices = @('absent'); default = 'absent' }
        timeout = @{ type = 'int'; default = 60 }
        update_profile = @{ type = 'bool'; default = $true }
        users = @{ type = 'raw'; default = @('current') }
    }
    supports_check_mode = $true
}
$module = [Ansible.Basic.AnsibleModule]::Create($args, $spec)

$options = [ansible_collections.netdrive.windows.plugins.module_utils.CleanUp.CleanUpOptions]@{
    Name = $module.Params.name
    Remote = $module.Params.remote
    Exclude = $module.Params.exclude
    Users = $module.Params.users
    SignedOut = $module.Params.signed_out
    SignedOutRoaming = $module.Params.signed_out_roaming
    Timeout = $module.Params.timeout
    UpdateProfile = $module.Params.update_profile
    Force = $module.Params.force
}
$machine = New-Object -TypeName ansible_collections.netdrive.windows.plugins.module_utils.Inventory.Machine

try {
    $result = [ansible_collections.netdrive.windows.plugins.module_utils.CleanUp.CleanUp]::Run($machine, $options, $module.CheckMode)
}
catch {
    $module.FailJson($_.Exception.GetBaseException().Message, $_)
}

$module.Result.changed = $result.Changed
$module.Result.connections = $result.Connections
$module.Result.not_examined = $result.NotExamined
$module.Diff.before = $result.Before
$module.Diff.after = $result.After
$result.Warnings | ForEach-Object -Process { $module.Warn($_) }

if ($result.Event -and -not $module.CheckMode) {
    try {
        $module.LogEvent($result.Event)
    }
    catch {
        $module.Warn("What was changed could not be written to the event log: $($_.Exception.GetBaseException().Message)")
    }
}

if ($result.Failure) {
    $module.FailJson($result.Failure)
}
$module.ExitJson()
