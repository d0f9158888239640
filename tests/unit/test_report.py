# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The report: that its three files tell the same story, and that nothing a machine sends escapes its place."""

from __future__ import annotations

import csv
import fcntl
import json
import os
import re
import subprocess
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.netdrive.windows.plugins.plugin_utils import ledger, records, report
from ansible_collections.netdrive.windows.plugins.plugin_utils.archive import Archive
from ansible_collections.netdrive.windows.plugins.plugin_utils.report import advice, facts, table
from ansible_collections.netdrive.windows.plugins.plugin_utils.report.page import segments

from . import fleet
from .fleet import ODD_NAMES, files

LATER = {"run": "20261124T010203Z-bbbbbb", "started": "2026-11-24T01:02:03.000Z"}
MUCH_LATER = {**LATER, "finished": "2026-11-24T02:00:00.000Z"}


def later_manifest(hosts: list[str], **changes: Any) -> dict[str, Any]:
    return fleet.manifest(hosts, **LATER, **changes)


class Page(HTMLParser):
    """The page's elements, attributes and embedded data, as a browser's parser sees them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.data = ""
        self._in_data = False
        self.feed(text)
        self.table = json.loads(self.data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self._in_data = ("id", "data") in attrs

    def handle_endtag(self, tag: str) -> None:
        self._in_data = False

    def handle_data(self, data: str) -> None:
        if self._in_data:
            self.data += data


def read_csv(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def three_machines(directory: Path) -> None:
    """One clean, one failed, one unreachable, one not yet run."""
    records.write_manifest(directory, fleet.manifest(["pc1", "pc2", "pc3", "pc4"]))
    records.write_record(directory, fleet.record("pc1", changed=True, connections=[
        fleet.connection(), fleet.connection(name="I:", action="forgotten", connected=False, persistent=True),
        fleet.connection(name="J:", action="disconnected", persistent=True)]))
    records.write_record(directory, fleet.record("pc2", status="failed", connections=[
        fleet.connection(), fleet.connection(name="I:", action=None, error=fleet.error(2401, "ERROR_OPEN_FILES")),
        fleet.connection(name="J:", action=None, connected=False, persistent=True),
        fleet.connection(name=None, remote=None, action=None, error=fleet.error(1009, "ERROR_BADDB"))]))
    records.write_record(directory, fleet.record("pc3", status="unreachable", message="Connection refused"))


def test_page_table_and_summary_tell_the_same_story(tmp_path: Path) -> None:
    three_machines(tmp_path)
    written = report.write_report(tmp_path)

    assert written.summary["machines"] == {
        "total": 4, "clean": 1, "in_use": 0, "failed": 1, "unreachable": 1, "not_run": 1, "dry_run": 0}
    assert written.summary["connections"] == {
        "found": 6, "removed": 4, "left": 2, "unreadable": 1, "gone_by_itself": 0,
        "came_back": 0, "times_came_back": 0, "to_do": 0, "seen_again": 0,
        "by_outcome": {"removed": 2, "forgotten": 1, "disconnected": 1, "stayed": 1, "kept": 1, "planned": 0,
                       "restored": 0, "at_sign_in": 0}, "put_back": 0}
    assert written.summary["mode"] == "real" and written.summary["runs"] == [fleet.RUN]
    assert {(one["title"], one["code"]) for one in written.summary["errors"]} == {
        ("Files or print jobs are open", 2401), ("Profile corrupt", 1009), ("Connection refused", None)}
    assert report.in_words(written) == (
        "4 machines: 1 clean, 1 failed, 1 unreachable, 1 not yet run. 6 connections found, 4 removed, 2 left. "
        f"Report: {tmp_path}/report.html")

    whole = json.loads(written.json.read_bytes())
    assert {key: whole[key] for key in written.summary} == written.summary
    assert whole["hosts"] == {"in_use": [], "failed": ["pc2"], "unreachable": ["pc3"], "not_run": ["pc4"], "dry_run": []}
    assert whole["servers"][0]["server"] == r"\\oldfs" and whole["servers"][0]["found"] == 6

    rows = read_csv(written.csv)
    outcomes = Counter(row["outcome"] for row in rows)
    assert outcomes == {"removed": 2, "forgotten": 1, "disconnected": 1, "stayed": 1, "kept": 1, "unreadable": 1,
                        "unreachable": 1, "not_run": 1}
    assert {row["host"]: row["status"] for row in rows} == {
        "pc1": "clean", "pc2": "failed", "pc3": "unreachable", "pc4": "not_run"}
    assert next(row for row in rows if row["outcome"] == "stayed")["error_code"] == "2401"

    text = written.html.read_text("utf-8")
    table = Page(text).table
    keys = [key for key, dummy in table["outcomes"]]
    assert Counter(keys[outcome] for outcome in table["rows"][4::9]) == outcomes
    assert "1 of 4 machines is clean" in re.sub(r"\s+", " ", text)
    assert "1 machine not yet run." in text and "Dry run" not in text


def test_what_went_is_gone_even_if_something_failed_beside_it(tmp_path: Path) -> None:
    """As where a connection was cut off, but its entry in the profile could not be deleted."""
    error = fleet.error(5, "ERROR_ACCESS_DENIED")
    records.write_record(tmp_path, fleet.record("pc1", status="failed", message="1 of 2", connections=[
        fleet.connection(action="disconnected", error=error), fleet.connection(name="I:", action=None, error=error)]))
    written = report.write_report(tmp_path)
    assert [written.summary["connections"][name] for name in ("found", "removed", "left")] == [2, 1, 1]
    assert written.summary["machines"]["failed"] == 1
    assert [(one["code"], one["connections"]) for one in written.summary["errors"]] == [(5, 2)]
    assert [(row["outcome"], row["error_code"]) for row in read_csv(written.csv)] == [
        ("disconnected", "5"), ("stayed", "5")]


def test_each_machine_counts_once_over_slices_and_runs(tmp_path: Path) -> None:
    records.write_manifest(tmp_path, fleet.manifest(["pc1", "pc2"]))
    records.write_manifest(tmp_path, fleet.manifest(["pc3"], run="slice2"))
    for host, run in (("pc1", fleet.RUN), ("pc2", fleet.RUN), ("pc3", "slice2")):
        records.write_record(tmp_path, fleet.record(host, run=run, status="failed", connections=[fleet.connection()]))
    records.write_manifest(tmp_path, later_manifest(["pc1", "pc2"]))
    records.write_record(tmp_path, fleet.record("pc2", **MUCH_LATER))

    summary = report.write_report(tmp_path).summary
    assert summary["machines"]["total"] == 3
    # pc1 was not reached by the second run, which is after the same: what the first said of it stands
    assert (summary["machines"]["clean"], summary["machines"]["failed"], summary["machines"]["not_run"]) == (1, 2, 0)
    assert summary["connections"]["found"] == 3  # what the first removed from pc2 is not forgotten
    assert report.write_report(tmp_path, ["slice2"]).summary["machines"]["total"] == 1


def test_a_dry_run_is_unmistakable(tmp_path: Path) -> None:
    fleet.make_fleet(tmp_path, 20, 3, check_mode=True)
    written = report.write_report(tmp_path)
    text = written.html.read_text("utf-8")
    assert written.summary["mode"] == "check"
    assert "<title>Dry run" in text and "Dry run: nothing was changed." in text and "would be tried" in text
    assert '["removed","live, would be tried"]' in text
    assert report.in_words(written).startswith("Dry run, nothing was changed. ")
    assert "match now and would be tried" in report.in_words(written)
    for promise in ("would be removed", "would be clean", "would go"):
        assert promise not in text.lower() and promise not in report.in_words(written)


@pytest.mark.parametrize("first", [{"check_mode": True}, {"selection": {**fleet.SELECTION, "remote": [r"\\newfs"]}}],
                         ids=["dry run", "other server"])
def test_a_run_that_was_stopped_is_not_covered_by_what_came_before(tmp_path: Path, first: dict[str, Any]) -> None:
    """The day before: a dry run, or a run for another server, over everything. Then the canary fails."""
    hosts = ["pc1", "pc2", "pc3"]
    records.write_manifest(tmp_path, fleet.manifest(hosts, **first))
    for host in hosts:
        records.write_record(tmp_path, fleet.record(host, **first, connections=[fleet.connection()]))
    records.write_manifest(tmp_path, later_manifest(hosts))
    records.write_record(tmp_path, fleet.record("pc1", **MUCH_LATER, status="failed", message="No."))

    written = report.write_report(tmp_path)
    assert written.summary["mode"] == "real"
    assert written.summary["machines"] == {
        "total": 3, "clean": 0, "in_use": 0, "failed": 1, "unreachable": 0, "not_run": 2, "dry_run": 0}
    assert written.summary["connections"]["found"] == 0
    assert "2 machines not yet run." in written.html.read_text("utf-8")


def test_a_dry_run_does_not_hide_what_was_done(tmp_path: Path) -> None:
    records.write_manifest(tmp_path, fleet.manifest(["pc1", "pc2"]))
    for host in ("pc1", "pc2"):
        records.write_record(tmp_path, fleet.record(host, connections=[fleet.connection()]))
    records.write_manifest(tmp_path, later_manifest(["pc1"], check_mode=True))
    records.write_record(tmp_path, fleet.record("pc1", **MUCH_LATER, check_mode=True))
    written = report.write_report(tmp_path)
    assert written.summary["mode"] == "real" and written.summary["machines"]["clean"] == 2
    assert written.summary["connections"]["removed"] == 2 and len(written.summary["runs"]) == 2


def test_what_only_a_dry_run_has_seen_is_not_called_clean(tmp_path: Path) -> None:
    records.write_record(tmp_path, fleet.record("pc1", connections=[fleet.connection()]))
    records.write_record(tmp_path, fleet.record("pc2", check_mode=True, connections=[fleet.connection()]))
    written = report.write_report(tmp_path)
    assert written.summary["mode"] == "mixed"
    assert (written.summary["machines"]["clean"], written.summary["machines"]["dry_run"]) == (1, 1)
    assert (written.summary["connections"]["removed"], written.summary["connections"]["left"]) == (1, 1)
    assert written.summary["connections"]["by_outcome"]["planned"] == 1
    assert "Partly a dry run." in written.html.read_text("utf-8")


# What machines send

def test_nothing_escapes_its_cell_or_element(tmp_path: Path) -> None:
    plain, odd = tmp_path / "plain", tmp_path / "odd"
    hostile = [*ODD_NAMES, "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", '" onload="alert(1)',
               "+1", "-1", "@sum(A1)", "\t=1", "\r=1", "＝1", "<!-- <script>", "{{ 7 * 7 }}", "\u2028", "a,b\r\n=2",
               "a;=cmd()", "a; \"=cmd()", "a\t@cmd()", ";;\n\n+1"]
    for directory, names in ((plain, [f"pc{number}" for number in range(len(hostile))]), (odd, hostile)):
        records.write_manifest(directory, fleet.manifest(names, batches=names))
        for name in names:
            error = fleet.error(1208, name, name, provider=name, provider_code=1, provider_message=name)
            records.write_record(directory, fleet.record(name, status="failed", message=name, connections=[
                fleet.connection(user=name, sid=name, name=name, remote=rf"\\{name}\{name}", provider=name,
                                 connected_as=name, action=None, error=error)]))
            records.write_record(directory, fleet.record(f"{name}!", status="failed", message=name))
    before = files(odd)
    good, bad = (report.write_report(directory) for directory in (plain, odd))

    assert files(odd) - before == {"report.html", "report.csv", "summary.json", ".report.lock"}
    pages = [Page(written.html.read_text("utf-8")) for written in (good, bad)]
    assert set(pages[1].tags) == set(pages[0].tags)
    assert {name for name, dummy in pages[1].attributes} == {name for name, dummy in pages[0].attributes}
    assert pages[1].tags.count("script") == pages[0].tags.count("script")
    texts = set(pages[1].table["texts"])
    assert {name for name in hostile if len(name) < 500} <= texts
    assert "49" not in texts and "{{ 7 * 7 }}" in texts

    rows = read_csv(bad.csv)
    assert len(rows) == 2 * len(hostile)
    assert all(len(row) == len(table.COLUMNS) and None not in row for row in rows)
    for row in rows:
        for value in row.values():
            for begins in re.split(r"[;\t\r\n]", value):  # as a spreadsheet may that expects other separators
                assert not begins.lstrip(' "').startswith(("=", "+", "-", "@", "＝"))
    assert {"'=cmd()", "'+1", "'-1", "'@sum(A1)", "a;'=cmd()", "a,b\r\n'=2"} <= {row["user"] for row in rows}


def test_bad_records_are_listed_and_do_not_stop_the_report(tmp_path: Path) -> None:
    three_machines(tmp_path)
    (tmp_path / "records" / fleet.RUN / "<b>pc4.json").write_text("{")
    written = report.write_report(tmp_path)
    assert written.summary["bad_records"] == 1 and written.summary["machines"]["total"] == 4
    text = written.html.read_text("utf-8")
    assert f"records/{fleet.RUN}/&lt;b&gt;pc4.json" in text and "is not JSON" in text
    assert json.loads(written.json.read_bytes())["bad_files"][0]["path"] == f"records/{fleet.RUN}/<b>pc4.json"
    assert "1 file could not be read" in report.in_words(written)


def test_the_page_needs_nothing_else(tmp_path: Path) -> None:
    three_machines(tmp_path)
    text = report.write_report(tmp_path).html.read_text("utf-8")
    page = Page(text)
    links = {value for name, value in page.attributes if name in ("href", "src", "action", "data", "poster")}
    assert {link for link in links if link and not link.startswith("#")} == {"report.csv", "summary.json"}
    assert "default-src 'none'" in text and "unsafe" not in text
    assert not {"link", "img", "iframe", "object", "form", "base"} & set(page.tags)
    assert not re.search(r"@import|url\(", text)


def test_machines_come_in_natural_order(tmp_path: Path) -> None:
    hosts = ["pc10", "pc9", "PC1", "pc" + "9" * 5000]
    records.write_manifest(tmp_path, fleet.manifest(hosts))
    rows = read_csv(report.write_report(tmp_path).csv)
    assert [row["host"] for row in rows] == ["PC1", "pc9", "pc10", "pc" + "9" * 5000]


def test_servers_and_shares_are_one_whatever_their_case(tmp_path: Path) -> None:
    remotes = [r"\\OldFS\Home\a", r"\\oldfs\home\b", "//oldfs/data", r"\\oldfs", "webdav:stuff", "\\"]
    records.write_record(tmp_path, fleet.record(connections=[fleet.connection(remote=one) for one in remotes]))
    servers = facts.make_report(ledger.read_ledger(tmp_path)).connections.largest_parts
    assert [(one.name, one.found) for one in servers] == [(r"\\OldFS", 4), ("\\", 1), ("webdav:stuff", 1)]
    assert {one.name: one.found for one in servers[0].parts.values()} == {
        r"\\OldFS\Home": 2, r"\\oldfs\data": 1, r"\\oldfs": 1}


# What failed and why

def test_the_same_problem_on_many_machines_is_one(tmp_path: Path) -> None:
    for number in range(20):
        host = f"pc{number}"
        records.write_record(tmp_path, fleet.record(
            host, status="failed", message=f"{host}: broken pipe 0x7f{number}a"))
        records.write_record(tmp_path, fleet.record(
            f"x{host}", status="unreachable", message=f"basic: HTTPConnectionPool(host='10.0.0.{number}') timed out"))
    summary = report.write_report(tmp_path).summary
    assert [(one["title"], one["machines"]) for one in summary["errors"]] == [
        ("No answer in time", 20), ("…: broken pipe …", 20)]


@pytest.mark.parametrize(("message", "title"), [
    ("ntlm: the specified credentials were rejected by the server", "Sign-in refused"),
    ("ssl: HTTPSConnectionPool(host='a', port=5986): Read timed out. (read timeout=30)", "No answer in time"),
    ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", "TLS handshake failed"),
    ("[Errno -2] Name or service not known", "Name not found"),
    ("[Errno 113] No route to host", "No route to the machine"),
    ("", "Not reachable"),
])
def test_messages_of_ansible_are_known(message: str, title: str) -> None:
    assert advice.for_unreachable(message).title == title


DOCUMENTED = (5, 50, 87, 170, 234, 259, 487, 1201, 1205, 1206, 1207, 1208, 1222, 2250, 2401, 2402, 2404)


def test_every_documented_error_has_advice_of_its_own() -> None:
    unknown = advice.for_code(31)
    assert advice.for_code(None) == unknown
    assert all(advice.for_code(code) != unknown for code in (*DOCUMENTED, 0, 32, 1009, 1017, 1018, 1314, 1460))


def test_one_failure_in_many_is_seen_in_the_picture() -> None:
    parts = segments({"clean": 9_999, "failed": 1, "unreachable": 0})
    assert [part.key for part in parts] == ["clean", "failed"]
    assert parts[1].length > 0.5 and parts[1].start == pytest.approx(parts[0].length, abs=0.01)
    assert sum(part.length for part in parts) == pytest.approx(100, abs=0.01)
    assert segments({"clean": 0}) == []


# Writing it

def test_nothing_to_report_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(report.NothingToReport, match="No records and no manifest of any run"):
        report.write_report(tmp_path)
    three_machines(tmp_path)
    with pytest.raises(report.NothingToReport, match="of other in"):
        report.write_report(tmp_path, [fleet.RUN, "other"])
    assert not (tmp_path / "report.html").exists()


def test_a_report_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    three_machines(tmp_path)
    old = report.write_report(tmp_path).html.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        report.write_report(tmp_path)
    assert (tmp_path / "report.html").read_bytes() == old
    assert not [name for name in files(tmp_path) if name.endswith(".tmp")]


def test_one_report_is_written_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    three_machines(tmp_path)
    taken = []

    def lock_as_nfs_does(file: Any, operation: int) -> None:
        assert operation == fcntl.LOCK_EX and not (tmp_path / "report.html").exists()
        taken.append((Path(file.name).name, file.writable()))

    monkeypatch.setattr(fcntl, "flock", lock_as_nfs_does)
    report.write_report(tmp_path)
    assert taken == [(".report.lock", True)]
    read = Archive(tmp_path)
    assert read.standings() and not read.bad


@pytest.mark.parametrize("check", [[], ["--check"]], ids=["real", "check mode"])
def test_the_action_writes_it_on_the_controller(tmp_path: Path, check: list[str]) -> None:
    three_machines(tmp_path)
    command = ["ansible", "localhost", "-m", "netdrive.windows.cleanup_report", "-a", f"dir={tmp_path}", *check]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
    words, dummy, shown = run.stdout.partition("\n")
    assert shown.startswith("localhost | CHANGED => ")
    result = json.loads(shown.partition("=>")[2])
    assert result["msg"] == words
    assert result["summary"]["machines"]["total"] == 4 and result["msg"].startswith("4 machines: 1 clean")
    assert all(Path(result[name]).is_file() for name in ("html", "csv", "json"))


def test_the_action_says_what_is_wrong(tmp_path: Path) -> None:
    command = ["ansible", "localhost", "-m", "netdrive.windows.cleanup_report", "-a", f"dir={tmp_path / 'nowhere'}"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 2 and "Cannot write the report" in run.stdout and "nowhere" in run.stdout
