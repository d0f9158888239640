# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes the report of a clean-up, on the controller; no connection to a host is made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.netdrive.windows.plugins.plugin_utils.interruption import note_report
from ansible_collections.netdrive.windows.plugins.plugin_utils.options import is_of_the_role, path_of, refuse_mistyped
from ansible_collections.netdrive.windows.plugins.plugin_utils.report import NothingToReport, in_words, write_report
from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import Refused


class ActionModule(ActionBase):
    """The action behind netdrive.windows.cleanup_report; options and result are documented with the module."""

    _requires_connection = False
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        dummy, options = self.validate_argument_spec({
            "dir": {"type": "path", "required": True},
            "runs": {"type": "list", "elements": "str", "default": []},
        })
        try:
            if is_of_the_role(self._task):
                refuse_mistyped(task_vars or {})
            written = write_report(Path(path_of("cleanup_report_dir" if is_of_the_role(self._task) else "dir", options["dir"])),
                                   options["runs"])
        except (Refused, NothingToReport, OSError) as error:
            raise AnsibleActionFail(f"Cannot write the report: {error}") from error
        note_report()
        self._display.display(in_words(written))  # whatever of the tasks' results is shown
        return {**result, "changed": True, "msg": in_words(written), "summary": written.summary,
                "hosts": {status: written.hosts[status] for status in ("in_use", "failed", "unreachable")},
                "html": str(written.html), "csv": str(written.csv), "json": str(written.json)}
