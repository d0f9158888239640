# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Made-up machines and options, and a plain model of what the module may do to such a machine: for test_stress.py.

The model knows nothing of how the module works. It takes a description of a target and options, and says what is there
afterwards and what the result has to be.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.selection import Selection, remote_name, same_case
from tests.stand.description import Connection, Description, Provider, User
from tests.stand.prefix import SID, SYSTEM_SID

SUCCESS, TIMEOUT, NOT_CONNECTED, OPEN_FILES = 0, 1460, 2250, 2401
SERVERS = ('oldfs', 'OLDFS.corp.example', 'keep', 'fs-ä', '10.0.0.7')
SHARES = ('home', 'Home', 'home$', 'projects', 'projects\\2026', 'größe', '日本', 'a b')
CANCEL_ERRORS = (5, 170, 1208, 2250, 2402, 2404, 4711)


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

    def arguments(self) -> dict[str, Any]:
        """As the module takes them."""
        return {key: value for key, value in dataclasses.asdict(self).items() if value is not None}


class Entry(NamedTuple):
    """A connection in the module's result."""
    sid: str
    name: str | None
    remote: str
    connected: bool
    persistent: bool
    action: str | None
    error: int | None


@dataclass(frozen=True)
class Expected:
    """What a run has to come to."""
    after: Description
    entries: list[Entry]

    @property
    def changed(self) -> bool:
        return any(entry.action for entry in self.entries)

    @property
    def failed(self) -> bool:
        return any(entry.error is not None for entry in self.entries)


# ------------------------------------------------------------------------------------------------------ the model

def expected(before: Description, options: Options) -> Expected:
    """What these options have to do to this machine."""
    entries: list[Entry] = []
    users = []
    blind = bool(before.provider.open_error or before.provider.enum_error)  # Wine's mpr.dll then finds no connections
    for user in before.users:
        outcomes = [(connection, _outcome(connection, options, blind and user.signed_in))
                    if _meant(user, connection, options, blind) else (connection, None) for connection in user.connections]
        entries += [Entry(user.sid or SID, connection.name or None, connection.remote, connection.connected and not blind,
                          bool(connection.persistent), outcome.action, outcome.error)
                    for connection, outcome in outcomes if outcome]
        # Wine does not write a hive back when it is unloaded.
        left = user.connections if not user.signed_in else tuple(
            after for connection, outcome in outcomes for after in ([outcome.after] if outcome else [connection]) if after)
        users.append(dataclasses.replace(user, connections=left))
    return Expected(dataclasses.replace(before, users=tuple(users)), entries)


def without_habits(described: Description) -> Description:
    """The same machine, on which every call succeeds: what check mode takes it for."""
    users = [dataclasses.replace(user, connections=tuple(
        dataclasses.replace(connection, open_files=False, cancel_error=0, cancel_delay=0, vanish=False)
        for connection in user.connections)) for user in described.users]
    return dataclasses.replace(described, users=tuple(users))


class _Outcome(NamedTuple):
    after: Connection | None
    action: str | None
    error: int | None


def _meant(user: User, connection: Connection, options: Options, blind: bool) -> bool:
    if not user.signed_in and not options.signed_out:
        return False
    own = user.sid in (None, SID)
    if not ('all' in options.users or (own and 'current' in options.users) or (user.sid or SID) in options.users):
        return False
    if blind and not connection.persistent:
        return False
    return Selection(options.name, options.remote, options.exclude).matches(connection.name or None, connection.remote)


def _outcome(connection: Connection, options: Options, blind: bool) -> _Outcome:
    forget = bool(connection.persistent) and options.update_profile
    if not connection.connected or blind:
        live = connection if connection.connected else None
        if not forget:
            return _Outcome(connection, None, None)
        return _Outcome(live and dataclasses.replace(live, persistent=False), 'forgotten', None)
    answer = _answer(connection, options.force)
    if answer is not None:
        return _Outcome(connection, None, answer)
    if connection.persistent and not forget:
        left = Connection(connection.remote, connection.name, connected=False, type=connection.type)
        return _Outcome(left, 'disconnected', None)
    return _Outcome(None, 'removed', None)


def _answer(connection: Connection, force: bool) -> int | None:
    """The error of a cancel; None where the connection is gone after it."""
    if connection.vanish:
        return None
    if connection.cancel_error:
        # It says that there is no such connection, and there it is: reported as what is left after a success.
        return SUCCESS if connection.cancel_error == NOT_CONNECTED else connection.cancel_error
    return OPEN_FILES if connection.open_files and not force else None


