# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the cases of targets/mapped_drive on the stand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.integration import ansible
from tests.stand.control import Control
from tests.stand.target import Target

TARGETS = Path(__file__).parent / 'targets'
CASES = [case['name'] for case in yaml.safe_load((TARGETS / 'mapped_drive' / 'vars' / 'main.yml').read_text())['cases']]


@pytest.mark.parametrize('case', CASES)
def test_case(case: str, machine: Target, tmp_path: Path) -> None:
    (tmp_path / 'inventory.yml').write_text(ansible.inventory({'target': machine}))
    (tmp_path / 'play.yml').write_text(json.dumps([{'hosts': 'all', 'gather_facts': False, 'roles': ['mapped_drive']}]))
    with Control(tmp_path / 'control', machine) as control:
        done = ansible.run(['ansible-playbook', '--inventory', 'inventory.yml', 'play.yml',
                            '--extra-vars', json.dumps({'only_cases': [case]})],
                           tmp_path, STAND_SOCKET=str(control.server_address), ANSIBLE_ROLES_PATH=str(TARGETS))
    assert done.returncode == 0, done.stdout
