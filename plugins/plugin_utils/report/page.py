# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The report as a page: one HTML file that needs nothing else. What came from a machine is text there, never markup.

It knows the facts. page.html.j2 is the page, page.css its style, page.js searches and sorts its long table.
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ansible_collections.netdrive.windows.plugins.plugin_utils.ledger import (
    AT_SIGN_IN, BACK, GONE_BY_ITSELF, NOT_EXAMINED, NOT_RESTORED, RESTORED, Fate, Event)
from ansible_collections.netdrive.windows.plugins.plugin_utils.records import GONE, Selection, Status
from ansible_collections.netdrive.windows.plugins.plugin_utils.report.facts import LEFT, SURVEYED, Group, Report

_SHOWN = {"servers": 40, "shares": 12, "parts": 12, "problems": 40, "texts": 3, "people": 6, "hosts": 24, "unseen": 60, "causes": 60,
          "bad": 200, "runs": 60, "restores": 60}
_LONGEST_TEXT = 500  # characters of a text that a machine sent; report.csv has all of it
_SMALLEST_SEGMENT = 0.8  # percent of a picture: one failure in ten thousand machines is to be seen

_STATUS_WORDS = {"clean": "clean", "in_use": "in use", "failed": "failed", "unreachable": "unreachable",
                 "not_run": "not yet run", "dry_run": "only in a dry run", "restored": "put back"}
_OUTCOME_WORDS = {"removed": "removed", "forgotten": "forgotten", "disconnected": "disconnected",
                  GONE_BY_ITSELF: "gone by itself", RESTORED: "put back", AT_SIGN_IN: "back at the next sign-in",
                  "stayed": "not removed", "kept": "left as it is",
                  "planned": "would be tried", "unreadable": "not readable", "nothing": "nothing found", "failed": "failed",
                  "unreachable": "unreachable", "not_run": "not yet run"}
_DRY_WORDS = {"removed": "live, would be tried", "forgotten": "remembered, would be tried",
              "disconnected": "live, would be tried"}
_SURVEY_WORDS = {"live": "in use", "remembered": "in use, remembered", GONE_BY_ITSELF: "no longer in use",
                 "unreadable": "not readable", "nothing": "nothing found", "failed": "failed",
                 "unreachable": "unreachable", "not_run": "not yet run"}
_OUTCOME_NOTES = {"removed": "were live", "forgotten": "were only remembered",
                  "disconnected": "were live; what is still remembered comes back at the next sign-in",
                  GONE_BY_ITSELF: "a later run did not find them any more",
                  "stayed": "with an error", "kept": "nothing to do with these options",
                  "planned": "only a dry run so far"}
_DRY_NOTES = {**_OUTCOME_NOTES, **dict.fromkeys(("removed", "forgotten"), ""),
              "disconnected": "what is remembered would come back at the next sign-in"}
_SURVEY_NOTES = {"live": "live in a session", "remembered": "only by a profile, comes back at the next sign-in"}
_EVENT_WORDS = {"removed": "removed it", "forgotten": "had the profile forget it",
                "disconnected": "disconnected it; what is still remembered comes back at the next sign-in",
                GONE_BY_ITSELF: "did not find it any more: it went by itself",
                RESTORED: "put it back", AT_SIGN_IN: "had the profile remember it again", NOT_RESTORED: "could not put it back",
                NOT_EXAMINED: "could not see whether it still was there", "stayed": "could not remove it",
                "kept": "left it as it is"}
_SURVEY_EVENT_WORDS = {**_EVENT_WORDS, "kept": "found it in use"}


_KNOWN_BY = {"first_label": "the first part of the name is the same", "address": "the address is the same", "dfs": "DFS leads there"}


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
    return _STATUS_WORDS | ({"clean": "looked at"} if mode in ("check", "survey") else {})


def _outcome_words(mode: str) -> dict[str, str]:
    return _SURVEY_WORDS if mode == "survey" else _OUTCOME_WORDS | (_DRY_WORDS if mode == "check" else {})


def _outcome_notes(mode: str) -> dict[str, str]:
    return {"check": _DRY_NOTES, "survey": _SURVEY_NOTES}.get(mode, _OUTCOME_NOTES)


def _outcomes(group: Group) -> dict[str, int]:
    return {key: group.outcomes[key] for key in (*GONE, GONE_BY_ITSELF, *BACK, *LEFT, *SURVEYED)}


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


class _Fates:
    """Every fate once, as a list of events: rows name it by its place."""

    def __init__(self, report: Report, texts: _Texts) -> None:
        self._places: dict[Fate | None, int] = {None: -1}
        self._words = _SURVEY_EVENT_WORDS if report.mode == "survey" else _EVENT_WORDS
        self._texts, self._dry = texts, report.mode == "check"
        self._runs = {run.run: place for place, run in enumerate(report.runs)}

    def place(self, fate: Fate | None) -> int:
        """Where a fate is; -1 is none."""
        return self._places.setdefault(fate, len(self._places) - 1)

    def all(self) -> list[dict[str, Any]]:
        """The fates, by place: how often it came back, whether it is left to do, and a list of events."""
        return [{"back": fate.came_back, "toDo": fate.to_do and not self._dry,
                 "events": [self._event(event) for event in fate.events]} for fate in self._places if fate]

    def _event(self, event: Event) -> list[int]:
        """Three numbers: the places of its run, of what it did, and of what was said."""
        words = self._words[event.what]
        if event.dry:
            words = "dry run: found it, and would try to take it away" if event.what in GONE else f"dry run: {words}"
        if event.came_back:
            words = f"found that it had come back, and {words}"
        return [self._runs[event.run], self._texts.place(words), self._texts.place(event.said)]


def _table(report: Report) -> dict[str, Any]:
    """The rows of the long table, as the page's script wants them: nine numbers a row."""
    texts = _Texts()
    fates = _Fates(report, texts)
    rows: list[int] = []
    words = _outcome_words(report.mode)
    outcomes = list(words)
    for row in report.rows:
        dry = row.machine.record is not None and row.machine.record.check_mode
        flags = 4 * (dry and report.mode == "mixed")
        user = name = remote = None
        if one := row.connection:
            user, name, remote = one.user or one.sid, one.name, one.remote
            flags |= 1 * (not one.signed_in) | 2 * bool(one.persistent)
        rows += (texts.place(row.machine.host), texts.place(user), texts.place(name), texts.place(remote),
                 outcomes.index(row.outcome), texts.place(row.detail), -1 if row.problem is None else row.problem,
                 flags, fates.place(row.fate))
    return {"rows": rows, "fates": fates.all(), "texts": texts.all(),
            "outcomes": list(words.items()),
            "runs": [[run.run, _moment(run.manifest.started) if run.manifest else ""] for run in report.runs],
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
                               number="{:,}".format, natural=lambda names: sorted(names, key=str.casefold),
                               asked_where=lambda people: [f"{user} on {host}" for user, host in sorted(people)])
    style = (folder / "page.css").read_text("utf-8")
    script = (folder / "page.js").read_text("utf-8")
    page = environment.get_template("page.html.j2").render(
        report=report, shown=_SHOWN, status_words=_status_words(report.mode), outcome_words=_outcome_words(report.mode),
        outcome_notes=_outcome_notes(report.mode), visited=get_args(Status),
        statuses={key: len(hosts) for key, hosts in report.machines.items()},
        outcomes=_outcomes, segments=segments, known_by=_KNOWN_BY, asked=_asked, table=script_safe(_table(report)),
        style=Markup(style), script=Markup(script), style_digest=_digest(style), script_digest=_digest(script))
    return page.encode("utf-8", "replace")
