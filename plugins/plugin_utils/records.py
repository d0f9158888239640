# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The records of a clean-up: one JSON file a machine and run, one manifest a run. They know neither ledger nor report.

The classes below are the schema: docs/records.md explains it in words, docs/schema has it for other programs. A field
without a default is required; one with a default may be left out.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import quote

from ansible_collections.netdrive.windows.plugins.plugin_utils.files import atomic_file
from ansible_collections.netdrive.windows.plugins.plugin_utils.json_reader import FORMERLY, Reader, RecordError, excerpt, reader_of
from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import same_name

SCHEMA = 2
"""The one that is written. 1, which is read as well, knew no surveys."""

Status = Literal["clean", "in_use", "failed", "unreachable"]
Kind = Literal["survey", "restore"]
Action = Literal["removed", "forgotten", "disconnected", "restored", "remembered"]
Certainty = Literal["sure", "likely", "hint"]

GONE = ("removed", "forgotten", "disconnected")
"""The actions of a clean-up."""
PUT_BACK = ("restored", "remembered")
"""Those of a restore."""

ACTIONS: dict[Kind | None, tuple[str, ...]] = {None: GONE, "restore": PUT_BACK, "survey": ()}
"""What each kind of run does."""

BROKE_OFF = "Broke off in the middle; something may have been done"
"""How the message of a machine begins whose connection was lost after the task was sent."""

NO_ROOM = (85, 1202, 1312)
"""ERROR_ALREADY_ASSIGNED, ERROR_DEVICE_ALREADY_REMEMBERED, ERROR_NO_SUCH_LOGON_SESSION: why a connection is not put back where
nothing is broken. Its letter leads elsewhere by now, or nobody is signed in who could have it."""

IN_USE = (2401, 2402, 2404)
"""ERROR_OPEN_FILES, ERROR_ACTIVE_CONNECTIONS, ERROR_DEVICE_IN_USE: what people have open, and nothing is broken."""

_RUN_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,99}")
_LONGEST_NAME = 200  # bytes; every file system in use takes 255, and the temporary name is longer
_LARGEST_FILE = 64 * 1024 * 1024  # bytes; a record of 100,000 connections is smaller
_ROOM_FOR_A_RECORD = 16 * 1024  # bytes of disk beside the selection, for a machine with a few dozen connections


@dataclass(slots=True, frozen=True)
class Selection:
    """What a run was asked to take away, or to put back: the module's options."""

    name: tuple[str, ...] | None
    remote: tuple[str, ...] | None
    exclude: tuple[str, ...]
    update_profile: bool
    force: bool
    users: tuple[str, ...]
    signed_out: bool
    timeout: int
    signed_out_roaming: bool = False
    sources: bool = False
    runs: tuple[str, ...] = ()
    """Of a restore: only what these runs took away; none means all."""


@cache
def aim(selection: Selection) -> tuple[object, ...]:
    """What two selections have in common that are after the same connections, however the names are spelled.

    How hard they try does not count.
    """
    lists = (selection.name, selection.remote, selection.exclude, selection.users, selection.runs)
    return *(frozenset(map(same_name, some or ())) for some in lists), \
        selection.update_profile, selection.signed_out, selection.signed_out_roaming


@dataclass(slots=True)
class Error:
    """Why a connection stayed or was not put back, or why a session or profile could not be read."""

    message: str
    code: int | None = None
    name: str | None = None
    provider: str | None = None
    provider_code: int | None = None
    provider_message: str | None = None


@dataclass(slots=True)
class ProfileValue:
    """One registry value of a remembered connection, as it was before."""

    type: str
    value: Any


@dataclass(slots=True)
class Connection:
    """One connection, and what became of it. Name and remote both null: a session or profile that was not readable."""

    signed_in: bool
    connected: bool | None
    persistent: bool | None
    user: str | None = None
    sid: str | None = None
    logon_id: str | None = None
    session_id: int | None = None
    name: str | None = None
    remote: str | None = None
    provider: str | None = None
    connected_as: str | None = field(default=None, metadata={FORMERLY: "user_name"})
    action: Action | None = None
    error: Error | None = None
    profile_values: dict[str, ProfileValue] | None = None
    message: str | None = None
    """Of a restore: why it comes back only at the next sign-in."""

    @property
    def outcome(self) -> str:
        """What became of it: its action, whatever went wrong beside that; or `stayed`, `kept`, `unreadable`."""
        if self.name is None and self.remote is None:
            return "unreadable"
        return self.action or ("stayed" if self.error else "kept")


@dataclass(slots=True)
class NotExamined:
    """What could not be looked at on a machine, and why: no failure by itself."""

    user: str | None = None
    sid: str | None = None
    kind: str | None = None
    path: str | None = None
    reason: str | None = None


