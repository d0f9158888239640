# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Migration lists as programs and people save them."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path

import pytest
from ansible_collections.netdrive.windows.plugins.plugin_utils.migration_list import read_list
from ansible_collections.netdrive.windows.plugins.plugin_utils.clean_up import make_selection
from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import Refused
from hypothesis import given, strategies as st

NAMES = [r'\\oldfs\a', r'\\oldfs\R,D']


def read(folder: Path, content: bytes | str, column: str | None = None) -> list[str]:
    path = folder / 'list.csv'
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_list(path, column)


@pytest.mark.parametrize('text', [
    'old remote,note\n\\\\oldfs\\a,"moved, to \\\\newfs\\a"\n\n\\\\oldfs\\b\n',
    '\ufeff# exported, by hand "or so\r\nold;new\r\n\\\\oldfs\\a;\\\\newfs\\a, or so\r\n \\\\oldfs\\b\u200b ;\r\n\\\\OLDFS\\a;again\r\n',
    '\\\\oldfs\\a\n\\\\oldfs\\b', '\\\\oldfs\\a\r\\\\oldfs\\b\r',
    '\nold remote\n\n\\\\oldfs\\a;moved\n\\\\oldfs\\b\n',
    'old; as of May\n\\\\oldfs\\a\n\\\\oldfs\\b,"moved; to, \\\\newfs"\n',
    '\\\\oldfs\\a\tmoved; to, \\\\newfs\n\\\\oldfs\\b\t\n',
    '\\\\oldfs\\a | moved, to \\\\newfs\n\\\\oldfs\\b\n',
    'sep=;\r\nold;new\r\n\\\\oldfs\\a;x\r\n\\\\oldfs\\b;y\r\n',
    '"sep=\t"\n\\\\oldfs\\a\tx\n\\\\oldfs\\b\n', 'SEP=,\n\\\\oldfs\\a,x\n\\\\oldfs\\b\n',
    '#TYPE System.Management.Automation.PSCustomObject\r\n"Path","Note"\r\n"\\\\oldfs\\a","x ""y"", z"\r\n"\\\\oldfs\\b",\r\n',
    ';;\n\\\\oldfs\\a;;\n;;\n\\\\oldfs\\b;"two\nlines";\n'])
