# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the time of one task goes: a row of commands, each of which does one thing more than the one before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.benchmark import documents
from tests.benchmark.cases import BASELINE, CASES, MAPPED_DRIVE, Case, FleetPlay, Task
from tests.benchmark.measure import Measured, Series, Stage, command


@dataclass(frozen=True)
class Alone(Case):
    """Ansible without any target."""

    def run(self, stage: Stage) -> Measured:
        return command(['ansible-playbook', '--inventory', 'localhost,', '--connection', 'local',
                        _play_of_nothing(stage)], stage.folder)


def _play_of_nothing(stage: Stage) -> str:
    play = stage.folder / 'nothing.yml'
    play.write_text('[{"hosts": "all", "gather_facts": false, "tasks": [{"ansible.builtin.debug": {}}]}]')
    return play.name


STEPS: dict[str, Case] = {case.name: case for case in (
    Alone('ansible', 'Ansible itself: a play that does nothing'),
    FleetPlay('winrm', 'the payload and WinRM: a host that answers at once, without PowerShell', 1),
    Task('powershell', 'a PowerShell that starts and ends: raw', {'ansible.builtin.raw': 'exit 0'}),
    Task('wrapper', "Ansible's wrapper: a module without C#", {'bare': {}}),
    Task(BASELINE, 'the compile of Ansible.Basic: win_ping', {'ansible.windows.win_ping': {}}),
    Task('compile', 'the compile of our C#: mapped_drive that refuses its options', {MAPPED_DRIVE: {}},
         fails='It is not said what to take away'),
    CASES['nothing_to_do'],
    CASES['remove_26'],
)}


def _write(found: Mapping[str, Series]) -> list[Path]:
    """Puts the table into the documentation; gives what it wrote."""
    document = documents.ROOT / 'docs' / 'performance.md'
    documents.replace(document, {
        'machine': f'{documents.machine()} Medians of {len(found[BASELINE].runs)} rounds; a win_ping took {found[BASELINE].median:.1f} s.',
        'breakdown': table(found)})
    return [document]


def table(found: Mapping[str, Series]) -> str:
    """The steps as a table in Markdown: what each adds to the one before, and what it comes to."""
    baseline = found[BASELINE].median
    lines = ['| step | adds | comes to |', '|---|---:|---:|']
    before = 0.0
    for name, series in found.items():
        lines.append(f'| {STEPS[name].title} | {(series.median - before) / baseline:.2f} | {series.median / baseline:.2f} |')
        before = series.median
    return '\n'.join(lines)


PART = documents.Part('breakdown', STEPS, _write, text=table)
