# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One machine's part of a run: one module call, and a record of the machine however that ends."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import module_loader

from ansible_collections.netdrive.windows.plugins.plugin_utils.asking import ask_one, door_of
from ansible_collections.netdrive.windows.plugins.plugin_utils.json_reader import RecordError
from ansible_collections.netdrive.windows.plugins.plugin_utils.options import (
    in_words_of_the_role, is_of_the_role, path_of, refuse_mistyped)
from ansible_collections.netdrive.windows.plugins.plugin_utils.records import (
    BROKE_OFF, GONE, IN_USE, PUT_BACK, SCHEMA, Kind, Record, record_path, timestamp, write_record)
from ansible_collections.netdrive.windows.plugins.plugin_utils.run import read_plan, this_run
from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import Refused
from ansible_collections.netdrive.windows.plugins.plugin_utils.with_sources import module_for

_LONGEST_OUTPUT = 4000  # characters of what a broken module printed
_RETURNED = ("changed", "failed", "msg", "diff", "exception", "warnings", "deprecations")

# What Ansible and its ssh client say only as long as nothing has been sent, each at the beginning of a line.
BEFORE_SSH_SENDS = re.compile(
    r"^(?:(?:Data could not be sent|Failed to connect)[^\n]*? ssh: )?(?:"
    r"ssh: |\S+: Permission denied \(|Host key verification failed|kex_exchange_identification: |Unable to negotiate with |"
    r"Connection timed out during banner exchange|Connection closed by \S+ port |Invalid/incorrect |"
    r"Received disconnect from \S+ port \d+:2: Too many authentication failures|"
    r"Using a SSH password instead of a key is not possible|to use .* you must |Cannot write to ControlPath|"
    r"Unable to execute ssh)", re.MULTILINE)

# What Ansible says when ssh ends while the module is being handed to it, a moment before Ansible knows why. PowerShell runs no
# part of a module, so nothing was done, and another try tells the reason.
SSH_DID_NOT_TAKE_ALL = re.compile(
    r"^Data could not be sent to remote host [^\n]* over ssh: \[Errno 32\] Broken pipe", re.MULTILINE | re.IGNORECASE)


