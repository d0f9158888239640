# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the variables of a fleet's hosts come to: how each is reached, and one set of options for all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.inventory.manager import split_host_pattern
from ansible.playbook.task import Task
from ansible.template import Templar

from ansible_collections.netdrive.windows.plugins.plugin_utils.asking import Access, Door
from ansible_collections.netdrive.windows.plugins.plugin_utils.clean_up import make_selection
from ansible_collections.netdrive.windows.plugins.plugin_utils.options import (
    OPTIONS, PREFIX, RESTORE_OPTIONS, in_words_of_the_role, path_of, percentage, refuse_mistyped, sizes_of, truth)
from ansible_collections.netdrive.windows.plugins.plugin_utils.restore import make_restore
from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import Refused
from ansible_collections.netdrive.windows.plugins.plugin_utils.wording import first_few

_OF_A_RUN: dict[str, Callable[[str, Any], Any]] = {
    "after": path_of,
    "ask_first": truth,
    "batches": sizes_of,
    "max_failures": percentage,
    "max_unreachable": percentage,
    "report_dir": path_of,
    "resume": truth,
    "survey": truth,
}
_TO_RESTORE = {"remote": "restore_remote", "runs": "restore_runs", "timeout": "cleanup_timeout", "users": "restore_users"}
"""What the role's cleanup_selection is to a clean-up."""
_ONLY_OF_A_CLEAN_UP = frozenset(OPTIONS) - set(_TO_RESTORE.values()) - {PREFIX + name for name in _OF_A_RUN}


def is_pattern(host: str) -> bool:
    """Whether Ansible takes a host's name, where it stands for the hosts of a play, for others or for more than this one."""
    return split_host_pattern(host) != [host] or host[0] in "!&~" or not set("*?[").isdisjoint(host)


@dataclass
class Options:
    """The options of all machines that have the same."""

    hosts: list[str] = field(default_factory=list)
    run: dict[str, Any] = field(default_factory=dict)
    """Those of the playbook, by name without cleanup_."""
    selection: dict[str, Any] = field(default_factory=dict)
    idle: list[str] = field(default_factory=list)
    """The options of a clean-up that are given, and have no effect on a restore."""
    error: str = ""
    """What is wrong with them, if anything is."""

    @property
    def directory(self) -> Path:
        """The report directory."""
        return Path(self.run["report_dir"])


class Fleet:
    """The hosts of a play, by their variables.

    defaults and constants are the role's; what is in between, hosts may have from anywhere. Variables are only read as
    templates where they are some: tens of thousands of hosts mostly have the same plain ones.
    """

    def __init__(self, hostvars: Any, loader: Any, task: Task, defaults: Mapping[str, Any] | None = None,
                 constants: Mapping[str, Any] | None = None, *, restores: bool = False) -> None:
        self._hostvars, self._loader, self._connection = hostvars, loader, task.connection
        # hostvars are without what a play was imported with. Only the command line is known to count more.
        stronger = task.play.get_variable_manager().extra_vars
        self._of_the_play = {name: value for name, value in task.play.vars.items() if name not in stronger}
        self._defaults, self._constants, self._restores = dict(defaults or {}), constants or {}, restores
        if restores:
            self._defaults |= dict.fromkeys(RESTORE_OPTIONS)
        self._plain = Templar(loader=loader)

    def access(self, host: str) -> Access:
        """How Ansible reaches a host."""
        return Access(self._variables(host), self._loader, self._connection)

    def knows(self, host: str) -> bool:
        """Whether the inventory has a host."""
        return host in self._hostvars

    def doors(self, hosts: Iterable[str]) -> dict[str, Door]:
        """Where to ask those of the hosts that can be asked."""
        return {host: door for host in hosts if (door := self.access(host).door)}

    def options(self, hosts: Iterable[str]) -> list[Options]:
        """The options of the hosts, those with the same put together. Raises Refused for a variable that is a mistyped one."""
        groups: dict[str, tuple[list[str], dict[str, Any]]] = {}
        for host in hosts:
            variables = self._variables(host)
            refuse_mistyped(variables, host, restores=self._restores)
            own = self._own(variables)
            groups.setdefault(json.dumps(own, sort_keys=True, default=str), ([], variables))[0].append(host)
        return [self._evaluated(names, variables) for names, variables in groups.values()]

    def _variables(self, host: str) -> dict[str, Any]:
        return {**self._hostvars.raw_get(host), **self._of_the_play, "hostvars": self._hostvars}

    def _own(self, variables: dict[str, Any]) -> dict[str, Any]:
        """What of the options a host does not have from the role, as values."""
        own = {name: variables[name] for name in self._defaults if name in variables}
        if any(self._plain.is_template(value) for value in own.values()):
            templar = Templar(loader=self._loader, variables={**self._defaults, **variables})
            for name, value in own.items():
                try:
                    own[name] = templar.template(value)
                except AnsibleError as error:
                    own[name] = f"{name}: {error}"
        return own

    def _evaluated(self, hosts: list[str], variables: dict[str, Any]) -> Options:
        result = Options(hosts)
        if self._restores:
            result.idle = sorted(name for name in _ONLY_OF_A_CLEAN_UP
                                 if str(variables.get(name) or "").casefold() not in ("", str(self._defaults.get(name)).casefold()))
        everything = {**self._defaults, **variables, **self._constants}
        templar = Templar(loader=self._loader, variables=everything)
        try:
            for name, read in _OF_A_RUN.items():
                value = templar.template(everything[PREFIX + name])
                value = self._defaults.get(PREFIX + name) if value in (None, "") else value  # as where a form was left empty
                result.run[name] = None if value is None else read(PREFIX + name, value)
            result.selection = make_restore({option: templar.template(everything[name]) for option, name in _TO_RESTORE.items()}) \
                if self._restores else make_selection(templar.template(everything["cleanup_selection"]))
        except (AnsibleError, Refused, OSError) as error:
            result.error = in_words_of_the_role(str(error), self._restores)
        return result


def differences(groups: list[Options]) -> str:
    """Which options differ between valid groups of hosts, and where; empty if none does."""
    lines = []
    for part in ("run", "selection"):
        for name in getattr(groups[0], part):
            values: dict[str, list[str]] = {}
            for group in groups:
                values.setdefault(json.dumps(getattr(group, part)[name], sort_keys=True, default=str), []).extend(group.hosts)
            if len(values) > 1:
                each = "; ".join(f"{value} on {first_few(hosts)}" for value, hosts in values.items())
                lines.append(f"{PREFIX}{name} is {each}")
    return ". ".join(lines)
