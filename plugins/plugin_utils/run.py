# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What all hosts of one clean-up have in common: the run they are part of, and what is to be taken away."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ansible import constants as C
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.netdrive.windows.plugins.plugin_utils.records import atomic_file, new_run_id


def command_folder() -> Path:
    """The temporary folder that Ansible makes for each command, and removes after it. All of its workers have the same."""
    return Path(C.DEFAULT_LOCAL_TMP)  # pylint: disable=no-member  # it is made from Ansible's configuration


def this_run() -> str:
    """The id of this run, which is one ansible-playbook command."""
    path = command_folder() / "netdrive.windows.run"
    if not path.exists():
        with suppress(FileExistsError), atomic_file(path, replace=False) as file:
            file.write(new_run_id().encode())
    return path.read_text()


_SPEC: dict[str, dict[str, Any]] = {
    "exclude": {"type": "list", "elements": "str", "default": []},
    "force": {"type": "bool", "default": False},
    "list": {"type": "path"},
    "name": {"type": "list", "elements": "str"},
    "remote": {"type": "list", "elements": "str"},
    "signed_out": {"type": "bool", "default": True},
    "signed_out_roaming": {"type": "bool", "default": False},
    "sources": {"type": "bool", "default": True},
    "timeout": {"type": "int", "default": 60},
    "update_profile": {"type": "bool", "default": True},
    "users": {"type": "list", "elements": "str", "default": ["all"]},
}


class SelectionError(ValueError):
    """It is not clear what is to be taken away; the text says what is wrong."""


def make_selection(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of netdrive.windows.mapped_drive that a clean-up's options come to; null or empty text is not given.

    A migration list becomes `remote`. Signed-out users are left out where the module could not take them in.
    Raises SelectionError, or OSError if the migration list cannot be read.
    """
    checked = ArgumentSpecValidator(_SPEC).validate(
        {name: value for name, value in options.items() if value is not None and value != ""})
    if checked.error_messages:
        raise SelectionError("; ".join(checked.error_messages))
    selection: dict[str, Any] = checked.validated_parameters
    path = selection.pop("list")
    if path is not None:
        if selection["remote"] is not None:
            raise SelectionError("Give either a migration list or remote names, not both")
        selection["remote"] = read_list(Path(path))
    if selection["name"] is None and selection["remote"] is None:
        raise SelectionError("It is not said what to take away: give remote names, a migration list, or names; "
                             "to remove everything, say name: '*'")
    for option in ("name", "remote"):
        if selection[option] == []:
            raise SelectionError(f"{option}: the list is empty")
    others = any(user.casefold() != "current" for user in selection["users"])
    selection["signed_out"] = selection["signed_out"] and selection["update_profile"] and others
    selection["signed_out_roaming"] = selection["signed_out_roaming"] and selection["signed_out"]
    return selection


_DELIMITERS = ",;\t"


def read_list(path: Path) -> list[str]:
    """The remote names in the first column of a migration list: CSV in UTF-8, with `,`, `;` or tabs between columns.

    A first line whose first column has no slash of either kind is a heading; empty lines and those that begin with `#`
    do not count. Raises SelectionError that names the line, or OSError.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SelectionError(f"{path} is not in UTF-8") from None
    remotes = list(_remotes(path, text.splitlines(keepends=True)))
    if not remotes:
        raise SelectionError(f"{path} has no remote names")
    return list(dict.fromkeys(remotes))


def _remotes(path: Path, lines: list[str]) -> Iterator[str]:
    delimiter = _delimiter(lines)
    rows = csv.reader(lines, delimiter=delimiter)
    heading = True
    for row in rows:
        cell = row[0].strip() if row else ""
        if not "".join(row).strip() or cell.startswith("#"):
            continue
        place = f"{path}, line {rows.line_num}: {cell!r}"
        if _is_remote(cell):
            if others := set(cell) & set(_DELIMITERS) - {delimiter}:
                raise SelectionError(f"{place} has {others.pop()!r} in it, but {delimiter!r} is between the columns")
            yield cell
        elif not heading or "/" in cell or "\\" in cell:
            raise SelectionError(f"{place} is no remote name; these begin with \\\\server")
        heading = False


def _is_remote(cell: str) -> bool:
    return cell.replace("/", "\\").startswith("\\\\")


def _delimiter(lines: list[str]) -> str:
    """What is between the columns: what ends the first remote name that does not fill its line."""
    for line in lines:
        cells = {"".join(next(csv.reader([line], delimiter=delimiter))[:1]).strip(): delimiter for delimiter in _DELIMITERS}
        shortest = min(cells, key=len)
        if len(cells) > 1 and _is_remote(shortest):
            return cells[shortest]
    return _DELIMITERS[0]
