# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ends a machine's part of a run as its record says, without going there again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.netdrive.windows.plugins.plugin_utils.archive import history
from ansible_collections.netdrive.windows.plugins.plugin_utils.records import Manifest, manifest_path, read, standing
from ansible_collections.netdrive.windows.plugins.plugin_utils.run import read_course, this_run


class ActionModule(ActionBase):
    """The action behind netdrive.windows.cleanup_verdict; options and result are documented with the module."""

    _requires_connection = False
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        self.validate_argument_spec({})
        host = str((task_vars or {})["inventory_hostname"])
        try:
            directory = Path(read_course()["dir"])
            manifest = read(Manifest, manifest_path(directory, this_run()))
            visits = history(directory, host)
            record = next((one for one in visits if one.run == manifest.run), None) if manifest.kind == "restore" \
                else standing(visits, manifest)
        except (ValueError, OSError) as error:
            raise AnsibleActionFail(str(error)) from error
        if not record:  # as of a machine that the run left alone
            return {**result, "changed": False, "msg": "Not yet run", "status": "not_run"}
        return {**result, "changed": False, "msg": record.message or record.status, "status": record.status,
                "failed": record.status in ("in_use", "failed"), "unreachable": record.status == "unreachable"}
