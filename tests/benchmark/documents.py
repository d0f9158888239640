# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Figures as text: a table for the terminal, JSON for programs, and the parts of docs/ that are measured."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from tests.benchmark.cases import BASELINE, CASES, FLEET_PART, FLEET_SIZE, Case, FleetPlay, ReportOver, Task
from tests.benchmark.chart import Bar, bars
from tests.benchmark.measure import Series

ROOT = Path(__file__).parents[2]
CHARTED = ('win_ping', 'nothing_to_do', 'remove_1', 'remove_4', 'remove_26', 'info_26', 'users_200', 'peer_script_26',
           'peer_loop_4', 'peer_loop_26')
IN_SHORT = {
    'nothing_to_do': 'Nothing to do',
    'remove_26': '26 connections',
    'users_200': '200 users with 2,000 connections, half of which go',
    'slow_server': '26 connections to a server that takes 5 s to answer',
    'peer_loop_26': 'A loop over `win_mapped_drive` for the 26 connections',
    'peer_loop_slow': 'The same loop for those to the slow server',
}
"""What README.md shows."""
ONLINE = 'https://raw.githubusercontent.com/netdrive/netdrive.windows/main'
"""Where README.md is shown, on Galaxy as well, nothing relative leads anywhere."""
CHART = '![One task, in multiples of a win_ping]({})'


def as_json(found: Mapping[str, Series]) -> dict[str, Any]:
    """Every run and the median in seconds, and the median as a multiple of that of win_ping."""
    baseline = found[BASELINE].median
    return {'cases': {name: {'seconds': [round(seconds, 3) for seconds in series.seconds], 'median': round(series.median, 3),
                             'ratio': round(series.median / baseline, 3)} for name, series in found.items()}}


def as_text(found: Mapping[str, Series]) -> str:
    """A table for the terminal."""
    baseline = found[BASELINE].median
    width = max(map(len, found))
    return '\n'.join([f"{'case':{width}}  seconds  × win_ping  least to most", *(
        f'{name:{width}}  {series.median:7.2f}  {series.median / baseline:10.2f}  '
        f'{min(series.seconds) / baseline:.2f} to {max(series.seconds) / baseline:.2f}' for name, series in found.items())])


@dataclass(frozen=True)
class Part:
    """Cases that are measured in turn with each other."""
    name: str
    cases: Mapping[str, Case]
    write: Callable[[Mapping[str, Series]], list[Path]] | None = None
    """Puts the figures into the documentation, and gives what it wrote."""
    rounds: int = 5
    """How many of them the documentation takes at least."""
    text: Callable[[Mapping[str, Series]], str] = as_text
    """The figures for the terminal."""


def _write_tasks(found: Mapping[str, Series]) -> list[Path]:
    page, chart, readme = ROOT / 'docs' / 'benchmarks.md', ROOT / 'docs' / 'benchmarks.svg', ROOT / 'README.md'
    replace(page, {'tasks': '\n\n'.join([_measured(found), _rows(found), CHART.format(chart.name), _table(task_promises(found))])})
    baseline = found[BASELINE].median
    replace(readme, {'costs': '\n'.join([
        '| task | × win_ping |', '|---|---:|',
        *(f'| {title} | {found[name].median / baseline:.2f} |' for name, title in IN_SHORT.items()),
        '', CHART.format(f'{ONLINE}/docs/{chart.name}')])})
    chart.write_text(bars('One task, in multiples of a win_ping', (
        Bar(CASES[name].title.replace('`', ''), found[name].median / baseline, min(found[name].seconds) / baseline,
            max(found[name].seconds) / baseline, _kind(name)) for name in CHARTED)), encoding='utf-8')
    return [page, chart, readme]


def _measured(found: Mapping[str, Series]) -> str:
    baseline = found[BASELINE]
    return f'{machine()} Each case was run {len(baseline.runs)} times, in turn with the others; ' \
        f'a win_ping took {baseline.median:.1f} s (median).'


def _kind(name: str) -> str:
    return 'other' if name == BASELINE else 'peer' if name.startswith('peer_') else 'ours'


def _rows(found: Mapping[str, Series], *, memory: bool = False) -> str:
    baseline = found[BASELINE].median
    lines = [f"| what | case | × win_ping | least to most |{' memory, MB |' if memory else ''}",
             f"|---|---|---:|---:|{'---:|' if memory else ''}"]
    for name, series in found.items():
        lines.append(f'| {CASES[name].title} | `{name}` | {series.median / baseline:.2f} | {min(series.seconds) / baseline:.2f} to '
                     f'{max(series.seconds) / baseline:.2f} |' + (f' {series.memory / 1e6:.0f} |' if memory else ''))
    return '\n'.join(lines)


class Promise(NamedTuple):
    """What was promised, and what it is."""
    what: str
    measured: float
    limit: float
    unit: str = 'times win_ping'
    at_least: bool = False
    """Otherwise the limit is the most that it may be."""

    @property
    def kept(self) -> bool:
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    def row(self) -> str:
        """Of the table in Markdown."""
        return f"| {self.what}: at {'least' if self.at_least else 'most'} {self.limit:g} {self.unit} | {self.measured:.2f} | " \
               f"{'yes' if self.kept else '**no**'} |"


