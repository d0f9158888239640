# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the documentation of the clean-up's actions has in common."""

from __future__ import annotations


class ModuleDocFragment:
    """The attributes of an action that runs once a batch on the controller; others say where they differ. `.visit` is an option
    of those that go to a machine."""

    DOCUMENTATION = r"""
options: {}
attributes:
  action:
    description: Indicates this has a corresponding action plugin so some parts of the options can be executed on the controller.
    support: full
  async:
    description: Supports being used with the C(async) keyword.
    support: none
  bypass_host_loop:
    description: Forces a 'global' task that does not execute per host.
    support: full
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
  connection:
    description: Uses the target's configured connection information to execute code on it.
    support: none
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in check_mode), when in diff mode.
    support: none
  platform:
    description: Target OS/families that can be operated against.
    platforms: all
    support: full
"""

    VISIT = r"""
options:
  ask:
    description:
      - Whether to ask the machine first if its port answers, for no longer than four seconds beside the look-up of its name. If it does
        not, it is unreachable.
      - A machine behind a proxy or a jump host is not asked.
    type: bool
    default: false
    version_added: 1.0.0
"""
