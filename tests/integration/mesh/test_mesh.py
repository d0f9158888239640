# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Slices of a fleet, over a mesh and as several processes: every machine ends up in one report, once."""

from __future__ import annotations

import csv
import json
import shutil
import socket
import ssl
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration import ansible
from tests.integration.mesh.mesh import WORKERS, Mesh
from tests.integration.waiting import wait_for
from tests.stand.recorded import Fleet

MACHINES, SIZE = 12, 6


@pytest.fixture(scope='module')
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    folder = tmp_path_factory.mktemp('mesh')
    secret = folder / 'vault-password'
    secret.write_text('only on the workers')
    with Mesh(folder, ANSIBLE_VAULT_PASSWORD_FILE=str(secret)) as started:
        yield started


@pytest.fixture(scope='module')
def machines() -> Iterator[Fleet]:
    with Fleet(MACHINES) as started:
        yield started


@pytest.fixture
def fleet(machines: Fleet) -> Fleet:
    """Machines that nobody has been to: on the first visit there are three connections, later none."""
    visited: set[int] = set()

    def situation(number: int) -> str:
        first = number not in visited
        visited.add(number)
        return 'three' if first else 'nothing'
    machines.situation, machines.delay = situation, 0.0
    machines.calls.clear()
    return machines


@pytest.fixture(scope='module')
def inventory(mesh: Mesh, machines: Fleet) -> Path:
    """The fleet in two groups, its password in a vault; cut into slices beside it."""
    password = mesh.run('ansible-vault encrypt_string --vault-password-file ../vault-password '
                        f'--name ansible_password {machines.password}').stdout
    hosts = [f'{name} ansible_host={address}' for name, address in machines.hosts.items()]
    folder = mesh.operator / 'inventory'
    (folder / 'group_vars').mkdir(parents=True)
    (folder / 'hosts').write_text('\n'.join(['[berlin]', *hosts[::2], '[paris]', *hosts[1::2]]))
    (folder / 'group_vars' / 'all.yml').write_text('\n'.join([
        *(f'{name}: {value}' for name, value in ansible.TRANSPORTS['winrm'].items()),
        f'ansible_port: {machines.port}', f'ansible_user: {machines.username}',
        password[password.index('ansible_password'):]]))
    for commands in mesh.guide.commands['Cut the inventory into slices']:
        mesh.run(commands.replace('500', str(SIZE)))
    (mesh.operator / 'slices').rename(mesh.operator / 'cut slices')
    return folder


@pytest.fixture
def slices(mesh: Mesh, inventory: Path) -> Path:
    """Two slices of the fleet, both workers, and no trace of an earlier test."""
    for worker in WORKERS:
        mesh.start(worker)
    folder = mesh.operator / 'slices'
    for old in (folder, mesh.operator / 'report', *map(mesh.disk, WORKERS)):
        shutil.rmtree(old, ignore_errors=True)
    shutil.copytree(inventory.with_name('cut slices'), folder)
    return folder


def report(mesh: Mesh) -> tuple[Any, Counter[str]]:
    """The summary over all slices, made as the guide says, and how many lines the CSV has of each machine."""
    for commands in mesh.guide.commands['Make the report']:
        mesh.run(commands)
    return read_report(mesh.operator / 'report')


def read_report(folder: Path) -> tuple[Any, Counter[str]]:
    with open(folder / 'report.csv', encoding='utf-8-sig', newline='') as file:
        lines = Counter(row['host'] for row in csv.DictReader(file))
    return json.loads((folder / 'summary.json').read_text()), lines


def numbers(summary: Any) -> dict[str, int]:
    """How many machines there are in each status, without those of which there are none."""
    return {status: count for status, count in summary['machines'].items() if count}


def recorded(worker_or_slice: Path) -> set[str]:
    """The machines with a record there."""
    return {path.stem for path in worker_or_slice.rglob('records/*/*.json')}


def test_strangers_are_refused(mesh: Mesh) -> None:
    """The nodes see each other; who has no certificate of the mesh gets no further than the handshake."""
    mesh.run(mesh.guide.commands['Set up'][1])
    stranger = ssl.create_default_context(cafile=mesh.operator / 'ca.crt')
    with socket.create_connection(('127.0.0.1', mesh.port), timeout=10) as connection, \
            pytest.raises(ssl.SSLError, match='certificate required'), \
            stranger.wrap_socket(connection, server_hostname='127.0.0.1') as channel:
        channel.recv(1)


