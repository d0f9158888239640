# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The records: their schema, that none is lost or overwritten, and that no host name leaves the directory."""

from __future__ import annotations

import dataclasses
import errno
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, strategies

from ansible_collections.netdrive.windows.plugins.plugin_utils import records
from ansible_collections.netdrive.windows.plugins.plugin_utils.archive import Archive, history
from ansible_collections.netdrive.windows.plugins.plugin_utils.json_reader import RecordError

from . import fleet
from .fleet import ODD_NAMES, files


def required(field: dataclasses.Field[Any]) -> bool:
    return field.default is field.default_factory is dataclasses.MISSING


def statuses(directory: Path, *runs: str) -> dict[str, str]:
    """How the records leave each machine that has one."""
    machines = Archive(directory, runs).standings()
    return {host: record.status for host, record in machines.items() if record}


def counts(archive: Archive) -> dict[str, Counter[str]]:
    """By run, how many machines it left in which status."""
    found: dict[str, Counter[str]] = {}
    for dummy, visits in archive.machines():
        for record in visits:
            found.setdefault(record.run, Counter())[record.status] += 1
    return found


# The schema

def test_what_is_written_is_read(tmp_path: Path) -> None:
    values = {"RemotePath": {"type": "REG_SZ", "value": r"\\oldfs\home"}, "Flags": {"type": "REG_DWORD", "value": 4}}
    entry = fleet.connection(action=None, error=fleet.error(2401, "ERROR_OPEN_FILES"), profile_values=values)
    profile = {"user": None, "sid": "S-1-5-21-1-2-3-1002", "kind": "profile", "path": r"C:\Users\user2", "reason": "No folder."}
    written = records.write_record(tmp_path, fleet.record("pc1", status="failed", connections=[entry], not_examined=[profile]))
    manifest = records.write_manifest(tmp_path, fleet.manifest(["pc1", "pc2"]))

    path = records.record_path(tmp_path, fleet.RUN, "pc1")
    assert path == tmp_path / "records" / fleet.RUN / "pc1.json"
    assert records.read(records.Record, path) == written
    assert written.connections[0] == records.Connection(
        user=r"CORP\user1", sid="S-1-5-21-1-2-3-1001", logon_id="0x3e7a1", session_id=1, signed_in=True, name="H:",
        remote=r"\\oldfs\home", provider=fleet.SYSTEM, connected=True, persistent=False,
        error=records.Error("It failed.", 2401, "ERROR_OPEN_FILES"),
        profile_values={"RemotePath": records.ProfileValue("REG_SZ", r"\\oldfs\home"),
                        "Flags": records.ProfileValue("REG_DWORD", 4)})
    assert written.not_examined == [records.NotExamined(**profile)]
    assert written.finished - written.started == timedelta(seconds=6)
    assert manifest.hosts == ["pc1", "pc2"]
    read = Archive(tmp_path)
    assert (counts(read), read.bad, read.manifests) == ({fleet.RUN: {"failed": 1}}, [], [manifest])


def test_a_record_of_version_0_1_0_says_what_account_a_connection_was_made_with() -> None:
    entry = fleet.connection(user_name=r"CORP\svc-map")
    del entry["connected_as"]
    old = {**fleet.record(connections=[entry]), "schema": 1}
    assert records.parse(records.Record, old).connections[0].connected_as == r"CORP\svc-map"
    entry["user_name"] = 7
    with pytest.raises(RecordError, match=r"connections\[0\]\.user_name: must be a string, not 7"):
        records.parse(records.Record, old)


