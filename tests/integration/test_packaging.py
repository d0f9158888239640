# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What users install, and what they have beside it: the built artifact, the newest ansible-core, ansible.windows."""

from __future__ import annotations

import json
import re
import sys
import tarfile
from pathlib import Path

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from tests.integration import ansible
from tests.integration.fleet.controller import Controller, finish, tried
from tests.stand.recorded import Fleet
from tests.stand.target import Target

NEWEST_CORE = Path('/opt/ansible-core-newest')
LIVE = {'connections': [{'name': 'Z:', 'remote': r'\\oldfs\a'}, {'name': 'K:', 'remote': r'\\keep\a'}]}


@pytest.fixture(scope='module')
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp('artifact')
    done = ansible.run(['ansible-galaxy', 'collection', 'build', ansible.ROOT, '--output-path', folder], folder)
    assert done.returncode == 0, done.stdout
    [file] = folder.glob('*.tar.gz')
    return file


def test_the_artifact_holds_the_collection_and_no_more(artifact: Path) -> None:
    with tarfile.open(artifact) as archive:
        names = {Path(name) for name in archive.getnames()}
    assert {part.parts[0] for part in names} == {
        '.ansible-lint', 'CHANGELOG.md', 'CODE_OF_CONDUCT.md', 'CONTRIBUTING.md', 'FILES.json', 'LICENSE', 'MANIFEST.json', 'README.md',
        'SECURITY.md', 'changelogs', 'docs', 'meta', 'playbooks', 'plugins', 'requirements.txt', 'roles'}
    assert not [name for name in names if name.suffix == '.pyc' or name.name in ('__pycache__', 'bin', 'obj', '.gitignore')]


def test_galaxys_importer_would_take_the_artifact(artifact: Path, tmp_path: Path) -> None:
    """What galaxy-importer and the schema of its metadata refuse, as far as that needs nothing that is not here."""
    root = tmp_path / 'ansible_collections' / 'netdrive' / 'windows'
    with tarfile.open(artifact) as archive:
        archive.extractall(root, filter='data')
    about = json.loads((root / 'MANIFEST.json').read_text(encoding='utf-8'))['collection_info']
    assert all(re.fullmatch('[a-z][a-z0-9_]+', name) for name in (about['namespace'], about['name'])), about
    assert re.fullmatch(r'\d+\.\d+\.\d+', about['version']) and about['description'] and about['authors']
    assert 0 < len(about['tags']) <= 20 and all(re.fullmatch('[a-z0-9]{1,64}', tag) for tag in about['tags']), about['tags']
    assert about['repository'].startswith('https://')
    assert bool(about['license']) != bool(about['license_file']), 'exactly one of the two'
    runtime = yaml.safe_load((root / 'meta' / 'runtime.yml').read_text(encoding='utf-8'))
    SpecifierSet(runtime['requires_ansible'])
    documents = [root / about['readme'], root / 'CHANGELOG.md', *(root / 'docs').glob('*.md'),
                 *(role / 'README.md' for role in (root / 'roles').iterdir())]
    assert [document for document in documents if not 0 < document.stat().st_size <= 512 * 1024] == []
    assert [*root.glob('tests/sanity/ignore-*')] == []
    environment = {'ANSIBLE_COLLECTIONS_PATH': str(tmp_path), 'PYTHONPATH': ''}
    lint = ansible.run(['ansible-lint', '--profile', 'production', '--offline', '--nocolor'], root, **environment)
    assert lint.returncode == 0, lint.stdout


