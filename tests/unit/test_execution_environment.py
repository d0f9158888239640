# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What AWX needs of the collection and its guide: execution environment, requirements, survey."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansiblelint import schemas
from packaging.requirements import Requirement

from ansible_collections.netdrive.windows.plugins.plugin_utils.clean_up import make_selection
from tests.integration.mesh.guide import Guide

ROOT = Path(__file__).parents[2]
META = yaml.safe_load((ROOT / 'meta' / 'execution-environment.yml').read_text())
GUIDE = Guide(ROOT / 'docs' / 'awx.md')
SPECS = yaml.safe_load((ROOT / 'roles' / 'cleanup' / 'meta' / 'argument_specs.yml').read_text())['argument_specs']
SURVEY: list[dict[str, Any]] = json.loads(GUIDE.commands['Survey'][0])['spec']
WITH_ANSIBLE = {'ansible', 'ansible_collections', 'jinja2', 'markupsafe', 'yaml'}
IMPORTED_AS = {'pywinrm': 'winrm'}


def requirements() -> list[Requirement]:
    lines = (ROOT / META['dependencies']['python']).read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith('#')]


@pytest.mark.parametrize('definition', [META, yaml.safe_load(GUIDE.files['execution-environment.yml', None])],
                         ids=['collection', 'guide'])
def test_execution_environment(definition: Any) -> None:
    schema = json.loads((Path(schemas.__file__).parent / 'execution-environment.json').read_text())
    jsonschema.validate(definition, schema)


def test_what_ansible_builder_reads_is_in_the_artifact() -> None:
    """It takes paths relative to the collection, of files that build_ignore does not keep out."""
    ignored = yaml.safe_load((ROOT / 'galaxy.yml').read_text())['build_ignore']
    for path in ('meta/execution-environment.yml', *META['dependencies'].values()):
        assert (ROOT / path).is_file()
        assert not any(Path(path).match(pattern) for pattern in ignored)


def imported() -> Iterator[str]:
    """The top-level packages that the collection's plugins import."""
    for path in (ROOT / 'plugins').rglob('*.py'):
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            names = [node.module or ''] if isinstance(node, ast.ImportFrom) and not node.level \
                else [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            yield from (name.partition('.')[0] for name in names)


def test_requirements() -> None:
    """They cover what the plugins import, and the connection to Windows."""
    required = {IMPORTED_AS.get(one.name, one.name) for one in requirements()}
    assert set(imported()) - sys.stdlib_module_names - WITH_ANSIBLE <= required
    assert 'winrm' in required


def test_survey() -> None:
    """Its questions are options of the role, and the answers are good for it as they come from AWX: as text, mostly."""
    for question in SURVEY:
        assert question.keys() >= {'variable', 'type', 'required', 'default', 'question_name', 'question_description'}
        assert question['type'] in ('text', 'integer', 'multiplechoice', 'multiselect')
        if question['type'].startswith('multi'):
            assert set(question['default'].split('\n')) <= set(question['choices'].split('\n'))
    defaults = {question['variable']: question['default'].split('\n') if question['type'] == 'multiselect' else question['default']
                for question in SURVEY}
    answers = {variable: default for variable, default in defaults.items() if default != ''}
    checked = ArgumentSpecValidator(SPECS['main']['options']).validate(answers)
    assert not checked.error_messages
    assert checked.validated_parameters['cleanup_resume'] is False

    names = {name: name.removeprefix('cleanup_') for name in ('cleanup_remote', 'cleanup_exclude', 'cleanup_users',
                                                              'cleanup_signed_out', 'cleanup_force', 'cleanup_timeout')}
    selection = make_selection({option: defaults[name] for name, option in names.items()})
    assert selection['remote'] == [r'\\oldfs', r'\\oldfs.corp.example']
    assert (selection['users'], selection['exclude'], selection['timeout']) == (['all'], [], 60)
    assert (selection['signed_out'], selection['force']) == (True, False)
