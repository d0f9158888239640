# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes down what a run is going to do, and says where it has to go; or fails before anything is touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.netdrive.windows.plugins.plugin_utils.records import (
    SCHEMA, RecordError, check_writable, manifest_path, read_records, timestamp, write_manifest)
from ansible_collections.netdrive.windows.plugins.plugin_utils.run import RUN, SelectionError, make_selection


class ActionModule(ActionBase):
    """The action behind netdrive.windows.cleanup_begin; options and result are documented with the module."""

    BYPASS_HOST_LOOP = True
    _requires_connection = False
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _, options = self.validate_argument_spec({
            "batches": {"type": "list", "elements": "raw", "required": True},
            "dir": {"type": "path", "required": True},
            "max_failures": {"type": "float", "required": True},
            "resume": {"type": "bool", "required": True},
            "selection": {"type": "dict", "required": True},
            "survey": {"type": "bool", "default": False},
        })
        directory, hosts = Path(options["dir"]), list((task_vars or {})["ansible_play_hosts_all"])
        if manifest_path(directory, RUN).exists():
            raise AnsibleActionFail("The clean-up cannot begin: this ansible-playbook command has been one already. "
                                    "Let the second one be a command of its own")
        try:
            selection = make_selection(options["selection"])
            check_writable(directory, len(hosts), selection)
            write_manifest(directory, {
                "schema": SCHEMA, "run": RUN, "started": timestamp(),
                "check_mode": bool(self._task.check_mode) and not options["survey"],
                "kind": "survey" if options["survey"] else None,
                "selection": selection, "hosts": hosts, "batches": options["batches"],
                "max_failures": options["max_failures"]})
            to_do = _not_clean(directory, hosts) if options["resume"] else hosts
        except (SelectionError, RecordError, OSError) as error:
            raise AnsibleActionFail(f"The clean-up cannot begin: {error}") from error
        return {**result, "changed": False, "run": RUN, "manifest": str(manifest_path(directory, RUN)), "hosts": to_do}


def _not_clean(directory: Path, hosts: list[str]) -> list[str]:
    """The hosts that this run has to go to, as earlier runs with the same aim have not left them clean."""
    machines = read_records(directory).machines
    return [host for host in hosts if not ((record := machines[host]) and record.status == "clean")]
