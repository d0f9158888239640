# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes down what a run is going to do, and says where it has to go; or fails before anything is touched."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.playbook.block import Block
from ansible.plugins.action import ActionBase

from ansible_collections.netdrive.windows.plugins.plugin_utils.archive import HOW_TO_MEND_RECORDS, Archive, BadFile
from ansible_collections.netdrive.windows.plugins.plugin_utils.batches import FEW, TRIES, in_turn, sizes
from ansible_collections.netdrive.windows.plugins.plugin_utils.course import Course
from ansible_collections.netdrive.windows.plugins.plugin_utils.fleet import Fleet, Options, differences, is_pattern
from ansible_collections.netdrive.windows.plugins.plugin_utils.interruption import note_beginning
from ansible_collections.netdrive.windows.plugins.plugin_utils.options import in_words_of_the_role
from ansible_collections.netdrive.windows.plugins.plugin_utils.records import (
    SCHEMA, Kind, Manifest, check_writable, manifest_path, read_selection, timestamp, tries_to_restore, write_manifest)
from ansible_collections.netdrive.windows.plugins.plugin_utils.restore import missing
from ansible_collections.netdrive.windows.plugins.plugin_utils.run import this_run, write_course, write_plan
from ansible_collections.netdrive.windows.plugins.plugin_utils.wording import first_few, many


