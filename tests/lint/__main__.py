# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run the checks, two at a time, and show what they found."""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.lint.checks import CHECKS
from tests.lint.collection import Collection

ROOT = Path(__file__).absolute().parents[2]


@dataclass(frozen=True)
class Outcome:
    """What a check found, and how long it took."""

    name: str
    findings: list[str]
    seconds: float


def run(name: str) -> Outcome:
    """Run one check; if the check itself breaks, that is its finding."""
    start = time.monotonic()
    try:
        findings = CHECKS[name](Collection(ROOT))
    except Exception:  # pylint: disable=broad-exception-caught
        findings = traceback.format_exc().splitlines()
    return Outcome(name, findings, time.monotonic() - start)


def main() -> int:
    """Return the exit code: 1 if any check found something."""
    parser = argparse.ArgumentParser(prog="./dev lint", description="Check the collection without running it.")
    parser.add_argument("checks", nargs="*", metavar="CHECK", help=f"one of {', '.join(CHECKS)}; all without")
    names: list[str] = parser.parse_args().checks or list(CHECKS)
    if unknown := [name for name in names if name not in CHECKS]:
        parser.error(f"unknown: {', '.join(unknown)}; the checks are {', '.join(CHECKS)}")
    if "LINT_TOOLS" not in os.environ:
        parser.error("LINT_TOOLS does not name the folder of the built tests/lint/tool; ./dev lint sets it")
    failed = False
    with ThreadPoolExecutor(max_workers=2) as pool:
        for outcome in pool.map(run, names):
            failed |= bool(outcome.findings)
            result = "FAILED" if outcome.findings else "ok"
            print(f"{outcome.name:<14}{result:<8}{outcome.seconds:5.1f} s", flush=True)
            for finding in outcome.findings:
                print(f"    {finding}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
