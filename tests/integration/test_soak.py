# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Many runs in a row against one target: nothing on it may grow.

The long run: `./dev test tests/integration/test_soak.py --runs 200 --capture no`
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.integration.ansible import mapped_drive
from tests.integration.machines import OWN, connection, own, remembered, sid, user
from tests.stand.execution import marked
from tests.stand.target import Target

WARM_UP = 1  # run, before memory, handles and time are looked at
DESCRIPTION: dict[str, Any] = {'users': [
    own(*(connection(f'{letter}:', rf'\\oldfs\{letter}') for letter in 'HIJK'), connection(None, r'\\oldfs\IPC$')),
    user(1, connection('H:', r'\\oldfs\one'), connection('K:', r'\\keep\one')),
    user(2, remembered('H:', r'\\oldfs\two'), signed_in=False)]}
ACTIONS = [(OWN, r'\\oldfs\IPC$', 'removed'), *((OWN, rf'\\oldfs\{letter}', 'removed') for letter in 'HIJK'),
           (sid(1), r'\\oldfs\one', 'removed'), (sid(2), r'\\oldfs\two', 'forgotten')]
LEFT = {OWN: [], sid(1): [r'\\keep\one'], sid(2): []}


class Sizes(NamedTuple):
    """What must not grow. The processes are those of the machine that outlive a run; a run's own end with it."""
    processes: int
    hives: int
    files: int
    handles: int
    memory: int


def sizes(target: Target) -> Sizes:
    held = [found for pid in marked('WINEPREFIX', str(target.prefix)) if (found := held_by(Path('/proc', str(pid))))]
    folders = [folder for folder in (target.prefix / 'drive_c').iterdir() if folder.name != 'stand']  # where connections are files
    files = sum(len(names) for folder in folders for place, _folders, names in os.walk(folder)
                if not place.endswith('AppData/Local/Microsoft/PowerShell'))  # PowerShell keeps there how it starts
    return Sizes(len(held), len(target.agent.keys('HKU')), files, *map(sum, zip(*held)))


def held_by(process: Path) -> tuple[int, int] | None:
    """A process's handles and bytes of memory of its own; None for one that has ended."""
    try:
        handles = len(list((process / 'fd').iterdir()))
        resident, shared = map(int, (process / 'statm').read_text().split()[1:3])
    except (FileNotFoundError, ProcessLookupError):
        return None
    return handles, (resident - shared) * os.sysconf('SC_PAGE_SIZE')


def settled(target: Target, most: int) -> Sizes:
    """The sizes once a run's own processes have ended, or after a minute."""
    deadline = time.monotonic() + 60
    while (found := sizes(target)).processes > most and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def one_run(target: Target, folder: Path) -> float:
    """Runs the module on what it meets every time, and looks whether it did its work; the seconds that it took."""
    target.set(DESCRIPTION)
    started = time.monotonic()
    result = mapped_drive(target, folder, remote=[r'\\oldfs'], users=['all'], signed_out=True)
    seconds = time.monotonic() - started
    assert not result['failed'], result
    assert sorted((entry['sid'], entry['remote'], entry['action']) for entry in result['connections']) == sorted(ACTIONS)
    assert {whose: [one.remote for one in target.connections(whose)] for whose in LEFT} == LEFT
    return seconds


def thirds(found: Sequence[float]) -> tuple[float, float]:
    """The medians of the first and the last third, which don't see what comes and goes."""
    third = max(1, len(found) // 3)
    return statistics.median(found[:third]), statistics.median(found[-third:])


def growth(found: Sequence[float]) -> float:
    """How much it grew a run, from the middle of the first third to that of the last."""
    first, last = thirds(found)
    return (last - first) / max(1, len(found) * 2 // 3)


@pytest.mark.long
def test_nothing_grows(machine: Target, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    machine.set(DESCRIPTION)
    before = sizes(machine)
    seconds: list[float] = []
    found: list[Sizes] = []
    for number in range(WARM_UP + pytestconfig.getoption('runs')):
        seconds.append(one_run(machine, tmp_path))
        found.append(settled(machine, before.processes))
        print(f'{number:4}  {seconds[-1]:.2f} s  {found[-1]}', flush=True)
        # Processes, hives and files; not against an earlier run's: what each leaves and the next one removes would go unseen.
        assert found[-1][:3] == before[:3]

    del seconds[:WARM_UP], found[:WARM_UP]
    assert growth([each.handles for each in found]) < 0.5
    assert growth([each.memory for each in found]) < 25_000
    first, last = thirds(seconds)
    print(f'Seconds a run: {first:.2f} in the first third, {last:.2f} in the last one')