class ActionModule(ActionBase):
    """The action behind netdrive.windows.cleanup_begin; options and result are documented with the module."""

    BYPASS_HOST_LOOP = True
    _requires_connection = False
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        dummy, given = self.validate_argument_spec({
            "kind": {"type": "str", "choices": ["clean_up", "restore"], "default": "clean_up"},
            "nobody": {"type": "str", "default": ""},
        })
        play, role = task_vars or {}, self._task._role  # pylint: disable=protected-access  # whose defaults are for all hosts
        restores = given["kind"] == "restore"
        fleet = Fleet(play["hostvars"], self._loader, self._task, role.get_default_vars(), role.get_vars(), restores=restores)
        try:
            if given["nobody"]:
                raise ValueError(given["nobody"])
            machines = self._machines(fleet, list(play["ansible_play_hosts_all"]))
            options, invalid = _one_aim(fleet.options(machines))
            unfit = {host: group.error for group in invalid for host in group.hosts}
            unfit |= dict.fromkeys(set(machines).difference(play["ansible_play_hosts"]), _FAILED_EARLIER)
            if restores:
                self._begin_restore(fleet, options, unfit, machines)
            else:
                self._set_out(fleet, options, unfit, machines, "survey" if options.run["survey"] else None)
            return {**result, "changed": False}
        except (ValueError, OSError) as error:
            raise AnsibleActionFail(f"The {'restore' if restores else 'clean-up'} cannot begin: "
                                    f"{in_words_of_the_role(str(error), restores)}") from error

    def _begin_restore(self, fleet: Fleet, options: Options, unfit: dict[str, str], machines: list[str]) -> None:
        """Go to those of the machines whose records have something to put back; say which of the records are not in the inventory."""
        if options.run["survey"]:
            raise ValueError("cleanup_survey reads and a restore writes. To see what would be put back, give --check")
        if options.idle:
            self._display.warning(_without_effect(options.idle))
        wanted = missing(options.directory, read_selection(options.selection), machines)
        if wanted.bad:
            self._display.warning(_not_readable(wanted.bad))
        unknown = [host for host in wanted.hosts if not fleet.knows(host)]
        if unknown:
            self._display.warning(_not_in_the_inventory(unknown))
        with_records = set(wanted.hosts)
        chosen = [host for host in machines if host in with_records]
        if chosen:
            self._display.display(f"By the records in {options.directory}, on {many(len(wanted.hosts), 'machine')}: {wanted}")
            self._set_out(fleet, options, unfit, chosen, "restore")
            return
        if wanted.bad:
            raise ValueError(f"by the records in {options.directory} that can be read there is nothing to put back on these machines")
        self._display.display(f"There is nothing to put back on these machines, by the records in {options.directory}.")
        # Somebody has to be there in whose name the report is written.
        write_course({"dir": str(options.directory), "after": options.run["after"], "machines": _fit_first(machines, unfit)[:1], "to_do": 0,
                      "kind": "restore", "so_far": {}})

    def _machines(self, fleet: Fleet, hosts: list[str]) -> list[str]:
        """The hosts that are reached as Windows is. The others are left out."""
        windows = {host: fleet.access(host).windows for host in hosts}
        machines = [host for host in hosts if windows[host]]
        if strangers := [host for host in hosts if not windows[host]]:
            self._display.warning(_not_windows(strangers))
        if not machines:
            raise ValueError("No host is reached as Windows is. " + _HOW_WINDOWS)
        if patterns := [host for host in machines if is_pattern(host)]:
            raise ValueError("Ansible takes the names of some hosts for patterns, which may mean other hosts: "
                             f"{first_few(patterns)}. {_HOW_NAMES}")
        return machines

    def _set_out(self, fleet: Fleet, options: Options, unfit: dict[str, str], machines: list[str], kind: Kind | None) -> None:
        """Write the manifest. Machines that cannot be gone to, for these reasons, are failed ones."""
        manifest = self._write_manifest(machines, options, kind)
        note_beginning(options.directory)
        write_plan({"ask": options.run["ask_first"], "dir": str(options.directory), "selection": options.selection,
                    "survey": kind == "survey"})
        course = Course(options.directory, manifest, fleet, options.run["ask_first"])
        unfit = {host: unfit[host] for host in machines if host in unfit}
        for host, error in unfit.items():
            course.put_on_record(host, "failed", error)
            course.not_clean.append(host)
        self._choose(course, options, machines, unfit)

    def _choose(self, course: Course, options: Options, machines: list[str], unfit: dict[str, str]) -> None:
        """Choose the pilots, and say what is going to happen."""
        fit = [host for host in machines if host not in unfit]
        resumes = options.run["resume"] and not tries_to_restore(course.manifest)  # no dry run of a restore leaves anything to resume
        to_do = in_turn(fit, Archive(options.directory).standings()) if resumes else fit
        first, *others = sizes(options.run["batches"], len(to_do))
        course.number = sum(others[:-1])
        pilots = course.pilots(to_do, TRIES * first) if others else []
        self._display.display(_announcement(machines, to_do, pilots[:first], course.so_far["unreachable"], unfit))
        course.hold_back(pilots, to_do)
        if course.warning:
            self._display.warning(course.warning)
        write_course({
            "dir": str(options.directory), "after": options.run["after"], "kind": course.manifest.kind,
            "machines": _fit_first(machines, unfit),
            "to_do": len(to_do), "pilots": pilots, "first_batches": [first] * TRIES + [max(first, FEW)],
            "some_batches": others[:-1] or [1], "rest_batches": others[-1:] or [first], "number": course.number, "ask": course.asks,
            **course.state})

    def _write_manifest(self, machines: list[str], options: Options, kind: Kind | None) -> Manifest:
        sizes(options.run["batches"], len(machines))
        after = options.run["after"]
        if after:
            self._check_tasks(Path(after))
        if manifest_path(options.directory, this_run()).exists():
            raise ValueError("this ansible-playbook command has been one already. Let the second one be a command of its own")
        check_writable(options.directory, len(machines), options.selection)
        return write_manifest(options.directory, {
            "schema": SCHEMA, "run": this_run(), "started": timestamp(),
            "check_mode": bool(self._task.check_mode) and kind != "survey", "kind": kind, "selection": options.selection, "hosts": machines,
            "batches": options.run["batches"], "max_failures": options.run["max_failures"],
            "max_unreachable": options.run["max_unreachable"]})

    def _check_tasks(self, file: Path) -> None:
        """Raise ValueError if Ansible cannot read the tasks of a file or find their modules: it ends there without a verdict."""
        if not file.is_file():
            raise ValueError(f"cleanup_after: there is no file {file}")
        play, folder = self._task.play, self._loader.get_basedir()
        try:
            tasks = self._loader.load_from_file(str(file.absolute()))
            if tasks is not None and not isinstance(tasks, list):
                raise AnsibleError("it is not a list of tasks")
            self._loader.set_basedir(str(file.absolute().parent))  # where it imports from
            Block.load({"block": tasks or [], "collections": [_COLLECTION]}, play=play, variable_manager=play.get_variable_manager(),
                       loader=self._loader)
        except AnsibleError as error:
            raise ValueError(f"cleanup_after: {file} cannot run: {error}") from error
        finally:
            self._loader.set_basedir(folder)


