# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

# What the modules do. Those that can look for sources have a variant that ends in _with_sources: the same, but for the C# of
# sources. Compiling that in each task would cost all those that don't ask for sources; the action plugin of the module picks.

Function Invoke-MappedDrive {
    param([object[]]$Arguments)

    $spec = @{
        options = @{
            exclude = @{ type = 'raw'; default = @() }
            force = @{ type = 'bool'; default = $false }
            name = @{ type = 'raw' }
            remote = @{ type = 'raw' }
            signed_out = @{ type = 'bool'; default = $false }
            signed_out_roaming = @{ type = 'bool'; default = $false }
            sources = @{ type = 'bool'; default = $false }
            state = @{ type = 'str'; choices = @('absent'); default = 'absent' }
            timeout = @{ type = 'int'; default = 60 }
            update_profile = @{ type = 'bool'; default = $true }
            users = @{ type = 'raw'; default = @('current') }
        }
        supports_check_mode = $true
    }
    $module = [Ansible.Basic.AnsibleModule]::Create($Arguments, $spec)

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
    $machine = New-Object -TypeName ansible_collections.netdrive.windows.plugins.module_utils.Machines.Machine

    try {
        $search = New-SourceSearch -Module $module -Machine $machine -Options $options
        $result = [ansible_collections.netdrive.windows.plugins.module_utils.CleanUp.CleanUp]::Run($machine, $options, $module.CheckMode)
    }
    catch {
        $module.FailJson($_.Exception.GetBaseException().Message, $_)
    }

    $module.Result.not_examined = $result.NotExamined
    $module.Result.other_names = $result.OtherNames
    if ($search) {
        Add-Source -Module $module -Search $search -Remembered $result.Remembered -Forgotten $result.Forgotten
    }
    Exit-MappedDrive -Module $module -Result $result
}

Function Invoke-MappedDriveInfo {
    param([object[]]$Arguments)

    $spec = @{
        options = @{
            exclude = @{ type = 'raw'; default = @() }
            name = @{ type = 'raw' }
            remote = @{ type = 'raw' }
            signed_out = @{ type = 'bool'; default = $false }
            sources = @{ type = 'bool'; default = $false }
            users = @{ type = 'raw'; default = @('all') }
        }
        supports_check_mode = $true
    }
    $module = [Ansible.Basic.AnsibleModule]::Create($Arguments, $spec)

    $options = [ansible_collections.netdrive.windows.plugins.module_utils.Inventory.InventoryOptions]@{
        Name = $module.Params.name
        Remote = $module.Params.remote
        Exclude = $module.Params.exclude
        Users = $module.Params.users
        SignedOut = $module.Params.signed_out
    }
    $machine = New-Object -TypeName ansible_collections.netdrive.windows.plugins.module_utils.Machines.Machine

    try {
        $search = New-SourceSearch -Module $module -Machine $machine -Options $options
        $inventory = [ansible_collections.netdrive.windows.plugins.module_utils.Inventory.NetworkInventory]::Read($machine, $options)
    }
    catch {
        $module.FailJson($_.Exception.GetBaseException().Message, $_)
    }

    $module.Result.connections = @($inventory.Connections | ForEach-Object -Process { $_.ToResult() })
    $module.Result.not_examined = @($inventory.NotExamined | ForEach-Object -Process { $_.ToResult() })
    $module.Result.other_names = @($inventory.OtherNames | ForEach-Object -Process { $_.ToResult() })
    $module.Result.unreadable = @($inventory.Unreadable | ForEach-Object -Process { $_.ToResult() })
    if ($search) {
        Add-Source -Module $module -Search $search -Remembered @($inventory.Connections | Where-Object -Property Persistent)
    }
    $inventory.Warnings | ForEach-Object -Process { $module.Warn($_) }
    $inventory.Dispose()
    $module.ExitJson()
}

# The search, if it is asked for. It has a look at each profile while that is read.
Function New-SourceSearch {
    param($Module, $Machine, $Options)

    if ($Module.Params.sources) {
        $search = New-Object -TypeName ansible_collections.netdrive.windows.plugins.module_utils.SourceSearch.SourceSearch -ArgumentList $Machine, $Options
        $search.Attach($Options)
        $search
    }
}

Function Add-Source {
    param($Module, $Search, $Remembered, $Forgotten = @())

    try {
        $Search.ReadMachine($Remembered, $Forgotten)
    }
    catch {
        # What was taken away has to be in the result, whatever goes wrong here.
        $Module.Warn("Not everything was looked at for sources: $($_.Exception.GetBaseException().Message)")
    }
    $Module.Result.sources = @($Search.Sources | ForEach-Object -Process { $_.ToResult() })
    $Module.Result.not_examined = @($Module.Result.not_examined) + @($Search.NotExamined | ForEach-Object -Process { $_.ToResult() })
    $Search.Dispose()
}

# The end of a module that changes connections.
Function Exit-MappedDrive {
    param($Module, $Result)

    $Module.Result.changed = $Result.Changed
    $Module.Result.connections = $Result.Connections
    $Module.Diff.before = $Result.Before
    $Module.Diff.after = $Result.After
    $Result.Warnings | ForEach-Object -Process { $Module.Warn($_) }

    if ($Result.Event -and -not $Module.CheckMode) {
        try {
            $Module.LogEvent($Result.Event)
        }
        catch {
            $Module.Warn("What was changed could not be written to the event log: $($_.Exception.GetBaseException().Message)")
        }
    }

    if ($Result.Failure) {
        $Module.FailJson($Result.Failure)
    }
    $Module.ExitJson()
}

Export-ModuleMember -Function Exit-MappedDrive, Invoke-MappedDrive, Invoke-MappedDriveInfo
