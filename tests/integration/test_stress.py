# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Random selections against a target whose connections, users and provider change at random.

The long run: `./dev test tests/integration/test_stress.py --minutes 10 --seed 7 --capture no`. Each run says its own
seed; `--minutes 0 --seed THAT` does that run alone again.
"""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import pytest

from tests.integration import stress
from tests.integration.ansible import mapped_drive
from tests.stand.description import Description
from tests.stand.prefix import SID
from tests.stand.target import Target


def entries(result: dict[str, Any]) -> list[stress.Entry]:
    return [stress.Entry(entry['sid'], entry['name'], entry['remote'], entry['connected'], entry['persistent'], entry['action'],
                         entry['error'] and entry['error']['code']) for entry in result['connections']]


def places(before: Description, after: Description) -> set[str]:
    """Where on the machine something may differ: whose entries and files of connections, and of which letter."""
    found = set()
    for user, left in zip(before.users, after.users):
        sid = user.sid or SID
        for connection in set(user.connections) - set(left.connections):
            found.add(rf'HKU\{sid}\Network\{connection.name[:1]}' if connection.persistent else f'stand/connections/{sid}/')
            if connection.connected:
                found.add(f'stand/connections/{sid}/')
    return found


def one_run(target: Target, folder: Path, seed: int) -> None:
    """Makes a machine and options of the seed, runs the module, and compares everything with the model."""
    chance = random.Random(seed)
    described = stress.machine(chance)
    options = stress.selection(chance, described)
    check = chance.random() < 0.2

    target.set(described)
    before = target.snapshot()
    result = mapped_drive(target, folder, check=check, **options.arguments())
    after = target.snapshot()

    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    if check:
        assert not changed
        foreseen = stress.expected(stress.without_habits(described), options)
        assert sorted(entries(result), key=str) == sorted(foreseen.entries, key=str)
        return
    wanted = stress.expected(described, options)
    assert sorted(entries(result), key=str) == sorted(wanted.entries, key=str)
    assert (result['changed'], result['failed']) == (wanted.changed, wanted.failed)
    assert target.state() == wanted.after.to_json()
    allowed = places(described, wanted.after)
    assert not {key for key in changed if not any(place in key for place in allowed)}


def test_random_runs_do_what_the_options_allow(target: Target, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    seed = pytestconfig.getoption('seed')
    end = time.monotonic() + 60 * pytestconfig.getoption('minutes')
    while True:
        try:
            one_run(target, tmp_path, seed)
        except Exception:
            print(f'failed with --seed {seed}')
            raise
        print(f'seed {seed}: as expected', flush=True)
        seed += 1
        if time.monotonic() >= end:
            return
