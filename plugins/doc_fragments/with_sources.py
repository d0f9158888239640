# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the documentation of a module that looks for sources has in common with that of the module it stands in for: all options."""

from __future__ import annotations

from pathlib import Path

import yaml


def _options(module: str) -> str:
    text = Path(__file__).parents[1].joinpath("modules", f"{module}.yml").read_text(encoding="utf-8")
    documentation = yaml.safe_load(text)["DOCUMENTATION"]
    return yaml.safe_dump({part: documentation[part] for part in ("options", "attributes")})


class ModuleDocFragment:
    """The options of mapped_drive and, as `.info`, of mapped_drive_info."""

    DOCUMENTATION = _options("mapped_drive")
    INFO = _options("mapped_drive_info")
