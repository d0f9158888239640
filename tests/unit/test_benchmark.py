# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The benchmark's own arithmetic and paper. What it measures needs ./dev bench."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.benchmark import breakdown, documents
from tests.benchmark.cases import BASELINE, CASES
from tests.benchmark.chart import Bar, bars
from tests.benchmark.measure import Measured, Series, command, in_turn

SVG = '{http://www.w3.org/2000/svg}'


def series(*seconds: float, memory: int = 50_000_000) -> Series:
    return Series([Measured(each, memory) for each in seconds])


def test_cases_take_turns() -> None:
    order: list[str] = []

    def run(name: str) -> Measured:
        order.append(name)
        return Measured(len(order), 0)
    found = in_turn({'one': lambda: run('one'), 'two': lambda: run('two')}, 2, lambda _line: None)
    assert order == ['one', 'two', 'one', 'two']
    assert found['one'].seconds == [1, 3] and found['two'].median == 3


def test_a_command_is_timed(tmp_path: Path) -> None:
    measured = command([sys.executable, '-c', 'import time; text = "x" * 50_000_000; time.sleep(.2)'], tmp_path)
    assert 0.2 <= measured.seconds < 20
    assert measured.memory > 50_000_000


def test_a_command_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match='(?s)ended with 3.*nothing there'):
        command([sys.executable, '-c', 'print("nothing there"); exit(3)'], tmp_path)


def test_json_has_runs_median_and_ratio() -> None:
    assert documents.as_json({BASELINE: series(2, 4, 3), 'nothing_to_do': series(3, 3.3, 30)}) == {'cases': {
        BASELINE: {'seconds': [2, 4, 3], 'median': 3, 'ratio': 1},
        'nothing_to_do': {'seconds': [3, 3.3, 30], 'median': 3.3, 'ratio': 1.1}}}


def test_every_case_gets_into_the_documentation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / 'benchmarks.md').write_bytes((documents.DOCS / 'benchmarks.md').read_bytes())
    monkeypatch.setattr(documents, 'DOCS', tmp_path)
    found = {name: series(number, number + 2.0, number + 1.0) for number, name in enumerate(CASES, 1)}
    documents.write_benchmarks(found)
    written = (tmp_path / 'benchmarks.md').read_text()
    for name, case in CASES.items():
        assert f'| {case.title} | `{name}` | {found[name].median / 2:.2f} |' in written
    documents.write_benchmarks(found)
    assert (tmp_path / 'benchmarks.md').read_text() == written, 'a second time is no other'


def test_a_part_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    (tmp_path / 'page.md').write_text('<!-- begin one -->\nold\n<!-- end one -->\n')
    documents.replace(tmp_path / 'page.md', {'one': 'new'})
    assert (tmp_path / 'page.md').read_text() == '<!-- begin one -->\nnew\n<!-- end one -->\n'
    with pytest.raises(ValueError, match='two'):
        documents.replace(tmp_path / 'page.md', {'two': 'new'})


def test_the_breakdown_adds_up() -> None:
    found = {name: series(number) for number, name in enumerate(breakdown.STEPS, 1)}
    rows = [line.split(' | ') for line in breakdown.table(found).splitlines()[2:]]
    assert sum(float(row[1]) for row in rows) == pytest.approx(float(rows[-1][2].rstrip(' |')), abs=.05)


def test_the_chart_is_drawn_to_scale() -> None:
    svg = ET.fromstring(bars('A & B', [Bar('one <1>', 1, 1, 1, 'ours'), Bar('two', 2, 1, 4, 'peer')]))
    widths = [float(each.get('width', '')) for each in svg.iter(f'{SVG}rect')]
    assert widths[1] == pytest.approx(2 * widths[0], abs=.2)
    assert [text.text for text in svg.iter(f'{SVG}text')] == ['A & B', 'one <1>', '1.00', 'two', '2.00']
    assert 'prefers-color-scheme: dark' in (svg.findtext(f'{SVG}style') or '')
