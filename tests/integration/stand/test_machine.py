# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The stand's machine by itself: what is set up is there, Windows's own functions see it, and it goes away again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.machines import difference
from tests.stand import prefix
from tests.stand.agent import Agent
from tests.stand.description import Description
from tests.stand.prefix import SID
from tests.stand.target import Target

USER1 = {'name': r'CORP\user1', 'sid': 'S-1-5-21-1-2-3-1001'}
USER2 = {'name': r'CORP\user2', 'sid': 'S-1-5-21-1-2-3-1002'}
USER3 = {'name': r'CORP\user3', 'sid': 'S-1-5-21-1-2-3-1003'}
CONNECTED, REMEMBERED = '1', '3'
SUCCESS, ALREADY_ASSIGNED, MORE_DATA, NO_MORE_ITEMS, NOT_CONNECTED, OPEN_FILES = 0, 85, 234, 259, 2250, 2401

EVERYTHING: dict[str, Any] = {
    'users': [
        {'name': None, 'sid': None, 'connections': [
            {'name': 'H:', 'remote': r'\\oldfs\home', 'user_name': r'CORP\someone', 'cancel_delay': 5},
            {'name': 'I:', 'remote': r'\\oldfs\Ünïcode 日本 100% = #', 'persistent': False, 'open_files': True},
            {'name': 'J:', 'remote': r'\\oldfs\gone', 'connected': False, 'provider': 'Another Network'},
            {'name': 'LPT1:', 'remote': r'\\oldfs\printer', 'type': 'print', 'cancel_error': 5},
            {'name': 'Z:', 'remote': r'\\keep\a', 'persistent': False},
            {'name': 'Z:', 'remote': r'\\oldfs\b', 'connected': False},
            {'remote': r'\\oldfs\share', 'vanish': True}]},
        {**USER1, 'administrator': True, 'sessions': 2, 'connections': [{'name': 'H:', 'remote': r'\\keep\home'}]},
        {**USER2, 'signed_in': False, 'connections': [
            {'name': 'H:', 'remote': r'\\oldfs\home', 'connected': False}]},
        {'name': r'NT AUTHORITY\SYSTEM', 'sid': prefix.SYSTEM_SID, 'connections': [
            {'name': 'S:', 'remote': r'\\oldfs\backup'}]},
        {**USER3, 'signed_in': False, 'bad_hive': True}],
    'provider': {'enum_delay': 1, 'more_data': True}}


@pytest.fixture(scope='session')
def wnet_exe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    exe = tmp_path_factory.mktemp('wnet') / 'wnet.exe'
    subprocess.run(['x86_64-w64-mingw32-gcc-win32', '-municode', '-static', '-o', exe, Path(__file__).with_name('wnet.c'),
                    '-lmpr', '-ladvapi32'], check=True)
    return exe


@pytest.fixture
def wnet(machine: Target, wnet_exe: Path) -> Callable[..., list[str]]:
    """Runs wnet.exe on the machine and gives its lines."""
    def run(*arguments: str, pid: int = 0) -> list[str]:
        completed = subprocess.run(
            prefix.wine(str(wnet_exe), str(pid), *arguments), env=prefix.environment(machine.prefix), cwd='/',
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, encoding='utf-8', check=True, timeout=60)
        return completed.stdout.split('\n')[:-1]
    return run


def session_of(machine: Target, sid: str) -> int:
    return next(process.pid for process in machine.agent.processes() if process.sid == sid)


def names(machine: Target, sid: str = SID) -> list[tuple[str, str]]:
    return [(connection.name, connection.remote) for connection in machine.connections(sid)]


