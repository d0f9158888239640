# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Many runs in a row against one target: nothing on it may grow.

The long run: `./dev test tests/integration/test_soak.py --runs 200 --capture no`
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.integration.ansible import mapped_drive
from tests.stand.target import Target

WARM_UP = 2  # runs
DESCRIPTION: dict[str, Any] = {
    'connections': [{'name': f'{letter}:', 'remote': rf'\\oldfs\{letter}'} for letter in 'HIJK'] + [{'remote': r'\\oldfs\IPC$'}],
    'users': [
        {'name': r'CORP\user1', 'sid': 'S-1-5-21-1-2-3-1001', 'connections': [{'name': 'H:', 'remote': r'\\oldfs\one'},
                                                                              {'name': 'K:', 'remote': r'\\keep\one'}]},
        {'name': r'CORP\user2', 'sid': 'S-1-5-21-1-2-3-1002', 'signed_in': False,
         'connections': [{'name': 'H:', 'remote': r'\\oldfs\two', 'connected': False}]}]}


class Sizes(NamedTuple):
    """What must not grow. The processes are those of the machine that outlive a run; a run's own end with it."""
    processes: int
    handles: int
    memory: int
    hives: int
    files: int


def sizes(target: Target) -> Sizes:
    processes = list(processes_of(target.prefix))
    files = sum(len(names) for _folder, _folders, names in os.walk(target.prefix / 'drive_c', followlinks=False))
    return Sizes(len(processes), sum(len(list((process / 'fd').iterdir())) for process in processes),
                 sum(resident(process) for process in processes), len(target.agent.keys('HKU')), files)


def processes_of(prefix: Path) -> Iterator[Path]:
    """The folders in /proc of the processes that run in a Wine prefix, its server included."""
    mark = f'WINEPREFIX={prefix}'.encode()
    for process in Path('/proc').glob('[0-9]*'):
        try:
            if mark in (process / 'environ').read_bytes().split(b'\0'):
                yield process
        except OSError:
            pass  # it has ended


def resident(process: Path) -> int:
    """Bytes of memory of its own."""
    pages = (process / 'statm').read_text().split()
    return (int(pages[1]) - int(pages[2])) * os.sysconf('SC_PAGE_SIZE')


def settled(target: Target, most: int) -> Sizes:
    """The sizes once a run's own processes have ended, or after ten seconds."""
    deadline = time.monotonic() + 10
    while (found := sizes(target)).processes > most and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def test_nothing_grows(machine: Target, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    machine.set(DESCRIPTION)
    idle = sizes(machine).processes
    seconds: list[float] = []
    found: list[Sizes] = []
    for number in range(WARM_UP + pytestconfig.getoption('runs')):
        machine.set(DESCRIPTION)
        started = time.monotonic()
        result = mapped_drive(machine, tmp_path, remote=[r'\\oldfs'], users=['all'], signed_out=True)
        seconds.append(time.monotonic() - started)
        assert [entry['error'] for entry in result['connections']] == [None] * 7
        found.append(settled(machine, idle))
        print(f'{number:4}  {seconds[-1]:.2f} s  {found[-1]}', flush=True)

    before, *rest = found[WARM_UP - 1:]
    for later in rest:
        assert (later.processes, later.hives, later.files) == (before.processes, before.hives, before.files)
    assert rest[-1].handles <= before.handles + len(rest) // 10
    assert rest[-1].memory <= before.memory + 4_000_000 + 20_000 * len(rest)
    if len(rest) >= 30:  # fewer say nothing about time
        third = len(rest) // 3
        assert statistics.median(seconds[-third:]) <= 1.25 * statistics.median(seconds[WARM_UP:][:third])
