# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Times commands, several cases in turn, so that what disturbs the machine disturbs all of them alike."""

from __future__ import annotations

import os
import shlex
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.integration import ansible
from tests.stand.target import Target


@dataclass(frozen=True)
class Measured:
    """One run of a command."""
    seconds: float
    memory: int
    """Bytes, of the largest of its processes."""


@dataclass
class Series:
    """All runs of a case."""
    runs: list[Measured] = field(default_factory=list)

    @property
    def seconds(self) -> list[float]:
        return [run.seconds for run in self.runs]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def memory(self) -> float:
        """Median, in bytes."""
        return statistics.median(run.memory for run in self.runs)


class Stage:
    """What the cases run on: targets by name, each started when it is first asked for, and a folder for files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._undo = ExitStack()
        self._targets: dict[str, Target] = {}

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._undo.close()

    def enter(self, context: Any) -> Any:
        """Enters a context that ends with the stage."""
        return self._undo.enter_context(context)

    def target(self, name: str) -> Target:
        """The target of that name, with one command behind it, as the first one is slower."""
        if name not in self._targets:
            self._targets[name] = target = self.enter(Target())
            ansible.module(target, 'ansible.windows.win_ping', {}, self.folder)
        return self._targets[name]


def command(arguments: Iterable[str | Path], folder: Path, *, code: int = 0, **environment: str) -> Measured:
    """Runs a command to its end.

    Raises RuntimeError, with the command's output, if its exit code is another than the one expected.
    """
    log = folder / 'output'
    words = [str(argument) for argument in arguments]
    with log.open('wb') as output:
        started = time.perf_counter()
        process = subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL,
                                   env=ansible.environment(**environment), stdout=output, stderr=subprocess.STDOUT)
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != code:
        raise RuntimeError(f'{shlex.join(words)} ended with {process.returncode}:\n{log.read_text(errors="replace")}')
    return Measured(seconds, usage.ru_maxrss * 1024)


def in_turn(cases: Mapping[str, Callable[[], Measured]], rounds: int, tell: Callable[[str], None]) -> dict[str, Series]:
    """Runs all cases, one after the other, as often as there are rounds."""
    found = {name: Series() for name in cases}
    for number in range(1, rounds + 1):
        for name, run in cases.items():
            found[name].runs.append(run())
            tell(f'{number}/{rounds} {name}: {found[name].runs[-1].seconds:.2f} s')
    return found