_COLLECTION = "netdrive.windows"
_FAILED_EARLIER = ("Ansible left this machine out, as it had failed or was not reached in an earlier play of this command: see what "
                   "Ansible printed there.")
_HOW_NAMES = ("Give them names in the inventory that have no blanks, commas, colons, '*', '?' and '[' and do not begin with '!', '&' or "
              "'~', and say in ansible_host how they are reached. Or leave them out, by a group.")
_HOW_WINDOWS = "That is by ansible_connection winrm or psrp, or with ansible_shell_type powershell or cmd."


def _fit_first(machines: list[str], unfit: Mapping[str, str]) -> list[str]:
    """The machines in an order in which the first one is there, as the report is written in its name."""
    return sorted(machines, key=lambda host: host in unfit)


def _not_windows(hosts: list[str]) -> str:
    number = f"{many(len(hosts), 'host')} {'is' if len(hosts) == 1 else 'are'}"
    return f"{number} not reached as Windows is, and left out: {first_few(hosts)}. {_HOW_WINDOWS}"


def _not_in_the_inventory(hosts: list[str]) -> str:
    number = f"{many(len(hosts), 'machine')} {'is' if len(hosts) == 1 else 'are'}"
    return f"{number} not in the inventory, and nothing is put back there: {first_few(hosts)}."


def _not_readable(bad: list[BadFile]) -> str:
    which = first_few(f"{one.path} ({one.reason})" for one in bad)
    return f"What only these say was taken away is not put back, as they cannot be read: {which}. {HOW_TO_MEND_RECORDS}"


def _without_effect(options: list[str]) -> str:
    return (f"On a restore these have no effect: {', '.join(options)}. What to put back is said by restore_remote, restore_runs and "
            "restore_users, and where by restore_hosts; without them it is everything, everywhere.")


def _one_aim(groups: list[Options]) -> tuple[Options, list[Options]]:
    """The options of the run, and the groups of machines with invalid ones. Raises ValueError."""
    valid, invalid = [one for one in groups if not one.error], [one for one in groups if one.error]
    if not valid:
        raise ValueError(invalid[0].error)
    if unlike := differences(valid):
        raise ValueError(f"these options differ from machine to machine, and a run has one aim: {unlike}. "
                         "Go to machines with different options by runs of their own, with --limit")
    return valid[0], invalid


def _announcement(machines: list[str], to_do: list[str], first: list[str], silent: int, unfit: dict[str, str]) -> str:
    """What is going to happen, in one line."""
    parts = [many(len(machines), "machine")]
    if done := len(machines) - len(to_do) - len(unfit):
        parts.append(f"{done} of them clean on record")
    if unfit:
        parts.append(f"{len(unfit)} that cannot be gone to: {first_few(unfit)}")
    if silent:
        parts.append(f"{silent} so far that do not answer")
    if first:
        parts.append(f"the first is {first[0]}" if len(first) == 1 else f"the first are {first_few(first)}")
    if rest := len(to_do) - silent - len(first):
        parts.append(f"{rest} come after it" if first else f"{rest} to go to")
    return "; ".join(parts)
