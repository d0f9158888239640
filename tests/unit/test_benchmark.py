# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The benchmark's own arithmetic and paper. What it measures needs ./dev bench."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from functools import partial
from pathlib import Path

import pytest

from tests.benchmark import breakdown, documents
from tests.benchmark.__main__ import PARTS, chosen, write
from tests.benchmark.cases import BASELINE, CASES
from tests.benchmark.chart import Bar, bars
from tests.benchmark.measure import Measured, Series, command, in_turn

SVG = '{http://www.w3.org/2000/svg}'


def series(*seconds: float, memory: int = 50_000_000) -> Series:
    return Series([Measured(each, memory) for each in seconds])


def test_cases_take_turns_and_none_always_follows_the_same_one() -> None:
    def one_run() -> list[str]:
        order: list[str] = []

        def run(name: str) -> Measured:
            order.append(name)
            return Measured(len(order), 0)
        found = in_turn({name: partial(run, name) for name in 'abcd'}, 5, lambda _line: None)
        assert all(order[int(place) - 1] == name for name, series in found.items() for place in series.seconds)
        return order
    order = one_run()
    assert [sorted(order[start:start + 4]) for start in range(0, 20, 4)] == [list('abcd')] * 5
    assert all(len({before for before, after in zip(order, order[1:]) if after == name}) > 1 for name in 'abcd')
    assert one_run() == order


def test_a_command_is_timed(tmp_path: Path) -> None:
    measured = command([sys.executable, '-c', 'import time; text = "x" * 50_000_000; time.sleep(.2)'], tmp_path)
    assert 0.2 <= measured.seconds < 20
    assert measured.memory > 50_000_000


def test_a_large_parent_is_not_the_command_s_memory(tmp_path: Path) -> None:
    held = b'x' * 200_000_000
    measured = command(['true'], tmp_path)
    assert 0 < measured.memory < len(held) / 4


def test_a_command_that_fails_is_no_measurement(tmp_path: Path) -> None:
    fail = [sys.executable, '-c', 'print("nothing there"); exit(3)']
    with pytest.raises(RuntimeError, match='(?s)ended with 3.*nothing there'):
        command(fail, tmp_path)
    with pytest.raises(RuntimeError, match='(?s)ended with 3.*something else.*nothing there'):
        command(fail, tmp_path, code=3, says='something else')
    assert command(fail, tmp_path, code=3, says='nothing').seconds > 0


def test_json_has_runs_median_and_ratio() -> None:
    assert documents.as_json({BASELINE: series(2, 4, 3), 'nothing_to_do': series(3, 3.3, 30)}) == {'cases': {
        BASELINE: {'seconds': [2, 4, 3], 'median': 3, 'ratio': 1},
        'nothing_to_do': {'seconds': [3, 3.3, 30], 'median': 3.3, 'ratio': 1.1}}}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The documents as they are, to be written to."""
    for name in ('README.md', 'docs/benchmarks.md', 'docs/performance.md'):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((documents.ROOT / name).read_bytes())
    monkeypatch.setattr(documents, 'ROOT', tmp_path)
    return tmp_path


def test_every_case_gets_into_the_documentation(root: Path) -> None:
    found = {name: series(number, number + 2.0, number + 1.0) for number, name in enumerate(CASES, 1)}

    def write_all() -> None:
        for part in documents.PARTS:
            assert part.write and part.write({name: found[name] for name in part.cases})
    write_all()
    documented = [root / 'docs' / 'benchmarks.md', root / 'docs' / 'benchmarks.svg', root / 'README.md']
    texts = [document.read_text() for document in documented]
    page, chart, readme = texts
    ET.fromstring(chart)
    for name, case in CASES.items():
        assert f'| {case.title} | `{name}` | {found[name].median / 2:.2f} |' in page
    for name, title in documents.IN_SHORT.items():
        assert f'| {title} | {found[name].median / 2:.2f} |' in readme
    assert '](benchmarks.svg)' in page and f']({documents.ONLINE}/docs/benchmarks.svg)' in readme
    write_all()
    assert [document.read_text() for document in documented] == texts, 'a second time is no other'


def test_the_breakdown_gets_into_the_documentation(root: Path) -> None:
    found = {name: series(number) for number, name in enumerate(breakdown.STEPS, 1)}
    assert breakdown.PART.write and breakdown.PART.write(found) == [root / 'docs' / 'performance.md']
    assert breakdown.table(found) in (root / 'docs' / 'performance.md').read_text()


@pytest.mark.usefixtures('root')
def test_few_rounds_get_into_no_document(capsys: pytest.CaptureFixture[str]) -> None:
    tasks = PARTS['tasks']
    write(tasks, {name: series(*[1.0] * (tasks.rounds - 1)) for name in tasks.cases})
    assert capsys.readouterr() == ('', 'No document was written: that takes 5 rounds.\n')
    write(tasks, {name: series(*[1.0] * tasks.rounds) for name in tasks.cases})
    assert capsys.readouterr() == ('wrote docs/benchmarks.md\nwrote docs/benchmarks.svg\nwrote README.md\n', '')


def test_parts_and_cases_can_be_named() -> None:
    assert [part.name for part in chosen([])] == ['tasks', 'fleet', 'reports', 'breakdown']
    part, cases = chosen(['remove_1', 'reports'])
    assert part is PARTS['reports'] and list(cases.cases) == [BASELINE, 'remove_1'] and not cases.write
    assert sorted({name for part in documents.PARTS for name in part.cases}) == sorted(CASES)


def test_a_promise_says_whether_it_was_kept() -> None:
    assert documents.Promise('nothing to do', 1.15, 1.15).row() == '| nothing to do: at most 1.15 times win_ping | 1.15 | yes |'
    assert not documents.Promise('nothing to do', 1.16, 1.15).kept
    assert documents.Promise('the report', 16, 15, 's').row() == '| the report: at most 15 s | 16.00 | **no** |'
    assert documents.Promise('26', 20, 20, 'times faster', at_least=True).row() == '| 26: at least 20 times faster | 20.00 | yes |'
    assert not documents.Promise('26', 19.9, 20, 'times faster', at_least=True).kept


def test_promises_are_of_what_was_measured() -> None:
    found = {name: series(1) for name in CASES} | {
        'peer_loop_26': series(50), 'remove_26': series(2), 'peer_loop_slow': series(200), 'slow_server': series(20),
        'report_10000': series(12, memory=400_000_000)}
    measured = {(promise.what, promise.unit): promise.measured
                for promise in documents.task_promises(found) + documents.report_promises(found)}
    assert measured['26 connections', 'times faster than the loop'] == 25
    assert measured['the slow server', 'times faster than one after the other'] == 10
    assert measured['the report for 10,000 machines', 'times as long as for 1,000'] == 12
    assert [measured['the same', unit] for unit in ('times the memory', 's', 'MB')] == [8, 12, 400]


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