@pytest.mark.parametrize(("change", "says"), [
    ({"schema": 3}, "schema 3 is newer than 2"),
    ({"schema": 0}, "schema: 0 is not known"),
    ({"schema": "1"}, 'schema: must be a whole number, not "1"'),
    ({"schema": True}, "schema: must be a whole number, not true"),
    ({"run": "../x"}, 'run: "../x" is no run id'),
    ({"run": ""}, 'run: "" is no run id'),
    ({"host": ""}, "host: must not be empty"),
    ({"host": None}, "host: must be a string, not null"),
    ({"status": "fine"}, 'status: must be one of clean, in_use, failed, unreachable, not "fine"'),
    ({"status": []}, "status: must be one of clean, in_use, failed, unreachable, not []"),
    ({"started": "yesterday"}, 'started: must be a time in UTC like 2026-11-23T01:02:03.123Z, not "yesterday"'),
    ({"finished": "2026-11-23T01:02:03"}, "finished: must be a time in UTC"),
    ({"check_mode": 0}, "check_mode: must be true or false, not 0"),
    ({"message": 5}, "message: must be a string, not 5"),
    ({"connections": {}}, "connections: must be a list, not {}"),
    ({"connections": [fleet.connection(), "H:"]}, 'connections[1]: must be an object, not "H:"'),
    ({"connections": [fleet.connection(action="gone")]}, "connections[0].action: must be one of"),
    ({"connections": [fleet.connection(error={"code": 5})]}, "connections[0].error.message: is missing"),
    ({"connections": [fleet.connection(profile_values={"Flags": {"type": "REG_DWORD"}})]},
     "connections[0].profile_values.Flags.value: is missing"),
    ({"connections": [fleet.connection(action="restored")]}, 'connections[0].action: "restored" is nothing that a clean-up does'),
    ({"connections": [fleet.connection()], "kind": "restore"}, 'connections[0].action: "removed" is nothing that a restore does'),
    ({"connections": [fleet.connection()], "kind": "survey"}, 'connections[0].action: "removed" is nothing that a survey does'),
    ({"connections": [fleet.connection(action=None, error=fleet.error(5))], "kind": "survey"}, "connections[0].error: a survey only reads"),
    ({"not_examined": [{"kind": 5}]}, "not_examined[0].kind: must be a string, not 5"),
    ({"selection": {**fleet.SELECTION, "users": ["all", 1]}}, "selection.users[1]: must be a string, not 1"),
])
def test_what_is_wrong_is_named(change: dict[str, Any], says: str) -> None:
    with pytest.raises(RecordError) as error:
        records.parse(records.Record, fleet.record(**change))
    assert str(error.value).startswith(says)


@pytest.mark.parametrize("field", dataclasses.fields(records.Record), ids=lambda field: field.name)
def test_a_missing_field_counts_only_if_it_is_required(field: dataclasses.Field[Any]) -> None:
    data = fleet.record()
    del data[field.name]
    if not required(field):
        assert not getattr(records.parse(records.Record, data), field.name)
    else:
        with pytest.raises(RecordError, match=f"^{field.name}: is missing"):
            records.parse(records.Record, data)


def test_unknown_fields_are_ignored() -> None:
    assert records.parse(records.Record, fleet.record(colour="red")).host == "pc0001"


@pytest.mark.parametrize("data", [None, [], "", 1, {}])
def test_anything_else_is_no_record(data: Any) -> None:
    with pytest.raises(RecordError):
        records.parse(records.Record, data)


@pytest.mark.parametrize("kind", [records.Record, records.Manifest, records.Selection, records.Connection,
                                  records.Error, records.ProfileValue, records.NotExamined,
                                  records.Source, records.Policy, records.OtherName])
def test_every_field_is_documented(kind: type) -> None:
    text = (Path(__file__).parents[2] / "docs" / "records.md").read_text("utf-8")
    section = text.partition(f"## {kind.__name__}\n")[2].partition("\n## ")[0]
    rows = [line.split("|") for line in section.splitlines() if line.startswith("| `")]
    documented = {row[1].strip(" `"): "required" in row[2] for row in rows}
    assert documented == {field.name: required(field) for field in dataclasses.fields(kind)}


# Names

