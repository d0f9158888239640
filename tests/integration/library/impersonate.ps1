# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

# Works under the token of a process, once to the end and once until it fails, and says as whom it ran.

#AnsibleRequires -CSharpUtil Ansible.Basic
#AnsibleRequires -CSharpUtil ansible_collections.netdrive.windows.plugins.module_utils.Tokens

$module = [Ansible.Basic.AnsibleModule]::Create($args, @{ options = @{ process = @{ type = 'int'; required = $true } } })
$api = New-Object -TypeName ansible_collections.netdrive.windows.plugins.module_utils.Tokens.TokenApi
$token = $api.OfProcess($module.Params.process)
$seen = [System.Collections.Generic.List[string]]@()
$look = {
    $identity = [System.Security.Principal.WindowsIdentity]::GetCurrent()
    $seen.Add($identity.User.Value)
    $identity.Dispose()
}

& $look
$token.Impersonate([Action]$look)
& $look
try {
    $token.Impersonate([Action]{ & $look; throw 'it failed' })
}
catch {
    $seen.Add($_.Exception.GetBaseException().Message)
}
& $look

$token.Dispose()
$module.Result.seen = $seen
$module.ExitJson()
