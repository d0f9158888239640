# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The cases. Each is a whole command, as somebody would type it; setting up what it meets is not timed."""

from __future__ import annotations

import json
import string
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmark.measure import Measured, Stage, command
from tests.integration import ansible
from tests.integration.fleet.controller import fleet_inventory
from tests.integration.machines import user
from tests.stand.addresses import silent_host
from tests.stand.recorded import Fleet
from tests.stand.target import Target
from tests.unit.fleet import make_fleet

BASELINE = 'win_ping'
MAPPED_DRIVE = 'netdrive.windows.mapped_drive'
OLD, KEPT = r'\\oldfs', r'\\keep'
FLEET_SIZE, FLEET_PART, FORKS = 1000, 100, '50'


@dataclass(frozen=True)
class Case(ABC):
    """One thing to measure."""
    name: str
    title: str
    """In the table of the documentation."""

    @abstractmethod
    def run(self, stage: Stage) -> Measured:
        """Sets up what the case meets, and measures one run."""


@dataclass(frozen=True)
class Task(Case):
    """A play of one task on one target."""
    task: Mapping[str, Any]
    description: Mapping[str, Any] = field(default_factory=dict)
    """What the target has, as Target.set takes it."""
    left: int = 0
    """How many connections to the old server are left afterwards."""
    machine: str = 'one user'
    """Targets that differ in their users are different ones, so that nobody has to sign in between two cases."""
    hive_size: int = 0
    """Bytes by which the hive of each signed-out user is larger, as years of use make it."""
    policies: int = 0
    """How many policies with a drive map the target has of its domain, and six times as many scheduled tasks."""
    fails: str = ''
    """What the task says when it fails, if it is to fail."""
    transport: str = 'winrm'

    def run(self, stage: Stage) -> Measured:
        target = stage.target(self.machine)
        target.set(self.description)
        if self.hive_size:
            _fill_hives(target, self.hive_size)
        _write_policies(target, self.policies)
        kept = _connections(target, KEPT)
        folder = stage.folder / self.name
        folder.mkdir(exist_ok=True)
        (folder / 'inventory.yml').write_text(ansible.inventory({'target': target}, self.transport))
        (folder / 'play.yml').write_text(json.dumps([{'hosts': 'all', 'gather_facts': False, 'tasks': [self.task]}]))
        measured = command(['ansible-playbook', '--inventory', 'inventory.yml', 'play.yml'], folder, code=2 if self.fails else 0,
                           says=self.fails, ANSIBLE_LIBRARY=str(Path(__file__).with_name('library')))
        left = _connections(target, OLD)
        if _connections(target, KEPT) != kept:
            raise RuntimeError(f'{self.name}: connections to {KEPT} are gone')
        # A call that was given up may yet have been answered.
        if left > self.left or (left < self.left and not self.fails):
            raise RuntimeError(f'{self.name}: {left} connections are left, not {self.left}')
        return measured


@dataclass(frozen=True)
class FleetPlay(Case):
    """A play over recorded hosts: what the controller costs."""
    hosts: int
    playbook: str | None = None
    """Of the collection; None is a play of one win_ping."""
    silent: int = 0
    """How many more hosts there are that swallow what is sent to them."""

    def run(self, stage: Stage) -> Measured:
        folder = stage.folder / self.name
        folder.mkdir(exist_ok=True)
        report = tempfile.mkdtemp(dir=folder)  # a new one: the playbook reads what is there
        play: list[dict[str, Any]] = [{'hosts': 'all', 'gather_facts': False, 'tasks': [{'ansible.windows.win_ping': {}}]}]
        (folder / 'ping.yml').write_text(json.dumps(play))
        (folder / 'options.yml').write_text(json.dumps(
            {'cleanup_remote': [OLD], 'cleanup_report_dir': report}))
        with Fleet(self.hosts) as fleet, silent_host() as (address, port):
            inventory = fleet_inventory(fleet)
            for number in range(self.silent):
                inventory['all']['hosts'][f'silent{number:04}'] = {'ansible_host': address, 'ansible_port': port}
            (folder / 'inventory.yml').write_text(json.dumps(inventory))
            return command(['ansible-playbook', '--inventory', 'inventory.yml', '--forks', FORKS, '--extra-vars', '@options.yml',
                            self.playbook or 'ping.yml'], folder, code=4 if self.silent else 0)


@dataclass(frozen=True)
class ReportOver(Case):
    """The report over the records of a fleet, by default of one night."""
    machines: int
    nights: int = 1

    def run(self, stage: Stage) -> Measured:
        folder = stage.folder / self.name
        if not folder.exists():
            folder.mkdir()
            for night in range(self.nights):
                make_fleet(folder, self.machines, night=night)
        write = 'import sys; from ansible_collections.netdrive.windows.plugins.plugin_utils import report; from pathlib import Path; ' \
            'report.write_report(Path(sys.argv[1]))'
        return command([sys.executable, '-c', write, folder], folder)


