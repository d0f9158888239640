# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Puts back what clean-ups took away from one machine, by its records, and puts that on record however it ends."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.netdrive.windows.plugins.plugin_utils.archive import history
from ansible_collections.netdrive.windows.plugins.plugin_utils.json_reader import RecordError
from ansible_collections.netdrive.windows.plugins.plugin_utils.records import read_selection
from ansible_collections.netdrive.windows.plugins.plugin_utils.restore import Wanted, make_restore
from ansible_collections.netdrive.windows.plugins.plugin_utils.visit import Visit, warm_up

_MODULE = "netdrive.windows.mapped_drive_restore"


class ActionModule(Visit):
    """The action behind netdrive.windows.restore; options and result are documented with the module."""

    _kind = "restore"

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        dummy, options = self.validate_argument_spec({
            "ask": {"type": "bool", "default": False},
            "dir": {"type": "path"},
            "fails": {"type": "bool", "default": True},
            "selection": {"type": "dict"},
        })
        return self._visit(options, make_restore, task_vars or {})

    def _call(self, directory: Path, selection: dict[str, Any], host: str) -> tuple[str | None, dict[str, Any]]:
        try:
            visits = history(directory, host, complete=True)
        except (RecordError, OSError) as error:
            raise AnsibleActionFail(str(error)) from error
        entries = [asdict(one) for one in Wanted(read_selection(selection)).of(visits)]
        return _MODULE if entries else None, {"connections": entries, "timeout": selection["timeout"]}


with suppress(Exception):  # it is for speed only
    warm_up(_MODULE)
