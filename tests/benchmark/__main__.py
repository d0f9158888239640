# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`./dev bench [--rounds N] [--json FILE] [PART | CASE ...]`: all parts, one after the other, or those that are named."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from tests.benchmark import breakdown, documents
from tests.benchmark.cases import BASELINE, CASES, Case
from tests.benchmark.measure import Series, Stage, in_turn

PARTS: dict[str, documents.Part] = {part.name: part for part in (*documents.PARTS, breakdown.PART)}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog='./dev bench', allow_abbrev=False,
        description='What a task costs, in multiples of win_ping. A part goes into README.md and docs/, if it has its rounds; cases '
                    'by name are measured in turn with each other.')
    parser.add_argument('--rounds', type=int, metavar='N', help='how often each case is run (default: as often as its part needs)')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the figures to this file as well')
    parser.add_argument('what', nargs='*', metavar='PART | CASE', help=f"parts: {', '.join(PARTS)}. Cases: {', '.join(CASES)}")
    arguments = parser.parse_args()
    unknown = set(arguments.what) - {*CASES, *PARTS}
    if unknown or (arguments.rounds or 1) < 1:
        parser.error(f"unknown: {', '.join(unknown)}" if unknown else 'one round at least')

    figures = {}
    for part in chosen(arguments.what):
        rounds = arguments.rounds or part.rounds
        found = measure(part.cases, rounds)
        print(part.text(found))
        figures[part.name] = documents.as_json(found)
        write(part, found)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + '\n', encoding='utf-8')


def chosen(what: list[str]) -> list[documents.Part]:
    """The parts that are named, all if nothing is, and one of the cases that are named, which is in no document."""
    parts = [part for name, part in PARTS.items() if name in what or not what]
    cases = {name: case for name, case in CASES.items() if name in {*what, BASELINE}}
    return parts + ([documents.Part('cases', cases)] if set(what) - set(PARTS) else [])


def write(part: documents.Part, found: Mapping[str, Series]) -> None:
    """Puts the figures into the documentation, and says what was written, if they are good enough for it."""
    if part.write and len(found[BASELINE].runs) < part.rounds:
        print(f'No document was written: that takes {part.rounds} rounds.', file=sys.stderr)
    elif part.write:
        for document in part.write(found):
            print(f'wrote {document.relative_to(documents.ROOT)}')


def measure(cases: Mapping[str, Case], rounds: int) -> dict[str, Series]:
    """Runs the cases in turn, and tells of each on standard error."""
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder)) as stage:
        return in_turn({name: partial(case.run, stage) for name, case in cases.items()}, rounds, partial(print, file=sys.stderr))


if __name__ == '__main__':
    main()
