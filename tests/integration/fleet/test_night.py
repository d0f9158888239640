# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A fleet as it is at night: some machines are off, some fail, some have files open, and not every host is a machine."""

from __future__ import annotations

import json
import random
import re
import socket
import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from aiosmtpd.controller import Controller as SmtpServer
from ansible_collections.netdrive.windows.plugins.plugin_utils import records

from tests.integration import ansible
from tests.integration.fleet.controller import REMOTE, Controller, breaks, finish, tried
from tests.stand.addresses import free_port, silent_host
from tests.stand.recorded import Fleet


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    """Twelve recorded machines."""
    with Fleet(12, network='127.6.0.0/28') as machines:
        yield machines


@pytest.fixture
def controller(tmp_path: Path, fleet: Fleet) -> Controller:
    """The controller of those."""
    return Controller.of_fleet(tmp_path, fleet)


def names(*numbers: int) -> set[str]:
    """The machines with these numbers."""
    return {f'pc{number:04}' for number in numbers}


def test_machines_that_are_off_stop_nothing(fleet: Fleet, controller: Controller) -> None:
    """The first, which would be the pilot, and others; they have their turn when they are on again."""
    controller.off(fleet, *names(1, 2, 3, 7))
    done = controller.clean_up(**REMOTE)
    assert set(tried(fleet)) == set(fleet.hosts) - names(1, 2, 3, 7), done.output
    assert controller.machines == {'total': 12, 'clean': 8, 'unreachable': 4}
    assert done.returncode == 4 and done.hosts('unreachable') == names(1, 2, 3, 7), done.output
    assert 'Connection refused' in str(controller.records['pc0007'].message)
    assert done.output.index('12 machines; 4 so far that do not answer; the first is pc0004') < done.output.index('changed: [')

    controller.off(fleet)
    again = controller.clean_up(**REMOTE, cleanup_resume=True)
    assert again.returncode == 0 and controller.machines == {'total': 12, 'clean': 12}, again.output
    assert set(tried(fleet).values()) == {1}


@pytest.mark.parametrize('asks', [True, False])
def test_nobody_answers(fleet: Fleet, controller: Controller, asks: bool) -> None:
    controller.off(fleet, *fleet.hosts)
    done = controller.clean_up('--limit', 'pc0001,pc0002,pc0003', **REMOTE, cleanup_ask_first=asks)
    assert done.returncode == 4 and controller.machines == {'total': 3, 'unreachable': 3}, done.output


def test_a_resumed_run_begins_with_who_had_no_turn(fleet: Fleet, controller: Controller) -> None:
    """Then come those that were off, and last those that failed."""
    breaks(fleet, 1)
    controller.off(fleet, 'pc0002')
    stopped = controller.clean_up(**REMOTE, cleanup_batches=[1, 1, '100%'])
    assert set(tried(fleet)) == {'pc0001'}, stopped.output
    assert stopped.returncode != 0 and '-e cleanup_resume=true' in stopped.one_line, stopped.output

    controller.off(fleet)
    resumed = controller.clean_up('--forks', '1', **REMOTE, cleanup_resume=True)
    assert [host for host, dummy in fleet.calls] == ['pc0001', *sorted(set(fleet.hosts) - names(1, 2)), 'pc0002']
    assert fleet.calls['pc0001', 'mapped_drive'] == 2
    assert controller.machines == {'total': 12, 'clean': 11, 'failed': 1} and resumed.hosts('failed') == {'pc0001'}


def test_one_failure_in_a_small_batch_stops_nothing(fleet: Fleet, controller: Controller) -> None:
    breaks(fleet, 2)
    done = controller.clean_up('--limit', ','.join(sorted(names(1, 2, 3, 4, 5, 6))), **REMOTE)
    assert controller.machines == {'total': 6, 'clean': 5, 'failed': 1}, done.output
    assert done.output.count('pc0002]: FAILED!') == 1  # a failure is shown once