@given(strategies.lists(strategies.text(min_size=1), min_size=2, max_size=2, unique=True))
def test_file_names_are_safe_and_different(hosts: list[str]) -> None:
    names = [records.file_name(host) for host in hosts]
    assert names[0] != names[1]
    for name in names:
        assert len(os.fsencode(name)) <= 200 and name.endswith(".json")
        assert name.isascii() and not name.startswith(".") and not set(name) & set("/\\:*?\"<>|\0")


def test_long_names_with_the_same_beginning_are_different() -> None:
    assert records.file_name("x" * 300 + "1") != records.file_name("x" * 300 + "2")


def test_odd_names_stay_in_the_directory(tmp_path: Path) -> None:
    directory = tmp_path / "inner" / "report"
    for name in ODD_NAMES:
        records.write_record(directory, fleet.record(name))
    assert all(name.startswith(f"inner/report/records/{fleet.RUN}/") for name in files(tmp_path))
    assert set(Archive(directory).standings()) == set(ODD_NAMES)


# Nothing is lost or overwritten

def test_a_second_run_adds_and_the_newest_counts(tmp_path: Path) -> None:
    older, newer = fleet.record("pc1", status="failed"), fleet.record(
        "pc1", run="20261124T010203Z-aaaaaa", started="2026-11-24T01:02:03.000Z", finished="2026-11-24T01:02:09.000Z")
    records.write_record(tmp_path, newer)
    records.write_record(tmp_path, older)
    assert len(files(tmp_path)) == 2
    assert statuses(tmp_path) == {"pc1": "clean"}
    assert statuses(tmp_path, fleet.RUN) == {"pc1": "failed"}


def test_a_record_is_never_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_arguments: Any) -> None:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    records.write_record(tmp_path, fleet.record(message="first"))
    path = records.record_path(tmp_path, fleet.RUN, "pc0001")
    for dummy in range(2):
        with pytest.raises(FileExistsError):
            records.write_record(tmp_path, fleet.record(message="second"))
        assert json.loads(path.read_bytes())["message"] == "first"
        assert files(tmp_path) == {str(path.relative_to(tmp_path))}
        monkeypatch.setattr(os, "link", no_links)
    records.write_record(tmp_path, fleet.record("pc2"))
    assert records.record_path(tmp_path, fleet.RUN, "pc2").stat().st_size > 0


def test_what_is_no_record_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="host: is missing"):
        records.write_record(tmp_path, {key: value for key, value in fleet.record().items() if key != "host"})
    assert not files(tmp_path)


def _write_many(directory: Path, run: str, hosts: range) -> None:
    for number in hosts:
        records.write_record(directory, fleet.record(f"pc{number}", run=run))


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    """Two controllers with a run each, and two processes of the same run."""
    context = multiprocessing.get_context("spawn")
    slices = [("a", range(0, 150)), ("b", range(100, 250)), ("c", range(0, 75)), ("c", range(75, 150))]
    writers = [context.Process(target=_write_many, args=(tmp_path, *one)) for one in slices]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        read = Archive(tmp_path)
        assert read.standings() is not None and read.bad == []  # a reader never sees half a record
    assert [writer.exitcode for writer in writers] == [0] * 4
    read = Archive(tmp_path)
    assert {run: sum(counter.values()) for run, counter in counts(read).items()} == {"a": 150, "b": 150, "c": 150}
    assert len(read.standings()) == 250


def test_run_ids_differ_and_sort_by_time() -> None:
    ids = {records.new_run_id() for dummy in range(100)}
    assert len(ids) == 100
    for run in ids:
        assert records.parse(records.Record, fleet.record(run=run)).run == run
    earlier = f"{datetime.now(timezone.utc) - timedelta(minutes=1):%Y%m%dT%H%M%SZ}-ffffff"
    assert min(ids) > earlier


# Bad files

