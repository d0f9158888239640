# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ledger: the story of each connection over all runs that were after the same. Made of records; knows no report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from ansible_collections.netdrive.windows.plugins.plugin_utils.archive import Archive, BadFile
from ansible_collections.netdrive.windows.plugins.plugin_utils.causes import Causes
from ansible_collections.netdrive.windows.plugins.plugin_utils.records import (
    GONE, Connection, Error, Kind, Manifest, NotExamined, Record, aim, standing, story_of)
from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import remote_form

GONE_BY_ITSELF = "gone_by_itself"
"""It had been left, and a later run did not find it any more."""
NOT_EXAMINED = "not_examined"
"""It had been left, and a later run could not see whether it still was there."""

RESTORED = "restored"
"""A restore put it back, or found it there again."""
AT_SIGN_IN = "at_sign_in"
"""It is remembered again, by a restore, and comes back at the next sign-in of its user."""
NOT_RESTORED = "not_restored"
"""A restore could not put it back: it is as gone as it was."""
BACK = (RESTORED, AT_SIGN_IN)
"""What became of a connection that a restore put back."""

_WORST_FIRST = ("stayed", "kept", "disconnected", "removed", "forgotten", NOT_RESTORED, AT_SIGN_IN, RESTORED)

_Identity = tuple[str | None, str | None, str | None]


class Event(NamedTuple):
    """What one run had to do with a connection."""

    run: str
    what: str
    """What became of it: as `Connection.outcome` says, or one of the above."""
    dry: bool = False
    """It was a dry run: this would have been tried."""
    came_back: bool = False
    """It had been gone before, and no restore had put it back."""
    said: str = ""
    """Why it stayed or was not put back, what went wrong beside, or why it comes back only at the next sign-in."""
    failed: bool = False
    """Whether that is an error."""


class Fate:
    """What became of a connection, run by run. Those that went the same way, mostly thousands, share one."""

    __slots__ = ("_next", "came_back", "events", "gone_by", "state")

    def __init__(self, events: tuple[Event, ...] = (), state: Event | None = None) -> None:
        self.events = events
        self.state = state
        """The event that says how it is: the last one that does; one of a dry run only if there is no other."""
        self.came_back = sum(event.came_back for event in events)
        """How often it was there again after it had gone."""
        self.gone_by = state.run if state and not state.dry and state.what in (*GONE, GONE_BY_ITSELF) else None
        """If it is gone: the run that took it away, whose record has what it takes to put it back, or that missed it."""
        self._next: dict[Event, Fate] = {}

    def then(self, event: Event) -> Fate:
        """The fate that goes on from here with this event."""
        if event not in self._next:
            tells = event.what not in (NOT_EXAMINED, NOT_RESTORED) and not (event.dry and self.state)
            self._next[event] = Fate((*self.events, event), event if tells else self.state)
        return self._next[event]

    @property
    def found_by(self) -> str:
        """The run that found it first."""
        return self.events[0].run

    @property
    def seen_by(self) -> str:
        """The run that saw it last."""
        return [event for event in self.events if event.what not in (NOT_EXAMINED, GONE_BY_ITSELF, NOT_RESTORED)][-1].run

    @property
    def to_do(self) -> bool:
        """Whether a dry run, later than all real ones, would have tried to take it away."""
        return self.events[-1].dry and self.events[-1].what in GONE

    @property
    def taken_by(self) -> list[str]:
        """The runs that had to do with it since it was whole last, if it is not wholly back: what they took, a restore puts back.

        One that left it in one session of its user may have taken it away in another.
        """
        runs: list[str] = []
        if self.state and (self.state.what in GONE or _is_half_back(self.state)):
            for event in reversed(self.events):
                if event.what in BACK and not event.dry and not _is_half_back(event):
                    break
                runs += [event.run] if not event.dry else []
                if event.came_back:
                    break
        return runs

    @property
    def restore(self) -> Event | None:
        """What a restore has come to, or, if it is dry, would come to; None if there was none, or a clean-up since."""
        last = next((event for event in reversed(self.events) if event.what != NOT_EXAMINED), None)
        return last if last and last.what in (*BACK, NOT_RESTORED) else None


