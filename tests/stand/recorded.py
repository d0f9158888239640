# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A fleet for scale: as many hosts as there are loopback addresses, which answer with what a real target printed.

`./dev shell python3 -m tests.stand.recorded` makes the recording, recorded.json, on the stand.
"""

from __future__ import annotations

import asyncio
import base64
import gzip
import ipaddress
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .execution import Command, Execution, Output, Process
from .target import Launcher, Target
from .winrm import Endpoint

RECORDING = Path(__file__).with_name('recorded.json')
_PAYLOAD_PARTS = b'\n\0\0\0\0\n'  # between what starts PowerShell's side and what that is to run
_ACTIONS = b'"actions":'  # in a text of JSON the quotes would be escaped
_MODULES: dict[str, tuple[str, dict[str, Any]]] = {
    'mapped_drive': ('netdrive.windows.mapped_drive', {'remote': [r'\\oldfs'], 'users': ['all'], 'signed_out': True}),
    'mapped_drive_restore': ('netdrive.windows.mapped_drive_restore', {}),
    'win_ping': ('ansible.windows.win_ping', {'data': 'pong'}),
}
"""By what is recorded, the module and its options; what is put back is all that mapped_drive took away."""


SITUATIONS: dict[str, list[dict[str, Any]]] = {
    'nothing': [],
    'three': [{'name': 'H:', 'remote': r'\\oldfs\home', 'connected': True, 'persistent': True},
              {'name': 'P:', 'remote': r'\\oldfs\projects', 'connected': True, 'persistent': False},
              {'name': 'S:', 'remote': r'\\oldfs\scans', 'connected': False, 'persistent': True}],
    'open files': [{'name': 'H:', 'remote': r'\\oldfs\home', 'connected': True, 'persistent': True},
                   {'name': 'P:', 'remote': r'\\oldfs\projects', 'connected': True, 'open_files': True}],
}
"""By name, the connections of a machine that `mapped_drive` with remote `\\\\oldfs` meets."""


class Fleet:
    """Machines `pc0001`, `pc0002`, … on loopback, all at one port.

    `situation` says by its number from 1 on how a machine is, `delay` how many seconds a module takes, `slow` on which others how many.
    `change` may make another of what it prints. `calls` counts the modules that were run, by machine and module.
    """
    username, password = 'recorded', 'recorded'

    def __init__(self, machines: int, *, situation: Callable[[int], str] = lambda number: 'three',
                 delay: float = 0.0, network: str = '127.1.0.0/22') -> None:
        addresses = [str(host) for host in ipaddress.IPv4Network(network).hosts()][:machines]
        if len(addresses) < machines:
            raise ValueError(f'{network} has no {machines} addresses')
        self.hosts = {f'pc{number:04}': address for number, address in enumerate(addresses, 1)}
        self._numbers = {address: number for number, address in enumerate(addresses, 1)}
        self.situation, self.delay, self.slow = situation, delay, dict[int, float]()
        self.change: Callable[[int, str], str] = lambda number, printed: printed
        self.calls: dict[tuple[str, str], int] = {}
        self._answers: dict[str, dict[str, str]] = json.loads(RECORDING.read_text(encoding='utf-8'))
        self._endpoint = Endpoint(self._launch, username=self.username, password=self.password, addresses=addresses)

    def __enter__(self) -> Fleet:
        self._endpoint.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._endpoint.stop()

    @property
    def port(self) -> int:
        """Where the whole fleet listens."""
        return self._endpoint.port

    def _launch(self, command: Command) -> Execution:
        number = self._numbers[command.address]

        def answer(payload: bytes | bytearray) -> str:
            module, check = _asked(payload)
            key = (f'pc{number:04}', module)
            self.calls[key] = self.calls.get(key, 0) + 1
            situation = 'nothing' if module == 'win_ping' else self.situation(number)
            return self.change(number, self._answers[situation][f'{module} --check' if check else module])
        return _Replay(answer, self.slow.get(number, self.delay))


def _asked(payload: bytes | bytearray) -> tuple[str, bool]:
    """The module that a payload is to run, whether or not it looks for sources, and whether in check mode.

    Of nearly a megabyte only the end is parsed: each copy of it costs as much as the rest of an answer.
    """
    end_of_start = payload.index(_PAYLOAD_PARTS)
    if json.loads(payload[:end_of_start])['params'].get('DecompressInput'):
        payload = gzip.decompress(base64.b64decode(payload[end_of_start + len(_PAYLOAD_PARTS):]))
    actions = payload[payload.rindex(_ACTIONS) + len(_ACTIONS):].decode()
    action = json.JSONDecoder().raw_decode(actions.lstrip())[0][-1]['params']
    if 'ArgumentJSON' in action:  # ansible-core 2.22, which may compress as well
        arguments = json.loads(action['ArgumentJSON'])
    else:
        arguments = next(one['Value'] for one in action['Variables'] if one['Name'] == 'complex_args')
    module = action['Script'].removesuffix('.ps1').rpartition('.')[2]
    return module.removesuffix('_with_sources'), arguments['_ansible_check_mode']


class _Replay(Execution):
    """A command that takes all its input, waits, and prints one answer."""

    def __init__(self, answer: Callable[[bytes | bytearray], str], delay: float) -> None:
        self._answer, self._delay = answer, delay
        self._input = bytearray()
        self._ended = asyncio.Event()
        self._killed = False

    def write(self, data: bytes, end: bool) -> None:
        self._input += data
        if end:
            asyncio.get_running_loop().call_later(self._delay, self._ended.set)

    async def read(self, limit: int) -> Output:
        await self._ended.wait()
        if self._killed:
            return Output(b'', b'', 1)
        return Output(self._answer(self._input).encode(), b'', 0)

    def kill(self) -> None:
        self._killed = True
        self._ended.set()


class _Tape(Process):
    """A process whose standard output is kept."""

    def __init__(self, popen: Any, mark: str, tape: bytearray) -> None:
        super().__init__(popen, mark)
        self._tape = tape

    async def read(self, limit: int) -> Output:
        output = await super().read(limit)
        self._tape.extend(output.stdout)
        return output


def record() -> Mapping[str, Mapping[str, str]]:
    """What the modules print on a target of the stand: by situation, then by module."""
    from tests.integration import ansible  # pylint: disable=import-outside-toplevel  # which imports the stand

    tape = bytearray()
    with Target(winrm=False) as target:
        launcher = Launcher(target.prefix, target.agent.console())

        def launch(command: Command) -> Execution:
            return _Tape(launcher(command), command.mark, tape)

        def printed(connections: list[dict[str, Any]], module: str, check: bool) -> str:
            target.set({'connections': connections})
            name, options = _MODULES[module]
            with tempfile.TemporaryDirectory() as folder:
                if module == 'mapped_drive_restore':
                    taken = ansible.module(target, *_MODULES['mapped_drive'], Path(folder))
                    options = {'connections': taken['connections']}
                tape.clear()
                ansible.module(target, name, options, Path(folder), check=check)
            return tape.decode()

        with Endpoint(launch, username=target.username, password=target.password) as endpoint:
            target.port = endpoint.port
            return {situation: {module + (' --check' if check else ''): printed(connections, module, check)
                                for module in _MODULES for check in (False, True)}
                    for situation, connections in SITUATIONS.items()}


if __name__ == '__main__':
    RECORDING.write_text(json.dumps(record(), indent=1) + '\n', encoding='utf-8')
