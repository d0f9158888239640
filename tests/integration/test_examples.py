# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the examples of the modules' documentation, as they stand there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.integration import ansible
from tests.stand.target import Target

LIVE = {'connections': [
    {'name': 'Z:', 'remote': r'\\oldfs\a'}, {'name': 'LPT1:', 'remote': r'\\print1\laser', 'type': 'print', 'open_files': True},
    {'name': 'P:', 'remote': r'\\fs1\projects'}, {'name': 'A:', 'remote': r'\\fs1\projects-archive'}]}


@pytest.mark.long
@pytest.mark.parametrize('module', ['mapped_drive', 'mapped_drive_info'])
def test_examples(module: str, machine: Target, tmp_path: Path) -> None:
    machine.set(LIVE)
    documentation = yaml.safe_load((ansible.ROOT / 'plugins' / 'modules' / f'{module}.yml').read_text())
    # The stand knows no domain, only the account of the task.
    tasks = yaml.safe_load(documentation['EXAMPLES'].replace(r'CORP\user1', 'Administrator'))
    (tmp_path / 'inventory.yml').write_text(ansible.inventory({'target': machine}))
    (tmp_path / 'play.yml').write_text(json.dumps([{'hosts': 'all', 'gather_facts': False, 'tasks': tasks}]))
    done = ansible.run(['ansible-playbook', '--inventory', 'inventory.yml', 'play.yml'], tmp_path)
    assert done.returncode == 0, done.stdout
    assert f'ok={len(tasks)} ' in done.stdout
    assert len(machine.connections()) == (0 if module == 'mapped_drive' else len(LIVE['connections']))
