# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Says whether so many hosts of a batch have failed that the run should stop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.netdrive.windows.plugins.plugin_utils.records import (
    Manifest, Record, RecordError, manifest_path, read, record_path)
from ansible_collections.netdrive.windows.plugins.plugin_utils.run import RUN


class ActionModule(ActionBase):
    """The action behind netdrive.windows.cleanup_check; options and result are documented with the module."""

    BYPASS_HOST_LOOP = True
    _requires_connection = False
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _, options = self.validate_argument_spec({"dir": {"type": "path", "required": True}})
        directory, play = Path(options["dir"]), task_vars or {}
        hosts, batch = list(play["ansible_play_hosts_all"]), set(play["ansible_play_batch"])
        try:
            manifest = read(Manifest, manifest_path(directory, RUN))
            failed = sum(_status(directory, host) != "clean" for host in batch)
        except (RecordError, OSError) as error:
            raise AnsibleActionFail(f"The run cannot go on: {error}") from error
        rest = len(hosts) - 1 - max(place for place, host in enumerate(hosts) if host in batch)
        stop = bool(rest) and failed * 100 > manifest.max_failures * len(batch)
        message = f"{failed} of the {len(batch)} machines in this batch failed or could not be reached."
        if stop:
            message += f" More than {manifest.max_failures:g} % may not: the run stops, {rest} are left alone."
            self._display.warning(message)
        return {**result, "changed": False, "tried": len(batch), "bad": failed, "rest": rest, "stop": stop, "msg": message}


def _status(directory: Path, host: str) -> str:
    """How this run left a host."""
    path = record_path(directory, RUN, host)
    if not path.exists():
        raise AnsibleActionFail(f"There is no record of {host} in {directory}. The run cannot go on without.")
    return read(Record, path).status
