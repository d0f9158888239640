# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

<#
.SYNOPSIS
Compiles each module's C# as Ansible would here, and parses all PowerShell. Warnings are errors.

.DESCRIPTION
In Windows PowerShell 5.1 that is the compiler of .NET Framework 4.8, which knows C# 5; in PowerShell 7 it is Roslyn. It needs
neither WinRM nor a controller: a quick gate before the tests that do.

.PARAMETER AnsibleCore
The folder that a wheel of ansible-core was unpacked to: the folder "ansible" is in it.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $AnsibleCore
)
$ErrorActionPreference = 'Stop'

$collection = (Get-Item -LiteralPath "$PSScriptRoot\..\..").FullName
$utils = "$AnsibleCore\ansible\module_utils"
Import-Module -Name "$utils\powershell\Ansible.ModuleUtils.AddType.psm1" -Force

# The file of a C# namespace: of this collection's, or of Ansible's own.
function Get-SourceFile([string] $namespace) {
    if ($namespace -match '^ansible_collections\.netdrive\.windows\.plugins\.module_utils\.(\w+)$') {
        "$collection\plugins\module_utils\$($Matches[1]).cs"
    }
    elseif ($namespace -match '^Ansible\.\w+$') {
        "$utils\csharp\$namespace.cs"
    }
}

# A module's own C#, and all that it uses.
function Get-Closure([string] $module) {
    $files = [Collections.Generic.List[string]]@()
    $queue = [Collections.Generic.Queue[string]]@()
    $required = '(?m)^#AnsibleRequires -CSharpUtil (?:\.\.module_utils\.(?<own>\w+)|(?<ansible>Ansible\.\w+))'
    foreach ($match in [regex]::Matches([IO.File]::ReadAllText($module), $required)) {
        $own = $match.Groups['own'].Value
        $queue.Enqueue($(if ($own) { "ansible_collections.netdrive.windows.plugins.module_utils.$own" } else { $match.Groups['ansible'].Value }))
    }
    while ($queue.Count) {
        $file = Get-SourceFile $queue.Dequeue()
        if ($file -and -not $files.Contains($file)) {
            $files.Add($file)
            foreach ($match in [regex]::Matches([IO.File]::ReadAllText($file), '(?m)^using (?<namespace>[\w.]+);')) {
                $queue.Enqueue($match.Groups['namespace'].Value)
            }
        }
    }
    $files
}

"PowerShell $($PSVersionTable.PSVersion), $AnsibleCore"
foreach ($module in Get-ChildItem -LiteralPath "$collection\plugins\modules" -Filter '*.ps1') {
    $files = Get-Closure $module.FullName
    Add-CSharpType -References @($files | ForEach-Object -Process { [IO.File]::ReadAllText($_) })
    "$($module.Name): $(@($files).Count) files of C# compile"
}

$scripts = Get-ChildItem -LiteralPath "$collection\plugins", "$collection\tests" -Recurse | Where-Object -Property Extension -In -Value '.ps1', '.psm1'
foreach ($script in $scripts) {
    $errors = $null
    $tree = [Management.Automation.Language.Parser]::ParseFile($script.FullName, [ref]$null, [ref]$errors)
    if ($errors) {
        throw "$($script.FullName): $($errors[0].Extent.StartLineNumber): $($errors[0].Message)"
    }
    # C# within a script, for Add-Type.
    foreach ($text in $tree.FindAll({ param($node) $node -is [Management.Automation.Language.StringConstantExpressionAst] }, $true)) {
        if ($text.Value -match '(?m)^using System;') {
            Add-Type -TypeDefinition $text.Value
        }
    }
}
'All scripts parse, and their own C# compiles.'
