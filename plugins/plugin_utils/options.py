# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options of the role and its playbooks, as variables bring them: which there are, and what may be in them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.playbook.task import Task

from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import Refused, quoted, trim

PREFIX = "cleanup_"
ROLE = "netdrive.windows.cleanup"
_OF_THE_PLAYBOOK = ("cleanup_hosts",)
OWN = ("cleanup_batch", "cleanup_kind", "cleanup_leg", "cleanup_nobody", "cleanup_report", "cleanup_selection", "cleanup_verdict")
"""What the role and its playbooks keep under the same prefix for themselves."""

RESTORE_PREFIX = "restore_"
RESTORE_OPTIONS = ("restore_hosts", "restore_remote", "restore_runs", "restore_users")
"""The options of the playbook restore, beside those of the role."""

SELECTION_OPTIONS = ("exclude", "force", "list", "list_column", "name", "remote", "signed_out", "signed_out_roaming", "sources", "timeout",
                     "update_profile", "users")
"""What the selection of a clean-up is made of."""
RESTORE_SELECTION_OPTIONS = ("remote", "runs", "timeout", "users")
"""Likewise of a restore."""

_SPECS = Path(__file__).parents[2] / "roles" / "cleanup" / "meta" / "argument_specs.yml"
OPTIONS = (*yaml.safe_load(_SPECS.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"], *_OF_THE_PLAYBOOK)
"""The options, by name. Read as this is imported, which Ansible does before it forks a worker for each machine."""
_KNOWN = frozenset((*OPTIONS, *RESTORE_OPTIONS, *OWN))

_LONGEST_TIMEOUT = 24 * 60 * 60  # seconds, as in the module


# Mistyped ones

def refuse_mistyped(variables: Iterable[str], host: str = "", *, restores: bool = False) -> None:
    """Refuse variables that look like options of the role and are none: they would protect nothing. Raises Refused.

    To a restore, so do those that look like its own.
    """
    run, options, prefixes = ("restore", (*RESTORE_OPTIONS, *OPTIONS), (RESTORE_PREFIX, PREFIX)) if restores \
        else ("clean-up", OPTIONS, (PREFIX,))
    unknown = sorted(name for name in variables if name.startswith(prefixes) and name not in _KNOWN)
    if unknown:
        near = get_close_matches(unknown[0], options, n=1, cutoff=0)[0]
        name = f"{unknown[0]} of {host}" if host else unknown[0]
        raise Refused(f"{name} is no option of the {run}, and would have no effect; did you mean {near}?\n"
                      f"A variable of your own needs a name that does not begin with {' or '.join(prefixes)}")


def is_of_the_role(task: Task) -> bool:
    """Whether the variables of a task's host are its options, as the user sees it. Tasks of one's own name them themselves."""
    role = task._role  # pylint: disable=protected-access  # the only way to tell
    return role is not None and role.get_name() == ROLE


# Messages

_IN_MODULE = re.compile(r"'(?P<setting>force|update_profile|signed_out|signed_out_roaming|sources): (?P<value>true|false)'"
                        rf"|(?<![\w\\/.])(?P<option>{'|'.join({*SELECTION_OPTIONS, *RESTORE_SELECTION_OPTIONS})}): ")


def in_words_of_the_role(text: str, restores: bool = False) -> str:
    """A message of the module, with the options as a user of the role knows them: `cleanup_force=true` for 'force: true'."""
    def words(found: re.Match[str]) -> str:
        if found["setting"]:
            return f"{PREFIX}{found['setting']}={found['value']}"
        own = restores and RESTORE_PREFIX + found["option"] in RESTORE_OPTIONS
        return f"{RESTORE_PREFIX if own else PREFIX}{found['option']}: "
    return _IN_MODULE.sub(words, text)


# Selections

def given_of(options: Mapping[str, Any], known: Sequence[str]) -> dict[str, Any]:
    """The options of a selection that are given: null or empty text is not. Raises Refused for one that is not known."""
    given = {option: value for option, value in options.items() if value is not None and value != ""}
    for option in sorted(given.keys() - set(known)):
        raise Refused(f"{option} is no option; did you mean {get_close_matches(option, known, n=1, cutoff=0)[0]}?\n"
                      f"The options are {', '.join(known)}")
    return given


# Values. Each raises Refused that says what is wrong in one line, and what would be right in another.

def truth(option: str, value: Any) -> bool:
    """true or false, in any of YAML's ways."""
    try:
        return bool(boolean(trim(value) if isinstance(value, str) else value))
    except TypeError:
        raise _refused(option, value, "is neither true nor false", "true") from None


def seconds(option: str, value: Any) -> int:
    """A whole number of seconds, up to a day."""
    number = _number(value, int)
    if number is None or not 1 <= number <= _LONGEST_TIMEOUT:
        raise _refused(option, value, f"is no whole number between 1 and {_LONGEST_TIMEOUT}", "60")
    return number


def percentage(option: str, value: Any) -> float:
    """A number of percent, with the sign or without."""
    number = _number(value.replace("%", " ", 1) if isinstance(value, str) and trim(value).endswith("%") else value, float)
    if number is None or not 0 <= number <= 100:
        raise _refused(option, value, "is no number of percent between 0 and 100", "10")
    return number


def sizes_of(_option: str, value: Any) -> list[Any]:
    """The sizes of batches, whatever they are: a list, or one text with commas between them."""
    return list(value) if isinstance(value, (list, tuple)) else value.split(",") if isinstance(value, str) else [value]


def path_of(option: str, value: Any) -> str:
    """A path, with ~ and $VARIABLE as in a shell."""
    return os.path.expanduser(os.path.expandvars(trim(text_of(option, value, "folder/file"))))


def text_of(option: str, value: Any, example: str) -> str:
    """One text."""
    if not isinstance(value, str) or not trim(value):
        raise _refused(option, value, "is empty" if isinstance(value, str) else "is no text", example)
    return str(value)


def host_patterns(option: str, value: Any) -> list[str]:
    """Patterns of hosts, one text or a list, also of lists, without what cannot be seen around them."""
    if isinstance(value, (list, tuple)) and value:
        return [pattern for each in value for pattern in host_patterns(option, each)]
    return [trim(text_of(option, value, "[pc0001, 'office:!servers']"))]


def _number(value: Any, kind: Callable[[Any], Any]) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)) or (kind is int and isinstance(value, float) and value % 1):
        return None
    try:
        return kind(trim(value) if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None


def shown(value: Any) -> str:
    """A value as it was typed, as far as can be."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, (bool, int, float)):
        return str(value).lower()
    return "a mapping" if isinstance(value, Mapping) else "a list" if value is not None else "null"


def _refused(option: str, value: Any, wrong: str, right: str) -> Refused:
    return Refused(f"{option}: {shown(value)} {wrong}\nRight would be, for example: {option}: {right}")