# --------------------------------------------------------------------------------------------- machines and options

def machine(chance: random.Random) -> Description:
    """Users signed in and out with connections, and a provider with habits."""
    users = [User(connections=tuple(_connections(chance, True)))]
    if chance.random() < 0.3:
        users.append(User(r'NT AUTHORITY\SYSTEM', SYSTEM_SID, connections=tuple(_connections(chance, True))))
    for number in range(chance.randint(0, 4)):
        signed_in = chance.random() < 0.7
        users.append(User(rf'CORP\user{number}', f'S-1-5-21-1-2-3-{1000 + number}', signed_in, administrator=chance.random() < 0.3,
                          connections=tuple(_connections(chance, signed_in))))
    provider = Provider(more_data=chance.random() < 0.2, enum_delay=chance.choice((0, 0, 0, 100)),
                        enum_error=chance.choice((0,) * 15 + (5,)))
    return Description(tuple(users), provider)


def _connections(chance: random.Random, signed_in: bool) -> Iterator[Connection]:
    """Letters that are live, remembered, both, or live on one and remembered on another; ports; some without a device."""
    for letter in chance.sample('DEHKPSXZ', chance.randint(0, 5)):
        name, remote = f'{letter}:', _remote(chance)
        kind = chance.choice(('live', 'both', 'both', 'remembered', 'different')) if signed_in else 'remembered'
        if kind == 'remembered':
            yield Connection(remote, name, connected=False)
        else:
            yield _habits(chance, Connection(remote, name, persistent=kind == 'both'))
            other = _remote(chance)
            if kind == 'different' and same_case(other) != same_case(remote):
                yield Connection(other, name, connected=False)
    if signed_in:
        for port in chance.sample('123', chance.choice((0, 0, 1, 2))):
            yield _habits(chance, Connection(_remote(chance), f'LPT{port}:', type='print'))
        remotes = {same_case(remote): remote for remote in (_remote(chance) for _ in range(chance.choice((0, 0, 1, 3))))}
        for remote in remotes.values():
            yield _habits(chance, Connection(remote))


def _remote(chance: random.Random) -> str:
    return rf'\\{chance.choice(SERVERS)}\{chance.choice(SHARES)}'


def _habits(chance: random.Random, connection: Connection) -> Connection:
    return dataclasses.replace(connection, open_files=chance.random() < 0.15, vanish=chance.random() < 0.08,
                               cancel_error=chance.choice(CANCEL_ERRORS) if chance.random() < 0.12 else 0,
                               cancel_delay=chance.choice((0, 0, 0, 0, 50, 400)))


def selection(chance: random.Random, described: Description) -> Options:
    """Options that are valid, and mostly mean some of what is there."""
    there = [connection for user in described.users for connection in user.connections] or [Connection(r'\\oldfs\home', 'H:')]
    selectors = chance.choice(('remote', 'remote', 'remote', 'name', 'both'))
    name = [_name(chance, there) for _ in range(chance.randint(1, 3))] if selectors != 'remote' else None
    remote = [_pattern(chance, there) for _ in range(chance.randint(1, 2))] if selectors != 'name' else None
    exclude = [_pattern(chance, there) if chance.random() < 0.6 else chance.choice('HKZ') for _ in range(chance.choice((0, 0, 1, 2)))]
    sids = [user.sid or SID for user in described.users]
    users = chance.choice((['current'], ['all'], ['all'], ['all'], chance.sample(sids, 1), ['current', chance.choice(sids)]))
    update_profile = chance.random() < 0.75
    return Options(name, remote, exclude, users, update_profile and users != ['current'] and chance.random() < 0.6,
                   update_profile, chance.random() < 0.5)


def _name(chance: random.Random, there: list[Connection]) -> str:
    connection = chance.choice(there)
    return chance.choice((connection.name or connection.remote, connection.name.lower() or connection.remote, connection.remote, '*'))


def _pattern(chance: random.Random, there: list[Connection]) -> str:
    server, _separator, share = remote_name(chance.choice(there).remote)[2:].partition('\\')
    return chance.choice((
        rf'\\{server}', rf'\\{server}\{share}', f'//{server.upper()}/', rf'\\{server[:2]}*', rf'\\{server}\{share[:3]}*',
        rf'\\{server}\*\*', rf'\\?{server[1:]}', rf'\\{server}\nothing'))
