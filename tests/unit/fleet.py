# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Made-up records of a fleet, believable and the same for the same seed: for tests and benchmarks of the report.

`python3 -m tests.unit.fleet DIR MACHINES [CONNECTIONS_EACH]` writes one and its report.
"""

from __future__ import annotations

import random
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from ansible_collections.netdrive.windows.plugins.plugin_utils import records, report

START = datetime(2026, 11, 23, 1, 2, 3, tzinfo=timezone.utc)
RUN = "20261123T010203Z-1f2e3d"
SELECTION: dict[str, Any] = {
    "name": None, "remote": [r"\\oldfs", r"\\oldfs.corp.example"], "exclude": [], "update_profile": True,
    "force": False, "users": ["all"], "signed_out": True, "timeout": 60}
UNREACHABLE = (
    "basic: HTTPConnectionPool(host='10.0.{0}.{1}', port=5985): Max retries exceeded with url: /wsman "
    "(Caused by ConnectTimeoutError: Connection to 10.0.{0}.{1} timed out. (connect timeout=30))",
    "basic: HTTPConnectionPool(host='10.0.{0}.{1}', port=5985): Max retries exceeded with url: /wsman "
    "(Caused by NewConnectionError: [Errno 111] Connection refused)",
    "ntlm: the specified credentials were rejected by the server")
ERRORS = (
    (2401, "ERROR_OPEN_FILES", "This network connection has files open or requests pending.", None),
    (1460, "ERROR_TIMEOUT", "This operation returned because the timeout period expired.", None),
    (5, "ERROR_ACCESS_DENIED", "Access is denied.", None),
    (1208, "ERROR_EXTENDED_ERROR", "An extended error has occurred.", ("NetWare Services", 35101, "The tree is busy.")))
SHARES = ("home", "projects", "finance", "public", "scans", "apps")
SYSTEM = "Microsoft Windows Network"
ODD_NAMES = ("../../x", "/etc/passwd", "..", ".", ".hidden", "a/b", "a\\b", "<script>alert(1)</script>", "=cmd()", '"',
             "'", "😀", "x" * 300, "é" * 300, "nul\0byte", "new\nline", "\udcff", "%2E", "CON", " ")


def record(host: str = "pc0001", **changes: Any) -> dict[str, Any]:
    """A valid record of a machine where nothing was found, with the changes asked for."""
    return {"schema": 1, "run": RUN, "host": host, "started": records.timestamp(START),
            "finished": records.timestamp(START + timedelta(seconds=6)), "check_mode": False, "status": "clean",
            "changed": False, "message": None, "selection": SELECTION, "connections": [], "not_examined": [],
            "sources": [], "other_names": [], "kind": None, **changes}


def manifest(hosts: list[str], **changes: Any) -> dict[str, Any]:
    """A valid manifest of a run over these hosts, with the changes asked for."""
    return {"schema": 1, "run": RUN, "started": records.timestamp(START), "check_mode": False,
            "selection": SELECTION, "hosts": hosts, "batches": [1, "10%", "100%"], "max_failures": 10,
            "kind": None, **changes}


def connection(**changes: Any) -> dict[str, Any]:
    """A valid entry of a connection that was removed, with the changes asked for."""
    return {"user": r"CORP\user1", "sid": "S-1-5-21-1-2-3-1001", "logon_id": "0x3e7a1", "session_id": 1,
            "signed_in": True, "name": "H:", "remote": r"\\oldfs\home", "provider": SYSTEM, "connected_as": None,
            "connected": True, "persistent": False, "action": "removed", "error": None, "profile_values": None,
            **changes}


def source(**changes: Any) -> dict[str, Any]:
    """A valid entry of a drive map that will bring a connection back, with the changes asked for."""
    return {"kind": "gpp_drive", "scope": "user", "user": r"CORP\user1", "sid": "S-1-5-21-1-2-3-1001", "name": "H:",
            "remote": r"\\oldfs\home", "where": r"C:\Users\user1\Drives.xml", "policy": {"name": "Drive maps", "id": "{31B2F340}"},
            "conditional": [], "certainty": "sure", "evidence": r'letter="H" path="\\oldfs\home"', "remedy": "Delete the item.", **changes}


def error(code: int, name: str | None = None, message: str = "It failed.", **changes: Any) -> dict[str, Any]:
    """The error of a connection."""
    return {"code": code, "name": name, "message": message, "provider": None, "provider_code": None,
            "provider_message": None, **changes}


# What is different of a connection that is another user's, that has open files, whose profile cannot be read.
HERS = {"user": r"CORP\user2", "sid": "S-1-5-21-1-2-3-1002"}
OPEN = {"action": None, "error": error(2401, "ERROR_OPEN_FILES")}
UNREADABLE = {"name": None, "remote": None, "connected": None, "persistent": None, "action": None,
              "error": error(1009, "ERROR_BADDB")}


def visit(directory: Path, hour: int, *connections: dict[str, Any], host: str = "pc1", **changes: Any) -> None:
    """Put on record what a run found on a machine, as the module would have it; one run an hour."""
    found = [connection(**one) for one in connections]
    failed = any(one["error"] for one in found)
    moments = {name: records.timestamp(START + timedelta(hours=hour, minutes=minute))
               for name, minute in (("started", 0), ("finished", 1))}
    records.write_record(directory, record(host, **{
        "run": f"run{hour:02}", **moments, "status": "failed" if failed else "clean", "connections": found, **changes}))


def begin(directory: Path, hour: float, hosts: list[str], **changes: Any) -> None:
    """Write the manifest of the run of that hour."""
    records.write_manifest(directory, manifest(hosts, **{
        "run": f"run{hour:02}", "started": records.timestamp(START + timedelta(hours=hour, minutes=-1)), **changes}))


def files(directory: Path) -> set[str]:
    """All below a directory, by their paths from there."""
    return {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}


def _profile_values(remote: str) -> dict[str, Any]:
    texts, numbers = {"RemotePath": remote, "UserName": "", "ProviderName": SYSTEM}, \
        {"ProviderType": 131072, "ConnectionType": 1, "DeferFlags": 4}
    return {**{name: {"type": "REG_SZ", "value": value} for name, value in texts.items()},
            **{name: {"type": "REG_DWORD", "value": value} for name, value in numbers.items()}}


def _connection(chance: random.Random, user: int, letter: str, failing: bool) -> dict[str, Any]:
    server = r"\\oldfs" if chance.random() < 0.8 else r"\\OLDFS.corp.example"
    share = chance.choice(SHARES)
    remote = f"{server}\\{share}" + (f"\\user{user}" if share == "home" else "")
    signed_in = chance.random() < 0.8
    persistent = not signed_in or chance.random() < 0.6
    result = connection(
        user=f"CORP\\user{user}", sid=f"S-1-5-21-1-2-3-{1000 + user}", signed_in=signed_in,
        logon_id=hex(0x10000 + user) if signed_in else None, session_id=1 if signed_in else None, name=letter,
        remote=remote, connected=signed_in, persistent=persistent, action="removed" if signed_in else "forgotten",
        profile_values=_profile_values(remote) if persistent else None)
    if failing:
        code, name, message, extended = chance.choices(ERRORS, (60, 25, 10, 5))[0]
        keys = ("provider", "provider_code", "provider_message")
        result.update(action=None, error=error(code, name, message, **dict(zip(keys, extended or (None,) * 3))))
    return result


def make_fleet(directory: Path, machines: int, connections_each: int = 10, seed: int = 1, *,
               check_mode: bool = False, not_run: int = 0, night: int = 0) -> None:
    """Write a manifest of that many machines, and a record of each but the last few.

    Each night is a run of its own, and finds on a machine what it has found there in each night before.
    """
    chance = random.Random(seed)
    evening = START + timedelta(days=night)
    run = f"{evening:%Y%m%dT%H%M%SZ}-1f2e3d"
    hosts = [f"pc{number:05}.corp.example" for number in range(1, machines + 1)]
    records.write_manifest(directory, manifest(hosts, check_mode=check_mode, run=run, started=records.timestamp(evening)))
    for number, host in enumerate(hosts[:machines - not_run], 1):
        moment = evening + timedelta(seconds=number / 5)
        fate = chance.random()
        changes: dict[str, Any] = {"run": run, "check_mode": check_mode, "started": records.timestamp(moment),
                                   "finished": records.timestamp(moment + timedelta(seconds=chance.uniform(4, 9)))}
        if fate < 0.03:
            text = chance.choices(UNREACHABLE, (70, 20, 10))[0]
            changes.update(status="unreachable", message=text.format(number // 250, number % 250))
        elif fate < 0.95:
            failing = chance.randrange(connections_each) if fate < 0.07 and connections_each else -1
            found = [_connection(chance, number * 3 + place % 3, f"{chr(ord('D') + place % 23)}:", place == failing)
                     for place in range(connections_each)]
            changes.update(connections=found, changed=bool(found))
            if failing >= 0:
                changes.update(status="failed", message=f"1 of {connections_each} connections could not be removed")
        records.write_record(directory, record(host, **changes))


if __name__ == "__main__":
    make_fleet(Path(sys.argv[1]), int(sys.argv[2]), *map(int, sys.argv[3:4]))
    print(report.in_words(report.write_report(Path(sys.argv[1]))))
