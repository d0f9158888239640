# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Made-up machines and options for test_stress.py. The same numbers of chance give the same ones."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator
from typing import Any

from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import fold

from tests.integration.machines import sid
from tests.integration.stress_model import ACCOUNTS, Options
from tests.stand.description import Connection, Description, Provider, User
from tests.stand.prefix import SYSTEM_SID

SERVERS = ('oldfs', 'oldfs', 'oldfs', 'OLDFS.corp.example', 'keep', 'fs-ä', '10.0.0.7')
SHARES = ('home', 'Home', 'home$', 'projects', 'projects\\2026', 'größe', '日本', 'a b')
CANCEL_ERRORS = (5, 1208, 2250, 2402, 2404, 4711)
BUSY = 170  # asked again several times, which takes a second
QUICK, SLOW = (0, 0, 0, 0, 50), (0, 0, 1500, 4000)  # milliseconds, of a cancel: well below a timeout of a second, and well above


def machine(chance: random.Random) -> Description:
    """Users signed in and out with connections, and a provider with habits. On a slow one, calls are given up."""
    slow = chance.random() < 0.15
    users = [User(connections=tuple(_live(chance, slow)))]
    if chance.random() < 0.3:
        users.append(User(r'NT AUTHORITY\SYSTEM', SYSTEM_SID, connections=tuple(_live(chance, slow))))
    for number in range(chance.randint(0, 4)):
        name, whose = rf'CORP\user{number}', sid(number)
        if chance.random() < 0.7:
            users.append(User(name, whose, sessions=chance.choice((1, 1, 1, 2)), administrator=chance.random() < 0.3,
                              connections=tuple(_live(chance, slow))))
        else:
            bad = chance.random() < 0.15
            users.append(User(name, whose, signed_in=False, bad_hive=bad, connections=() if bad else tuple(
                _connection(chance, f'{letter}:', connected=False) for letter in _letters(chance))))
    error = chance.choice(('open_error', 'enum_error'))
    return Description(tuple(users), Provider(
        more_data=chance.random() < 0.2, enum_delay=0 if slow else chance.choice((0, 0, 0, 100)),
        **{error: chance.choice((0,) * 15 + (5,))}))


def _letters(chance: random.Random) -> list[str]:
    return chance.sample('DEHKPSXZ', chance.choice((0, 2, 3, 4, 5)))


def _live(chance: random.Random, slow: bool) -> Iterator[Connection]:
    """Letters that are live, remembered, both, or live on one and remembered on another; ports; some without a device."""
    for letter in _letters(chance):
        kind = chance.choice(('live', 'both', 'both', 'remembered', 'different'))
        connection = _connection(chance, f'{letter}:', connected=kind != 'remembered', persistent=kind in ('both', 'remembered'))
        yield _habits(chance, connection, slow) if connection.connected else connection
        other = _connection(chance, f'{letter}:', connected=False)
        if kind == 'different' and fold(other.remote) != fold(connection.remote):
            yield other
    for port in chance.sample('123', chance.choice((0, 0, 1, 2))):
        yield _habits(chance, dataclasses.replace(_connection(chance, f'LPT{port}:'), type='print'), slow)
    without = [_connection(chance, '') for dummy in range(chance.choice((0, 0, 1, 3)))]
    for connection in {fold(connection.remote): connection for connection in without}.values():
        yield _habits(chance, connection, slow)


def _connection(chance: random.Random, name: str, **more: Any) -> Connection:
    return Connection(
        rf'\\{chance.choice(SERVERS)}\{chance.choice(SHARES)}', name, user_name=chance.choice(('', '', r'CORP\someone', 'jörg@corp')),
        provider=chance.choice((None, None, None, 'Another Network')), **more)


def _habits(chance: random.Random, connection: Connection, slow: bool) -> Connection:
    errors = CANCEL_ERRORS if slow else (*CANCEL_ERRORS, BUSY)
    return dataclasses.replace(connection, open_files=chance.random() < 0.15, vanish=chance.random() < 0.08,
                               cancel_error=chance.choice(errors) if chance.random() < 0.12 else 0,
                               cancel_delay=chance.choice(SLOW if slow else QUICK))


def options(chance: random.Random, described: Description) -> Options:
    """Options that are valid, and mostly mean some of what is there."""
    there = [connection for user in described.users for connection in user.connections] or [Connection(r'\\oldfs\home', 'H:')]
    selectors = chance.choice(('remote', 'remote', 'remote', 'name', 'both'))
    name = [_name(chance, there) for dummy in range(chance.randint(1, 3))] if selectors != 'remote' else None
    remote = [_pattern(chance, there) for dummy in range(chance.randint(1, 3))] if selectors != 'name' else None
    exclude = [_pattern(chance, there) if chance.random() < 0.6 else chance.choice('HKZ')
               for dummy in range(chance.choice((0, 0, 0, 1, 2)))]
    accounts = [*ACCOUNTS, *(user.sid for user in described.users if user.sid)]
    users = chance.choice((['current'], *[['all']] * 4, chance.sample(accounts, 2), ['current', chance.choice(accounts)]))
    update_profile = chance.random() < 0.75
    slow = any(connection.cancel_delay > 1000 for connection in there)
    return Options(name, remote, exclude, users, update_profile and users != ['current'] and chance.random() < 0.6,
                   update_profile, chance.random() < 0.5, chance.choice((1, 1, 1, 60)) if slow else 60)


def _name(chance: random.Random, there: list[Connection]) -> str:
    connection = chance.choice(there)
    name = connection.name or connection.remote
    return chance.choice((name, name, name.lower(), '*', connection.remote))


def _pattern(chance: random.Random, there: list[Connection]) -> str:
    server, _separator, share = chance.choice(there).remote[2:].partition('\\')
    usual = (rf'\\{server}', rf'\\{server}\{share}', f'//{server.upper()}/', rf'\\{server[:2]}*', rf'\\{server}\{share[:3]}*')
    return chance.choice((*usual, *usual, rf'\\?{server[1:]}', rf'\\{server}\*\*', rf'\\{server}\nothing'))
