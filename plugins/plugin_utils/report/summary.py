# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The report for programs, summary.json, and in a few words. It knows the facts; docs/schema/summary.json describes it."""

from __future__ import annotations

from typing import Any, get_args

from ansible_collections.netdrive.windows.plugins.plugin_utils.ledger import BACK, GONE_BY_ITSELF
from ansible_collections.netdrive.windows.plugins.plugin_utils.records import GONE, Certainty, timestamp
from ansible_collections.netdrive.windows.plugins.plugin_utils.report.facts import LEFT, SURVEYED, Group, Report
from ansible_collections.netdrive.windows.plugins.plugin_utils.wording import many

SCHEMA = 2
"""1 counted, of each machine, what the record had that said how it is."""


def numbers(report: Report) -> dict[str, Any]:
    """The numbers of a report, as summary.json has them and the action returns them."""
    return {
        "schema": SCHEMA,
        "generated": timestamp(report.generated),
        "mode": report.mode,
        "runs": [run.run for run in report.runs],
        "machines": {"total": report.total, **{
            status: len(hosts) for status, hosts in report.machines.items() if hosts or status != "restored"}},
        "connections": {**_group(report.connections, report.mode), **_ledger(report)},
        "errors": [{"title": problem.title, "code": problem.code, "name": problem.name, "provider": problem.provider,
                    "connections": problem.connections, "machines": len(problem.hosts)}
                   for dummy, problem in report.worst_problems[:20]],
        "restores": {**{what: len(rows) for what, rows in report.restores.rows.items()}, "dry": report.restores.dry},
        "sources": {certainty: sum(one.certainty == certainty for one in report.causes.surest) for certainty in get_args(Certainty)},
        "not_examined": len(report.unseen),
        "bad_records": len(report.bad),
    }


def _group(group: Group, mode: str) -> dict[str, Any]:
    result = {"found": group.found, "unreadable": group.outcomes["unreadable"]}
    if mode == "survey":
        return {**result, **{outcome: group.outcomes[outcome] for outcome in SURVEYED}}
    return {**result, "removed": group.removed, "left": group.left, "gone_by_itself": group.outcomes[GONE_BY_ITSELF],
            "put_back": group.put_back, "by_outcome": {one: group.outcomes[one] for one in (*GONE, *BACK, *LEFT)}}


def _ledger(report: Report) -> dict[str, int]:
    if report.mode == "survey":
        return {}
    back = report.special["machine"]
    return {"came_back": back.found, "times_came_back": back.times, "to_do": report.to_do, "seen_again": report.seen_again}


def details(report: Report) -> dict[str, Any]:
    """What summary.json has beside the numbers: which machines, servers, users and files these are."""
    return {
        "hosts": hosts(report),
        "servers": [{"server": group.name, "machines": len(group.hosts), "users": len(group.users),
                     **_group(group, report.mode)} for group in report.connections.largest_parts],
        "in_use" if report.mode == "survey" else "came_back": {
            f"{by}s": [_part(group, report.mode) for group in groups.largest_parts] for by, groups in report.special.items()},
        "restores_in_detail": [
            {"host": row.machine.host, "user": row.connection.user, "sid": row.connection.sid, "name": row.connection.name,
             "remote": row.connection.remote, "what": what, "dry": event.dry, "run": event.run, "why": event.said or None}
            for what, rows in report.restores.rows.items() for row in rows
            if row.connection and row.fate and (event := row.fate.restore)],
        "sources_in_detail": [
            {"kind": one.kind, "title": one.title, "policy": one.id, "certainty": one.certainty, "machines": len(one.hosts),
             "users": len(one.people), "came_back": one.came_back, "remotes": list(one.remotes), "conditional": list(one.conditional),
             "evidence": list(one.evidence), "remedy": one.remedy} for one in report.causes.surest],
        "other_names": [
            {"remote": one.remote, "same_as": one.same_as, "known_by": one.known_by, "connections": one.connections,
             "machines": len(one.hosts)} for one in report.causes.names],
        "runs_in_detail": [
            {"run": run.run, "machines": dict(run.statuses), "not_run": run.not_run, "clean_before": run.clean_before,
             "stopped_by": run.stopped_by, "at_once": [other for other, dummy in run.at_once]} for run in report.runs],
        "not_examined_in_detail": [
            {"host": one.host, "user": one.what.user, "sid": one.what.sid, "kind": one.what.kind, "path": one.what.path,
             "reason": one.what.reason} for one in report.unseen],
        "bad_files": [{"path": bad.path, "reason": bad.reason} for bad in report.bad],
    }


def _part(group: Group, mode: str) -> dict[str, Any]:
    came_back = {} if mode == "survey" else {"times": group.times, "left": group.left}
    return {"name": group.name, "connections": group.found, "machines": len(group.hosts), "users": len(group.users),
            **came_back}


def hosts(report: Report) -> dict[str, list[str]]:
    """The machines that are not clean, by status."""
    return {status: names for status, names in report.machines.items() if status not in ("clean", "restored")}


def in_words(summary: dict[str, Any], path: str) -> str:
    """The numbers for the terminal, in two lines, and where the page is."""
    machines, survey = summary["machines"], summary["mode"] == "survey"
    in_use = {"in_use": "in use"} if machines["in_use"] else {}
    words = {"clean": "looked at" if survey else "clean", **in_use, "failed": "failed", "unreachable": "unreachable",
             "not_run": "not yet run"}
    counts = ", ".join(f"{machines[status]} {word}" for status, word in words.items())
    dry = f", {machines['dry_run']} only in a dry run" if machines["dry_run"] else ""
    dry += f", {machines['restored']} put back" if machines.get("restored") else ""
    bad = f" {many(summary['bad_records'], 'file')} could not be read as records." if summary["bad_records"] else ""
    one = summary["not_examined"] == 1
    unseen = f" {many(summary['not_examined'], 'thing')} {'was' if one else 'were'} not looked at." if summary["not_examined"] else ""
    begin = {"check": "Dry run, nothing was changed. ", "survey": "Survey. "}.get(summary["mode"], "")
    connections = _survey_in_words(summary) if survey else _connections_in_words(summary)
    return f"{begin}{many(machines['total'], 'machine')}: {counts}{dry}. {connections}{unseen}{bad} Report: {path}"


def _survey_in_words(summary: dict[str, Any]) -> str:
    found = summary["connections"]
    return f"{many(found['found'], 'connection')} in use: {found['live']} live, {found['remembered']} only remembered."


def _connections_in_words(summary: dict[str, Any]) -> str:
    found = summary["connections"]
    removed = "match now and would be tried" if summary["mode"] == "check" else "removed"
    text = f"{many(found['found'], 'connection')} found, {found['removed']} {removed}, {found['left']} left."
    if found["gone_by_itself"]:
        text += f" {found['gone_by_itself']} went by themselves."
    text += _restores_in_words(summary["restores"])
    if found["came_back"]:
        text += f" {found['came_back']} came back after they had gone."
    if found["to_do"] and summary["mode"] != "check":
        text += f" By the last dry run, {found['to_do']} are left to do."
    return text


def _restores_in_words(restores: dict[str, int]) -> str:
    """What was put back, or would be."""
    now, later, not_back = restores["restored"], restores["at_sign_in"], restores["not_restored"]
    if not now + later + not_back:
        return ""
    be = "would be" if restores["dry"] else "were"
    text = f" {now + later} {be} put back, {later} of them to come at the next sign-in."
    return text + (f" {not_back} could not be put back." if not_back else "")
