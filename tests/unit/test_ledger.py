# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ledger: each connection once over all runs, what became of it, and that nothing is said which no run has seen."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.netdrive.windows.plugins.plugin_utils import archive, ledger, records, report
from ansible_collections.netdrive.windows.plugins.plugin_utils.restore import Wanted, make_restore
from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import Refused

from . import fleet
from .fleet import HERS, OPEN, UNREADABLE, begin, visit


def only_story(directory: Path) -> ledger.Story:
    [machine] = ledger.read_ledger(directory).machines
    [story] = machine.stories
    return story


def events(story: ledger.Story) -> list[str]:
    """What happened in words, `+` before where it had come back, `?` after what a dry run would have tried."""
    return [f"{event.run} {'+' * event.came_back}{event.what}{'?' * event.dry}" for event in story.fate.events]


# What became of one connection

def test_a_story_says_who_found_it_who_took_it_away_and_why_it_had_stayed(tmp_path: Path) -> None:
    visit(tmp_path, 0, OPEN)
    visit(tmp_path, 1, status="unreachable", message="No route to host")
    visit(tmp_path, 2, {"action": "removed"})
    visit(tmp_path, 3)
    story = only_story(tmp_path)
    assert events(story) == ["run00 stayed", "run01 not_examined", "run02 removed"]
    assert story.fate.events[0].said == "2401 ERROR_OPEN_FILES: It failed."
    assert (story.fate.found_by, story.fate.seen_by, story.fate.gone_by) == ("run00", "run02", "run02")
    assert story.fate.came_back == 0 and story.error is None


def test_it_comes_back_once_for_each_time(tmp_path: Path) -> None:
    hours: list[list[dict[str, Any]]] = [[{}], [{}], [], [OPEN], [OPEN], [{}], [], []]
    for hour, found in enumerate(hours):
        visit(tmp_path, hour, *found)
    story = only_story(tmp_path)
    assert events(story) == ["run00 removed", "run01 +removed", "run03 +stayed", "run04 stayed", "run05 removed"]
    assert (story.fate.came_back, story.fate.seen_by, story.fate.gone_by) == (2, "run05", "run05")
    summary = report.write_report(tmp_path).summary["connections"]
    assert (summary["found"], summary["removed"], summary["came_back"], summary["times_came_back"]) == (1, 1, 1, 2)


def test_what_nobody_took_away_went_by_itself(tmp_path: Path) -> None:
    visit(tmp_path, 0, OPEN)
    visit(tmp_path, 1)
    story = only_story(tmp_path)
    assert events(story) == ["run00 stayed", "run01 gone_by_itself"] and story.error is None
    assert (story.fate.seen_by, story.fate.gone_by) == ("run00", "run01")
    visit(tmp_path, 2, OPEN)
    assert events(only_story(tmp_path))[2:] == ["run02 +stayed"]


NARROW = {"selection": {**fleet.SELECTION, "signed_out": False}}
PROFILE = {"sid": "S-1-5-21-1-2-3-1001", "kind": "profile"}
SCRIPT = {"kind": "script", "path": r"\\dc\logon.cmd"}


