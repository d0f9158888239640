# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What will bring connections back, over all machines: each policy, script and task once. Made of records; knows no report."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import takewhile
from typing import get_args

from ansible_collections.netdrive.windows.plugins.plugin_utils.records import Certainty, Connection, OtherName, Source
from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import remote_form, server_of, share_of

_SUREST_FIRST: tuple[str, ...] = get_args(Certainty)
_SID = re.compile(r"S-1-[0-9-]+", re.IGNORECASE)
_TASKS = "\\system32\\tasks\\"
_MOST_EXAMPLES = 5

_WORDS = {
    "remembered_drive": "Remembered drives", "global_mapping": "SMB global mappings", "dos_device": "Device names of the machine",
    "gpp_drive": "Drive map", "gpp_cache_drive": "Drive map, in the cache", "gpp_other": "Preferences",
    "policy_network_key": "Setting of a policy", "gpo_logon_script": "Logon or startup script",
    "local_gpo_script": "Script of the machine's own policy", "account_script": "Logon script of a local account",
    "init_script": "UserInitMprLogonScript", "run_entry": "Values that are run at sign-in", "startup_item": "Startup folder",
    "scheduled_task": "Scheduled task", "mapping_tool": "Mapping tool", "home_folder": "Home folders",
    "roaming_profile": "Roaming profiles", "folder_redirection": "Redirected folders", "printer": "Printers",
    "network_shortcut": "Network locations",
}


@dataclass(slots=True)
class Cause:
    """One thing that will bring connections back, and everybody whom it meets."""

    kind: str
    what: str
    """What it is, in words."""
    title: str
    """The name of the policy, the path of the script, the name of the task, the share that it is about."""
    id: str | None
    """The id of the policy."""
    remedy: str
    certainties: Counter[str] = field(default_factory=Counter)
    hosts: set[str] = field(default_factory=set)
    people: set[tuple[str, str]] = field(default_factory=set)
    """Each user with the machine."""
    remotes: Counter[str] = field(default_factory=Counter)
    conditional: Counter[str] = field(default_factory=Counter)
    evidence: Counter[str] = field(default_factory=Counter)
    came_back: int = 0
    """How many connections that it leads to have come back."""

    @property
    def certainty(self) -> str:
        """How sure it is where it is surest."""
        return next(one for one in _SUREST_FIRST if self.certainties[one])


@dataclass(slots=True)
class Namesake:
    """A name that was not selected, and probably leads to a selected server."""

    remote: str
    same_as: str
    known_by: str
    connections: int = 0
    hosts: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Causes:
    """What will bring connections back, and what else leads to the same servers."""

    looked_for: bool = False
    """Whether anybody looked, on any machine."""
    found: dict[tuple[str, str], Cause] = field(default_factory=dict)
    namesakes: dict[tuple[str, str], Namesake] = field(default_factory=dict)

    def add(self, host: str, sources: Iterable[Source], came_back: Iterable[Connection]) -> None:
        """Take in what one machine has, and which connections have come back there."""
        back = [(one.sid, remote_form(one.remote or "")) for one in came_back]
        for source in sources:
            cause = self.found.setdefault(_key(source), _new(source))
            cause.hosts.add(host)
            cause.certainties[source.certainty] += 1
            if source.scope == "user" and (user := source.user or source.sid):
                cause.people.add((user, host))
            cause.came_back += sum(_leads_to(source, sid, remote) for sid, remote in back)
            _count(cause.remotes, source.remote)
            _count(cause.evidence, source.evidence)
            for condition in source.conditional:
                _count(cause.conditional, condition)

    def add_names(self, host: str, names: Iterable[OtherName]) -> None:
        """Take in the other names of servers that one machine uses."""
        for name in names:
            key = remote_form(name.remote), remote_form(name.same_as)
            known = self.namesakes.setdefault(key, Namesake(name.remote, name.same_as, name.known_by))
            known.connections += name.connections
            known.hosts.add(host)

    @property
    def surest(self) -> list[Cause]:
        """The surest first, and of these those that meet most machines."""
        return sorted(self.found.values(), key=lambda one: (
            _SUREST_FIRST.index(one.certainty), -len(one.hosts), -len(one.people), one.what, one.title.casefold()))

    @property
    def names(self) -> list[Namesake]:
        """The other names, those with most machines first."""
        return sorted(self.namesakes.values(), key=lambda one: (-len(one.hosts), one.remote.casefold()))


def _count(examples: Counter[str], text: str | None) -> None:
    """Keep a text as an example, unless there are enough others."""
    if text and (len(examples) < _MOST_EXAMPLES or text in examples):
        examples[text] += 1


def _title(source: Source) -> str:
    where = source.where or ""
    if source.policy and source.policy.id and source.kind.startswith(("gpp_", "policy_")):
        return source.policy.name or source.policy.id
    if source.kind == "scheduled_task" and _TASKS in where.lower():
        return where[where.lower().index(_TASKS) + len(_TASKS):]
    if source.kind in ("gpo_logon_script", "local_gpo_script", "mapping_tool"):
        return _SID.sub("SID", where)
    remote = source.remote or ""
    server, share = server_of(remote), share_of(remote)
    return rf"\\{server}\{share}" if server and share else remote or source.evidence or where


def _key(source: Source) -> tuple[str, str]:
    by_policy = source.policy and source.policy.id and source.kind.startswith(("gpp_", "policy_"))
    return source.kind, str(source.policy.id if source.policy and by_policy else _title(source)).casefold()


def _new(source: Source) -> Cause:
    return Cause(source.kind, _WORDS.get(source.kind, source.kind), _title(source), source.policy.id if source.policy else None,
                 source.remedy or "")


def _leads_to(source: Source, sid: str | None, remote: str) -> bool:
    """Whether a connection of a user may have been made by a source: the same resource or one below it.

    Who is in a group nobody knows here, nor what a variable such as %USERNAME% stood for.
    """
    if source.remote is None or not (source.scope == "group" or source.sid in (None, sid)):
        return False
    known = "\\".join(takewhile(lambda part: "%" not in part, remote_form(source.remote).split("\\")))
    return bool(known.strip("\\")) and f"{remote}\\".startswith(f"{known}\\")
