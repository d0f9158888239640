# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a run is, as the playbook reads it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ansible_collections.netdrive.windows.plugins.lookup.cleanup_course import LookupModule
from ansible_collections.netdrive.windows.plugins.plugin_utils import run
from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import Refused


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The temporary folder of a command."""
    folder = tmp_path / "ansible-local-1"
    folder.mkdir()
    monkeypatch.setattr(run, "command_folder", lambda: folder)
    return folder


@pytest.mark.usefixtures("folder")
def test_before_a_run_has_begun_the_playbook_goes_nowhere() -> None:
    assert not LookupModule().run(["pilots"])
    with pytest.raises(Refused, match="no run has begun"):
        run.read_course()


@pytest.mark.usefixtures("folder")
def test_the_playbook_goes_where_the_course_says() -> None:
    run.write_course({"pilots": ["pc1", "pc2"], "number": 3, "after": None, "some": []})
    assert LookupModule().run(["pilots", "number"]) == ["pc1", "pc2", 3]
    assert LookupModule().run(["after"]) == [None]
    assert not LookupModule().run(["some"]) and not LookupModule().run(["rest"])


def test_a_folder_that_something_removed_is_no_run_that_has_nowhere_to_go(folder: Path) -> None:
    run.write_course({"machines": ["pc1"]})
    shutil.rmtree(folder)
    with pytest.raises(OSError, match="has removed .*ansible-local-1"):
        LookupModule().run(["machines"])
    with pytest.raises(OSError, match="ansible-local-1.* cannot be written"):
        run.write_course({})
