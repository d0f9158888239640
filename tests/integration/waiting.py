# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Waiting for what goes on beside a test."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_for(true: Callable[[], object], what: str, seconds: float = 300) -> None:
    """Wait until something is true; after so many seconds that is an AssertionError."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f'{what}: not there after {seconds} s'
        time.sleep(0.02)