def _table(promises: Iterable[Promise]) -> str:
    return '\n'.join(['| promised | measured | kept |', '|---|---:|---|', *(each.row() for each in promises)])


def _ratio(found: Mapping[str, Series], one: str, other: str = BASELINE) -> float:
    return found[one].median / found[other].median


def task_promises(found: Mapping[str, Series]) -> list[Promise]:
    """What is promised of one task."""
    ratio = partial(_ratio, found)
    return [
        Promise('nothing to do', ratio('nothing_to_do'), 1.15),
        *(Promise('nothing to do', ratio(f'{transport}_nothing_to_do', f'{transport}_{BASELINE}'), 1.15,
                  f'times win_ping, both over {transport}') for transport in ('psrp', 'ssh')),
        Promise('26 connections', ratio('remove_26'), 1.2),
        Promise('26 connections put back', ratio('restore_26'), 1.3),
        Promise('26 connections', ratio('peer_loop_26', 'remove_26'), 20, 'times faster than the loop', at_least=True),
        Promise('one user', ratio('users_1_all', 'users_1_current'), 1.1, 'times as long with `users: [all]` as with `[current]`'),
        Promise('2,000 connections of 200 users', ratio('users_200'), 2.5),
        Promise('50 signed-out profiles of 5 MB', ratio('signed_out_50'), 2),
        Promise('looking for sources', ratio('sources') - ratio('sources_off'), 0.4, 'times win_ping more than without'),
        Promise('the slow server', ratio('peer_loop_slow', 'slow_server'), 6, 'times faster than one after the other', at_least=True),
        Promise('the slow server', found['slow_server'].median, 25, 's'),
        Promise('the same with `timeout: 2`', found['slow_server_timeout_2'].median, 12, 's'),
    ]


def fleet_promises(found: Mapping[str, Series]) -> list[Promise]:
    """What is promised of a run over many machines."""
    def growth(per: str) -> float:
        """KB a host"""
        return (found[f'fleet_{FLEET_SIZE}{per}'].memory - found[f'fleet_{FLEET_PART}{per}'].memory) / (FLEET_SIZE - FLEET_PART) / 1e3
    return [
        Promise('1,000 hosts', _ratio(found, 'fleet_1000', 'fleet_1000_win_ping'), 1.15, 'times a play of win_ping'),
        Promise('300 hosts more that never answer',
                found['fleet_1000_and_300'].median - 1.1 * found['fleet_1000'].median, 15, 's beyond 1.1 times the 1,000 alone'),
        Promise('memory of the controller', growth('') - growth('_win_ping'), 20, 'KB a host more than win_ping'),
    ]


def report_promises(found: Mapping[str, Series]) -> list[Promise]:
    """What is promised of the report."""
    report, smaller, ledger = found['report_10000'], found['report_1000'], found['ledger_10x10000']
    return [
        Promise('the report for 10,000 machines', report.median / smaller.median, 10, 'times as long as for 1,000'),
        Promise('the same', report.memory / smaller.memory, 10, 'times the memory'),
        Promise('the same', report.median, 6, 's'),
        Promise('the same', report.memory / 1e6, 150, 'MB'),
        Promise('the report after ten runs over them', ledger.median, 40, 's'),
        Promise('the report after ten runs', ledger.memory / 1e6, 400, 'MB'),
    ]


def machine() -> str:
    """This machine, in words."""
    model = re.search('model name\\s*: (.*)', Path('/proc/cpuinfo').read_text(encoding='utf-8'))
    memory = os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30
    return f"{os.cpu_count()} cores of {model[1] if model else platform.machine()}, {memory:.0f} GB of memory, Debian 13, " \
        f"ansible-core {version('ansible-core')}, Python {platform.python_version()}; the target is the stand's (docs/stand.md)."


def replace(document: Path, parts: Mapping[str, str]) -> None:
    """Replaces what is between <!-- begin NAME --> and <!-- end NAME --> in a document.

    Raises ValueError for a part that is not there.
    """
    text = document.read_text(encoding='utf-8')
    for name, part in parts.items():
        begin, end = f'<!-- begin {name} -->\n', f'\n<!-- end {name} -->'
        if begin not in text or end not in text:
            raise ValueError(f'{document} has no part {name}')
        text = text[:text.index(begin) + len(begin)] + part + text[text.index(end):]
    document.write_text(text, encoding='utf-8')


def _write_figures(name: str, promises: Callable[[Mapping[str, Series]], list[Promise]], found: Mapping[str, Series]) -> list[Path]:
    page = ROOT / 'docs' / 'benchmarks.md'
    replace(page, {name: '\n\n'.join([_measured(found), _rows(found, memory=True), _table(promises(found))])})
    return [page]


def _cases(kind: type[Case]) -> dict[str, Case]:
    return {name: case for name, case in CASES.items() if isinstance(case, kind) or name == BASELINE}


PARTS = (Part('tasks', _cases(Task), _write_tasks),
         Part('fleet', _cases(FleetPlay), partial(_write_figures, 'fleet', fleet_promises), rounds=3),
         Part('reports', _cases(ReportOver), partial(_write_figures, 'reports', report_promises)))
