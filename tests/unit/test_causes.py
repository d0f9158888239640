# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What will bring connections back, over all machines, and beside it what came back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.netdrive.windows.plugins.plugin_utils import ledger, records, report
from ansible_collections.netdrive.windows.plugins.plugin_utils.causes import Cause

from tests.unit import fleet

SELECTION = {**fleet.SELECTION, "sources": True}


def visit(directory: Path, host: str, day: int, **changes: Any) -> None:
    """A record of a machine, a day after the other."""
    moment = records.timestamp(fleet.START.replace(day=day))
    records.write_record(directory, fleet.record(
        host, run=f"run{day}", started=moment, finished=moment, **{"selection": SELECTION, **changes}))


def causes(directory: Path) -> list[Cause]:
    return ledger.read_ledger(directory).causes.surest


def test_a_policy_is_one_cause_however_many_users_and_machines_it_meets(tmp_path: Path) -> None:
    for number in (1, 2):
        visit(tmp_path, f"pc{number}", 1, sources=[
            fleet.source(), fleet.source(user=r"CORP\user2", sid="S-1-5-21-1-2-3-1002", remote=r"\\oldfs\other"),
            fleet.source(policy={"name": "Printers", "id": "{OTHER}"}, certainty="likely", conditional=["FilterGroup"])])
    first, second = causes(tmp_path)
    assert (first.title, first.id, first.certainty, first.came_back) == ("Drive maps", "{31B2F340}", "sure", 0)
    assert first.hosts == {"pc1", "pc2"} and len(first.people) == 4
    assert set(first.remotes) == {r"\\oldfs\home", r"\\oldfs\other"}
    assert (second.title, second.certainty, list(second.conditional)) == ("Printers", "likely", ["FilterGroup"])


def test_scripts_and_tasks_are_known_by_their_names_and_the_rest_by_the_share(tmp_path: Path) -> None:
    each = {"policy": None, "where": None}
    script = fleet.source(**{**each, "kind": "gpo_logon_script", "where": r"\\corp\SysVol\map.bat"})
    task = fleet.source(**{**each, "kind": "scheduled_task", "scope": "group", "user": r"BUILTIN\Users",
                           "where": r"C:\Windows\System32\Tasks\IT\Map"})
    homes = [fleet.source(**{**each, "kind": "home_folder", "remote": rf"\\oldfs\users\{name}"}) for name in ("anna", "ben")]
    visit(tmp_path, "pc1", 1, sources=[script, task, *homes])
    assert {(one.kind, one.title, len(one.people)) for one in causes(tmp_path)} == {
        ("gpo_logon_script", r"\\corp\SysVol\map.bat", 1), ("scheduled_task", r"IT\Map", 0), ("home_folder", r"\\oldfs\users", 1)}


def test_what_came_back_is_beside_what_was_predicted(tmp_path: Path) -> None:
    mine = fleet.source()
    other = fleet.source(sid="S-1-5-21-1-2-3-1009", policy={"name": "Others'", "id": "{OTHER}"})
    for day in (1, 2, 3):
        visit(tmp_path, "pc1", day, connections=[fleet.connection(remote="//OLDFS/home")] if day != 2 else [], sources=[mine, other])
    assert {one.title: one.came_back for one in causes(tmp_path)} == {"Drive maps": 1, "Others'": 0}


@pytest.mark.parametrize(("scope", "sid", "remote", "count"), [
    ("group", "S-1-5-32-545", r"\\oldfs\home", 1), ("machine", None, r"\\oldfs\home", 1),
    ("user", "S-1-5-21-1-2-3-1009", r"\\oldfs\home", 0), ("machine", "S-1-5-18", r"\\oldfs\home", 0),
    ("group", "S-1-5-32-545", r"\\oldfs\home\%USERNAME%", 1), ("group", "S-1-5-32-545", r"\\oldfs\other\%USERNAME%", 0),
    ("group", "S-1-5-32-545", r"\\%SERVER%\home", 0)])
def test_whom_and_what_a_prediction_is_about_decides_whether_it_came_true(
        scope: str, sid: str | None, remote: str, count: int, tmp_path: Path) -> None:
    predicted = fleet.source(scope=scope, sid=sid, remote=remote)
    for day in (1, 2, 3):
        visit(tmp_path, "pc1", day, sources=[predicted],
              connections=[fleet.connection(remote=r"\\oldfs\home\anna")] if day != 2 else [])
    assert [one.came_back for one in causes(tmp_path)] == [count]


def test_the_newest_look_counts_and_one_at_which_nobody_looked_is_said_to_be_that(tmp_path: Path) -> None:
    visit(tmp_path, "pc1", 1, sources=[fleet.source()])
    visit(tmp_path, "pc1", 2, sources=[])
    read = ledger.read_ledger(tmp_path)
    assert not read.causes.surest and read.causes.looked_for
    visit(tmp_path / "other", "pc1", 1, selection=fleet.SELECTION)
    assert not ledger.read_ledger(tmp_path / "other").causes.looked_for


def test_page_and_summary_have_it_and_what_a_machine_sent_is_text(tmp_path: Path) -> None:
    names = [{"remote": r"\\corp.example\dfs\home", "same_as": r"\\oldfs", "known_by": "dfs", "connections": 2},
             {"remote": r"\\oldfs.corp.example", "same_as": r"\\oldfs", "known_by": "first_label", "connections": 2}]
    for number in (1, 2):
        source = fleet.source(policy={"name": "<b>Maps</b>", "id": "{1}"}, evidence="<script>")
        visit(tmp_path, f"pc{number}", 1, sources=[source], other_names=names)
    report.write_report(tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "What will bring them back" in page and "&lt;b&gt;Maps&lt;/b&gt;" in page and "&lt;script&gt;" in page and "<b>Maps" not in page
    assert "Also used, and not selected" in page and r"\\oldfs.corp.example" in page
    assert r"\\corp.example\dfs\home" in page and "DFS leads there" in page
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert summary["sources"] == {"sure": 1, "likely": 0, "hint": 0}
    assert summary["sources_in_detail"][0]["machines"] == 2
    assert summary["other_names"] == [{**name, "connections": 4, "machines": 2} for name in names]