@pytest.mark.long
def test_open_files_stop_nothing(fleet: Fleet, controller: Controller) -> None:
    fleet.situation = lambda number: 'open files' if number < 7 else 'three'
    done = controller.clean_up(**REMOTE)
    assert controller.machines == {'total': 12, 'clean': 6, 'in_use': 6}, done.output
    assert done.returncode == 2 and done.hosts('failed') == names(1, 2, 3, 4, 5, 6)

    fleet.situation = lambda number: 'nothing'
    again = controller.clean_up(**REMOTE, cleanup_resume=True)
    assert again.returncode == 0 and tried(fleet)['pc0001'] == 2 and tried(fleet)['pc0012'] == 1, again.output


def test_too_many_that_are_off_can_stop_a_run(fleet: Fleet, controller: Controller) -> None:
    controller.off(fleet, *names(5, 6, 7, 8))
    done = controller.clean_up(**REMOTE, cleanup_batches=[1, '100%'], cleanup_max_unreachable=30)
    assert not tried(fleet), done.output
    assert '4 of the 12 machines' in done.output and 'cleanup_max_unreachable' in done.output and done.returncode == 4
    assert '8 are left alone' in done.one_line, done.output

    controller.off(fleet, *(set(fleet.hosts) - names(1, 2, 3)))
    at_once = controller.clean_up(**REMOTE, cleanup_batches=['100%'], cleanup_max_unreachable=30)
    assert not tried(fleet) and '3 are left alone' in at_once.one_line, at_once.output
    controller.off(fleet, *fleet.hosts)
    nobody = controller.clean_up(**REMOTE, cleanup_batches=['100%'], cleanup_max_unreachable=30)
    assert nobody.returncode == 4 and 'left alone' not in nobody.one_line, nobody.output

    controller.off(fleet, *names(2, 3))
    fewer = controller.clean_up(**REMOTE, cleanup_max_unreachable=30)
    assert controller.machines == {'total': 12, 'clean': 10, 'unreachable': 2} and fewer.returncode == 4, fewer.output


def test_a_machine_that_swallows_packets_takes_no_worker(controller: Controller) -> None:
    with silent_host() as (address, port):
        controller.change('pc0002', ansible_host=address, ansible_port=port)
        done = controller.clean_up(**REMOTE)
    assert controller.machines == {'total': 12, 'clean': 11, 'unreachable': 1}, done.output
    assert 'timed out, no answer within' in str(controller.records['pc0002'].message)


def test_of_many_that_are_off_the_recap_has_fifty(tmp_path: Path) -> None:
    """Each line of it is a worker of Ansible's, and a third of a fleet may be off."""
    with Fleet(53, network='127.6.0.0/26') as machines:
        controller = Controller.of_fleet(tmp_path, machines)
        controller.off(machines, *list(machines.hosts)[1:])
        done = controller.clean_up(**REMOTE)
    assert done.returncode == 4 and len(done.hosts('unreachable')) == 50, done.output
    assert controller.machines == {'total': 53, 'clean': 1, 'unreachable': 52}, done.output


def test_a_machine_that_goes_off_before_its_turn_costs_seconds_too(controller: Controller) -> None:
    """It answers when all are asked, and when those of its play are; not a third time."""
    with socket.create_server(('127.6.1.1', 0)) as listener:
        def answer_twice() -> None:
            for dummy in range(2):
                listener.accept()[0].close()
            listener.close()

        listener.settimeout(300)
        threading.Thread(target=answer_twice, daemon=True).start()
        controller.change('pc0012', ansible_host='127.6.1.1', ansible_port=listener.getsockname()[1])
        done = controller.clean_up('--forks', '1', **REMOTE, cleanup_batches=[1, '100%'])
    assert controller.machines == {'total': 12, 'clean': 11, 'unreachable': 1}, done.output
    assert re.fullmatch(r'winrm: 127.6.1.1, port \d+: \[Errno 111\] .*', str(controller.records['pc0012'].message)), done.output


