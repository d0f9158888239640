# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Cleans up one machine, or surveys it, and puts it on record however that ends."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.netdrive.windows.plugins.plugin_utils.run import make_selection
from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import Refused
from ansible_collections.netdrive.windows.plugins.plugin_utils.sources import module_for
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
        try:
            directory, selection = self._aim(options, make_selection, task_vars)
        except (Refused, OSError) as error:
            raise AnsibleActionFail(self._in_own_words(str(error))) from error
        module, asked = _MODULE, selection
        if options["survey"]:
            self._kind, module, asked = "survey", _SURVEY, {name: selection[name] for name in _SURVEY_OPTIONS}
        return self._go(directory, selection, module, asked, options, task_vars)


with suppress(Exception):  # it is for speed only
    warm_up(module_for(_MODULE, {"sources": True}))
