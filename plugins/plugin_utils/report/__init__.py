# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes the report of a clean-up beside its records: report.html, report.csv and summary.json."""

from __future__ import annotations

import csv
import fcntl
import io
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.netdrive.windows.plugins.plugin_utils.records import (
    GONE, atomic_file, read_records, timestamp)
from ansible_collections.netdrive.windows.plugins.plugin_utils.report.facts import (
    LEFT, STATUSES, Group, Machine, Report, make_report)
from ansible_collections.netdrive.windows.plugins.plugin_utils.report.page import render


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


# summary.json

def _group_summary(group: Group) -> dict[str, Any]:
    return {"found": group.found, "removed": group.removed, "left": group.left,
            "by_outcome": {one: group.outcomes[one] for one in GONE + LEFT}, "unreadable": group.outcomes["unreadable"]}


def summary(report: Report) -> dict[str, Any]:
    """The numbers of a report, as summary.json has them and the action returns them."""
    return {
        "schema": 1,
        "generated": timestamp(report.generated),
        "mode": report.mode,
        "runs": [run.run for run in report.runs],
        "machines": {"total": len(report.machines), **{status: report.statuses[status] for status in STATUSES}},
        "connections": _group_summary(report.connections),
        "errors": [{"title": problem.title, "code": problem.code, "name": problem.name, "provider": problem.provider,
                    "connections": problem.connections, "machines": len(problem.hosts)}
                   for _, problem in report.worst_problems[:20]],
        "bad_records": len(report.bad),
    }


def _hosts(report: Report) -> dict[str, list[str]]:
    """Which machines to go back to, by status."""
    return {status: [one.host for one in report.machines if one.status == status] for status in STATUSES[1:]}


def _details(report: Report) -> dict[str, Any]:
    """What summary.json has beside the numbers and the machines."""
    servers = [{"server": group.name, "machines": len(group.hosts), "users": len(group.users), **_group_summary(group)}
               for group in report.connections.largest_parts]
    return {"servers": servers,
            "bad_files": [{"path": bad.path, "reason": bad.reason} for bad in report.bad]}


# report.csv

_MACHINE_COLUMNS = ("host", "status", "check_mode", "run", "started", "finished", "message")
_CONNECTION_COLUMNS = ("user", "sid", "logon_id", "session_id", "signed_in", "name", "remote", "provider", "user_name",
                       "connected", "persistent", "action")
_ERROR_COLUMNS = ("code", "name", "message", "provider", "provider_code", "provider_message")
CSV_COLUMNS = (*_MACHINE_COLUMNS, "outcome", *_CONNECTION_COLUMNS, *(f"error_{name}" for name in _ERROR_COLUMNS))

# Where a spreadsheet would see a formula begin. That may be within a text: one that expects semicolons between cells
# does not know our quotes, and begins a new cell there, or a new line.
_FORMULA = re.compile(r'(^|[;\t\r\n])(?=[ "]*[=+\-@＝＋－＠])')


def _cell(value: object) -> str:
    """A cell's text. What a spreadsheet would take for a formula gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return timestamp(value)
    return _FORMULA.sub(r"\1'", value) if isinstance(value, str) else str(value)


def _machine_cells(machine: Machine) -> list[str]:
    record = machine.record
    rest = [getattr(record, name, None) for name in _MACHINE_COLUMNS[2:]]
    return [_cell(value) for value in (machine.host, machine.status, *rest)]


def _write_csv(report: Report, path: Path) -> None:
    with atomic_file(path, replace=True) as raw:
        # Excel takes UTF-8 for UTF-8 only if it begins with a byte order mark.
        text = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="")
        table = csv.writer(text)
        table.writerow(CSV_COLUMNS)
        for row in report.rows:
            error = row.connection.error if row.connection else None
            table.writerow(_machine_cells(row.machine) + [row.outcome]
                           + [_cell(getattr(row.connection, name, None)) for name in _CONNECTION_COLUMNS]
                           + [_cell(getattr(error, name, None)) for name in _ERROR_COLUMNS])
        text.flush()
        text.detach()


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
    records = read_records(directory, runs)
    present = {one.run for one in records.manifests} | records.statuses.keys()
    missing = [run for run in runs if run not in present]
    if missing or not (present or records.bad):
        raise NothingToReport(f"No records and no manifest of {', '.join(missing) or 'any run'} in {directory}")
    report = make_report(records)
    written = Written(directory / "report.html", directory / "report.csv", directory / "summary.json",
                      summary(report), _hosts(report))
    with atomic_file(written.html, replace=True) as page:
        page.write(render(report))
    _write_csv(report, written.csv)
    with atomic_file(written.json, replace=True) as file:
        details = {**written.summary, "hosts": written.hosts, **_details(report)}
        file.write(json.dumps(details, indent=1).encode("ascii"))
    return written


def in_words(written: Written) -> str:
    """A report in two lines, for the terminal."""
    machines, connections = written.summary["machines"], written.summary["connections"]
    dry = written.summary["mode"] == "check"
    bad = f" {written.summary['bad_records']} files could not be read as records." \
        if written.summary["bad_records"] else ""
    in_use = f"{machines['in_use']} in use, " if machines["in_use"] else ""
    tried = f", {machines['dry_run']} only in a dry run" if machines["dry_run"] else ""
    return (f"{'Dry run, nothing was changed. ' if dry else ''}"
            f"{machines['total']} machines: {machines['clean']} clean, {in_use}{machines['failed']} failed, "
            f"{machines['unreachable']} unreachable, {machines['not_run']} not yet run{tried}. "
            f"{connections['found']} connections found, {connections['removed']} {'would be ' if dry else ''}removed, "
            f"{connections['left']} left.{bad} Report: {written.html}")
