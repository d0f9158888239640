# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What mapped_drive has to do to a machine of the stand: a plain model, for test_stress.py.

It knows nothing of how the module works. It takes a description of a target and options, and says of each connection what may
be there afterwards, and what the result has to be.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import ConnectionSelection
from tests.stand.description import Connection, Description, User
from tests.stand.prefix import COMPUTER, PROVIDER_NAME, SID, SYSTEM_SID, USER

NOT_REGISTRY_FILE, TIMEOUT, OPEN_FILES = 1017, 1460, 2401
ACCOUNTS = {USER: SID, rf'.\{USER}': SID, rf'{COMPUTER}\{USER}': SID, 'SYSTEM': SYSTEM_SID, r'NT AUTHORITY\SYSTEM': SYSTEM_SID}
"""The names of accounts that the stand knows."""

Ends = tuple[Connection | None, ...]


@dataclass(frozen=True)
class Options:
    """What a task of mapped_drive asks for."""
    name: list[str] | None
    remote: list[str] | None
    exclude: list[str]
    users: list[str]
    signed_out: bool
    update_profile: bool
    force: bool
    timeout: int

    def arguments(self) -> dict[str, Any]:
        """As the module takes them."""
        return {key: value for key, value in dataclasses.asdict(self).items() if value is not None}


class Entry(NamedTuple):
    """A connection in the module's result, or a profile that could not be read."""
    user: str
    sid: str
    signed_in: bool
    name: str | None = None
    remote: str | None = None
    provider: str | None = None
    connected_as: str | None = None
    connected: bool | None = None
    persistent: bool | None = None
    profile_values: dict[str, Any] | None = None
    action: str | None = None
    error: int | None = None

    def line(self, connected: bool | None, persistent: bool | None) -> Iterator[str]:
        """In the diff: one line, or none for what is not there."""
        states = [state for state, is_so in (('connected', connected), ('remembered', persistent)) if is_so]
        if states:
            yield ' '.join([self.user, *([self.name] if self.name else []), str(self.remote), f"({', '.join(states)})"])


class Fate(NamedTuple):
    """What becomes of a connection."""
    sid: str
    connection: Connection
    ends: Ends
    """What may become of it, None for nothing: one thing, unless a call was given up, which may yet be answered."""
    entry: Entry | None = None
    """In the result, where it belongs there."""

    @property
    def cancelled(self) -> bool:
        """Whether Windows is asked to cancel it."""
        return self.entry is not None and bool(self.entry.connected)

    @property
    def lines_after(self) -> Iterator[str]:
        assert self.entry
        end = self.ends[0]
        return self.entry.line(self.entry.connected and end is not None and end.connected, bool(end and end.persistent))


@dataclass(frozen=True)
class Expected:
    """What a run has to come to."""
    fates: list[Fate]
    unreadable: list[Entry]

    @property
    def entries(self) -> list[Entry]:
        return [fate.entry for fate in self.fates if fate.entry] + self.unreadable

    @property
    def changed(self) -> bool:
        return any(entry.action for entry in self.entries)

    @property
    def failed(self) -> bool:
        return any(entry.error is not None for entry in self.entries)

    @property
    def certain(self) -> bool:
        """Whether no call was given up that may yet be answered."""
        return all(len(fate.ends) == 1 for fate in self.fates)

    @property
    def cancels(self) -> set[tuple[str, str]]:
        """Whom Windows is asked for to cancel which name."""
        return {(fate.sid, fate.connection.name or fate.connection.remote) for fate in self.fates if fate.cancelled}

    @property
    def diff(self) -> tuple[list[str], list[str]]:
        """The lines before and after, sorted."""
        matched = [(fate, fate.entry) for fate in self.fates if fate.entry]
        return (sorted(line for _fate, entry in matched for line in entry.line(entry.connected, entry.persistent)),
                sorted(line for fate, _entry in matched for line in fate.lines_after))


