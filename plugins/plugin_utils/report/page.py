# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The report as a page: one HTML file that needs nothing else. What came from a machine is text there, never markup."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ansible_collections.netdrive.windows.plugins.plugin_utils.records import GONE, Selection
from ansible_collections.netdrive.windows.plugins.plugin_utils.report.facts import LEFT, STATUSES, Group, Report

_SHOWN = {"servers": 40, "shares": 12, "problems": 40, "texts": 3, "hosts": 24, "bad": 200, "runs": 60}
_LONGEST_TEXT = 500  # characters of a text that a machine sent; report.csv has all of it
_SMALLEST_SEGMENT = 0.8  # percent of a picture: one failure in ten thousand machines is to be seen

_STATUS_WORDS = {"clean": "clean", "in_use": "in use", "failed": "failed", "unreachable": "unreachable",
                 "not_run": "not yet run", "dry_run": "only in a dry run"}
_OUTCOME_WORDS = {"removed": "removed", "forgotten": "forgotten", "disconnected": "disconnected",
                  "stayed": "not removed", "kept": "left as it is", "planned": "would be removed",
                  "unreadable": "not readable", "nothing": "nothing found", "failed": "failed",
                  "unreachable": "unreachable", "not_run": "not yet run"}
_OUTCOME_NOTES = {"removed": "were live", "forgotten": "were only remembered",
                  "disconnected": "were live; what is still remembered comes back at the next sign-in",
                  "stayed": "with an error", "kept": "nothing to do with these options",
                  "planned": "only a dry run so far"}


class Segment(NamedTuple):
    """A part of a bar or ring: where it begins and how long it is, in percent."""

    key: str
    number: int
    start: float
    length: float


def segments(counts: dict[str, int]) -> list[Segment]:
    """Share a whole out in proportion; what is there at all is wide enough to be seen."""
    present = {key: count for key, count in counts.items() if count}
    total = sum(present.values())
    widths = {key: max(100 * count / total, _SMALLEST_SEGMENT) for key, count in present.items()}
    scale = 100 / sum(widths.values()) if widths else 1
    result, start = [], 0.0
    for key, count in present.items():
        length = widths[key] * scale
        result.append(Segment(key, count, round(start, 3), round(length, 3)))
        start += length
    return result


def _percent(part: int, whole: int) -> str:
    if not whole or part in (0, whole):
        return f"{100 if part and whole else 0} %"
    return f"{min(max(100 * part / whole, 0.1), 99.9):.1f} %"


def _plural(count: int, one: str, more: str = "") -> str:
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _clip(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


def _status_words(mode: str) -> dict[str, str]:
    return _STATUS_WORDS | ({"clean": "would be clean"} if mode == "check" else {})


def _outcome_words(mode: str) -> dict[str, str]:
    would = "would be " if mode == "check" else ""
    return {key: f"{would if key in GONE else ''}{words}" for key, words in _OUTCOME_WORDS.items()}


def _outcomes(group: Group) -> dict[str, int]:
    return {key: group.outcomes[key] for key in GONE + LEFT}


def _asked(selection: Selection) -> list[tuple[str, str]]:
    """A selection as pairs of a name and what it was set to."""
    return [(name, value) for name, value in (
        ("remote", ", ".join(selection.remote or [])),
        ("name", ", ".join(selection.name or [])),
        ("except", ", ".join(selection.exclude)),
        ("users", ", ".join(selection.users) + (" and signed-out profiles" if selection.signed_out else "")),
        ("profile", "" if selection.update_profile else "left alone: connections come back at the next sign-in"),
    ) if value]


class _Texts:
    """Every text once: rows name it by its place."""

    def __init__(self) -> None:
        self._places = {"": 0}

    def place(self, text: str | None) -> int:
        """Where a text is; none is the empty text."""
        return self._places.setdefault(_clip(text or ""), len(self._places))

    def all(self) -> list[str]:
        """The texts, by place."""
        return list(self._places)


def _table(report: Report) -> dict[str, Any]:
    """The rows of the long table, as the page's script wants them: eight numbers a row."""
    texts = _Texts()
    rows: list[int] = []
    outcomes = list(_OUTCOME_WORDS)
    for row in report.rows:
        flags = 4 * (row.machine.dry and report.mode == "mixed")
        user = name = remote = None
        if one := row.connection:
            user, name, remote = one.user or one.sid, one.name, one.remote
            flags |= 1 * (not one.signed_in) | 2 * bool(one.persistent)
        rows += (texts.place(row.machine.host), texts.place(user), texts.place(name), texts.place(remote),
                 outcomes.index(row.outcome), texts.place(row.detail), -1 if row.problem is None else row.problem,
                 flags)
    return {"texts": texts.all(), "rows": rows, "outcomes": list(_outcome_words(report.mode).items()),
            "problems": [problem.title for problem in report.problems]}


def script_safe(data: Any) -> Markup:
    """JSON that may stand in a script element, whatever texts are in it: plain ASCII, without < > and &."""
    text = json.dumps(data, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _digest(text: str) -> str:
    """A text as the content security policy of the page names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def render(report: Report) -> bytes:
    """The page, in UTF-8."""
    folder = Path(__file__).parent
    environment = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(percent=_percent, plural=_plural, moment=_moment, clip=_clip,
                               number="{:,}".format, natural=lambda hosts: sorted(hosts, key=str.casefold))
    style = (folder / "page.css").read_text("utf-8")
    script = (folder / "page.js").read_text("utf-8")
    page = environment.get_template("page.html.j2").render(
        report=report, shown=_SHOWN, status_words=_status_words(report.mode), outcome_words=_outcome_words(report.mode),
        outcome_notes=_OUTCOME_NOTES, statuses={key: report.statuses[key] for key in STATUSES}, outcomes=_outcomes,
        gone=GONE, left=LEFT, segments=segments, asked=_asked, table=script_safe(_table(report)),
        style=Markup(style), script=Markup(script), style_digest=_digest(style), script_digest=_digest(script))
    return page.encode("utf-8", "replace")
