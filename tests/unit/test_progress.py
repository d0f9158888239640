# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The text of the progress line."""

from __future__ import annotations

from ansible_collections.netdrive.windows.plugins.callback.cleanup_progress import State


def test_it_says_how_far_how_fast_and_how_long() -> None:
    state = State(1000, 100.0)
    assert str(state) == "0 of 1000 machines, 0 connections removed, 0 failed, 0 unreachable"
    for dummy in range(100):
        state.add("clean", 3, 110.0)
    assert str(state) == ("100 of 1000 machines, 300 connections removed, 0 failed, 0 unreachable, "
                          "600 a minute, 1:30 left")
    state.add("failed", 1, 3600.0)
    state.add("unreachable", 0, 3800.0)
    assert "102 of 1000 machines, 301 connections removed, 1 failed, 1 unreachable, 2 a minute, 9:08:" in str(state)


def test_a_dry_run_removes_nothing() -> None:
    state = State(2, 0.0, dry=True)
    state.add("clean", 3, 10.0)
    assert str(state).startswith("1 of 2 machines, 3 connections would be removed, 0 failed")


def test_machines_that_were_skipped_are_done_but_took_no_time() -> None:
    state = State(4, 0.0)
    state.add("skipped", 0, 0.0)
    assert str(state).endswith("1 of 4 machines, 0 connections removed, 0 failed, 0 unreachable")
    state.add("skipped", 0, 10.0)
    state.add("clean", 2, 60.0)
    assert str(state).endswith("1 a minute, 1:00 left")
    state.add("clean", 2, 120.0)
    assert str(state) == "4 of 4 machines, 4 connections removed, 0 failed, 0 unreachable, 1 a minute, took 2:00"
