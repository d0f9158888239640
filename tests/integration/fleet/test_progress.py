# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Many machines in one run, and what the operator sees meanwhile. `./dev bench fleet_1000` has a thousand."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from tests.integration import ansible
from tests.integration.fleet.controller import REMOTE, Controller, Done, breaks, finish, tried
from tests.stand.addresses import NOBODY
from tests.stand.recorded import Fleet

PROGRESS = {'ANSIBLE_CALLBACKS_ENABLED': 'netdrive.windows.cleanup_progress', 'ANSIBLE_DISPLAY_OK_HOSTS': 'false'}


@pytest.mark.long
def test_many_machines_and_a_log_of_twenty_lines(tmp_path: Path) -> None:
    with Fleet(100) as fleet:
        breaks(fleet, 24, 49, 74, 99)
        controller = Controller.of_fleet(tmp_path, fleet)
        command = controller.command('--forks', '50', **REMOTE)
        done = finish(controller.start(*command, **PROGRESS))
        assert tried(fleet) == {host: 1 for host in fleet.hosts}
    assert controller.machines == {'total': 100, 'clean': 96, 'failed': 4}
    assert controller.summary['connections']['removed'] == 96 * 3 + 4
    assert len(done.hosts('failed')) == 4 and done.returncode == 2
    shown = re.findall(r'^ *(\d+) %: (\d+) of 100 machines, (\d+) connections removed, (\d+) failed, 0 unreachable, '
                       r'\d+ a minute, (?:\d+:\d+ left|took \d+:\d+)$', done.output, re.MULTILINE)
    assert [(int(percent), int(machines)) for percent, machines, *dummy in shown] == [(5 * n, 5 * n) for n in range(1, 21)]
    assert shown[-1][2:] == (str(96 * 3 + 4), '4')
    assert '\r' not in done.output and '\x1b' not in done.output
    assert '100 machines: 96 clean, 4 failed, 0 unreachable, 0 not yet run.' in done.output
    assert f'Report: {controller.reports}/report.html' in done.output


def test_progress_and_report_have_the_same_numbers(tmp_path: Path) -> None:
    """Of a dry run, and where something failed beside what was done."""
    with Fleet(2, network='127.5.0.0/29') as fleet:
        fleet.change = lambda _number, printed: printed.replace('"error":null', '"error":{"code":5,"message":"No."}', 1)
        controller = Controller.of_fleet(tmp_path, fleet)
        done = finish(controller.start(*controller.command('--check', **REMOTE), **PROGRESS))
    assert '100 %: 2 of 2 machines, 6 connections would be removed, 0 failed' in done.output, done.output
    assert '6 connections found, 6 match now and would be tried, 0 left.' in done.output
    assert controller.summary['errors'][0]['connections'] == 2


def test_no_log_hides_no_numbers(tmp_path: Path) -> None:
    with Fleet(3, network='127.5.1.0/29') as fleet:
        fleet.situation = lambda number: 'open files' if number == 3 else 'three'
        controller = Controller.of_fleet(tmp_path, fleet)
        controller.change('pc0002', ansible_host=NOBODY[0], ansible_port=NOBODY[1])
        done = finish(controller.start(*controller.command(**REMOTE), **PROGRESS, ANSIBLE_NO_LOG='true'))
    assert '100 %: 3 of 3 machines, 4 connections removed, 0 failed, 1 unreachable, 1 in use' in done.output, done.output


def on_a_terminal(controller: Controller, command: list[str], environment: dict[str, str]) -> Done:
    """Runs a command on a terminal of its own; the output is with the terminal's control sequences."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command, cwd=controller.folder, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        env=ansible.environment(TERM='xterm', COLUMNS='200', LINES='50', **environment))
    os.close(theirs)
    output = bytearray()
    with suppress(OSError):  # which Linux raises when nobody has the other end any more
        while piece := os.read(ours, 1 << 16):
            output += piece
    os.close(ours)
    return Done(process.wait(), output.decode())


def screen(output: str) -> list[str]:
    """The lines that a terminal shows in the end, if it is as high as they are many."""
    lines, row, column = [''], 0, 0
    for text, control, operands, final in re.findall(r'([^\x1b\r\n]+)|([\r\n])|\x1b\[([?0-9;]*)([A-Za-z])', output):
        if control == '\r':
            column = 0
        elif control == '\n':
            row += 1
            lines += [''] * (row + 1 - len(lines))
        elif final == 'A':
            row -= int(operands or 1)
        elif final == 'K':
            assert operands == '2'
            lines[row] = ''
        elif text:
            lines[row] = lines[row][:column].ljust(column) + text + lines[row][column + len(text):]
            column += len(text)
        else:
            assert final in 'mhl', final  # colours and the cursor's look
    return [line.rstrip() for line in lines]


def test_the_live_line_stays_below_what_ansible_prints(tmp_path: Path) -> None:
    with Fleet(12, network='127.4.0.0/28', delay=0.1) as fleet:
        breaks(fleet, 5)
        controller = Controller.of_fleet(tmp_path, fleet)
        command = controller.command('--forks', '2', **REMOTE, cleanup_batches=['100%'])
        done = on_a_terminal(controller, command, {'ANSIBLE_CALLBACKS_ENABLED': PROGRESS['ANSIBLE_CALLBACKS_ENABLED']})
    assert done.returncode == 2, done.output
    states = re.findall(r'(\d+) of 12 machines, (\d+) connections removed, (\d+) failed', done.output)
    assert states[0] == ('0', '0', '0') and states[-1] == ('12', '34', '1') and len(set(states)) > 4
    shown = screen(done.output)
    lines = [line for line in shown if 'of 12 machines' in line]
    assert len(lines) == 1 and '12 of 12 machines, 34 connections removed, 1 failed, 0 unreachable' in lines[0], shown
    assert {f'changed: [pc{number:04}]' for number in range(1, 13)} <= set(shown), shown
    [fatal] = [line for line in shown if line.startswith('fatal: [pc0005]: FAILED!')]
    assert fatal.endswith('}') and len(fatal) > 200  # not broken into lines
    assert done.output.rindex('\x1b[?25h') > done.output.rindex('\x1b[?25l')  # the cursor is back
