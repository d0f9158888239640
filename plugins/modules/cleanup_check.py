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
    those of the next play are asked whether they answer. It is for the playbook C(netdrive.windows.cleanup).
  - A run stops, with a warning, if no pilot got clean, if too many of the machines that answered failed, or if too many do not
    answer.
  - A machine without a record is one that Ansible could not begin with, as where one of its variables is wrong. It gets one,
    as failed. If that cannot be written, as when the disk became full, this fails, and so ends the run.
options:
  ask:
    description: Whether machines are asked before the run goes to them.
    type: bool
    required: true
  dir:
    description:
      - The report directory.
      - Relative to the folder that Ansible was started in.
    type: path
    required: true
  leg:
    description: Which play it is; the one of the pilots, of some more machines, or of the rest.
    type: str
    choices: [first, some, rest]
    required: true
  number:
    description: How many machines the play V(some) has.
    type: int
    required: true
  state:
    description: The RV(state) after the batch before, or what M(netdrive.windows.cleanup_begin) returned.
    type: dict
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
    ask: true
    dir: /srv/cleanup/oldfs
    leg: some
    number: 20
    state: "{{ state }}"
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
state:
  description:
    - How far the run has come. C(so_far), how many machines it left in which status, C(not_clean), which of them it did not leave
      clean, C(silent), which of them did not answer when they were asked, C(some) and C(rest), the machines of the second and of
      the third play.
    - As soon as a play is over, the next one has only those that answer. After a stop there are none.
  returned: success
  type: dict
  sample: {so_far: {clean: 1}, not_clean: [], silent: [], some: [pc0002, pc0003], rest: [pc0004]}
"""
