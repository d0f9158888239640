# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A running target's socket file: other processes set the target up and read it back through it."""

from __future__ import annotations

import dataclasses
import json
import socket
import socketserver
import threading
from pathlib import Path
from typing import Any

from .target import Target


class Control(socketserver.ThreadingUnixStreamServer):
    """Answers one question a connection; both are a line of JSON."""
    daemon_threads = True

    def __init__(self, path: Path, target: Target) -> None:
        self.target = target
        super().__init__(str(path), _Conversation)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def server_close(self) -> None:
        self.shutdown()
        super().server_close()
        Path(str(self.server_address)).unlink()

    def answer(self, command: str, argument: Any) -> Any:
        """Carry out a command of the command line, and give what it prints."""
        match command:
            case 'set':
                return self.target.set(argument)
            case 'reset':
                return self.target.reset()
            case 'state':
                return self.target.state()
            case 'calls':
                return [dataclasses.asdict(call) for call in self.target.calls()]
        raise ValueError(f'unknown command {command!r}')


class _Conversation(socketserver.StreamRequestHandler):
    server: Control

    def handle(self) -> None:
        question = json.loads(self.rfile.readline())
        try:
            answer = {'result': self.server.answer(question['command'], question['argument'])}
        except Exception as error:  # pylint: disable=broad-exception-caught  # whatever it is, the client is to know
            answer = {'error': str(error)}
        self.wfile.write(json.dumps(answer).encode() + b'\n')


def ask(path: Path, command: str, argument: Any = None) -> Any:
    """What the target behind a socket file answers. Raises RuntimeError with its words when it can't."""
    with socket.socket(socket.AF_UNIX) as connection, connection.makefile('rwb') as lines:
        connection.connect(str(path))
        lines.write(json.dumps({'command': command, 'argument': argument}).encode() + b'\n')
        lines.flush()
        answer = json.loads(lines.readline() or b'{"error": "the target has ended"}')
    if 'error' in answer:
        raise RuntimeError(answer['error'])
    return answer['result']
