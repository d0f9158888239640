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
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import datetime, timezone
from functools import cache, cached_property
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, BinaryIO, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from urllib.parse import quote

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

_FORMER_NAMES = {"connected_as": "user_name"}
"""What a field was called in version 0.1.0."""

NO_ROOM = (85, 1202, 1312)
"""ERROR_ALREADY_ASSIGNED, ERROR_DEVICE_ALREADY_REMEMBERED, ERROR_NO_SUCH_LOGON_SESSION: why a connection is not put back where
nothing is broken. Its letter leads elsewhere by now, or nobody is signed in who could have it."""

IN_USE = (2401, 2402, 2404)
"""ERROR_OPEN_FILES, ERROR_ACTIVE_CONNECTIONS, ERROR_DEVICE_IN_USE: what people have open, and nothing is broken."""

_UTC = re.compile(r"([0-9-]{10}T[0-9:]{8})(?:\.([0-9]+))?Z")
_RUN_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,99}")
_LONGEST_NAME = 200  # bytes; every file system in use takes 255, and the temporary name is longer
_LARGEST_FILE = 64 * 1024 * 1024  # bytes; a record of 100,000 connections is smaller
_ROOM_FOR_A_RECORD = 16 * 1024  # bytes of disk beside the selection, for a machine with a few dozen connections


class RecordError(ValueError):
    """A record or manifest is not what the schema says; the text names the field."""

    def within(self, place: str) -> RecordError:
        """The same error seen from one level further out."""
        text = str(self)
        return RecordError(f"{place}{text}" if text.startswith(("[", ".")) else f"{place}: {text}")


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
    connected_as: str | None = None
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


@dataclass(slots=True)
class BadFile:
    """A file that is no record or manifest, and why."""

    path: str
    reason: str


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


@dataclass(slots=True)
class Records:
    """What a report directory holds: of each machine the record that says how it is; None: it has not yet run."""

    machines: dict[str, Record | None]
    manifests: list[Manifest]
    bad: list[BadFile]
    statuses: dict[str, Counter[str]]
    """By run: how many machines it left in which status, whether or not a later run went over them again."""


# Reading JSON into these classes

_T = TypeVar("_T")
_Reader = Callable[[Any], Any]


def _plain(kind: type) -> _Reader:
    names = {str: "a string", int: "a whole number", float: "a number", bool: "true or false", NoneType: "null"}

    def read(value: Any) -> Any:
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise RecordError(f"must be {names[kind]}, not {_shown(value)}")
        return value

    def read_text(value: Any) -> Any:
        # The same users, servers and providers come back on every machine: keep each text once. Ansible's own texts can't be.
        return sys.intern(value if type(value) is str else str(read(value)))  # pylint: disable=unidiomatic-typecheck
    return read_text if kind is str else read


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 40 else f"{text[:40]}…"


def _moment(value: Any) -> datetime:
    if isinstance(value, str) and (match := _UTC.fullmatch(value)):
        with suppress(ValueError):  # before Python 3.11 it knew no Z, and three or six digits only
            return datetime.fromisoformat(f"{match[1]}.{(match[2] or '')[:6]:0<6}+00:00")
    raise RecordError(f"must be a time in UTC like 2026-11-23T01:02:03.123Z, not {_shown(value)}")


def _one_of(choices: tuple[str, ...]) -> _Reader:
    def read(value: Any) -> Any:
        if value not in choices:
            raise RecordError(f"must be one of {', '.join(choices)}, not {_shown(value)}")
        return value
    return read


def _either(readers: list[_Reader], nullable: bool) -> _Reader:
    first = readers[0]
    if nullable and len(readers) == 1:
        return lambda value: None if value is None else first(value)

    def read(value: Any) -> Any:
        if value is None and nullable:
            return None
        for reader in readers[:-1]:
            try:
                return reader(value)
            except RecordError:
                pass
        return readers[-1](value)
    return read


def _list_of(reader: _Reader, kind: type) -> _Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            raise RecordError(f"must be a list, not {_shown(value)}")
        items = []
        try:
            for item in value:
                items.append(reader(item))
        except RecordError as error:
            raise error.within(f"[{len(items)}]") from None
        return kind(items)
    return read


def _dict_of(reader: _Reader) -> _Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise RecordError(f"must be an object, not {_shown(value)}")
        items = {}
        for key, item in value.items():
            try:
                items[sys.intern(str(key))] = reader(item)
            except RecordError as error:
                raise error.within(f".{key}") from None
        return items
    return read


