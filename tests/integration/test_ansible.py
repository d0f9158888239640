# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the other tests trust in: results of Ansible."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration import ansible
from tests.stand.target import Target


def test_a_call_without_a_result_does_not_give_that_of_an_earlier_one(
        target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ansible.module(target, 'ansible.windows.win_ping', {}, tmp_path)['ping'] == 'pong'
    monkeypatch.setenv('ANSIBLE_VAULT_PASSWORD_FILE', '/nowhere')
    with pytest.raises(AssertionError, match='/nowhere was not found'):
        ansible.module(target, 'ansible.windows.win_ping', {}, tmp_path)
