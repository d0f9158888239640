# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`./dev bench [--rounds N] [--json FILE] [CASE ...]`: all cases, or the named ones, or the breakdown of one task."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from tests.benchmark import breakdown, documents
from tests.benchmark.cases import BASELINE, CASES, Case
from tests.benchmark.measure import Series, Stage, in_turn

BREAKDOWN = 'breakdown'
ENOUGH = 5  # rounds


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog='./dev bench', allow_abbrev=False,
        description='What a task costs, in multiples of win_ping. All cases together go into README.md and docs/benchmarks.md, '
                    f'and the breakdown of one task into docs/performance.md, if there are {ENOUGH} rounds at least.')
    parser.add_argument('--rounds', type=int, default=ENOUGH, metavar='N', help='how often each case is run (default: %(default)s)')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the figures to this file as well')
    parser.add_argument('cases', nargs='*', metavar='CASE', help=f"{BREAKDOWN}, or any of: {', '.join(CASES)}")
    arguments = parser.parse_args()
    unknown = set(arguments.cases) - {*CASES, BREAKDOWN}
    if unknown or arguments.rounds < 1 or (BREAKDOWN in arguments.cases and len(arguments.cases) > 1):
        parser.error(f"unknown: {', '.join(unknown)}" if unknown else 'one round at least, and breakdown stands alone')

    alone = arguments.cases == [BREAKDOWN]
    cases = breakdown.STEPS if alone else {
        name: case for name, case in CASES.items() if not arguments.cases or name in {*arguments.cases, BASELINE}}
    found = measure(cases, arguments.rounds)
    print(breakdown.table(found) if alone else documents.as_text(found))
    if arguments.json:
        arguments.json.write_text(json.dumps(documents.as_json(found), indent=1) + '\n', encoding='utf-8')
    if alone or not arguments.cases:
        write(breakdown.write if alone else documents.write, found)


def write(into_documents: Callable[[Mapping[str, Series]], list[Path]], found: Mapping[str, Series]) -> None:
    """Puts the figures into the documentation, and says what was written, if they are good enough for it."""
    if len(found[BASELINE].runs) < ENOUGH:
        print(f'No document was written: that takes {ENOUGH} rounds.', file=sys.stderr)
        return
    for document in into_documents(found):
        print(f'wrote {document.relative_to(documents.ROOT)}')


def measure(cases: Mapping[str, Case], rounds: int) -> dict[str, Series]:
    """Runs the cases in turn, and tells of each on standard error."""
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder)) as stage:
        return in_turn({name: partial(case.run, stage) for name, case in cases.items()}, rounds, partial(print, file=sys.stderr))


if __name__ == '__main__':
    main()
