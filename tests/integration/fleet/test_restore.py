# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook netdrive.windows.restore: what clean-ups took away is back, and the report says so."""

from __future__ import annotations

import json
import random
import signal
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netdrive.windows.plugins.plugin_utils import archive

from tests.integration import ansible
from tests.integration.fleet.controller import REMOTE, Controller, Done, tried
from tests.integration.machines import USERS_OF_OLDFS, registry, sid
from tests.stand.addresses import NOBODY
from tests.stand.recorded import Fleet
from tests.stand.target import Target

RESTORE = 'netdrive.windows.restore'
MODULE = 'mapped_drive_restore'


def said(done: Done) -> str:
    """What was printed, without the breaks of its lines."""
    return ' '.join(done.output.replace('\\\\', '\\').split())


def connections(controller: Controller) -> list[int]:
    """The numbers of the report."""
    found: dict[str, Any] = controller.summary['connections']
    assert found['found'] == found['removed'] + found['left'] + found['gone_by_itself'] + found['put_back']
    return [found[name] for name in ('found', 'removed', 'put_back', 'came_back')]


def test_there_and_back_and_there_again(machine: Target, tmp_path: Path) -> None:
    machine.set({'users': USERS_OF_OLDFS})
    before, state = machine.snapshot(), machine.state()
    controller = Controller(tmp_path, ansible.inventory({'pc': machine, 'away': NOBODY}))
    assert controller.clean_up('--limit', 'pc', **REMOTE).returncode == 0
    removed = connections(controller)[1]
    without = machine.snapshot()

    checked = controller.clean_up('--check', playbook=RESTORE, cleanup_resume=True)
    assert checked.returncode == 0 and machine.snapshot() == without, checked.output
    assert connections(controller) == [removed, removed, 0, 0] and controller.machines == {'total': 1, 'clean': 1}
    assert controller.summary['mode'] == 'real' and controller.summary['restores']['dry'] == removed
    assert f'{removed} would be put back' in said(checked), checked.output

    one = controller.clean_up(playbook=RESTORE, restore_users=sid(3))
    assert one.returncode == 0 and connections(controller) == [removed, removed - 1, 1, 0], one.output

    done = controller.clean_up(playbook=RESTORE)
    assert done.returncode == 0 and not done.hosts('unreachable'), done.output
    assert machine.state() == state and registry(machine.snapshot()) == registry(before)
    assert connections(controller) == [removed, 0, removed, 0] and controller.machines == {'total': 1, 'restored': 1}
    assert {row['outcome'] for row in controller.rows()} == {'restored', 'at_sign_in'}
    assert 'What was put back' in (controller.reports / 'report.html').read_text()

    again = controller.clean_up(playbook=RESTORE)
    assert again.returncode == 0 and 'There is nothing to put back' in said(again), again.output

    anew = controller.clean_up(**REMOTE, cleanup_resume=True)
    assert anew.hosts('changed') == {'pc'}, anew.output
    assert connections(controller) == [removed, removed, 0, 0] and controller.statuses['pc'] == 'clean'


def test_records_that_cannot_be_read_are_not_taken_for_none(tmp_path: Path) -> None:
    with Fleet(3, network='127.8.0.24/29') as fleet:
        controller = Controller.of_fleet(tmp_path, fleet)
        assert controller.clean_up(**REMOTE).returncode == 0
        bad = next(controller.reports.glob('records/*/pc0002.json'))
        whole = bad.read_bytes()
        bad.write_bytes(whole[:-100])
        some = controller.clean_up(playbook=RESTORE)
        assert set(tried(fleet, MODULE)) == {'pc0001', 'pc0003'} and 'pc0002.json (is not JSON' in said(some), some.output
        assert 'Put a good copy in the place' in said(some), some.output

        bad.write_bytes(whole)
        earlier = next(controller.reports.glob('records/*/pc0003.json'))
        again = controller.clean_up(**REMOTE)
        assert again.returncode == 0, again.output
        earlier.write_bytes(b'')
        partial = controller.clean_up(playbook=RESTORE)
        assert partial.hosts('failed') == {'pc0003'} and partial.returncode == 2, partial.output
        assert 'nobody knows what was taken away' in str(archive.history(controller.reports, 'pc0003')[-1].message)
        elsewhere = controller.clean_up('--limit', 'pc0001', playbook=RESTORE)
        assert elsewhere.returncode == 0, elsewhere.output

        for record in controller.reports.glob('records/*/*.json'):
            record.write_bytes(b'')
        none = controller.clean_up(playbook=RESTORE)
        assert none.returncode == 2 and 'that can be read there is nothing to put back' in said(none), none.output


