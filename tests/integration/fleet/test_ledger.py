# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Several commands over one directory: a survey, clean-ups, and something that maps a drive again in between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integration import ansible
from tests.integration.fleet.controller import REMOTE, Controller
from tests.integration.machines import HOME, OTHER, connection
from tests.stand.target import Target

SCANS = connection('S:', r'\\oldfs\scans', persistent=False)


def test_a_survey_asks_who_uses_it_and_its_table_is_a_migration_list(machine: Target, tmp_path: Path) -> None:
    machine.set({'connections': [HOME, SCANS, OTHER]})
    controller = Controller(tmp_path, ansible.inventory({'pc': machine}))
    before = machine.snapshot()
    done = controller.clean_up(**REMOTE, cleanup_survey=True)
    assert done.returncode == 0 and machine.snapshot() == before, done.output
    assert 'Survey. 1 machine: 1 looked at' in done.output and '2 connections in use: 2 live, 0 only remembered.' in done.output
    assert controller.summary['mode'] == 'survey' and controller.summary['connections']['found'] == 2
    page = (controller.reports / 'report.html').read_text()
    assert '2 connections in use on 1 machine' in page
    assert [(row['host'], row['outcome'], row['remote']) for row in controller.rows()] == [
        ('pc', 'live', r'\\oldfs\home'), ('pc', 'live', r'\\oldfs\scans')]
    for said in (page, done.output, (controller.reports / 'report.csv').read_text()):
        assert not any(word in said.lower() for word in ('would be removed', 'would be tried', 'connections removed'))


@pytest.mark.long
def test_what_something_maps_again_has_come_back_once_each_time(machine: Target, tmp_path: Path) -> None:
    controller = Controller(tmp_path, ansible.inventory({'pc': machine}))
    for connections in ([HOME, SCANS], [HOME], [HOME], []):
        machine.set({'connections': connections})
        done = controller.clean_up(**REMOTE)
        assert done.returncode == 0, done.output
    summary: dict[str, Any] = controller.summary
    numbers = ('found', 'removed', 'left', 'came_back', 'times_came_back')
    assert [summary['connections'][name] for name in numbers] == [2, 2, 0, 1, 2]
    assert [(one['name'], one['times']) for one in summary['came_back']['servers']] == [(r'\\oldfs', 2)]
    assert [(row['name'], row['outcome'], row['came_back'], row['gone_by'] == summary['runs'][2]) for row in controller.rows()] == [
        ('H:', 'removed', '2', True), ('S:', 'removed', '0', False)]
