# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

# The least that a module can do: without C#, and so without a compile. One that requires nothing is
# taken for an old one, which is copied to a file and run from there.
#AnsibleRequires -PowerShell Ansible.ModuleUtils.AddType

'{"changed": false}'
