# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Times commands, several cases in turn, so that what disturbs the machine disturbs all of them alike."""

from __future__ import annotations

import json
import random
import shlex
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.integration import ansible
from tests.stand.target import Target

TIMED = Path(__file__).with_name('timed.py')


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

    def target(self, name: str) -> Target:
        """The target of that name, with one command behind it, as the first one is slower."""
        if name not in self._targets:
            self._targets[name] = target = self._undo.enter_context(Target(ssh=True))
            assert ansible.module(target, 'ansible.windows.win_ping', {}, self.folder)['ping'] == 'pong'
        return self._targets[name]


def command(arguments: Iterable[str | Path], folder: Path, *, code: int = 0, says: str = '', **environment: str) -> Measured:
    """Runs a command to its end.

    Raises RuntimeError, with the command's output, if its exit code is another than the one expected, or if it does not say
    what it is to say.
    """
    words = [str(argument) for argument in arguments]
    timed = subprocess.run([sys.executable, TIMED, 'output', *words], cwd=folder, env=ansible.environment(**environment),
                           stdout=subprocess.PIPE, check=True)
    took = json.loads(timed.stdout)
    output = (folder / 'output').read_text(errors='replace')
    if took['code'] != code or says not in output:
        raise RuntimeError(f"{shlex.join(words)} ended with {took['code']}, not {code} and {says!r}:\n{output}")
    return Measured(took['seconds'], took['memory'])


def in_turn(cases: Mapping[str, Callable[[], Measured]], rounds: int, tell: Callable[[str], None]) -> dict[str, Series]:
    """Runs all cases, one after the other, as often as there are rounds; in each in another order, the same in every run."""
    found = {name: Series() for name in cases}
    chance = random.Random(1)
    for number in range(1, rounds + 1):
        for name in chance.sample(list(cases), len(cases)):
            found[name].runs.append(cases[name]())
            tell(f'{number}/{rounds} {name}: {found[name].runs[-1].seconds:.2f} s')
    return found
