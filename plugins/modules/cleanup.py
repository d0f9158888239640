# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# The documentation of the action plugin of the same name, which does the work.
# pylint: disable=missing-module-docstring

DOCUMENTATION = r"""
module: cleanup
short_description: Clean up a machine, and put it on record
version_added: 0.1.0
description:
  - Runs M(netdrive.windows.mapped_drive) on a machine and writes what it found, what it did and what went wrong into a
    file on the controller, as soon as the machine is done. A machine that cannot be reached gets a record as well.
  - This is the one task a machine of the role P(netdrive.windows.cleanup#role), which has its options as variables.
  - All hosts of one C(ansible-playbook) command are one run; nothing that an earlier run recorded is overwritten. If a
    playbook comes to a machine twice, the second visit counts as another run, with C(.2) at the end of its id.
options:
  dir:
    description:
      - The report directory. See C(docs/records.md) for what is in it.
      - Relative to the folder that Ansible was started in.
      - Without it, all options but O(fails) are as M(netdrive.windows.cleanup_begin) has checked them, once for all machines of this
        command. So the playbook has it.
    type: path
  fails:
    description: Whether the task fails if the machine is not clean. The playbook C(netdrive.windows.cleanup) has a verdict for that.
    type: bool
    default: true
  selection:
    description:
      - What to take away. These are the options O(netdrive.windows.mapped_drive#module:name),
        O(netdrive.windows.mapped_drive#module:remote), O(netdrive.windows.mapped_drive#module:exclude),
        O(netdrive.windows.mapped_drive#module:update_profile), O(netdrive.windows.mapped_drive#module:force),
        O(netdrive.windows.mapped_drive#module:users), O(netdrive.windows.mapped_drive#module:signed_out),
        O(netdrive.windows.mapped_drive#module:signed_out_roaming),
        O(netdrive.windows.mapped_drive#module:sources) and
        O(netdrive.windows.mapped_drive#module:timeout) of M(netdrive.windows.mapped_drive).
      - Here C(users) is V([all]), and C(signed_out) and C(sources) are V(true), if they are not given. C(signed_out) counts only where
        the module can take the profiles of signed-out users in, and C(signed_out_roaming) only with it.
      - Instead of C(remote) there may be C(list), the path of a migration list on the controller. It is a CSV file in UTF-8, or
        UTF-16 with its mark, with the old remote names in its first column, or in that of which C(list_column) is the heading.
        Between columns are C(,), C(;), C(|) or tabs. The other columns are for people.
    type: dict
  survey:
    description:
      - Only read the connections, with M(netdrive.windows.mapped_drive_info), and put on record that they are in use.
    type: bool
    default: false
    version_added: 1.0.0
extends_documentation_fragment:
  - netdrive.windows.cleanup_actions
  - netdrive.windows.cleanup_actions.visit
attributes:
  bypass_host_loop:
    support: none
  check_mode:
    support: full
    details:
      - The record is written in check mode too, and says that it is one of a dry run. That shows what matches now and would be
        tried; open files and refusals are only met by a real run.
  connection:
    support: full
  diff_mode:
    support: full
  platform:
    platforms: windows
notes:
  - What is returned is short on purpose, so that a fleet of thousands fits into the memory of a controller. The connections
    are in the record, or in the result if the record could not be written.
seealso:
  - module: netdrive.windows.mapped_drive
  - module: netdrive.windows.cleanup_report
author:
  - the netdrive.windows authors (@netdrive-windows)
"""

EXAMPLES = r"""
- name: Take everything on the retired file server away, and remember what it was
  netdrive.windows.cleanup:
    dir: /srv/cleanup/oldfs
    selection:
      remote: ['\\oldfs', '\\oldfs.corp.example']
"""

RETURN = r"""
status:
  description: How the machine was left, V(clean), V(in_use) (what is left is open, and nothing else
    went wrong), V(failed) or V(unreachable).
  returned: unless the machine could not be reached
  type: str
  sample: failed
in_use:
  description: How many connections were selected. With O(survey=true), this is in place of RV(found), RV(removed) and RV(left).
  returned: when RV(status) is, with O(survey=true)
  type: int
  sample: 3
found:
  description: How many connections were selected.
  returned: when RV(status) is
  type: int
  sample: 3
removed:
  description:
    - How many of them were taken away, or in check mode match now and would be tried. One that was, but with an error beside, counts here
      too; the machine has failed then.
  returned: when RV(status) is
  type: int
  sample: 2
left:
  description: How many are there as before.
  returned: when RV(status) is
  type: int
  sample: 1
record:
  description: The path of the record.
  returned: when RV(status) is
  type: str
  sample: /srv/cleanup/oldfs/records/20261123T010203Z-1f2e3d/pc0001.json
connections:
  description: What would have been in the record.
  returned: if the record cannot be written
  type: list
  elements: dict
  sample: []
"""
