# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks of the documentation: it renders, and it says what the code says."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.lint.collection import Collection

# Folders below plugins/ of which ansible-doc has nothing to show: an action's documentation is its module's.
UNDOCUMENTED = {"action", "doc_fragments", "module_utils", "plugin_utils"}

# What counts of an option, and what it is where nothing is said.
FIELDS: dict[str, Any] = {
    "type": "str",
    "elements": None,
    "required": False,
    "default": None,
    "choices": None,
    "aliases": [],
}


def render(collection: Collection) -> list[str]:
    """ansible-doc shows every module, plugin and role without an error or a warning."""
    folders = {Path(file).parts[1] for file in collection.files("plugins/*/*")} - UNDOCUMENTED
    names = {folder.replace("modules", "module"): collection.plugins(folder) for folder in sorted(folders)}
    names["role"] = [Path(role).parts[1] for role in collection.files("roles/*/tasks/main.yml")]
    return [
        line
        for kind, plugins in names.items()
        for plugin in plugins
        for line in _render(collection, kind, f"{collection.name}.{plugin}")
    ]


def _render(collection: Collection, kind: str, name: str) -> list[str]:
    result = collection.run("ansible-doc", "--type", kind, name)
    if result.returncode == 0 and not result.stderr and result.stdout.strip():
        return []
    return [f"{kind} {name}: {line}" for line in result.stderr.splitlines() or ["ansible-doc shows nothing"]]


def options(collection: Collection) -> list[str]:
    """Argument specs and documentation agree, for modules and for roles."""
    return [*_modules(collection), *_roles(collection)]


def differences(spec: Mapping[str, Any], documented: Mapping[str, Any], place: str) -> Iterator[str]:
    """Compare the options of an argument spec with the documented ones; place begins each finding."""
    for name in sorted(spec.keys() | documented.keys()):
        option = f"{place}{name}"
        if name not in documented:
            yield f"{option}: is not documented"
        elif name not in spec:
            yield f"{option}: is documented, but not in the argument spec"
        else:
            yield from _field_differences(spec[name], documented[name], option)
            suboptions = documented[name].get("suboptions", {})
            yield from differences(spec[name].get("options", {}), suboptions, f"{option}.")


def _field_differences(spec: Mapping[str, Any], documented: Mapping[str, Any], option: str) -> Iterator[str]:
    for field, default in FIELDS.items():
        coded, written = spec.get(field, default), documented.get(field, default)
        if isinstance(written, dict):  # choices, each with its description
            written = list(written)
        if coded != written:
            yield f"{option}: {field} is {coded!r} in the argument spec, {written!r} in the documentation"


def _modules(collection: Collection) -> Iterator[str]:
    scripts = _script_specs(collection)
    specs = _action_specs(collection) | scripts
    names = collection.plugins("modules")
    documentation = _documentation(collection, names)
    for name in names:
        spec, documented = specs.get(name), documentation.get(name)
        if spec is None or documented is None:
            yield f"{name}: there is no {'argument spec made of constants' if spec is None else 'documentation'}"
            continue
        yield from differences(spec.get("options", {}), documented.get("options", {}), f"{name}: ")
        support = documented.get("attributes", {}).get("check_mode", {}).get("support")
        if name in scripts and bool(spec.get("supports_check_mode")) != (support in ("full", "partial")):
            yield f"{name}: supports_check_mode and attributes.check_mode.support ({support}) do not agree"


def _documentation(collection: Collection, modules: list[str]) -> dict[str, Any]:
    """The documentation of each module, with what its fragments bring along."""
    if not modules:
        return {}
    result = collection.run("ansible-doc", "--json", *(f"{collection.name}.{name}" for name in modules))
    shown = json.loads(result.stdout or "{}")
    return {name.rpartition(".")[2]: entry["doc"] for name, entry in shown.items() if "doc" in entry}


def _script_specs(collection: Collection) -> dict[str, Any]:
    """The argument spec of each module in PowerShell."""
    result = collection.run(*collection.tool("spec", *collection.files("plugins/modules/*.ps1")))
    if result.returncode != 0:
        raise RuntimeError(result.stderr)
    return {Path(file).stem: spec for file, spec in json.loads(result.stdout).items()}


def _action_specs(collection: Collection) -> dict[str, Any]:
    """The argument spec of each action plugin; the module of the same name documents it."""
    files = collection.files("plugins/action/*.py")
    return {Path(file).stem: _action_spec(collection.root / file) for file in files}


def _action_spec(path: Path) -> dict[str, Any] | None:
    """The literal that an action plugin gives to validate_argument_spec; None without."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "validate_argument_spec":
            literals = [*node.args, *(keyword.value for keyword in node.keywords)]
            return {"options": ast.literal_eval(literals[0])}
    return None


def _roles(collection: Collection) -> Iterator[str]:
    for tasks in collection.files("roles/*/tasks/main.yml"):
        role = collection.root / Path(tasks).parents[1]
        entry_points = _read(role / "meta/argument_specs.yml").get("argument_specs", {})
        documented = {name: option for entry in entry_points.values() for name, option in entry["options"].items()}
        defaults = _read(role / "defaults/main.yml")
        for name in sorted(documented.keys() | defaults.keys()):
            if name not in documented:
                yield f"{role.name}: {name} is in defaults/main.yml, but not in meta/argument_specs.yml"
            elif documented[name].get("default") != defaults.get(name):
                yield f"{role.name}: {name} has different defaults in defaults/main.yml and meta/argument_specs.yml"


def _read(path: Path) -> dict[str, Any]:
    return (yaml.safe_load(path.read_text(encoding="utf-8")) or {}) if path.exists() else {}
