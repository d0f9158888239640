# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Says whether so many hosts of a batch have failed that the run should stop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.netdrive.windows.plugins.plugin_utils.records import history
from ansible_collections.netdrive.windows.plugins.plugin_utils.run import RUN


class ActionModule(ActionBase):
    """The action behind netdrive.windows.cleanup_check; options and result are documented with the module."""

    BYPASS_HOST_LOOP = True
    _requires_connection = False
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _, options = self.validate_argument_spec({
            "dir": {"type": "path", "required": True},
            "max_failures": {"type": "float", "default": 10},
            "resume": {"type": "bool", "default": False},
        })
        play: dict[str, Any] = task_vars or {}
        hosts = list(play["ansible_play_hosts_all"])
        batch = set(play["ansible_play_batch"])
        tried, failed = _count(Path(options["dir"]), batch, options["resume"])
        rest = len(hosts) - 1 - max(place for place, host in enumerate(hosts) if host in batch)
        stop = bool(rest) and failed * 100 > options["max_failures"] * tried
        message = f"{failed} of the {tried} machines in this batch failed or could not be reached."
        if stop:
            message += f" More than {options['max_failures']:g} % may not: the run stops, {rest} are left alone."
            self._display.warning(message)
        return {**result, "changed": False, "tried": tried, "bad": failed, "rest": rest, "stop": stop, "msg": message}


def _count(directory: Path, hosts: set[str], resume: bool) -> tuple[int, int]:
    """How many hosts this run has tried, and how many of these are not clean."""
    tried = failed = 0
    for host in hosts:
        records = history(directory, host)
        mine = [record for record in records if record.run == RUN]
        if not mine and not (resume and records):
            raise AnsibleActionFail(f"There is no record of {host} in {directory}. The run cannot go on without.")
        tried += len(mine)
        failed += sum(record.status != "clean" for record in mine)
    return tried, failed
