# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# The documentation of the action plugin of the same name, which does the work.
# pylint: disable=missing-module-docstring

DOCUMENTATION = r"""
module: restore
short_description: Put back what clean-ups took away from a machine, and put that on record
version_added: 1.0.0
description:
  - Reads the records of a machine in a report directory on the controller, runs M(netdrive.windows.mapped_drive_restore) with what
    went by a clean-up and has not come back, and writes a record of what became of it into the same directory.
  - This is the one task a machine of the playbook C(netdrive.windows.restore). C(docs/restore.md) is the guide.
options:
  dir:
    description:
      - The report directory of the clean-ups.
      - Relative to the folder that Ansible was started in.
      - Without it, all options but O(fails) are as M(netdrive.windows.cleanup_begin) has checked them, once for all machines of this
        command. So the playbook has it.
    type: path
  fails:
    description: Whether the task fails if something could not be put back. The playbook has a verdict for that.
    type: bool
    default: true
  selection:
    description:
      - What to put back; everything without it.
      - C(remote), patterns on the remote name, as in O(netdrive.windows.mapped_drive#module:remote). C(users), accounts as the
        records have them, C(DOMAIN\\name), the name alone, or a SID. C(runs), ids of the clean-ups that took it away.
        C(timeout), how many seconds one connection may take.
    type: dict
extends_documentation_fragment:
  - netdrive.windows.cleanup_actions
  - netdrive.windows.cleanup_actions.visit
attributes:
  bypass_host_loop:
    support: none
  check_mode:
    support: full
    details: The record is written in check mode too, and says that it is one of a dry run.
  connection:
    support: full
  diff_mode:
    support: full
  platform:
    platforms: windows
seealso:
  - module: netdrive.windows.mapped_drive_restore
  - module: netdrive.windows.cleanup_report
author:
  - the netdrive.windows authors (@netdrive-windows)
"""

EXAMPLES = r"""
- name: Put back what one user lost on this machine
  netdrive.windows.restore:
    dir: /srv/cleanup/oldfs
    selection:
      users: CORP\chloe
"""

RETURN = r"""
status:
  description: How the machine was left, V(clean) if everything is back, V(failed) or V(unreachable).
  returned: unless the machine could not be reached
  type: str
  sample: clean
found:
  description: How many connections were to be put back.
  returned: when RV(status) is
  type: int
  sample: 3
put_back:
  description: How many were put back now, or in check mode would be. One that was there already is none of them.
  returned: when RV(status) is
  type: int
  sample: 3
not_put_back:
  description: How many could not be put back.
  returned: when RV(status) is
  type: int
  sample: 0
record:
  description: The path of the record.
  returned: when RV(status) is
  type: str
  sample: /srv/cleanup/oldfs/records/20261124T010203Z-1f2e3d/pc0001.json
connections:
  description: What would have been in the record.
  returned: if the record cannot be written
  type: list
  elements: dict
  sample: []
"""
