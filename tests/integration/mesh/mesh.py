# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A Receptor mesh on loopback, made of what docs/mesh.md says: its files, its commands.

Each node has folders of its own in the place of /etc/receptor, /run/receptor and /var/lib.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

from tests.integration import ansible
from tests.integration.mesh.guide import Guide
from tests.integration.waiting import wait_for
from tests.stand.addresses import free_port
from tests.stand.execution import kill_marked

WORKERS = ('east', 'west')
NODES = ('control', *WORKERS)
_MARK = 'MESH_NODE'  # in the environment of a node, and so of all that it starts


class Mesh:
    """One control node, two workers, and the operator's folder on the control node. Its end ends every process.

    `environment` is what the workers have beside the environment of all nodes; they call `port` of the control node.
    """

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.operator = folder / 'operator'
        self.guide = Guide(ansible.ROOT / 'docs' / 'mesh.md')
        self.port = free_port()
        self._environment = {name: value for name, value in ansible.environment().items()
                             if name in ('PATH', 'LANG', 'PYTHONPYCACHEPREFIX') or name.startswith('ANSIBLE_')}
        self._of_workers = environment
        self._receptors: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Mesh:
        try:
            self._set_up()
            for node in NODES:
                self.start(node)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        for node in ('operator', *NODES):
            self.kill(node)

    def _set_up(self) -> None:
        self.operator.mkdir(parents=True)
        self.run(self.guide.commands['Set up'][0])
        for node in NODES:
            for part in ('etc/receptor', 'run/receptor', 'var/receptor'):
                (self.folder / node / part).mkdir(parents=True)
            for file in ('ca.crt', f'{node}.crt', f'{node}.key'):
                shutil.copy(self.operator / file, self.folder / node / 'etc/receptor')
        for (file, node_named), text in self.guide.files.items():
            if node_named is None:
                path = self.operator / file
                path.write_text(self._adapted(text))
                path.chmod(0o755)
        for node in NODES:
            self._config(node).write_text(self._adapted(self._configuration(node), node))

    def _configuration(self, node: str) -> str:
        of = {node_named: text for (_file, node_named), text in self.guide.files.items()}
        return of.get(node) or of['east'].replace('east', node)

    def _config(self, node: str) -> Path:
        return self.folder / node / 'etc/receptor/receptor.conf'

    def _adapted(self, text: str, node: str = 'control') -> str:
        """The guide's text with this mesh's addresses and folders."""
        for theirs, ours in {
                '/var/lib/netdrive': f'{self.folder}/$worker/var/netdrive',
                '/var/lib/receptor': f'{self.folder}/{node}/var/receptor',
                '/etc/receptor': f'{self.folder}/{node}/etc/receptor',
                '/run/receptor': f'{self.folder}/{node}/run/receptor',
                '0.0.0.0': '127.0.0.1', 'control.example:27199': f'127.0.0.1:{self.port}', '27199': str(self.port),
                'dnsname=$node.example': 'ipaddress=127.0.0.1'}.items():
            text = text.replace(theirs, ours)
        return text

    def _marked(self, node: str) -> dict[str, str]:
        home = self.folder / node / 'home'
        home.mkdir(parents=True, exist_ok=True)
        return {**self._environment, **(self._of_workers if node in WORKERS else {}),
                'HOME': str(home), _MARK: str(self.folder / node)}

    def start(self, node: str) -> None:
        """Start a node unless it runs; returns when it is part of the mesh."""
        if node in self._receptors:
            return
        with open(self.folder / node / 'receptor.log', 'ab') as log:
            self._receptors[node] = subprocess.Popen(
                ['receptor', '--config', self._config(node)], cwd=self.folder / node, env=self._marked(node),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if node == 'control':
            wait_for(lambda: _answers(self.port), 'the control node')
        else:
            wait_for(lambda: not self.run(f'receptorctl ping {node} --count 1', check=False).returncode, node)

    def kill(self, node: str) -> None:
        """What a power failure does: nothing that the node has started goes on."""
        kill_marked(_MARK, str(self.folder / node))
        if receptor := self._receptors.pop(node, None):
            receptor.wait()

    def disk(self, worker: str) -> Path:
        """The folder where a worker keeps its slices."""
        return self.folder / worker / 'var/netdrive'

    def popen(self, commands: str) -> subprocess.Popen[str]:
        """Starts commands in bash, in the operator's folder on the control node."""
        return subprocess.Popen(
            ['bash', '-euc', self._adapted(commands)], cwd=self.operator, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**self._marked('operator'), 'RECEPTORCTL_SOCKET': self._socket})

    def run(self, commands: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs commands to their end. If they fail, that is an AssertionError, unless it is not to be checked."""
        process = self.popen(commands)
        output, dummy = process.communicate(timeout=600)
        assert not check or not process.returncode, output
        return subprocess.CompletedProcess(commands, process.returncode, output)

    @property
    def _socket(self) -> str:
        return str(self.folder / 'control/run/receptor/control.sock')


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(('127.0.0.1', port), timeout=1):
        return True
    return False
