# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long the tests run that could run for ever."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup('netdrive', 'long runs')
    group.addoption('--examples', type=int, default=3000, help='unit/test_selection.py: how many made-up selections')
    group.addoption('--seeds', type=int, default=8, help='integration/test_stress.py: how many made-up runs')
    group.addoption('--minutes', type=float, default=0, help='integration/test_stress.py: how long, however many')
    # The first few from 14 on have much to do.
    group.addoption('--seed', type=int, default=14, help='integration/test_stress.py: where the random numbers begin')
    group.addoption('--runs', type=int, default=5, help='integration/test_soak.py: how many')
