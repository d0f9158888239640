# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a case expects, worked out from its connections (see vars/main.yml)."""

from __future__ import annotations

import typing as t

ACTIONS = {'removed', 'disconnected', 'forgotten'}


def in_order(rows: t.Iterable[list[t.Any]]) -> list[list[t.Any]]:
    return sorted(rows, key=repr)


def to_make(case: list[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    """The connections of a case as they are to be made."""
    defaults = {'connected': False, 'persistent': False}
    return [defaults | {key: value for key, value in connection.items() if key != 'expect'} for connection in case]


def there(connection: dict[str, t.Any]) -> list[t.Any]:
    return [connection['name'] or None, connection['remote'], connection.get('connected', False), connection.get('persistent', False)]


def given(case: list[dict[str, t.Any]]) -> list[list[t.Any]]:
    return in_order(map(there, case))


def left(case: list[dict[str, t.Any]]) -> list[list[t.Any]]:
    rows = []
    for connection in case:
        expect = connection.get('expect')
        if expect == 'disconnected':
            rows.append([connection['name'], connection['remote'], False, True])
        elif expect not in ACTIONS:
            rows.append(there(connection))
    return in_order(rows)


def reported(case: list[dict[str, t.Any]]) -> list[list[t.Any]]:
    rows = []
    for connection in case:
        expect = connection.get('expect')
        if expect in ACTIONS:
            rows.append(there(connection) + [expect, None])
        elif expect:
            rows.append(there(connection) + [None, None if expect == 'nothing' else expect])
    return in_order(rows)


def failed(case: list[dict[str, t.Any]]) -> bool:
    return any(row[5] is not None for row in reported(case))


def hoped(case: list[dict[str, t.Any]]) -> list[str]:
    """The actions of check mode, which does not know what will fail."""
    return sorted('removed' if row[5] is not None else row[4] for row in reported(case) if row[4:] != [None, None])


EXPECTATIONS: dict[str, t.Callable[[list[dict[str, t.Any]]], t.Any]] = {
    function.__name__: function for function in (given, left, reported, failed, hoped)
}


def expected(case: list[dict[str, t.Any]], what: str) -> t.Any:
    return EXPECTATIONS[what](case)


def reported_rows(connections: list[dict[str, t.Any]]) -> list[list[t.Any]]:
    """The result of the module in the form of reported()."""
    return in_order(
        there(entry) + [entry['action'], entry['error'] and (entry['error']['name'] or entry['error']['code'])]
        for entry in connections
    )


def own_rows(state: dict[str, t.Any]) -> list[list[t.Any]]:
    """The connections of the task's user from the state of the stand, in the form of given()."""
    return in_order(there(entry) for user in state['users'] if user['name'] is None for entry in user['connections'])


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {
            'netdrive_to_make': to_make,
            'netdrive_expected': expected,
            'netdrive_reported': reported_rows,
            'netdrive_own': own_rows,
        }