class Visit(ActionBase):
    """What the actions cleanup and restore have in common."""

    _supports_async = False
    _kind: Kind | None = None
    """None: a clean-up."""

    def _call(self, directory: Path, selection: dict[str, Any], host: str) -> tuple[str | None, dict[str, Any]]:
        """The module to run on the machine, None if there is nothing to do there, and its options. Raises AnsibleActionFail."""
        raise NotImplementedError

    def _visit(self, options: dict[str, Any], make: Callable[[dict[str, Any]], dict[str, Any]],
               task_vars: dict[str, Any]) -> dict[str, Any]:
        """Do on the machine what the task's options say, and put on record what came of it. make checks the option selection."""
        directory, selection = self._aim(options, make, task_vars)
        host, fails = str(task_vars["inventory_hostname"]), options["fails"]
        if options.get("survey"):
            self._kind = "survey"
        record: dict[str, Any] = {
            "schema": SCHEMA, "run": _next_run(directory, host), "host": host, "started": timestamp(),
            "selection": selection, "check_mode": bool(self._task.check_mode) and self._kind != "survey", "changed": False,
            "connections": [], "not_examined": [], "sources": [], "other_names": [], "kind": self._kind}
        try:
            module, module_options = self._call(directory, selection, host)
            if module and options["ask"]:
                self._ask()
            result = self._run_module(module, module_options, task_vars) if module else {}
        except BaseException as error:  # such as the end of the task's time
            status = "unreachable" if isinstance(error, AnsibleConnectionFailure) else "failed"
            message = str(error) if isinstance(error, Exception) else f"{BROKE_OFF}: {str(error) or type(error).__name__}"
            unvisited = _put_on_record(directory, {**record, "status": status, "message": message})
            if isinstance(error, Exception) and not fails:
                return {"changed": False, **_numbers(directory, unvisited)}
            raise
        self._translate(result)
        kept = {name: value for name, value in result.items() if name in _RETURNED}
        visited = _put_on_record(directory, {**record, **_outcome(result)})
        return {**kept, **_numbers(directory, visited), "failed": visited.status != "clean" and fails}

    def _aim(self, options: dict[str, Any], make: Callable[[dict[str, Any]], dict[str, Any]],
             task_vars: dict[str, Any]) -> tuple[Path, dict[str, Any]]:
        """The report directory and what to work on; without a directory, all options become those that the run was begun with.

        Raises AnsibleActionFail.
        """
        try:
            if options["dir"] is None:
                options.update(read_plan())
            else:
                if is_of_the_role(self._task):
                    refuse_mistyped(task_vars, restores=self._kind == "restore")
                options["selection"] = make(options["selection"] or {})
            return Path(path_of("dir", options["dir"])), options["selection"]
        except (Refused, OSError) as error:
            raise AnsibleActionFail(self._in_own_words(str(error))) from error

    def _translate(self, result: dict[str, Any]) -> None:
        """Have the module's messages speak of the options that the user has set."""
        errors = [one["error"] for one in result.get("connections", []) if isinstance(one, dict) and isinstance(one.get("error"), dict)]
        for holder, name in [(result, "msg"), *((error, "message") for error in errors)]:
            if isinstance(holder.get(name), str):
                holder[name] = self._in_own_words(holder[name])
        result["warnings"] = [self._in_own_words(str(each)) for each in result.get("warnings") or ()]

    def _in_own_words(self, text: str) -> str:
        return in_words_of_the_role(text, self._kind == "restore") if is_of_the_role(self._task) else text

    def _ask(self) -> None:
        """Raise AnsibleConnectionFailure if the machine does not answer: hours may have gone by since the run asked it."""
        door = door_of(self._connection)
        if silent := ask_one(door) if door else "":
            raise AnsibleConnectionFailure(silent)

    def _run_module(self, module: str, options: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """Run a module.

        Raises AnsibleConnectionFailure if nothing can have been done on the machine, which not every transport tells apart
        from what broke off: winrm and psrp fail while they connect, or later; ssh connects and sends in one go.
        """
        transport = self._connection.transport
        try:
            self._connection._connect()  # pylint: disable=protected-access  # Ansible calls it, if nobody has, when it executes
        except AnsibleConnectionFailure:
            raise
        except Exception as error:
            raise AnsibleConnectionFailure(f"{transport}: {error}") from None
        try:
            return self._execute(module_for(module, options), options, task_vars)
        except Exception as error:
            if transport == "ssh" and BEFORE_SSH_SENDS.search(str(error)):
                raise AnsibleConnectionFailure(str(error)) from None
            if isinstance(error, AnsibleError) and not isinstance(error, AnsibleConnectionFailure):
                raise  # nothing of the connection
            raise AnsibleActionFail(f"{BROKE_OFF}: {transport}: {error}") from None

    def _execute(self, module: str, options: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        try:
            return self._execute_module(module, options, task_vars=task_vars)
        except AnsibleConnectionFailure as error:
            if self._connection.transport != "ssh" or not SSH_DID_NOT_TAKE_ALL.search(str(error)):
                raise
        return self._execute_module(module, options, task_vars=task_vars)


def warm_up(module: str) -> None:
    """Have Ansible look once through the source of a module that may run.

    That compiles patterns and finds files. Ansible loads the action before it forks, so all workers have that already;
    it would cost each of them a tenth of its time.
    """
    from ansible.executor.powershell.module_manifest import PSModuleDepFinder  # pylint: disable=import-outside-toplevel
    path = Path(module_loader.find_plugin(module, ".ps1"))
    PSModuleDepFinder().scan_module(path.read_bytes(), fqn=f"ansible_collections.netdrive.windows.plugins.modules.{path.stem}")


def _next_run(directory: Path, host: str) -> str:
    """The run that this visit belongs to: where a playbook comes to a machine twice, the second is RUN.2."""
    first = this_run()
    runs = (first if number == 1 else f"{first}.{number}" for number in count(1))
    return next(run for run in runs if not record_path(directory, run, host).exists())


def _outcome(result: dict[str, Any]) -> dict[str, Any]:
    """What a record takes from the module's result."""
    failed, message = bool(result.get("failed")), None
    if failed:
        printed = str(result.get("module_stderr") or result.get("module_stdout") or "").strip()
        message = "\n".join(filter(None, (str(result.get("msg") or ""), printed[:_LONGEST_OUTPUT])))
    unreadable = [{**one, "connected": None, "persistent": None} for one in result.get("unreadable", [])]  # of a survey
    connections = result.get("connections", []) + unreadable
    return {"status": _status(connections) if failed else "clean", "changed": bool(result.get("changed")),
            "message": message, "connections": connections,
            **{name: result.get(name, []) for name in ("not_examined", "sources", "other_names")}}


def _status(connections: Any) -> str:
    """What a failure comes to: in use, if people have connections open and that is all."""
    try:
        codes = [one["error"]["code"] for one in connections if one["error"]]
    except (LookupError, TypeError):  # no connections as a record has them
        return "failed"
    return "in_use" if codes and all(code in IN_USE for code in codes) else "failed"


def _put_on_record(directory: Path, data: dict[str, Any]) -> Record:
    """Write a machine's record. What the module said of connections is kept, even where it cannot be that in a record."""
    data["finished"] = timestamp()
    try:
        try:
            return write_record(directory, data)
        except RecordError as error:
            message = f"The module's result is not valid: {error}\n{json.dumps(data['connections'])}"
            nothing: dict[str, Any] = {name: [] for name in ("connections", "not_examined", "sources", "other_names")}
            return write_record(directory, {**data, **nothing, "status": "failed", "message": message})
    except (RecordError, OSError) as error:
        raise AnsibleActionFail(f"The machine's record cannot be written: {error}",
                                result={name: data[name] for name in ("changed", "connections")}) from error


def _numbers(directory: Path, record: Record) -> dict[str, Any]:
    """What Ansible gets to know of a record."""
    outcomes = [one.outcome for one in record.connections if one.outcome != "unreadable"]
    removed, put_back = (sum(outcome in actions for outcome in outcomes) for actions in (GONE, PUT_BACK))
    numbers = {"in_use": len(outcomes)} if record.kind == "survey" else {
        "found": len(outcomes), "put_back": put_back, "not_put_back": outcomes.count("stayed")} if record.kind == "restore" else {
        "found": len(outcomes), "removed": removed, "left": len(outcomes) - removed}
    message = {"msg": record.message} if record.message else {}
    return {**message, **numbers, "status": record.status, "record": str(record_path(directory, record.run, record.host))}