class TestSettingUp:
    """Through the registry and the provider's files."""

    def test_what_is_set_is_read_back(self, machine: Target) -> None:
        machine.set(EVERYTHING)
        assert machine.state() == Description.from_json(EVERYTHING).to_json()

    def test_system_is_there_without_connections(self, machine: Target) -> None:
        description = {'users': [{}, {'name': r'NT AUTHORITY\SYSTEM', 'sid': prefix.SYSTEM_SID}]}
        machine.set(description)
        assert machine.state() == Description.from_json(description).to_json()
        machine.reset()
        assert machine.state() == Description.from_json({'users': [{}]}).to_json()

    def test_set_replaces_what_was_there(self, machine: Target) -> None:
        machine.set(EVERYTHING)
        machine.set({'connections': [{'name': 'H:', 'remote': r'\\keep\x'}]})
        assert machine.state() == Description.from_json(
            {'users': [{'connections': [{'name': 'H:', 'remote': r'\\keep\x'}]}]}).to_json()

    def test_reset_leaves_nothing(self, machine: Target) -> None:
        before = machine.snapshot()
        machine.set(EVERYTHING)
        assert machine.snapshot() != before
        machine.reset()
        assert machine.snapshot() == before
        assert not {process.sid for process in machine.agent.processes()} & {USER1['sid'], USER2['sid']}

    def test_reset_removes_what_somebody_else_made(self, machine: Target) -> None:
        before = machine.snapshot()
        machine.agent.set_values(r'HKU\somebody\Network\X', {})
        machine.agent.set_values(rf'HKU\{SID}\Network\X', {})
        machine.reset()
        assert machine.snapshot() == before

    def test_a_session_goes_on_while_its_user_stays(self, machine: Target) -> None:
        machine.set({'users': [USER1]})
        pid = session_of(machine, USER1['sid'])
        machine.set({'users': [USER1, USER2]})
        assert session_of(machine, USER1['sid']) == pid

    def test_a_session_that_ended_is_started_again(self, machine: Target) -> None:
        machine.set({'users': [USER1]})
        machine.agent.stop_process(session_of(machine, USER1['sid']))
        machine.set({'users': [USER1]})
        assert session_of(machine, USER1['sid'])

    def test_a_signed_out_user_is_only_on_disk(self, machine: Target) -> None:
        machine.set({'users': [{**USER2, 'signed_in': False, 'connections': [
            {'name': 'H:', 'remote': r'\\oldfs\home', 'connected': False}]}]})
        assert USER2['sid'] not in machine.agent.keys('HKU')
        assert (machine.prefix / 'drive_c/users/user2/NTUSER.DAT').is_file()
        assert names(machine, USER2['sid']) == [('H:', r'\\oldfs\home')]

    @pytest.mark.parametrize('description', [
        pytest.param({'connexions': []}, id='unknown key'),
        pytest.param({'connections': [{'name': 'H:'}]}, id='no remote name'),
        pytest.param({'connections': [{'name': 'HH:', 'remote': r'\\a\b'}]}, id='no device'),
        pytest.param({'connections': [{'name': 'LPT1:', 'remote': r'\\a\b', 'persistent': True}]}, id='printer kept'),
        pytest.param({'connections': [{'remote': r'\\a\b', 'persistent': True}]}, id='no device kept'),
        pytest.param({'connections': [{'remote': r'\\a\b', 'connected': False}]}, id='nowhere'),
        pytest.param({'users': [{**USER1, 'signed_in': False, 'connections': [{'name': 'H:', 'remote': r'\\a\b'}]}]},
                     id='connected but signed out'),
        pytest.param({'users': [{**USER1, 'signed_in': False, 'administrator': True}]}, id='administrator but signed out'),
        pytest.param({'users': [{**USER1, 'signed_in': False, 'sessions': 2}]}, id='sessions but signed out'),
        pytest.param({'users': [{**USER1, 'bad_hive': True}]}, id='bad hive but signed in'),
        pytest.param({'users': [{**USER1, 'signed_in': False, 'bad_hive': True, 'connections': [
            {'name': 'H:', 'remote': r'\\a\b', 'connected': False}]}]}, id='remembered in a bad hive'),
        pytest.param({'users': [USER1, USER1]}, id='twice'),
        pytest.param({'connections': [{'remote': r'\\a\b'}], 'users': [{'name': 'me', 'sid': SID}]}, id='twice by SID'),
        pytest.param({'users': [{**USER1, 'sid': 'user1'}]}, id='no SID'),
    ])
    def test_what_can_not_be_is_refused(self, machine: Target, description: dict[str, Any]) -> None:
        machine.set({'connections': [{'name': 'H:', 'remote': r'\\keep\x'}]})
        with pytest.raises(ValueError):
            machine.set(description)
        assert names(machine) == [('H:', r'\\keep\x')]


