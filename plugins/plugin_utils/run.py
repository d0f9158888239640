# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the processes of one run have in common: its id, its plan and its course, in files of their ansible-playbook command."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ansible import constants as C

from ansible_collections.netdrive.windows.plugins.plugin_utils.files import atomic_file
from ansible_collections.netdrive.windows.plugins.plugin_utils.records import new_run_id
from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import Refused


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
