# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes down what a run is going to do, and says where it has to go; or fails before anything is touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.netdrive.windows.plugins.plugin_utils.batches import FEW, TRIES, in_turn, sizes
from ansible_collections.netdrive.windows.plugins.plugin_utils.course import Course
from ansible_collections.netdrive.windows.plugins.plugin_utils.fleet import Fleet, Options, differences, some
from ansible_collections.netdrive.windows.plugins.plugin_utils.interruption import note_beginning
from ansible_collections.netdrive.windows.plugins.plugin_utils.records import (
    SCHEMA, Manifest, check_writable, manifest_path, read_records, timestamp, write_manifest)
from ansible_collections.netdrive.windows.plugins.plugin_utils.run import this_run


class ActionModule(ActionBase):
    """The action behind netdrive.windows.cleanup_begin; options and result are documented with the module."""

    BYPASS_HOST_LOOP = True
    _requires_connection = False
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        self.validate_argument_spec({})
        play, role = task_vars or {}, self._task._role  # pylint: disable=protected-access  # whose defaults are for all hosts
        fleet = Fleet(play["hostvars"], self._loader, self._task.connection, role.get_default_vars(), role.get_vars())
        try:
            return {**result, "changed": False, **self._begin(fleet, list(play["ansible_play_hosts_all"]))}
        except (ValueError, OSError) as error:
            raise AnsibleActionFail(f"The clean-up cannot begin: {error}") from error

    def _begin(self, fleet: Fleet, hosts: list[str]) -> dict[str, Any]:
        windows = {host: fleet.access(host).windows for host in hosts}
        machines = [host for host in hosts if windows[host]]
        strangers = [host for host in hosts if not windows[host]]
        if strangers:
            self._display.warning(_not_windows(strangers))
        if not machines:
            raise ValueError("No host is reached as Windows is. " + _HOW_WINDOWS)
        options, invalid = _one_aim(fleet.options(machines))
        manifest = self._write_manifest(machines, options)
        course = Course(options.directory, manifest, fleet, options.run["ask_first"])
        unfit = {host: group.error for group in invalid for host in group.hosts}
        for host, error in unfit.items():
            course.put_on_record(host, "failed", error)
        return {"manifest": str(manifest_path(options.directory, manifest.run)), "run": manifest.run, "not_windows": strangers,
                **self._set_out(course, options, machines, unfit)}

    def _set_out(self, course: Course, options: Options, machines: list[str], unfit: dict[str, str]) -> dict[str, Any]:
        """Choose the pilots, and say what is going to happen."""
        fit = [host for host in machines if host not in unfit]
        to_do = in_turn(fit, read_records(options.directory).machines) if options.run["resume"] else fit
        first, *others = sizes(options.run["batches"], len(to_do))
        course.number = sum(others[:-1])
        pilots = course.pilots(to_do, TRIES * first) if others else []
        note_beginning(options.directory)
        self._display.display(_announcement(machines, to_do, pilots[:first], course.so_far["unreachable"], unfit))
        course.begin(pilots, to_do)
        if course.warning:
            self._display.warning(course.warning)
        return {"hosts": to_do, "state": course.state,
                "plan": {"dir": str(options.directory), "machines": machines, "to_do": len(to_do), "pilots": pilots,
                         "first_batches": [first] * TRIES + [max(first, FEW)], "some_batches": others[:-1] or [1],
                         "rest_batches": others[-1:] or [first], "number": course.number, "ask": course.asks,
                         "survey": options.run["survey"]}}

    def _write_manifest(self, machines: list[str], options: Options) -> Manifest:
        sizes(options.run["batches"], len(machines))
        after = options.run["after"]
        if after and not Path(after).is_file():
            raise ValueError(f"cleanup_after: there is no file {after}")
        if manifest_path(options.directory, this_run()).exists():
            raise ValueError("this ansible-playbook command has been one already. Let the second one be a command of its own")
        check_writable(options.directory, len(machines), options.selection)
        return write_manifest(options.directory, {
            "schema": SCHEMA, "run": this_run(), "started": timestamp(),
            "check_mode": bool(self._task.check_mode) and not options.run["survey"],
            "kind": "survey" if options.run["survey"] else None, "selection": options.selection, "hosts": machines,
            "batches": options.run["batches"], "max_failures": options.run["max_failures"],
            "max_unreachable": options.run["max_unreachable"]})


_HOW_WINDOWS = "That is by ansible_connection winrm or psrp, or with ansible_shell_type powershell or cmd."


def _not_windows(hosts: list[str]) -> str:
    number = "1 host is" if len(hosts) == 1 else f"{len(hosts)} hosts are"
    return f"{number} not reached as Windows is, and left out: {some(hosts)}. {_HOW_WINDOWS}"


def _one_aim(groups: list[Options]) -> tuple[Options, list[Options]]:
    """The options of the run, and the groups of machines with invalid ones. Raises ValueError."""
    valid, invalid = [one for one in groups if not one.error], [one for one in groups if one.error]
    if not valid:
        raise ValueError(invalid[0].error)
    if unlike := differences(valid):
        raise ValueError(f"these options differ from machine to machine, and a run has one aim: {unlike}. "
                         "Clean up machines with different options by runs of their own, with --limit or cleanup_hosts")
    return valid[0], invalid


def _announcement(machines: list[str], to_do: list[str], first: list[str], silent: int, unfit: dict[str, str]) -> str:
    """What is going to happen, in one line."""
    parts = ["1 machine" if len(machines) == 1 else f"{len(machines)} machines"]
    if done := len(machines) - len(to_do) - len(unfit):
        parts.append(f"{done} of them clean on record")
    if unfit:
        parts.append(f"{len(unfit)} with invalid options: {some(unfit)}")
    if silent:
        parts.append(f"{silent} so far that do not answer")
    if first:
        parts.append(f"the first is {first[0]}" if len(first) == 1 else f"the first are {some(first)}")
    if rest := len(to_do) - silent - len(first):
        parts.append(f"{rest} come after it" if first else f"{rest} to go to")
    return "; ".join(parts)