class TestProvider:
    """Through Windows's own functions."""

    def test_connections_are_listed(self, machine: Target, wnet: Callable[..., list[str]]) -> None:
        machine.set({**EVERYTHING, 'provider': {}})
        assert sorted(wnet('list', CONNECTED, '0')) == sorted([
            '=0', '=0', 'H:\t\\\\oldfs\\home\tMicrosoft Windows Network\t1',
            'I:\t\\\\oldfs\\Ünïcode 日本 100% = #\tMicrosoft Windows Network\t1',
            'LPT1:\t\\\\oldfs\\printer\tMicrosoft Windows Network\t2',
            'Z:\t\\\\keep\\a\tMicrosoft Windows Network\t1', '\t\\\\oldfs\\share\tMicrosoft Windows Network\t1',
            '=259'])
        assert sorted(wnet('list', REMEMBERED, '0')) == sorted([
            '=0', '=0', 'H:\t\\\\oldfs\\home\tMicrosoft Windows Network\t1',
            'J:\t\\\\oldfs\\gone\tAnother Network\t1', 'Z:\t\\\\oldfs\\b\tMicrosoft Windows Network\t1', '=259'])

    def test_only_the_wanted_type_is_listed(self, machine: Target, wnet: Callable[..., list[str]]) -> None:
        machine.set({**EVERYTHING, 'provider': {}})
        assert wnet('list', CONNECTED, '2') == [
            '=0', '=0', 'LPT1:\t\\\\oldfs\\printer\tMicrosoft Windows Network\t2', '=259']

    @pytest.mark.parametrize('flags, left', [('0', [('H:', r'\\oldfs\home')]), ('1', [])])
    def test_only_with_the_flag_the_profile_forgets(self, machine: Target, wnet: Callable[..., list[str]], flags: str,
                                                    left: list[tuple[str, str]]) -> None:
        machine.set({'connections': [{'name': 'H:', 'remote': r'\\oldfs\home'}]})
        assert wnet('cancel', 'h:', flags, '0') == ['=0']
        assert [(c.name, c.remote) for c in machine.connections() if not c.connected] == left

    @pytest.mark.parametrize('habit, force, code, stays', [
        ({'open_files': True}, '0', OPEN_FILES, True),
        ({'open_files': True}, '1', SUCCESS, False),
        ({'cancel_error': 1208}, '1', 1208, True),
        ({'vanish': True}, '0', NOT_CONNECTED, False),
    ])
    def test_habits(self, machine: Target, wnet: Callable[..., list[str]], habit: dict[str, Any], force: str,
                    code: int, stays: bool) -> None:
        machine.set({'connections': [{'name': 'H:', 'remote': r'\\oldfs\home', 'persistent': False, **habit}]})
        assert wnet('cancel', 'H:', '0', force) == [f'={code}']
        assert bool(names(machine)) == stays
        call, = machine.calls()
        assert (call.call, call.name, call.force, call.sid, call.result) == ('cancel', 'H:', force == '1', SID, code)

    @pytest.mark.parametrize('name', ['X:', 'H', 'C:', r'\\oldfs\home', r'\\oldfs'])
    def test_another_name_is_not_connected(self, machine: Target, wnet: Callable[..., list[str]], name: str) -> None:
        machine.set({'connections': [{'name': 'H:', 'remote': r'\\oldfs\home'}]})
        assert wnet('cancel', name, '1', '1') == [f'={NOT_CONNECTED}']
        assert names(machine) == [('H:', r'\\oldfs\home')]

    def test_a_remote_name_means_the_one_without_a_device(self, machine: Target,
                                                          wnet: Callable[..., list[str]]) -> None:
        machine.set({'connections': [{'name': 'H:', 'remote': r'\\oldfs\ä'}, {'remote': r'\\oldfs\ä'}]})
        assert wnet('cancel', r'\\OLDFS\Ä', '0', '0') == ['=0']
        assert names(machine) == [('H:', r'\\oldfs\ä')]

    def test_a_cancel_takes_its_time(self, machine: Target, wnet: Callable[..., list[str]]) -> None:
        machine.set({'connections': [{'name': 'H:', 'remote': r'\\oldfs\home', 'cancel_delay': 300}]})
        assert wnet('cancel', 'H:', '0', '0') == ['=0']
        call, = machine.calls()
        assert call.end and call.end - call.begin >= 300

    def test_the_first_buffer_is_too_small(self, machine: Target, wnet: Callable[..., list[str]]) -> None:
        machine.set({'connections': [{'name': 'H:', 'remote': r'\\oldfs\home'}], 'provider': {'more_data': True}})
        assert wnet('list', CONNECTED, '0') == [
            '=0', f'={MORE_DATA}', '=0', 'H:\t\\\\oldfs\\home\tMicrosoft Windows Network\t1', f'={NO_MORE_ITEMS}']
        assert [call.result for call in machine.calls()] == [MORE_DATA, SUCCESS, NO_MORE_ITEMS]

    def test_long_names(self, machine: Target, wnet: Callable[..., list[str]]) -> None:
        remote = r'\\oldfs' + r'\ü' * 12_000
        machine.set({'connections': [{'remote': remote}]})
        assert any(remote in line for line in wnet('list', CONNECTED, '0'))
        assert wnet('cancel', remote, '0', '0') == ['=0']
        assert not names(machine)

    def test_more_than_one_buffer(self, machine: Target, wnet: Callable[..., list[str]]) -> None:
        connections = [{'remote': rf'\\oldfs\{number:04}' + 'x' * 100} for number in range(300)]
        machine.set({'connections': connections})
        listed = [line.split('\t')[1] for line in wnet('list', CONNECTED, '0') if '\t' in line]
        assert sorted(listed) == [connection['remote'] for connection in connections]

    def test_add(self, machine: Target, wnet: Callable[..., list[str]]) -> None:
        assert wnet('add', 'H:', r'\\new\share', '1') == [f'={SUCCESS}']
        assert wnet('add', 'h:', r'\\new\other', '0') == [f'={ALREADY_ASSIGNED}']
        assert wnet('add', '-', r'\\new\share', '0') == [f'={SUCCESS}']
        assert [(c.name, c.remote, c.connected, c.persistent, c.user_name) for c in machine.connections()] == [
            ('H:', r'\\new\share', True, True, r'CORP\someone'), ('', r'\\new\share', True, False, r'CORP\someone')]

    def test_each_user_has_own_connections(self, machine: Target, wnet: Callable[..., list[str]]) -> None:
        machine.set({'connections': [{'name': 'H:', 'remote': r'\\keep\mine'}],
                     'users': [{**USER1, 'connections': [{'name': 'H:', 'remote': r'\\oldfs\one'}]},
                               {**USER2, 'connections': [{'name': 'H:', 'remote': r'\\keep\two'}]}]})
        before = machine.snapshot()
        pid = session_of(machine, USER1['sid'])
        assert 'H:\t\\\\oldfs\\one\tMicrosoft Windows Network\t1' in wnet('list', CONNECTED, '0', pid=pid)
        assert wnet('cancel', 'H:', '1', '0', pid=pid) == ['=0']
        changed = difference(before, machine.snapshot())
        assert changed and all(USER1['sid'] in key for key in changed)
        assert machine.calls()[-1].sid == USER1['sid']
        assert not names(machine, USER1['sid'])

    def test_the_log_is_whole_whoever_writes(self, machine: Target, wnet_exe: Path) -> None:
        processes = [subprocess.Popen(prefix.wine(str(wnet_exe), '0', 'cancel', f'{letter}:', '0', '0', '100'),
                                      env=prefix.environment(machine.prefix), cwd='/', stdout=subprocess.DEVNULL)
                     for letter in 'HIJ']
        assert [process.wait(60) for process in processes] == [0, 0, 0]
        calls = machine.calls()
        assert [sum(call.name == f'{letter}:' for call in calls) for letter in 'HIJ'] == [100, 100, 100]
        assert {call.result for call in calls} == {NOT_CONNECTED}


