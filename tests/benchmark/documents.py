# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Figures as text: a table for the terminal, JSON for programs, and the parts of docs/ that are measured."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.benchmark.cases import BASELINE, CASES, FLEET_PART, FLEET_SIZE, FleetPlay, ReportOver
from tests.benchmark.chart import Bar, bars
from tests.benchmark.measure import Series

DOCS = Path(__file__).parents[2] / 'docs'
CHARTED = ('win_ping', 'nothing_to_do', 'remove_1', 'remove_4', 'remove_26', 'info_26', 'users_200', 'peer_script_26',
           'peer_loop_4', 'peer_loop_26')
SLOW_IN_TURN = 26 * 5.0  # seconds: what the slow server takes, one connection after the other


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


def write_benchmarks(found: Mapping[str, Series]) -> None:
    """Puts the figures of a run of all cases into docs/benchmarks.md and docs/benchmarks.svg."""
    baseline = found[BASELINE].median
    rounds = len(found[BASELINE].runs)
    replace(DOCS / 'benchmarks.md', {
        'machine': f'{machine()} Each case was run {rounds} times, in turn with the others; '
                   f'a win_ping took {baseline:.1f} s (median).',
        'tasks': _rows(found, [name for name, case in CASES.items() if not isinstance(case, (FleetPlay, ReportOver))]),
        'promises': _promises(found),
        'fleet': _rows(found, [name for name, case in CASES.items() if isinstance(case, FleetPlay)], memory=True),
        'reports': _rows(found, [name for name, case in CASES.items() if isinstance(case, ReportOver)], memory=True),
    })
    (DOCS / 'benchmarks.svg').write_text(bars('One task, in multiples of a win_ping', (
        Bar(CASES[name].title.replace('`', ''), found[name].median / baseline, min(found[name].seconds) / baseline,
            max(found[name].seconds) / baseline, _kind(name)) for name in CHARTED)), encoding='utf-8')


def _kind(name: str) -> str:
    return 'other' if name == BASELINE else 'peer' if name.startswith('peer_') else 'ours'


def _rows(found: Mapping[str, Series], names: list[str], *, memory: bool = False) -> str:
    baseline = found[BASELINE].median
    lines = [f"| what | case | × win_ping | least to most |{' memory, MB |' if memory else ''}",
             f"|---|---|---:|---:|{'---:|' if memory else ''}"]
    for name in names:
        series = found[name]
        lines.append(f'| {CASES[name].title} | `{name}` | {series.median / baseline:.2f} | {min(series.seconds) / baseline:.2f} to '
                     f'{max(series.seconds) / baseline:.2f} |' + (f' {series.memory / 1e6:.0f} |' if memory else ''))
    return '\n'.join(lines)


def _promises(found: Mapping[str, Series]) -> str:
    def ratio(one: str, other: str = BASELINE) -> float:
        return found[one].median / found[other].median

    def growth(per: str) -> float:
        """KB a host"""
        return (found[f'fleet_{FLEET_SIZE}{per}'].memory - found[f'fleet_{FLEET_PART}{per}'].memory) / (FLEET_SIZE - FLEET_PART) / 1e3
    lines = ['| promised | measured |', '|---|---:|']
    for promise, measured in (
            ('nothing to do: at most 1.15 times win_ping', f"{ratio('nothing_to_do'):.2f}"),
            ('26 connections: at most 1.25 times win_ping', f"{ratio('remove_26'):.2f}"),
            ('26 connections: at least 20 times faster than the loop', f"{ratio('peer_loop_26', 'remove_26'):.1f}"),
            ('one user, all instead of current: at most 1.1 times', f"{ratio('users_1_all', 'users_1_current'):.2f}"),
            ('2,000 connections of 200 users: at most 3 times win_ping', f"{ratio('users_200'):.2f}"),
            ('the slow server: at least 6 times faster than one after the other',
             f"{SLOW_IN_TURN / found['slow_server'].median:.1f}"),
            ('the slow server: under 25 s', f"{found['slow_server'].median:.1f} s"),
            ('the same with `timeout: 2`: under 12 s', f"{found['slow_server_timeout_2'].median:.1f} s"),
            ('1,000 hosts: at most 1.3 times a play of win_ping', f"{ratio('fleet_1000', 'fleet_1000_win_ping'):.2f}"),
            ('memory of the controller: at most 20 KB a host more than win_ping', f"{growth('') - growth('_win_ping'):.1f} KB"),
            ('the report: time grows no faster than the machines (10,000 for 1,000)',
             f"{ratio('report_10000', 'report_1000'):.1f} times"),
            ('the report: nor does memory',
             f"{found['report_10000'].memory / found['report_1000'].memory:.1f} times")):
        lines.append(f'| {promise} | {measured} |')
    return '\n'.join(lines)


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
