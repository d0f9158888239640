#!powershell

# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

#AnsibleRequires -CSharpUtil Ansible.Basic
#AnsibleRequires -CSharpUtil ..module_utils.Inventory

$spec = @{
    options = @{
        exclude = @{ type = 'raw'; default = @() }
        name = @{ type = 'raw' }
        remote = @{ type = 'raw' }
        signed_out = @{ type = 'bool'; default = $false }
        users = @{ type = 'raw'; default = @('all') }
    }
    supports_check_mode = $true
}
$module = [Ansible.Basic.AnsibleModule]::Create($args, $spec)

$options = [ansible_collections.netdrive.windows.plugins.module_utils.Inventory.InventoryOptions]@{
    Name = $module.Params.name
    Remote = $module.Params.remote
    Exclude = $module.Params.exclude
    Users = $module.Params.users
    SignedOut = $module.Params.signed_out
}
$machine = New-Object -TypeName ansible_collections.netdrive.windows.plugins.module_utils.Inventory.Machine

try {
    $inventory = [ansible_collections.netdrive.windows.plugins.module_utils.Inventory.NetworkInventory]::Read($machine, $options)
}
catch {
    $module.FailJson($_.Exception.GetBaseException().Message, $_)
}

$module.Result.connections = @($inventory.Connections | ForEach-Object -Process { $_.ToResult() })
$module.Result.not_examined = @($inventory.NotExamined | ForEach-Object -Process { $_.ToResult() })
$module.Result.unreadable = @($inventory.Unreadable | ForEach-Object -Process { $_.ToResult() })
$inventory.Warnings | ForEach-Object -Process { $module.Warn($_) }
$inventory.Dispose()
$module.ExitJson()
