# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The checks: each takes a collection and returns its findings as lines, none if all is well."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.lint.collection import ANSIBLE_UTILS, Collection
from tests.lint.documentation import options, render

UTILS = "plugins/module_utils"


def csharp(collection: Collection) -> list[str]:
    """The C# compiles as C# 5 for .NET Framework 4.8 and as current C# for .NET, without warnings."""
    files = collection.files(f"{UTILS}/*.cs", "plugins/modules/*.ps1", "tests/**/*.ps1")
    return collection.findings(*collection.tool("csharp", ANSIBLE_UTILS, UTILS, *files))


def powershell(collection: Collection) -> list[str]:
    """The PowerShell parses, and Windows PowerShell 5.1 knows all it uses."""
    files = collection.files("plugins/**/*.ps1", "plugins/**/*.psm1", "tests/**/*.ps1", "tests/**/*.psm1")
    return collection.findings(*collection.tool("powershell", ANSIBLE_UTILS, UTILS, *files))


def ansible_lint(collection: Collection) -> list[str]:
    """The whole collection passes ansible-lint, with the profile that .ansible-lint names."""
    # On a copy, as ansible-lint leaves a folder of its own in what it checks.
    with tempfile.TemporaryDirectory() as folder:
        copy = replace(collection, root=Path(folder, *collection.root.parts[-3:]))
        shutil.copytree(collection.root, copy.root, ignore=shutil.ignore_patterns(".git", ".ansible", "__pycache__"))
        return copy.findings("ansible-lint", "--format=pep8", "--nocolor")


def yamllint(collection: Collection) -> list[str]:
    """All YAML passes yamllint, warnings included."""
    return collection.findings("yamllint", "--strict", "--format=parsable", ".")


def mypy(collection: Collection) -> list[str]:
    """The Python's types are right."""
    packages = {"tests": "tests", "plugins": f"ansible_collections.{collection.name}.plugins"}
    present = [f"--package={package}" for folder, package in packages.items() if collection.files(f"{folder}/**/*.py")]
    return collection.findings("mypy", "--no-error-summary", *present) if present else []


def pylint(collection: Collection) -> list[str]:
    """pylint has nothing to say about the Python."""
    files = collection.files("plugins/**/*.py", "tests/**/*.py")
    return collection.findings("pylint", "--score=no", *files) if files else []


CHECKS: dict[str, Callable[[Collection], list[str]]] = {
    "pylint": pylint,
    "mypy": mypy,
    "csharp": csharp,
    "ansible-lint": ansible_lint,
    "powershell": powershell,
    "yamllint": yamllint,
    "ansible-doc": render,
    "options": options,
}
"""The slowest first, so that they run beside each other."""
