# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run that is cut off, as by Ctrl-C, says last: what is on record, and how to go on."""

from __future__ import annotations

import atexit
import os
import shlex
from contextlib import suppress
from pathlib import Path

from ansible.utils.display import Display

from ansible_collections.netdrive.windows.plugins.plugin_utils.records import Manifest, manifest_path, read
from ansible_collections.netdrive.windows.plugins.plugin_utils.run import command_folder, this_run


def _mark() -> Path:
    """A file that is there from the beginning of a run to its report, in the folder that Ansible has for one command."""
    return command_folder() / "netdrive.windows.unfinished"


def note_beginning(directory: Path) -> None:
    """A run has begun that leaves its records there."""
    _mark().write_text(str(directory))


def note_report() -> None:
    """The run has come to its report."""
    _mark().unlink(missing_ok=True)


def _tell(process: int) -> None:
    with suppress(Exception):
        if os.getpid() == process and _mark().exists():
            directory = Path(_mark().read_text())
            machines = len(read(Manifest, manifest_path(directory, this_run())).hosts)
            done = len(list((directory / "records" / this_run()).glob("[!.]*.json")))
            Display().display(
                f"Cut off: {done} of {machines} machines are on record in {directory}. To go on, give the same command again with "
                "-e cleanup_resume=true. To see how far it came: ansible-playbook netdrive.windows.report "
                f"-e cleanup_report_dir={shlex.quote(str(directory))}")


# Ansible loads an action in its own process to see how it is to be run; what a worker registers there never runs.
atexit.register(_tell, os.getpid())
