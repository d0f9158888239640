# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The documentation of the action plugin of the same name, which does the work."""

DOCUMENTATION = r"""
module: cleanup_check
short_description: See how many machines of a batch failed
version_added: 0.1.0
description:
  - Reads the records that this run has made of the machines in the present batch, and says whether the run should stop, by
    what M(netdrive.windows.cleanup_begin) was told. It is for the playbook C(netdrive.windows.cleanup).
  - A machine without a record is one that Ansible could not begin with, as where one of its variables is wrong. It gets one,
    as failed. If that cannot be written, as when the disk became full, this fails, and so ends the run.
options:
  dir:
    description:
      - The report directory.
      - Relative to the folder that Ansible was started in.
    type: path
    required: true
extends_documentation_fragment:
  - netdrive.windows.cleanup_actions
seealso:
  - module: netdrive.windows.cleanup
author:
  - the netdrive.windows authors
"""

EXAMPLES = r"""
- name: See how many machines of this batch failed
  netdrive.windows.cleanup_check:
    dir: /srv/cleanup/oldfs
  register: batch

- name: Leave the other machines alone if they were too many
  ansible.builtin.meta: end_play
  when: batch.stop
"""

RETURN = r"""
stop:
  description: Whether the run should stop. Never after the last batch.
  returned: success
  type: bool
  sample: true
tried:
  description: How many machines are in the batch.
  returned: success
  type: int
  sample: 100
bad:
  description: How many of these failed or could not be reached.
  returned: success
  type: int
  sample: 12
rest:
  description: How many machines come after this batch.
  returned: success
  type: int
  sample: 899
msg:
  description: The same in words.
  returned: success
  type: str
  sample: 1 of the 100 machines in this batch failed or could not be reached.
"""
