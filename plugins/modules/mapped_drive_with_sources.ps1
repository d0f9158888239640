#!powershell

# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

#AnsibleRequires -CSharpUtil Ansible.Basic
#AnsibleRequires -CSharpUtil ..module_utils.CleanUp
#AnsibleRequires -CSharpUtil ..module_utils.SourceSearch
#AnsibleRequires -PowerShell ..module_utils.MappedDrive

Invoke-MappedDrive -Arguments $args