def test_a_list_is_its_first_column(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == [r'\\oldfs\a', r'\\oldfs\b']
    assert make_selection({'list': f' {tmp_path}/list.csv'})['remote'] == [r'\\oldfs\a', r'\\oldfs\b']


@pytest.mark.parametrize('text', [
    'Old share;Owner\n\\\\oldfs\\a;Sales\n\\\\oldfs\\R,D;Research\n', 'Old share;Owner\n\\\\oldfs\\a;Sales\n"\\\\oldfs\\R,D";Research\n',
    '\\\\oldfs\\a;Sales\n\\\\oldfs\\R,D;Research\n', '\\\\oldfs\\a\n"\\\\oldfs\\R,D"\n', 'Old share\n\\\\oldfs\\a\n"\\\\oldfs\\R,D"\n',
    '\\\\oldfs\\a\tSales\n\\\\oldfs\\R,D\tResearch\n', '\\\\oldfs\\a|Sales\n\\\\oldfs\\R,D|Research\n',
    '\\\\oldfs\\a,Sales\n"\\\\oldfs\\R,D",Research\n',
    'sep=;\n\\\\oldfs\\a\n\\\\oldfs\\R,D\n', 'Old share;Owner\n\\\\oldfs\\a\n\\\\oldfs\\R,D\n'])
def test_a_name_may_have_a_comma_in_it(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == NAMES


@pytest.mark.parametrize('mark, encoding', [
    (codecs.BOM_UTF8, 'utf-8'), (b'', 'utf-8'), (codecs.BOM_UTF16_LE, 'utf-16-le'), (codecs.BOM_UTF16_BE, 'utf-16-be'),
    (codecs.BOM_UTF32_LE, 'utf-32-le')])
def test_encodings(tmp_path: Path, mark: bytes, encoding: str) -> None:
    assert read(tmp_path, mark + 'Ältere Freigabe\tNotiz\r\n\\\\oldfs\\büro\tß\r\n'.encode(encoding)) == ['\\\\oldfs\\büro']


def test_a_column_by_its_heading(tmp_path: Path) -> None:
    text = 'Owner;Old share;New share\nanna;\\\\oldfs\\a;\\\\newfs\\a\nben;\\\\oldfs\\R,D;\\\\newfs\\b\n'
    assert read(tmp_path, text, ' old SHARE\u00a0') == NAMES
    assert make_selection({'list': str(tmp_path / 'list.csv'), 'list_column': 'Old share'})['remote'] == NAMES
    for column, reason in (('Old', "line 1: no column has the heading 'Old'\nThe headings are 'Owner', 'Old share', 'New share'"),):
        with pytest.raises(Refused) as refused:
            read(tmp_path, text, column)
        assert str(refused.value).endswith(reason)
    with pytest.raises(Refused, match="line 2: 'anna' is no remote name.*\n.*list_column: "):
        read(tmp_path, text)
    with pytest.raises(Refused, match='line 1: several columns'):
        read(tmp_path, 'x;x\n\\\\a\\b;\\\\a\\c\n', 'x')


@pytest.mark.parametrize('content, reason', [
    (b'old,note\n\\\\oldfs\\a,\noldfs\\b,\n', "line 3: 'oldfs.b' is no remote name"),
    (b'\\\\oldfs\\a,\n,forgotten\n', "line 2: '' is no remote name"),
    (b'\\oldfs\\a,x\n\\\\oldfs\\b,\n', "line 1: '.oldfs.a' is no remote name"),
    (b'oldfs/a;x\n\\\\oldfs\\b;\n', 'line 1: .* is no remote name'),
    (b'H:\n\\\\oldfs\\b\n', "line 1: 'H:' is a device"),
    (b'\\\\*\\a\n', 'line 1: .* names no server'),
    (b'old\n\\\\oldfs\\a,x\n\\\\oldfs\\b;y\n', 'line 2: .* may be one name with a comma in it'),
    (b'\\\\oldfs\\a\n\\\\oldfs\\R,D\n\\\\oldfs\\c\n', 'line 2: .*oldfs.R,D. may be one name'),
    (b'Old,Owner\n\\\\oldfs\\a\n\\\\oldfs\\R,D,Research\n', 'line 3: .*more columns than the heading'),
    (b'\\\\oldfs\\a;"see ticket 12\n\\\\oldfs\\b;x\n\\\\oldfs\\c;y\n', 'line 1: .* quote that is not closed'),
    (b'\\\\oldfs\\z;\n\\\\oldfs\\a;"see\n\\\\oldfs\\b;x"\n', 'line 2: .* quote that is not closed before the next name'),
    (b'\\\\oldfs\\a;"x" y\n\\\\oldfs\\b;x\n', 'line 1: .* quote'),
    (b'\\\\oldfs\\R,D;Research\n', 'line 1: .*R,D. or .*R. may be the name'), (b'\\\\oldfs\\a;M, A\n', 'line 1: .* may be the name'),
    (b'sep=.\n\\\\oldfs\\a\n', "line 1: 'sep=.' names no delimiter"),
    ('\u201c\\\\oldfs\\a\u201d\n'.encode(), 'line 1: .* is no remote name'),
    (b'\\\\oldfs\\a\n\\\\oldfs\\b|\\\\oldfs\\c "x\n\\\\oldfs\\d <e>\n', 'line 3: .* character in it that no name has'),
    (b'sep=;\n\\\\oldfs\\a;\n\\\\oldfs\\R,;\n', 'line 3: .*R,. ends in what is between names'),
    (b'sep=;\n\\\\oldfs,fs1;x\n', 'line 2: .*oldfs,fs1. looks like several names'),
    ('sep=;\n\\\\oldfs \\a;x\n'.encode(), "line 2: .* has a character in its server's name"),
    (b'old,note\n', 'has no remote names'), (b'', 'has no remote names'), (b'# only this\n', 'has no remote names'),
    (b'\\\\oldfs\\a\n\\\\oldfs\\\xe4', 'line 2: is not in UTF-8'), (codecs.BOM_UTF16_LE + b'a', 'is not in UTF-16'),
    ('x\n\\\\a\\b'.encode('utf-16-le'), 'line 1: has zero bytes')])
def test_a_list_that_leaves_a_doubt_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason) as refused:
        read(tmp_path, content)
    assert str(refused.value).startswith(f'list: {tmp_path}/list.csv')
    assert len(str(refused.value).splitlines()) <= 2


def test_a_list_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        make_selection({'list': str(tmp_path / 'list.csv')})


CELL = st.text('ab ,;|"äÄ\t', max_size=6)


NAME = st.text('aäR,;D', min_size=1, max_size=4).map(lambda share: f'\\\\oldfs\\x{share}x')


@given(st.lists(st.tuples(NAME, CELL), min_size=1, max_size=5), st.sampled_from(',;\t|'), st.booleans())
def test_what_a_program_writes_is_read_or_refused(
        tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], delimiter: str, told: bool) -> None:
    """Never as something else: with every cell in quotes and with those only that need it."""
    for quoting in (csv.QUOTE_ALL, csv.QUOTE_MINIMAL):
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter, quoting=quoting).writerows(rows)
        try:
            found = read(tmp_path_factory.getbasetemp(), (f'sep={delimiter}\n' if told else '') + text.getvalue())
        except Refused:
            assert not told and quoting == csv.QUOTE_MINIMAL
        else:
            assert {name.casefold() for name in found} == {name.casefold() for name, _note in rows}
