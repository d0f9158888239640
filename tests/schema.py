# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`./dev shell python3 -m tests.schema` writes docs/schema/record.json and manifest.json: what the classes of records.py say."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from ansible_collections.netdrive.windows.plugins.plugin_utils.records import ACTIONS, SCHEMA, Manifest, Record

FOLDER = Path(__file__).parents[1] / "docs" / "schema"
KINDS: dict[str, tuple[type, str]] = {
    "record": (Record, "records/RUN/HOST.json: what one run of netdrive.windows.cleanup did on one machine"),
    "manifest": (Manifest, "runs/RUN.json: what a run of netdrive.windows.cleanup set out to do"),
}
_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}


def schema(kind: type, title: str) -> dict[str, Any]:
    """The JSON Schema of a Record or Manifest; docs/records.md says in words what the fields are."""
    parts: dict[str, Any] = {}
    result = _object(kind, parts)
    result["properties"]["schema"] = {"enum": list(range(1, SCHEMA + 1))}
    result["properties"]["run"]["pattern"] = "^[0-9A-Za-z][0-9A-Za-z._-]{0,99}$"
    if kind is Record:
        result["properties"]["host"]["minLength"] = 1
        result["allOf"] = [_only(run, [*actions, None]) for run, actions in ACTIONS.items()]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **result, "$defs": parts}


def _only(run: str | None, actions: list[str | None]) -> dict[str, Any]:
    """That the record of such a run has only these actions."""
    action = {"connections": {"items": {"properties": {"action": {"enum": actions}}}}}
    return {"if": {"properties": {"kind": {"const": run}}, **({"required": ["kind"]} if run else {})}, "then": {"properties": action}}


def _object(kind: type, parts: dict[str, Any]) -> dict[str, Any]:
    hints, fields = get_type_hints(kind), dataclasses.fields(kind)
    return {"type": "object",
            "required": [one.name for one in fields if one.default is one.default_factory is dataclasses.MISSING],
            "properties": {one.name: _value(hints[one.name], parts) for one in fields}}


def _value(kind: Any, parts: dict[str, Any]) -> dict[str, Any]:
    arguments = get_args(kind)
    if kind is Any:
        return {}
    if kind is datetime:
        return {"type": "string", "format": "date-time", "pattern": "Z$"}
    if dataclasses.is_dataclass(kind):
        name = kind.__name__  # type: ignore[union-attr]
        if name not in parts:
            parts[name] = _object(kind, parts)  # type: ignore[arg-type]
        return {"$ref": f"#/$defs/{name}"}
    if get_origin(kind) is Literal:
        return {"enum": list(arguments)}
    if get_origin(kind) in (list, tuple):
        return {"type": "array", "items": _value(arguments[0], parts)}
    if get_origin(kind) is dict:
        return {"type": "object", "additionalProperties": _value(arguments[1], parts)}
    if get_origin(kind) in (Union, UnionType):
        return {"anyOf": [_value(one, parts) for one in arguments]}
    return {"type": _PLAIN[kind]}


def text(name: str) -> str:
    """A schema as its file has it."""
    return json.dumps(schema(*KINDS[name]), indent=1) + "\n"


if __name__ == "__main__":
    for file in KINDS:
        (FOLDER / f"{file}.json").write_text(text(file), encoding="utf-8")
