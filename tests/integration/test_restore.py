# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was taken away is put back: the machine is what it was, key by key and type by type."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integration.ansible import mapped_drive, module
from tests.integration.machines import USERS_OF_OLDFS, actions, connection, names_of_errors, own, registry, remembered, sid, user
from tests.stand.agent import REG_EXPAND_SZ, Value
from tests.stand.target import Target


def restore(target: Target, folder: Path, *, check: bool = False, **options: Any) -> dict[str, Any]:
    """The result of netdrive.windows.mapped_drive_restore."""
    return module(target, 'netdrive.windows.mapped_drive_restore', options, folder, check=check)


def take_away(machine: Target, folder: Path) -> list[dict[str, Any]]:
    """What was on the retired server, as the module returned it."""
    taken = mapped_drive(machine, folder, remote=[r'\\oldfs'], users=['all'], signed_out=True)
    assert taken['changed'] and not taken['failed'], taken
    connections: list[dict[str, Any]] = taken['connections']
    return connections


def test_everything_is_as_it_was(machine: Target, tmp_path: Path) -> None:
    machine.set({'users': USERS_OF_OLDFS})
    machine.agent.set_values(rf'HKU\{sid(2)}\Network\M', {
        'RemotePath': Value.string(r'\\oldfs\music', REG_EXPAND_SZ), 'Nobody knows': Value.string('this')})
    before, state = machine.snapshot(), machine.state()
    taken = take_away(machine, tmp_path)
    without = machine.snapshot()

    checked = restore(machine, tmp_path, check=True, connections=taken)
    assert checked['changed'] and not checked['failed'], checked
    assert machine.snapshot() == without

    done = restore(machine, tmp_path, connections=taken)
    assert not done['failed'], done
    assert len(done['connections']) == len(taken)
    assert actions(done) == actions(checked)
    by_remote = {entry['remote']: entry['action'] for entry in done['connections']}
    assert {by_remote[remote] for remote in (r'\\oldfs\own', r'\\oldfs\one', r'\\oldfs\two')} == {'restored'}
    assert {by_remote[remote] for remote in (r'\\oldfs\music', r'\\oldfs\three')} == {'remembered'}
    assert machine.state() == state
    assert registry(machine.snapshot()) == registry(before)

    again = restore(machine, tmp_path, connections=taken)
    assert not again['changed'] and not again['failed']
    assert {entry['action'] for entry in again['connections']} == {None}


@pytest.mark.long
def test_what_was_cut_short_is_made_whole(machine: Target, tmp_path: Path) -> None:
    machine.set({'users': USERS_OF_OLDFS})
    state = machine.state()
    taken = take_away(machine, tmp_path)
    # As a run leaves it that is killed in the middle of a key.
    machine.agent.set_values(rf'HKU\{sid(2)}\Network\M', {'RemotePath': Value.string(r'\\oldfs\music')})

    assert not restore(machine, tmp_path, connections=taken)['failed']
    assert machine.state() == state


@pytest.mark.long
def test_what_has_the_letter_by_now_stays(machine: Target, tmp_path: Path) -> None:
    machine.set({'users': USERS_OF_OLDFS})
    taken = take_away(machine, tmp_path)
    machine.set({'users': [
        own(connection('H:', r'\\newfs\own')),
        user(1), user(2, remembered('M:', r'\\newfs\music')), user(3, remembered('H:', r'\\newfs\three'), signed_in=False)]})
    before = machine.snapshot()

    done = restore(machine, tmp_path, connections=[
        entry for entry in taken if entry['remote'] in (r'\\oldfs\own', r'\\oldfs\music', r'\\oldfs\three')])

    assert done['failed'] and not done['changed']
    assert names_of_errors(done) == {'ERROR_ALREADY_ASSIGNED', 'ERROR_DEVICE_ALREADY_REMEMBERED'}
    for named in (r'\\newfs\own', r'\\oldfs\own', r'\\newfs\music', r'\\newfs\three'):
        assert named in done['msg']
    assert machine.snapshot() == before


@pytest.mark.long
def test_a_record_that_cannot_be_right_is_refused_by_entry(machine: Target, tmp_path: Path) -> None:
    machine.set({'users': USERS_OF_OLDFS})
    taken = take_away(machine, tmp_path)
    good = next(entry for entry in taken if entry['remote'] == r'\\oldfs\music')
    before = machine.snapshot()
    values = good['profile_values']
    bad: list[dict[str, Any]] = [
        {**good, 'sid': sid(77)},  # another machine's user
        {**good, 'sid': sid(1)},  # another user's SID
        {**good, 'sid': r'S-1-5-21-1\..\S-1-5-18'},
        {**good, 'name': r'M\..\..\Run'},
        {**good, 'name': r'Software\Microsoft\Windows\CurrentVersion\Run'},
        {**good, 'name': '..'},
        {**good, 'remote': 'calc.exe'},
        {**good, 'profile_values': {**values, 'RemotePath': {'type': 'REG_SZ', 'value': r'\\evil\share'}}},
        {**good, 'profile_values': {**values, 'ProviderType': {'type': 'REG_LINK', 'value': 'x'}}},
        {**good, 'profile_values': {**values, 'ProviderType': {'type': 'REG_DWORD', 'value': 'x'}}},
        {**good, 'profile_values': {**values, 'a\0b': {'type': 'REG_SZ', 'value': 'x'}}},
        {**good, 'profile_values': None},
        {**good, 'action': 'run'},
    ]

    refused = restore(machine, tmp_path, connections=bad)
    assert refused['failed'] and not refused['changed'], refused
    assert names_of_errors(refused) == {'ERROR_INVALID_DATA'}
    assert all(entry['error'] for entry in refused['connections'])
    assert machine.snapshot() == before

    beside = restore(machine, tmp_path, connections=[*bad[:2], good])
    assert beside['failed'] and beside['changed']
    assert [entry['action'] for entry in beside['connections']] == [None, None, 'remembered']


def test_one_user_s_only(machine: Target, tmp_path: Path) -> None:
    machine.set({'users': USERS_OF_OLDFS})
    taken = take_away(machine, tmp_path)

    done = restore(machine, tmp_path, connections=taken, users=sid(1))

    assert {entry['sid'] for entry in done['connections']} == {sid(1)}
    assert {entry.remote for entry in machine.connections(sid(1))} == {r'\\oldfs\one', r'\\oldfs\IPC$'}
    assert {entry.remote for entry in machine.connections(sid(2))} == {r'\\keep\n'}


def test_a_user_who_has_signed_out_gets_it_at_the_next_sign_in_or_not_at_all(machine: Target, tmp_path: Path) -> None:
    machine.set({'users': USERS_OF_OLDFS})
    taken = take_away(machine, tmp_path)
    machine.set({'users': [user(1, signed_in=False), user(2, signed_in=False)]})

    done = restore(machine, tmp_path, connections=[entry for entry in taken if entry['sid'] in (sid(1), sid(2))])

    by_remote = {entry['remote']: entry for entry in done['connections']}
    assert by_remote[r'\\oldfs\one']['action'] == 'remembered' and 'sign-in' in by_remote[r'\\oldfs\one']['message']
    assert by_remote[r'\\oldfs\IPC$']['action'] is None and by_remote[r'\\oldfs\IPC$']['error']['name'] == 'ERROR_NO_SUCH_LOGON_SESSION'
    assert by_remote[r'\\oldfs\two']['action'] is None and by_remote[r'\\oldfs\two']['error']['name'] == 'ERROR_NO_SUCH_LOGON_SESSION'
    assert {entry.remote for entry in machine.connections(sid(1))} == {r'\\oldfs\one'}
