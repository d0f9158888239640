# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes down what a run is going to do, or fails before anything is touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.netdrive.windows.plugins.plugin_utils.records import (
    SCHEMA, RecordError, check_writable, timestamp, write_manifest)
from ansible_collections.netdrive.windows.plugins.plugin_utils.run import RUN, SelectionError, make_selection


class ActionModule(ActionBase):
    """The action behind netdrive.windows.cleanup_begin; options and result are documented with the module."""

    BYPASS_HOST_LOOP = True
    _requires_connection = False
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _, options = self.validate_argument_spec({
            "batches": {"type": "list", "elements": "raw", "default": [1, "10%", "100%"]},
            "dir": {"type": "path", "required": True},
            "max_failures": {"type": "float", "default": 10},
            "selection": {"type": "dict", "required": True},
        })
        directory, hosts = Path(options["dir"]), list((task_vars or {})["ansible_play_hosts_all"])
        try:
            selection = make_selection(options["selection"])
            check_writable(directory, len(hosts), selection)
            path = write_manifest(directory, {
                "schema": SCHEMA, "run": RUN, "started": timestamp(), "check_mode": bool(self._task.check_mode),
                "selection": selection, "hosts": hosts, "batches": options["batches"],
                "max_failures": options["max_failures"]})
        except (SelectionError, RecordError, OSError) as error:
            raise AnsibleActionFail(f"The clean-up cannot begin: {error}") from error
        return {**result, "changed": False, "run": RUN, "manifest": str(path)}
