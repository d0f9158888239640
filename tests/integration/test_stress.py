# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Random selections against a target whose connections, users and provider change at random.

The long run: `./dev test tests/integration/test_stress.py --minutes 10 --seed 7 --capture no`. Each run says its own
seed; `--seeds 1 --seed THAT` does that run alone again.
"""

from __future__ import annotations

import dataclasses
import itertools
import random
import time
from collections import Counter
from pathlib import Path, PureWindowsPath
from typing import Any

import pytest
from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import fold

from tests.integration import stress_machines
from tests.integration.ansible import mapped_drive
from tests.integration.machines import difference
from tests.integration.stress_model import Entry, Expected, Options, expected, without_habits
from tests.stand.description import Description
from tests.stand.prefix import SID
from tests.stand.target import Target

CHECK, ONCE, TWICE = 'check', 'once', 'twice'


def made_up(seed: int) -> tuple[Description, Options, str]:
    """The machine, the options and the kind of run of a seed."""
    chance = random.Random(seed)
    described = stress_machines.machine(chance)
    return described, stress_machines.options(chance, described), chance.choice((CHECK, ONCE, ONCE, TWICE))


def entries(result: dict[str, Any]) -> list[Entry]:
    return [Entry(**{field: found[field] for field in Entry._fields} | {'error': found['error'] and found['error']['code']})
            for found in result['connections']]


def compare_result(result: dict[str, Any], wanted: Expected) -> None:
    """What the module says, with the model."""
    found = entries(result)
    assert sorted(found, key=str) == sorted(wanted.entries, key=str)
    order = [(fold(entry.user), entry.name or '') for entry in found if entry.remote]
    assert order == sorted(order)
    assert result['failed'] == wanted.failed
    assert result['changed'] == wanted.changed or (result['changed'] and not wanted.certain)
    before, after = (sorted(result['diff'][side].splitlines()) for side in ('before', 'after'))
    assert before == wanted.diff[0]
    assert after == wanted.diff[1] or not wanted.certain


def compare_machine(before: Description, after: Description, wanted: Expected) -> None:
    """What is there, with the model."""
    there = {(user.sid or SID, connection.name, connection.remote): connection for user in after.users for connection in user.connections}
    for fate in wanted.fates:
        assert there.pop((fate.sid, fate.connection.name, fate.connection.remote), None) in fate.ends
    assert not there
    assert without_connections(after) == without_connections(before)


def without_connections(described: Description) -> dict[str, Any]:
    return dataclasses.replace(described, users=tuple(dataclasses.replace(user, connections=()) for user in described.users)).to_json()


def places(before: Description, wanted: Expected) -> set[str]:
    """Where on the machine something may differ: whose entries, hives and files of connections, and of which letter."""
    touched = [fate for fate in wanted.fates if fate.ends != (fate.connection,)]
    hives = {user.sid: f'users/{PureWindowsPath(str(user.name)).name}/NTUSER.DAT' for user in before.users if not user.signed_in}
    return {hives.get(fate.sid, rf'HKU\{fate.sid}\Network\{fate.connection.name[0]}') for fate in touched if fate.connection.persistent} | {
        f'stand/connections/{fate.sid}/' for fate in touched if fate.connection.connected}


def run(target: Target, folder: Path, options: Options, *, check: bool = False) -> list[Entry]:
    """Runs the module on what is there, and compares everything with the model; the entries of the result."""
    described = Description.from_json(target.state())
    before, calls = target.snapshot(), len(target.calls())
    result = mapped_drive(target, folder, check=check, **options.arguments())
    after = target.snapshot()
    changed = difference(before, after)
    cancels = {(call.sid, call.name) for call in target.calls()[calls:] if call.call == 'cancel'}
    if check:
        compare_result(result, expected(without_habits(described), options))
        assert not changed and not cancels
    else:
        wanted = expected(described, options)
        compare_result(result, wanted)
        compare_machine(described, Description.from_json(target.state()), wanted)
        assert not {key for key in changed if not any(place in key for place in places(described, wanted))}
        assert cancels == wanted.cancels
    return entries(result)


def one_run(target: Target, folder: Path, seed: int) -> None:
    """Makes up a machine and options, and runs the module; sometimes again, which may only do what had failed."""
    described, options, kind = made_up(seed)
    target.set(described)
    assert target.state() == described.to_json()
    first = run(target, folder, options, check=kind == CHECK)
    if kind == TWICE:
        failed = {(entry.sid, entry.name, entry.remote) for entry in first if entry.error is not None}
        assert not [entry for entry in run(target, folder, options)
                    if entry.action and (entry.sid, entry.name, entry.remote) not in failed]


@pytest.mark.long
def test_random_runs_do_what_the_options_allow(target: Target, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    first, minutes = pytestconfig.getoption('seed'), pytestconfig.getoption('minutes')
    end = time.monotonic() + 60 * minutes
    for seed in itertools.count(first) if minutes else range(first, first + pytestconfig.getoption('seeds')):
        try:
            one_run(target, tmp_path, seed)
        except Exception:
            print(f'failed with --seed {seed}')
            raise
        print(f'seed {seed}: as expected', flush=True)
        if minutes and time.monotonic() >= end:
            return


def test_what_is_made_up_has_some_of_everything() -> None:
    seen: Counter[Any] = Counter()
    for seed in range(1, 300):
        described, options, kind = made_up(seed)
        wanted = expected(described, options)
        seen.update([kind, 'certain' if wanted.certain else 'given up', 'failed' if wanted.failed else 'not failed'])
        seen.update(user for user in options.users if not user.startswith('S-1-'))
        for entry in wanted.entries:
            seen.update([entry.action, entry.error])
    for what in (CHECK, ONCE, TWICE, 'given up', 'all', 'current', 'SYSTEM', r'.\Administrator', 'removed', 'disconnected', 'forgotten',
                 stress_machines.BUSY, *stress_machines.CANCEL_ERRORS, 1017, 1460, 2401):
        assert seen[what] > 1, f'{what} is not made up any more'
