# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is on a target: users, their connections, and the habits of the network provider; from and to JSON."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .prefix import SID

_T = TypeVar('_T')


@dataclass(frozen=True)
class Connection:
    """One line of what a user would see: connected (live), persistent (remembered), or both."""
    remote: str
    name: str = ''
    """H: or LPT1:, empty without a device."""
    connected: bool = True
    persistent: bool | None = None
    """Unless told, wherever Windows can: drive letters."""
    type: str = 'disk'
    """disk, print or any"""
    user_name: str = ''
    provider: str | None = None
    """Another name than the provider's own."""
    open_files: bool = False
    """A cancel without force answers 2401."""
    cancel_error: int = 0
    """A cancel answers this."""
    cancel_delay: int = 0
    """A cancel takes so many milliseconds."""
    vanish: bool = False
    """By the time of the cancel it is gone: 2250."""

    def __post_init__(self) -> None:
        letter = re.fullmatch('[A-Z]:', self.name) is not None
        if self.persistent is None:
            object.__setattr__(self, 'persistent', letter)
        if not (letter or self.name == '' or re.fullmatch('LPT[1-9]:', self.name)):
            raise ValueError(f'{self.name!r} is no device: H:, LPT1: or nothing')
        if self.persistent and not letter:
            raise ValueError(f'{self.name or self.remote}: only drive letters can be persistent')
        if not (self.persistent or self.connected):
            raise ValueError(f'{self.name or self.remote}: neither connected nor persistent')
        if self.type not in ('disk', 'print', 'any'):
            raise ValueError(f'{self.type!r} is no type: disk, print or any')


@dataclass(frozen=True)
class User:
    """An account with its connections. Without name and SID: the one that tasks run as."""
    name: str | None = None
    sid: str | None = None
    signed_in: bool = True
    sessions: int = 1
    """How many processes of this user run."""
    administrator: bool = False
    bad_hive: bool = False
    """The profile's NTUSER.DAT is no hive."""
    connections: tuple[Connection, ...] = ()

    def __post_init__(self) -> None:
        if (self.name is None) != (self.sid is None):
            raise ValueError('a user has both name and sid, or neither')
        if self.sid is not None and not re.fullmatch(r'S-1-\d+(-\d+)+', self.sid):
            raise ValueError(f'{self.sid!r} is no SID')
        if not self.signed_in and (self.administrator or self.sessions != 1 or any(each.connected for each in self.connections)):
            raise ValueError(f'{self.name} is not signed in: no process has administrator or sessions, no connection is connected')
        if self.bad_hive and (self.signed_in or self.connections):
            raise ValueError(f'{self.name} has a bad hive, so is not signed in, and nothing is remembered')


@dataclass(frozen=True)
class Provider:
    """The provider's habits on enumerating."""
    open_error: int = 0
    """NPOpenEnum answers this. Wine's mpr.dll makes an empty list of it, and of the next."""
    enum_error: int = 0
    """NPEnumResource answers this."""
    enum_delay: int = 0
    """An enumeration takes so many milliseconds."""
    more_data: bool = False
    """The first buffer of each enumeration is too small (234), however large it is."""


@dataclass(frozen=True)
class Description:
    """A whole target. The defaults are one with nothing on it."""
    users: tuple[User, ...] = ()
    provider: Provider = field(default_factory=Provider)

    def __post_init__(self) -> None:
        sids = [user.sid or SID for user in self.users]
        if len(set(sids)) < len(sids):
            raise ValueError('a user is there twice')

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Description:
        """Raises ValueError for what is unknown or can't be."""
        if not isinstance(data, Mapping):
            raise ValueError('not an object')
        rest = dict(data)
        users = [*rest.pop('users', ()), *({'connections': c} for c in [rest.pop('connections', None)] if c)]
        provider = _make(Provider, rest.pop('provider', {}))
        if rest:
            raise ValueError(f"unknown: {', '.join(rest)}")
        return cls(tuple(map(_user, users)), provider)

    def to_json(self) -> dict[str, Any]:
        """Every key, users and connections in a fixed order."""
        users = [{**dataclasses.asdict(user), 'connections': [
            dataclasses.asdict(connection)
            for connection in sorted(user.connections, key=lambda c: (c.name, c.remote, c.connected))]}
            for user in sorted(self.users, key=lambda u: (u.name or '', u.sid or ''))]
        return {'users': users, 'provider': dataclasses.asdict(self.provider)}


def _user(data: Mapping[str, Any]) -> User:
    connections = tuple(_make(Connection, {**connection, 'name': connection.get('name') or ''})
                        for connection in data.get('connections', ()))
    return _make(User, {**data, 'connections': connections})


def _make(cls: type[_T], data: Mapping[str, Any]) -> _T:
    try:
        return cls(**data)
    except TypeError as error:
        raise ValueError(f'{cls.__name__.lower()}: {error}') from None
