# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What all hosts of one clean-up have in common: the run they are part of, and what is to be taken away."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ansible import constants as C

from ansible_collections.netdrive.windows.plugins.plugin_utils.migration_list import read_list
from ansible_collections.netdrive.windows.plugins.plugin_utils.options import path_of, seconds, text_of, truth
from ansible_collections.netdrive.windows.plugins.plugin_utils.records import atomic_file, new_run_id
from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import (
    ConnectionSelection, Refused, check_users, names_of, trim)


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


def write_plan(plan: Mapping[str, Any]) -> None:
    """Leave for the workers what is the same on all machines: options of their task, checked. A template of it costs each of them more."""
    _write("plan", plan)


def read_plan() -> dict[str, Any]:
    """What write_plan left, for the rest of the command. Raises Refused if it did not, and OSError."""
    return _read("plan", "dir and selection are missing. Only behind netdrive.windows.cleanup_begin the task can be without them")


def write_course(course: Mapping[str, Any]) -> None:
    """Keep where the run is and where it goes. A fact of Ansible's would cost a task each time, and a copy in each task after it."""
    _write("course", course)


def read_course() -> dict[str, Any]:
    """What write_course kept last. Raises Refused if no run has begun, and OSError."""
    return _read("course", "no run has begun. This works behind netdrive.windows.cleanup_begin only")


def _write(name: str, data: Mapping[str, Any]) -> None:
    path = command_folder() / f"netdrive.windows.{name}"
    try:
        with atomic_file(path, replace=True) as file:
            file.write(json.dumps(data).encode())
    except OSError as error:
        raise OSError(f"{path} cannot be written: {error}") from error


def _read(name: str, missing: str) -> dict[str, Any]:
    folder = command_folder()
    try:
        data: dict[str, Any] = json.loads((folder / f"netdrive.windows.{name}").read_bytes())
    except FileNotFoundError as error:
        if not folder.is_dir():
            raise OSError(f"Something has removed {folder}, the temporary folder of this ansible-playbook command") from error
        raise Refused(missing) from None
    return data


_OPTIONS = ("exclude", "force", "list", "list_column", "name", "remote", "signed_out", "signed_out_roaming", "sources", "timeout",
            "update_profile", "users")


def make_selection(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of netdrive.windows.mapped_drive that a clean-up's options come to; null or empty text is not given.

    A migration list becomes `remote`. Signed-out users are left out where the module could not take them in. What the module
    would refuse on a machine is refused here, in the same words. Raises Refused, or OSError if the migration list cannot be read.
    """
    given = {option: value for option, value in options.items() if value is not None and value != ""}
    for option in sorted(given.keys() - set(_OPTIONS)):
        raise Refused(f"{option} is no option; did you mean {get_close_matches(option, _OPTIONS, n=1, cutoff=0)[0]}?\n"
                      f"The options are {', '.join(_OPTIONS)}")
    remote = _remote(given)
    selection: dict[str, Any] = {
        "name": names_of("name", given.get("name")), "remote": remote, "exclude": names_of("exclude", given.get("exclude", [])),
        "users": check_users(given.get("users", ["all"])), "signed_out": truth("signed_out", given.get("signed_out", True)),
        "signed_out_roaming": truth("signed_out_roaming", given.get("signed_out_roaming", False)),
        "sources": truth("sources", given.get("sources", True)),
        "update_profile": truth("update_profile", given.get("update_profile", True)), "force": truth("force", given.get("force", False)),
        "timeout": seconds("timeout", given.get("timeout", 60))}
    ConnectionSelection.require_selector(selection["name"], remote)
    ConnectionSelection(selection["name"], remote, selection["exclude"])
    others = any(trim(user).casefold() != "current" for user in selection["users"])
    selection["signed_out"] = selection["signed_out"] and selection["update_profile"] and others
    selection["signed_out_roaming"] = selection["signed_out_roaming"] and selection["signed_out"]
    return selection


def _remote(given: Mapping[str, Any]) -> list[str] | None:
    """The patterns on remote names: those given, or those of a migration list."""
    if "list" not in given:
        if "list_column" in given:
            raise Refused("list_column: there is no migration list that it could be a column of\n"
                          "Right would be, for example: list: servers.csv")
        return names_of("remote", given.get("remote"))
    if "remote" in given:
        raise Refused("list: a migration list and remote names are both given\nGive one of them, not both")
    column = text_of("list_column", given["list_column"], "'Old share'") if "list_column" in given else None
    return read_list(Path(path_of("list", given["list"])), column)
