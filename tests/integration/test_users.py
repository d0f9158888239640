# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every logon session and every profile of a machine: what only the stand can set up."""

from __future__ import annotations

import json
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.integration import ansible
from tests.integration.ansible import mapped_drive, module
from tests.integration.machines import (
    LEFT_BEHIND, OWN, actions, connection, difference, names_of_errors, own, remembered, sid, user)
from tests.integration.waiting import wait_for
from tests.stand.target import Target

EVERYBODY = [
    own(connection('H:', r'\\oldfs\own'), connection('K:', r'\\keep\own')),
    user(1, connection('H:', r'\\oldfs\one'), connection(None, r'\\OLDFS\IPC$')),
    user(2, connection('H:', r'\\keep\two')),
    user(3, connection('H:', r'\\oldfs\three', persistent=False), remembered('M:', r'\\oldfs\music'), remembered('N:', r'\\keep\n')),
    user(4, remembered('H:', r'\\oldfs\four'), remembered('K:', r'\\keep\four'), signed_in=False),
    user(5, remembered('H:', r'\\keep\five'), signed_in=False),
]


def test_everybody_s_connections_to_a_server_go_and_nothing_else(machine: Target, tmp_path: Path) -> None:
    machine.set({'users': EVERYBODY})
    before = machine.snapshot()
    options: dict[str, Any] = {'remote': [r'\\oldfs'], 'users': ['all'], 'signed_out': True}

    checked = mapped_drive(machine, tmp_path, check=True, **options)
    assert checked['changed']
    assert machine.snapshot() == before
    assert not [call for call in machine.calls() if call.call == 'cancel']

    done = mapped_drive(machine, tmp_path, **options)
    assert actions(done) == {
        (OWN, r'\\oldfs\own'): 'removed',
        (sid(1), r'\\oldfs\one'): 'removed',
        (sid(1), r'\\OLDFS\IPC$'): 'removed',
        (sid(3), r'\\oldfs\three'): 'removed',
        (sid(3), r'\\oldfs\music'): 'forgotten',
        (sid(4), r'\\oldfs\four'): 'forgotten',
    }
    assert actions(checked) == actions(done)
    assert [entry['user'] for entry in done['connections']] == sorted((entry['user'] for entry in done['connections']), key=str.lower)
    by_remote = {entry['remote']: entry for entry in done['connections']}
    assert by_remote[r'\\oldfs\one']['user'] == r'CORP\user1'
    assert by_remote[r'\\oldfs\one']['profile_values']['RemotePath'] == {'type': 'REG_SZ', 'value': r'\\oldfs\one'}
    assert by_remote[r'\\oldfs\one']['profile_values']['ProviderType'] == {'type': 'REG_DWORD', 'value': 0x20000}
    assert by_remote[r'\\oldfs\four']['signed_in'] is False
    assert by_remote[r'\\oldfs\four']['logon_id'] is None

    changed = difference(before, machine.snapshot())
    assert changed, 'nothing was changed'
    gone = [rf'HKU\{OWN}\Network\H', rf'HKU\{sid(1)}\Network\H', rf'HKU\{sid(3)}\Network\M', 'users/user4/NTUSER.DAT',
            f'connections/{OWN}/', f'connections/{sid(1)}/', f'connections/{sid(3)}/']
    assert not [key for key in changed if not any(part in key for part in gone)]
    assert {entry.remote for entry in machine.connections(OWN)} == {r'\\keep\own'}
    assert {entry.remote for entry in machine.connections(sid(2))} == {r'\\keep\two'}
    assert {entry.remote for entry in machine.connections(sid(3))} == {r'\\keep\n'}

    assert {entry.remote for entry in machine.connections(sid(4))} == {r'\\keep\four'}

    again = mapped_drive(machine, tmp_path, **options)
    assert not again['changed'] and not again['connections']


