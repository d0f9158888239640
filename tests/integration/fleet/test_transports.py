# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A small fleet in which little goes well: over winrm, psrp and ssh, all that is said tells the same story."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration import ansible
from tests.integration.fleet.controller import REMOTE, Controller, finish
from tests.integration.machines import HOME
from tests.integration.waiting import wait_for
from tests.stand.addresses import NOBODY
from tests.stand.target import Target

ADVICE = {  # by the titles of problems, words of what to do
    'winrm': {'Connection refused': 'winrm quickconfig', 'Sign-in refused': 'account and password of the run'},
    'psrp': {'Connection refused': 'Enable-PSRemoting', 'Sign-in refused': 'account and password of the run'},
    'ssh': {'Connection refused': 'Start-Service sshd', 'Sign-in refused': 'administrators_authorized_keys'},
}


@pytest.fixture(scope='module')
def breaking(new_target: Callable[..., Target]) -> Target:
    """A machine to be cut off."""
    return new_target(ssh=True)


@pytest.mark.parametrize('transport', ansible.TRANSPORTS)
def test_one_is_off_one_lets_nobody_in_and_one_breaks_off(transport: str, breaking: Target, machine: Target, tmp_path: Path) -> None:
    machine.set({'connections': [HOME]})
    breaking.set({'connections': [HOME | {'cancel_delay': 120_000}]})
    controller = Controller(tmp_path, ansible.inventory(
        {'good': machine, 'off': NOBODY, 'wrong': machine, 'breaking': breaking}, transport))
    # It is the same machine as the good one, whose open connection ssh would use for it, with no password asked.
    controller.change('wrong', ansible_password='wrong', ansible_ssh_args='-o ControlPath=none')

    run = controller.start(*controller.command(**REMOTE, cleanup_batches=['100%']))
    wait_for(lambda: run.poll() is not None or any(call.call == 'cancel' for call in breaking.calls()), 'a cancel')
    assert run.poll() is None, finish(run).output
    with breaking.unplugged():
        done = finish(run)

    assert controller.statuses == {'good': 'clean', 'off': 'unreachable', 'wrong': 'unreachable', 'breaking': 'failed'}, done.output
    assert (done.returncode, done.hosts('failed'), done.hosts('unreachable')) == (4, {'breaking'}, {'off', 'wrong'}), done.output
    assert controller.summary['hosts']['failed'] == ['breaking'] and controller.summary['hosts']['unreachable'] == ['off', 'wrong']
    message = str(controller.records['breaking'].message)
    assert message.startswith('Broke off in the middle; something may have been done') and f' {transport}: ' in message
    assert message in done.output
    assert {error['title'] for error in controller.summary['errors']} == {'Broke off in the middle', *ADVICE[transport]}
    page = (controller.reports / 'report.html').read_text()
    assert all(word in page for word in ADVICE[transport].values())
    assert not any(word in page for other in ADVICE.values() for word in other.values() if word not in ADVICE[transport].values())
