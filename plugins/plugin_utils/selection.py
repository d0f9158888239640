# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
r"""Which network connections are meant, as the module says it on a machine: what the controller refuses, groups and compares by.

plugins/module_utils/Selection.cs is the same for the module: the same rules in the same order, with the same messages. For others
there is `remote_form`, `server_of`, `share_of` and `device_of`, what spellings of one name have in common, and `same_name`, that of
an option's value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from types import NoneType
from typing import Any, TypeVar
from urllib.parse import unquote

_T = TypeVar("_T")


class Refused(ValueError):
    """A value is not valid; the text names the option and the value, and shows what would be right."""


# Text as people and scripts write it

# First and last of each range: control characters, White_Space and Default_Ignorable_Code_Point (PropList.txt and
# DerivedCoreProperties.txt of Unicode), the blank Braille pattern and interlinear annotations.
_INVISIBLE_RANGES = (
    (0x0, 0x20), (0x7f, 0xa0), (0xad, 0xad), (0x34f, 0x34f), (0x61c, 0x61c), (0x115f, 0x1160), (0x1680, 0x1680), (0x17b4, 0x17b5),
    (0x180b, 0x180f), (0x2000, 0x200f), (0x2028, 0x202f), (0x205f, 0x206f), (0x2800, 0x2800), (0x3000, 0x3000), (0x3164, 0x3164),
    (0xfe00, 0xfe0f), (0xfeff, 0xfeff), (0xffa0, 0xffa0), (0xfff0, 0xfffb), (0x1bca0, 0x1bca3), (0x1d173, 0x1d17a), (0xe0000, 0xe0fff))
INVISIBLE = "".join(chr(code) for first, last in _INVISIBLE_RANGES for code in range(first, last + 1))
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xfffe, 0xffff))
_INVALID = re.compile(f"[\ud800-\udfff{_NONCHARACTERS}]")  # neither halves of surrogate pairs nor these can be compared


def trim(text: str, also_at_end: str = "") -> str:
    """Without what cannot be seen around it, and these characters at its end."""
    return text.lstrip(INVISIBLE).rstrip(INVISIBLE + also_at_end)


def fold(text: str) -> str:
    """Composed (NFC), and in upper case, as Windows compares names."""
    return text.upper() if text.isascii() else "".join(map(_upper, unicodedata.normalize("NFC", text)))


@cache
def _upper(character: str) -> str:
    """A character for itself, and none becomes an ASCII one, as 'ſ' would."""
    upper = character.upper()
    kept = len(upper) > 1 or character > "\uffff" or upper.isascii() != character.isascii()
    return character if kept else upper


def visible(text: str) -> str:
    """Without what cannot be seen anywhere in it."""
    return re.sub(f"[{INVISIBLE}]", "", text)


def quoted(text: str) -> str:
    """As it was typed, in quotes, and no longer than can be read."""
    return "'" + _CONTROL.sub("?", text[:80]) + ("...'" if len(text) > 80 else "'")


# Remote names

_WEB = re.compile(r"(?P<scheme>https?):(?P<rest>\\\\.*)", re.ASCII | re.IGNORECASE | re.DOTALL)
_FILE = re.compile(r"file:(?P<rest>\\\\(?:(?!\\)|\\\\).*)", re.ASCII | re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class RemoteName:
    """A remote name, or a pattern on remote names, in the one form in which they are compared.

    Host, WebDAV's '@SSL@port' where it is not the plain protocol, and path ("Using the WebDAV Redirector").
    """

    host: str
    service: str
    path: tuple[str, ...]
    any_protocol: bool
    r"""Whether, as a pattern, it means the server by whatever protocol: '\\server', with nothing said of one."""
    spelled: tuple[str, ...] = field(compare=False)
    """The host and the path, as they were spelled."""
    authority: str = field(compare=False)
    """The first component, as it was spelled: the host and what is said of the protocol."""

    @property
    def has_wildcards(self) -> bool:
        """Whether a '*' or '?' stands anywhere in it."""
        return not set("*?").isdisjoint(str(self))

    @property
    def names_server(self) -> bool:
        """Whether the server is named by a letter or digit at least, not by wildcards and punctuation alone."""
        return any(unicodedata.category(character)[0] == "L" or unicodedata.category(character) == "Nd" for character in self.host)

    @classmethod
    @lru_cache(1 << 16)  # a report asks for the same ones on every machine
    def parse(cls, text: str, encoded: bool = False) -> RemoteName | None:
        r"""Reads '\\server\path', '\\?\UNC\server\path', '\\server@SSL@port\DavWWWRoot\path', URLs of http, https and file.

        With encoded, '%20' in a URL is left as it is. None for what is no remote name.
        """
        name = trim(text, "\\/").replace("/", "\\")
        web, file = _WEB.fullmatch(name), _FILE.fullmatch(name)
        url = web or file
        unc = url["rest"] if url else name
        if not unc.startswith("\\\\") or _INVALID.search(name):
            return None
        parts = [_decoded(part) if url and not encoded else part for part in unc.split("\\") if part]
        if not url and parts[0] in ("?", ".") and len(parts) > 2 and fold(parts[1]) == "UNC":
            del parts[:2]
        address = _server_of_url(parts[0], web["scheme"].upper() == "HTTPS") if web else parts[0]
        host, at, rest = address.partition("@")
        server, service = host.rstrip("."), fold(at + rest)
        root = not url and len(parts) > 1 and fold(parts[1]) == "DAVWWWROOT"
        if server in ("", "?"):
            return None
        plain = {"@SSL@443": "@SSL", "@80": ""}.get(service, service)
        path = parts[2 if root else 1:]
        return cls(fold(server), plain, tuple(map(fold, path)), not web and not root and not service, (server, *path), address)

    def matches(self, name: RemoteName) -> bool:
        """Whether, as a pattern, it means this remote name or something above it."""
        return len(self.path) <= len(name.path) and _matches(self.host, name.host) and (
            self.any_protocol or _matches(self.service, name.service)) and all(map(_matches, self.path, name.path))

    def __str__(self) -> str:
        r"""The one form: '\\HOST@SSL@PORT\PATH'."""
        return "\\\\" + self.host + self.service + "".join("\\" + part for part in self.path)


def _server_of_url(authority: str, ssl: bool) -> str:
    r"""'user@host:port' of a URL as it would be in '\\host@SSL@port'."""
    address = authority.rpartition("@")[2]
    colon = address.rfind(":")
    host, port = (address[:colon], address[colon + 1:]) if colon > address.rfind("]") else (address, "")  # [fe80::1]
    return host + ("@SSL" if ssl else "") + (f"@{port}" if port else "")


def _decoded(component: str) -> str:
    """'%20' stands for a blank, '%2F' for no separator and '%2A' for no wildcard: a component with such a thing stays as it is."""
    try:
        decoded = unquote(component, errors="strict")
    except UnicodeDecodeError:
        return component
    return component if re.search(r"[*?/\\]", decoded) or _CONTROL.search(decoded) or _INVALID.search(decoded) else decoded


def _matches(pattern: str, text: str) -> bool:
    return _expression(pattern).fullmatch(text) is not None


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    # Each part between two '*' at the first place where it fits (an atomic group, said in the way that Python 3.10 has), or many
    # of them would take for ever.
    first, *others = (re.escape(part).replace(r"\?", ".") for part in re.split(r"\*+", pattern))
    between = "".join(f"(?=(?P<p{number}>.*?{part}))(?P=p{number})" for number, part in enumerate(others[:-1]))
    return re.compile(first + between + (f".*{others[-1]}" if others else ""), re.DOTALL)


def device_of(text: str) -> str | None:
    r"""'z', 'Z:', 'Z:\' → 'Z:'; 'lpt1' → 'LPT1:'; None for what is neither a drive letter nor LPT1 to LPT9."""
    found = re.fullmatch("([A-Za-z]|[Ll][Pp][Tt][1-9]):?", trim(text, "\\/"))
    return f"{found[1].upper()}:" if found else None