@pytest.mark.long
def test_an_account_s_connections_only(machine: Target, tmp_path: Path) -> None:
    machine.set({'users': EVERYBODY})
    before = machine.snapshot()
    done = mapped_drive(machine, tmp_path, name=['*'], users=[sid(1)])
    assert set(actions(done).values()) == {'removed'}
    assert not machine.connections(sid(1))
    assert all(sid(1) in key for key in difference(before, machine.snapshot()))

    done = mapped_drive(machine, tmp_path, name=['H:'], users=[r'.\Administrator'])
    assert actions(done) == {(OWN, r'\\oldfs\own'): 'removed'}


def test_an_account_with_nothing_is_no_failure(machine: Target, tmp_path: Path) -> None:
    machine.set({'users': [user(2, connection('H:', r'\\keep\two'))]})
    done = mapped_drive(machine, tmp_path, remote=[r'\\oldfs'], users=[sid(2), sid(9)])
    assert not done['failed'] and not done['changed']


@pytest.mark.parametrize(('options', 'message'), [
    ({'users': [r'CORP\nobody']}, r'CORP\nobody'),
    ({'users': ['all'], 'signed_out': True, 'update_profile': False}, 'nothing to do for users who are not signed in'),
    ({'signed_out': True}, 'say users: all'),
    ({'remote': [r'\\*']}, "say name: '*'"),
    ({'remote': None}, 'It is not said what to take away'),
])
def test_what_is_not_valid_is_refused_before_anything_is_read(
        options: dict[str, Any], message: str, machine: Target, tmp_path: Path) -> None:
    machine.set({'users': EVERYBODY})
    before = machine.snapshot()
    done = mapped_drive(machine, tmp_path, **({'remote': [r'\\oldfs']} | options))
    assert done['failed'] and message in done['msg']
    assert machine.snapshot() == before and not machine.calls()


def test_one_user_s_open_files_fail_by_name_and_all_others_go(machine: Target, tmp_path: Path) -> None:
    machine.set({'users': [
        user(1, connection('H:', r'\\oldfs\one')),
        user(2, connection('H:', r'\\oldfs\two', open_files=True)),
        user(3, connection('H:', r'\\oldfs\three')),
    ]})
    done = mapped_drive(machine, tmp_path, remote=[r'\\oldfs'], users=['all'])
    assert done['failed'] and done['changed']
    assert done['msg'].startswith(r'1 of 3 network connections could not be taken away: CORP\user2 H: \\oldfs\two: ERROR_OPEN_FILES')
    assert actions(done) == {(sid(1), r'\\oldfs\one'): 'removed', (sid(2), r'\\oldfs\two'): None, (sid(3), r'\\oldfs\three'): 'removed'}
    assert [(entry.connected, entry.persistent) for entry in machine.connections(sid(2))] == [(True, True)]


def test_a_slow_server_is_asked_eight_times_at_a_time(machine: Target, tmp_path: Path) -> None:
    letters = 'ABDEFGHIJKLMNOPQRSTUVWXY'
    machine.set(own(*(connection(f'{letter}:', rf'\\oldfs\{letter}', cancel_delay=1500) for letter in letters)))
    done = mapped_drive(machine, tmp_path, remote=[r'\\oldfs'])
    assert set(actions(done).values()) == {'removed'} and len(done['connections']) == len(letters)
    cancels = [call for call in machine.calls() if call.call == 'cancel']
    most = max(sum(other.begin <= call.begin < (other.end or call.begin) for other in cancels) for call in cancels)
    assert most == 8


def test_a_dead_server_is_given_up_and_the_rest_goes_on(machine: Target, tmp_path: Path) -> None:
    dead = [connection(f'{letter}:', rf'\\oldfs\{letter}', cancel_delay=60_000) for letter in 'DEFGHIJKLM']
    machine.set(own(*dead, connection('Z:', r'\\oldfs\alive')))
    done = mapped_drive(machine, tmp_path, remote=[r'\\oldfs'], timeout=1)
    assert names_of_errors(done) == {'ERROR_TIMEOUT'}
    assert actions(done)[OWN, r'\\oldfs\alive'] == 'removed'
    assert len([entry for entry in done['connections'] if entry['error']]) == len(dead)
    assert '10 of 11' in done['msg']
    # Its threads are still in their calls, for most of a minute, and keep nothing: the process has ended.
    assert not [process for process in machine.agent.processes() if process.executable.lower().startswith('powershell')]