def expected(before: Description, options: Options) -> Expected:
    """What these options have to do to this machine."""
    selection = ConnectionSelection(options.name, options.remote, options.exclude)
    blind = bool(before.provider.open_error or before.provider.enum_error)  # Wine's mpr.dll then finds no connections
    looked_at = [user for user in before.users if _is_looked_at(user, options)]
    fates = []
    for user, connection in ((user, connection) for user in before.users for connection in user.connections):
        connected = connection.connected and not blind
        meant = user in looked_at and (connected or connection.persistent) and selection.matches(
            connection.name or None, connection.remote)
        fates.append(_fate(user, connection, options, connected) if meant else Fate(user.sid or SID, connection, (connection,)))
    return Expected(fates, [Entry(_label(user), str(user.sid), False, error=NOT_REGISTRY_FILE) for user in looked_at if user.bad_hive])


def without_habits(described: Description) -> Description:
    """The same machine, on which every cancel succeeds: what check mode takes it for."""
    users = [dataclasses.replace(user, connections=tuple(
        dataclasses.replace(connection, open_files=False, cancel_error=0, cancel_delay=0, vanish=False)
        for connection in user.connections)) for user in described.users]
    return dataclasses.replace(described, users=tuple(users))


def _is_looked_at(user: User, options: Options) -> bool:
    sid, accounts = user.sid or SID, {ACCOUNTS.get(each, each) for each in options.users}
    return (user.signed_in or options.signed_out) and ('all' in accounts or sid in accounts or ('current' in accounts and sid == SID))


def _fate(user: User, connection: Connection, options: Options, connected: bool) -> Fate:
    """Of a connection that is meant, and is seen to be connected or not."""
    ends, action, error = _outcome(connection, options, connected)
    entry = Entry(
        _label(user), user.sid or SID, user.signed_in, connection.name or None, connection.remote, connection.provider or PROVIDER_NAME,
        USER if connected else connection.user_name or None,  # Wine's WNetGetUser knows the process's user only
        connected, bool(connection.persistent), _profile_values(connection), action, error)
    return Fate(entry.sid, connection, ends, entry)


def _outcome(connection: Connection, options: Options, connected: bool) -> tuple[Ends, str | None, int | None]:
    """What may become of it, the action, and the error."""
    remembered = Connection(connection.remote, connection.name, connected=False, user_name=connection.user_name,
                            provider=connection.provider) if connection.persistent else None
    forget = remembered is not None and options.update_profile
    if not connected:
        if not forget:
            return (connection,), None, None
        return (dataclasses.replace(connection, persistent=False) if connection.connected else None,), 'forgotten', None
    in_use = OPEN_FILES if connection.open_files and not options.force else 0
    refusal = 0 if connection.vanish else connection.cancel_error or in_use
    if connection.cancel_delay > 1000 * options.timeout:
        late = () if refusal else (remembered, None) if forget else (remembered,)
        return (connection, *late), None, TIMEOUT
    if refusal:
        return (connection,), None, refusal
    return ((None,), 'removed', None) if forget or not remembered else ((remembered,), 'disconnected', None)


def _label(user: User) -> str:
    """The stand's names come from its accounts, or from the environment of who is signed in."""
    if user.sid in (None, SID):
        return rf'{COMPUTER}\{USER}'
    return str(user.name if user.signed_in else user.sid)


def _profile_values(connection: Connection) -> dict[str, Any] | None:
    if not connection.persistent:
        return None
    texts = {'RemotePath': connection.remote, 'UserName': connection.user_name, 'ProviderName': connection.provider or PROVIDER_NAME}
    numbers = {'ProviderType': 0x20000, 'ConnectionType': 1, 'DeferFlags': 4}
    return {**{name: {'type': 'REG_SZ', 'value': value} for name, value in texts.items()},
            **{name: {'type': 'REG_DWORD', 'value': value} for name, value in numbers.items()}}