@pytest.mark.parametrize('variables', [{'ansible_connection': 'local'}, {'ansible_connection': 'ansible.builtin.ssh'}])
def test_hosts_that_are_no_windows_machines_are_left_out(controller: Controller, variables: dict[str, Any]) -> None:
    for host in ('pc0001', 'pc0005'):
        controller.change(host, **variables)
    done = controller.clean_up(**REMOTE)
    assert done.returncode == 0 and controller.machines == {'total': 10, 'clean': 10}, done.output
    assert '2 hosts are not reached as Windows is, and left out: pc0001, pc0005' in done.one_line

    nothing = controller.clean_up('--limit', 'pc0001,pc0005', **REMOTE)
    assert nothing.returncode == 2 and 'No host is reached as Windows is' in nothing.output, nothing.output


@pytest.mark.parametrize('limit', [[], ['--limit', 'pc0001'], ['--limit', '@hosts']])
def test_a_pattern_that_means_no_host_is_an_error(controller: Controller, limit: list[str]) -> None:
    (controller.folder / 'hosts').write_text('pc0001\npc0003\n')
    done = controller.clean_up(*limit, **REMOTE, cleanup_hosts='pc0002' if limit else 'pc9999')
    assert done.returncode == 2 and 'no host of the inventory is meant' in done.output, done.output
    assert not controller.reports.exists()


def test_options_that_differ_are_refused(fleet: Fleet, controller: Controller) -> None:
    controller.change('pc0003', cleanup_users=['CORP\\anna'], cleanup_force=True)
    mixed = controller.clean_up(**REMOTE)
    said = mixed.one_line
    assert mixed.returncode == 2 and not fleet.calls and not controller.reports.exists(), mixed.output
    assert 'cleanup_users' in said and 'cleanup_force' in said and 'on pc0003' in said and 'pc0001' in said

    same = controller.clean_up(**REMOTE, cleanup_users='{{ ["all"] }}', cleanup_force=False)
    assert same.returncode == 0, same.output


def test_a_machine_with_an_invalid_option_is_a_failed_one(fleet: Fleet, controller: Controller) -> None:
    controller.change('pc0001', cleanup_users={'not': 'a list'})
    controller.change('pc0002', cleanup_remote='{{ nowhere }}')
    own = {'cleanup_report_dir': str(controller.reports)}
    for host in fleet.hosts:
        if host != 'pc0002':
            controller.change(host, **REMOTE)
    done = controller.clean_up(**own)
    assert controller.machines == {'total': 12, 'clean': 10, 'failed': 2}, done.output
    assert done.hosts('failed') == names(1, 2) and not tried(fleet)['pc0001'] + tried(fleet)['pc0002']
    assert 'users' in str(controller.records['pc0001'].message) and 'nowhere' in str(controller.records['pc0002'].message)


def test_a_first_machine_with_an_invalid_directory_takes_no_report_away(fleet: Fleet, controller: Controller) -> None:
    for host in fleet.hosts:
        controller.change(host, cleanup_report_dir='{{ nowhere }}' if host == 'pc0001' else f'{controller.reports} ')
    command = ['ansible-playbook', 'netdrive.windows.cleanup', '--inventory', 'inventory.yml', '--extra-vars', json.dumps(REMOTE)]
    done = finish(controller.start(*command))
    assert controller.machines == {'total': 12, 'clean': 11, 'failed': 1}, done.output
    assert done.returncode == 2 and 'nowhere' in str(controller.records['pc0001'].message), done.output


def test_an_empty_directory_is_the_usual_one(fleet: Fleet, controller: Controller) -> None:
    done = controller.clean_up('--limit', 'pc0001,pc0002', **REMOTE, cleanup_report_dir='', cleanup_survey='')
    assert done.returncode == 0 and set(tried(fleet)) == {'pc0001', 'pc0002'}, done.output
    assert sorted(path.name for path in (controller.folder / 'cleanup-report').glob('records/*/*')) == ['pc0001.json', 'pc0002.json']