def test_after_impersonation_a_thread_is_itself_again(machine: Target, tmp_path: Path) -> None:
    machine.set({'users': [user(1)]})
    process = next(process.pid for process in machine.agent.processes() if process.sid == sid(1))
    seen = module(machine, 'impersonate', {'process': process}, tmp_path, library=Path(__file__).with_name('library'))['seen']
    assert seen == [OWN, sid(1), OWN, sid(1), 'it failed', OWN]


def test_two_sessions_of_one_user(machine: Target, tmp_path: Path) -> None:
    machine.set({'users': [user(1, connection('H:', r'\\oldfs\one'), sessions=2)]})
    done = mapped_drive(machine, tmp_path, remote=[r'\\oldfs'], users=['all'])
    assert set(actions(done).values()) == {'removed'}
    assert not machine.connections(sid(1))


def test_the_services_own_connections_go_as_well(machine: Target, tmp_path: Path) -> None:
    machine.set({'users': [{'name': r'NT AUTHORITY\SYSTEM', 'sid': 'S-1-5-18', 'connections': [connection('S:', r'\\oldfs\s')]}]})
    done = mapped_drive(machine, tmp_path, remote=[r'\\oldfs'], users=['all'])
    assert actions(done) == {('S-1-5-18', r'\\oldfs\s'): 'removed'}


def test_users_who_sign_out_in_the_middle_are_no_failure(machine: Target, tmp_path: Path) -> None:
    machine.set({'users': [user(number, connection('H:', rf'\\oldfs\{number}', cancel_delay=1500)) for number in range(1, 12)]})
    results: list[dict[str, Any]] = []
    run = threading.Thread(target=lambda: results.append(mapped_drive(machine, tmp_path, remote=[r'\\oldfs'], users=['all'])))
    run.start()
    wait_for(lambda: any(call.call == 'cancel' for call in machine.calls()), 'a cancel')
    for process in machine.agent.processes():
        if process.sid.startswith(sid(0)[:-4]):
            machine.agent.stop_process(process.pid)
    run.join()
    assert not results[0]['failed'], results[0].get('msg')
    assert set(actions(results[0]).values()) == {'removed'}


def test_two_runs_at_the_same_time_both_end(machine: Target, tmp_path: Path) -> None:
    machine.set({'users': EVERYBODY})
    results: list[dict[str, Any]] = []
    options: dict[str, Any] = {'remote': [r'\\oldfs'], 'users': ['all'], 'signed_out': True}
    runs = []
    for name in 'ab':
        (tmp_path / name).mkdir()
        runs.append(threading.Thread(target=lambda folder: results.append(mapped_drive(machine, folder, **options)),
                                     args=[tmp_path / name]))
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert not any(result['failed'] for result in results), results
    assert not any(entry.remote.lower().startswith(r'\\oldfs') for number in (1, 2, 3) for entry in machine.connections(sid(number)))
    assert not [key for key in machine.snapshot() if LEFT_BEHIND in key]


def hive(number: int) -> str:
    return rf'C:\users\user{number}\NTUSER.DAT'


# A run that is killed right after it changed a hive.
KILLED_RUN = r'''
Add-Type -Namespace Killed -Name Run -MemberDefinition @'
[DllImport("advapi32.dll", CharSet = CharSet.Unicode)]
public static extern int RegLoadKeyW(UIntPtr key, string name, string file);
[DllImport("ntdll.dll")]
public static extern int RtlAdjustPrivilege(int privilege, bool enable, bool ofThread, out bool before);
'@
17, 18 | ForEach-Object {{ [Killed.Run]::RtlAdjustPrivilege($_, $true, $false, [ref]$false) }}  # SeBackup-, SeRestorePrivilege
[Killed.Run]::RegLoadKeyW([UIntPtr]::new(0x80000003L), '{root}', '{file}')
[Microsoft.Win32.Registry]::Users.DeleteSubKeyTree('{root}\Network\H')
Stop-Process -Id $PID -Force
'''


