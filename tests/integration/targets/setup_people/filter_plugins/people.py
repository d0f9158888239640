# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the modules return as rows that can be compared, such as user without domain, device, remote name."""

from __future__ import annotations

import typing as t


def of_people(connections: list[dict[str, t.Any]], people: list[dict[str, t.Any]], server: str = '') -> list[list[t.Any]]:
    """Those of these people on a server in a module's result: user, device, remote name and action; of two sessions only once."""
    names = {person['name']: person['name'] for person in people}
    by_sid = {person['sid']: person['name'] for person in people}  # the stand has no names for those who are not signed in
    rows = {(names.get(str(entry['user']).rpartition('\\')[2]) or by_sid.get(entry['sid']), entry['name'] or '', entry['remote'],
             entry.get('action')) for entry in connections if entry['remote']}
    return sorted(list(row) for row in rows if row[0] and row[2].startswith(server))


def expected(people: list[dict[str, t.Any]], server: str = '', action: str | None = None,
             other_action: str | None = None) -> list[list[t.Any]]:
    """What these people have, in the same form; other_action is for what is only remembered."""
    return sorted([person['name'], one['name'], one['remote'], action if one.get('connected', True) else other_action]
                  for person in people for one in person['connections'] if one['remote'].startswith(server))


def on_the_stand(people: list[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    """As the stand takes them."""
    return [{**person, 'name': f"CORP\\{person['name']}"} for person in people]


def row_of_source(source: dict[str, t.Any]) -> list[t.Any]:
    """What will bring a connection back, in short."""
    return [source[field] for field in ('kind', 'name', 'remote', 'certainty')]


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {'netdrive_of_people': of_people, 'netdrive_expected_of_people': expected, 'netdrive_on_the_stand': on_the_stand,
                'netdrive_row_of_source': row_of_source}
