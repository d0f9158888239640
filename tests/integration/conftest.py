# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Targets for tests. Under pytest-xdist each worker has its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.stand.target import Target


@pytest.fixture(scope='session')
def new_target() -> Iterator[Callable[..., Target]]:
    """Starts one more target, with the arguments of Target. All of them end with the session."""
    with ExitStack() as targets:
        yield lambda **options: targets.enter_context(Target(**options))


@pytest.fixture(scope='session')
def target(new_target: Callable[..., Target]) -> Target:
    """The target that tests share. Whoever doesn't want what others left on it takes `machine`."""
    return new_target(ssh=True)


@pytest.fixture
def machine(target: Target) -> Target:
    """The shared target with nothing on it."""
    target.reset()
    return target