def remote_form(text: str) -> str:
    """What all spellings of a remote name have in common; for what is none, the text itself."""
    return str(RemoteName.parse(text) or text)


def server_of(text: str) -> str | None:
    """The host of a remote name, whatever the protocol, as it is spelled there; None for what is no remote name."""
    name = RemoteName.parse(text)
    return name.spelled[0] if name else None


def share_of(text: str) -> str | None:
    """The first part of a remote name's path, as it is spelled there; None where there is none."""
    name = RemoteName.parse(text)
    return name.spelled[1] if name and name.path else None


def same_name(text: str) -> Hashable:
    """What all spellings of one value of name, remote, exclude or users have in common."""
    return device_of(text) or RemoteName.parse(text) or trim(text).casefold()


# The values of an option that takes one name or a list of them. A text is one name, commas or not.

_SEPARATORS = ",;|"
_CUT = re.compile(f"[{_SEPARATORS}" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _INVISIBLE_RANGES if last < 0x10000) + "]+")
_EXAMPLES = {"runs": "20261123T010203Z-1f2e3d", "name": r"['Z:', '\\server\share']", "remote": r"['\\server', '\\server\share']",
             "exclude": r"['K:', '\\server\share']", "users": r"['DOMAIN\name', '.\name']"}


def names_of(option: str, value: Any) -> list[str] | None:
    """The texts as they were given; None where the option was not. Raises Refused if it is neither text nor a list of texts."""
    if value is None:
        return None
    values = list(value) if isinstance(value, (list, tuple)) else [value]
    for each in values:
        if not isinstance(each, str):
            raise Refused(f"{option}: {_what_is_wrong_with(each)}; names are text, in quotes{example(option)}")
    return [str(each) for each in values]