@pytest.mark.parametrize(("first", "found", "changes", "state"), [
    pytest.param({}, [], {"status": "failed", "message": "It broke off."}, "stayed", id="nothing came back from there"),
    pytest.param({}, [UNREADABLE], {}, "stayed", id="the profile was not readable"),
    pytest.param({}, [{**UNREADABLE, "user": None, "sid": None}], {}, "stayed", id="one was not, nobody knows whose"),
    pytest.param({}, [{**UNREADABLE, **HERS}], {}, "gone_by_itself", id="another profile was not readable"),
    pytest.param({}, [], {"not_examined": [PROFILE]}, "stayed", id="the profile was not looked at"),
    pytest.param({}, [], {"not_examined": [SCRIPT]}, "gone_by_itself", id="a script was not looked at"),
    pytest.param({"persistent": True}, [], NARROW, "stayed", id="remembered; signed-out users were not looked for"),
    pytest.param({"persistent": True}, [{"name": "K:"}], NARROW, "gone_by_itself", id="remembered; the user was signed in"),
    pytest.param({"persistent": False}, [], NARROW, "gone_by_itself", id="live only; a session that ended took it along"),
])
def test_it_is_gone_only_if_somebody_looked(tmp_path: Path, first: dict[str, Any], found: list[dict[str, Any]],
                                            changes: dict[str, Any], state: str) -> None:
    selection = changes.get("selection", fleet.SELECTION)
    visit(tmp_path, 0, {**OPEN, **first}, selection=selection)
    visit(tmp_path, 1, *found, **changes)
    [machine] = ledger.read_ledger(tmp_path).machines
    event = machine.stories[0].fate.state
    assert event and event.what == state
    assert bool(machine.stories[0].error) == (state == "stayed")


def test_what_is_still_remembered_has_not_come_back(tmp_path: Path) -> None:
    """A run with update_profile=false disconnects; the entry stays and is live again after the next sign-in."""
    visit(tmp_path, 0, {"action": "disconnected", "persistent": True})
    visit(tmp_path, 1, {"action": None, "connected": False, "persistent": True})
    assert events(only_story(tmp_path)) == ["run00 disconnected"]
    visit(tmp_path, 2, {"action": "disconnected", "persistent": True})
    assert events(only_story(tmp_path)) == ["run00 disconnected", "run02 +disconnected"]
    visit(tmp_path, 3, {"action": "forgotten", "connected": False, "persistent": True})
    assert events(only_story(tmp_path))[2:] == ["run03 forgotten"]


def test_one_connection_is_one_however_it_is_written_and_in_how_many_sessions(tmp_path: Path) -> None:
    visit(tmp_path, 0, {"name": "h:", "remote": "//OLDFS/Home"}, {**OPEN, "logon_id": "0x7"})
    story = only_story(tmp_path)
    assert events(story) == ["run00 stayed"] and story.connection.logon_id == "0x7"
    visit(tmp_path, 1, {}, {"name": None}, HERS, {"remote": r"\\oldfs\other"})
    assert report.write_report(tmp_path).summary["connections"]["found"] == 4


# Dry runs, and runs after other connections

def test_a_dry_run_says_what_is_left_to_do_and_changes_no_state(tmp_path: Path) -> None:
    visit(tmp_path, 0, {}, {"name": "I:", **OPEN})
    visit(tmp_path, 1, {}, {"name": "I:"}, {"name": "J:"}, check_mode=True)
    stories = {story.connection.name: story for story in ledger.read_ledger(tmp_path).machines[0].stories}
    assert events(stories["H:"]) == ["run00 removed", "run01 removed?"] and stories["H:"].fate.gone_by == "run00"
    assert events(stories["I:"]) == ["run00 stayed", "run01 removed?"]
    assert events(stories["J:"]) == ["run01 removed?"] and stories["J:"].fate.gone_by is None
    summary = report.write_report(tmp_path).summary["connections"]
    assert [summary[name] for name in ("found", "removed", "left", "to_do", "seen_again", "came_back")] == [3, 1, 2, 3, 1, 0]
    assert summary["by_outcome"]["planned"] == 1
    visit(tmp_path, 2)
    summary = report.write_report(tmp_path).summary["connections"]
    assert [summary[name] for name in ("found", "removed", "gone_by_itself", "left", "to_do")] == [2, 1, 1, 0, 0]


def test_what_other_runs_were_after_is_not_in_it(tmp_path: Path) -> None:
    visit(tmp_path, 0, {"name": "X:"}, selection={**fleet.SELECTION, "remote": [r"\\newfs"]})
    visit(tmp_path, 1, OPEN)
    visit(tmp_path, 2, {}, selection={**fleet.SELECTION, "force": True})
    assert events(only_story(tmp_path)) == ["run01 stayed", "run02 removed"]


