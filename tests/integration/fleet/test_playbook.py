# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook netdrive.windows.cleanup: what it does to machines, and that all it says about them agrees."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration import ansible
from tests.integration.fleet.controller import REMOTE, Controller, breaks, finish, tried
from tests.integration.machines import HOME, OTHER, connection
from tests.stand.addresses import NOBODY
from tests.stand.recorded import Fleet
from tests.stand.target import Target

OPEN = connection('P:', r'\\oldfs\projects', open_files=True)


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    """Ten recorded machines."""
    with Fleet(10, network='127.2.0.0/28') as machines:
        yield machines


@pytest.fixture
def controller(tmp_path: Path, fleet: Fleet) -> Controller:
    """The controller of those."""
    return Controller.of_fleet(tmp_path, fleet)


def test_all_that_is_said_tells_the_same_story(
        new_target: Callable[..., Target], machine: Target, tmp_path: Path) -> None:
    failing = new_target()
    machine.set({'connections': [HOME, OTHER]})
    failing.set({'connections': [HOME, OPEN]})
    controller = Controller(tmp_path, ansible.inventory({'good': machine, 'failing': failing, 'away': NOBODY}))
    everything = {**REMOTE, 'cleanup_batches': ['100%']}

    before = machine.snapshot(), failing.snapshot()
    dry = controller.clean_up('--check', **everything)
    assert (machine.snapshot(), failing.snapshot()) == before
    assert controller.summary['mode'] == 'check', dry.output
    assert all(record.check_mode for record in controller.records.values())
    assert controller.machines == {'total': 3, 'clean': 2, 'unreachable': 1}  # a dry run cannot know of open files
    assert controller.summary['connections']['removed'] == 3
    assert dry.returncode == 4 and dry.hosts('unreachable') == {'away'} and not dry.hosts('failed')

    done = controller.clean_up(**everything)
    assert [one.name for one in machine.connections()] == ['N:'], done.output
    assert [one.name for one in failing.connections()] == ['P:']
    assert done.returncode != 0
    assert (done.hosts('failed'), done.hosts('unreachable')) == ({'failing'}, {'away'}), done.output
    assert done.hosts('changed') == {'good', 'failing'}
    assert controller.statuses == {'good': 'clean', 'failing': 'in_use', 'away': 'unreachable'}
    assert controller.machines == {'total': 3, 'clean': 1, 'in_use': 1, 'unreachable': 1}
    assert controller.summary['hosts'] == {
        'in_use': ['failing'], 'failed': [], 'unreachable': ['away'], 'not_run': [], 'dry_run': []}
    assert [controller.summary['connections'][name] for name in ('found', 'removed', 'left')] == [3, 2, 1]
    assert ('3 machines: 1 clean, 1 in use, 0 failed, 1 unreachable, 0 not yet run. '
            '3 connections found, 2 removed, 1 left.') in done.output
    columns = ('host', 'status', 'name', 'outcome', 'error_code')
    assert sorted(tuple(row[column] for column in columns) for row in controller.rows()) == [
        ('away', 'unreachable', '', 'unreachable', ''), ('failing', 'in_use', 'H:', 'removed', ''),
        ('failing', 'in_use', 'P:', 'stayed', '2401'), ('good', 'clean', 'H:', 'removed', '')]
    assert 'ERROR_OPEN_FILES' in str(controller.records['failing'].message)
    assert 'Connection refused' in str(controller.records['away'].message)
    assert len(controller.runs) == 2  # the dry run is still on record


def test_a_bad_canary_leaves_the_others_alone(fleet: Fleet, controller: Controller) -> None:
    breaks(fleet, 1)
    stopped = controller.clean_up(**REMOTE)
    assert tried(fleet) == {'pc0001': 1}
    assert stopped.returncode == 2 and stopped.hosts('failed') == {'pc0001'}, stopped.output
    assert 'No machine of the first batch got clean' in stopped.output
    assert controller.machines == {'total': 10, 'failed': 1, 'not_run': 9}
    assert controller.summary['hosts']['not_run'] == [f'pc{number:04}' for number in range(2, 11)]

    breaks(fleet, 3, 4)
    tolerant: dict[str, Any] = {'cleanup_batches': [1, 4, '100%'], 'cleanup_max_failures': 50, 'cleanup_resume': True}
    resumed = controller.clean_up(**REMOTE, **tolerant)
    assert controller.machines == {'total': 10, 'clean': 8, 'failed': 2}
    assert resumed.returncode == 2 and resumed.hosts('failed') == {'pc0003', 'pc0004'}

    fleet.situation = lambda number: 'nothing'
    assert controller.clean_up(**REMOTE, cleanup_resume=True).returncode == 0
    assert controller.machines == {'total': 10, 'clean': 10}
    assert tried(fleet) == {f'pc{number:04}': 2 if number in (1, 3, 4) else 1 for number in range(1, 11)}


