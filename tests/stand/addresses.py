# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Addresses of loopback: where nobody listens, where nobody answers, where there is room for a server."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

NOBODY = ('127.0.0.1', 9)  # the port of a service that nobody runs


@contextmanager
def silent_host() -> Iterator[tuple[str, int]]:
    """Where a host is that never answers: a listener that has as many callers waiting as it may have."""
    with ExitStack() as sockets:
        address: tuple[str, int] = sockets.enter_context(socket.create_server(('127.6.1.1', 0), backlog=0)).getsockname()
        for dummy in range(4):
            caller = sockets.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(address)
        yield address


def free_port(address: str = '127.0.0.1') -> int:
    with socket.create_server((address, 0)) as listener:
        return int(listener.getsockname()[1])
