# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The selection of the C# against that of the controller, on made-up options and connections, in every spelling.

The long run: `./dev test tests/unit/test_selection.py --examples 100000`
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import (
    ConnectionSelection, Refused, RemoteName, check_users, device_of, fold, names_of, remote_form, same_name,
    server_of)
from hypothesis import HealthCheck, given, settings, strategies as st

Question = dict[str, Any]
Answer = list[bool | None] | str
Ask = Callable[[Question], Answer]


def one_of(*strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Hypothesis's own takes one that is given twice no more often than the others."""
    return st.integers(0, len(strategies) - 1).flatmap(lambda number: strategies[number])


@dataclass(frozen=True)
class Resource:
    """What a remote name leads to, however it is spelled: WebDAV's scheme or none, and its port."""
    host: str
    path: tuple[str, ...]
    scheme: str = ''
    port: int | None = None

    def spelled(self, chance: random.Random) -> str:
        """One of the many spellings of its remote name."""
        url = self.scheme and chance.random() < 0.5
        text = self._url(chance) if url else self._unc(chance)
        text = ''.join(chance.choice((each.lower, each.upper))() if each.isascii() else each for each in text)
        text = chance.choice((unicodedata.normalize('NFC', text), unicodedata.normalize('NFD', text)))
        return _around(chance) + text + chance.choice(('', '', '\\', '/', r'\\')) + _around(chance)

    def _unc(self, chance: random.Random) -> str:
        server = chance.choice((self.host, self.host, f'{self.host}.'))
        service = {'https': '@SSL'}.get(self.scheme, '')
        default = {'https': '@443', 'http': '@80'}.get(self.scheme, '')
        service += f'@{self.port}' if self.port else chance.choice(('', default))
        parts = [server + service, *(['DavWWWRoot'] if self.scheme and chance.random() < 0.5 else []), *self.path]
        start = chance.choice(('\\\\', '\\\\', '//', '\\\\\\\\', '\\\\?\\UNC\\', '//?/unc/', '\\\\.\\UNC\\'))
        return start + ''.join(part + chance.choice(('\\', '\\', '/', '\\\\')) for part in parts).rstrip('\\/')

    def _url(self, chance: random.Random) -> str:
        default = {'https': ':443', 'http': ':80'}[self.scheme]
        port = f':{self.port}' if self.port else chance.choice(('', '', ':', default))
        path = [chance.choice((part, quote(part))) for part in self.path]
        return '/'.join([f"{self.scheme}://{chance.choice(('', '', 'anna@'))}{self.host}{chance.choice(('', '.'))}{port}", *path])


def _around(chance: random.Random) -> str:
    return ''.join(chance.choices(' \t\u00a0\u200b\ufeff\u3000\u2060\u202e\ufe0f\U000e0020', k=chance.choice((0, 0, 0, 0, 1, 2))))


# Few characters, so that patterns and names meet; and those whose upper or lower case, or composition, is out of the ordinary.
COMPONENT = st.text('aAbB1$. ,;-[@äÄßıſKİς日\u0301\U0001d15e\U00010428', max_size=3)
VARIED = st.lists(st.sampled_from(['%U%', '%U%', '%', 'a', 'B1', '*']), min_size=1, max_size=4).map(''.join)
PLAIN = st.builds(lambda text, end: text + end, st.text('aAbB1,äÄßK日', max_size=2), st.sampled_from('aB1äß日')).filter(
    lambda text: text[0] != ',')
RESOURCE = st.builds(Resource, st.sampled_from(['a', 'b', 'a1', 'ä', 'k.example']), st.lists(PLAIN, max_size=3).map(tuple),
                     st.sampled_from(['', '', 'http', 'https']))
PORTED = st.builds(Resource, st.sampled_from(['a', 'b']), st.lists(PLAIN, max_size=2).map(tuple),
                   st.sampled_from(['http', 'https']), st.sampled_from([None, 8080, 443, 80]))
WILD = st.text('aAbB*?1äK', max_size=4)
REMOTE = st.builds(lambda resource, number: resource.spelled(random.Random(number)), RESOURCE | PORTED, st.integers(0, 1 << 32))
ODDLY = st.builds(lambda start, parts, end: start + start[-1].join(parts) + end,
                  st.sampled_from([r'\\', '//', 'https://', 'file://', 'HTTP:\\\\']),
                  st.lists(COMPONENT.filter(bool) | VARIED, min_size=1, max_size=3), st.sampled_from(['', '', '\\', '/']))
PATTERN = st.builds(lambda start, parts, end: start + '\\'.join(parts) + end, st.sampled_from([r'\\', r'\\', 'http://']),
                    st.lists(WILD, min_size=1, max_size=3), st.sampled_from(['', '', '\\', '\\\\']))
DEVICE = st.sampled_from([f'{letter}:' for letter in 'ABKSZ'] + ['LPT1:', 'LPT9:'])
DEVICE_TEXT = st.sampled_from(['a', 'A', 'b:', 'K', 'k:\\', ' S:', 'z\u200b', 'lpt1', 'LPT9:/', 'lPt1:'])
ODD = st.one_of(
    st.sampled_from(['', ' ', '\u200b', '*', '**', '?', 'aa:', '_:', '[:', 'ſ', 'ſ:', 'K', 'K:', 'ı:', 'LPT0', 'LPT10:', 'COM1:',
                     'C:\\a', '\\\\', '\\\\\\', r'\\?\C:', r'\\.\Z:', r'\\?\UNC', r'\\?\UNC\?\a', '\\\\a\n\\b', '\\\\a\x85', 'LPT١',
                     '\u2028',
                     'a\uffff', '\\\\a\ufdd0', '\\\\a\\%EF%BF%BF', 'https://a/%ef%bf%bf', 'https://a/%2f%5C', 'https://a/%C3',
                     'https://a/%C3ä', 'https://a/%4', 'https://a/%2A', 'https://[a:1]:2/b', 'https://a@b@c:1:2/b', 'https:/a',
                     'file:///a', 'file:////a/b',
                     'file:\\\\a\\b%20', '\\\\a|b', '"\\\\a"', 'H:,I:', 'H I', r'\\a\b,\\c', r'\\a\R,D', r'\\a https://b/', 'ftp://a/b',
                     "it's", 'http\u017f://a/b', 'f\u0131le://a/b', '\U0001d15e' * 90, r'\\a,b', r'\\a;b\c', r'\\a \b', '\\\\a\u200bb',
                     r'\\ a\b', r'\\a@SSL \b', r'\\a\b,', r'\\a\b; ', 'a,b', 'A:,', ',', r'\\,\a', 'https://a%20b/c',
                     'https://a,b/c', '\\\\a\U000e0020\\b', '\\\\' + 'a' * 32766]),
    st.text('\\/a*:?@%24,;|\t日', max_size=6),
    st.text(st.characters(max_codepoint=0x1ffff, exclude_categories=['Cs', 'Cn']), max_size=6))
VALUE = one_of(REMOTE, REMOTE, REMOTE, ODDLY, PATTERN, PATTERN, DEVICE_TEXT, DEVICE_TEXT, st.just('*'), ODD)


def derived(number: int, option: str, connections: Sequence[tuple[str | None, str | None]]) -> str:
    """A value of an option that means one of the connections, or nearly so; which one and how, the number decides."""
    chance = random.Random(number)
    device, remote = chance.choice(connections)
    respell = chance.choice((str, str.upper, str.lower, str.swapcase))
    if device and (option == 'name' or (option == 'exclude' and chance.random() < 0.5)):
        return _around(chance) + respell(chance.choice((device, device[:-1], f'{device}\\')))
    name = RemoteName.parse(remote or r'\\a\b')
    parts = [name.host, *(name.path or ('a',))] if name else ['a', 'b']
    service = name.service if name and chance.random() < 0.5 else ''
    if option != 'name':
        parts = parts[:chance.randint(1, len(parts))]
        part, wild = chance.randrange(len(parts)), chance.choice(('', '?', '*'))
        if wild:
            start = chance.randint(0, len(parts[part]))
            parts[part] = parts[part][:start] + wild + parts[part][start + chance.randint(0, 1):]
    text = respell('\\\\' + '\\'.join([parts[0] + service, *parts[1:]])) + chance.choice(('', '', '\\', '/'))
    return chance.choice((text, text.replace('\\', '/'), unicodedata.normalize('NFD', text)))


def values(likely: st.SearchStrategy[str]) -> st.SearchStrategy[list[str | int] | str | None]:
    """An option: mostly what is derived from a connection by a number, or what belongs there."""
    numbers = st.integers(0, 1 << 32)
    few = st.lists(numbers, min_size=1, max_size=2)
    return one_of(st.none(), st.none(), *[few] * 14, st.lists(likely | numbers, min_size=1, max_size=3), st.lists(VALUE, max_size=2),
                  VALUE)


def question(connections: Sequence[tuple[str | None, str | None]], **options: list[Any] | str | None) -> Question:
    """With what the numbers stand for."""
    return {'connections': connections, **{
        option: [derived(each, option, connections) if isinstance(each, int) and each > 5 else each for each in drawn]
        if isinstance(drawn, list) else drawn for option, drawn in options.items()}}


CONNECTIONS = st.lists(st.tuples(st.none() | DEVICE, one_of(*[REMOTE] * 4, ODDLY, st.none(), ODD)), min_size=1, max_size=4)
QUESTIONS = one_of(
    *[st.builds(question, CONNECTIONS, name=values(DEVICE_TEXT | REMOTE | st.just('*')), remote=values(REMOTE | PATTERN),
                exclude=values(DEVICE_TEXT | PATTERN))] * 18,
    st.builds(question, st.lists(st.tuples(DEVICE, one_of(st.none(), st.just('oldfs'), ODD, REMOTE)), min_size=1, max_size=3),
              name=st.just('*'), remote=st.none(), exclude=st.lists(REMOTE, min_size=1, max_size=2)),
    *[st.builds(lambda remote, meant: question([('Z:', remote)], name='*', remote=None, exclude=[remote.replace('%U%', meant)]),
                st.builds('\\\\a{}\\{}'.format, VARIED, VARIED), WILD)] * 2,
    st.builds(question, CONNECTIONS, **{option: st.lists(st.sampled_from([5, True, None, 'a', {}, ['a']]), max_size=2)
                                        for option in ('name', 'remote', 'exclude')}))


def kinds(question: Question, answer: Answer) -> Iterator[str]:
    """What a question and its answer are an example of."""
    if isinstance(answer, str):
        yield 'refused'
        return
    without = ConnectionSelection(question['name'], question['remote'], None)
    for (device, remote), meant in zip(question['connections'], answer):
        if meant and question['name'] and '*' not in question['name']:
            yield 'named by its device' if device else 'named by its remote name'
        if meant and question['remote']:
            yield 'by a wildcard' if all(set('*?') & set(pattern) for pattern in question['remote']) else 'by its remote name'
        if meant is None and RemoteName.parse(remote or ''):
            yield 'left alone by a variable'
        elif meant is None:
            yield 'left alone'
        if meant is False and without.matches(device, remote):
            yield 'excluded'


def might_be_excluded(exclude: Sequence[str], remote: str | None) -> bool:
    """Whether exclude might mean a connection, as its remote name is none that can be compared, or has '%NAME%' in it."""
    names = [text for text in exclude if not device_of(text)]
    patterns = [pattern for text in names for encoded in (False, True) if (pattern := RemoteName.parse(text, encoded))]
    name = RemoteName.parse(remote or '')
    return any(name is None or might_match(pattern, name) for pattern in patterns)


def might_match(pattern: RemoteName, name: RemoteName) -> bool:
    """Whether a pattern might mean a remote name, by what '%NAME%' in that stands for."""
    return len(pattern.path) <= len(name.path) and overlap(pattern.host, name.host) \
        and (pattern.any_protocol or overlap(pattern.service, name.service)) and all(map(overlap, pattern.path, name.path))


def overlap(pattern: str, component: str) -> bool:
    """From the end on, with all that the rest of the pattern fits."""
    anything = '\uffff'
    text = re.sub('%[^%]+%', anything, component)
    fits = [at >= len(text.rstrip(anything)) for at in range(len(text) + 1)]
    for wanted in reversed(pattern):
        following = [False] * (len(text) + 1)
        for at in range(len(text), -1, -1):
            found = text[at:at + 1]
            if wanted == '*' or found == anything:
                following[at] = fits[at] or (found != '' and following[at + 1])
            elif found and wanted in ('?', found):
                following[at] = fits[at + 1]
        fits = following
    return fits[0]


def expected(question: Question) -> Answer:
    try:
        selection = ConnectionSelection(question['name'], question['remote'], question['exclude'])
    except Refused as error:
        return str(error)
    exclude = names_of('exclude', question['exclude']) or ()
    return [(None if might_be_excluded(exclude, connection[1]) else True) if selection.matches(*connection) else False
            for connection in question['connections']]


@pytest.fixture(scope='module')
def ask() -> Iterator[Ask]:
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


def test_both_agree(ask: Ask, pytestconfig: pytest.Config) -> None:
    examples, seen = pytestconfig.getoption('examples'), Counter[str]()

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(QUESTIONS)
    def agree(question: Question) -> None:
        answer = expected(question)
        assert ask(question) == answer
        seen.update(set(kinds(question, answer)))
    agree()  # pylint: disable=no-value-for-parameter  # Hypothesis gives it
    print(seen)
    for kind in ('refused', 'named by its device', 'named by its remote name', 'by a wildcard', 'by its remote name', 'excluded',
                 'left alone', 'left alone by a variable'):
        assert seen[kind] > examples / 200, f'the questions are no longer good ones: too few are {kind}'


def test_every_spelling_means_the_same(ask: Ask, pytestconfig: pytest.Config) -> None:
    """Of a connection, and of the name, remote or exclude that means it."""
    @settings(max_examples=pytestconfig.getoption('examples') // 4, deadline=None, suppress_health_check=list(HealthCheck))
    @given(RESOURCE | PORTED, st.integers(0, 1 << 32))
    def same(resource: Resource, number: int) -> None:
        chance = random.Random(number)
        one, other = resource.spelled(chance), resource.spelled(chance)
        assert remote_form(one) == remote_form(other) and RemoteName.parse(one)
        assert fold(server_of(one) or '') == fold(server_of(other) or '') == resource.host.upper()
        connections = [(None, one), ('Z:', one), (None, r'\\elsewhere\a')]
        options: Question = {'connections': connections, 'name': '*', 'remote': None, 'exclude': None}
        assert ask({**options, 'remote': [other]}) == [True, True, False]
        assert ask({**options, 'exclude': [other]}) == [False, False, True]
        if resource.path:
            assert ask({**options, 'name': [other]}) == [True, False, False]
    same()  # pylint: disable=no-value-for-parameter  # Hypothesis gives it


@pytest.mark.parametrize('one, other', [
    ('z', 'Z:\\'), (r'\\oldfs', ' //OLDFS. '), (r'\\oldfs\a', r'\\?\UNC\oldfs\\A\ '), ('https://h/a%20b', r'\\h@SSL@443\DavWWWRoot\A b'),
    (r'CORP\Anna', 'corp\\anna\u200b'), ('http://h/a', r'\\h\davwwwroot\a')])
def test_spellings_of_one_value(one: str, other: str) -> None:
    assert same_name(one) == same_name(other)


@pytest.mark.parametrize('one, other', [
    ('Z', r'\\z'), (r'\\h', 'http://h'), (r'\\h@SSL', r'\\h'), (r'\\h@SSL@8443', r'\\h@SSL'), ('https://h/a%2Fb', 'https://h/a/b')])
def test_values_that_are_not_the_same(one: str, other: str) -> None:
    assert same_name(one) != same_name(other)


def test_what_is_no_name_stays_itself() -> None:
    assert (remote_form('oldfs'), server_of('oldfs'), device_of('oldfs')) == ('oldfs', None, None)
    assert remote_form('\\\\a\ud800\\b') == '\\\\a\ud800\\b'  # half a surrogate pair can't be compared


@pytest.mark.parametrize('user', ['S-1-5-21-1-2-3-100l', 's-1-5', 'S-1-5-21-', 'S-1-5-21-\u0661'])
def test_what_only_begins_as_a_sid_is_refused(user: str) -> None:
    with pytest.raises(Refused, match=f"users: '{user}' is no SID\n"):
        check_users(['CORP\\anna', user])
    assert check_users(['s-1-5-18 ']) == ['s-1-5-18 ']
