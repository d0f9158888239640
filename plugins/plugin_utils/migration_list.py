# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Migration lists: CSV as Excel, PowerShell, Numbers and people save it, of which one column has remote names."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import (
    Refused, check_pattern, device_of, fold, quoted, same_name, trim)

_DELIMITERS = "\t|;,"
"""In the order in which they are taken: no name has the first two in it, and a comma is in names the most."""
_NAMES = {"\t": "a tab", "|": "|", ";": ";", ",": "a comma"}

# The longer ones first: UTF-16's is the beginning of UTF-32's.
_ENCODINGS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
              (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

_SAVE_AS = "Save the file as UTF-8, in Excel as 'CSV UTF-8'"

_REMOTE = re.compile(r'^"?[\\/]{2}|^"?(?:https?|file):', re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class _Row:
    """A line of the file, or several where a cell in quotes has line breaks."""

    line: int
    cells: list[str]


@dataclass(frozen=True)
class _Broken(Exception):
    """The file is no CSV with this delimiter."""

    line: int
    reason: str


def read_list(path: Path, column: str | None = None) -> list[str]:
    """The remote names of a migration list: those under the heading `column`, or of the first column, each once.

    Raises Refused that names the line, or OSError.
    """
    lines = re.split(r"\r\n|\n|\r", _text(path))
    try:
        rows = _rows(lines)
        names = list(_names(rows, column))
    except _Broken as error:
        raise Refused(f"list: {path}, line {error.line}: {error.reason}") from None
    if not names:
        raise Refused(f"list: {path} has no remote names\nWrite one on each line, such as \\\\server\\share")
    found: dict[Hashable, str] = {}
    for name in names:
        found.setdefault(same_name(name), name)
    return list(found.values())


def _text(path: Path) -> str:
    content = path.read_bytes()
    encoding = next((name for mark, name in _ENCODINGS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[:error.start].count(b"\n") + 1
        raise Refused(f"list: {path}, line {line}: is not in {encoding.upper().removesuffix('-SIG')}\n{_SAVE_AS}") from None
    if "\0" in text:
        line = text[:text.index("\0")].count("\n") + 1
        raise Refused(f"list: {path}, line {line}: has zero bytes in it, as UTF-16 without its mark would have\n{_SAVE_AS}")
    return text


def _rows(lines: list[str]) -> list[_Row]:
    """The rows that count, in cells."""
    if delimiter := _told(lines[0]):
        return _split(["", *lines[1:]], delimiter)
    broken: _Broken | None = None
    splits: dict[str, list[_Row]] = {}
    for each in _DELIMITERS:
        try:
            splits[each] = _split(lines, each)
        except _Broken as error:
            broken = broken or error
    before_quotes = [each for each in _DELIMITERS if any(f'{each}"' in line for line in lines)]
    even = {each: rows for each, rows in splits.items() if _is_even(rows)}
    if even:
        return even[before_quotes[0]] if len(before_quotes) == 1 and before_quotes[0] in even else _the_one_of(list(even.values()))
    if broken:
        raise broken
    for each, rows in splits.items():
        heading = len(rows[0].cells) > 1 and not any(map(_REMOTE.match, rows[0].cells)) if rows else False
        if [each] == before_quotes or (each in "\t|" and any(len(row.cells) > 1 for row in rows)) or (not before_quotes and heading):
            return _within_heading(rows, each) if heading else rows
    return _doubtful(splits)


def _the_one_of(splits: list[list[_Row]]) -> list[_Row]:
    """The rows, of several ways to split them: all but one would have to come to the same names, or to impossible ones."""
    possible = [rows for rows in splits if not any(re.search(r"[\t|]", cell) for cell in _remotes(rows))]
    for rows in possible[1:]:
        for one, other in zip(possible[0], rows):
            if _remotes([one]) != _remotes([other]):
                raise _Broken(one.line, f"{' or '.join(map(quoted, _remotes([one, other])))} may be the name\n"
                              "Say what is between the columns: write sep=; or sep=, as the first line of the file")
    return (possible or splits)[0]


def _remotes(rows: list[_Row]) -> list[str]:
    return [cell for row in rows for cell in row.cells if _REMOTE.match(cell)]


def _doubtful(splits: dict[str, list[_Row]]) -> list[_Row]:
    """The rows where only some lines have a comma or semicolon, and nothing says what it stands for."""
    commas = [row for row in splits[","] if len(row.cells) > 1]
    semicolons = [row for row in splits[";"] if len(row.cells) > 1]
    if semicolons and not any("," in cell for cell in _remotes(splits[";"])):
        return splits[";"]
    if commas:
        text = quoted(",".join(commas[0].cells))
        raise _Broken(commas[0].line, f"{text} may be one name with a comma in it, or a name and a note\nIf it is one name, put it in "
                      "\"quotes\"; if commas are between the columns, write sep=, as the first line of the file")
    return splits[","]


def _told(line: str) -> str | None:
    """The delimiter that a first line 'sep=;' names, as Excel writes it."""
    found = re.fullmatch('"?sep=(.*?)"?', line.lstrip("\ufeff"), re.IGNORECASE)
    if not found:
        return None
    if found[1] not in _DELIMITERS or not found[1]:
        raise _Broken(1, f"{quoted(line)} names no delimiter that is known\nThese are , ; | and a tab")
    return found[1]


def _split(lines: list[str], delimiter: str) -> list[_Row]:
    # Without the comments, in which a quote means nothing; an empty line in place of each, so that the numbers are right.
    reader = csv.reader((("" if trim(line).startswith(("#", '"#')) else line) + "\n" for line in lines), delimiter=delimiter, strict=True)
    found: list[_Row] = []
    first = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return found
        except csv.Error:
            raise _Broken(first, f"{quoted(lines[first - 1])} has a quote that is not closed, or text behind one that is") from None
        for cell in cells:
            if any(_REMOTE.match(trim(line)) for line in cell.split("\n")[1:]):
                raise _Broken(first, f"{quoted(lines[first - 1])} has a quote that is not closed before the next name")
        if any(map(trim, cells)):
            found.append(_Row(first, [trim(cell) for cell in cells]))
        first = reader.line_num + 1


def _is_even(rows: list[_Row]) -> bool:
    """Whether all rows have as many cells, more than one."""
    return len({len(row.cells) for row in rows}) == 1 and len(rows[0].cells) > 1


def _within_heading(rows: list[_Row], delimiter: str) -> list[_Row]:
    """The rows, none of which may have more cells than the heading: which of them would belong together?"""
    for row in rows[1:]:
        if len(row.cells) > len(rows[0].cells):
            raise _Broken(row.line, f"{quoted(delimiter.join(row.cells))} has more columns than the heading\n"
                          f"Put a name or note that has {_NAMES[delimiter]} in it in \"quotes\"")
    return rows


def _names(rows: list[_Row], column: str | None) -> Iterator[str]:
    place = 0
    if column is not None:
        headings = rows[0].cells if rows else []
        places = [number for number, heading in enumerate(headings) if fold(heading) == fold(trim(column))]
        if len(places) != 1:
            raise _Broken(rows[0].line if rows else 1, f"{'several columns have' if places else 'no column has'} the heading "
                          f"{quoted(column)}\nThe headings are {', '.join(map(quoted, headings))}")
        place = places[0]
    for number, row in enumerate(rows):
        cell = row.cells[place] if place < len(row.cells) else ""
        if number == 0 and (column is not None or _is_heading(cell)):
            continue
        try:
            if not cell:
                raise Refused("'' is no remote name, but there is something else in the line")
            yield check_pattern(cell)
        except Refused as error:
            hint = "Begin a line that is a note with #; and if the names are in another column, say which, list_column: 'its heading'"
            raise _Broken(row.line, f"{str(error).splitlines()[0]}\n{hint}") from None


def _is_heading(cell: str) -> bool:
    """Whether a first line is a heading: words, and neither a device nor anything with a slash."""
    return bool(cell) and not re.search(r"[\\/]", cell) and not device_of(cell)
