# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a clean-up is to take away: the options as variables bring them, and migration lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netdrive.windows.plugins.plugin_utils.run import SelectionError, make_selection, read_list

OLDFS = [r"\\oldfs"]


def test_what_is_not_given_has_the_default_of_a_clean_up() -> None:
    assert make_selection({"remote": OLDFS, "name": None, "list": ""}) == {
        "name": None, "remote": OLDFS, "exclude": [], "users": ["all"], "signed_out": True, "signed_out_roaming": False, "sources": True,
        "update_profile": True, "force": False, "timeout": 60}


def test_options_may_be_text_as_from_the_command_line() -> None:
    selection = make_selection({"remote": r"\\oldfs,\\oldfs.corp.example", "force": "yes", "timeout": "5"})
    assert selection["remote"] == [r"\\oldfs", r"\\oldfs.corp.example"]
    assert selection["force"] is True and selection["timeout"] == 5


@pytest.mark.parametrize("options, signed_out", [
    ({"update_profile": False}, False), ({"users": ["Current"]}, False), ({"signed_out": False}, False),
    ({"users": ["current", r"CORP\user1"]}, True)])
def test_signed_out_users_are_taken_in_where_they_can_be(options: dict[str, Any], signed_out: bool) -> None:
    assert make_selection({"remote": OLDFS, **options})["signed_out"] is signed_out


@pytest.mark.parametrize("options, roaming", [
    ({"signed_out_roaming": True}, True), ({}, False), ({"signed_out_roaming": True, "signed_out": False}, False),
    ({"signed_out_roaming": True, "update_profile": False}, False)])
def test_roaming_profiles_are_taken_in_only_with_those_of_signed_out_users(options: dict[str, Any], roaming: bool) -> None:
    assert make_selection({"remote": OLDFS, **options})["signed_out_roaming"] is roaming


@pytest.mark.parametrize("options, reason", [
    ({}, "It is not said what to take away"), ({"exclude": OLDFS}, "It is not said what to take away"),
    ({"remote": []}, "remote: the list is empty"), ({"name": [], "remote": OLDFS}, "name: the list is empty"),
    ({"remote": OLDFS, "list": "x.csv"}, "not both"), ({"remote": OLDFS, "timeout": "long"}, "timeout"),
    ({"remote": OLDFS, "remotes": OLDFS}, "remotes")])
def test_options_that_leave_a_doubt_are_refused(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(SelectionError, match=reason):
        make_selection(options)


@pytest.mark.parametrize("text", [
    "old remote,note\n\\\\oldfs\\a,\"moved, to \\\\newfs\\a\"\n\n\\\\oldfs\\b\n",
    "\ufeff# exported, by hand\r\nold;new\r\n\\\\oldfs\\a;\\\\newfs\\a, or so\r\n"
    " \\\\oldfs\\b ;\r\n\\\\oldfs\\a;again\r\n",
    "\\\\oldfs\\a\n\\\\oldfs\\b",
    "\nold remote\n\n\\\\oldfs\\a;moved\n\\\\oldfs\\b\n",
    "old; as of May\n\\\\oldfs\\a\n\\\\oldfs\\b,\"moved; to, \\\\newfs\"\n",
    "\\\\oldfs\\a\tmoved; to, \\\\newfs\n\\\\oldfs\\b\t\n"])
def test_a_migration_list_is_its_first_column(tmp_path: Path, text: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text, "utf-8")
    assert read_list(path) == ["\\\\oldfs\\a", "\\\\oldfs\\b"]
    assert make_selection({"list": str(path)})["remote"] == ["\\\\oldfs\\a", "\\\\oldfs\\b"]


@pytest.mark.parametrize("content, reason", [
    (b"old,note\n\\\\oldfs\\a,\noldfs\\b,\n", "line 3: 'oldfs.*is no remote name"),
    (b"\\\\oldfs\\a,\n,forgotten\n", "line 2: '' is no remote name"),
    (b"\\oldfs\\a,x\n\\\\oldfs\\b,\n", r"line 1: .* is no remote name"),
    (b"oldfs/a;x\n\\\\oldfs\\b;\n", r"line 1: .* is no remote name"),
    (b"old\n\\\\oldfs\\a,x\n\\\\oldfs\\b;y\n", "line 3: .* has ';' in it, but ',' is between the columns"),
    (b"\\\\oldfs\\a;x\n\"\\\\oldfs\\b, c\";y\n", "line 2: .* has ',' in it, but ';' is between the columns"),
    (b"old,note\n", "has no remote names"), (b"", "has no remote names"), (b"\\\\oldfs\\\xe4", "is not in UTF-8")])
def test_a_list_that_leaves_a_doubt_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "list.csv").write_bytes(content)
    with pytest.raises(SelectionError, match=reason):
        read_list(tmp_path / "list.csv")


def test_a_list_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        make_selection({"list": str(tmp_path / "list.csv")})
