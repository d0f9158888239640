# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The order and the batches of a run, and what makes it stop."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from ansible_collections.netdrive.windows.plugins.plugin_utils import records
from ansible_collections.netdrive.windows.plugins.plugin_utils.batches import in_turn, sizes, stopped, too_many

from tests.unit import fleet


@pytest.mark.parametrize("batches, machines, numbers", [
    ([1, "10%", "100%"], 200, [1, 20, 200]), ([1, "10%", "100%"], 6, [1, 1, 6]), (["1", "50%"], 9, [1, 4]), ([5], 3, [5]),
    ([" 2 ", "0.5 %"], 1000, [2, 5])])
def test_sizes_are_numbers_or_percentages(batches: list[Any], machines: int, numbers: list[int]) -> None:
    assert sizes(batches, machines) == numbers


@pytest.mark.parametrize("batches", [[], [0], [-1], ["few"], ["0%"], ["101%"], [1.5], [None], ["nan"], ["inf"]])
def test_sizes_that_say_nothing_are_refused(batches: list[Any]) -> None:
    with pytest.raises(ValueError, match="cleanup_batches"):
        sizes(batches, 100)


def test_who_never_had_a_turn_comes_first_and_who_failed_last() -> None:
    on_record = {host: records.parse(records.Record, fleet.record(host, status=status)) for host, status in {
        "pc1": "failed", "pc2": "clean", "pc3": "in_use", "pc4": "unreachable", "pc6": "unreachable"}.items()}
    hosts = [f"pc{number}" for number in range(1, 8)]
    assert in_turn(hosts, {**on_record, "pc5": None}) == ["pc5", "pc7", "pc4", "pc6", "pc3", "pc1"]


@pytest.mark.parametrize("batch, before, limits, stops", [
    ({"failed": 1}, {"clean": 1}, {}, False),  # one alone never does
    ({"failed": 1, "clean": 1}, {"clean": 1}, {}, False),
    ({"failed": 1}, {"clean": 1, "failed": 1}, {}, True),  # two of three
    ({"failed": 1}, {"clean": 30, "failed": 1}, {}, False),  # two of 32
    ({"failed": 1}, {"clean": 9}, {"max_failures": 0}, True),
    ({"failed": 2, "clean": 18}, {"clean": 1}, {}, False),  # just a tenth
    ({"failed": 3, "clean": 17}, {"clean": 1}, {}, True),
    ({"failed": 3, "clean": 17}, {"clean": 500}, {}, True),  # a batch that is large enough is judged by itself
    ({"failed": 3, "in_use": 40, "clean": 7}, {}, {}, False),
    ({"failed": 3, "clean": 17, "unreachable": 80}, {}, {}, True),  # of those that answered
    ({"failed": 20}, {}, {"max_failures": 100}, False),
    ({"unreachable": 100}, {}, {}, False),
    ({"unreachable": 30, "clean": 70}, {}, {"max_unreachable": 25}, True),
    ({"unreachable": 25, "clean": 75}, {}, {"max_unreachable": 25}, False)])
def test_what_stops_a_run(batch: dict[str, int], before: dict[str, int], limits: dict[str, float], stops: bool) -> None:
    manifest = records.parse(records.Manifest, fleet.manifest(["pc1"], **{"max_failures": 10, **limits}))
    assert bool(too_many(Counter(batch), Counter(batch) + Counter(before), manifest)) is stops


def test_a_stop_says_how_to_go_on() -> None:
    assert "1 is left alone" in stopped("So.", 1)
    assert "12 are left alone" in stopped("So.", 12) and "-e cleanup_resume=true" in stopped("So.", 12)