def test_records_of_0_1_0_go_on_in_it(tmp_path: Path) -> None:
    visit(tmp_path, 0, OPEN, schema=1)
    path = records.record_path(tmp_path, "run00", "pc1")
    old = json.loads(path.read_text())
    for field in ("kind", "not_examined"):
        del old[field]
    path.write_text(json.dumps(old))
    visit(tmp_path, 1, {}, schema=2)
    assert events(only_story(tmp_path)) == ["run00 stayed", "run01 removed"]


# Restores

def restore(directory: Path, hour: int, *connections: dict[str, Any], **changes: Any) -> None:
    """Put on record what a restore did on a machine."""
    visit(directory, hour, *({"action": "restored", **one} for one in connections), **{"kind": "restore", **changes})


def wanted(directory: Path, **selection: Any) -> list[tuple[str | None, str | None]]:
    """What a restore would be about, by user and letter."""
    records_of = archive.history(directory, "pc1")
    asked = records.read_selection(make_restore(selection))
    return [(one.user, one.name) for one in Wanted(asked).of(records_of)]


LATER = {"action": "remembered", "connected": False, "persistent": True, "message": "Its user is not signed in."}
TAKEN = {"action": None, "connected": False, "error": fleet.error(85, "ERROR_ALREADY_ASSIGNED")}


def test_a_clean_up_after_a_restore_begins_a_new_chapter(tmp_path: Path) -> None:
    visit(tmp_path, 0, {}, {"name": "I:"}, {"name": "J:"})
    assert [name for dummy, name in wanted(tmp_path)] == ["H:", "I:", "J:"]
    restore(tmp_path, 1, {}, {"name": "I:", **LATER}, {"name": "J:", **TAKEN}, status="failed")
    stories = {story.connection.name: story for story in ledger.read_ledger(tmp_path).machines[0].stories}
    assert {name: events(story)[1:] for name, story in stories.items()} == {
        "H:": ["run01 restored"], "I:": ["run01 at_sign_in"], "J:": ["run01 not_restored"]}
    assert {name: story.fate.gone_by for name, story in stories.items()} == {"H:": None, "I:": None, "J:": "run00"}
    assert stories["J:"].error and [name for dummy, name in wanted(tmp_path)] == ["J:"]
    whole = report.write_report(tmp_path).summary
    assert [whole["connections"][name] for name in ("found", "removed", "put_back", "left", "came_back")] == [3, 1, 2, 0, 0]
    assert whole["restores"] == {"restored": 1, "at_sign_in": 1, "not_restored": 1, "dry": 0}
    assert whole["machines"]["failed"] == 1

    begin(tmp_path, 2, ["pc1"])
    assert archive.Archive(tmp_path).standings() == {"pc1": None}  # the clean-up has to go there again
    visit(tmp_path, 2, {}, {"name": "I:", "connected": False, "persistent": True, "action": "forgotten"})
    whole = report.write_report(tmp_path).summary
    assert [whole["connections"][name] for name in ("found", "removed", "put_back", "came_back")] == [3, 3, 0, 0]
    assert not any(whole["restores"].values()) and whole["machines"]["clean"] == 1
    assert len(wanted(tmp_path)) == 3


def test_a_dry_run_of_a_restore_changes_no_state(tmp_path: Path) -> None:
    visit(tmp_path, 0, {}, {"name": "J:"})
    restore(tmp_path, 1, {}, {"name": "J:", **TAKEN}, check_mode=True, status="failed")
    whole = report.write_report(tmp_path).summary
    assert whole["mode"] == "real" and whole["machines"]["clean"] == 1
    assert [whole["connections"][name] for name in ("found", "removed", "put_back", "to_do")] == [2, 2, 0, 0]
    assert whole["restores"] == {"restored": 1, "at_sign_in": 0, "not_restored": 1, "dry": 2}
    assert len(wanted(tmp_path)) == 2