def _object(kind: type) -> _Reader:
    hints = get_type_hints(kind)
    members = [(member.name, _reader(hints[member.name]), member.default is MISSING and member.default_factory is MISSING)
               for member in fields(kind)]
    names = {member.name for member in fields(kind)}

    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise RecordError(f"must be an object, not {_shown(value)}")
        if names <= value.keys():
            try:
                return kind(*[reader(value[name]) for name, reader, dummy in members])
            except RecordError:
                pass
        return read_with_care(value)

    def read_with_care(value: dict[str, Any]) -> Any:
        """The same where something is left out, or wrong and to be named."""
        arguments = {}
        for name, reader, required in members:
            written = name if name in value else _FORMER_NAMES.get(name, name)
            try:
                if written in value:
                    arguments[name] = reader(value[written])
                elif required:
                    raise RecordError("is missing")
            except RecordError as error:
                raise error.within(f".{written}") from None
        return kind(**arguments)
    return read


def _reader(kind: Any) -> _Reader:
    """A function that checks a JSON value against a type and gives it back as that type, or raises RecordError."""
    arguments = get_args(kind)
    if kind is Any:
        return lambda value: value
    if kind is datetime:
        return _moment
    if is_dataclass(kind):
        return _object(kind)  # type: ignore[arg-type]
    if get_origin(kind) is Literal:
        return _one_of(arguments)
    if get_origin(kind) in (list, tuple):
        return _list_of(_reader(arguments[0]), get_origin(kind))
    if get_origin(kind) is dict:
        return _dict_of(_reader(arguments[1]))
    if get_origin(kind) in (Union, UnionType):
        return _either([_reader(one) for one in arguments if one is not NoneType], NoneType in arguments)
    return _plain(kind)


_READERS: dict[type, _Reader] = {kind: _reader(kind) for kind in (Record, Manifest, Selection)}


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
        raise RecordError(f"schema: {_shown(schema)} is not known")
    if not _RUN_ID.fullmatch(result.run):
        raise RecordError(f"run: {_shown(result.run)} is no run id")
    if isinstance(result, Record):
        _check_record(result)
    return result


def _check_record(record: Record) -> None:
    if not record.host:
        raise RecordError("host: must not be empty")
    actions = ACTIONS[record.kind]
    for place, one in enumerate(record.connections):
        if one.action and one.action not in actions:
            raise RecordError(f"connections[{place}].action: {_shown(one.action)} is nothing that a {record.kind or 'clean-up'} does")
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


@contextmanager
def atomic_file(path: Path, *, replace: bool) -> Iterator[BinaryIO]:
    """A file that appears at path complete and on disk when the block ends, or, after an error, not at all.

    Without replace a file that is already there stays as it is, and FileExistsError is raised.
    """
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if replace:
            os.replace(temporary, path)
        else:
            _link(temporary, path)
        _sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _link(temporary: Path, path: Path) -> None:
    """Give the file its name, unless the name is taken: unlike rename, link does not overwrite."""
    try:
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
        # Some network file systems have no links: take the name first, then fill it.
        with open(path, "xb"):
            pass
        os.replace(temporary, path)


