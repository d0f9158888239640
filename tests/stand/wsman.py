# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""WS-Management's command shell: SOAP messages, shells, and the commands in them. As much of it as pywinrm and Ansible use."""

from __future__ import annotations

import asyncio
import base64
import logging
import re
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from xml.sax.saxutils import escape

from .execution import Command, Execution, Launch, Process

_MAX_STREAMS = 96 << 10  # bytes of output in one answer: in base64 they fit the 150 KiB that clients ask for
_RECEIVE_TIMEOUT = 20.0  # seconds, for a client that doesn't say

_SHELL = 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell'
_TRANSFER = 'http://schemas.xmlsoap.org/ws/2004/09/transfer'
_FAULT_ACTION = 'http://schemas.dmtf.org/wbem/wsman/1/wsman/fault'
_NAMESPACES = {
    's': 'http://www.w3.org/2003/05/soap-envelope',
    'a': 'http://schemas.xmlsoap.org/ws/2004/08/addressing',
    'w': 'http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd',
    'x': _TRANSFER,
    'rsp': _SHELL,
}
_XMLNS = ' '.join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())

_log = logging.getLogger(__name__)


class _Fault(Exception):
    """A SOAP fault, with the code that Windows gives it."""

    def __init__(self, code: int, subcode: str, reason: str, blame: str = 's:Sender') -> None:
        super().__init__(reason)
        self.code, self.subcode, self.reason, self.blame = code, subcode, reason, blame

    def body(self) -> str:
        reason = escape(self.reason)
        return (
            f'<s:Fault><s:Code><s:Value>{self.blame}</s:Value>'
            f'<s:Subcode><s:Value>{self.subcode}</s:Value></s:Subcode></s:Code>'
            f'<s:Reason><s:Text xml:lang="en-US">{reason}</s:Text></s:Reason>'
            '<s:Detail><f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"'
            f' Code="{self.code}" Machine="localhost"><f:Message>{reason}</f:Message></f:WSManFault></s:Detail>'
            '</s:Fault>')


class _Message:
    """A request that came to `address`. Raises SyntaxError, as ElementTree does, if it isn't XML as SOAP wants it."""

    def __init__(self, envelope: bytes, address: str) -> None:
        if b'<!DOCTYPE' in envelope:
            raise SyntaxError('SOAP allows no document type declaration')
        self._root = ET.fromstring(envelope)
        self.address = address
        self.id = self.text('s:Header/a:MessageID')
        self.action = self.text('s:Header/a:Action')
        self.shell_id = self.text('s:Header/w:SelectorSet/w:Selector[@Name="ShellId"]')

    def text(self, path: str) -> str:
        return self._root.findtext(path, '', _NAMESPACES)

    def all(self, path: str) -> list[ET.Element]:
        return self._root.findall(path, _NAMESPACES)

    def attribute(self, path: str, name: str) -> str:
        element = self._root.find(path, _NAMESPACES)
        return '' if element is None else element.get(name, '')

    @property
    def timeout(self) -> float:
        """The OperationTimeout, in seconds."""
        match = re.fullmatch(r'PT(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?', self.text('s:Header/w:OperationTimeout'))
        return 60 * int(match[1] or 0) + float(match[2] or 0) if match else _RECEIVE_TIMEOUT

    def answer(self, action: str, body: str) -> bytes:
        return (
            f'<s:Envelope xml:lang="en-US" {_XMLNS}><s:Header><a:Action>{escape(action)}</a:Action>'
            f'<a:MessageID>uuid:{_new_id()}</a:MessageID>'
            f'<a:To>{_NAMESPACES["a"]}/role/anonymous</a:To>'
            f'<a:RelatesTo>{escape(self.id)}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>').encode()


def _new_id() -> str:
    return str(uuid.uuid4()).upper()


@dataclass
class _Shell:
    """A shell: the place and the environment of its commands, and the commands by their id."""
    directory: str | None
    environment: dict[str, str]
    id: str = field(default_factory=_new_id)
    commands: dict[str, Execution] = field(default_factory=dict)
    requests: int = 0
    idle_timer: asyncio.TimerHandle | None = None

    def command(self, command_id: str) -> Execution:
        if command_id not in self.commands:
            raise _Fault(2150858843, 'w:InvalidSelectors', f'There is no command {command_id} in this shell.')
        return self.commands[command_id]


