# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which hosts the playbooks go to, as the option cleanup_hosts says it."""

from __future__ import annotations

DOCUMENTATION = r"""
name: cleanup_hosts
short_description: The hosts that a clean-up goes to
version_added: 1.0.0
description:
  - Makes the value of a play's C(hosts) of that of C(cleanup_hosts) or C(restore_hosts). It is for the playbooks of this
    collection.
  - What cannot be seen around a pattern does not count, and a pattern that is nothing else is an error. The controller itself is
    never one of the hosts.
  - C(@FILE) stands for the patterns in a file, one a line, as it does after C(--limit), which is read with this as well.
options:
  _input:
    description: A pattern as after C(hosts) in a play, or a list of them.
    type: raw
    required: true
  option:
    description: Whose value it is, for the message if it is not valid.
    type: str
    default: cleanup_hosts
author:
  - the netdrive.windows authors (@netdrive-windows)
"""

EXAMPLES = r"""
- name: Begin
  hosts: "{{ cleanup_hosts | default('all') | netdrive.windows.cleanup_hosts }}"
"""

RETURN = r"""
_value:
  description: The patterns.
  type: list
  elements: str
"""

# pylint: disable=wrong-import-position  # Ansible wants the documentation first
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.inventory.manager import split_host_pattern

from ansible_collections.netdrive.windows.plugins.plugin_utils.options import host_patterns
from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import Refused


def cleanup_hosts(value: Any, option: str = "cleanup_hosts") -> list[str]:
    """The patterns of a play's hosts. Raises AnsibleFilterError."""
    try:
        patterns = [each for pattern in host_patterns(option, value) for each in split_host_pattern(pattern)]
        return [*(line for pattern in patterns for line in _lines(pattern)), "!localhost"]
    except (Refused, OSError) as error:
        raise AnsibleFilterError(str(error)) from error


def _lines(pattern: str) -> list[str]:
    if not pattern.startswith("@"):
        return [pattern]
    return [line.strip() for line in Path(pattern[1:]).expanduser().read_text(encoding="utf-8").splitlines() if line.strip()]


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., list[str]]]:
        """By name."""
        return {"cleanup_hosts": cleanup_hosts}
