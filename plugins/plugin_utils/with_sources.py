# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which of its two modules an action runs: with the C# that looks for sources, or without it.

A module's C# is compiled on the target in each task, all of it. So what only `sources` needs is in a module of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action.normal import ActionModule as Normal


def module_for(name: str, options: Mapping[str, Any]) -> str:
    """The module to run, for mapped_drive or mapped_drive_info and its options."""
    return f"{name}_with_sources" if boolean(options.get("sources"), strict=False) else name


class WithOrWithoutSources(Normal):
    """What Ansible does with a module that has no action plugin, and no more, but for the choice."""

    def _execute_module(self, *args: Any, **options: Any) -> dict[str, Any]:
        if not args:
            options.setdefault("module_name", module_for(self._task.resolved_action or self._task.action, self._task.args))
        result: dict[str, Any] = super()._execute_module(*args, **options)
        return result
