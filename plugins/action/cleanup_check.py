# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Says whether the run is to go on after a batch, and where."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.netdrive.windows.plugins.plugin_utils.course import Course
from ansible_collections.netdrive.windows.plugins.plugin_utils.fleet import Fleet
from ansible_collections.netdrive.windows.plugins.plugin_utils.records import Manifest, manifest_path, read
from ansible_collections.netdrive.windows.plugins.plugin_utils.run import this_run


class ActionModule(ActionBase):
    """The action behind netdrive.windows.cleanup_check; options and result are documented with the module."""

    BYPASS_HOST_LOOP = True
    _requires_connection = False
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        dummy, options = self.validate_argument_spec({
            "ask": {"type": "bool", "required": True},
            "dir": {"type": "path", "required": True},
            "leg": {"type": "str", "choices": ["first", "some", "rest"], "required": True},
            "number": {"type": "int", "required": True},
            "state": {"type": "dict", "required": True},
        })
        play, directory, state = task_vars or {}, Path(options["dir"]), options["state"]
        hosts, batch = list(play["ansible_play_hosts_all"]), set(play["ansible_play_batch"])
        left = hosts[1 + max(place for place, host in enumerate(hosts) if host in batch):]
        try:
            manifest = read(Manifest, manifest_path(directory, this_run()))
            course = Course(directory, manifest, Fleet(play["hostvars"], self._loader, self._task.connection), options["ask"],
                            options["number"], state["some"], state["rest"], Counter(state["so_far"]), state["not_clean"],
                            state["silent"])
            over = course.close(options["leg"], sorted(batch), left)
        except (ValueError, OSError) as error:
            raise AnsibleActionFail(f"The run cannot go on: {error}") from error
        if course.warning:
            self._display.warning(course.warning)
        return {**result, "changed": False, "over": over, "state": course.state}
