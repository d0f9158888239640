# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# The documentation of the action plugin of the same name, which does the work.
# pylint: disable=missing-module-docstring

DOCUMENTATION = r"""
module: cleanup_verdict
short_description: End as the record of a machine says
version_added: 0.1.0
description:
  - Fails, or counts the machine as unreachable, if the record that counts in the report says so. No connection is made. A
    machine that is only in use fails, too, as it is not clean.
  - The playbook C(netdrive.windows.cleanup) ends with it, for the machines that are not clean. Until then it goes on whatever
    happens on a machine, as Ansible ends a playbook in which a whole batch fails, and there would be no report.
notes:
  - Internal to the playbooks of this collection. It may change in any version; do not use it in plays of your own.
extends_documentation_fragment:
  - netdrive.windows.cleanup_actions
attributes:
  bypass_host_loop:
    support: none
seealso:
  - module: netdrive.windows.cleanup
author:
  - the netdrive.windows authors (@netdrive-windows)
"""

EXAMPLES = r"""
- name: End as the machine's record says
  netdrive.windows.cleanup_verdict:
"""

RETURN = r"""
status:
  description: The status in the record.
  returned: always
  type: str
  sample: clean
msg:
  description: The message in the record, or its status if it has none.
  returned: always
  type: str
  sample: "1 of 3 network connections could not be taken away: CORP\\user1 P: \\\\oldfs\\projects: ERROR_OPEN_FILES (2401)"
"""
