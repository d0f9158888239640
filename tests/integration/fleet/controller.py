# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An operator's folder: an inventory, the playbook, and what comes of it."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.netdrive.windows.plugins.plugin_utils import records, report
from ansible_collections.netdrive.windows.plugins.plugin_utils.archive import Archive

from tests.integration import ansible
from tests.integration.waiting import wait_for
from tests.stand.addresses import NOBODY
from tests.stand.execution import marked
from tests.stand.recorded import Fleet

REMOTE: dict[str, Any] = {'cleanup_remote': [r'\\oldfs']}
_RECAP = re.compile(r'^(?P<host>\S+) +: (?P<counts>(?:\w+=\d+ *)+)$', re.MULTILINE)


@dataclass(frozen=True)
class Done:
    """What a command of Ansible left on the terminal."""
    returncode: int
    output: str

    @property
    def one_line(self) -> str:
        """The output without its line breaks, which Ansible puts anywhere into what is long."""
        return self.output.replace('\n', ' ')

    @property
    def recap(self) -> dict[str, dict[str, int]]:
        """The counts of PLAY RECAP that are not zero, by host."""
        return {match['host']: {name: int(count) for name, count in re.findall(r'(\w+)=(\d+)', match['counts'])
                                if count != '0'} for match in _RECAP.finditer(self.output)}

    def hosts(self, count: str) -> set[str]:
        """The hosts that have this count in the recap."""
        return {host for host, counts in self.recap.items() if count in counts}


class Controller:
    """Runs Ansible in a folder; `reports` is where the records and the report are."""

    def __init__(self, folder: Path, inventory: str, reports: Path | None = None) -> None:
        self.folder, self.reports = folder, reports or folder / 'reports'
        (folder / 'inventory.yml').write_text(inventory)

    @classmethod
    def of_fleet(cls, folder: Path, fleet: Fleet) -> Controller:
        """The controller of a recorded fleet."""
        return cls(folder, json.dumps(fleet_inventory(fleet)))

    def change(self, host: str, **variables: Any) -> None:
        """Gives a host of the inventory variables of its own."""
        file = self.folder / 'inventory.yml'
        inventory = json.loads(file.read_text())
        inventory['all']['hosts'][host] |= variables
        file.write_text(json.dumps(inventory))

    def off(self, fleet: Fleet, *hosts: str) -> None:
        """Has nobody answer for these hosts of a recorded fleet, and all others again."""
        for host, address in fleet.hosts.items():
            there, port = NOBODY if host in hosts else (address, fleet.port)
            self.change(host, ansible_host=there, ansible_port=port)

    def command(self, *arguments: str, playbook: str = 'netdrive.windows.cleanup', **variables: Any) -> list[str]:
        """The command line of a clean-up with these variables."""
        given = {'cleanup_report_dir': str(self.reports), **variables}
        return ['ansible-playbook', playbook, '--inventory', 'inventory.yml', '--forks', '20',
                '--extra-vars', json.dumps(given), *arguments]

    def start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        """Starts a command in a process group of its own; the caller waits for it."""
        return subprocess.Popen(command, cwd=self.folder, env=ansible.environment(CONTROLLER=str(self.folder), **environment), text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)

    @property
    def busy(self) -> bool:
        """Whether a command runs, or a worker that outlives it."""
        return any(marked('CONTROLLER', str(self.folder)))

    def cut_off(self, process: subprocess.Popen[str], how: signal.Signals, when: int) -> Done:
        """Ends a run that was started, once so many records are in the directory, and waits for what outlives it."""
        wait_for(lambda: process.poll() is not None or len(list(self.reports.glob('records/*/*.json'))) >= when, f'{when} records')
        assert process.poll() is None, finish(process).output
        done = press(process, how)
        wait_for(lambda: not self.busy, 'its end')  # a worker outlives its killed parent for as long as its machine takes
        return done

    def clean_up(self, *arguments: str, playbook: str = 'netdrive.windows.cleanup', **variables: Any) -> Done:
        """Runs a clean-up to its end."""
        return finish(self.start(*self.command(*arguments, playbook=playbook, **variables)))

    @property
    def runs(self) -> set[str]:
        """The runs that have records in the report directory."""
        return {record.run for dummy, visits in Archive(self.reports).machines() for record in visits}

    @property
    def records(self) -> dict[str, records.Record]:
        """By machine, the record that says how it is."""
        machines = Archive(self.reports).standings()
        return {host: record for host, record in machines.items() if record}

    @property
    def statuses(self) -> dict[str, str]:
        """How each machine is, by its record."""
        return {host: record.status for host, record in self.records.items()}

    @property
    def summary(self) -> dict[str, Any]:
        """summary.json"""
        result: dict[str, Any] = json.loads((self.reports / 'summary.json').read_text())
        return result

    @property
    def machines(self) -> dict[str, int]:
        """The numbers of machines in summary.json that are not zero."""
        return {status: number for status, number in self.summary['machines'].items() if number}

    def rows(self) -> list[dict[str, str]]:
        """report.csv"""
        with open(self.reports / 'report.csv', encoding='utf-8-sig', newline='') as file:
            return list(csv.DictReader(file))

    def report(self) -> Mapping[str, Any]:
        """Writes the report as after a run that was cut off; returns its numbers."""
        return report.write_report(self.reports).summary


def fleet_inventory(fleet: Fleet) -> dict[str, Any]:
    """An inventory of recorded hosts."""
    hosts = {name: {'ansible_host': address} for name, address in fleet.hosts.items()}
    common = {'ansible_port': fleet.port, 'ansible_user': fleet.username, 'ansible_password': fleet.password}
    return {'all': {'hosts': hosts, 'vars': ansible.TRANSPORTS['winrm'] | common}}


def finish(process: subprocess.Popen[str], seconds: float = 600) -> Done:
    """Waits for a command's end. Raises TimeoutExpired after so many seconds, and can be asked again."""
    output, dummy = process.communicate(timeout=seconds)
    return Done(process.returncode, output)


def press(process: subprocess.Popen[str], how: signal.Signals) -> Done:
    """Ends a run as people do, who press Ctrl-C again: one that comes while Python forks is lost."""
    for dummy in range(10):
        os.killpg(process.pid, how)
        try:
            return finish(process, seconds=30)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError('ansible-playbook does not end')


def breaks(fleet: Fleet, *numbers: int) -> None:
    """Has these machines of a recorded fleet fail, and the others lose three connections."""
    fleet.situation = lambda number: 'open files' if number in numbers else 'three'
    fleet.change = lambda number, printed: printed.replace('2401', '5').replace('ERROR_OPEN_FILES', 'ERROR_ACCESS_DENIED')


def tried(fleet: Fleet, what: str = 'mapped_drive') -> Counter[str]:
    """How often each machine of a recorded fleet was cleaned up, or had another module."""
    return Counter({host: count for (host, module), count in fleet.calls.items() if module == what})