def test_a_restore_may_be_about_some_of_it(tmp_path: Path) -> None:
    visit(tmp_path, 0, {}, {**HERS, "remote": r"\\oldfs\hers"}, {"name": "K:", **OPEN})
    visit(tmp_path, 1, {"name": "X:", "remote": r"\\newfs\x"}, selection={**fleet.SELECTION, "remote": [r"\\newfs"]})
    visit(tmp_path, 2, {"name": "Y:"}, check_mode=True)
    everything = {(r"CORP\user1", "H:"), (r"CORP\user2", "H:"), (r"CORP\user1", "X:")}
    assert set(wanted(tmp_path)) == everything
    assert wanted(tmp_path, remote=r"//NEWFS/") == [(r"CORP\user1", "X:")]
    assert wanted(tmp_path, runs=["run01"]) == [(r"CORP\user1", "X:")]
    for user in (r"corp\USER2", "user2", HERS["sid"]):
        assert wanted(tmp_path, users=user) == [(r"CORP\user2", "H:")]
    assert wanted(tmp_path, users="nobody") == []


def test_what_was_taken_from_two_sessions_in_two_runs_goes_back_into_both(tmp_path: Path) -> None:
    visit(tmp_path, 0, {"logon_id": "0x1"}, {"logon_id": "0x2", **OPEN})
    assert not wanted(tmp_path)  # it is still there, if not in each session
    visit(tmp_path, 1, {"logon_id": "0x2"})
    visit(tmp_path, 2)
    found = ledger.to_restore(archive.history(tmp_path, "pc1"))
    assert [(run, one.logon_id) for run, one in found] == [("run00", "0x1"), ("run01", "0x2")]
    visit(tmp_path, 3, {"logon_id": "0x3"})  # a policy brought it back, and that was taken away as well
    assert [(run, one.logon_id) for run, one in ledger.to_restore(archive.history(tmp_path, "pc1"))] == [("run03", "0x3")]


@pytest.mark.parametrize("user", ["Current", "anna@corp.example", ".\\anna"])
def test_a_name_that_no_record_has_is_refused(user: str) -> None:
    with pytest.raises(Refused, match="is in no record"):
        make_restore({"users": ["CORP\\anna", user]})


# The runs

def test_a_run_says_what_it_did_not_come_to_and_what_stopped_it(tmp_path: Path) -> None:
    hosts = ["pc1", "pc2", "pc3"]
    begin(tmp_path, 0, hosts)
    visit(tmp_path, 0, {})
    visit(tmp_path, 0, OPEN, host="pc2")
    records.write_stop(tmp_path, "run00", "1 of 2 failed.")
    begin(tmp_path, 1, hosts)
    visit(tmp_path, 1, {}, host="pc2")
    first, second = ledger.read_ledger(tmp_path).runs
    assert (first.not_run, first.clean_before, first.stopped_by) == (1, 0, "1 of 2 failed.")
    assert (second.not_run, second.clean_before, second.stopped_by) == (1, 1, None)
    assert not first.at_once and not second.at_once
    detail = json.loads(report.write_report(tmp_path).json.read_bytes())["runs_in_detail"]
    assert [(one["not_run"], one["stopped_by"]) for one in detail] == [(1, "1 of 2 failed."), (1, None)]


def test_two_commands_at_once_are_seen(tmp_path: Path) -> None:
    begin(tmp_path, 0, ["pc1", "pc2"])
    begin(tmp_path, 1, ["pc2", "pc1"], started=records.timestamp(fleet.START + timedelta(seconds=10)))
    begin(tmp_path, 2, ["pc3"], started=records.timestamp(fleet.START + timedelta(seconds=20)))  # a slice of its own
    visit(tmp_path, 0, {})
    visit(tmp_path, 1, {}, host="pc2")
    first, second, third = ledger.read_ledger(tmp_path).runs
    assert (first.at_once, second.at_once, third.at_once) == ([("run01", 2)], [("run00", 2)], [])
    assert "at the same time" in report.write_report(tmp_path).html.read_text()


