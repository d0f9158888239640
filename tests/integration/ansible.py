# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ansible against targets of the stand, as an operator would run it: its commands, an inventory, nothing else."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.stand.target import Target

ROOT = Path(__file__).parents[2]

TRANSPORTS: dict[str, dict[str, Any]] = {
    'winrm': {'ansible_connection': 'winrm', 'ansible_winrm_transport': 'basic', 'ansible_winrm_scheme': 'http'},
    'psrp': {'ansible_connection': 'psrp', 'ansible_psrp_auth': 'basic', 'ansible_psrp_protocol': 'http',
             'ansible_psrp_message_encryption': 'never'},
    'ssh': {'ansible_connection': 'ssh', 'ansible_shell_type': 'cmd'},
}
"""By name, the variables by which Ansible reaches all targets of the stand over it."""


def inventory(targets: Mapping[str, Target | tuple[str, int]], transport: str = 'winrm') -> str:
    """The text of an inventory with a host for each target; a bare address and port is one where nobody may answer."""
    hosts = {}
    for name, target in targets.items():
        if isinstance(target, Target):
            hosts[name] = {'ansible_host': target.address, 'ansible_port': target.port,
                           'ansible_user': target.username, 'ansible_password': target.password}
            if transport == 'ssh':
                hosts[name] |= {'ansible_port': target.ssh.port,
                                'ansible_ssh_common_args': f'-o UserKnownHostsFile={target.ssh.known_hosts}'}
        else:
            hosts[name] = {'ansible_host': target[0], 'ansible_port': target[1], 'ansible_user': 'nobody', 'ansible_password': '-'}
    return json.dumps({'all': {'hosts': hosts, 'vars': TRANSPORTS[transport]}})  # JSON is YAML


def environment(**more: str) -> dict[str, str]:
    """Ansible's environment: no colours, no cows, our collection and ansible.windows, and JSON results on request."""
    return {**os.environ, 'ANSIBLE_COLLECTIONS_PATH': f"{os.environ['ANSIBLE_COLLECTIONS_PATH']}:{os.environ['OTHER_COLLECTIONS']}",
            'ANSIBLE_NOCOLOR': '1', 'ANSIBLE_LOCALHOST_WARNING': '0', 'ANSIBLE_RETRY_FILES_ENABLED': '0',
            'ANSIBLE_DEPRECATION_WARNINGS': '0', **more}


def run(command: Iterable[str | Path], folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Runs one of Ansible's commands to its end; the caller looks at the exit code."""
    return subprocess.run([str(part) for part in command], cwd=folder, env=environment(**more), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)


def module(target: Target, name: str, arguments: Mapping[str, Any], folder: Path, *, check: bool = False,
           library: Path | None = None, transport: str = 'winrm') -> dict[str, Any]:
    """The result of one module, of a collection or in the folder `library`, on one target, failed or not, with the diff."""
    (folder / 'inventory.yml').write_text(inventory({'target': target}, transport))
    # It leaves the diff out of the tree unless it is to talk much.
    command = ['ansible', 'target', '--inventory', 'inventory.yml', '--tree', 'results', '--diff', '-vvv',
               '--module-name', name, '--args', json.dumps(arguments) if arguments else '']  # {} would be taken for words
    tree = folder / 'results' / 'target'
    tree.unlink(missing_ok=True)  # an earlier call's, were this one to end without a result
    done = run([*command, *(['--check'] if check else []), *(['--module-path', str(library)] if library else [])], folder)
    try:
        result: dict[str, Any] = json.loads(tree.read_text())
    except FileNotFoundError:
        raise AssertionError(done.stdout) from None
    return result | {'failed': done.returncode != 0}


def mapped_drive(target: Target, folder: Path, *, check: bool = False, **options: Any) -> dict[str, Any]:
    """The result of netdrive.windows.mapped_drive."""
    return module(target, 'netdrive.windows.mapped_drive', options, folder, check=check)
