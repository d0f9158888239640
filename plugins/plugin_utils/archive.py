# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A report directory, read: the manifests and records of all its runs. It knows neither ledger nor report."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from ansible_collections.netdrive.windows.plugins.plugin_utils.json_reader import RecordError
from ansible_collections.netdrive.windows.plugins.plugin_utils.records import (
    Kind, Manifest, Record, Selection, file_name, read, record_path, standing, stop_path, story_of)

HOW_TO_MEND_RECORDS = "Put a good copy in the place of what cannot be read, or move it away if there is none."
"""What to do about records that a restore cannot read."""

_T = TypeVar("_T")


@dataclass(slots=True)
class BadFile:
    """A file that is no record or manifest, and why."""

    path: str
    reason: str


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

    def standings(self) -> dict[str, Record | None]:
        """The record that says how it is, of each machine; None: it has not yet run."""
        begun = {host: manifest for manifest in self.manifests for host in manifest.hosts}
        return {host: standing(visits, begun.get(host)) for host, visits in self.machines()}

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


def _read_stop(path: Path) -> str | None:
    with suppress(OSError):
        return path.read_text(encoding="utf-8", errors="replace")
    return None


def _files(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            found = [one for one in entries if not one.name.startswith(".")]
    except FileNotFoundError:
        return []
    return sorted(found, key=lambda one: one.name)


def _json_files(folder: Path) -> list[os.DirEntry[str]]:
    return [one for one in _files(folder) if one.name.endswith(".json")]