def _is_half_back(event: Event) -> bool:
    return event.what == AT_SIGN_IN and event.failed


@dataclass(slots=True)
class Story:
    """One connection of a user, and its fate."""

    connection: Connection
    """As it was seen last."""
    fate: Fate
    after: object
    """What the run that saw it was after, as `aim` has it."""
    error: Error | None = None
    """What is still wrong with it."""


@dataclass(slots=True)
class Machine:
    """A machine, the record that says how it is, and the stories of its connections."""

    host: str
    record: Record | None
    """None: it has not yet run. It has no connections any more: they are in the stories."""
    stories: list[Story]
    unreadable: list[Connection]
    """Logon sessions and profiles that could not be read when it was visited last."""
    not_examined: list[NotExamined]
    """What was not looked at for another reason then."""


@dataclass(slots=True)
class Run:
    """One run: what it set out to do, if its manifest is here, and how it left its machines."""

    run: str
    manifest: Manifest | None = None
    statuses: Counter[str] = field(default_factory=Counter)
    finished: datetime | None = None
    """When it was done with a machine last."""
    clean_before: int = 0
    """Machines that it did not come to, and that were clean by earlier runs."""
    not_run: int = 0
    """Other machines that it did not come to."""
    stopped_by: str | None = None
    """Why it left them alone, if it ended so by itself."""
    at_once: list[tuple[str, int]] = field(default_factory=list)
    """Runs that went at the same time, and over how many of the same machines."""


@dataclass(slots=True)
class Ledger:
    """What the records of a report directory say together: those of surveys, if one was begun last, or of clean-ups."""

    kind: Kind | None
    machines: list[Machine]
    runs: list[Run]
    """By their ids, that is by time."""
    bad: list[BadFile]
    causes: Causes
    """What will bring connections back, by the newest look at each machine."""


# What a record says of connections

def identity(one: Connection) -> _Identity:
    """What makes two sightings the same connection of a machine: whose it is, its local name, its remote name."""
    return _who(one), one.name and one.name.casefold(), one.remote and remote_form(one.remote)


def _who(one: Connection | NotExamined) -> str | None:
    return one.sid or (one.user and one.user.casefold())


def _what(one: Connection, record: Record) -> str:
    """What became of a connection by one record."""
    if record.kind != "restore":
        return one.outcome
    if one.error and not one.action:
        return NOT_RESTORED
    return RESTORED if one.connected else AT_SIGN_IN


def _sightings(record: Record) -> dict[_Identity, Connection]:
    """The connections of a record. One that several sessions of its user have is as in the one where it is worst."""
    found: dict[_Identity, Connection] = {}
    for one in record.connections:
        if one.outcome != "unreadable":
            same = found.setdefault(identity(one), one)
            if same is not one:
                found[identity(one)] = min(same, one, key=lambda of: (_WORST_FIRST.index(_what(of, record)), of.error is None))
    return found


def _examined(record: Record) -> bool:
    """Whether the connections were looked at: not if the machine was off, or the task failed before."""
    return record.status == "clean" or bool(record.connections)


class _View:
    """What a record lets one say of connections that are not in it."""

    def __init__(self, record: Record) -> None:
        self._hidden = {_who(one) for one in record.connections if one.outcome == "unreadable"} \
            | {_who(one) for one in record.not_examined if one.kind in ("profile", "session")}
        self._signed_in = {_who(one) for one in record.connections if one.signed_in}
        self._signed_out = record.selection.signed_out
        self.blind = not _examined(record) or None in self._hidden
        """Whether it says nothing at all of them."""

    def would_show(self, connection: Connection) -> bool:
        """Whether the record would have this connection, were it still there."""
        who = _who(connection)
        if self.blind or who in self._hidden:
            return False
        # One that is remembered may be there still if its user has signed out and such profiles were not looked at.
        return self._signed_out or connection.persistent is False or who in self._signed_in


