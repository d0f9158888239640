# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the records of a clean-up say together: how the machines are, what became of the connections, what failed."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import NamedTuple

from ansible_collections.netdrive.windows.plugins.plugin_utils.records import (
    GONE, BadFile, Connection, Error, Manifest, Record, Records, Selection, aim)
from ansible_collections.netdrive.windows.plugins.plugin_utils.report.advice import (
    for_code, for_failure, for_unreachable)

STATUSES = ("clean", "in_use", "failed", "unreachable", "not_run", "dry_run")
LEFT = ("stayed", "kept", "planned")
"""There was an error; with these options there was nothing to do; only a dry run has been there so far."""


@dataclass(slots=True)
class Machine:
    """A machine and the record that says how it is; none if it is not yet run."""

    host: str
    status: str
    record: Record | None

    @property
    def dry(self) -> bool:
        """Whether its record is of a dry run."""
        return self.record is not None and self.record.check_mode


@dataclass(slots=True)
class Group:
    """Connections seen together: all of them, those to one server or to one share."""

    name: str = ""
    outcomes: Counter[str] = field(default_factory=Counter)
    hosts: set[str] = field(default_factory=set)
    users: set[str] = field(default_factory=set)
    parts: dict[str, Group] = field(default_factory=dict)

    def add(self, host: str, user: str | None, outcome: str) -> None:
        """Count one connection."""
        self.outcomes[outcome] += 1
        self.hosts.add(host)
        if user is not None:
            self.users.add(user)

    def part(self, name: str) -> Group:
        """The group of that name in this one; names that differ in case only are one."""
        return self.parts.setdefault(name.casefold(), Group(name))

    @property
    def largest_parts(self) -> list[Group]:
        """The groups in this one, those with most connections first."""
        return sorted(self.parts.values(), key=lambda group: (-group.found, group.name.casefold()))

    @property
    def found(self) -> int:
        """Connections that matched."""
        return self.removed + self.left

    @property
    def removed(self) -> int:
        """Connections that are gone from the session, from the profile, or both."""
        return sum(self.outcomes[one] for one in GONE)

    @property
    def left(self) -> int:
        """Connections that are there as before."""
        return sum(self.outcomes[one] for one in LEFT)


@dataclass(slots=True)
class Problem:
    """One reason for failures, and everybody whom it met."""

    title: str
    action: str
    code: int | None = None
    name: str | None = None
    provider: str | None = None
    texts: Counter[str] = field(default_factory=Counter)
    connections: int = 0
    hosts: set[str] = field(default_factory=set)
    users: set[str] = field(default_factory=set)


class Row(NamedTuple):
    """A line of the long tables: a connection, or a machine that has none to show."""

    machine: Machine
    connection: Connection | None
    outcome: str
    problem: int | None
    detail: str


@dataclass(slots=True)
class Run:
    """One run: what it set out to do, if its manifest is here, and how it left its machines."""

    run: str
    manifest: Manifest | None
    statuses: Counter[str]


@dataclass(slots=True)
class Report:
    """All that the report says."""

    generated: datetime
    mode: str
    """`real`; `check` if it is all of dry runs; `mixed`: then what is only of a dry run has its own status, outcome."""
    machines: list[Machine]
    statuses: Counter[str]
    connections: Group
    problems: list[Problem]
    rows: list[Row]
    runs: list[Run]
    selections: list[Selection]
    bad: list[BadFile]

    @property
    def worst_problems(self) -> list[tuple[int, Problem]]:
        """The problems with their places, those that met most machines first."""
        return sorted(enumerate(self.problems), key=lambda one: (-len(one[1].hosts), -one[1].connections, one[1].title))


# The machines

def _natural(host: str) -> tuple[str, str]:
    return re.sub(r"[0-9]+", lambda digits: digits[0].zfill(12), host.casefold()), host


def _machines(records: Records) -> list[Machine]:
    return [Machine(host, record.status if record else "not_run", record)
            for host, record in sorted(records.machines.items(), key=lambda one: _natural(one[0]))]


def _mode(machines: list[Machine], manifests: list[Manifest]) -> str:
    dry = {machine.record.check_mode for machine in machines if machine.record} \
        or {manifest.check_mode for manifest in manifests[-1:]}
    return "mixed" if len(dry) == 2 else "check" if True in dry else "real"


def _set_dry_apart(machines: list[Machine]) -> None:
    """Among machines that were really cleaned, one that a dry run calls clean is not."""
    for machine in machines:
        if machine.dry and machine.status == "clean":
            machine.status = "dry_run"


