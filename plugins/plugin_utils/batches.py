# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""In which order and in which batches a run goes to its machines, and what makes it stop."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.netdrive.windows.plugins.plugin_utils.options import shown
from ansible_collections.netdrive.windows.plugins.plugin_utils.records import Kind, Manifest, Record

TRIES = 5
"""How many batches of pilots are tried one after the other; those after them are FEW machines each."""

FEW = 10
"""Where fewer machines than this answered, a batch is judged together with all that went before it."""

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) *(%?)")
_TURNS = ("not_run", "unreachable", "in_use", "failed")


def in_turn(hosts: Sequence[str], machines: Mapping[str, Record | None]) -> list[str]:
    """The hosts that are not clean by their records: first those that never had their turn, last those that failed."""
    statuses = {host: record.status if (record := machines.get(host)) else "not_run" for host in hosts}
    return sorted((host for host in hosts if statuses[host] != "clean"), key=lambda host: _TURNS.index(statuses[host]))


def sizes(batches: Sequence[Any], machines: int) -> list[int]:
    """How many machines each batch has, the last being repeated; a percentage is of all machines, and at least one.

    Raises ValueError.
    """
    numbers = []
    for size in batches:
        match = _SIZE.fullmatch(str(size).strip())
        number = float(match[1]) if match else 0
        if match and match[2]:
            number = max(1, machines * number // 100) if 0 < number <= 100 else 0
        if number < 1 or number != int(number):
            raise ValueError(f"cleanup_batches: {shown(size)} is neither a number of machines nor a percentage\n"
                             "Right would be, for example: cleanup_batches: [1, '10%', '100%']")
        numbers.append(int(number))
    if not numbers:
        raise ValueError("cleanup_batches: the list is empty\nRight would be, for example: cleanup_batches: [1, '10%', '100%']")
    return numbers


def answered(counts: Counter[str]) -> int:
    """How many machines did not stay out of reach."""
    return sum(counts.values()) - counts["unreachable"]


def too_many(batch: Counter[str], so_far: Counter[str], manifest: Manifest) -> str:
    """Why a run should stop, if it should: too many machines of those that answered failed, or too many do not answer.

    A single one is never too many, unless none is allowed.
    """
    small = answered(batch) < FEW
    counts, where = (so_far, "so far") if small else (batch, "in this batch")
    if _above(counts["failed"], answered(counts), manifest.max_failures):
        return (f"{counts['failed']} of the {answered(counts)} machines that answered {where} failed; "
                f"cleanup_max_failures allows {manifest.max_failures:g} %.")
    return too_silent(batch, so_far, manifest)


def too_silent(batch: Counter[str], so_far: Counter[str], manifest: Manifest) -> str:
    """Why a run should stop, if it should: too many machines do not answer."""
    counts, where = (so_far, "so far") if sum(batch.values()) < FEW else (batch, "in this batch")
    if _above(counts["unreachable"], sum(counts.values()), manifest.max_unreachable):
        return (f"{counts['unreachable']} of the {sum(counts.values())} machines {where} could not be reached; "
                f"cleanup_max_unreachable allows {manifest.max_unreachable:g} %. With more, such as -e cleanup_max_unreachable=100, "
                "it would go on.")
    return ""


def _above(bad: int, of: int, percent: float) -> bool:
    return bad * 100 > percent * of and bad > (1 if percent else 0)


def unproven(batch: Counter[str], pilots: Sequence[str], kind: Kind | None) -> str:
    """Why a run should stop after pilots of which none is clean, if it should; pilots are those that are left."""
    if answered(batch):
        aim = "got everything back" if kind == "restore" else "got clean"
        return f"No machine of the first batch {aim}, so nothing shows that it would go well on the others."
    return "" if pilots else "None of the first machines could be talked to."


def stopped(reason: str, left: int) -> str:
    """Say that a run stops, and how to go on."""
    return (f"{reason} So the run stops, {left} {'is' if left == 1 else 'are'} left alone. The report says what failed and what to "
            "do. To go on, give the same command again with -e cleanup_resume=true: it begins with a machine that has not had its turn.")