def test_the_agent_answers_whoever_has_many_files_open(machine: Target) -> None:
    files = [os.open(os.devnull, os.O_RDONLY) for dummy in range(1024)]
    try:
        with Agent(machine.prefix) as agent:
            assert agent.keys('HKU') == machine.agent.keys('HKU')
    finally:
        for file in files:
            os.close(file)


class TestTargets:
    """Several, one after the other or at once."""

    def test_two_at_once_know_nothing_of_each_other(self, machine: Target, new_target: Callable[..., Target]) -> None:
        other = new_target(winrm=False)
        machine.set({'users': [{**USER1, 'connections': [{'name': 'H:', 'remote': r'\\a\b'}]}]})
        other.set({'users': [{**USER1, 'connections': [{'name': 'I:', 'remote': r'\\c\d'}]}]})
        assert names(machine, USER1['sid']) == [('H:', r'\\a\b')]
        assert names(other, USER1['sid']) == [('I:', r'\\c\d')]
        machine.reset()
        assert names(other, USER1['sid']) == [('I:', r'\\c\d')]
        assert session_of(other, USER1['sid'])

    def test_nothing_is_left_of_one_that_stopped(self) -> None:
        with Target(winrm=False) as target:
            target.set(EVERYTHING)
            folder, of_server = target.folder, Path('/tmp', (target.prefix / 'wineserver').read_text())
            assert folder.is_dir() and of_server.is_dir()
        assert not folder.exists() and not of_server.exists()
        assert str(folder) not in subprocess.run(['ps', 'axeww'], capture_output=True, text=True, check=True).stdout

    def test_the_template_is_never_written_to(self) -> None:
        template = Path(os.environ['STAND_PREFIX'])

        def files() -> dict[Path, int]:
            return {path: path.lstat().st_mtime_ns for path in template.rglob('*')}
        before = files()
        with Target(winrm=False) as target:
            target.set(EVERYTHING)
            subprocess.run(prefix.wine('cmd', '/c', r'echo x > C:\windows\temp\x'), cwd=target.prefix / 'drive_c',
                           env=prefix.environment(target.prefix), check=True, stdin=subprocess.DEVNULL)
        assert files() == before