@dataclass(slots=True)
class Policy:
    """The policy that a source is part of."""

    id: str | None = None
    name: str | None = None


@dataclass(slots=True)
class Source:
    """Something on a machine that will connect to what was selected."""

    kind: str
    scope: Literal["user", "group", "machine"]
    certainty: Certainty
    user: str | None = None
    sid: str | None = None
    name: str | None = None
    remote: str | None = None
    where: str | None = None
    policy: Policy | None = None
    conditional: list[str] = field(default_factory=list)
    evidence: str | None = None
    remedy: str | None = None


@dataclass(slots=True)
class OtherName:
    """A name that was not selected, and probably leads to a selected server."""

    remote: str
    same_as: str
    known_by: str
    connections: int


@dataclass(slots=True)
class Record:
    """What one run did on one machine."""

    schema: int
    run: str
    host: str
    started: datetime
    finished: datetime
    check_mode: bool
    status: Status
    changed: bool
    selection: Selection
    connections: list[Connection]
    message: str | None = None
    not_examined: list[NotExamined] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    other_names: list[OtherName] = field(default_factory=list)
    kind: Kind | None = None
    """None: a clean-up."""

    @property
    def has_no_room_only(self) -> bool:
        """Whether there is an error, and each is that there is no room any more for what was to be put back."""
        errors = [one.error for one in self.connections if one.error]
        return bool(errors) and all(error.code in NO_ROOM for error in errors)


@dataclass(slots=True)
class Manifest:
    """What a run is going to do, written before it touches the first machine."""

    schema: int
    run: str
    started: datetime
    check_mode: bool
    selection: Selection
    hosts: list[str]
    batches: list[str | int]
    max_failures: int | float
    max_unreachable: int | float = 100
    kind: Kind | None = None
    """None: a clean-up."""


def story_of(kind: Kind | None) -> Kind | None:
    """The kind of run whose story a run goes on with: a restore goes on with that of the clean-ups."""
    return None if kind == "restore" else kind


def standing(visits: Iterable[Record], begun: Manifest | None) -> Record | None:
    """The record that says how a machine is, of all that it has and the newest manifest that names it.

    What was begun last there, a clean-up, a restore or a survey, says which connections it is about; of the records that are after
    the same, the newest counts. But a dry run takes nothing back that a real one did, and it does not stand for a real one that was begun
    later. What a clean-up left counts no more once a restore has been there, and the other way round. None: the machine has not yet run.
    """
    visits = [one for one in visits if not tries_to_restore(one)]
    begins: list[Record | Manifest] = [*visits, begun] if begun and not tries_to_restore(begun) else [*visits]
    if not begins:
        return None
    last = max(begins, key=lambda one: one.started)
    turned = [one.finished for one in visits if one.kind != last.kind and story_of(one.kind) == story_of(last.kind)
              and not one.check_mode and one.status != "unreachable"]
    same = [one for one in visits if one.kind == last.kind and aim(one.selection) == aim(last.selection)
            and not any(one.finished <= moment for moment in turned)]
    real = [one for one in same if not one.check_mode]
    telling = real or (same if last.check_mode else [])
    return max(telling, key=lambda one: (one.finished, one.run)) if telling else None


def tries_to_restore(one: Record | Manifest) -> bool:
    """A dry run of a restore says nothing of how a machine is."""
    return one.kind == "restore" and one.check_mode


# Reading JSON

_T = TypeVar("_T")
_READERS: dict[type, Reader] = {kind: reader_of(kind) for kind in (Record, Manifest, Selection)}


def read_selection(data: Mapping[str, Any]) -> Selection:
    """What a run is to be asked for. Raises RecordError."""
    selection: Selection = _READERS[Selection](dict(data))
    return selection


def parse(kind: type[_T], data: Any) -> _T:
    """Read decoded JSON as a Record or a Manifest. Fields that the schema does not know are ignored.

    Raises RecordError that names the first wrong field.
    """
    schema = data.get("schema") if isinstance(data, dict) else None
    if isinstance(schema, int) and schema > SCHEMA:
        raise RecordError(f"schema {schema} is newer than {SCHEMA}, the one this version of netdrive.windows reads")
    try:
        result = _READERS[kind](data)
    except RecordError as error:
        raise RecordError(str(error).removeprefix(".")) from None
    if result.schema < 1:
        raise RecordError(f"schema: {excerpt(schema)} is not known")
    if not _RUN_ID.fullmatch(result.run):
        raise RecordError(f"run: {excerpt(result.run)} is no run id")
    if isinstance(result, Record):
        _check_record(result)
    return result


