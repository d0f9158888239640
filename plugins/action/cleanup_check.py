# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Says whether so many hosts of a batch have failed that the run should stop."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.netdrive.windows.plugins.plugin_utils.records import (
    SCHEMA, Manifest, Record, RecordError, manifest_path, read, record_path, timestamp, write_record, write_stop)
from ansible_collections.netdrive.windows.plugins.plugin_utils.run import RUN

_NO_RECORD = "Ansible failed on this machine before its turn, as where one of its variables is wrong: see what Ansible printed."


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
            failed = sum(_status(directory, host, manifest) not in ("clean", "in_use") for host in batch)
        except (RecordError, OSError) as error:
            raise AnsibleActionFail(f"The run cannot go on: {error}") from error
        rest = len(hosts) - 1 - max(place for place, host in enumerate(hosts) if host in batch)
        stop = bool(rest) and failed * 100 > manifest.max_failures * len(batch)
        message = f"{failed} of the {len(batch)} machines in this batch failed or could not be reached."
        if stop:
            message += f" More than {manifest.max_failures:g} % may not: the run stops, {rest} are left alone."
            self._display.warning(message)
            with suppress(OSError):  # then the report does not say why
                write_stop(directory, RUN, message)
        return {**result, "changed": False, "tried": len(batch), "bad": failed, "rest": rest, "stop": stop, "msg": message}


def _status(directory: Path, host: str, manifest: Manifest) -> str:
    """How this run left a host. If Ansible failed before the host's turn, that is put on record first."""
    path = record_path(directory, RUN, host)
    if path.exists():
        return read(Record, path).status
    now = timestamp()
    try:
        return write_record(directory, {
            "schema": SCHEMA, "run": RUN, "host": host, "started": now, "finished": now, "status": "failed",
            "check_mode": manifest.check_mode, "kind": manifest.kind, "changed": False, "message": _NO_RECORD,
            "selection": asdict(manifest.selection), "connections": []}).status
    except OSError as error:
        raise AnsibleActionFail(f"There is no record of {host}, and none can be written: {error}") from error
