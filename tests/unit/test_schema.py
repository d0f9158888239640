# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The JSON Schemas in docs: they say what the code reads and writes, no less and no more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.netdrive.windows.plugins.plugin_utils import records, report
from ansible_collections.netdrive.windows.plugins.plugin_utils.json_reader import RecordError

from tests import schema

from . import fleet
from .fleet import HERS, OPEN, UNREADABLE, begin, visit

jsonschema = pytest.importorskip("jsonschema")


def validator(name: str) -> Any:
    return jsonschema.Draft202012Validator(json.loads((schema.FOLDER / f"{name}.json").read_text("utf-8")))


@pytest.mark.parametrize("name", ["record", "manifest", "summary"])
def test_it_is_a_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(validator(name).schema)


@pytest.mark.parametrize("name", list(schema.KINDS))
def test_it_is_what_the_classes_say(name: str) -> None:
    """If not: ./dev shell python3 -m tests.schema"""
    assert (schema.FOLDER / f"{name}.json").read_text("utf-8") == schema.text(name)


@pytest.mark.parametrize(("changes", "good"), [
    ({}, True), ({"kind": "survey"}, True), ({"colour": "red"}, True), ({"schema": 1}, True),
    ({"connections": [fleet.connection(**OPEN), fleet.connection(**UNREADABLE)], "status": "in_use"}, True),
    ({"connections": [fleet.connection(profile_values={"Flags": {"type": "REG_DWORD", "value": 4}})]}, True),
    ({"not_examined": [{"kind": "profile", "reason": "It roams."}]}, True),
    ({"sources": [fleet.source(), fleet.source(policy=None)]}, True), ({"sources": [fleet.source(certainty="perhaps")]}, False),
    ({"sources": [fleet.source(scope="world")]}, False), ({"other_names": [{"remote": r"\\oldfs2"}]}, False),
    ({"schema": 3}, False), ({"run": "../x"}, False), ({"host": ""}, False), ({"status": "fine"}, False),
    ({"started": "2026-11-23T01:02:03"}, False), ({"check_mode": 0}, False), ({"kind": "party"}, False),
    ({"connections": [fleet.connection()], "kind": "restore"}, False), ({"connections": [fleet.connection()], "kind": "survey"}, False),
    ({"connections": [fleet.connection(action="restored")]}, False),
    ({"connections": [fleet.connection(action=None)], "kind": "survey"}, True),
    ({"connections": [fleet.connection(action="restored")], "kind": "restore"}, True),
    ({"connections": [fleet.connection(action="gone")]}, False), ({"connections": [fleet.connection(error={"code": 5})]}, False),
    ({"selection": {**fleet.SELECTION, "users": ["all", 1]}}, False),
])
def test_it_takes_what_the_code_takes(changes: dict[str, Any], good: bool) -> None:
    data = json.loads(json.dumps(fleet.record(**changes)))
    assert validator("record").is_valid(data) == good
    try:
        records.parse(records.Record, data)
    except RecordError:
        assert not good
    else:
        assert good


def test_what_is_written_is_valid(tmp_path: Path) -> None:
    begin(tmp_path, 0, ["pc1", "pc2"])
    visit(tmp_path, 0, {}, {"name": "I:", **OPEN}, UNREADABLE)
    visit(tmp_path, 1, {}, not_examined=[{"kind": "profile", "reason": "It roams."}], host="pc1",
          sources=[fleet.source(conditional=["FilterGroup"]), fleet.source(kind="home_folder", policy=None)],
          other_names=[{"remote": r"\\oldfs.corp.example", "same_as": r"\\oldfs", "known_by": "address", "connections": 1}])
    visit(tmp_path, 2, {**HERS}, check_mode=True)
    (tmp_path / "records" / "run00" / "bad.json").write_text("{")
    for path in tmp_path.glob("records/*/pc*.json"):
        validator("record").validate(json.loads(path.read_text()))
    for path in tmp_path.glob("runs/*.json"):
        validator("manifest").validate(json.loads(path.read_text()))
    whole = json.loads(report.write_report(tmp_path).json.read_text())
    assert whole["came_back"]["users"] and whole["not_examined_in_detail"] and whole["bad_files"]
    validator("summary").validate(whole)


def test_the_summary_of_a_survey_is_valid(tmp_path: Path) -> None:
    begin(tmp_path, 0, ["pc1", "pc2"], kind="survey")
    visit(tmp_path, 0, {"action": None}, {"action": None, "connected": False, "name": "I:", "persistent": True}, kind="survey")
    written = report.write_report(tmp_path)
    assert written.summary["connections"] == {"found": 2, "live": 1, "remembered": 1, "unreadable": 0}
    validator("summary").validate(json.loads(written.json.read_text()))