def test_bad_files_are_listed_with_the_reason(tmp_path: Path) -> None:
    records.write_record(tmp_path, fleet.record("good"))
    folder = tmp_path / "records" / fleet.RUN
    contents = {"half.json": b'{"schema": 1, "run"', "binary.json": b"\xff\xfe\x00", "empty.json": b"",
                "newer.json": json.dumps(fleet.record(schema=7)).encode(), "list.json": b"[]",
                "missing.json": json.dumps({**fleet.record(), "host": None}).encode(),
                "other.json": json.dumps(fleet.record("pc1")).encode(),
                "deep.json": b"[" * 100_000, "number.json": b'{"schema": ' + b"9" * 5000 + b"}"}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / "folder.json").mkdir()
    os.mkfifo(folder / "fifo.json")
    (folder / "dangling.json").symlink_to("nowhere")
    (folder / ".left-behind.tmp").write_bytes(b"{")
    (folder / "notes.txt").write_text("not ours")
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "bad.json").write_text("{}")

    read = Archive(tmp_path)
    assert set(read.standings()) == {"good"}
    reasons = {Path(bad.path).name: bad.reason for bad in read.bad}
    assert set(reasons) == {*contents, "folder.json", "fifo.json", "dangling.json", "bad.json"}
    assert reasons["half.json"].startswith("is not JSON: ")
    assert reasons["newer.json"].startswith("schema 7 is newer than 2")
    assert reasons["missing.json"] == "host: must be a string, not null"
    assert reasons["deep.json"] == "is nested too deeply"
    assert reasons["bad.json"] == "schema: is missing"
    assert reasons["other.json"] == 'host: "pc1" has its record in pc1.json'


def test_a_copy_counts_neither_twice_nor_for_another_machine(tmp_path: Path) -> None:
    entry = fleet.connection(action="removed")
    records.write_record(tmp_path, fleet.record("pc1", connections=[entry]))
    records.write_manifest(tmp_path, fleet.manifest(["pc1"]))
    shutil.copytree(tmp_path / "records" / fleet.RUN, tmp_path / "records" / f"{fleet.RUN}.bak")
    shutil.copy(records.record_path(tmp_path, fleet.RUN, "pc1"), records.record_path(tmp_path, fleet.RUN, "pc2"))
    shutil.copy(records.manifest_path(tmp_path, fleet.RUN), records.manifest_path(tmp_path, "copy"))

    read = Archive(tmp_path)
    assert (set(read.standings()), len(read.manifests), counts(read)) == ({"pc1"}, 1, {fleet.RUN: {"clean": 1}})
    assert len(read.bad) == 3 and sum("is not the run whose file it is" in bad.reason for bad in read.bad) == 2
    assert len(history(tmp_path, "pc1")) == 1 and not history(tmp_path, "pc2")


@pytest.mark.parametrize("fraction", ["", ".1", ".123", ".123456", ".1234567"])
def test_a_time_may_have_any_fraction(fraction: str) -> None:
    read = records.parse(records.Record, fleet.record(finished=f"2026-11-23T01:02:09{fraction}Z"))
    assert read.finished.microsecond == int(fraction[1:7].ljust(6, "0") or 0)


def test_a_directory_without_records_is_empty_and_a_missing_one_an_error(tmp_path: Path) -> None:
    assert not Archive(tmp_path).standings()
    with pytest.raises(FileNotFoundError):
        Archive(tmp_path / "nowhere")


# Which record says how a machine is

OTHER = {**fleet.SELECTION, "remote": [r"\\newfs"]}
HARDER = {**fleet.SELECTION, "remote": [r"\\OLDFS.corp.example", r"\\OLDFS"], "force": True, "timeout": 5}
Run = tuple[dict[str, Any], list[str], dict[str, str]]
"""One run: what is special about it, which machines it is over, and how it leaves those that it comes to."""


def make_runs(directory: Path, runs: list[Run]) -> None:
    """Write what these runs leave, one an hour."""
    for hour, (changes, hosts, outcome) in enumerate(runs):
        moments = [records.timestamp(fleet.START + timedelta(hours=hour, minutes=minute)) for minute in (0, 1, 2)]
        run = {"run": f"run{hour}", **changes}
        if hosts:
            records.write_manifest(directory, fleet.manifest(hosts, **run, started=moments[0]))
        for host, status in outcome.items():
            records.write_record(directory, fleet.record(
                host, **run, started=moments[1], finished=moments[2], status=status, message=f"{hour} {status}"))