def test_resuming_begins_small_again(fleet: Fleet, controller: Controller) -> None:
    """With one machine of those that are left, however many of the inventory are clean, and whatever the strategy."""
    assert controller.clean_up('--limit', 'pc0001,pc0003', **REMOTE).returncode == 0
    breaks(fleet, *range(1, 11))
    command = controller.command(**REMOTE, cleanup_resume=True, cleanup_batches=[1, '100%'])
    stopped = finish(controller.start(*command, ANSIBLE_STRATEGY='free'))
    assert tried(fleet) == {'pc0001': 1, 'pc0002': 1, 'pc0003': 1}, stopped.output
    assert stopped.returncode == 2 and 'the run stops, 7 are left alone' in stopped.one_line, stopped.output
    assert controller.machines == {'total': 10, 'clean': 2, 'failed': 1, 'not_run': 7}

    nothing = controller.clean_up('--limit', 'pc0001,pc0003', **REMOTE, cleanup_resume=True)
    assert nothing.returncode == 0 and sum(tried(fleet).values()) == 3, nothing.output


def test_a_machine_that_ansible_cannot_begin_with_is_a_failed_one(fleet: Fleet, controller: Controller) -> None:
    controller.change('pc0001', ansible_password='{{ nowhere }}')
    controller.change('pc0002', ansible_connection='nobody.nothing.never')
    controller.change('pc0004', cleanup_users={'not': 'a list'})
    done = controller.clean_up(**REMOTE, cleanup_batches=[1, 3, '100%'], cleanup_max_failures=100)
    wrong = {'pc0001', 'pc0002', 'pc0004'}
    assert set(tried(fleet)) == set(fleet.hosts) - wrong, done.output
    assert controller.machines == {'total': 10, 'clean': 7, 'failed': 3}, done.output
    assert done.returncode == 2 and done.hosts('failed') == wrong, done.output
    assert all('see what Ansible printed' in str(controller.records[host].message) for host in ('pc0001', 'pc0002'))
    assert 'users' in str(controller.records['pc0004'].message)

    controller.change('pc0001', ansible_password=fleet.password)
    stopped = controller.clean_up(**REMOTE, cleanup_batches=[1, 1, '100%'], cleanup_resume=True)
    assert controller.machines == {'total': 10, 'clean': 8, 'failed': 2}, stopped.output


@pytest.mark.parametrize('limited', ['read-only directory', 'full disk'])
def test_a_directory_that_takes_no_records_ends_it_before_it_begins(
        fleet: Fleet, controller: Controller, limited: str) -> None:
    prefix = ['prlimit', '--fsize=8192'] if limited == 'full disk' else []
    if limited == 'read-only directory':
        controller.reports.mkdir(mode=0o555)
        # root may write anywhere unless the capability to do so is taken from it
        prefix = ['setpriv', '--bounding-set', '-dac_override,-dac_read_search'] if os.geteuid() == 0 else []
    done = finish(controller.start(*prefix, *controller.command(**REMOTE), PYTHONDONTWRITEBYTECODE='1'))
    assert done.returncode == 2 and 'The clean-up cannot begin' in done.output, done.output
    assert not fleet.calls


@pytest.mark.parametrize('options, reason', [
    ({}, 'It is not said what to take away'),
    ({'cleanup_remote': []}, 'remote: the list is empty'),
    ({**REMOTE, 'cleanup_timeout': 'long'}, 'timeout'),
    ({'cleanup_list': 'nowhere.csv'}, 'nowhere.csv'),
])
def test_options_that_say_nothing_end_it_before_it_begins(
        fleet: Fleet, controller: Controller, options: dict[str, Any], reason: str) -> None:
    done = controller.clean_up(**options)
    assert done.returncode == 2 and reason in done.one_line, done.output
    assert not fleet.calls and not controller.reports.exists()


def test_two_controllers_share_a_directory(fleet: Fleet, tmp_path: Path) -> None:
    (tmp_path / 'oldfs.csv').write_text('old,note\n\\\\oldfs\\home,"to \\\\newfs\\home"\n//oldfs/projects,\n')
    slices = []
    for number, hosts in enumerate(('pc0001,pc0002,pc0003,pc0004,pc0005', '!pc0001:!pc0002:!pc0003:!pc0004:!pc0005')):
        (tmp_path / str(number)).mkdir()
        controller = Controller.of_fleet(tmp_path / str(number), fleet)
        controller.reports = tmp_path / 'reports'
        slices.append(controller.start(*controller.command(
            '--limit', hosts, cleanup_list=str(tmp_path / 'oldfs.csv'), cleanup_users=['current'])))
    for done in map(finish, slices):
        assert done.returncode == 0 and len(done.recap) == 5, done.output
    assert tried(fleet) == {host: 1 for host in fleet.hosts}
    assert controller.machines == {'total': 10, 'clean': 10}
    assert len(controller.summary['runs']) == 2
    for record in controller.records.values():
        assert record.selection.remote == (r'\\oldfs\home', '//oldfs/projects')
        assert not record.selection.signed_out  # users says current


