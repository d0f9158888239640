# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`./dev demo`: a small fleet loses a file server. Everything shown is real but Windows itself (docs/stand.md)."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ansible_collections.netdrive.windows.plugins.plugin_utils import records
from ansible_collections.netdrive.windows.plugins.plugin_utils.report import advice

from tests.integration import ansible
from tests.integration.machines import connection as mapped
from tests.stand.__main__ import table
from tests.stand.target import Target

NOBODY_THERE = ('127.0.0.14', 5985)


def user(name: str, number: int, *connections: dict[str, Any], signed_in: bool = True) -> dict[str, Any]:
    return {'name': f'CORP\\{name}', 'sid': f'S-1-5-21-1004336348-1177238915-682003330-{number}',
            'signed_in': signed_in, 'connections': connections}


FLEET = {
    'pc-01': [
        user('anna', 1104, mapped('H:', r'\\oldfs\home\anna'), mapped('P:', r'\\oldfs\projects'), mapped('S:', r'\\fs1\sales')),
        user('bela', 1105, mapped('H:', r'\\oldfs\home\bela'), mapped('K:', r'\\fs1\kundendienst für alle')),
    ],
    'pc-02': [
        user('chloe', 1106, mapped('H:', r'\\oldfs\home\chloe', open_files=True), mapped('P:', r'\\OLDFS.corp.example\projects'),
             mapped('S:', r'\\fs1\sales')),
    ],
    'pc-03': [
        user('dmitri', 1107, mapped('LPT1:', r'\\oldfs\laser', type='print'), mapped(None, r'\\oldfs\IPC$'),
             mapped('LPT2:', r'\\print1\colour', type='print')),
        user('emi', 1108, mapped('H:', r'\\oldfs\home\emi', connected=False), mapped('S:', r'\\fs1\sales', connected=False),
             signed_in=False),
    ],
}


BOLD, DIM, GREEN, RED, YELLOW = '1', '2', '32', '31', '33'
COLOURS = {'clean': GREEN, 'in_use': YELLOW, 'unreachable': YELLOW}


def styled(style: str, text: str) -> str:
    return f'\033[{style}m{text}\033[0m' if sys.stdout.isatty() else text


def heading(text: str) -> None:
    print('\n' + styled(BOLD, text) + '\n', flush=True)


NAMES = {user['sid']: user['name'] for users in FLEET.values() for user in users}  # Wine does not know who is signed out


def whose(connection: records.Connection) -> str:
    """Whose connection: "anna's H:"."""
    user = NAMES[connection.sid].rpartition('\\')[2]
    return f"{user}'s {connection.name or connection.remote}"


def summary(record: records.Record) -> str:
    """What happened to a machine, in a line."""
    if record.status == 'unreachable':
        return advice.for_unreachable(record.message or '', record.host).title
    would = 'would be ' if record.check_mode else ''
    outcomes: dict[str, list[str]] = {}
    for connection in record.connections:
        outcome = would + connection.action if connection.action else 'stays'
        why = f' ({connection.error.message})' if connection.error else ''
        outcomes.setdefault(outcome, []).append(whose(connection) + why)
    return '; '.join(f"{outcome}: {', '.join(which)}" for outcome, which in outcomes.items()) or 'nothing to do'


class Demo:
    """A folder with an inventory, the options of the clean-up, and what comes of it."""

    def __init__(self, folder: Path, fleet: dict[str, Target]) -> None:
        self._folder, self._steps = folder, 0
        self.reports = folder / 'report'
        (folder / 'inventory.yml').write_text(ansible.inventory({**fleet, 'pc-04': NOBODY_THERE}))
        (folder / 'oldfs.yml').write_text(json.dumps({  # JSON is YAML
            'cleanup_remote': [r'\\oldfs', r'\\oldfs.corp.example'], 'cleanup_report_dir': str(self.reports),
            'cleanup_batches': ['100%'], 'cleanup_max_failures': 100}, indent=2))

    def step(self, title: str, playbook: str, *arguments: str) -> int:
        """Run a playbook; say of each machine what happened to it, as soon as that is on record. Returns the exit code."""
        self._steps += 1
        started = time.monotonic()
        heading(f'{self._steps}. {title}')
        command = ['ansible-playbook', playbook, '--inventory', 'inventory.yml', '--extra-vars', '@oldfs.yml', *arguments]
        print(styled(DIM, '$ ' + shlex.join(command)), flush=True)
        log, seen = self._folder / f'{self._steps}.log', set(self._records())
        with open(log, 'wb') as output:
            process = subprocess.Popen(command, cwd=self._folder, env=ansible.environment(), stdin=subprocess.DEVNULL,
                                       stdout=output, stderr=subprocess.STDOUT)
        running = True
        while running:
            running = process.poll() is None  # what is on record now was written before it ended
            for path in sorted(set(self._records()) - seen):
                seen.add(path)
                record = records.read(records.Record, path)
                line = f'  {record.host}  {styled(COLOURS.get(record.status, RED), record.status.ljust(11))}  {summary(record)}'
                print(line, flush=True)
            time.sleep(0.05)
        print(styled(DIM, f'  Took {time.monotonic() - started:.1f} s. All that Ansible said: {log}'), flush=True)
        return process.returncode

    def _records(self) -> Iterator[Path]:
        return self.reports.glob('records/*/*.json')


def main() -> None:
    """Start the machines, retire the server three times, put back what one user lost, show what is there then."""
    started = time.monotonic()
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        def machine(number: int, users: list[dict[str, Any]]) -> Target:
            target = stack.enter_context(Target(address=f'127.0.0.{number}'))
            target.set({'users': users})
            return target

        def show() -> None:
            for name, state in zip(fleet, pool.map(Target.state, fleet.values())):
                print(f'{name}:\n  ' + table(state).replace('\n', '\n  ') + '\n', flush=True)

        fleet = dict(zip(FLEET, pool.map(machine, range(11, 11 + len(FLEET)), FLEET.values())))
        heading(f'Three machines, up after {time.monotonic() - started:.1f} s, and pc-04, which is switched off. '
                r'The file server \\oldfs is to be retired.')
        show()
        demo = Demo(Path(os.environ['DEMO_FOLDER']), fleet)
        demo.step('In check mode: what would go?', 'netdrive.windows.cleanup', '--check')
        demo.step('For real. On pc-02, files are open.', 'netdrive.windows.cleanup')
        code = demo.step('Again, where something is left, with force: the open files go as well.', 'netdrive.windows.cleanup',
                         '--extra-vars', 'cleanup_resume=true cleanup_force=true')
        demo.step('It was a mistake for anna: what she lost is put back.', 'netdrive.windows.restore',
                  '--extra-vars', json.dumps({'restore_users': [r'CORP\anna']}))
        heading('The machines now')
        show()
    print(f"The report: {demo.reports / 'report.html'}")
    print(f'The last run ended with exit code {code}, because pc-04 could not be reached.')
    sys.exit(0 if code else 'The last run should have failed: pc-04 is switched off.')


if __name__ == '__main__':
    main()
