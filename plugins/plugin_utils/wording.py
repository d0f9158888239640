# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Numbers and lists in sentences."""

from __future__ import annotations

from collections.abc import Iterable

_SHOWN = 5


def many(count: int, one: str) -> str:
    """A number of things, by the word for one of them: 1 machine, 2 machines."""
    return f"{count} {one}" if count == 1 else f"{count} {one}s"


def first_few(names: Iterable[str]) -> str:
    """The first five names, and how many more there are."""
    shown = list(names)
    more = len(shown) - _SHOWN
    return ", ".join(shown[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