def _check_record(record: Record) -> None:
    if not record.host:
        raise RecordError("host: must not be empty")
    actions = ACTIONS[record.kind]
    for place, one in enumerate(record.connections):
        if one.action and one.action not in actions:
            raise RecordError(f"connections[{place}].action: {excerpt(one.action)} is nothing that a {record.kind or 'clean-up'} does")
        if one.error and record.kind == "survey" and one.outcome != "unreadable":
            raise RecordError(f"connections[{place}].error: a survey only reads")


# Writing

def new_run_id() -> str:
    """An id for a run: sorts by time, and two controllers that start in the same second get different ones."""
    return f"{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def timestamp(moment: datetime | None = None) -> str:
    """A moment (now, if none is given) as records write it."""
    moment = (moment or datetime.now(timezone.utc)).astimezone(timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def file_name(host: str) -> str:
    """The name of a host's record: nothing in it can leave the directory, and different hosts have different names."""
    name = quote(host, safe="", errors="surrogatepass")
    if name.startswith("."):
        name = f"%2E{name[1:]}"
    if len(name) > _LONGEST_NAME - len(".json"):
        digest = hashlib.sha256(host.encode(errors="surrogatepass")).hexdigest()[:24]
        name = f"{name[:_LONGEST_NAME - len('.json') - 25]}~{digest}"
    return f"{name}.json"


def manifest_path(directory: Path, run: str) -> Path:
    """Where the manifest of a run is."""
    return directory / "runs" / f"{run}.json"


def stop_path(directory: Path, run: str) -> Path:
    """Where it is said why a run stopped, if it did so by itself."""
    return directory / "runs" / f"{run}.stopped"


def record_path(directory: Path, run: str, host: str) -> Path:
    """Where the record of a machine in a run is."""
    return directory / "records" / run / file_name(host)


def _write(path: Path, data: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path, replace=False) as file:
        file.write(json.dumps(data, separators=(",", ":")).encode("ascii"))


def write_manifest(directory: Path, data: Mapping[str, Any]) -> Manifest:
    """Write a run's manifest; raises RecordError if it is none, FileExistsError if the run has one, OSError."""
    manifest = parse(Manifest, data)
    _write(manifest_path(directory, manifest.run), data)
    return manifest


def write_record(directory: Path, data: Mapping[str, Any]) -> Record:
    """Write a machine's record, all or nothing; it is on disk when this returns.

    Raises RecordError if it is none, FileExistsError if the run has already recorded this machine, OSError.
    """
    record = parse(Record, data)
    _write(record_path(directory, record.run, record.host), data)
    return record


def write_stop(directory: Path, run: str, reason: str) -> None:
    """Put on record why a run leaves the rest of its machines alone; raises OSError."""
    with atomic_file(stop_path(directory, run), replace=True) as file:
        file.write(reason.encode(errors="replace"))


def check_writable(directory: Path, machines: int, selection: Mapping[str, Any]) -> None:
    """Raise OSError unless a run over that many machines can leave its records, manifest and report here."""
    for folder in (directory, directory / "records", directory / "runs"):
        folder.mkdir(parents=True, exist_ok=True)
        trial = folder / f".{secrets.token_hex(8)}.tmp"
        try:
            with open(trial, "xb") as file:
                file.write(bytes(_ROOM_FOR_A_RECORD))
                file.flush()
                os.fsync(file.fileno())
        finally:
            trial.unlink(missing_ok=True)
    free, needed = shutil.disk_usage(directory).free, machines * (_ROOM_FOR_A_RECORD + len(json.dumps(selection)))
    if free < needed:
        raise OSError(errno.ENOSPC, f"Records of {machines} machines need about {needed // 2**20 + 1} MiB, "
                                    f"{free // 2**20} MiB are free", str(directory))


# Reading

def read(kind: type[_T], path: Path) -> _T:
    """Read the file of a Record or a Manifest; raises RecordError if it is none, or that of another run or machine, and OSError."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise RecordError("is no file")
    if status.st_size > _LARGEST_FILE:
        raise RecordError(f"is larger than {_LARGEST_FILE // 2**20} MiB")
    content = path.read_bytes()
    try:
        data = json.loads(content)
    except RecursionError:
        raise RecordError("is nested too deeply") from None
    except ValueError as error:
        raise RecordError(f"is not JSON: {error}") from None
    found = parse(kind, data)
    _check_place(found, path)
    return found


def _check_place(found: Any, path: Path) -> None:
    """A copy somewhere else would count twice, or for another machine."""
    run = path.stem if isinstance(found, Manifest) else path.parent.name
    if found.run != run:
        raise RecordError(f"run: {excerpt(found.run)} is not the run whose file it is, {run}")
    if isinstance(found, Record) and path.name != file_name(found.host):
        raise RecordError(f"host: {excerpt(found.host)} has its record in {file_name(found.host)}")