DRY, BOTH, CLEAN = {"check_mode": True}, ["pc1", "pc2"], {"pc1": "clean", "pc2": "clean"}


@pytest.mark.parametrize(("runs", "pc1", "pc2"), [
    pytest.param([({}, BOTH, {"pc1": "clean", "pc2": "unreachable"}), (DRY, BOTH, CLEAN), ({}, BOTH, {"pc2": "failed"})],
                 "0 clean", "2 failed", id="dry run between two real ones"),
    pytest.param([({}, BOTH, {"pc1": "clean", "pc2": "unreachable"}), (DRY, BOTH, CLEAN)],
                 "0 clean", "0 unreachable", id="dry run afterwards"),
    pytest.param([({}, BOTH, CLEAN), (DRY, ["pc1"], {"pc1": "clean"})], "0 clean", "0 clean", id="dry run of one"),
    pytest.param([(DRY, BOTH, CLEAN), ({}, BOTH, {"pc1": "failed"})], "1 failed", None, id="stopped after a dry run"),
    pytest.param([({}, BOTH, {"pc1": "clean"}), (DRY, BOTH, CLEAN)], "0 clean", "1 clean", id="dry run goes further"),
    pytest.param([({}, BOTH, {"pc1": "clean"}), (DRY, BOTH, CLEAN), ({}, BOTH, {})], "0 clean", None,
                 id="dry run goes further, real one is begun"),
    pytest.param([({}, BOTH, CLEAN), ({"selection": OTHER}, BOTH, {"pc1": "failed"})], "1 failed", None,
                 id="other connections"),
    pytest.param([({}, BOTH, {"pc1": "failed", "pc2": "clean"}), ({"selection": OTHER}, BOTH, CLEAN), ({}, BOTH, {})],
                 "0 failed", "0 clean", id="back to the first connections"),
    pytest.param([({}, BOTH, {"pc1": "failed", "pc2": "clean"}), ({"selection": HARDER}, BOTH, {"pc1": "clean"})],
                 "1 clean", "0 clean", id="the same with force"),
    pytest.param([({}, BOTH, {}), ({"selection": OTHER}, [], {"pc1": "clean"})], "1 clean", None, id="without manifest"),
    pytest.param([({}, [], CLEAN), (DRY, [], {"pc1": "failed"})], "0 clean", "0 clean", id="dry run without manifests"),
])
def test_which_record_says_how_a_machine_is(tmp_path: Path, runs: list[Run], pc1: str | None, pc2: str | None) -> None:
    make_runs(tmp_path, runs)
    (tmp_path / "records" / "bad").mkdir()
    (tmp_path / "records" / "bad" / "pc1.json").write_text("{")
    read = Archive(tmp_path)
    machines = {host: record and record.message for host, record in read.standings().items()}
    assert machines == {"pc1": pc1, "pc2": pc2}
    for host in BOTH:  # what is said of a machine alone is the same
        begun = next((manifest for manifest in reversed(read.manifests) if host in manifest.hosts), None)
        record = records.standing(history(tmp_path, host), begun)
        assert (record and record.message) == machines[host]


def test_the_profile_values_are_left_out_where_many_records_are_read(tmp_path: Path) -> None:
    values = {"RemotePath": {"type": "REG_SZ", "value": r"\\oldfs\home"}}
    for host in BOTH:
        records.write_record(tmp_path, fleet.record(host, connections=[fleet.connection(profile_values=values)]))
    kept = [record for dummy, visits in Archive(tmp_path).machines() for record in visits]
    assert len(kept) == 2 and len({id(record.selection) for record in kept}) == 1
    assert [one.profile_values for record in kept for one in record.connections] == [None, None]
    assert history(tmp_path, "pc1")[0].connections[0].profile_values