def _connections(target: Target, server: str) -> int:
    """How many connections to a server the target has."""
    return sum(connection['remote'].startswith(server) for user in target.state()['users'] for connection in user['connections'])


def _fill_hives(target: Target, size: int) -> None:
    """Wine's hives are text: a key after the other, with its values."""
    value = 'x' * 50_000
    filling = ''.join(f'"{number}"="{value}"\n' for number in range(size // len(value)))
    for hive in (target.prefix / 'drive_c' / 'users').glob('*/NTUSER.DAT'):
        with hive.open('a', encoding='ascii') as file:
            file.write(f'\n[Filling] 0\n{filling}')


def _write_policies(target: Target, count: int) -> None:
    """What the group policy client keeps of policies: each has a map to the old server, for everybody. Scheduled tasks as well."""
    drive = target.prefix / 'drive_c'
    for number in range(count):
        folder = drive / 'ProgramData/Microsoft/Group Policy/History' / f'{{{number:08X}-0000-0000-0000-000000000000}}' / 'Machine'
        (folder / 'Preferences/Drives').mkdir(parents=True, exist_ok=True)
        (folder / 'Preferences/Drives/Drives.xml').write_text(
            rf'<Drives><Drive name="H:"><Properties action="U" letter="H" useLetter="1" path="{OLD}\share{number}"/></Drive></Drives>')
    tasks = drive / 'windows/system32/Tasks'
    for number in range(6 * count):
        tasks.mkdir(exist_ok=True)
        (tasks / f'Task {number}').write_text(
            '<?xml version="1.0" encoding="UTF-16"?><Task xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">'
            '<Triggers><LogonTrigger/></Triggers><Principals><Principal><UserId>S-1-5-18</UserId></Principal></Principals>'
            rf'<Actions><Exec><Command>C:\Program Files\Tool {number}\tool.exe</Command></Exec></Actions></Task>', encoding='utf-16')


# ------------------------------------------------------------------------------------------------- what tasks meet

def _drives(count: int, server: str = OLD, **habits: Any) -> list[dict[str, Any]]:
    return [{'name': f'{letter}:', 'remote': rf'{server}\share{letter}', **habits}
            for letter in reversed(string.ascii_uppercase[-count:])]


def _one_user(count: int, **habits: Any) -> dict[str, Any]:
    """So many letters on the old server, and two connections that have to stay."""
    stay = [{'remote': rf'{KEPT}\printers'}, {'name': 'LPT1:', 'remote': rf'{KEPT}\laser', 'type': 'print'}]
    return {'connections': [*_drives(count, **habits), *stay]} if count else {'connections': [*_drives(4, KEPT), *stay]}


def _users(count: int) -> dict[str, Any]:
    """So many users who are signed in, with ten connections each, half of them on the old server."""
    letters = [*_drives(10, OLD)[:5], *_drives(10, KEPT)[5:]]
    return {'users': [user(number, *letters) for number in range(count)]}


def _signed_out(count: int, matching: int) -> dict[str, Any]:
    """So many users who are not signed in, the first few of them with a drive on the old server."""
    return {'users': [user(number, *_drives(2, OLD if number < matching else KEPT, connected=False, persistent=True), signed_in=False)
                      for number in range(count)]}


def _remove(**options: Any) -> dict[str, Any]:
    return {MAPPED_DRIVE: {'remote': [OLD], **options}}


def _restore_26() -> dict[str, Any]:
    """What a signed-in user had: drives, each live and remembered, with all letters but that of the disk; and one without a device."""
    whose = user(0)
    was = {'user': whose['name'], 'sid': whose['sid'], 'signed_in': True, 'connected': True, 'action': 'removed'}
    return {f'{MAPPED_DRIVE}_restore': {'connections': [
        *({**was, **drive, 'persistent': True, 'profile_values': {'RemotePath': {'type': 'REG_SZ', 'value': drive['remote']}}}
          for drive in _drives(26) if drive['name'] != 'C:'),
        {**was, 'name': None, 'remote': rf'{OLD}\data', 'persistent': False, 'profile_values': None}]}}


def _loop(count: int) -> dict[str, Any]:
    """How the module that people use today is used: it takes one letter a task."""
    return {'ansible.windows.win_mapped_drive': {'letter': '{{ item }}', 'state': 'absent'},
            'loop': [drive['name'][0] for drive in _drives(count)]}


def _script(count: int) -> dict[str, Any]:
    """What somebody writes who knows the function: no looking before or after, no errors but the first."""
    return {'ansible.windows.win_powershell': {'script': f"""
        $mpr = Add-Type -Namespace Peer -Name Mpr -PassThru -MemberDefinition '
            [DllImport("mpr.dll", CharSet = CharSet.Unicode)]
            public static extern int WNetCancelConnection2W(string name, int flags, bool force);'
        foreach ($letter in '{''.join(drive['name'][0] for drive in _drives(count))}'.ToCharArray()) {{
            $code = $mpr::WNetCancelConnection2W("${{letter}}:", 1, $true)
            if ($code -ne 0) {{ throw "${{letter}}: error $code" }}
        }}"""}}


CASES: dict[str, Case] = {case.name: case for case in (
    Task(BASELINE, 'win_ping', {'ansible.windows.win_ping': {}}, _one_user(0)),
    Task('nothing_to_do', 'Nothing to do', _remove(), _one_user(0)),
    Task('remove_1', '1 connection', _remove(), _one_user(1)),
    Task('remove_4', '4 connections', _remove(), _one_user(4)),
    Task('remove_26', '26 connections', _remove(), _one_user(26)),
    Task('info_26', 'mapped_drive_info, 26 connections', {f'{MAPPED_DRIVE}_info': {'remote': [OLD]}}, _one_user(26), left=26),
    Task('restore_26', 'mapped_drive_restore, 26 connections', _restore_26(),
         {'users': [user(0, {'remote': rf'{KEPT}\printers'})]}, left=26, machine='1 other user'),
    Task('users_1_current', '4 connections, `users: [current]`', _remove(users=['current']), _one_user(4)),
    Task('users_1_all', 'the same, `users: [all]`', _remove(users=['all']), _one_user(4)),
    Task('users_2', '2 users, 10 connections each, half removed', _remove(users=['all']), _users(2), machine='2 users'),
    Task('users_20', '20 users', _remove(users=['all']), _users(20), machine='20 users'),
    Task('sources_off', '20 users, 50 policies, 300 scheduled tasks, `sources: false`', _remove(users=['all']), _users(20),
         machine='20 users with policies', policies=50),
    Task('sources', 'the same, `sources: true`', _remove(users=['all'], sources=True), _users(20),
         machine='20 users with policies', policies=50),
    Task('users_200', '200 users', _remove(users=['all']), _users(200), machine='200 users'),
    Task('signed_out_50', '50 signed-out users with profiles of 5 MB, 3 of them with 2 connections',
         _remove(users=['all'], signed_out=True), _signed_out(50, matching=3), machine='50 signed out', hive_size=5_000_000),
    Task('slow_server', '26 connections, 5 s an answer', _remove(), _one_user(26, cancel_delay=5000)),
    Task('slow_server_timeout_2', 'the same, `timeout: 2` (all given up)', _remove(timeout=2), _one_user(26, cancel_delay=5000),
         left=26, fails='26 of 26 network connections'),
    Task('psrp_win_ping', 'win_ping over psrp', {'ansible.windows.win_ping': {}}, _one_user(0), transport='psrp'),
    Task('psrp_nothing_to_do', 'Nothing to do, over psrp', _remove(), _one_user(0), transport='psrp'),
    Task('ssh_win_ping', 'win_ping over ssh', {'ansible.windows.win_ping': {}}, _one_user(0), transport='ssh'),
    Task('ssh_nothing_to_do', 'Nothing to do, over ssh', _remove(), _one_user(0), transport='ssh'),
    Task('peer_loop_4', 'win_mapped_drive, loop of 4', _loop(4), _one_user(4)),
    Task('peer_loop_26', 'win_mapped_drive, loop of 26', _loop(26), _one_user(26)),
    Task('peer_loop_slow', 'the same, 5 s an answer', _loop(26), _one_user(26, cancel_delay=5000)),
    Task('peer_script_26', 'win_powershell with a script for 26 letters', _script(26), _one_user(26)),
    FleetPlay('fleet_1000', 'playbook cleanup, 1,000 recorded hosts', FLEET_SIZE, 'netdrive.windows.cleanup'),
    FleetPlay('fleet_1000_win_ping', 'a play of win_ping, the same hosts', FLEET_SIZE),
    FleetPlay('fleet_1000_and_300', 'playbook cleanup, the same hosts and 300 that never answer', FLEET_SIZE,
              'netdrive.windows.cleanup', silent=300),
    FleetPlay('fleet_100', 'playbook cleanup, 100 recorded hosts', FLEET_PART, 'netdrive.windows.cleanup'),
    FleetPlay('fleet_100_win_ping', 'a play of win_ping, the same hosts', FLEET_PART),
    ReportOver('report_100', 'report over 100 machines', 100),
    ReportOver('report_1000', 'report over 1,000 machines', 1000),
    ReportOver('report_10000', 'report over 10,000 machines', 10000),
    ReportOver('ledger_10x10000', 'the same after ten runs over them', 10000, nights=10),
)}
