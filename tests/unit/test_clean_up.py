# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a clean-up is to take away, of the options as variables bring them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.netdrive.windows.plugins.plugin_utils.clean_up import make_selection
from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import Refused

OLDFS = [r"\\oldfs"]


def test_what_is_not_given_has_the_default_of_a_clean_up() -> None:
    assert make_selection({"remote": OLDFS, "name": None, "list": "", "exclude": ""}) == {
        "name": None, "remote": OLDFS, "exclude": [], "users": ["all"], "signed_out": True, "signed_out_roaming": False, "sources": True,
        "update_profile": True, "force": False, "timeout": 60}


def test_options_may_be_text_as_from_the_command_line() -> None:
    selection = make_selection({"remote": r"\\oldfs", "exclude": r"\\oldfs\R,D", "users": r"CORP\anna ", "force": "yes", "timeout": "5"})
    assert (selection["remote"], selection["exclude"], selection["users"]) == (OLDFS, [r"\\oldfs\R,D"], ["CORP\\anna "])
    assert selection["force"] is True and selection["timeout"] == 5


@pytest.mark.parametrize("options, signed_out", [
    ({"update_profile": False}, False), ({"users": ["Current"]}, False), ({"users": " current\u200b"}, False),
    ({"signed_out": False}, False), ({"users": ["current", r"CORP\user1"]}, True)])
def test_signed_out_users_are_taken_in_where_they_can_be(options: dict[str, Any], signed_out: bool) -> None:
    assert make_selection({"remote": OLDFS, **options})["signed_out"] is signed_out


@pytest.mark.parametrize("options, wrong, right", [
    ({}, "It is not said what to take away", r"remote: ['\\server', "),
    ({"exclude": OLDFS}, "It is not said what to take away", "remote: "),
    ({"remote": []}, "remote: the list is empty", "remote: "), ({"name": [], "remote": OLDFS}, "name: the list is empty", "name: "),
    ({"remote": OLDFS, "list": "x.csv"}, "list: a migration list and remote names are both given", "not both"),
    ({"remote": OLDFS, "list_column": "x"}, "list_column: there is no migration list", "list: "),
    ({"list": ["a", "b"]}, "list: a list is no text", "list: "),
    ({"remote": OLDFS, "timeout": "long"}, "timeout: 'long' is no whole number", "timeout: 60"),
    ({"remote": OLDFS, "timeout": 0}, "timeout: 0 is no whole number", "timeout: 60"),
    ({"remote": OLDFS, "timeout": True}, "timeout: true is no whole number", "timeout: 60"),
    ({"remote": OLDFS, "force": "maybe"}, "force: 'maybe' is neither true nor false", "force: true"),
    ({"remote": OLDFS, "remotes": OLDFS}, "remotes is no option; did you mean remote?", "remote"),
    ({"remote": r"\\oldfs,\\newfs"}, r"remote: '\\oldfs,\\newfs' looks like several names", r"remote: ['\\oldfs', '\\newfs']"),
    ({"name": "H:,I:"}, "name: 'H:,I:' looks like several names", "name: ['H:', 'I:']"),
    ({"remote": r"\\*\home"}, r"remote: '\\*\home' names no server", "remote: "),
    ({"remote": r'["\\oldfs"]'}, r"""remote: '["\\oldfs"]' has a character in it that no name has""", "remote: "),
    ({"name": 5}, "name: 5 is a number; names are text", "name: "), ({"name": [True]}, "name: true or false is no name", "name: "),
    ({"remote": OLDFS, "exclude": [" "]}, "exclude: ' ' is empty", "exclude: "),
    ({"remote": OLDFS, "exclude": "\u200b"}, "exclude: '\u200b' is empty", "exclude: "),
    ({"remote": OLDFS, "users": []}, "users: the list is empty", "users: 'all'"),
    ({"remote": OLDFS, "users": "anna,ben"}, "users: 'anna,ben' looks like several names", "users: ['anna', 'ben']"),
    ({"remote": OLDFS, "users": ["CORP\nina"]}, "users: 'CORP?ina' has a character in it that no name has", "users: ")])
def test_options_that_leave_a_doubt_are_refused(options: dict[str, Any], wrong: str, right: str) -> None:
    with pytest.raises(Refused) as refused:
        make_selection(options)
    first, second = str(refused.value).split("\n")
    assert first.startswith(wrong) and right in second