def test_of_two_commands_at_once_none_brings_back_what_the_other_takes_away(tmp_path: Path) -> None:
    visit(tmp_path, 0, {})
    visit(tmp_path, 1, {}, started=records.timestamp(fleet.START))
    assert events(only_story(tmp_path)) == ["run00 removed", "run01 removed"]
    visit(tmp_path, 2, {})
    assert events(only_story(tmp_path))[2:] == ["run02 +removed"]


# Over many machines

def random_runs(directory: Path, machines: int, seed: int, restores: tuple[int, ...] = ()) -> None:
    """Ten runs over machines whose connections go, stay, go by themselves, come back and are new; some are off at times.

    Those at the hours of restores put back what clean-ups took away, as far as that succeeds.
    """
    chance = random.Random(seed)
    for number in range(machines):
        there, taken, host = {letter for letter in "DEFGHIJ" if chance.random() < 0.6}, set[str](), f"pc{number}"
        for hour in range(10):
            stay = {letter for letter in sorted(there) if chance.random() < 0.2}
            if chance.random() < 0.1:
                visit(directory, hour, host=host, status="unreachable", message="No route to host",
                      **{"kind": "restore"} if hour in restores else {})
            elif hour in restores:
                back = {letter for letter in sorted(taken - there) if chance.random() < 0.7}
                restore(directory, hour, *(
                    {**_drive(letter), **(TAKEN if letter not in back else LATER if chance.random() < 0.3 else {})}
                    for letter in sorted(taken - there)), host=host)
                there, taken = there | back, taken - back
            else:
                visit(directory, hour, *({**_drive(letter), **(OPEN if letter in stay else {})} for letter in sorted(there)), host=host)
                there, taken = stay, taken | (there - stay)
            there = {letter for letter in sorted(there) if chance.random() < 0.8} \
                | {letter for letter in "HIJ" if chance.random() < 0.2}


def _drive(letter: str) -> dict[str, Any]:
    return {"name": f"{letter}:", "remote": rf"\\oldfs\{letter}"}


def recount(directory: Path) -> Iterator[tuple[str, int]]:
    """For each connection of the records, how it is and how often it came back: plainly, from the JSON."""
    sightings: dict[Any, dict[int, str]] = {}
    looked: dict[str, set[int]] = {}
    for path in directory.glob("records/*/*.json"):
        record = json.loads(path.read_text())
        run, restored = int(record["run"][3:]), record["kind"] == "restore"
        if record["status"] != "unreachable" and not restored:
            looked.setdefault(record["host"], set()).add(run)
        for one in record["connections"]:
            if not restored or one["action"]:
                what = "put_back" if restored else one["action"] or "stayed"
                sightings.setdefault((record["host"], one["user"], one["name"], one["remote"]), {})[run] = what
    for (host, *dummy), seen in sightings.items():
        state, back = "", 0
        for run in sorted(looked[host] | set(seen)):
            back += seen.get(run) in ("removed", "stayed") and state in ("removed", "gone_by_itself")
            state = seen.get(run) or ("gone_by_itself" if state in ("stayed", "put_back") else state)
        yield state, back


@pytest.mark.parametrize("restores", [(), (4, 8), (2, 9)])
def test_the_totals_equal_a_plain_recount(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, restores: tuple[int, ...]) -> None:
    monkeypatch.setattr("os.fsync", lambda _descriptor: None)
    random_runs(tmp_path, 200, 17, restores)
    plain = list(recount(tmp_path))
    states = ("removed", "stayed", "gone_by_itself", "put_back")
    count = {state: sum(one == state for one, dummy in plain) for state in states}
    summary = report.write_report(tmp_path).summary["connections"]
    assert min(count[state] for state in states if state != "put_back" or restores) > 10
    assert (summary["found"], *(summary["left" if state == "stayed" else state] for state in states)) == (
        len(plain), *count.values())
    assert summary["came_back"] == sum(back > 0 for dummy, back in plain) > 100
    assert summary["times_came_back"] == sum(back for dummy, back in plain) > summary["came_back"]
