# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names as people, scripts and policies have left them on a machine, and as they are typed into a task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integration.ansible import mapped_drive
from tests.integration.machines import sid, user
from tests.stand.agent import REG_EXPAND_SZ, Value
from tests.stand.target import Target

NETWORK = rf'HKU\{sid(1)}\Network'


def remember(machine: Target, **keys: str | Value | None) -> None:
    """Gives a user's profile these keys, each with a RemotePath or without."""
    machine.set({'users': [user(1)]})
    for key, remote in keys.items():
        text = Value.string(remote) if isinstance(remote, str) else remote
        machine.agent.set_values(rf'{NETWORK}\{key}', {'RemotePath': text} if text else {'UserName': Value.string('')})


def entries(result: dict[str, Any], *fields: str) -> list[tuple[Any, ...]]:
    return sorted(tuple(found[field] for field in fields) for found in result['connections'])


def test_what_profiles_remember_is_found_however_it_is_spelled(machine: Target, tmp_path: Path) -> None:
    remember(machine, **{
        'G': r'\\\\oldfs\\home', 'h': r'\\oldfs\\home', 'I': ' \\\\oldfs\\home\u200b', 'J': r'\\?\UNC\oldfs\home', 'K': r'\\oldfs.\home',
        'Z:': r'\\oldfs\home', 'L': 'https://oldfs/home', 'M': '\\\\oldfs\\home\\BU\u0308RO', 'P': r'\\newfs\home', 'Q': r'\\oldfs\R,D',
        'Archive': r'\\oldfs\home'})
    options: dict[str, Any] = {'remote': '//OLDFS/', 'exclude': ['\\\\oldfs\\R,D\u00a0', '\\\\oldfs\\home\\b\u00fcro'], 'users': 'all'}
    before = machine.snapshot()
    dry = mapped_drive(machine, tmp_path, check=True, **options)
    assert machine.snapshot() == before
    done = mapped_drive(machine, tmp_path, **options)
    for result in (dry, done):
        assert not result['failed'], result
        assert entries(result, 'name', 'action') == [(name, 'forgotten') for name in ('Archive', 'G:', 'H:', 'I:', 'J:', 'K:', 'L:', 'Z:')]
        assert (r'\\\\oldfs\\home',) in entries(result, 'remote')
    assert set(machine.agent.keys(NETWORK)) == {'M', 'P', 'Q'}
    assert not mapped_drive(machine, tmp_path, **options)['changed']


def test_a_remembered_name_is_text(machine: Target, tmp_path: Path) -> None:
    """%USERNAME% is not that of the task's account."""
    remember(machine, H=Value.string(r'\\oldfs\home\%USERNAME%', REG_EXPAND_SZ))
    assert mapped_drive(machine, tmp_path, remote=rf'\\oldfs\home\{machine.username}', users='all')['connections'] == []
    result = mapped_drive(machine, tmp_path, remote=r'\\oldfs\home\%username%', users='all')
    assert entries(result, 'name', 'remote', 'action') == [('H:', r'\\oldfs\home\%USERNAME%', 'forgotten')]
    assert result['connections'][0]['profile_values']['RemotePath'] == {'type': 'REG_EXPAND_SZ', 'value': r'\\oldfs\home\%USERNAME%'}


@pytest.mark.long
def test_what_an_exclude_may_mean_stays_and_says_why(machine: Target, tmp_path: Path) -> None:
    remember(machine, X=None, Y=r'\\oldfs\y', W=Value.number(5))
    options: dict[str, Any] = {'name': '*', 'exclude': [r'\\fs1'], 'users': 'all'}
    dry = mapped_drive(machine, tmp_path, check=True, **options)
    done = mapped_drive(machine, tmp_path, **options)
    for result in (dry, done):
        assert result['failed'] and '2 of 3' in result['msg']
        assert entries(result, 'name') == [('W:',), ('X:',), ('Y:',)]
        assert [(found['action'], found['error'] and found['error']['name']) for found in result['connections']] == [
            (None, 'ERROR_INVALID_NAME'), (None, 'ERROR_INVALID_NAME'), ('forgotten', None)]
        assert all('exclude' in found['error']['message'] for found in result['connections'][:2])
    assert set(machine.agent.keys(NETWORK)) == {'W', 'X'}
    result = mapped_drive(machine, tmp_path, name=['x', 'W:\\'], exclude='K:', users='all')
    assert not result['failed'] and entries(result, 'name', 'action') == [('W:', 'forgotten'), ('X:', 'forgotten')]


@pytest.mark.long
def test_a_refusal_is_in_plain_words(machine: Target, tmp_path: Path) -> None:
    for options, wrong, right in (
            ({'name': 'H:,I:'}, "name: 'H:,I:' looks like several names in one text", "name: ['H:', 'I:']"),
            ({'remote': r'\\*\home'}, r"remote: '\\*\home' names no server", 'remote: '),
            ({'name': 5}, 'name: 5 is a number', 'name: '), ({'name': 'Z:', 'users': r'CORP\a,CORP\b'}, 'users: ', r"users: ['CORP\a', ")):
        result = mapped_drive(machine, tmp_path, **options)
        first, second = result['msg'].split('\n')
        assert result['failed'] and first.startswith(wrong) and right in second