def say(error: Error | None) -> str:
    """An error in one line."""
    if not error:
        return ""
    text = " ".join(str(part) for part in (error.code, error.name) if part is not None)
    text = f"{text}: {error.message}" if text else error.message
    if error.provider_code is not None or error.provider_message:
        said = " ".join(str(part) for part in (error.provider_code, error.provider_message) if part is not None)
        text = f"{text} {error.provider or 'The provider'}: {said}"
    return text


# The stories of a machine

def _tell(real: list[Record], dry: Record | None, start: Fate) -> list[Story]:
    """The stories of a machine by its real records, in the order of time, and by a dry one later than these."""
    stories: dict[_Identity, Story] = {}
    done = {record.run: record.finished for record in real}
    for record in real:
        seen, after = _sightings(record), aim(record.selection)
        if record.kind == "restore":
            _put_back(stories, seen, record)
            continue
        # Of connections that it was not after it says nothing.
        _miss([story for key, story in stories.items() if key not in seen and story.after == after], record)
        for key, one in seen.items():
            story = stories.setdefault(key, Story(one, start, after))
            gone = story.fate.gone_by
            # Of two runs at once, each may say that it took it away.
            _see(story, record.run, one, after, gone=gone is not None and done[gone] <= record.started)
    if dry and dry.kind == "restore":
        _put_back(stories, _sightings(dry), dry)
    elif dry:
        for key, one in _sightings(dry).items():
            story = stories.setdefault(key, Story(one, start, aim(dry.selection), one.error))
            story.fate = story.fate.then(Event(dry.run, one.outcome, dry=True, said=say(one.error)))
    return list(stories.values())


def _put_back(stories: Mapping[_Identity, Story], seen: Mapping[_Identity, Connection], record: Record) -> None:
    """Go on with what a restore says of connections that a clean-up took away."""
    for key, one in seen.items():
        if story := stories.get(key):
            what = _what(one, record)
            if not record.check_mode:
                story.error = one.error
                story.connection = story.connection if what == NOT_RESTORED else one
            story.fate = story.fate.then(Event(
                record.run, what, dry=record.check_mode, said=say(one.error) or one.message or "", failed=one.error is not None))


def _miss(stories: list[Story], record: Record) -> None:
    """Go on with what a record does not have."""
    view = _View(record)
    for story in stories:
        gone = story.fate.gone_by is not None
        shown = view.would_show(story.connection)
        if not gone:
            story.fate = story.fate.then(Event(record.run, GONE_BY_ITSELF if shown else NOT_EXAMINED))
        if shown:
            story.error = None


def _see(story: Story, run: str, one: Connection, after: object, *, gone: bool) -> None:
    """Go on with what a real record says of the connection, which was gone before it or not."""
    story.after = after
    state = story.fate.state
    still_remembered = state is not None and state.what == "disconnected" and one.connected is False
    if still_remembered and one.outcome == "kept":
        return  # that it would be was known when it was disconnected
    came_back = gone and not still_remembered
    story.connection, story.error = one, one.error
    story.fate = story.fate.then(Event(run, one.outcome, came_back=came_back, said=say(one.error)))


def _in_view(visits: list[Record], begun: Manifest | None) -> list[Record]:
    """The records that the stories are made of, in the order of time.

    These are those that are after the same as what was begun last, and all restores. If that is a restore, which may take back
    whatever went, these are all.
    """
    begins: list[Record | Manifest] = [*visits, begun] if begun else [*visits]
    last = max(begins, key=lambda one: one.started)
    return sorted((one for one in visits if one.kind == "restore" or last.kind == "restore"
                   or aim(one.selection) == aim(last.selection)), key=_time)


