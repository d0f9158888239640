# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Cleans up one machine, or surveys it, and puts it on record however that ends."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from ansible_collections.netdrive.windows.plugins.plugin_utils.clean_up import make_selection
from ansible_collections.netdrive.windows.plugins.plugin_utils.with_sources import module_for
from ansible_collections.netdrive.windows.plugins.plugin_utils.visit import Visit, warm_up

_MODULE = "netdrive.windows.mapped_drive"
_SURVEY = "netdrive.windows.mapped_drive_info"
_SURVEY_OPTIONS = ("name", "remote", "exclude", "users", "signed_out", "sources")


class ActionModule(Visit):
    """The action behind netdrive.windows.cleanup; options and result are documented with the module."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        dummy, options = self.validate_argument_spec({
            "ask": {"type": "bool", "default": False},
            "dir": {"type": "path"},
            "fails": {"type": "bool", "default": True},
            "selection": {"type": "dict"},
            "survey": {"type": "bool", "default": False},
        }, required_together=[["dir", "selection"]])
        return self._visit(options, make_selection, task_vars or {})

    def _call(self, directory: Path, selection: dict[str, Any], host: str) -> tuple[str | None, dict[str, Any]]:
        if self._kind == "survey":
            return _SURVEY, {name: selection[name] for name in _SURVEY_OPTIONS}
        return _MODULE, selection


with suppress(Exception):  # it is for speed only
    warm_up(module_for(_MODULE, {"sources": True}))
