# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A WinRM endpoint: as much of WS-Management's command shell as pywinrm and Ansible's winrm connection use.

Three layers, each of which knows only the one below it:

    Endpoint     addresses, HTTP, who may come in
    _Service     SOAP messages, shells, and the commands in them
    Execution    one running command: a process of this machine, unless the caller brings something else

All of it runs on a thread of its own, on one asyncio loop: nothing needs a lock, and nothing may block.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import ipaddress
import logging
import os
import re
import signal
import socket
import subprocess
import threading
import typing
import uuid
import xml.etree.ElementTree as ET
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from xml.sax.saxutils import escape

_PIPE = 1 << 20  # bytes: as much as a pipe can hold, so that one read empties it
_HELD_OUTPUT = 1 << 20  # bytes of a stream that are held for the client before the command has to wait
_MAX_ENVELOPE = 500 << 10  # bytes: what Windows accepts unless told otherwise
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


@dataclass(frozen=True)
class Command:
    """What a client asks to be run.

    `arguments` are as the client sent them: pywinrm joins all of them into one string.
    `environment` is what the client adds to the machine's own.
    `mark` is unique. A process gets it as the variable STAND_COMMAND, by which all its descendants can be found.
    `address` is the one the client came to, of those that the endpoint serves.
    """
    executable: str
    arguments: tuple[str, ...]
    directory: str | None
    environment: Mapping[str, str]
    mark: str
    address: str

    @property
    def line(self) -> str:
        """The command line, as cmd.exe would get it."""
        return ' '.join((self.executable, *self.arguments))


class Output(typing.NamedTuple):
    """A piece of a command's output; with `exit_code` it is the last one."""
    stdout: bytes
    stderr: bytes
    exit_code: int | None


class Execution(ABC):
    """A running command, as the endpoint needs it. Every call comes from the endpoint's loop; none may block."""

    @abstractmethod
    def write(self, data: bytes, end: bool) -> None:
        """Take input, the last of it if `end`. Raises BrokenPipeError if the command takes no more."""

    @abstractmethod
    async def read(self, limit: int) -> Output:
        """Wait for output or the end, and give at most `limit` bytes. After the end: the end, again and again."""

    @abstractmethod
    def kill(self) -> None:
        """End all of the command, if it hasn't been done. May be called at any time; read() then comes to the end."""


Launch = Callable[[Command], 'subprocess.Popen[bytes] | Execution']


