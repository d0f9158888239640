# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Users and connections that tests put on a machine with Target.set(), and how they compare what becomes of them."""

from __future__ import annotations

from typing import Any

from tests.stand.prefix import SID

OWN = SID
"""The SID of the account that tasks run as."""
LEFT_BEHIND = 'netdrive.windows-'
"""So begin the names of the hives and folders that a run makes, and removes again."""


def sid(number: int) -> str:
    return f'S-1-5-21-1-2-3-{1000 + number}'


def user(number: int, *connections: dict[str, Any], signed_in: bool = True, **more: Any) -> dict[str, Any]:
    return {'name': f'CORP\\user{number}', 'sid': sid(number), 'signed_in': signed_in, 'connections': list(connections), **more}


def own(*connections: dict[str, Any]) -> dict[str, Any]:
    """The account that tasks run as."""
    return {'connections': list(connections)}


def connection(name: str | None, remote: str, **more: Any) -> dict[str, Any]:
    """Live, and with a drive letter remembered as well."""
    return {'name': name, 'remote': remote, **more}


def remembered(name: str, remote: str) -> dict[str, Any]:
    return connection(name, remote, connected=False, persistent=True)


HOME = connection('H:', r'\\oldfs\home')
OTHER = connection('N:', r'\\newfs\home')
USERS_OF_OLDFS = [
    own(connection('H:', r'\\oldfs\own'), connection('K:', r'\\keep\own')),
    user(1, connection('H:', r'\\oldfs\one'), connection(None, r'\\oldfs\IPC$', type='any')),
    user(2, connection('H:', r'\\oldfs\two', persistent=False), remembered('M:', r'\\oldfs\music'), remembered('N:', r'\\keep\n')),
    user(3, remembered('H:', r'\\oldfs\three'), remembered('K:', r'\\keep\three'), signed_in=False),
    user(4, remembered('H:', r'\\oldfs\four'), signed_in=False),
]


def actions(result: dict[str, Any]) -> dict[tuple[str, str], str | None]:
    """What a module did, by SID and remote name."""
    return {(entry['sid'], entry['remote']): entry['action'] for entry in result['connections']}


def names_of_errors(result: dict[str, Any]) -> set[str]:
    return {entry['error']['name'] for entry in result['connections'] if entry['error']}


def difference(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """The keys of two snapshots that are not the same in both."""
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def registry(snapshot: dict[str, str]) -> dict[str, str]:
    """What a snapshot has of the registry, key by key, value by value with its type."""
    return {key: value for key, value in snapshot.items() if key.startswith(('HKU', 'HKLM'))}
