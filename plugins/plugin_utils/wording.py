# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Numbers in sentences."""

from __future__ import annotations


def many(count: int, one: str) -> str:
    """A number of things, by the word for one of them: 1 machine, 2 machines."""
    return f"{count} {one}" if count == 1 else f"{count} {one}s"
