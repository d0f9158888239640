# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# The documentation of the action plugin of the same name, which does the work.
# pylint: disable=missing-module-docstring

DOCUMENTATION = r"""
module: cleanup_check
short_description: See how the machines of a batch are, and where the run goes next
version_added: 0.1.0
description:
  - Reads the records that this run has made of the machines in the present batch, and says whether the play is over. If it is,
    those of the next play are asked whether they answer. P(netdrive.windows.cleanup_course#lookup) gives them then.
  - A run stops, with a warning, if no pilot is clean or in use, if too many of the machines that answered failed, or if too many
    do not answer.
  - A machine without a record is one that Ansible could not begin with, as where one of its variables is wrong. It gets one,
    as failed. If that cannot be written, as when the disk became full, this fails, and so ends the run.
options:
  leg:
    description: Which play it is; the one of the pilots, of some more machines, or of the rest.
    type: str
    choices: [first, some, rest]
    required: true
notes:
  - Internal to the playbooks of this collection. It may change in any version; do not use it in plays of your own.
extends_documentation_fragment:
  - netdrive.windows.cleanup_actions
seealso:
  - module: netdrive.windows.cleanup
author:
  - the netdrive.windows authors (@netdrive-windows)
"""

EXAMPLES = r"""
- name: See how the machines of this batch are, and which of the next answer
  netdrive.windows.cleanup_check:
    leg: some
  register: batch

- name: Leave the other machines of this play alone if it is over
  ansible.builtin.meta: end_play
  when: batch.over
"""

RETURN = r"""
over:
  description: Whether the play is over.
  returned: success
  type: bool
  sample: true
"""