def test_a_survey_says_nothing_of_what_a_clean_up_left(tmp_path: Path) -> None:
    make_runs(tmp_path, [({}, BOTH, {"pc1": "failed"}), ({"kind": "survey"}, BOTH, CLEAN), ({}, BOTH, {"pc2": "clean"})])
    machines = Archive(tmp_path).standings()
    assert {host: record and record.message for host, record in machines.items()} == {"pc1": "0 failed", "pc2": "2 clean"}


# A directory that cannot take them

CHECK = "import sys; from pathlib import Path; " \
        "from ansible_collections.netdrive.windows.plugins.plugin_utils.records import check_writable; " \
        "check_writable(Path(sys.argv[1]), int(sys.argv[2]), {})"


def check_in(directory: Path, *before: str, machines: int = 1) -> subprocess.CompletedProcess[str]:
    command = [*before, sys.executable, "-c", CHECK, str(directory), str(machines)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_without_manifests_the_newest_record_says_of_what_kind_the_runs_are(tmp_path: Path) -> None:
    surveyed, cleaned = records.story_of("survey"), records.story_of(None)
    for host in ("pc1", "pc2"):
        records.write_record(tmp_path, fleet.record(host, kind="survey"))
    assert Archive(tmp_path).kind == surveyed
    later = "2026-11-24T01:02:03.000Z"
    records.write_record(tmp_path, fleet.record("pc2", run="20261124T010203Z-1f2e3d", started=later, finished=later))
    assert Archive(tmp_path).kind == cleaned != surveyed


def test_a_writable_directory_is_made_and_left_empty(tmp_path: Path) -> None:
    records.check_writable(tmp_path / "new" / "report", 100, fleet.SELECTION)
    assert not files(tmp_path)


def test_a_read_only_directory_fails_early(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir(mode=0o555)
    # root may write anywhere unless the capability to do so is taken from it
    as_anyone = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    result = check_in(tmp_path / "report", *as_anyone)
    assert result.returncode == 1 and "PermissionError" in result.stderr


def test_a_file_in_place_of_the_directory_fails_early(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("")
    with pytest.raises(OSError):
        records.check_writable(tmp_path / "report", 1, fleet.SELECTION)


def test_a_full_disk_fails_early_and_leaves_nothing(tmp_path: Path) -> None:
    """The smallest disk there is: a process that may write files of 1 KiB only."""
    result = check_in(tmp_path, "prlimit", "--fsize=1024")
    assert result.returncode == 1 and "OSError: [Errno 27]" in result.stderr
    assert not files(tmp_path)


def test_too_little_room_for_the_fleet_fails_early(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Records of 1000000000000 machines need about") as error:
        records.check_writable(tmp_path, 10**12, fleet.SELECTION)
    assert error.value.errno == errno.ENOSPC


def test_a_long_selection_takes_room_in_each_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=100 * 64 * 1024))
    records.check_writable(tmp_path, 100, fleet.SELECTION)
    with pytest.raises(OSError, match="Records of 100 machines need about 8 MiB, 6 MiB are free"):
        records.check_writable(tmp_path, 100, {**fleet.SELECTION, "remote": [r"\\oldfs"] * 5000})


def test_a_record_that_does_not_fit_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        records.write_record(tmp_path, fleet.record())
    assert not files(tmp_path)


def test_a_record_is_on_disk_with_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = []

    def sync(descriptor: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        synced.append((path.suffix or path.name, len(os.listdir(path)) if path.is_dir() else None))
        if path.is_dir():
            raise OSError(errno.EINVAL, "Invalid argument")  # as some network file systems

    monkeypatch.setattr(os, "fsync", sync)
    records.write_record(tmp_path, fleet.record())
    assert synced == [(".tmp", None), (fleet.RUN, 2)]  # the record and the temporary name, which is going away
