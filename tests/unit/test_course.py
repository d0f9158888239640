# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a run goes after a batch, and what it says of those that it leaves alone."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.netdrive.windows.plugins.plugin_utils import records
from ansible_collections.netdrive.windows.plugins.plugin_utils.course import Course

from tests.unit import fleet

NOBODY_IS_ASKED: Any = SimpleNamespace(doors=lambda hosts: {})


def pcs(first: int, last: int) -> list[str]:
    """pc1 to pc9, by number."""
    return [f"pc{number}" for number in range(first, last + 1)]


@pytest.mark.parametrize("leg, batch, left, play, rest, alone", [
    ("first", pcs(1, 1), [], {"waiting": pcs(2, 99)}, [], 98),
    ("some", pcs(2, 11), pcs(12, 21), {"some": pcs(2, 21), "rest": pcs(22, 99)}, [], 88),
    ("some", pcs(2, 11), [], {"some": pcs(2, 11), "rest": pcs(12, 99)}, [], 88),
    ("rest", pcs(12, 31), pcs(32, 99), {"rest": pcs(12, 99)}, [], 68),
    ("rest", pcs(12, 99), [], {"rest": pcs(12, 99)}, pcs(12, 99), 0)])
def test_a_run_that_stops_says_how_many_it_leaves_alone(  # pylint: disable=too-many-arguments,too-many-positional-arguments
        tmp_path: Path, leg: str, batch: list[str], left: list[str], play: dict[str, list[str]], rest: list[str], alone: int) -> None:
    manifest = records.write_manifest(tmp_path, fleet.manifest(pcs(1, 99)))
    for host in batch:
        records.write_record(tmp_path, fleet.record(host, status="failed"))
    course = Course(tmp_path, manifest, NOBODY_IS_ASKED, False, 10, **play)  # type: ignore[arg-type]
    assert course.judge(leg, batch, left)
    assert (f" {alone} are left alone." in course.warning) is bool(alone), course.warning
    assert (course.waiting, course.some, course.rest) == ([], [], rest)
    assert sorted(course.not_clean) == sorted(batch)


def test_pilots_that_go_well_let_the_others_have_their_turn(tmp_path: Path) -> None:
    manifest = records.write_manifest(tmp_path, fleet.manifest(pcs(1, 99)))
    course = Course(tmp_path, manifest, NOBODY_IS_ASKED, False, 10)
    course.hold_back(["pc1"], pcs(1, 99))
    assert (course.some, course.rest) == ([], [])  # before anything is known of the pilot
    records.write_record(tmp_path, fleet.record("pc1"))
    assert course.judge("first", ["pc1"], [])
    assert (course.waiting, course.some, course.rest, course.warning) == ([], pcs(2, 11), pcs(12, 99), "")