def test_what_comes_behind_the_playbook_runs(fleet: Fleet, controller: Controller) -> None:
    breaks(fleet, 12)
    (controller.folder / 'own.yml').write_text(json.dumps([
        {'import_playbook': 'netdrive.windows.cleanup'},
        {'hosts': 'localhost', 'gather_facts': False, 'tasks': [{'ansible.builtin.debug': {
            'msg': 'clean: {{ cleanup_report.summary.machines.clean }}, in {{ cleanup_report.html }}'}}]},
        {'hosts': 'all', 'gather_facts': False, 'tasks': [{'ansible.builtin.debug': {'msg': 'after'}}]}]))
    done = controller.clean_up(playbook='own.yml', **REMOTE)
    assert f'clean: 11, in {controller.reports}/report.html' in done.output, done.output
    assert done.output.count('"msg": "after"') == 11 and done.returncode == 2

    breaks(fleet, *range(1, 13))
    all_failed = controller.clean_up(playbook='own.yml', **REMOTE, cleanup_resume=True)
    assert 'clean: 11' in all_failed.output and all_failed.returncode == 2, all_failed.output


def test_a_machine_whose_task_runs_out_of_time_may_have_changed(tmp_path: Path) -> None:
    with Fleet(1, network='127.6.0.16/30', delay=20) as fleet:
        controller = Controller.of_fleet(tmp_path, fleet)
        done = finish(controller.start(*controller.command(**REMOTE), ANSIBLE_TASK_TIMEOUT='8'))
    assert controller.statuses == {'pc0001': 'failed'} and done.returncode == 2, done.output
    assert str(controller.records['pc0001'].message).startswith(records.BROKE_OFF)


@pytest.mark.parametrize('wrong', [
    {'ansible_connection': '{{ nowhere }}'}, {'ansible_connection': 'ssh', 'ansible_shell_type': '{{ nowhere }}'}])
def test_a_machine_of_which_nobody_knows_how_it_is_reached_is_a_failed_one(controller: Controller, wrong: dict[str, Any]) -> None:
    controller.change('pc0005', **wrong)
    done = controller.clean_up(**REMOTE)
    assert done.returncode == 2 and controller.machines == {'total': 12, 'clean': 11, 'failed': 1}, done.output


def test_the_options_may_be_given_where_the_playbook_is_imported(fleet: Fleet, controller: Controller) -> None:
    """They count more than the inventory's, and less than those of the command line."""
    controller.change('pc0001', cleanup_force=False, cleanup_report_dir='elsewhere')
    (controller.folder / 'own.yml').write_text(json.dumps([{'import_playbook': 'netdrive.windows.cleanup', 'vars': {
        'folder': str(controller.reports), 'cleanup_force': True, 'cleanup_report_dir': '{{ folder }}', 'cleanup_users': ['current']}}]))
    command = ['ansible-playbook', 'own.yml', '--inventory', 'inventory.yml', '--limit', 'pc0001,pc0002', '--extra-vars']
    done = finish(controller.start(*command, json.dumps({**REMOTE, 'cleanup_users': ['all']})))
    assert done.returncode == 0 and set(tried(fleet)) == names(1, 2), done.output
    assert {(record.selection.force, record.selection.users) for record in controller.records.values()} == {(True, ('all',))}

    (controller.folder / 'own.yml').write_text(json.dumps([
        {'import_playbook': 'netdrive.windows.cleanup', 'vars': {'cleanup_excludes': [r'\\oldfs\archive']}}]))
    mistyped = controller.clean_up(playbook='own.yml', **REMOTE)
    assert mistyped.returncode == 2 and 'did you mean cleanup_exclude?' in mistyped.output, mistyped.output


def test_machines_that_failed_in_an_earlier_play_are_failed_ones(fleet: Fleet, controller: Controller) -> None:
    """As Ansible leaves them out. The others have a pilot, and what is done once is done once."""
    fail = {'ansible.builtin.fail': {}, 'when': 'inventory_hostname < "pc0007"'}
    (controller.folder / 'tell.yml').write_text(json.dumps([{'ansible.builtin.debug': {'msg': 'told once'}}]))
    (controller.folder / 'own.yml').write_text(json.dumps([
        {'hosts': 'all', 'gather_facts': False, 'tasks': [fail]}, {'import_playbook': 'netdrive.windows.cleanup'}]))
    done = controller.clean_up(playbook='own.yml', **REMOTE, cleanup_after='tell.yml')
    assert 'the first is pc0007' in done.output and done.returncode == 2, done.output
    assert [host for host, dummy in fleet.calls][0] == 'pc0007' and set(tried(fleet)) == names(7, 8, 9, 10, 11, 12)
    assert controller.machines == {'total': 12, 'clean': 6, 'failed': 6}
    assert 'in an earlier play' in str(controller.records['pc0001'].message)
    assert done.output.count('12 machines: 6 clean') == 1 and done.output.count('told once') == 1, done.output