def parsed(option: str, text: str, parse: Callable[[str], _T]) -> _T:
    """What the text means, by a function that raises Refused where it means nothing."""
    try:
        value = trim(text)
        if not value:
            raise Refused("is empty" + example(option))
        return parse(value)
    except Refused as error:
        raise Refused(f"{option}: {quoted(text)} {error}") from None


def require_one(option: str, text: str, is_several: Callable[[Sequence[str]], bool]) -> None:
    """Refuse a text that is a list of names by the look of it."""
    pieces = [piece for piece in _CUT.split(text) if piece]
    if len(pieces) > 1 and is_several(pieces):
        raise Refused("looks like several names in one text" + example(option, *pieces))


def example(option: str, *values: str) -> str:
    """The line that shows what would be right."""
    shown = [quoted(value.replace("'", "''")) for value in values]
    text = _EXAMPLES[option] if not shown else shown[0] if len(shown) == 1 else f"[{', '.join(shown)}]"
    return f"\nRight would be, for example: {option}: {text}"


def _what_is_wrong_with(value: Any) -> str:
    kinds = ((NoneType, "a value is missing"), (bool, "true or false is no name"), (Mapping, "a mapping is no name"),
             ((list, tuple), "a list is no name"))
    return next((words for kind, words in kinds if isinstance(value, kind)), f"{value} is a number")


_LONGEST_NAME = 32767  # characters; Windows has no longer path ("Maximum Path Length Limitation")
_IN_NO_NAME = re.compile('["<>|]')  # "Naming Files, Paths, and Namespaces"
_EVERYTHING = "*"
HOW_TO_SAY_EVERYTHING = "to remove everything, say name: '*'"


class ConnectionSelection:
    """Which network connections are meant: the options name, remote and exclude."""

    def __init__(self, name: Any, remote: Any, exclude: Any) -> None:
        """Each is one text or a list; None for any, of exclude for none. Raises Refused."""
        self._names = None if name is None else {_checked("name", text, _parse_name) for text in _required("name", name)}
        self._remotes = None if remote is None else [_checked("remote", text, _parse_remote) for text in _required("remote", remote)]
        self._excluded_devices: set[str | None] = set()
        self._excluded_remotes: list[RemoteName] = []
        for text in names_of("exclude", exclude) or ():
            _checked("exclude", text, self._exclude)

    @staticmethod
    def require_selector(name: Any, remote: Any) -> None:
        """Refuse a clean-up without any selector: forgetting it must not empty a fleet."""
        if name is None and remote is None:
            raise Refused("It is not said what to take away; "
                          f"{HOW_TO_SAY_EVERYTHING}{example('remote')}")

    def matches(self, device: str | None, remote: str | None) -> bool:
        """Whether a connection is meant: its device, None without one, and its remote name, None where there is none."""
        name = RemoteName.parse(remote or "")
        called = device if device is not None else str(name or "")
        return (self._names is None or _EVERYTHING in self._names or called in self._names) \
            and (self._remotes is None or (name is not None and any(pattern.matches(name) for pattern in self._remotes))) \
            and device not in self._excluded_devices \
            and not self._is_excluded(remote)

    def _is_excluded(self, remote: str | None) -> bool:
        """By what a URL's '%20' stands for and by what it is: which of them Windows keeps is documented nowhere."""
        return any(pattern.matches(name) for name in _readings(remote or "") for pattern in self._excluded_remotes)

    def _exclude(self, text: str) -> None:
        if device := device_of(text):
            self._excluded_devices.add(device)
            return
        _parse_pattern("exclude", text)
        self._excluded_remotes.extend(_readings(text))


def _readings(remote: str) -> Iterator[RemoteName]:
    for encoded in (False, True):
        if name := RemoteName.parse(remote, encoded):
            yield name


def _required(option: str, value: Any) -> list[str]:
    values = names_of(option, value)
    if not values:
        raise Refused(f"{option}: the list is empty, which selects nothing; " + HOW_TO_SAY_EVERYTHING + example(option))
    return values


