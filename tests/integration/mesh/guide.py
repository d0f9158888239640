# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The files and commands that a guide shows, so that tests can use them as a reader would."""

from __future__ import annotations

import re
from pathlib import Path

_HEADING = re.compile(r'^#+ (.+)$', re.MULTILINE)
_BLOCK = re.compile(r'(?:^`(?P<file>[^`\n]+)`(?: on `(?P<node>\w+)`[^\n]*)?:\n\n)?^```\w+\n(?P<text>.*?)^```$',
                    re.MULTILINE | re.DOTALL)


class Guide:
    """A Markdown page. A code block after a line such as "`FILE` on `NODE`:" is a file; every other block is commands.

    `files` has the text of each file by its name, `commands` those of each section by its heading, in their order.
    """

    def __init__(self, path: Path) -> None:
        text = path.read_text(encoding='utf-8')
        blocks = list(_BLOCK.finditer(text))
        headings = [one for one in _HEADING.finditer(text)
                    if not any(block.start() < one.start() < block.end() for block in blocks)]
        self.files: dict[tuple[str, str | None], str] = {}
        self.commands: dict[str, list[str]] = {}
        for block in blocks:
            if block['file']:
                self.files[block['file'], block['node']] = block['text']
            else:
                section = [one[1] for one in headings if one.start() < block.start()][-1]
                self.commands.setdefault(section, []).append(block['text'])
