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
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.integration import ansible
from tests.stand.__main__ import table
from tests.stand.target import Target

NOBODY_THERE = ('127.0.0.14', 5985)


def mapped(name: str | None, remote: str, **more: Any) -> dict[str, Any]:
    return {'name': name, 'remote': remote, **more}


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


def heading(text: str) -> None:
    print(f'\n\033[1m{text}\033[0m\n', flush=True)


def show(fleet: dict[str, Target]) -> None:
    for name, target in fleet.items():
        print(f'{name}:')
        print('  ' + table(target.state()).replace('\n', '\n  '), flush=True)
        print()


def retire_oldfs(folder: Path, *more: str) -> int:
    variables = {'cleanup_remote': [r'\\oldfs', r'\\oldfs.corp.example'], 'cleanup_report_dir': str(folder / 'report'),
                 'cleanup_batches': ['100%'], 'cleanup_max_failures': 100}
    command = ['ansible-playbook', 'netdrive.windows.cleanup', '--inventory', str(folder / 'inventory.yml'),
               '--extra-vars', json.dumps(variables), *more]
    print('\033[2m$ ' + shlex.join(command) + '\033[0m', flush=True)
    environment = ansible.environment(ANSIBLE_CALLBACKS_ENABLED='netdrive.windows.cleanup_progress', ANSIBLE_FORCE_COLOR='1')
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode


def main() -> None:
    """Start the machines, retire the server three times, show what is left."""
    started = time.monotonic()
    folder = Path(os.environ['DEMO_FOLDER'])
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        addresses = {name: f'127.0.0.{number}' for number, name in enumerate(FLEET, start=11)}
        fleet = dict(zip(FLEET, pool.map(lambda name: Target(address=addresses[name]), FLEET)))
        for name, target in fleet.items():
            stack.enter_context(target)
            target.set({'users': FLEET[name]})
        (folder / 'inventory.yml').write_text(ansible.inventory({**fleet, 'pc-04': NOBODY_THERE}))

        heading(f'Three machines, up after {time.monotonic() - started:.1f} s, and pc-04, which is switched off. '
                r'The file server \\oldfs is to be retired.')
        show(fleet)
        heading('1. In check mode: what would go?')
        retire_oldfs(folder, '--check')
        heading('2. For real. On pc-02, files are open.')
        retire_oldfs(folder)
        heading('3. Again, with force: what is done is done, and the open files go as well.')
        code = retire_oldfs(folder, '--extra-vars', 'cleanup_force=true')
        heading('The machines now')
        show(fleet)
    print(f"The report: {folder / 'report' / 'report.html'}")
    print(f'The last run ended with exit code {code}, because pc-04 could not be reached.')
    sys.exit(0 if code else 'The last run should have failed: pc-04 is switched off.')


if __name__ == '__main__':
    main()