def test_two_slices(mesh: Mesh, fleet: Fleet, slices: Path) -> None:
    """As the guide says, with one machine that does not get clean."""
    fleet.situation = lambda number: 'open files' if number == MACHINES else 'three'
    for place in ('1/artifacts/1/among the artifacts', '1/elsewhere'):
        (mesh.disk('east') / place).parent.mkdir(parents=True, exist_ok=True)
        (mesh.disk('east') / place).touch()
    for commands in mesh.guide.commands['Run the slices']:
        mesh.run(commands)
    exit_codes = [(slices / name / 'artifacts' / name / 'rc').read_text() for name in '12']
    assert exit_codes == ['0', '2'], (slices / '1' / 'log').read_text()
    east, west = recorded(mesh.disk('east')), recorded(mesh.disk('west'))
    assert east | west == set(fleet.hosts) and len(east) == len(west) == SIZE
    assert recorded(slices / '1') == east and recorded(slices / '2') == west
    assert list(slices.rglob('among the artifacts')) and not list(slices.rglob('elsewhere'))

    summary, lines = report(mesh)
    assert numbers(summary) == {'total': MACHINES, 'clean': MACHINES - 1, 'in_use': 1}
    assert summary['hosts']['in_use'] == [f'pc{MACHINES:04}']
    assert summary['connections']['removed'] == 3 * (MACHINES - 1) + 1
    assert len(summary['runs']) == 2
    assert lines == Counter({**dict.fromkeys(fleet.hosts, 3), f'pc{MACHINES:04}': 2})
    assert set(fleet.calls.values()) == {1}

    assert 'ansible_password: !vault' in (mesh.disk('east') / '1' / 'inventory' / 'hosts.yml').read_text()
    mesh.run(mesh.guide.commands['Tidy up'][0])
    assert not any([*mesh.disk('east').iterdir(), *mesh.disk('west').iterdir()])


@pytest.mark.long
@pytest.mark.parametrize('worker', ['west', 'east'])
def test_worker_killed_in_the_middle(mesh: Mesh, fleet: Fleet, slices: Path, worker: str) -> None:
    """Worker west is killed. Its slice is sent again: to itself when it is back, or to the other one."""
    fleet.delay = 0.5
    sends = [mesh.popen('./send slices/1 east'), mesh.popen('./send slices/2 west')]
    wait_for(lambda: len(recorded(mesh.disk('west'))) >= 2, 'two records')
    mesh.kill('west')
    done = recorded(mesh.disk('west'))
    assert len(done) < SIZE, 'killed too late'

    listed, release, *again = mesh.guide.commands['When a worker is lost']
    units = json.loads(mesh.run(listed).stdout)
    [unit] = [unit for unit, what in units.items() if what['ExtraData']['RemoteNode'] == 'west']
    mesh.run(release.replace('UNIT', unit))
    assert [send.wait(timeout=600) for send in sends] == [0, 1]
    assert not recorded(slices / '2')

    if worker == 'west':
        mesh.start('west')
    [command] = [command for command in again if worker in command]
    mesh.run(command)

    summary, lines = report(mesh)
    assert numbers(summary) == {'total': MACHINES, 'clean': MACHINES}
    assert set(lines) == set(fleet.hosts)
    if worker == 'west':
        assert {fleet.calls[host, 'mapped_drive'] for host in done} == {1}, 'machines on record were visited again'
        assert len(summary['runs']) == 3


@pytest.mark.usefixtures('inventory')
def test_processes_with_limit(mesh: Mesh, fleet: Fleet) -> None:
    commands = mesh.guide.commands['Several processes on one host'][0]
    for theirs, ours in {'0:499': f'0:{SIZE - 1}', '500:999': f'{SIZE}:{MACHINES - 1}'}.items():
        assert theirs in commands
        commands = commands.replace(theirs, ours)
    mesh.run(f'export ANSIBLE_VAULT_PASSWORD_FILE=../vault-password\n{commands}')
    assert (mesh.operator / 'cleanup-report' / 'report.csv').exists(), (mesh.operator / '0.log').read_text()
    summary, lines = read_report(mesh.operator / 'cleanup-report')
    assert numbers(summary) == {'total': MACHINES, 'clean': MACHINES}
    assert len(summary['runs']) == 2
    assert lines == Counter(dict.fromkeys(fleet.hosts, 3))
    assert set(fleet.calls.values()) == {1}
