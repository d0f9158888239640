# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

@{
  ModuleVersion = '7.0.0.0'
  GUID = '7bf932a5-fa51-4d72-9a98-5e4fd619abac'
  NestedModules = 'Microsoft.PowerShell.Security.dll'
  CmdletsToExport = @(
    'ConvertFrom-SecureString'
    'ConvertTo-SecureString'
    'Get-ExecutionPolicy'
  )
}
