# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A WinRM endpoint that pywinrm and Ansible's winrm connection talk to.

Three layers, each of which knows only the one below it:

    winrm        addresses, HTTP, who may come in
    wsman        SOAP messages, shells, and the commands in them
    execution    one running command: a process of this machine, unless the caller brings something else

All of it runs on a thread of its own, on one asyncio loop: nothing needs a lock, and nothing may block.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import ipaddress
import socket
import threading
import typing
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from .execution import Launch
from .wsman import Service

_MAX_ENVELOPE = 500 << 10  # bytes: what Windows accepts unless told otherwise


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

    def __init__(self, service: Service, authorization: bytes, connections: set[_Connection]) -> None:
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
    `addresses` are of loopback. All are listened on, with the same port; that costs a file descriptor each, and no thread.
    `port` 0 takes a free one; `port` then says which.
    `idle_timeout`: seconds without a request after which a shell is closed and its commands are ended.

    Raises ValueError if an address isn't loopback or the credentials aren't ASCII; start() raises OSError if it can't
    listen.
    """

    def __init__(self, launch: Launch, *, username: str, password: str, addresses: Sequence[str] = ('127.0.0.1',), port: int = 0,
                 idle_timeout: float = 60.0) -> None:
        if not all(ipaddress.IPv4Address(address).is_loopback for address in addresses):
            raise ValueError(f'not all of these are loopback: {addresses}')
        self._addresses = addresses
        self.port = port
        self._authorization = b'Basic ' + base64.b64encode(f'{username}:{password}'.encode('ascii'))
        self._service = Service(launch, idle_timeout)
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
        thread = threading.Thread(target=loop.run_forever, name=f'winrm {self._addresses[0]}', daemon=True)
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
            for address in self._addresses:
                listeners.append(socket.create_server((address, self.port), backlog=128))
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
