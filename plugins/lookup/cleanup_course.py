# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a run is and where it goes, for the playbooks."""

from __future__ import annotations

DOCUMENTATION = r"""
name: cleanup_course
short_description: Where a run of the clean-up is, and where it goes
version_added: 1.0.0
description:
  - Gives what M(netdrive.windows.cleanup_begin) and M(netdrive.windows.cleanup_check) keep of a run, for the playbooks of this
    collection, which it is internal to. It may change in any version.
options:
  _terms:
    description:
      - What to give. C(dir), the report directory, C(machines), all of the run, C(to_do), how many it has to go to, C(pilots),
        those to begin with, C(waiting), those that wait for them, C(some) and C(rest), those of its second and third play,
        C(first_batches), C(some_batches) and C(rest_batches), the sizes of the batches of its plays, C(number), how many machines
        the second play has, C(ask), whether machines are asked first, C(after), the file of tasks that comes after, and C(kind),
        V(survey), V(restore) or null for a clean-up.
      - C(so_far), how many machines the run left in which status, C(not_clean), which of them it did not leave clean, and C(silent),
        which of them did not answer when they were asked.
      - As soon as a play is over, the next one has only machines that answer. After a stop there are none.
    type: list
    elements: str
    required: true
author:
  - the netdrive.windows authors (@netdrive-windows)
"""

EXAMPLES = r"""
- name: Go to the first machine that answers
  hosts: "{{ query('netdrive.windows.cleanup_course', 'pilots') or ['!all'] }}"
"""

RETURN = r"""
_raw:
  description: What was asked for; the elements of what is a list. Nothing, before a run has begun.
  type: list
  elements: raw
"""

# pylint: disable=wrong-import-position  # Ansible wants the documentation first
from typing import Any

from ansible.plugins.lookup import LookupBase

from ansible_collections.netdrive.windows.plugins.plugin_utils.run import read_course
from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import Refused


class LookupModule(LookupBase):
    """What Ansible looks for."""

    def run(self, terms: list[str], variables: Any = None, **kwargs: Any) -> list[Any]:
        try:
            course = read_course()
        except Refused:
            return []
        values = [course.get(term, []) for term in terms]
        return [each for value in values for each in (value if isinstance(value, list) else [value])]
