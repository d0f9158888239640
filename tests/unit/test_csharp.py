# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The C# tests in csharp/, each as a test of its own, on .NET as PowerShell 7 has it and on Mono's .NET Framework.

`./dev test` builds them and names their folders in CSHARP_TESTS and CSHARP_TESTS_NET48.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import xml.etree.ElementTree as ET

import pytest

FRAMEWORKS = {'net': ['dotnet', f"{os.environ['CSHARP_TESTS']}/tests.dll"],
              'net48': ['mono', f"{os.environ['CSHARP_TESTS_NET48']}/tests.exe"]}


@functools.cache
def methods() -> list[str]:
    listed = subprocess.run([*FRAMEWORKS['net'], '-noLogo', '-list', 'methods/json'], check=True, text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout
    found: list[str] = json.loads(listed.splitlines()[0])  # a colour reset follows
    assert found, 'no C# tests were found'
    return sorted(found)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    metafunc.parametrize('method', methods(), ids=[method.removeprefix('Netdrive.Tests.') for method in methods()])


@pytest.fixture(scope='module', params=FRAMEWORKS)
def outcomes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[ET.Element]]:
    """The result of every C# test on one framework, by its method; all run in one process."""
    file = tmp_path_factory.mktemp('csharp') / 'results.xml'
    for dummy in range(3):  # Mono itself crashes at times, mostly at its end, and leaves a file where it was started
        subprocess.run([*FRAMEWORKS[request.param], '-noLogo', '-xml', str(file)], check=False, cwd=file.parent,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        if file.exists():
            break
    found: dict[str, list[ET.Element]] = {}
    for test in ET.parse(file).iter('test'):
        found.setdefault(f"{test.get('type')}.{test.get('method')}", []).append(test)
    return found


def test_csharp(method: str, outcomes: dict[str, list[ET.Element]]) -> None:
    assert method in outcomes, 'it did not run'
    failed = [ET.tostring(test, 'unicode') for test in outcomes[method] if test.get('result') != 'Pass']
    assert not failed, '\n'.join(failed)
