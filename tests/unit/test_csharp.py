# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The C# tests in csharp/, each as a test of its own. `./dev test` builds them and names their folder in CSHARP_TESTS."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest


@functools.cache
def runner() -> list[str]:
    return ['dotnet', str(Path(os.environ['CSHARP_TESTS']) / 'tests.dll')]


@functools.cache
def methods() -> list[str]:
    listed = subprocess.run([*runner(), '-noLogo', '-list', 'methods/json'], check=True, text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout
    found: list[str] = json.loads(listed.splitlines()[0])  # a colour reset follows
    assert found, 'no C# tests were found'
    return sorted(found)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    metafunc.parametrize('method', methods(), ids=[method.removeprefix('Netdrive.Tests.') for method in methods()])


@pytest.fixture(scope='module')
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[ET.Element]]:
    """The result of every C# test, by its method; all run in one process."""
    file = tmp_path_factory.mktemp('csharp') / 'results.xml'
    subprocess.run([*runner(), '-noLogo', '-xml', str(file)], check=False, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL)
    found: dict[str, list[ET.Element]] = {}
    for test in ET.parse(file).iter('test'):
        found.setdefault(f"{test.get('type')}.{test.get('method')}", []).append(test)
    return found


def test_csharp(method: str, outcomes: dict[str, list[ET.Element]]) -> None:
    assert method in outcomes, 'it did not run'
    failed = [ET.tostring(test, 'unicode') for test in outcomes[method] if test.get('result') != 'Pass']
    assert not failed, '\n'.join(failed)
