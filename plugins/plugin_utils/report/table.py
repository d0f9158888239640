# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The report for a spreadsheet: report.csv. It knows the facts."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from ansible_collections.netdrive.windows.plugins.plugin_utils.files import atomic_file
from ansible_collections.netdrive.windows.plugins.plugin_utils.ledger import Fate
from ansible_collections.netdrive.windows.plugins.plugin_utils.records import timestamp
from ansible_collections.netdrive.windows.plugins.plugin_utils.report.facts import SURVEYED, Report, Row

_MACHINE_COLUMNS = ("host", "status", "check_mode", "run", "started", "finished", "message")
_STORY_COLUMNS = ("found_by", "seen_by", "gone_by", "came_back", "to_do")
_CONNECTION_COLUMNS = ("user", "sid", "logon_id", "session_id", "signed_in", "name", "remote", "provider", "connected_as",
                       "connected", "persistent", "action")
_ERROR_COLUMNS = ("code", "name", "message", "provider", "provider_code", "provider_message")
COLUMNS = (*_MACHINE_COLUMNS, "outcome", *_CONNECTION_COLUMNS, *(f"error_{name}" for name in _ERROR_COLUMNS),
           *_STORY_COLUMNS)

# Where a spreadsheet would see a formula begin. That may be within a text: one that expects semicolons between cells
# does not know our quotes, and begins a new cell there, or a new line.
_FORMULA = re.compile(r'(^|[;\t\r\n])(?=[ "]*[=+\-@＝＋－＠])')


def write_table(report: Report, path: Path) -> None:
    """Write one row a connection, and one for each machine without; of a survey the connections in use, nothing else.

    That makes the CSV of a survey a migration list. Raises OSError.
    """
    with atomic_file(path, replace=True) as raw:
        # Excel takes UTF-8 for UTF-8 only if it begins with a byte order mark.
        text = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="")
        table = csv.writer(text)
        table.writerow(COLUMNS)
        machines: dict[str, list[str]] = {}
        for row in report.rows:
            if report.mode == "survey" and not (row.outcome in SURVEYED and row.connection and row.connection.remote):
                continue
            if row.machine.host not in machines:
                machines = {row.machine.host: _machine_cells(row)}  # all rows of a machine follow each other
            table.writerow([*machines[row.machine.host], row.outcome,
                            *(_cell(getattr(row.connection, name, None)) for name in _CONNECTION_COLUMNS),
                            *(_cell(getattr(row.error, name, None)) for name in _ERROR_COLUMNS),
                            *_story_cells(row.fate)])
        text.flush()
        text.detach()


def _machine_cells(row: Row) -> list[str]:
    rest = [getattr(row.machine.record, name, None) for name in _MACHINE_COLUMNS[2:]]
    return [_cell(value) for value in (row.machine.host, row.status, *rest)]


def _story_cells(fate: Fate | None) -> list[str]:
    if not fate:
        return [""] * len(_STORY_COLUMNS)
    return [_cell(getattr(fate, name)) for name in _STORY_COLUMNS]


def _cell(value: object) -> str:
    """A cell's text. What a spreadsheet would take for a formula gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return timestamp(value)
    return _text(value) if isinstance(value, str) else str(value)


@lru_cache(10_000)  # the same users, shares and providers come again and again
def _text(value: str) -> str:
    # Before Python 3.11 csv had no way to write a NUL, nor do spreadsheets have one to show it.
    return _FORMULA.sub(r"\1'", value.replace("\0", "\N{REPLACEMENT CHARACTER}"))