@pytest.mark.parametrize('name', ['Sales PC 1', 'sales,pc0004', 'pc*', '!pc', '~pc'])
def test_a_name_that_ansible_takes_for_a_pattern_is_refused(fleet: Fleet, controller: Controller, name: str) -> None:
    """The machine's play would be one of other machines."""
    inventory = json.loads((controller.folder / 'inventory.yml').read_text())
    hosts = inventory['all'].pop('hosts')
    mine = {name: hosts['pc0001'], 'pc0002': hosts['pc0002']}
    inventory['all']['children'] = {'mine': {'hosts': mine}, 'Sales': {'hosts': {'pc0003': hosts['pc0003']}}}
    (controller.folder / 'inventory.yml').write_text(json.dumps(inventory))
    done = controller.clean_up(**REMOTE, cleanup_hosts='mine')
    assert done.returncode == 2 and not tried(fleet), done.output
    assert f'which may mean other hosts: {name}.' in done.one_line


POSTED: dict[str, Any] = {}
"""What the web server was sent last, by path."""


class Web(BaseHTTPRequestHandler):
    """Takes what is posted."""

    def do_POST(self) -> None:  # pylint: disable=invalid-name
        """Keep it."""
        POSTED[self.path] = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # pylint: disable=redefined-builtin
        """Say nothing."""


class Mailbox:
    """Takes all mail."""

    def __init__(self) -> None:
        self.mails: list[Message] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # pylint: disable=invalid-name
        """Keep one."""
        self.mails.append(message_from_bytes(envelope.content))
        return '250 OK'


@pytest.fixture
def web() -> Iterator[str]:
    """The address of a web server."""
    POSTED.clear()
    server = ThreadingHTTPServer(('127.0.0.1', 0), Web)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f'http://127.0.0.1:{server.server_port}'
    server.shutdown()
    thread.join()
    server.server_close()


def guide_tasks(heading: str) -> list[dict[str, Any]]:
    """The tasks that the guide has below a heading, as they stand there."""
    section = (ansible.ROOT / 'docs' / 'fleet.md').read_text().split(f'\n## {heading}\n')[1].split('\n## ')[0]
    return [task for text in re.findall(r'```yaml\n(.*?)```', section, re.DOTALL) for task in yaml.safe_load(text)]


def test_the_guide_s_mail_message_and_ticket_arrive(fleet: Fleet, controller: Controller, web: str) -> None:
    breaks(fleet, 2)
    mailbox = Mailbox()
    mail, chat, ticket = guide_tasks('What comes after')
    port = free_port()
    mail['community.general.mail'] |= {'host': '127.0.0.1', 'port': port}
    for task in (chat, ticket):
        task['ansible.builtin.uri']['url'] = web + urlsplit(task['ansible.builtin.uri']['url']).path
    (controller.folder / 'tell.yml').write_text(json.dumps([mail, chat, ticket]))
    smtp = SmtpServer(mailbox, hostname='127.0.0.1', port=port)
    smtp.start()
    try:
        done = controller.clean_up('--limit', 'pc0001,pc0002,pc0003', **REMOTE, cleanup_after='tell.yml')
    finally:
        smtp.stop()
    assert done.returncode == 2 and len(mailbox.mails) == 1, done.output
    letter = mailbox.mails[0]
    parts = {part.get_filename(): str(part.get_payload(decode=True)) for part in letter.walk() if not part.is_multipart()}
    assert str(make_header(decode_header(letter['subject']))) == 'oldfs: 2 of 3 are clean' and 'operators@corp.example' in letter['to']
    assert '3 machines: 2 clean, 1 failed' in parts[None] and '<html' in parts['report.html']
    assert POSTED['/hooks/1f2e3d']['text'].startswith('3 machines: 2 clean, 1 failed'), done.output
    assert POSTED['/api/tickets']['machines'] == ['pc0002']