def _machine(host: str, visits: list[Record], begun: Manifest | None, start: Fate, causes: Causes) -> Machine:
    """What all records of a machine say together; what will bring connections back goes to the causes of all machines."""
    record, same = standing(visits, begun), _in_view(visits, begun)
    real = [one for one in same if not one.check_mode]
    dry = same[-1] if same and same[-1].check_mode and (real or record) else None
    stories = _tell(real, dry, start)
    looked_at = [one for one in real or same if one.kind != "restore" and _examined(one)]
    if not record:
        return Machine(host, None, stories, [], [])
    latest = looked_at[-1] if looked_at else record
    unreadable = [one for one in latest.connections if one.outcome == "unreadable"]
    causes.looked_for |= latest.selection.sources
    causes.add(host, latest.sources, [story.connection for story in stories if story.fate.came_back])
    causes.add_names(host, latest.other_names)
    record.connections, record.sources = [], []
    return Machine(host, record, stories, unreadable, latest.not_examined)


def _time(record: Record) -> tuple[datetime, str]:
    return record.finished, record.run


# The whole directory

class _Runs:
    """Keeps the runs up to date while the machines go by."""

    def __init__(self, manifests: list[Manifest], stopped_by: Mapping[str, str]) -> None:
        self.found = {one.run: Run(one.run, one, stopped_by=stopped_by.get(one.run)) for one in manifests}
        self._begun = [(one, frozenset(one.hosts)) for one in manifests]

    def add(self, host: str, visits: list[Record]) -> None:
        """Count a machine in all runs that came to it, or were to come."""
        came = {one.run for one in visits}
        for one in visits:
            run = self.found.setdefault(one.run, Run(one.run))
            run.statuses[one.status] += 1
            run.finished = max(one.finished, run.finished or one.finished)
        for manifest, hosts in self._begun:
            if host in hosts and manifest.run not in came:
                before = standing([one for one in visits if one.finished <= manifest.started], manifest)
                run = self.found[manifest.run]
                run.clean_before += bool(before and before.status == "clean")
                run.not_run += not (before and before.status == "clean")

    def compare(self) -> None:
        """Find the runs that went over the same machines at the same time, as where somebody gave a command twice."""
        for (earlier, some), (later, others) in combinations(self._begun, 2):
            first, second = self.found[earlier.run], self.found[later.run]
            if first.finished and later.started < first.finished and (same := len(some & others)):
                first.at_once.append((later.run, same))
                second.at_once.append((earlier.run, same))


def to_restore(visits: Iterable[Record]) -> list[tuple[str, Connection]]:
    """What clean-ups took away from a machine and is not wholly back, as it was, each with the run that took it away.

    Of a connection that several sessions of its user had, it is each of them, as it was taken from there last.
    """
    real = sorted((one for one in visits if story_of(one.kind) is None and not one.check_mode), key=_time)
    taken_by = {identity(story.connection): story.fate.taken_by for story in _tell(real, None, Fate())}
    taken = {(identity(one), one.logon_id): (record.run, one) for record in real for one in record.connections
             if one.action in GONE and record.run in taken_by.get(identity(one), ())}
    return list(taken.values())


def read_ledger(directory: Path, runs: Iterable[str] = ()) -> Ledger:
    """Read a report directory, all of it or the named runs, one machine at a time.

    Raises OSError if the directory itself cannot be read.
    """
    archive = Archive(directory, runs)
    manifests = [one for one in archive.manifests if story_of(one.kind) == archive.kind]
    begun = {host: manifest for manifest in manifests for host in manifest.hosts}
    books, start, causes = _Runs(manifests, archive.stopped_by), Fate(), Causes()
    machines = []
    for host, all_visits in archive.machines():
        visits = [one for one in all_visits if story_of(one.kind) == archive.kind]
        if visits or host in begun:
            books.add(host, visits)
            machines.append(_machine(host, visits, begun.get(host), start, causes))
    books.compare()
    return Ledger(archive.kind, machines, [books.found[run] for run in sorted(books.found)], archive.bad, causes)