class Service:
    """The operations on shells and commands."""

    def __init__(self, launch: Launch, idle_timeout: float) -> None:
        self._launch = launch
        self._idle_timeout = idle_timeout
        self._shells: dict[str, _Shell] = {}
        self._operations = {
            f'{_SHELL}/Command': self._command,
            f'{_SHELL}/Send': self._send,
            f'{_SHELL}/Receive': self._receive,
            f'{_SHELL}/Signal': self._signal,
            f'{_TRANSFER}/Delete': self._delete,
        }

    async def answer(self, envelope: bytes, address: str) -> tuple[HTTPStatus, bytes]:
        """The HTTP status and the SOAP answer to a request that came to `address`."""
        try:
            message = _Message(envelope, address)
        except SyntaxError:
            return HTTPStatus.BAD_REQUEST, b''
        try:
            return HTTPStatus.OK, message.answer(f'{message.action}Response', await self._operate(message))
        except _Fault as error:
            fault = error
        except Exception as problem:  # pylint: disable=broad-exception-caught  # the client is to know
            _log.exception('%s failed', message.action)
            fault = _Fault(1359, 'w:InternalError', f'{type(problem).__name__}: {problem}', 's:Receiver')
        return HTTPStatus.INTERNAL_SERVER_ERROR, message.answer(_FAULT_ACTION, fault.body())

    async def close(self) -> None:
        while self._shells:
            await self._close(next(iter(self._shells.values())))

    async def _operate(self, message: _Message) -> str:
        if message.action == f'{_TRANSFER}/Create':
            return self._create(message)
        if message.action not in self._operations:
            raise _Fault(2150858753, 'a:ActionNotSupported', f'The action {message.action} is not supported.')
        if message.shell_id not in self._shells:
            raise _Fault(2150858843, 'w:InvalidSelectors', f'The shell {message.shell_id} was not found on the server.')
        shell = self._shells[message.shell_id]
        with self._in_use(shell):
            return await self._operations[message.action](shell, message)

    @contextmanager
    def _in_use(self, shell: _Shell) -> Iterator[None]:
        """A shell that has no request for too long is closed."""
        shell.requests += 1
        if shell.idle_timer:
            shell.idle_timer.cancel()
        try:
            yield
        finally:
            shell.requests -= 1
            if not shell.requests and shell.id in self._shells:
                loop = asyncio.get_running_loop()
                shell.idle_timer = loop.call_later(self._idle_timeout, self._abandon, shell)

    def _create(self, message: _Message) -> str:
        variables = message.all('s:Body/rsp:Shell/rsp:Environment/rsp:Variable')
        shell = _Shell(
            directory=message.text('s:Body/rsp:Shell/rsp:WorkingDirectory') or None,
            environment={variable.get('Name', ''): variable.text or '' for variable in variables})
        self._shells[shell.id] = shell
        with self._in_use(shell):
            return (
                f'<x:ResourceCreated><a:Address>{_NAMESPACES["a"]}/role/anonymous</a:Address>'
                f'<a:ReferenceParameters><w:ResourceURI>{_SHELL}/cmd</w:ResourceURI><w:SelectorSet>'
                f'<w:Selector Name="ShellId">{shell.id}</w:Selector></w:SelectorSet></a:ReferenceParameters>'
                f'</x:ResourceCreated><rsp:Shell><rsp:ShellId>{shell.id}</rsp:ShellId></rsp:Shell>')

    async def _command(self, shell: _Shell, message: _Message) -> str:
        command = Command(
            executable=message.text('s:Body/rsp:CommandLine/rsp:Command'),
            arguments=tuple(part.text or '' for part in message.all('s:Body/rsp:CommandLine/rsp:Arguments')),
            directory=shell.directory, environment=shell.environment, mark=_new_id(), address=message.address)
        started = self._launch(command)
        execution = started if isinstance(started, Execution) else Process(started, command.mark)
        shell.commands[command.mark] = execution
        return f'<rsp:CommandResponse><rsp:CommandId>{command.mark}</rsp:CommandId></rsp:CommandResponse>'

    async def _send(self, shell: _Shell, message: _Message) -> str:
        for stream in message.all('s:Body/rsp:Send/rsp:Stream'):
            execution = shell.command(stream.get('CommandId', ''))
            try:
                execution.write(base64.b64decode(stream.text or ''), stream.get('End', '').lower() == 'true')
            except BrokenPipeError:
                raise _Fault(109, 'w:InternalError', 'The pipe has been ended.', 's:Receiver') from None
        return '<rsp:SendResponse/>'

    async def _receive(self, shell: _Shell, message: _Message) -> str:
        command_id = message.attribute('s:Body/rsp:Receive/rsp:DesiredStream', 'CommandId')
        execution = shell.command(command_id)
        try:
            async with asyncio.timeout(message.timeout):
                output = await execution.read(_MAX_STREAMS)
        except TimeoutError:
            raise _Fault(2150858793, 'w:TimedOut', 'The operation timed out.', 's:Receiver') from None
        except asyncio.CancelledError:  # nobody waits for it any more
            execution.kill()
            raise
        streams = ''.join(
            f'<rsp:Stream Name="{name}" CommandId="{command_id}">{base64.b64encode(data).decode()}</rsp:Stream>'
            for name, data in (('stdout', output.stdout), ('stderr', output.stderr)) if data)
        state, exit_code = 'Running', ''
        if output.exit_code is not None:
            state, exit_code = 'Done', f'<rsp:ExitCode>{output.exit_code}</rsp:ExitCode>'
        return (
            f'<rsp:ReceiveResponse>{streams}<rsp:CommandState CommandId="{command_id}"'
            f' State="{_SHELL}/CommandState/{state}">{exit_code}</rsp:CommandState></rsp:ReceiveResponse>')

    async def _signal(self, shell: _Shell, message: _Message) -> str:
        command_id = message.attribute('s:Body/rsp:Signal', 'CommandId')
        execution = shell.command(command_id)
        code = message.text('s:Body/rsp:Signal/rsp:Code').removeprefix(f'{_SHELL}/signal/')
        if code == 'terminate':
            del shell.commands[command_id]
            await _end(execution)
        elif code == 'ctrl_c':  # after which the client may still receive
            execution.kill()
        else:
            raise _Fault(87, 'w:InvalidParameter', f'The signal {code} is not supported.')
        return '<rsp:SignalResponse/>'

    async def _delete(self, shell: _Shell, _message: _Message) -> str:
        await self._close(shell)
        return ''

    async def _close(self, shell: _Shell) -> None:
        self._abandon(shell)
        for execution in shell.commands.values():
            await _end(execution)

    def _abandon(self, shell: _Shell) -> None:
        self._shells.pop(shell.id, None)
        if shell.idle_timer:
            shell.idle_timer.cancel()
        for execution in shell.commands.values():
            execution.kill()


async def _end(execution: Execution) -> None:
    execution.kill()
    while (await execution.read(_MAX_STREAMS)).exit_code is None:
        pass
