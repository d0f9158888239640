# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The modules over psrp and ssh. All other tests go over winrm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration import ansible
from tests.integration.ansible import module
from tests.integration.machines import connection, own, remembered, user
from tests.stand.target import Target

EVERYBODY = [
    own(connection('H:', r'\\oldfs\own'), connection('K:', r'\\keep\own')),
    user(1, connection('H:', r'\\oldfs\one')),
    user(2, remembered('H:', r'\\oldfs\two'), remembered('K:', r'\\keep\two'), signed_in=False),
]
ACTIONS = {r'\\oldfs\own': 'removed', r'\\oldfs\one': 'removed', r'\\oldfs\two': 'forgotten'}
OPTIONS = {'remote': [r'\\oldfs'], 'users': ['all'], 'signed_out': True}


@pytest.mark.parametrize('transport', ['psrp', 'ssh'])
def test_everybody_and_the_signed_out(transport: str, machine: Target, tmp_path: Path) -> None:
    def found() -> set[str]:
        info = module(machine, 'netdrive.windows.mapped_drive_info', {'signed_out': True}, tmp_path, transport=transport)
        assert not info['changed'] and not info['unreadable']
        return {entry['remote'] for entry in info['connections']}

    def actions(check: bool = False) -> dict[str, str]:
        done = module(machine, 'netdrive.windows.mapped_drive', OPTIONS, tmp_path, check=check, transport=transport)
        assert not done['failed'] and done['changed'] == bool(done['connections']), done
        return {entry['remote']: entry['action'] for entry in done['connections']}

    machine.set({'users': EVERYBODY})
    before = machine.snapshot()
    everything = {each['remote'] for user in EVERYBODY for each in user['connections']}
    assert found() == everything and machine.snapshot() == before
    assert actions(check=True) == ACTIONS and machine.snapshot() == before
    assert actions() == ACTIONS
    assert actions() == {}
    assert found() == everything - ACTIONS.keys()


def test_ssh_lets_a_key_in_and_no_other(machine: Target, tmp_path: Path) -> None:
    inventory = json.loads(ansible.inventory({'key': machine, 'none': machine}, 'ssh'))
    for host in inventory['all']['hosts'].values():
        del host['ansible_password']
        host['ansible_ssh_args'] = '-o ControlPath=none'  # a connection of an earlier test would let anybody in
    inventory['all']['hosts']['key']['ansible_ssh_private_key_file'] = str(machine.ssh.key)
    (tmp_path / 'inventory.yml').write_text(json.dumps(inventory))
    done = ansible.run(['ansible', 'all', '--inventory', 'inventory.yml', '--module-name', 'ansible.windows.win_ping'], tmp_path)
    assert 'key | SUCCESS' in done.stdout and 'none | UNREACHABLE' in done.stdout, done.stdout