def test_a_task_of_ones_own_that_fails_changes_no_verdict(controller: Controller) -> None:
    (controller.folder / 'tell.yml').write_text(json.dumps([{'name': 'Break', 'ansible.builtin.fail': {'msg': 'No ticket.'}}]))
    broken = controller.clean_up('--limit', 'pc0001,pc0002', **REMOTE, cleanup_after='tell.yml')
    assert 'No ticket.' in broken.output and broken.returncode == 0 and controller.machines == {'total': 2, 'clean': 2}, broken.output
    (controller.folder / 'own').mkdir()
    (controller.folder / 'own/tell.yml').write_text(json.dumps([{'ansible.builtin.import_tasks': 'more.yml'}]))
    (controller.folder / 'own/more.yml').write_text(json.dumps([{'ansible.builtin.debug': {'msg': 'told'}}]))
    beside = controller.clean_up('--limit', 'pc0001', **REMOTE, cleanup_after='own/tell.yml')
    assert '"msg": "told"' in beside.output and beside.returncode == 0, beside.output
    missing = controller.clean_up(**REMOTE, cleanup_after='nowhere.yml')
    assert missing.returncode == 2 and 'cleanup_after: there is no file' in missing.one_line


@pytest.mark.parametrize('tasks, wrong', [
    ([{'block': [{'nobody.has.this': {}}]}], 'nobody.has.this'), (['no task'], 'no task'), ({}, 'not a list'), ('{', 'tell.yml'),
    ([{'ansible.builtin.debug': {}, 'whenn': True}], 'whenn'), ([{'block': [], 'loop': [1]}], 'loop')])
def test_tasks_of_ones_own_that_cannot_run_are_found_before_the_first_machine(
        fleet: Fleet, controller: Controller, tasks: Any, wrong: str) -> None:
    """Where they are met at the end, Ansible ends there, without a verdict."""
    (controller.folder / 'tell.yml').write_text(tasks if isinstance(tasks, str) else json.dumps(tasks))
    done = controller.clean_up(**REMOTE, cleanup_after='tell.yml')
    assert done.returncode == 2 and 'cleanup_after: ' in done.output and wrong in done.output, done.output
    assert not tried(fleet)


@pytest.mark.long
def test_ten_nights(tmp_path: Path) -> None:
    """A third is off, some fail and some are slow; each machine that is ever on gets clean, and none is visited without need."""
    chance = random.Random(16)
    with Fleet(200, network='127.7.0.0/24') as fleet:
        controller = Controller.of_fleet(tmp_path, fleet)
        on_once: set[str] = set()
        for night in range(10):
            off = set(chance.sample(sorted(fleet.hosts), 60))
            broken = chance.sample(range(1, 201), 8) if night < 4 else []
            fleet.slow = {number: chance.uniform(1, 5) for number in chance.sample(range(1, 201), 10)}
            controller.off(fleet, *off)
            breaks(fleet, *broken)
            clean_before = {host for host, status in controller.statuses.items() if status == 'clean'} if night else set()
            calls = tried(fleet)
            done = controller.clean_up(**REMOTE, cleanup_resume=True)
            visited = set(tried(fleet) - calls)
            assert not visited & (clean_before | off), done.output
            stopped = 'the run stops' in done.one_line
            assert not stopped or any(controller.statuses[host] == 'failed' for host in visited), done.output
            if not stopped:
                assert visited == set(fleet.hosts) - clean_before - off, done.output
                on_once |= set(fleet.hosts) - off
            if len(on_once) == len(fleet.hosts) and set(controller.statuses.values()) == {'clean'}:
                break
        assert controller.statuses == dict.fromkeys(fleet.hosts, 'clean')