@pytest.fixture(scope='module')
def installed(artifact: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the installed artifact and no more."""
    folder = tmp_path_factory.mktemp('installed')
    done = ansible.run(['ansible-galaxy', 'collection', 'install', artifact, '--collections-path', folder], folder,
                       ANSIBLE_COLLECTIONS_PATH=str(folder), PYTHONPATH='')  # or it would find the checkout
    assert done.returncode == 0, done.stdout
    return folder


def test_the_installed_artifact_works(installed: Path, machine: Target, tmp_path: Path) -> None:
    machine.set(LIVE)
    (tmp_path / 'inventory.yml').write_text(ansible.inventory({'target': machine}))
    done = ansible.run(['ansible', 'target', '--inventory', 'inventory.yml', '--module-name', 'netdrive.windows.mapped_drive',
                        '--args', json.dumps({'remote': [r'\\oldfs']})], tmp_path,
                       ANSIBLE_COLLECTIONS_PATH=str(installed), PYTHONPATH='')
    assert done.returncode == 0 and 'CHANGED' in done.stdout, done.stdout
    assert [connection.remote for connection in machine.connections()] == [r'\\keep\a']


@pytest.mark.parametrize('core', ['', str(NEWEST_CORE)], ids=['installed core', 'newest core'])
def test_who_installs_it_and_follows_the_readme_gets_a_report(installed: Path, tmp_path: Path, core: str) -> None:
    readme = (installed / 'ansible_collections' / 'netdrive' / 'windows' / 'README.md').read_text(encoding='utf-8')
    [command] = re.findall(r'^```\n((?:\S+=\S+ \\\n)*ansible-playbook netdrive\.windows\.cleanup .*?)```', readme, re.DOTALL | re.MULTILINE)
    with Fleet(12, network='127.6.0.0/28') as fleet:
        controller = Controller.of_fleet(tmp_path, fleet)
        controller.reports = tmp_path / 'oldfs'
        (tmp_path / 'inventory.yml').rename(tmp_path / 'inventory')
        [variables] = re.findall(r'^```yaml\n(cleanup_remote:.*?)```', readme, re.DOTALL | re.MULTILINE)
        (tmp_path / 'oldfs.yml').write_text(variables)
        for change, mode in (command, 'check'), (command.replace(' --check', ''), 'real'):
            done = finish(controller.start('bash', '-c', change, ANSIBLE_COLLECTIONS_PATH=str(installed), PYTHONPATH=core))
            assert done.returncode == 0 and '100 %: 12 of 12 machines' in done.output, done.output
            assert (controller.machines, controller.summary['mode']) == ({'total': 12, 'clean': 12}, mode)
            assert (controller.reports / 'report.html').exists()
        assert tried(fleet) == dict.fromkeys(fleet.hosts, 2)


def test_the_newest_ansible_core_runs_it(machine: Target, tmp_path: Path) -> None:
    machine.set(LIVE)
    (tmp_path / 'inventory.yml').write_text(ansible.inventory({'target': machine}))
    command = [sys.executable, '-m', 'ansible', 'adhoc', 'target', '--inventory', 'inventory.yml',
               '--module-name', 'netdrive.windows.mapped_drive', '--args', json.dumps({'remote': [r'\\oldfs'], 'users': ['all']})]
    done = ansible.run(command, tmp_path, PYTHONPATH=str(NEWEST_CORE))
    assert done.returncode == 0 and 'CHANGED' in done.stdout, done.stdout
    assert [connection.remote for connection in machine.connections()] == [r'\\keep\a']
    versions = [ansible.run([sys.executable, '-c', 'import ansible.release; print(ansible.release.__version__)'], tmp_path,
                            PYTHONPATH=path).stdout.strip() for path in (str(NEWEST_CORE), '')]
    assert versions[0] != versions[1], 'the newest is the installed one: this tested nothing'


def test_the_published_win_mapped_drive_runs_on_the_stand(machine: Target, tmp_path: Path) -> None:
    """A test of the stand: a module that knows nothing of it."""
    machine.set(LIVE)
    results = [ansible.module(machine, 'ansible.windows.win_mapped_drive', {'letter': 'Z', 'state': 'absent'}, tmp_path) for dummy in 'ab']
    assert [(result['changed'], result['failed']) for result in results] == [(True, False), (False, False)]
    assert [connection.remote for connection in machine.connections()] == [r'\\keep\a']
