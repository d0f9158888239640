# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a clean-up is to take away: its options, checked as the module would check them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.netdrive.windows.plugins.plugin_utils.migration_list import read_list
from ansible_collections.netdrive.windows.plugins.plugin_utils.options import (
    SELECTION_OPTIONS, given_of, path_of, seconds, text_of, truth)
from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import (
    ConnectionSelection, Refused, check_users, names_of, trim)


def make_selection(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of netdrive.windows.mapped_drive that a clean-up's options come to; null or empty text is not given.

    A migration list becomes `remote`. Signed-out users are left out where the module could not take them in. What the module
    would refuse on a machine is refused here, in the same words. Raises Refused, or OSError if the migration list cannot be read.
    """
    given = given_of(options, SELECTION_OPTIONS)
    remote = _remote(given)
    selection: dict[str, Any] = {
        "name": names_of("name", given.get("name")), "remote": remote, "exclude": names_of("exclude", given.get("exclude", [])),
        "users": check_users(given.get("users", ["all"])), "signed_out": truth("signed_out", given.get("signed_out", True)),
        "signed_out_roaming": truth("signed_out_roaming", given.get("signed_out_roaming", False)),
        "sources": truth("sources", given.get("sources", True)),
        "update_profile": truth("update_profile", given.get("update_profile", True)), "force": truth("force", given.get("force", False)),
        "timeout": seconds("timeout", given.get("timeout", 60))}
    ConnectionSelection.require_selector(selection["name"], remote)
    ConnectionSelection(selection["name"], remote, selection["exclude"])
    others = any(trim(user).casefold() != "current" for user in selection["users"])
    selection["signed_out"] = selection["signed_out"] and selection["update_profile"] and others
    selection["signed_out_roaming"] = selection["signed_out_roaming"] and selection["signed_out"]
    return selection


def _remote(given: Mapping[str, Any]) -> list[str] | None:
    """The patterns on remote names: those given, or those of a migration list."""
    if "list" not in given:
        if "list_column" in given:
            raise Refused("list_column: there is no migration list that it could be a column of\n"
                          "Right would be, for example: list: servers.csv")
        return names_of("remote", given.get("remote"))
    if "remote" in given:
        raise Refused("list: a migration list and remote names are both given\nGive one of them, not both")
    column = text_of("list_column", given["list_column"], "'Old share'") if "list_column" in given else None
    return read_list(Path(path_of("list", given["list"])), column)