def _checked(option: str, text: str, parse: Callable[[str], _T]) -> _T:
    def check(value: str) -> _T:
        require_one(option, value, _are_names)
        one = trim(value, _SEPARATORS)
        if value[-1] in _SEPARATORS:
            raise Refused("ends in what is between names; where it belongs to a share's name, remote and exclude take '?' in its place"
                          + example(option, *[one] if one else []))
        if _utf16_length(value) > _LONGEST_NAME:
            raise Refused("is longer than any name in Windows" + example(option))
        if _CONTROL.search(value) or _IN_NO_NAME.search(value) or _INVALID.search(value):
            raise Refused("has a character in it that no name has" + example(option))
        return parse(value)
    return parsed(option, text, check)


def _utf16_length(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def _are_names(pieces: Sequence[str]) -> bool:
    r"""'H:,I:' and '\\a\b,\\c\d', but not '\\a\b,c'."""
    return all(map(device_of, pieces)) or any(RemoteName.parse(piece) or (":" in piece and device_of(piece)) for piece in pieces[1:])


def _parse_name(text: str) -> str:
    device = device_of(text)
    if device or text == _EVERYTHING:
        return device or _EVERYTHING
    remote = RemoteName.parse(text)
    if not remote:
        raise Refused("is no name of a connection; these are drive letters (Z:), ports (LPT1: to LPT9:), remote names "
                      "(\\\\server\\share) and '*'" + example("name"))
    _require_server("name", remote)
    if remote.has_wildcards:
        raise Refused("has a wildcard, which no name of a connection has" + example("remote", text))
    if not remote.path and remote.any_protocol:
        raise Refused("is a server, not a connection" + example("remote", text))
    return str(_require_possible("name", text, remote))


def _parse_remote(text: str) -> RemoteName:
    if text == _EVERYTHING:
        raise Refused("matches every server; " + HOW_TO_SAY_EVERYTHING + example("remote"))
    if device := device_of(text):
        raise Refused("is a device, not a remote name" + example("name", device))
    return _require_server("remote", _parse_pattern("remote", text))


def _parse_pattern(option: str, text: str) -> RemoteName:
    if pattern := RemoteName.parse(text):
        return _require_possible(option, text, pattern)
    meant = "\\\\" + text.lstrip("\\/")
    name = None if ":" in text else RemoteName.parse(meant)
    raise Refused("is no remote name; these begin with \\\\server"
                  + example(option, *_with_servers(meant, name) if name and name.names_server else []))


def _require_possible(option: str, text: str, pattern: RemoteName) -> RemoteName:
    r"""'\\fs1,fs2' and '\\oldfs \keep' would select nothing, and protect nothing."""
    possible = _servers_in(pattern)
    if possible == [pattern.authority]:
        return pattern
    raise Refused(("looks like several names in one text" if len(possible) > 1 else "has a character in its server's name that none has")
                  + example(option, *_with_servers(text, pattern) if pattern.authority in text else []))


def _servers_in(name: RemoteName) -> list[str]:
    return list(filter(None, map(visible, re.split(f"[{_SEPARATORS} ]", name.authority))))


def _with_servers(text: str, name: RemoteName) -> list[str]:
    """A remote name with each of the servers that it seems to name."""
    return [text.replace(name.authority, server) for server in _servers_in(name)]


def _require_server(option: str, pattern: RemoteName) -> RemoteName:
    """A filter that is broader than meant once unmapped a whole company: every pattern names a server."""
    if not pattern.names_server:
        raise Refused("names no server (it would match every one); " + HOW_TO_SAY_EVERYTHING + example(option))
    return pattern


def check_pattern(text: str) -> str:
    """The text, if it is a value of remote. Raises Refused; the message begins with the text."""
    try:
        _checked("remote", text, _parse_remote)
    except Refused as error:
        raise Refused(str(error).removeprefix("remote: ")) from None
    return text


def check_users(value: Any) -> list[str] | None:
    """The texts of the option users; which accounts there are, the machine knows. Raises Refused."""
    users = names_of("users", value)
    if users == []:
        raise Refused("users: the list is empty, which selects nobody" + example("users", "all"))
    for user in users or ():
        parsed("users", user, _check_user)
    return users


def _check_user(text: str) -> None:
    require_one("users", text, lambda _pieces: not set(_SEPARATORS).isdisjoint(text))
    if _CONTROL.search(text):  # as of the command line's CORP\nina, where Ansible reads \n as a line break
        raise Refused("has a character in it that no name has" + example("users"))
    if text.upper().startswith("S-1-") and not re.fullmatch("S-1-[0-9]+(-[0-9]+)+", text, re.ASCII | re.IGNORECASE):
        raise Refused("is no SID" + example("users", "S-1-5-21-1004336348-1177238915-682003330-1001"))
