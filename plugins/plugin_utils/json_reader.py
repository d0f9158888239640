# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads decoded JSON into dataclasses: their types are the schema, and what is not as they say is named."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

Reader = Callable[[Any], Any]

FORMERLY = "formerly"
"""In the metadata of a field: what it was called in version 0.1.0."""

_UTC = re.compile(r"([0-9-]{10}T[0-9:]{8})(?:\.([0-9]+))?Z")


class RecordError(ValueError):
    """A record or manifest is not what the schema says; the text names the field."""

    def within(self, place: str) -> RecordError:
        """The same error seen from one level further out."""
        text = str(self)
        return RecordError(f"{place}{text}" if text.startswith(("[", ".")) else f"{place}: {text}")


def _plain(kind: type) -> Reader:
    names = {str: "a string", int: "a whole number", float: "a number", bool: "true or false", NoneType: "null"}

    def read(value: Any) -> Any:
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise RecordError(f"must be {names[kind]}, not {excerpt(value)}")
        return value

    def read_text(value: Any) -> Any:
        # The same users, servers and providers come back on every machine: keep each text once. Ansible's own texts can't be.
        return sys.intern(value if type(value) is str else str(read(value)))  # pylint: disable=unidiomatic-typecheck
    return read_text if kind is str else read


def excerpt(value: Any) -> str:
    """A value as JSON, for a message: its beginning, where it is long."""
    text = json.dumps(value, default=str)
    return text if len(text) <= 40 else f"{text[:40]}…"


def _moment(value: Any) -> datetime:
    if isinstance(value, str) and (match := _UTC.fullmatch(value)):
        with suppress(ValueError):  # before Python 3.11 it knew no Z, and three or six digits only
            return datetime.fromisoformat(f"{match[1]}.{(match[2] or '')[:6]:0<6}+00:00")
    raise RecordError(f"must be a time in UTC like 2026-11-23T01:02:03.123Z, not {excerpt(value)}")


def _one_of(choices: tuple[str, ...]) -> Reader:
    def read(value: Any) -> Any:
        if value not in choices:
            raise RecordError(f"must be one of {', '.join(choices)}, not {excerpt(value)}")
        return value
    return read


def _either(readers: list[Reader], nullable: bool) -> Reader:
    first = readers[0]
    if nullable and len(readers) == 1:
        return lambda value: None if value is None else first(value)

    def read(value: Any) -> Any:
        if value is None and nullable:
            return None
        for reader in readers[:-1]:
            try:
                return reader(value)
            except RecordError:
                pass
        return readers[-1](value)
    return read


def _list_of(reader: Reader, kind: type) -> Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            raise RecordError(f"must be a list, not {excerpt(value)}")
        items = []
        try:
            for item in value:
                items.append(reader(item))
        except RecordError as error:
            raise error.within(f"[{len(items)}]") from None
        return kind(items)
    return read


def _dict_of(reader: Reader) -> Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise RecordError(f"must be an object, not {excerpt(value)}")
        items = {}
        for key, item in value.items():
            try:
                items[sys.intern(str(key))] = reader(item)
            except RecordError as error:
                raise error.within(f".{key}") from None
        return items
    return read


def _object(kind: type) -> Reader:
    hints = get_type_hints(kind)
    members = [(member.name, reader_of(hints[member.name]), member.default is MISSING and member.default_factory is MISSING)
               for member in fields(kind)]
    names = {member.name for member in fields(kind)}
    former = {member.name: member.metadata[FORMERLY] for member in fields(kind) if FORMERLY in member.metadata}

    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise RecordError(f"must be an object, not {excerpt(value)}")
        if names <= value.keys():
            try:
                return kind(*[reader(value[name]) for name, reader, dummy in members])
            except RecordError:
                pass
        return read_with_care(value)

    def read_with_care(value: dict[str, Any]) -> Any:
        """The same where something is left out, or wrong and to be named."""
        arguments = {}
        for name, reader, required in members:
            written = name if name in value else former.get(name, name)
            try:
                if written in value:
                    arguments[name] = reader(value[written])
                elif required:
                    raise RecordError("is missing")
            except RecordError as error:
                raise error.within(f".{written}") from None
        return kind(**arguments)
    return read


def reader_of(kind: Any) -> Reader:
    """A function that checks a JSON value against a type and gives it back as that type, or raises RecordError."""
    arguments = get_args(kind)
    if kind is Any:
        return lambda value: value
    if kind is datetime:
        return _moment
    if is_dataclass(kind):
        return _object(kind)  # type: ignore[arg-type]
    if get_origin(kind) is Literal:
        return _one_of(arguments)
    if get_origin(kind) in (list, tuple):
        return _list_of(reader_of(arguments[0]), get_origin(kind))
    if get_origin(kind) is dict:
        return _dict_of(reader_of(arguments[1]))
    if get_origin(kind) in (Union, UnionType):
        return _either([reader_of(one) for one in arguments if one is not NoneType], NoneType in arguments)
    return _plain(kind)
