# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Says whether the run is to go on after a batch, and where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.netdrive.windows.plugins.plugin_utils.course import Course
from ansible_collections.netdrive.windows.plugins.plugin_utils.fleet import Fleet
from ansible_collections.netdrive.windows.plugins.plugin_utils.records import Manifest, manifest_path, read
from ansible_collections.netdrive.windows.plugins.plugin_utils.run import read_course, this_run, write_course


class ActionModule(ActionBase):
    """The action behind netdrive.windows.cleanup_check; options and result are documented with the module."""

    BYPASS_HOST_LOOP = True
    _requires_connection = False
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        dummy, options = self.validate_argument_spec({
            "leg": {"type": "str", "choices": ["first", "some", "rest"], "required": True},
        })
        play = task_vars or {}
        hosts, batch = list(play["ansible_play_hosts_all"]), set(play["ansible_play_batch"])
        left = hosts[1 + max(place for place, host in enumerate(hosts) if host in batch):]
        try:
            kept = read_course()
            directory = Path(kept["dir"])
            manifest = read(Manifest, manifest_path(directory, this_run()))
            fleet = Fleet(play["hostvars"], self._loader, self._task)
            course = Course(directory, manifest, fleet, kept["ask"], kept["number"], **{name: kept[name] for name in Course.STATE})
            over = course.judge(options["leg"], sorted(batch), left)
            write_course({**kept, **course.state})
        except (ValueError, OSError) as error:
            raise AnsibleActionFail(f"The run cannot go on: {error}") from error
        if course.warning:
            self._display.warning(course.warning)
        return {**result, "changed": False, "over": over}
