# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the cases of targets/mapped_drive, and the other targets, on the stand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration import ansible
from tests.stand.control import Control
from tests.stand.target import Target

TARGETS = Path(__file__).parent / 'targets'
CASES = [case['name'] for case in yaml.safe_load((TARGETS / 'mapped_drive' / 'vars' / 'main.yml').read_text())['cases']]

# The others differ from these in what the C# tests have as well.
AT_ONCE = {'live and remembered', 'only remembered', 'open files', 'everything on a server',
           'live on one server and remembered on another, the letter meant', 'three matched and the middle one fails',
           'gone between looking and cancelling'}

OTHERS = sorted(path.parent.name for path in TARGETS.glob('*/aliases') if path.parent.name != 'mapped_drive')


def run_target(name: str, machine: Target, tmp_path: Path, **variables: Any) -> None:
    (tmp_path / 'inventory.yml').write_text(ansible.inventory({'target': machine}))
    (tmp_path / 'play.yml').write_text(json.dumps([{'hosts': 'all', 'gather_facts': False, 'roles': [name]}]))
    with Control(tmp_path / 'control', machine) as control:
        done = ansible.run(['ansible-playbook', '--inventory', 'inventory.yml', 'play.yml', '--extra-vars', json.dumps(variables)],
                           tmp_path, STAND_SOCKET=str(control.server_address), ANSIBLE_ROLES_PATH=str(TARGETS))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize('case', [pytest.param(case, marks=[] if case in AT_ONCE else pytest.mark.long) for case in CASES])
def test_case(case: str, machine: Target, tmp_path: Path) -> None:
    run_target('mapped_drive', machine, tmp_path, only_cases=[case])


@pytest.mark.long
@pytest.mark.parametrize('name', OTHERS)
def test_target(name: str, machine: Target, tmp_path: Path) -> None:
    run_target(name, machine, tmp_path)
