#!powershell

# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

#AnsibleRequires -CSharpUtil Ansible.Basic
#AnsibleRequires -CSharpUtil ..module_utils.Restore
#AnsibleRequires -PowerShell ..module_utils.MappedDrive

$spec = @{
    options = @{
        connections = @{ type = 'list'; elements = 'dict'; required = $true }
        timeout = @{ type = 'int'; default = 60 }
        users = @{ type = 'raw'; default = @('all') }
    }
    supports_check_mode = $true
}
$module = [Ansible.Basic.AnsibleModule]::Create($args, $spec)

$options = [ansible_collections.netdrive.windows.plugins.module_utils.Restore.RestoreOptions]@{
    Connections = $module.Params.connections
    Users = $module.Params.users
    Timeout = $module.Params.timeout
}
$machine = New-Object -TypeName ansible_collections.netdrive.windows.plugins.module_utils.Machines.Machine

try {
    $result = [ansible_collections.netdrive.windows.plugins.module_utils.Restore.Restore]::Run($machine, $options, $module.CheckMode)
}
catch {
    $module.FailJson($_.Exception.GetBaseException().Message, $_)
}

Exit-MappedDrive -Module $module -Result $result