@pytest.mark.parametrize('variables, wrong', [
    ({'restore_remotes': [r'\\oldfs']}, 'did you mean restore_remote?'),
    ({'restore_remote': r'\\*\home'}, r"restore_remote: '\\*\home' names no server"),
    ({'restore_runs': '20200101T000000Z-000000'}, "restore_runs: '20200101T000000Z-000000' is no run in"),
    ({'cleanup_survey': True}, 'To see what would be put back, give --check'),
    ({'cleanup_report_dir': 'nowhere'}, 'The restore cannot begin')])
def test_what_leaves_a_doubt_is_refused(tmp_path: Path, variables: dict[str, Any], wrong: str) -> None:
    with Fleet(1, network='127.8.0.0/30') as fleet:
        controller = Controller.of_fleet(tmp_path, fleet)
        assert controller.clean_up(**REMOTE).returncode == 0
        done = controller.clean_up(playbook=RESTORE, **variables)
    assert done.returncode == 2 and wrong in said(done), done.output
    assert len(controller.runs) == 1


def test_machines_that_are_off_or_unknown_are_named(tmp_path: Path) -> None:
    with Fleet(3, network='127.8.0.8/29') as fleet:
        controller = Controller.of_fleet(tmp_path, fleet)
        assert controller.clean_up(**REMOTE).returncode == 0
        controller.off(fleet, *fleet.hosts)
        inventory = tmp_path / 'inventory.yml'
        inventory.write_text(inventory.read_text().replace('pc0003', 'pc0004'))
        done = controller.clean_up(playbook=RESTORE, cleanup_exclude=['K:'])
    assert done.returncode == 4 and done.hosts('unreachable') == {'pc0001', 'pc0002'}, done.output
    assert '1 machine is not in the inventory, and nothing is put back there: pc0003' in said(done)
    assert 'On a restore these have no effect: cleanup_exclude. What to put back is said by restore_remote' in said(done)
    assert controller.machines == {'total': 3, 'clean': 1, 'unreachable': 2}
    assert connections(controller) == [9, 9, 0, 0]


def test_a_letter_that_was_taken_meanwhile_stops_nothing(tmp_path: Path) -> None:
    with Fleet(3, network='127.8.0.16/29') as fleet:
        controller = Controller.of_fleet(tmp_path, fleet)
        assert controller.clean_up(**REMOTE).returncode == 0
        fleet.change = lambda number, printed: _taken(printed) if number == 1 else printed
        done = controller.clean_up(playbook=RESTORE)
    assert set(tried(fleet, MODULE)) == set(fleet.hosts) and done.returncode == 2, done.output
    assert connections(controller) == [9, 1, 8, 0] and controller.machines == {'total': 3, 'failed': 1, 'restored': 2}


def _taken(printed: str) -> str:
    """What a machine says whose first letter leads elsewhere by now."""
    result = json.loads(printed)
    if result['connections'] and 'put back' not in result.get('msg', ''):
        result['connections'][0] |= {'action': None, 'connected': False, 'error': {
            'code': 85, 'name': 'ERROR_ALREADY_ASSIGNED', 'message': 'H: leads elsewhere by now.', 'provider': None,
            'provider_code': None, 'provider_message': None}}
        result |= {'failed': True, 'msg': '1 of 3 network connections could not be put back'}
    return json.dumps(result)


@pytest.mark.long
def test_a_fleet_of_a_hundred_is_put_back_with_resume(tmp_path: Path) -> None:
    """A third is off at first, and the run that goes on is killed; whoever has everything back is not visited again."""
    with Fleet(100, network='127.8.1.0/25', delay=0.2) as fleet:
        controller = Controller.of_fleet(tmp_path, fleet)
        assert controller.clean_up(**REMOTE).returncode == 0
        off = set(random.Random(18).sample(sorted(fleet.hosts), 30))
        controller.off(fleet, *off)
        first = controller.clean_up(playbook=RESTORE)
        assert first.returncode == 4 and first.hosts('unreachable') == off, first.output
        assert connections(controller) == [300, 90, 210, 0] and set(tried(fleet, MODULE)) == set(fleet.hosts) - off

        controller.off(fleet)
        records = len(list(controller.reports.glob('records/*/*.json')))
        killed = controller.start(*controller.command('--forks', '4', playbook=RESTORE, cleanup_resume=True))
        controller.cut_off(killed, signal.SIGKILL, when=records + 6)
        back = {host for host, status in controller.statuses.items() if status == 'clean'}
        assert 70 < len(back) < 100, back
        before = tried(fleet, MODULE)

        done = controller.clean_up(playbook=RESTORE, cleanup_resume=True)
        assert done.returncode == 0 and set(tried(fleet, MODULE) - before) == set(fleet.hosts) - back, done.output
        assert connections(controller) == [300, 0, 300, 0] and controller.machines == {'total': 100, 'restored': 100}
        assert set(tried(fleet, MODULE).values()) <= {1, 2} and not controller.summary['bad_records']