def test_command_line(tmp_path: Path) -> None:
    (tmp_path / 'start.json').write_text(json.dumps({'connections': [{'name': 'H:', 'remote': r'\\oldfs\home'}]}))

    def stand(*arguments: str, text: str = '') -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, '-m', 'tests.stand', *arguments, '--socket', str(tmp_path / 's')],
                              input=text, capture_output=True, text=True, timeout=60, check=False)
    with subprocess.Popen([sys.executable, '-m', 'tests.stand', 'up', '--socket', tmp_path / 's', '--set',
                           tmp_path / 'start.json'], stdout=subprocess.PIPE, text=True) as up:
        assert up.stdout
        reached = json.loads(up.stdout.readline())
        assert reached['address'] == '127.0.0.1' and reached['port'] > 0 and reached['socket'] == str(tmp_path / 's')
        assert stand('state', '--table').stdout.splitlines() == [
            'User      Name  Remote        Connected  Remembered',
            '--------  ----  ------------  ---------  ----------',
            r'this one  H:    \\oldfs\home  yes        yes']
        refused = stand('set', '-', text='{"users": 5}')
        assert refused.returncode == 1 and refused.stderr.startswith('stand: ')
        assert stand('set', '-', text=json.dumps(EVERYTHING)).returncode == 0
        assert json.loads(stand('state').stdout) == Description.from_json(EVERYTHING).to_json()
        assert stand('reset').returncode == 0
        assert stand('state', '--table').stdout == 'No connections.\n'
        assert stand('calls').stdout == ''
        up.send_signal(signal.SIGTERM)
        assert up.wait(60) == 0
    assert not (tmp_path / 's').exists()
    assert stand('state').returncode == 1
