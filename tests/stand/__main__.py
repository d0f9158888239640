# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The command line of the stand: `up` runs a target, the other commands talk to it through a socket file."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from .control import Control, ask
from .target import Target


def main() -> None:
    options = _parser().parse_args()
    try:
        options.run(options)
    except (OSError, RuntimeError, ValueError) as error:
        sys.exit(f'stand: {error}')


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument('--socket', type=Path, default=os.environ.get('STAND_SOCKET'),
                        help='socket file of the running target (default: STAND_SOCKET of the environment)')
    parser = argparse.ArgumentParser(prog='python3 -m tests.stand', description='A Windows target that runs anywhere.')
    commands = parser.add_subparsers(required=True)

    def command(name: str, run: Callable[[argparse.Namespace], None], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, parents=[common], help=text, description=text)
        added.set_defaults(run=run)
        return added

    up = command('up', _up, 'run a target until it is told to end, and print how to reach it')
    up.add_argument('--address', default='127.0.0.1', help='address to listen on (default: %(default)s)')
    up.add_argument('--port', type=int, default=0, help='port to listen on (default: any)')
    up.add_argument('--set', metavar='FILE', help='set the target up as by the command set')
    set_ = command('set', lambda options: _ask(options, 'set', _read_json(options.file)),
                   'make the target have these users and connections, and no others')
    set_.add_argument('file', metavar='FILE', help='JSON, - for standard input')
    state = command('state', _state, "print the target's users and connections as JSON")
    state.add_argument('--table', action='store_true', help='print a table instead')
    command('reset', lambda options: _ask(options, 'reset'), 'remove all users and connections')
    command('calls', _calls, "print the network provider's calls, one JSON line each")
    return parser


def _up(options: argparse.Namespace) -> None:
    description = _read_json(options.set) if options.set else {}
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends it as SIGINT does
    with suppress(KeyboardInterrupt), Target(address=options.address, port=options.port, ssh=True) as target:
        target.set(description)
        with Control(options.socket or target.folder / 'control', target) as control:
            print(json.dumps({'address': target.address, 'port': target.port, 'username': target.username,
                              'password': target.password, 'ssh_port': target.ssh.port, 'ssh_key': str(target.ssh.key),
                              'known_hosts': str(target.ssh.known_hosts), 'socket': str(control.server_address)}), flush=True)
            threading.Event().wait()


def _state(options: argparse.Namespace) -> None:
    state = _ask(options, 'state')
    print(table(state) if options.table else json.dumps(state, indent=2, ensure_ascii=False))


def _calls(options: argparse.Namespace) -> None:
    for call in _ask(options, 'calls'):
        print(json.dumps(call, ensure_ascii=False))


def table(state: dict[str, Any]) -> str:
    """A target's state as text, one connection a line."""
    rows: list[tuple[str, ...]] = [('User', 'Name', 'Remote', 'Connected', 'Remembered')]
    for user in state['users']:
        for connection in user['connections']:
            rows.append((user['name'] or 'this one', connection['name'] or '-', connection['remote'],
                         'yes' if connection['connected'] else 'no', 'yes' if connection['persistent'] else 'no'))
    if len(rows) == 1:
        return 'No connections.'
    widths = [max(map(len, column)) for column in zip(*rows)]
    rows.insert(1, tuple('-' * width for width in widths))
    return '\n'.join('  '.join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def _read_json(file: str) -> Any:
    text = sys.stdin.read() if file == '-' else Path(file).read_text(encoding='utf-8')
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f'{file}: {error}') from None


def _ask(options: argparse.Namespace, command: str, argument: Any = None) -> Any:
    if not options.socket:
        raise ValueError('which target? Give its --socket or set STAND_SOCKET')
    return ask(options.socket, command, argument)


if __name__ == '__main__':
    main()
