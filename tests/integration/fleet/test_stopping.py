# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A run that is cut off, and the one that finishes its work."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.integration.fleet.controller import REMOTE, Controller, tried
from tests.stand.recorded import Fleet

MACHINES = 40


@pytest.mark.parametrize('how', [signal.SIGINT, signal.SIGKILL])
def test_what_was_cut_off_can_be_resumed(how: signal.Signals, tmp_path: Path) -> None:
    with Fleet(MACHINES, network='127.3.0.0/26', delay=0.5) as fleet:
        controller = Controller.of_fleet(tmp_path, fleet)
        batches: dict[str, Any] = {'cleanup_batches': ['100%']}
        process = controller.start(*controller.command('--forks', '4', **REMOTE, **batches))
        output = controller.cut_off(process, how, when=6).output
        if how == signal.SIGINT:
            assert re.search(rf'^Cut off: \d+ of {MACHINES} machines are on record .*cleanup_resume=true', output, re.MULTILINE), output

        on_record = controller.statuses
        assert 6 <= len(on_record) < MACHINES and set(on_record.values()) == {'clean'}
        assert controller.report()['machines'] == {
            'total': MACHINES, 'clean': len(on_record), 'not_run': MACHINES - len(on_record),
            'in_use': 0, 'failed': 0, 'unreachable': 0, 'dry_run': 0}
        before = tried(fleet)

        fleet.delay = 0
        done = controller.clean_up(**REMOTE, **batches, cleanup_resume=True)
        assert done.returncode == 0, done.output
        assert tried(fleet) - before == {host: 1 for host in fleet.hosts if host not in on_record}
        assert controller.machines == {'total': MACHINES, 'clean': MACHINES}
        assert len({row['host'] for row in controller.rows()}) == MACHINES
        assert controller.summary['connections']['found'] == 3 * MACHINES
        assert not controller.summary['bad_records']