def test_the_role_in_a_play_of_ones_own(fleet: Fleet, controller: Controller) -> None:
    breaks(fleet, 1)
    (controller.folder / 'own.yml').write_text(json.dumps([{
        'hosts': 'pc0001,pc0002', 'gather_facts': False, 'roles': ['netdrive.windows.cleanup']}]))
    done = controller.clean_up(playbook='own.yml', **REMOTE)
    assert done.returncode == 2 and done.hosts('failed') == {'pc0001'}, done.output
    assert controller.statuses == {'pc0001': 'failed', 'pc0002': 'clean'}
    assert len(controller.runs) == 1

    wrong = controller.clean_up(playbook='own.yml', **REMOTE, cleanup_users={'not': 'a list'})
    assert wrong.hosts('failed') == {'pc0001', 'pc0002'} and len(controller.runs) == 1, wrong.output


def test_the_role_twice_in_one_playbook(fleet: Fleet, controller: Controller) -> None:
    (controller.folder / 'own.yml').write_text(json.dumps([{'hosts': 'pc0001', 'gather_facts': False, 'tasks': [{
        'ansible.builtin.include_role': {'name': 'netdrive.windows.cleanup'},
        'vars': {'cleanup_remote': ['{{ item }}']}, 'loop': [r'\\oldfs', r'\\olderfs']}]}]))
    done = controller.clean_up(playbook='own.yml')
    assert done.returncode == 0 and tried(fleet) == {'pc0001': 2}, done.output
    first, second = sorted(controller.runs)
    assert second == f'{first}.2'
    assert controller.records['pc0001'].selection.remote == (r'\\olderfs',)


def test_the_playbook_twice_in_one_command(fleet: Fleet, controller: Controller) -> None:
    (controller.folder / 'own.yml').write_text(json.dumps([{'import_playbook': 'netdrive.windows.cleanup'}] * 2))
    done = controller.clean_up('--limit', 'pc0001', playbook='own.yml', **REMOTE)
    assert done.returncode == 2 and 'Let the second one be a command of its own' in done.output, done.output
    assert tried(fleet) == {'pc0001': 1} and controller.machines == {'total': 1, 'clean': 1}


def test_what_does_not_fit_into_a_record_is_a_failure(fleet: Fleet, controller: Controller) -> None:
    fleet.change = lambda number, answer: [
        answer.replace('"signed_in":true', '"signed_in":"yes"'), 'a crash instead of JSON', answer][min(number, 3) - 1]
    done = controller.clean_up('--limit', 'pc0001,pc0002,pc0003', **REMOTE, cleanup_max_failures=100)
    assert controller.statuses == {'pc0001': 'failed', 'pc0002': 'failed', 'pc0003': 'clean'}, done.output
    messages = {host: str(record.message) for host, record in controller.records.items()}
    assert 'connections[0].signed_in' in messages['pc0001'] and 'a crash instead of JSON' in messages['pc0002']
    kept = json.loads(messages['pc0001'].partition('\n')[2])
    assert [one['name'] for one in kept] == ['H:', 'P:', 'S:'] and kept[0]['profile_values']['RemotePath']
    assert done.hosts('failed') == {'pc0001', 'pc0002'}


def test_a_run_that_cannot_record_any_more_stops(fleet: Fleet, controller: Controller) -> None:
    def lose_the_disk(_number: int, printed: str) -> str:
        run = next((controller.reports / 'runs').iterdir()).stem
        (controller.reports / 'records' / run).write_text('')  # where the folder of its records has to be
        return printed
    fleet.change = lose_the_disk
    done = controller.clean_up(**REMOTE)
    assert tried(fleet) == {'pc0001': 1}
    assert done.returncode == 2 and 'There is no record of pc0001' in done.one_line, done.output
    assert "The machine's record cannot be written" in done.output
    assert 'RemotePath' in done.output  # what the module did is not lost


@pytest.mark.parametrize('hosts', ['pc0001:pc0002', 'pc0001,pc0002', 'localhost,pc0001,pc0002', ['pc0001', 'pc0002'],
                                   ['pc0001,pc0002', '!pc0003']])
def test_the_hosts_can_be_listed(controller: Controller, hosts: str | list[str]) -> None:
    done = controller.clean_up('--list-hosts', **REMOTE, cleanup_hosts=hosts)
    assert done.returncode == 0, done.output
    assert set(re.findall(r'^ +(pc\d+|localhost)$', done.output, re.MULTILINE)) == {'pc0001', 'pc0002'}, done.output