class Process(Execution):
    """A command that is a process. Its input waits in memory, so that the client needn't; of its output, some does.

    It has ended when its first process has, whoever may still hold its pipes. Until kill() that process stays a
    zombie: its number is the process group's, and must not become another's.
    """

    def __init__(self, popen: subprocess.Popen[bytes], mark: str) -> None:
        assert popen.stdin and popen.stdout and popen.stderr
        self._popen, self._mark = popen, mark
        self._stdin, self._stdout, self._stderr = popen.stdin, popen.stdout, popen.stderr
        self._input, self._input_ended = bytearray(), False
        self._output = {self._stdout.fileno(): bytearray(), self._stderr.fileno(): bytearray()}
        self._paused: set[int] = set()
        self._changed = asyncio.Event()
        self._exit_code: int | None = None
        self._killed = False
        self._pidfd = os.pidfd_open(popen.pid)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._pidfd, self._exited)
        for fd in self._output:
            os.set_blocking(fd, False)
            self._loop.add_reader(fd, self._fill, fd)
        os.set_blocking(self._stdin.fileno(), False)

    def write(self, data: bytes, end: bool) -> None:
        if self._stdin.closed:
            raise BrokenPipeError
        self._input += data
        self._input_ended |= end
        self._pour()

    def _pour(self) -> None:
        self._loop.remove_writer(self._stdin)
        try:
            while self._input:
                del self._input[:os.write(self._stdin.fileno(), self._input[:64 << 10])]
        except BlockingIOError:
            self._loop.add_writer(self._stdin, self._pour)
            return
        except BrokenPipeError:
            self._input_ended = True
        if self._input_ended:
            self._stdin.close()

    def _fill(self, fd: int) -> None:
        try:
            data = os.read(fd, _PIPE)
        except BlockingIOError:
            return
        self._output[fd] += data
        if not data:
            self._loop.remove_reader(fd)
        elif len(self._output[fd]) >= _HELD_OUTPUT:
            self._loop.remove_reader(fd)
            self._paused.add(fd)
        self._changed.set()

    async def read(self, limit: int) -> Output:
        while self._exit_code is None and not any(self._output.values()):
            self._changed.clear()
            await self._changed.wait()
        pieces = []
        for held in self._output.values():
            pieces.append(bytes(held[:limit]))
            del held[:limit]
            limit -= len(pieces[-1])
        while self._paused:
            fd = self._paused.pop()
            self._loop.add_reader(fd, self._fill, fd)
        return Output(pieces[0], pieces[1], None if any(self._output.values()) else self._exit_code)

    def _exited(self) -> None:
        self._loop.remove_reader(self._pidfd)
        if not self._stdin.closed:
            self._loop.remove_writer(self._stdin)
            self._stdin.close()
        for fd in self._output:  # what it wrote last is in the pipes by now
            self._fill(fd)
            self._loop.remove_reader(fd)
        self._paused.clear()
        end = os.waitid(os.P_PID, self._popen.pid, os.WEXITED | os.WNOWAIT)
        assert end
        self._exit_code = end.si_status if end.si_code == os.CLD_EXITED else 128 + end.si_status
        self._changed.set()
        if self._killed:
            self._release()

    def kill(self) -> None:
        if self._killed:
            return
        self._killed = True
        os.killpg(self._popen.pid, signal.SIGKILL)
        _kill_marked(self._mark)
        if self._exit_code is not None:
            self._release()

    def _release(self) -> None:
        os.close(self._pidfd)
        self._stdout.close()
        self._stderr.close()
        self._popen.wait()


def _kill_marked(mark: str) -> None:
    """Kill every process with this mark. A killed one can't start another: all are found when no new one is."""
    killed: set[int] = set()
    while found := set(_marked(mark)) - killed:
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        killed |= found


def _marked(mark: str) -> Iterator[int]:
    entry = f'STAND_COMMAND={mark}'.encode()
    for name in filter(str.isdigit, os.listdir('/proc')):
        with suppress(OSError), open(f'/proc/{name}/environ', 'rb') as environment:
            if entry in environment.read().split(b'\0'):
                yield int(name)


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


class _Service:
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


class _Request(typing.NamedTuple):
    target: str
    headers: Mapping[str, str]
    body: bytes


def _take_request(received: bytearray) -> _Request | None:
    """Take the first HTTP request off what was received; None if it isn't all there yet, ValueError if it isn't one."""
    head_size = received.find(b'\r\n\r\n')
    if head_size < 0:
        if len(received) > _MAX_ENVELOPE:
            raise ValueError
        return None
    first, *lines = received[:head_size].decode('latin-1').split('\r\n')
    method, target, _version = first.split(' ')
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(':') for line in lines)}
    length = int(headers.get('content-length', -1))
    if method != 'POST' or not 0 <= length <= _MAX_ENVELOPE:
        raise ValueError
    start, end = head_size + 4, head_size + 4 + length
    if len(received) < end:
        return None
    body = bytes(received[start:end])
    del received[:end]
    return _Request(target, headers, body)


