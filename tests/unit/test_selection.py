# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The selection of the C# against that of tests/selection.py, on made-up options and connections.

The long run: `./dev test tests/unit/test_selection.py --examples 100000`
"""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.selection import Refused, Selection, remote_name

Question = dict[str, Any]
Answer = list[bool] | None

def one_of(*strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Hypothesis's own takes one that is given twice no more often than the others."""
    return st.integers(0, len(strategies) - 1).flatmap(lambda number: strategies[number])


# Few characters, so that patterns and names meet; and those whose upper or lower case is out of the ordinary.
COMPONENT = st.text('aAbB1$. -[äÄßıſKİς日', max_size=3)
WILD = st.text('aAbB*?1äK', max_size=4)
REMOTE = st.builds(lambda slashes, parts, end: slashes + slashes[0].join(parts) + end, st.sampled_from([r'\\', '//']),
                   st.lists(COMPONENT.filter(bool), min_size=1, max_size=3), st.sampled_from(['', '', '\\', '/']))
SHARE = st.builds('\\\\{}{}\\{}{}'.format, st.sampled_from('aAbB1äK日'), COMPONENT, st.sampled_from('aAbB$ßı'), COMPONENT)
PATTERN = st.builds(lambda parts, end: r'\\' + '\\'.join(parts) + end, st.lists(WILD, min_size=1, max_size=3),
                    st.sampled_from(['', '', '\\', '\\\\']))
DEVICE = st.sampled_from([f'{letter}:' for letter in 'ABKSZ'] + ['LPT1:', 'LPT9:'])
DEVICE_TEXT = st.sampled_from(['a', 'A', 'b:', 'K', 'k:', 'S:', 'z', 'lpt1', 'LPT9:', 'lPt1:'])
ODD = st.one_of(
    st.sampled_from(['', ' ', '*', '**', '?', 'aa:', '_:', '[:', 'ſ', 'ſ:', 'K', 'K:', 'ı:', 'LPT0', 'LPT10:', 'COM1:', 'C:\\a',
                     '\\\\', '\\\\\\', r'\\?\C:', r'\\.\Z:', '\\\\a\n\\b', '\\\\a\x85', 'LPT١', '\u2028', '\\\\' + 'a' * 32766]),
    st.text('\\/a*:?\t日', max_size=6), st.text(st.characters(max_codepoint=0xffff, exclude_categories=['Cs', 'Cn']), max_size=6))
VALUE = one_of(REMOTE, REMOTE, REMOTE, PATTERN, PATTERN, DEVICE_TEXT, DEVICE_TEXT, st.just('*'), ODD)


def derived(number: int, option: str, connections: Sequence[tuple[str | None, str | None]]) -> str:
    """A value of an option that means one of the connections, or nearly so; which one and how, the number decides."""
    chance = random.Random(number)
    device, remote = chance.choice(connections)
    respell = chance.choice((str, str.upper, str.lower, str.swapcase))
    if device and (option == 'name' or (option == 'exclude' and chance.random() < 0.5)):
        return respell(chance.choice((device, device[:-1])))
    parts = remote_name(remote or r'\\a\b')[2:].split('\\')
    if option != 'name':
        parts = parts[:chance.randint(1, len(parts))]
        part, wild = chance.randrange(len(parts)), chance.choice(('', '?', '*'))
        if wild:
            start = chance.randint(0, len(parts[part]))
            parts[part] = parts[part][:start] + wild + parts[part][start + chance.randint(0, 1):]
    text = respell('\\\\' + '\\'.join(parts)) + chance.choice(('', '', '\\', '/'))
    return chance.choice((text, text.replace('\\', '/')))


def values(likely: st.SearchStrategy[str]) -> st.SearchStrategy[list[str | int] | None]:
    """An option: mostly what is derived from a connection by a number, or what belongs there."""
    numbers = st.integers(0, 1 << 32)
    few = st.lists(numbers, min_size=1, max_size=2)
    return one_of(st.none(), st.none(), *[few] * 6, st.lists(likely | numbers, min_size=1, max_size=3), st.lists(VALUE, max_size=2))


def question(connections: Sequence[tuple[str | None, str | None]], **options: list[str | int] | None) -> Question:
    """With what the numbers stand for."""
    return {'connections': connections, **{option: drawn and [
        each if isinstance(each, str) else derived(each, option, connections) for each in drawn] for option, drawn in options.items()}}


QUESTIONS = st.builds(
    question, st.lists(st.tuples(st.none() | DEVICE, one_of(*[SHARE] * 3, REMOTE, st.none(), ODD)), min_size=1, max_size=4),
    name=values(DEVICE_TEXT | REMOTE | st.just('*')), remote=values(REMOTE | PATTERN), exclude=values(DEVICE_TEXT | PATTERN))


def kinds(question: Question, answer: Answer) -> Iterator[str]:
    """What a question and its answer are an example of."""
    if answer is None:
        yield 'refused'
        return
    without = Selection(question['name'], question['remote'], None)
    for (device, remote), meant in zip(question['connections'], answer):
        if meant and question['name'] and '*' not in question['name']:
            yield 'named by its device' if device else 'named by its remote name'
        if meant and question['remote']:
            yield 'by a wildcard' if all(set('*?') & set(pattern) for pattern in question['remote']) else 'by its remote name'
        if not meant and without.matches(device, remote):
            yield 'excluded'


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
    examples, seen = pytestconfig.getoption('examples'), Counter[str]()

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(QUESTIONS)
    def agree(question: Question) -> None:
        answer = expected(question)
        assert ask(question) == answer
        seen.update(set(kinds(question, answer)))
    agree()  # pylint: disable=no-value-for-parameter  # Hypothesis gives it
    print(seen)
    for kind in ('refused', 'named by its device', 'named by its remote name', 'by a wildcard', 'by its remote name', 'excluded'):
        assert seen[kind] > examples / 100, f'the questions are no longer good ones: too few are {kind}'
