# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the options name, remote and exclude mean, said a second time and as plainly as can be: what tests compare with.

Characters beyond the Basic Multilingual Plane are two to Windows, and not considered here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 32767


class Refused(ValueError):
    """The selection is not valid."""


def same_case(text: str) -> str:
    """The text in the form in which Windows compares names: each character for itself, and none becomes an ASCII one."""
    return ''.join(upper if len(upper := character.upper()) == 1 and upper.isascii() == character.isascii() else character
                   for character in text)


def device(text: str) -> str | None:
    """'z' → 'Z:', 'lpt1:' → 'LPT1:'; None for what is no device."""
    found = re.fullmatch('([A-Za-z]|[Ll][Pp][Tt][1-9]):?', text)
    return f'{found[1].upper()}:' if found else None


def remote_name(text: str) -> str:
    r"""With '\' for '/', and none at the end."""
    return text.replace('/', '\\').rstrip('\\')


@dataclass(frozen=True)
class Pattern:
    """A pattern on remote names."""
    components: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Raises Refused for what is none."""
        if not (found := re.fullmatch(r'\\\\([^\\]+(?:\\[^\\]+)*)', remote_name(text), re.DOTALL)):
            raise Refused(text)
        return cls(tuple(found[1].split('\\')))

    def matches(self, remote: str) -> bool:
        """Whether it means this remote name, or something above it."""
        normal = remote_name(remote)
        if not normal.startswith('\\\\'):
            return False
        parts = normal[2:].split('\\')
        return len(parts) >= len(self.components) and all(
            re.fullmatch(_expression(component), same_case(part), re.DOTALL) for component, part in zip(self.components, parts))

    def require_server(self) -> Pattern:
        """Raises Refused for one that would mean every server."""
        if not any(unicodedata.category(character)[0] == 'L' or unicodedata.category(character) == 'Nd'
                   for character in self.components[0]):
            raise Refused(self.components[0])
        return self


def _expression(component: str) -> str:
    return ''.join({'*': '.*', '?': '.'}.get(character, re.escape(same_case(character))) for character in component)


def _checked(values: Sequence[str]) -> Sequence[str]:
    for value in values:
        if not value.strip() or len(value) > LONGEST or any(unicodedata.category(character) == 'Cc' for character in value):
            raise Refused(value)
    return values


def _name(text: str) -> str:
    if text == '*' or device(text):
        return device(text) or text
    components = Pattern.parse(text).require_server().components
    if len(components) < 2 or any(set('*?') & set(component) for component in components):
        raise Refused(text)
    return same_case(remote_name(text))


class Selection:
    """Which connections are meant."""

    def __init__(self, name: Sequence[str] | None, remote: Sequence[str] | None, exclude: Sequence[str] | None) -> None:
        """Raises Refused for what is not valid."""
        if name is not None and not name or remote is not None and not remote:
            raise Refused('nothing is selected')
        self.names = None if name is None else {_name(text) for text in _checked(name)}
        self.remotes = None if remote is None else [Pattern.parse(text).require_server() for text in _checked(remote)]
        excluded = _checked(exclude or ())
        self.excluded_names = {device(text) for text in excluded} - {None}
        self.excluded_remotes = [Pattern.parse(text) for text in excluded if not device(text)]

    def matches(self, local: str | None, remote: str | None) -> bool:
        """Whether this connection is meant: its device, None without one, and its remote name, None where unknown."""
        if self.names is not None and '*' not in self.names and same_case(local or remote_name(remote or '')) not in self.names:
            return False
        if self.remotes is not None and not (remote is not None and any(one.matches(remote) for one in self.remotes)):
            return False
        if local in self.excluded_names:
            return False
        return not self.excluded_remotes or (remote is not None and not any(one.matches(remote) for one in self.excluded_remotes))
