# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The selection of the C# against that of tests/selection.py, on made-up options and connections.

The long run: `./dev test tests/unit/test_selection.py --examples 100000`
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.selection import Refused, Selection

Question = dict[str, Any]
Answer = list[bool] | None

# Few characters, so that patterns and names meet; and those whose upper or lower case is out of the ordinary.
COMPONENT = st.text('aAbB1$. -[äÄßıſKİς日', max_size=3)
WILD = st.text('aAbB*?1äK', max_size=4)
REMOTE = st.builds(lambda slashes, parts, end: slashes + slashes[0].join(parts) + end, st.sampled_from([r'\\', '//']),
                   st.lists(COMPONENT.filter(bool), min_size=1, max_size=3), st.sampled_from(['', '', '\\', '/']))
PATTERN = st.builds(lambda parts, end: r'\\' + '\\'.join(parts) + end, st.lists(WILD, min_size=1, max_size=3),
                    st.sampled_from(['', '', '\\', '\\\\']))
DEVICE = st.sampled_from([f'{letter}:' for letter in 'ABKSZ'] + ['LPT1:', 'LPT9:'])
DEVICE_TEXT = st.sampled_from(['a', 'A', 'b:', 'K', 'k:', 'S:', 'z', 'lpt1', 'LPT9:', 'lPt1:'])
ODD = st.one_of(
    st.sampled_from(['', ' ', '*', '**', '?', 'aa:', '_:', '[:', 'ſ', 'ſ:', 'K', 'K:', 'ı:', 'LPT0', 'LPT10:', 'COM1:', 'C:\\a',
                     '\\\\', '\\\\\\', r'\\?\C:', r'\\.\Z:', '\\\\a\n\\b', '\\\\a\x85', 'LPT١', '\u2028', '\\\\' + 'a' * 32766]),
    st.text('\\/a*:?\t日', max_size=6), st.text(st.characters(max_codepoint=0xffff, exclude_categories=['Cs', 'Cn']), max_size=6))
VALUE = st.one_of(REMOTE, REMOTE, REMOTE, PATTERN, PATTERN, DEVICE_TEXT, DEVICE_TEXT, st.just('*'), ODD)


def values(likely: st.SearchStrategy[str]) -> st.SearchStrategy[list[str] | None]:
    """An option: mostly what belongs there."""
    return st.none() | st.lists(likely, min_size=1, max_size=3) | st.lists(likely, min_size=1, max_size=3) | st.lists(VALUE, max_size=3)


QUESTIONS = st.fixed_dictionaries({
    'name': values(DEVICE_TEXT | REMOTE | st.just('*')), 'remote': values(REMOTE | PATTERN), 'exclude': values(DEVICE_TEXT | PATTERN),
    'connections': st.lists(st.tuples(st.none() | DEVICE, st.none() | REMOTE | REMOTE | ODD), min_size=1, max_size=8)})


def expected(question: Question) -> Answer:
    try:
        selection = Selection(question['name'], question['remote'], question['exclude'])
    except Refused:
        return None
    return [selection.matches(*connection) for connection in question['connections']]


@pytest.fixture(scope='module')
def ask() -> Iterator[Callable[[Question], Answer]]:
    """Asks the C#, which answers questions one after the other."""
    with subprocess.Popen(['dotnet', Path(os.environ['CSHARP_TESTS']) / 'tests.dll', 'selection'], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True, encoding='utf-8') as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin and stdout

        def answer(question: Question) -> Answer:
            stdin.write(json.dumps(question) + '\n')
            stdin.flush()
            line = stdout.readline()
            assert line, 'the selection failed with something that is no refusal'
            found: Answer = json.loads(line)
            return found
        yield answer
        stdin.close()


def test_both_agree(ask: Callable[[Question], Answer], pytestconfig: pytest.Config) -> None:
    refused = meant = 0

    @settings(max_examples=pytestconfig.getoption('examples'), deadline=None, suppress_health_check=list(HealthCheck))
    @given(QUESTIONS)
    def agree(question: Question) -> None:
        nonlocal refused, meant
        answer = expected(question)
        assert ask(question) == answer
        refused += answer is None
        meant += any(answer or ())
    agree()  # pylint: disable=no-value-for-parameter  # Hypothesis gives it
    assert refused and meant, 'the questions are no longer good ones'
