# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options as they are typed on a command line: understood, or refused before the first machine and the manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.fleet.controller import REMOTE, Controller, tried
from tests.stand.recorded import Fleet


def refused(controller: Controller, fleet: Fleet, *arguments: str, **variables: Any) -> str:
    """What the playbook says, having touched and written nothing."""
    done = controller.clean_up(*arguments, **variables)
    assert done.returncode != 0 and not tried(fleet) and not (controller.reports / 'runs').exists(), done.output
    assert 'Traceback' not in done.output
    return done.output.replace('\\\\', '\\').replace('\\n', '\n')


def test_text_from_the_command_line(tmp_path: Path) -> None:
    with Fleet(4, network='127.2.0.16/29') as fleet:
        controller = Controller.of_fleet(tmp_path, fleet)
        done = controller.clean_up(
            '-e', r'cleanup_remote=\\\\oldfs', '-e', r'cleanup_exclude=\\\\oldfs\\R,D', '-e', 'cleanup_batches=1,50%',
            '-e', 'cleanup_max_failures=10%', cleanup_hosts=['\u200bpc0001 ', 'pc0002,pc0003\u00a0'])
        assert done.returncode == 0, done.output
        assert set(tried(fleet)) == {'pc0001', 'pc0002', 'pc0003'}
        assert all(record.selection.exclude == (r'\\oldfs\R,D',) for record in controller.records.values())

        again = controller.clean_up(cleanup_remote='//OLDFS./ ', cleanup_exclude=['\\\\OLDFS\\r,d\\'], cleanup_resume=True)
        assert again.returncode == 0 and tried(fleet)['pc0004'] == 1 and sum(tried(fleet).values()) == 4, again.output


@pytest.mark.parametrize('variables, wrong', [
    ({**REMOTE, 'cleanup_excludes': [r'\\oldfs\keep']}, 'did you mean cleanup_exclude?'),
    ({'cleanup_remote': r'\\*\home'}, r"cleanup_remote: '\\*\home' names no server"),
    ({**REMOTE, 'cleanup_batches': '1;50'}, "cleanup_batches: '1;50' is neither"),
    ({**REMOTE, 'cleanup_max_failures': 'few'}, "cleanup_max_failures: 'few' is no number"),
    ({**REMOTE, 'cleanup_hosts': ' '}, "cleanup_hosts: ' ' is empty")])
def test_what_leaves_a_doubt_is_refused(tmp_path: Path, variables: dict[str, Any], wrong: str) -> None:
    with Fleet(2, network='127.2.0.24/30') as fleet:
        assert wrong in refused(Controller.of_fleet(tmp_path, fleet), fleet, **variables)


def test_a_mistyped_variable_of_a_group_or_a_host_is_refused(tmp_path: Path) -> None:
    with Fleet(2, network='127.2.0.28/30') as fleet:
        controller = Controller.of_fleet(tmp_path, fleet)
        (tmp_path / 'group_vars').mkdir()
        (tmp_path / 'group_vars/all.yml').write_text('cleanup_forced: true\n')
        assert 'did you mean cleanup_force?' in refused(controller, fleet, **REMOTE)
        (tmp_path / 'group_vars/all.yml').unlink()
        controller.change('pc0002', cleanup_exlude=[])
        assert 'cleanup_exlude of pc0002 is no option' in refused(controller, fleet, **REMOTE)


@pytest.mark.parametrize('action', ['cleanup', 'restore'])
def test_a_task_of_ones_own_without_a_directory_is_refused(tmp_path: Path, action: str) -> None:
    """Only the playbook's is as the run has been begun."""
    with Fleet(1, network='127.2.0.32/30') as fleet:
        controller = Controller.of_fleet(tmp_path, fleet)
        tasks: list[dict[str, Any]] = [{f'netdrive.windows.{action}': {}}]
        (tmp_path / 'own.yml').write_text(json.dumps([{'hosts': 'all', 'gather_facts': False, 'tasks': tasks}]))
        assert 'dir and selection are missing' in refused(controller, fleet, playbook='own.yml')
