# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a restore is to put back: of what clean-ups took away and is not back, what its options mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.netdrive.windows.plugins.plugin_utils.archive import Archive, BadFile
from ansible_collections.netdrive.windows.plugins.plugin_utils.ledger import to_restore
from ansible_collections.netdrive.windows.plugins.plugin_utils.options import RESTORE_SELECTION_OPTIONS, given_of, seconds
from ansible_collections.netdrive.windows.plugins.plugin_utils.records import Connection, Record, Selection, story_of
from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import (
    HOW_TO_SAY_EVERYTHING, ConnectionSelection, Refused, check_users, names_of, quoted, server_of, trim)
from ansible_collections.netdrive.windows.plugins.plugin_utils.wording import many

_MOST_SERVERS = 5  # that a message names
_MOST_RUNS = 5


def make_restore(options: Mapping[str, Any]) -> dict[str, Any]:
    """The selection of a restore, as its records have it; null or empty text is not given. Raises Refused."""
    given = given_of(options, RESTORE_SELECTION_OPTIONS)
    remote, users = names_of("remote", given.get("remote")), check_users(given.get("users", ["all"])) or []
    try:
        ConnectionSelection(None, remote, [])
    except Refused as error:
        raise Refused(str(error).replace(HOW_TO_SAY_EVERYTHING, "to put everything back, leave it out")) from None
    for user in users:
        if trim(user).casefold() == "current" or "@" in user or trim(user).startswith(".\\"):
            raise Refused(f"users: {quoted(user)} is in no record; these have DOMAIN\\name and SIDs\n"
                          r"Right would be, for example: users: CORP\anna")
    return {"name": None, "remote": remote, "exclude": [], "update_profile": True, "force": False, "users": users, "signed_out": True,
            "timeout": seconds("timeout", given.get("timeout", 60)), "signed_out_roaming": True,
            "runs": names_of("runs", given.get("runs", []))}


class Wanted:
    """Which of the connections that were taken away a selection means."""

    def __init__(self, selection: Selection) -> None:
        self._connections = ConnectionSelection(None, selection.remote, [])
        self._runs = set(selection.runs)
        users = {trim(user).casefold() for user in selection.users}
        self._users = None if "all" in users else users

    def of(self, visits: Iterable[Record]) -> list[Connection]:
        """Those of one machine, from its records."""
        return [one for run, one in to_restore(visits)
                if (not self._runs or run in self._runs) and self._is_theirs(one) and self._connections.matches(one.name, one.remote)]

    def _is_theirs(self, one: Connection) -> bool:
        if self._users is None:
            return True
        user = (one.user or "").casefold()
        return not self._users.isdisjoint((user, user.rpartition("\\")[2], (one.sid or "").casefold()))


@dataclass
class Missing:
    """What of a report directory is wanted back: on which machines, and how many connections of which server."""

    hosts: list[str] = field(default_factory=list)
    servers: Counter[str] = field(default_factory=Counter)
    bad: list[BadFile] = field(default_factory=list)
    """Records of the machines that might have more, and could not be read."""

    def __str__(self) -> str:
        number = self.servers.total()
        shown = self.servers.most_common(_MOST_SERVERS)
        each = ", ".join(f"{count} of {server}" for server, count in shown)
        more = f" and {len(self.servers) - len(shown)} more servers" if len(self.servers) > len(shown) else ""
        return f"{many(number, 'connection')} to put back: {each}{more}" if number else "nothing to put back"


def missing(directory: Path, selection: Selection, machines: Iterable[str]) -> Missing:
    """Read what is wanted back, one machine at a time; machines are those that may be gone to.

    Raises Refused for a run that is not there, and OSError.
    """
    archive, wanted, result = Archive(directory), Wanted(selection), Missing()
    known = {one.run for one in archive.manifests if story_of(one.kind) is None}
    for host, visits in archive.machines():
        known |= {one.run for one in visits}
        if connections := wanted.of(visits):
            result.hosts.append(host)
            result.servers.update(_server(one) for one in connections)
    result.bad = archive.bad_of(machines)
    for run in selection.runs:
        if run not in known:
            raise Refused(f"runs: {quoted(run)} is no run in {directory}\nThe last ones there are {', '.join(sorted(known)[-_MOST_RUNS:])}")
    return result


def _server(one: Connection) -> str:
    server = server_of(one.remote or "")
    return f"\\\\{server}" if server else one.remote or "?"
