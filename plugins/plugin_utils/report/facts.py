# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a ledger says in numbers and rows: how the machines are, what became of the connections, what failed.

It knows the ledger and the advice; how things look is the page's and the table's.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import NamedTuple, cast

from ansible_collections.netdrive.windows.plugins.plugin_utils.archive import BadFile
from ansible_collections.netdrive.windows.plugins.plugin_utils.causes import Causes
from ansible_collections.netdrive.windows.plugins.plugin_utils.ledger import (
    AT_SIGN_IN, BACK, GONE_BY_ITSELF, NOT_RESTORED, RESTORED, Fate, Event, Ledger, Machine, Run, Story, say)
from ansible_collections.netdrive.windows.plugins.plugin_utils.records import GONE, Connection, Error, NotExamined, Selection, aim
from ansible_collections.netdrive.windows.plugins.plugin_utils.report.advice import (
    for_code, for_failure, for_unreachable)
from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import server_of, share_of

STATUSES = ("clean", "in_use", "failed", "unreachable", "not_run", "dry_run", "restored")
LEFT = ("stayed", "kept", "planned")
"""There was an error; with these options there was nothing to do; only a dry run has seen it."""
SURVEYED = ("live", "remembered")
"""What a survey found: live in a session, or only remembered by a profile."""


@dataclass(slots=True)
class Group:
    """Connections seen together: all of them, or those of one server, share, user or machine."""

    name: str = ""
    outcomes: Counter[str] = field(default_factory=Counter)
    times: int = 0
    """How often they came back, all together."""
    hosts: set[str] = field(default_factory=set)
    users: set[str] = field(default_factory=set)
    parts: dict[str, Group] = field(default_factory=dict)

    def add(self, host: str, user: str | None, outcome: str, times: int = 0) -> None:
        """Count one connection."""
        self.outcomes[outcome] += 1
        self.times += times
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
        """Connections that matched, each once."""
        return sum(self.outcomes[one] for one in (*GONE, GONE_BY_ITSELF, *BACK, *LEFT, *SURVEYED))

    @property
    def removed(self) -> int:
        """Connections that were taken away: from the session, from the profile, or both."""
        return sum(self.outcomes[one] for one in GONE)

    @property
    def put_back(self) -> int:
        """Connections that a restore put back: that are there again, or come at the next sign-in."""
        return sum(self.outcomes[one] for one in BACK)

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
    people: set[tuple[str, str]] = field(default_factory=set)
    """Each user with the machine where it met them."""


class Row(NamedTuple):
    """A line of the long tables: a connection, a session or profile that was not readable, or a machine without any."""

    machine: Machine
    status: str
    connection: Connection | None
    fate: Fate | None
    """None: this is no connection."""
    outcome: str
    error: Error | None
    problem: int | None
    detail: str


class Unseen(NamedTuple):
    """Something on a machine that was not looked at."""

    host: str
    what: NotExamined


@dataclass(slots=True)
class Restores:
    """What restores came to, of connections that no clean-up has been after since."""

    dry: int = 0
    """How many of these only a dry run of a restore has seen, later than all real runs."""
    rows: dict[str, list[Row]] = field(default_factory=lambda: {RESTORED: [], AT_SIGN_IN: [], NOT_RESTORED: []})
    """By what became of them."""


@dataclass(slots=True)
class Report:
    """All that the report says."""

    generated: datetime
    mode: str
    """`real`; `check`: all of it is of dry runs; `mixed`: some machines have only had a dry run; `survey`."""
    machines: dict[str, list[str]]
    """The machines by status."""
    connections: Group
    """All connections, with a part for each server and in it one for each share."""
    to_do: int
    """Connections that a dry run, later than all real ones, found there to be tried."""
    seen_again: int
    """Those among them that a real run had taken away, or had missed."""
    restores: Restores
    special: dict[str, Group]
    """By server, user and machine: the connections that came back; those in use, if it is of a survey."""
    problems: list[Problem]
    rows: list[Row]
    unseen: list[Unseen]
    causes: Causes
    runs: list[Run]
    selections: list[Selection]
    bad: list[BadFile]

    @property
    def total(self) -> int:
        """How many machines there are."""
        return sum(len(hosts) for hosts in self.machines.values())

    @property
    def worst_problems(self) -> list[tuple[int, Problem]]:
        """The problems with their places, those that met most machines first."""
        return sorted(enumerate(self.problems), key=lambda one: (-len(one[1].hosts), -one[1].connections, one[1].title))


# The machines

def _natural(host: str) -> tuple[str, str]:
    return re.sub(r"[0-9]+", lambda digits: digits[0].zfill(12), host.casefold()), host


def _mode(ledger: Ledger) -> str:
    if ledger.kind == "survey":
        return "survey"
    dry = {machine.record.check_mode for machine in ledger.machines if machine.record} \
        or {run.manifest.check_mode for run in [run for run in ledger.runs if run.manifest and run.manifest.kind != "restore"][-1:]
            if run.manifest}
    return "mixed" if len(dry) == 2 else "check" if True in dry else "real"


def _status(machine: Machine, mode: str) -> str:
    """How a machine is. Among machines that were really cleaned up, one that a dry run calls clean is not."""
    if not machine.record:
        return "not_run"
    if machine.record.kind == "restore" and machine.record.status == "clean":
        return "restored"
    dry = machine.record.check_mode and machine.record.status == "clean" and mode == "mixed"
    return "dry_run" if dry else machine.record.status


