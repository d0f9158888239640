# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes the report of a clean-up beside its records: report.html, report.csv and summary.json.

The data goes one way: records, ledger, facts, and from these the page, the table and the summary.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.netdrive.windows.plugins.plugin_utils.files import atomic_file
from ansible_collections.netdrive.windows.plugins.plugin_utils.ledger import read_ledger
from ansible_collections.netdrive.windows.plugins.plugin_utils.report import summary
from ansible_collections.netdrive.windows.plugins.plugin_utils.report.facts import make_report
from ansible_collections.netdrive.windows.plugins.plugin_utils.report.page import render
from ansible_collections.netdrive.windows.plugins.plugin_utils.report.table import write_table


class NothingToReport(Exception):
    """The directory holds no record and no manifest of the runs asked for."""


class Written(NamedTuple):
    """The files of a report, and what summary.json has of numbers and machines."""

    html: Path
    csv: Path
    json: Path
    summary: dict[str, Any]
    hosts: dict[str, list[str]]
    """The machines that are not clean, by status."""


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Let one report of a directory be made at a time, so that the last one written has all that was there to read."""
    with open(directory / ".report.lock", "ab") as lock:  # for writing, or NFS does not lock it
        with suppress(OSError):  # some network file systems have no locks
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_report(directory: Path, runs: Iterable[str] = ()) -> Written:
    """Write report.html, report.csv and summary.json into a report directory, from all its runs or those named.

    Raises NothingToReport, or OSError if the directory cannot be read or written.
    """
    with _alone(directory):
        return _write_report(directory, list(runs))


def _write_report(directory: Path, runs: list[str]) -> Written:
    ledger = read_ledger(directory, runs)
    missing = set(runs) - {run.run for run in ledger.runs}
    if missing or not (ledger.runs or ledger.bad):
        raise NothingToReport(f"No records and no manifest of {', '.join(sorted(missing)) or 'any run'} in {directory}")
    report = make_report(ledger)
    written = Written(directory / "report.html", directory / "report.csv", directory / "summary.json",
                      summary.numbers(report), summary.hosts(report))
    with atomic_file(written.html, replace=True) as file:
        file.write(render(report))
    write_table(report, written.csv)
    with atomic_file(written.json, replace=True) as file:
        file.write(json.dumps({**written.summary, **summary.details(report)}, indent=1).encode("ascii"))
    return written


def in_words(written: Written) -> str:
    """A report in two lines, for the terminal."""
    return summary.in_words(written.summary, str(written.html))