class _Connection(asyncio.Protocol):
    """A client's connection. It answers one request after the other, and drops the one at hand if the client goes."""
    _transport: asyncio.Transport

    def __init__(self, service: _Service, authorization: bytes, connections: set[_Connection]) -> None:
        self._service, self._authorization, self._connections = service, authorization, connections
        self._received = bytearray()
        self._answering: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = typing.cast(asyncio.Transport, transport)
        self._connections.add(self)

    def connection_lost(self, _error: Exception | None) -> None:
        self._connections.discard(self)
        if self._answering:
            self._answering.cancel()

    async def close(self) -> None:
        self._transport.abort()
        if self._answering:
            self._answering.cancel()
            await asyncio.wait([self._answering])

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._answering:
            self._next()

    def _next(self) -> None:
        try:
            request = _take_request(self._received)
        except ValueError:
            self._send(HTTPStatus.BAD_REQUEST, b'')
            self._transport.close()
        else:
            self._answering = asyncio.create_task(self._answer(request)) if request else None

    async def _answer(self, request: _Request) -> None:
        self._send(*await self._respond(request))
        self._next()

    async def _respond(self, request: _Request) -> tuple[HTTPStatus, bytes]:
        if not hmac.compare_digest(request.headers.get('authorization', '').encode(), self._authorization):
            return HTTPStatus.UNAUTHORIZED, b''
        if request.target != '/wsman':
            return HTTPStatus.NOT_FOUND, b''
        return await self._service.answer(request.body, self._transport.get_extra_info('sockname')[0])

    def _send(self, status: HTTPStatus, body: bytes) -> None:
        challenge = 'WWW-Authenticate: Basic realm="WSMAN"\r\n' if status == HTTPStatus.UNAUTHORIZED else ''
        self._transport.write(
            f'HTTP/1.1 {status} {status.phrase}\r\n{challenge}'
            'Content-Type: application/soap+xml;charset=UTF-8\r\n'
            f'Content-Length: {len(body)}\r\n\r\n'.encode() + body)


class Endpoint:
    """A WinRM endpoint over HTTP on loopback, with one user.

    `launch` starts a command: a process with three pipes in a session of its own (`start_new_session=True`) and with
    STAND_COMMAND in its environment, or an Execution of another kind. It is called on the endpoint's thread, which
    serves all clients: it should return soon. What it raises becomes a fault for the client.
    `address` is a loopback address, or a network of them (`127.1.0.0/22`): then each of its hosts is listened on, all
    with the same port; that costs a file descriptor each, and no thread.
    `port` 0 takes a free one; `port` then says which.
    `idle_timeout`: seconds without a request after which a shell is closed and its commands are ended.

    Raises ValueError if `address` isn't loopback or the credentials aren't ASCII; start() raises OSError if it can't
    listen.
    """

    def __init__(self, launch: Launch, *, username: str, password: str, address: str = '127.0.0.1', port: int = 0,
                 idle_timeout: float = 60.0) -> None:
        self._network = ipaddress.IPv4Network(address)
        if not (self._network.network_address.is_loopback and self._network.broadcast_address.is_loopback):
            raise ValueError(f'{address} is not loopback')
        self.address = address
        self.port = port
        self._authorization = b'Basic ' + base64.b64encode(f'{username}:{password}'.encode('ascii'))
        self._service = _Service(launch, idle_timeout)
        self._connections: set[_Connection] = set()
        self._servers: list[asyncio.Server] = []
        self._running: tuple[asyncio.AbstractEventLoop, threading.Thread] | None = None

    def __enter__(self) -> Endpoint:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen and serve, in the background."""
        if self._running:
            raise RuntimeError('the endpoint has been started')
        listeners = self._listen()
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name=f'winrm {self.address}', daemon=True)
        thread.start()
        self._running = loop, thread
        asyncio.run_coroutine_threadsafe(self._serve(listeners), loop).result()

    def stop(self) -> None:
        """Stop serving, and end every command. Does nothing if it isn't started."""
        if self._running:
            loop, thread = self._running
            asyncio.run_coroutine_threadsafe(self._close(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()
            self._running = None

    def _listen(self) -> list[socket.socket]:
        listeners: list[socket.socket] = []
        try:
            for host in self._network.hosts():
                listeners.append(socket.create_server((str(host), self.port), backlog=128))
                self.port = listeners[-1].getsockname()[1]
        except OSError:
            for listener in listeners:
                listener.close()
            raise
        return listeners

    async def _serve(self, listeners: list[socket.socket]) -> None:
        def connection() -> _Connection:
            return _Connection(self._service, self._authorization, self._connections)
        loop = asyncio.get_running_loop()
        self._servers = [await loop.create_server(connection, sock=listener) for listener in listeners]

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for connection in list(self._connections):
            await connection.close()
        await self._service.close()
