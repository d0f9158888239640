# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The course of a run: from its pilots to some more machines to the rest, each a play of the playbook.

Ansible wants to know the machines of a play when that begins. So those of the next are asked when one is over, and it has
only those that answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from ansible_collections.netdrive.windows.plugins.plugin_utils.asking import AT_ONCE, ask
from ansible_collections.netdrive.windows.plugins.plugin_utils.batches import stopped, too_many, too_silent, unproven
from ansible_collections.netdrive.windows.plugins.plugin_utils.fleet import Fleet
from ansible_collections.netdrive.windows.plugins.plugin_utils.records import (
    SCHEMA, Manifest, Record, read, record_path, timestamp, write_record, write_stop)

_WRITERS = 16
_NO_RECORD = "Ansible failed on this machine before its turn, as where one of its variables is wrong: see what Ansible printed."


@dataclass
class Course:
    """Where a run is, and where it goes. Its methods raise RecordError and OSError."""

    directory: Path
    manifest: Manifest
    fleet: Fleet
    asks: bool
    """Whether machines are asked before it goes to them."""
    number: int = 0
    """How many machines the play after the pilots has."""
    waiting: list[str] = field(default_factory=list)
    """The machines of the plays after the pilots, until these have shown that it goes well."""
    some: list[str] = field(default_factory=list)
    """The machines of the play after the pilots; those that answer, once they were asked."""
    rest: list[str] = field(default_factory=list)
    """The machines of the last play, likewise."""
    so_far: Counter[str] = field(default_factory=Counter)
    """How many machines the run left in which status."""
    not_clean: list[str] = field(default_factory=list)
    """Those of them that it went to, or was to go to, and did not leave clean."""
    silent: list[str] = field(default_factory=list)
    """Those of them that did not answer when they were asked."""
    warning: str = ""
    """Why the run stops; empty if it does not."""

    STATE: ClassVar[tuple[str, ...]] = ("so_far", "not_clean", "silent", "waiting", "some", "rest")

    def __post_init__(self) -> None:
        self.so_far = Counter(self.so_far)  # a plain mapping, where it is from a state

    @property
    def state(self) -> dict[str, Any]:
        """What the next batch has to know: with it, by name, the course is gone on with."""
        return {name: getattr(self, name) for name in self.STATE}

    def put_on_record(self, host: str, status: str, message: str) -> None:
        """Put a machine on record that Ansible did not go to."""
        now = timestamp()
        write_record(self.directory, {
            "schema": SCHEMA, "run": self.manifest.run, "host": host, "started": now, "finished": now, "status": status,
            "check_mode": self.manifest.check_mode, "kind": self.manifest.kind, "changed": False, "message": message,
            "selection": asdict(self.manifest.selection), "connections": []})

    def pilots(self, hosts: Sequence[str], wanted: int) -> list[str]:
        """Those of the hosts to begin with, the first that answer; none if too many do not answer, which stops the run.

        They are asked many at a time until enough have answered. One that cannot be asked may be a pilot all the same.
        """
        answering: list[str] = []
        unknown: list[str] = []
        for start in range(0, len(hosts), AT_ONCE):
            part = hosts[start:start + AT_ONCE]
            doors = self.fleet.doors(part) if self.asks else {}
            silent = self._ask(doors)
            answering += [host for host in part if host in doors and host not in silent]
            unknown += [host for host in part if host not in doors]
            if len(answering) >= wanted:
                break
        answers = Counter(unreachable=len(self.silent), unknown=len(answering) + len(unknown))
        reason, left = too_silent(answers, answers, self.manifest), len(hosts) - len(self.silent)
        if reason and left:
            self._stop(reason, left)
            return []
        return answering[:wanted] if len(answering) >= wanted else answering + unknown

    def judge(self, leg: str, batch: Sequence[str], left: list[str]) -> bool:
        """Judge a batch by the records of its machines; left are those of the play that come after it.

        Returns whether the play is over. If it is, the machines of the next play are known.
        """
        statuses = {host: self._status(host) for host in batch}
        counts = Counter(statuses.values())
        self.so_far += counts
        self.not_clean += [host for host, status in statuses.items() if status != "clean"]
        visited = self.so_far - Counter(unreachable=len(self.silent))  # the others were judged when they were asked
        reason = too_many(counts, visited, self.manifest)
        proven = leg != "first" or self.so_far["clean"] + self.so_far["in_use"] > 0 or self.manifest.max_failures >= 100
        if not proven:
            reason = reason or unproven(counts, left, self.manifest.kind)
        coming = [*left, *self.waiting, *(self.rest if leg == "some" else [])]
        if reason and coming:
            self._stop(reason, len(coming))
            return True
        if leg == "first" and (proven or not left):
            self._divide(left + self.waiting)
            return True
        if leg == "some" and not left:
            self._enter_rest()
        return not left

    def hold_back(self, pilots: Sequence[str], hosts: Sequence[str]) -> None:
        """Have the others of the hosts wait for the pilots, unless the run stops already.

        Without pilots, the machines of the next play are known then.
        """
        if self.warning:
            return
        chosen = set(pilots)
        self.waiting = [host for host in hosts if host not in chosen and not self._path(host).exists()]
        if not pilots:
            self._divide(self.waiting)

    def _divide(self, hosts: list[str]) -> None:
        some, self.waiting, self.rest = hosts[:self.number], [], hosts[self.number:]
        self.some = self._answering(some)
        if not self.some and not self.warning:
            self._enter_rest()

    def _enter_rest(self) -> None:
        hosts, self.some, self.rest = self.rest, [], []
        self.rest = self._answering(hosts)

    def _answering(self, hosts: list[str]) -> list[str]:
        """Those of the hosts that answer, or can't be asked. Stops the run if too many do not."""
        silent = self._ask(self.fleet.doors(hosts)) if self.asks else {}
        left = len(hosts) - len(silent) + len(self.rest)
        answer = Counter(unknown=len(hosts) - len(silent))
        reason = too_silent(answer + Counter(unreachable=len(silent)), answer + self.so_far, self.manifest)
        if silent and reason and left:
            self._stop(reason, left)
            return []
        return [host for host in hosts if host not in silent]

    def _ask(self, doors: Mapping[str, Any]) -> dict[str, str]:
        silent = ask(doors)
        with ThreadPoolExecutor(_WRITERS) as writers:  # the disk is what each waits for
            list(writers.map(lambda one: self.put_on_record(one[0], "unreachable", one[1]), silent.items()))
        self.so_far["unreachable"] += len(silent)
        self.silent += silent
        return silent

    def _stop(self, reason: str, left: int) -> None:
        self.warning, self.waiting, self.some, self.rest = stopped(reason, left), [], [], []
        with suppress(OSError):  # then the report does not say why
            write_stop(self.directory, self.manifest.run, self.warning)

    def _path(self, host: str) -> Path:
        return record_path(self.directory, self.manifest.run, host)

    def _status(self, host: str) -> str:
        if not self._path(host).exists():
            try:
                self.put_on_record(host, "failed", _NO_RECORD)
            except OSError as error:
                raise OSError(f"There is no record of {host}, and none can be written: {error}") from error
        record = read(Record, self._path(host))
        return "in_use" if record.kind == "restore" and record.has_no_room_only else record.status