def _sync(folder: Path) -> None:
    """Have the names in a folder on disk, not only what the files hold."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):  # what some network file systems say to it
            raise
    finally:
        os.close(descriptor)


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


def _read_stop(path: Path) -> str | None:
    with suppress(OSError):
        return path.read_text(encoding="utf-8", errors="replace")
    return None


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

def _files(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            found = [one for one in entries if not one.name.startswith(".")]
    except FileNotFoundError:
        return []
    return sorted(found, key=lambda one: one.name)


def _json_files(folder: Path) -> list[os.DirEntry[str]]:
    return [one for one in _files(folder) if one.name.endswith(".json")]


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
        raise RecordError(f"run: {_shown(found.run)} is not the run whose file it is, {run}")
    if isinstance(found, Record) and path.name != file_name(found.host):
        raise RecordError(f"host: {_shown(found.host)} has its record in {file_name(found.host)}")


class Archive:
    """A report directory, or some runs of it: its manifests, by when the runs began, and its records, by machine.

    A bad file is listed, never an error. Raises OSError if the directory itself cannot be read.
    """

    def __init__(self, directory: Path, runs: Iterable[str] = ()) -> None:
        os.stat(directory)
        self._bad: dict[Path, BadFile] = {}
        self.manifests: list[Manifest] = []
        self._directory, self._runs = directory, set(runs)
        for entry in _json_files(directory / "runs"):
            if self._is_wanted(entry.name.removesuffix(".json")):
                self.manifests += self._load(Manifest, Path(entry))
        self.manifests.sort(key=lambda one: (one.started, one.run))
        self.stopped_by = {manifest.run: reason for manifest in self.manifests
                           if (reason := _read_stop(stop_path(directory, manifest.run)))}

    @cached_property
    def kind(self) -> Kind | None:
        """Of what kind the run is that was begun last; a restore counts as the clean-up that it takes back."""
        if self.manifests:
            return story_of(self.manifests[-1].kind)
        newest = (record for folder in reversed(self._folders()) for entry in _json_files(Path(folder))
                  for record in self._load(Record, Path(entry)))
        return next((story_of(record.kind) for record in newest), None)

    @property
    def bad(self) -> list[BadFile]:
        """The bad files that were met so far."""
        return sorted(self._bad.values(), key=lambda one: one.path)

    def bad_of(self, hosts: Iterable[str]) -> list[BadFile]:
        """Those of them that are records of these machines."""
        names, folder = set(map(file_name, hosts)), self._directory / "records"
        return [bad for path, bad in sorted(self._bad.items()) if path.name in names and path.parent.parent == folder]

    def machines(self) -> Iterator[tuple[str, list[Record]]]:
        """Each machine that has records or is named in a manifest, and its records.

        One machine at a time is in memory. What takes most room, the profile values, is left out.
        """
        unseen = dict.fromkeys(host for manifest in self.manifests for host in manifest.hosts)
        selections: dict[Selection, Selection] = {}  # mostly one for all machines
        for name, folders in sorted(self._record_files().items()):
            visits = [record for folder in folders for record in self._load(Record, Path(folder, name))]
            for record in visits:
                record.selection = selections.setdefault(record.selection, record.selection)
                for connection in record.connections:
                    connection.profile_values = None
            if visits:
                unseen.pop(visits[0].host, None)
                yield visits[0].host, visits
        for host in unseen:
            yield host, []

    def _record_files(self) -> dict[str, list[str]]:
        """By the name of the file, which is that of the machine in all runs, the folders that have it."""
        found: dict[str, list[str]] = {}
        for folder in self._folders():
            for entry in _json_files(Path(folder)):
                found.setdefault(entry.name, []).append(folder.path)
        return found

    def _folders(self) -> list[os.DirEntry[str]]:
        """Those with the records of a run, by when the runs began, as their ids do."""
        return [one for one in _files(self._directory / "records") if one.is_dir() and self._is_wanted(one.name)]

    def _is_wanted(self, run: str) -> bool:
        return not self._runs or run in self._runs

    def _load(self, kind: type[_T], path: Path) -> list[_T]:
        try:
            return [read(kind, path)]
        except (RecordError, OSError) as error:
            self._bad[path] = BadFile(os.path.relpath(path, self._directory), str(error))
            return []


def read_records(directory: Path, runs: Iterable[str] = ()) -> Records:
    """Read a report directory, all of it or the named runs.

    Raises OSError if the directory itself cannot be read.
    """
    archive = Archive(directory, runs)
    begun = {host: manifest for manifest in archive.manifests for host in manifest.hosts}
    machines: dict[str, Record | None] = {}
    statuses: dict[str, Counter[str]] = {}
    for host, visits in archive.machines():
        machines[host] = standing(visits, begun.get(host))
        for record in visits:
            statuses.setdefault(record.run, Counter())[record.status] += 1
    return Records(machines, archive.manifests, archive.bad, statuses)


HOW_TO_MEND_RECORDS = "Put a good copy in the place of what cannot be read, or move it away if there is none."
"""What to do about records that a restore cannot read."""


def history(directory: Path, host: str, *, complete: bool = False) -> list[Record]:
    """The records of one machine; without complete, those that can be read.

    Raises OSError if the directory cannot be read, and RecordError for a record that cannot, if all are wanted.
    """
    found = []
    for run in _files(directory / "records"):
        path = record_path(directory, run.name, host)
        try:
            found.append(read(Record, path))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, RecordError) as error:
            if complete:
                raise RecordError(f"{path} cannot be read, so nobody knows what was taken away there: {error}. "
                                  f"{HOW_TO_MEND_RECORDS}") from error
    return found