def test_what_a_killed_run_changed_in_a_hive_is_in_the_file_once_the_next_one_unloads_it(machine: Target, tmp_path: Path) -> None:
    machine.set({'users': EVERYBODY})
    root = f'{LEFT_BEHIND}killed-{sid(4)}'
    module(machine, 'ansible.windows.win_powershell', {'script': KILLED_RUN.format(root=root, file=hive(4))}, tmp_path)
    assert [key for key in machine.snapshot() if key.startswith(rf'HKU\{root}')]
    assert [key for key in machine.snapshot() if rf'hivelist : \REGISTRY\USER\{root}' in key]
    done = mapped_drive(machine, tmp_path, remote=[r'\\oldfs'], users=['all'], signed_out=True)
    assert not done['failed'] and (sid(4), r'\\oldfs\four') not in actions(done)
    assert {entry.remote for entry in machine.connections(sid(4))} == {r'\\keep\four'}
    assert not [key for key in machine.snapshot() if LEFT_BEHIND in key]


@pytest.mark.long
def test_a_hive_in_use_stays_as_it_is_and_is_named(machine: Target, tmp_path: Path) -> None:
    machine.set({'users': EVERYBODY})
    machine.agent.load_hive('somebody', hive(4))
    before = machine.snapshot()
    done = mapped_drive(machine, tmp_path, remote=[r'\\oldfs\four'], users=['all'], signed_out=True)
    assert done['failed'] and sid(4) in done['msg'] and 'ERROR_SHARING_VIOLATION (32)' in done['msg']
    assert machine.snapshot() == before
    machine.agent.unload_hive('somebody')
    done = mapped_drive(machine, tmp_path, remote=[r'\\oldfs\four'], users=['all'], signed_out=True)
    assert actions(done) == {(sid(4), r'\\oldfs\four'): 'forgotten'}
    assert {entry.remote for entry in machine.connections(sid(4))} == {r'\\keep\four'}


@pytest.mark.long
def test_after_a_killed_run_the_next_one_converges(machine: Target, tmp_path: Path) -> None:
    machine.set({'users': [user(1, connection('H:', r'\\oldfs\one')),
                           user(2, connection('H:', r'\\oldfs\two', cancel_delay=3000))]})
    (tmp_path / 'inventory.yml').write_text(ansible.inventory({'target': machine}))
    arguments = json.dumps({'remote': [r'\\oldfs'], 'users': ['all']})
    command = ['ansible', 'target', '--inventory', 'inventory.yml', '--module-name', 'netdrive.windows.mapped_drive', '--args', arguments]
    with subprocess.Popen(command, cwd=tmp_path, env=ansible.environment(), stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, start_new_session=True) as run:
        wait_for(lambda: any(call.call == 'cancel' and call.sid == sid(2) for call in machine.calls()), 'the second cancel')
        subprocess.run(['pkill', '--signal', 'KILL', '--session', str(run.pid)], check=True)
    done = mapped_drive(machine, tmp_path, remote=[r'\\oldfs'], users=['all'])
    assert not done['failed']
    assert not machine.connections(sid(1)) and not machine.connections(sid(2))


def test_info_lists_everybody_and_what_cannot_be_read(machine: Target, tmp_path: Path) -> None:
    machine.set({'users': [*EVERYBODY[:5], user(5, signed_in=False, bad_hive=True)]})
    before = machine.snapshot()
    info = module(machine, 'netdrive.windows.mapped_drive_info', {'signed_out': True}, tmp_path)
    assert not info['changed'] and machine.snapshot() == before
    assert {(entry['sid'], entry['remote']) for entry in info['connections']} == {
        (described.get('sid', OWN), each['remote']) for described in EVERYBODY[:5] for each in described['connections']}
    assert [(entry['sid'], entry['signed_in']) for entry in info['unreadable']] == [(sid(5), False)]
    assert info['unreadable'][0]['error']['name'] == 'ERROR_NOT_REGISTRY_FILE'

    mine = module(machine, 'netdrive.windows.mapped_drive_info', {'users': ['current'], 'name': ['k']}, tmp_path)
    assert [entry['remote'] for entry in mine['connections']] == [r'\\keep\own']