# What happened, row by row

class _Problems:
    """Collects failures by their reason."""

    def __init__(self) -> None:
        self.found: list[Problem] = []
        self._places: dict[object, int] = {}

    def of_connection(self, host: str, connection: Connection, error: Error, restores: bool) -> int:
        """File a connection's error, of a restore or of a clean-up; returns the place of its problem."""
        extended = (error.provider, error.provider_code) if error.code == 1208 else (None, None)
        advice = for_code(error.code, restores)
        place = self._place((error.code, restores, *extended), Problem(
            advice.title, advice.action, error.code, error.name, extended[0]))
        problem = self._file(place, host, say(error))
        problem.connections += 1
        if connection.user is not None:
            problem.people.add((connection.user, host))
        return place

    def of_machine(self, host: str, status: str, message: str) -> int:
        """File what ended a machine's run; returns the place of its problem."""
        advice = for_unreachable(message, host) if status == "unreachable" else for_failure(message, host)
        place = self._place((status, advice), Problem(advice.title, advice.action))
        self._file(place, host, message)
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


def _outcome(story: Story, mode: str) -> str:
    state = cast(Event, story.fate.state)  # a story begins with a sighting
    if mode == "survey" and state.what == "kept":
        return "remembered" if story.connection.connected is False else "live"
    return "planned" if state.dry and state.what in GONE and mode != "check" else state.what


def _rows(machine: Machine, problems: _Problems, mode: str) -> list[Row]:
    status = _status(machine, mode)

    def row(connection: Connection, fate: Fate | None, outcome: str, error: Error | None) -> Row:
        restores = fate is not None and fate.restore is not None
        problem = problems.of_connection(machine.host, connection, error, restores) if error else None
        return Row(machine, status, connection, fate, outcome, error, problem, say(error))

    rows = [row(story.connection, story.fate, _outcome(story, mode), story.error) for story in machine.stories]
    rows += [row(one, None, "unreadable", one.error) for one in machine.unreadable]
    message = machine.record.message or "" if machine.record else ""
    if status == "unreachable" or status == "failed" and not any(one.problem is not None for one in rows):
        place = problems.of_machine(machine.host, status, message)
        rows.append(Row(machine, status, None, None, status, None, place, message))
    elif not rows:
        rows.append(Row(machine, status, None, None, "not_run" if status == "not_run" else "nothing", None, None, message))
    return rows


def _restores(rows: list[Row]) -> Restores:
    result = Restores()
    for row in rows:
        event = row.fate.restore if row.fate else None
        if event and (event.dry or event.what != NOT_RESTORED or row.error):  # a clean-up since has cleared the error
            result.rows[event.what].append(row)
            result.dry += event.dry
    return result


# In numbers

def _server_and_share(remote: str) -> tuple[str, str]:
    server, share = server_of(remote), share_of(remote)
    if server is None:
        return remote, remote  # not every provider writes \\server\share
    return f"\\\\{server}", f"\\\\{server}\\{share}" if share else f"\\\\{server}"


def _count(rows: list[Row], mode: str) -> tuple[Group, dict[str, Group]]:
    """All connections by server and share; and by server, user and machine those of which the report makes a point."""
    everything, special = Group(), {"server": Group(), "user": Group(), "machine": Group()}
    for row in rows:
        one, host = row.connection, row.machine.host
        if not one or mode == "survey" and row.outcome == GONE_BY_ITSELF:
            continue
        times = row.fate.came_back if row.fate else 0
        server, share = _server_and_share(one.remote) if one.remote is not None else (None, None)
        groups = [everything]
        if server is not None and share is not None:
            groups += [everything.part(server), everything.part(server).part(share)]
        if row.outcome in SURVEYED or times:
            names = {"server": server or one.name, "user": one.user or one.sid, "machine": host}
            groups += [group for by, name in names.items() for group in (special[by], special[by].part(name or "unknown"))]
        for group in groups:
            group.add(host, one.user or one.sid, row.outcome, times)
    return everything, special


def make_report(ledger: Ledger) -> Report:
    """Bring a ledger into numbers and rows: each machine, and each of its connections, counts once."""
    mode = _mode(ledger)
    machines = sorted(ledger.machines, key=lambda one: _natural(one.host))
    problems = _Problems()
    rows = [row for machine in machines for row in _rows(machine, problems, mode)]
    connections, special = _count(rows, mode)
    to_do = [row.fate for row in rows if row.fate and row.fate.to_do]
    selections = [machine.record.selection for machine in machines if machine.record and machine.record.kind != "restore"] \
        or [run.manifest.selection for run in ledger.runs if run.manifest and run.manifest.kind != "restore"]
    return Report(
        generated=datetime.now(timezone.utc),
        mode=mode,
        machines={status: [one.host for one in machines if _status(one, mode) == status] for status in STATUSES},
        connections=connections,
        to_do=len(to_do),
        seen_again=sum(fate.gone_by is not None for fate in to_do),
        restores=_restores(rows),
        special=special,
        problems=problems.found,
        rows=rows,
        unseen=sorted((Unseen(machine.host, what) for machine in machines for what in machine.not_examined),
                      key=lambda one: one.what.kind == "account"),  # nearly every user has one, and all of them say the same
        causes=ledger.causes,
        runs=ledger.runs,
        selections=list({aim(selection): selection for selection in selections}.values()),
        bad=ledger.bad)
