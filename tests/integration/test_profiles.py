# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The profiles of users who are not signed in: nothing of theirs is at risk, and what was not looked at is named."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.integration.ansible import mapped_drive, module
from tests.integration.machines import LEFT_BEHIND, actions, difference, remembered, sid, user
from tests.integration.waiting import wait_for
from tests.stand.agent import Value
from tests.stand.target import PROFILES, Target

OPTIONS: dict[str, Any] = {'remote': [r'\\oldfs'], 'users': ['all'], 'signed_out': True}


def signed_out(*numbers: int) -> dict[str, Any]:
    return {'users': [user(number, remembered('H:', rf'\\oldfs\{number}'), signed_in=False) for number in numbers]}


def folder(machine: Target, number: int) -> Path:
    return machine.prefix / 'drive_c' / 'users' / f'user{number}'


def hive(machine: Target, number: int) -> Path:
    return folder(machine, number) / 'NTUSER.DAT'


def roam(machine: Target, number: int) -> None:
    machine.agent.set_values(rf'{PROFILES}\{sid(number)}', {'CentralProfile': Value.string(rf'\\profiles\user{number}')})


def left_behind(machine: Target) -> list[str]:
    """Hives that are loaded, and folders with copies."""
    temp = machine.prefix / 'drive_c' / 'windows' / 'temp'
    return [name for name in [*machine.agent.keys('HKU'), *os.listdir(temp)] if name.startswith(LEFT_BEHIND)]


def reasons(result: dict[str, Any]) -> dict[str, str]:
    assert all(entry['kind'] == 'profile' for entry in result['not_examined'])
    return {entry['sid']: entry['reason'] for entry in result['not_examined']}


@pytest.mark.long
def test_what_cannot_be_looked_at_is_named_and_no_failure(machine: Target, tmp_path: Path) -> None:
    machine.set(signed_out(1, 2, 3, 4, 5, 6, 7))
    shutil.rmtree(folder(machine, 2))
    hive(machine, 3).rename(folder(machine, 3) / 'NTUSER.MAN')
    outside = machine.prefix / 'drive_c' / 'outside'
    outside.mkdir()
    hive(machine, 4).rename(outside / 'four')
    hive(machine, 4).symlink_to(outside / 'four')
    folder(machine, 5).rename(outside / 'user5')
    folder(machine, 5).symlink_to(outside / 'user5')
    os.link(hive(machine, 6), outside / 'six')
    roam(machine, 7)
    try:
        before = machine.snapshot()
        outsiders = {path: path.read_bytes() for path in outside.rglob('*') if path.is_file()}
        checked = mapped_drive(machine, tmp_path, check=True, **OPTIONS)
        assert machine.snapshot() == before and not left_behind(machine)

        done = mapped_drive(machine, tmp_path, **OPTIONS)
        for result in (checked, done):
            assert not result['failed'], result['msg']
            assert actions(result) == {(sid(1), r'\\oldfs\1'): 'forgotten', (sid(7), r'\\oldfs\7'): None}
            assert set(reasons(result)) == {sid(number) for number in range(2, 8)}
            for number, said in {2: 'is not there', 3: 'mandatory', 4: 'link', 5: 'link', 6: 'link', 7: 'signed_out_roaming'}.items():
                assert said in reasons(result)[sid(number)]
        assert [entry['path'] for entry in done['not_examined'] if entry['sid'] == sid(2)] == [r'C:\users\user2']
        assert {path: path.read_bytes() for path in outsiders} == outsiders
        assert difference(before, machine.snapshot()) <= {'users/user1/NTUSER.DAT'}

        info = module(machine, 'netdrive.windows.mapped_drive_info', {'remote': [r'\\oldfs'], 'signed_out': True}, tmp_path)
        assert set(reasons(info)) == {sid(number) for number in range(2, 8)} and not info['unreadable']
        assert not left_behind(machine)
    finally:
        folder(machine, 5).unlink()
        shutil.rmtree(outside)


@pytest.mark.long
def test_a_profile_that_roams_is_changed_where_that_is_asked_for(machine: Target, tmp_path: Path) -> None:
    machine.set(signed_out(1))
    roam(machine, 1)
    done = mapped_drive(machine, tmp_path, signed_out_roaming=True, **OPTIONS)
    assert actions(done) == {(sid(1), r'\\oldfs\1'): 'forgotten'}
    assert not done['not_examined'] and not left_behind(machine)

    refused = mapped_drive(machine, tmp_path, remote=[r'\\oldfs'], users=['all'], signed_out_roaming=True)
    assert refused['failed'] and 'signed_out: true' in refused['msg']


def test_the_time_stamps_of_a_hive_are_as_before(machine: Target, tmp_path: Path) -> None:
    machine.set(signed_out(1))
    os.utime(hive(machine, 1), ns=(1_600_000_000_000_000_000, 1_500_000_000_000_000_000))
    done = mapped_drive(machine, tmp_path, **OPTIONS)
    assert actions(done) == {(sid(1), r'\\oldfs\1'): 'forgotten'}
    assert hive(machine, 1).stat().st_mtime_ns == 1_500_000_000_000_000_000


def test_what_a_killed_run_leaves_is_removed_by_a_run_of_any_kind(machine: Target, tmp_path: Path) -> None:
    machine.set(signed_out(*range(1, 41)))
    before = machine.snapshot()
    results: list[dict[str, Any]] = []
    run = threading.Thread(target=lambda: results.append(mapped_drive(machine, tmp_path, check=True, **OPTIONS)))
    run.start()
    wait_for(lambda: any(name.startswith(LEFT_BEHIND) for name in machine.agent.keys('HKU')), 'a hive')
    for process in machine.agent.processes():
        if process.executable.lower().startswith('powershell'):
            machine.agent.stop_process(process.pid)
    run.join()
    assert results[0]['failed'] and left_behind(machine)

    done = module(machine, 'netdrive.windows.mapped_drive_info', {'users': ['current']}, tmp_path)
    assert not done['failed'] and not left_behind(machine)
    assert machine.snapshot() == before
