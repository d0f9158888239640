# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A WinRM endpoint that pywinrm, pypsrp and Ansible's connections winrm and psrp talk to.

Layers, each of which knows only those below it:

    winrm        addresses, HTTP, who may come in
    winrs, psrp  the two kinds of shells, and what runs in them
    wsman        SOAP messages, and shells as such
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
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial

from aiohttp import web

from . import psrp, winrs
from .execution import Launch
from .wsman import Service

_MAX_ENVELOPE = 500 << 10  # bytes: what Windows accepts unless told otherwise
_GRACE = 0.05  # seconds for requests that can still be answered when the endpoint stops


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
        self._launch, self._idle_timeout = launch, idle_timeout
        self._running: tuple[threading.Thread, Callable[[], object]] | None = None

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
        ready: Future[Callable[[], object]] = Future()
        thread = threading.Thread(target=lambda: asyncio.run(self._serve(listeners, ready)), name=f'winrm {self._addresses[0]}',
                                  daemon=True)
        thread.start()
        self._running = thread, ready.result()

    def stop(self) -> None:
        """Stop serving, and end every command. Does nothing if it isn't started."""
        if self._running:
            thread, end = self._running
            end()
            thread.join()
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

    async def _serve(self, listeners: Sequence[socket.socket], ready: Future[Callable[[], object]]) -> None:
        """Serve until what `ready` gets is called."""
        service = Service({winrs.RESOURCE: partial(winrs.CommandShell, self._launch),
                           psrp.RESOURCE: partial(psrp.RunspacePool, self._launch)}, self._idle_timeout)
        server = web.Server(partial(self._respond, service), handler_cancellation=True, lingering_time=0, access_log=None)
        loop, end = asyncio.get_running_loop(), asyncio.Event()
        listening = [await loop.create_server(server, sock=listener) for listener in listeners]
        ready.set_result(partial(loop.call_soon_threadsafe, end.set))
        await end.wait()
        for listener in listeners:
            loop.remove_reader(listener)
        for dummy in range(3):  # a connection is made in as many steps; one that is half made would be left over
            await asyncio.sleep(0)
        for each in listening:
            each.close()
        await server.shutdown(_GRACE)
        await service.close()

    async def _respond(self, service: Service, request: web.BaseRequest) -> web.Response:
        if request.method != 'POST' or request.content_length is None or request.content_length > _MAX_ENVELOPE:
            refusal = web.Response(status=400)
            refusal.force_close()  # whatever else comes of it, is not read
            return refusal
        if not hmac.compare_digest(request.headers.get('Authorization', '').encode(), self._authorization):
            return web.Response(status=401, headers={'WWW-Authenticate': 'Basic realm="WSMAN"'})
        if request.path != '/wsman':
            return web.Response(status=404)
        assert request.transport
        status, body = await service.answer(await request.read(), request.transport.get_extra_info('sockname')[0])
        return web.Response(status=status, body=body, content_type='application/soap+xml', charset='UTF-8')