# What happened, row by row

def _say(error: Error) -> str:
    text = " ".join(str(part) for part in (error.code, error.name) if part is not None)
    text = f"{text}: {error.message}" if text else error.message
    if error.provider_code is not None or error.provider_message:
        said = " ".join(str(part) for part in (error.provider_code, error.provider_message) if part is not None)
        text = f"{text} {error.provider or 'The provider'}: {said}"
    return text


class _Problems:
    """Collects failures by their reason."""

    def __init__(self) -> None:
        self.found: list[Problem] = []
        self._places: dict[object, int] = {}

    def of_connection(self, host: str, connection: Connection, error: Error) -> int:
        """File a connection's error; returns the place of its problem."""
        extended = (error.provider, error.provider_code) if error.code == 1208 else (None, None)
        advice = for_code(error.code)
        place = self._place((error.code, *extended), Problem(
            advice.title, advice.action, error.code, error.name, extended[0]))
        problem = self._file(place, host, _say(error))
        problem.connections += 1
        if connection.user is not None:
            problem.users.add(connection.user)
        return place

    def of_machine(self, machine: Machine, message: str) -> int:
        """File what ended a machine's run; returns the place of its problem."""
        advice = for_unreachable(message, machine.host) if machine.status == "unreachable" \
            else for_failure(message, machine.host)
        place = self._place((machine.status, advice), Problem(advice.title, advice.action))
        self._file(place, machine.host, message)
        return place

    def _place(self, key: object, problem: Problem) -> int:
        place = self._places.setdefault(key, len(self.found))
        if place == len(self.found):
            self.found.append(problem)
        return place

    def _file(self, place: int, host: str, text: str) -> Problem:
        problem = self.found[place]
        problem.hosts.add(host)
        if text and (len(problem.texts) < 100 or text in problem.texts):
            problem.texts[text] += 1
        return problem


def _rows(machine: Machine, problems: _Problems, mode: str) -> list[Row]:
    planned = dict.fromkeys(GONE, "planned") if machine.dry and mode == "mixed" else {}
    connections = machine.record.connections if machine.record else []
    message = machine.record.message or "" if machine.record else ""
    rows = []
    for one in connections:
        problem = problems.of_connection(machine.host, one, one.error) if one.error else None
        outcome = planned.get(one.outcome, one.outcome)
        rows.append(Row(machine, one, outcome, problem, _say(one.error) if one.error else ""))
    if machine.status in ("failed", "unreachable") and not any(row.problem is not None for row in rows):
        rows.append(Row(machine, None, machine.status, problems.of_machine(machine, message), message))
    return rows or [Row(machine, None, machine.status if machine.status == "not_run" else "nothing", None, message)]


def _server_and_share(remote: str) -> tuple[str, str]:
    parts = remote.replace("/", "\\").split("\\")
    if len(parts) < 3 or parts[0] or parts[1]:
        return remote, remote  # not every provider writes \\server\share
    server = f"\\\\{parts[2]}"
    return server, f"{server}\\{parts[3]}" if len(parts) > 3 else server


def _count(total: Group, host: str, connection: Connection, outcome: str) -> None:
    total.add(host, connection.user, outcome)
    if connection.remote is not None:
        server, share = _server_and_share(connection.remote)
        group = total.part(server)
        group.add(host, connection.user, outcome)
        group.part(share).add(host, connection.user, outcome)


def make_report(records: Records) -> Report:
    """Bring the records of a report directory together; each machine counts once."""
    machines = _machines(records)
    mode = _mode(machines, records.manifests)
    if mode == "mixed":
        _set_dry_apart(machines)
    problems, connections = _Problems(), Group()
    rows = [row for machine in machines for row in _rows(machine, problems, mode)]
    for row in rows:
        if row.connection:
            _count(connections, row.machine.host, row.connection, row.outcome)
    manifests = {manifest.run: manifest for manifest in records.manifests}
    used = [machine.record.selection for machine in machines if machine.record] \
        or [manifest.selection for manifest in records.manifests]
    return Report(
        generated=datetime.now(timezone.utc),
        mode=mode,
        machines=machines,
        statuses=Counter(machine.status for machine in machines),
        connections=connections,
        problems=problems.found,
        rows=rows,
        runs=[Run(run, manifests.get(run), records.statuses.get(run, Counter()))
              for run in sorted(manifests.keys() | records.statuses.keys())],
        selections=list({aim(selection): selection for selection in used}.values()),
        bad=records.bad)
