# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A bar chart as SVG, readable on light and on dark ground."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import NamedTuple

_WIDTH, _LABELS, _VALUES, _ROW, _BAR, _TOP = 860, 300, 90, 30, 18, 44
_STYLE = '''
text { font: 14px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #24292f; }
.title { font-size: 16px; font-weight: 600; }
.label { text-anchor: end; }
.range { stroke: #24292f; stroke-width: 1.5; opacity: .6; }
.ours { fill: #2f7d4f; } .peer { fill: #b3661e; } .other { fill: #6e7781; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .range { stroke: #e6edf3; }
  .ours { fill: #4bb37a; } .peer { fill: #e0904a; } .other { fill: #8b949e; }
}'''


class Bar(NamedTuple):
    """One line of the chart."""
    label: str
    value: float
    least: float
    most: float
    kind: str
    """ours, peer or other"""


def bars(title: str, rows: Iterable[Bar]) -> str:
    """The text of an SVG file: a bar from zero for each row, its range as a thin line on it, its value beside it."""
    rows = list(rows)
    longest = max(row.most for row in rows)

    def x(value: float) -> float:
        return _LABELS + value / longest * (_WIDTH - _LABELS - _VALUES)
    parts = []
    for number, row in enumerate(rows):
        middle = _TOP + number * _ROW + _ROW / 2
        width = x(row.value) - _LABELS
        parts += [
            f'<text class="label" x="{_LABELS - 10}" y="{middle + 5:.1f}">{escape(row.label)}</text>',
            f'<rect class="{row.kind}" x="{_LABELS}" y="{middle - _BAR / 2:.1f}" width="{width:.1f}" height="{_BAR}"/>',
            f'<line class="range" x1="{x(row.least):.1f}" x2="{x(row.most):.1f}" y1="{middle:.1f}" y2="{middle:.1f}"/>',
            f'<text x="{x(row.most) + 8:.1f}" y="{middle + 5:.1f}">{row.value:.2f}</text>']
    height = _TOP + len(rows) * _ROW + 12
    spoken = '; '.join(f'{row.label}: {row.value:.2f}' for row in rows)
    return '\n'.join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" role="img">',
        f'<title>{escape(title)}</title>', f'<desc>{escape(spoken)}</desc>', f'<style>{_STYLE}\n</style>',
        f'<text class="title" x="10" y="26">{escape(title)}</text>', *parts, '</svg>', ''])
