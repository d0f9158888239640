# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each check of `./dev lint` passes a collection that is in order, and finds what is wrong in one that is not."""

from __future__ import annotations

import shutil
from pathlib import Path
from textwrap import dedent

import pytest
from tests.lint.checks import CHECKS
from tests.lint.collection import Collection
from tests.lint.documentation import differences

SETTINGS = (".ansible-lint", ".yamllint", "pyproject.toml")

GOOD = {
    "galaxy.yml": """\
        ---
        namespace: acme
        name: sample
        version: 1.0.0
        readme: README.md
        authors:
          - Somebody
        description: A collection that is in order.
        license:
          - GPL-3.0-or-later
        tags:
          - windows
        repository: https://example.org/acme/sample
        """,
    ".github/workflows/checks.yml": """\
        ---
        name: Checks
        on:
          push:
        jobs:
          checks:
            runs-on: ubuntu-latest
            steps:
              - run: ./dev lint
        """,
    "README.md": "# A collection that is in order\n",
    "CHANGELOG.md": "# 1.0.0\n",
    "meta/runtime.yml": """\
        ---
        requires_ansible: '>=2.16.0'
        """,
    "plugins/modules/drive.ps1": """\
        #!powershell

        #AnsibleRequires -CSharpUtil Ansible.Basic
        #AnsibleRequires -CSharpUtil Ansible.Privilege
        #AnsibleRequires -CSharpUtil ..module_utils.Drives

        $spec = @{
            options = @{
                name = @{ type = 'list'; elements = 'str'; required = $true; aliases = @('letter') }
                state = @{ choices = @('absent', 'present'); default = 'absent' }
            }
            supports_check_mode = $true
        }
        function Get-Drive { Get-PSDrive -Name $args[0] -ErrorAction SilentlyContinue }

        $module = [Ansible.Basic.AnsibleModule]::Create($args, $spec)
        $module.Result.drives = @($module.Params.name | ForEach-Object -Process { Get-Drive $_ })
        $module.ExitJson()
        """,
    "plugins/modules/drive.yml": """\
        ---
        DOCUMENTATION:
          module: drive
          short_description: Looks at drives
          description:
            - It looks at drives.
          options:
            name:
              description: Their names.
              type: list
              elements: str
              required: true
              aliases: [letter]
            state:
              description: What they should be.
              type: str
              choices:
                absent: Away.
                present: There.
              default: absent
          attributes:
            check_mode:
              description: Can run in check mode.
              support: full
          author:
            - Somebody (@somebody)
        """,
    "plugins/module_utils/Drives.cs": """\
        using System;
        using System.Collections.Generic;
        using Ansible.Basic;
        using ansible_collections.acme.sample.plugins.module_utils.Letters;
        //AssemblyReference -Name System.Xml.dll -CLR Framework
        //TypeAccelerator -Name Acme.Drives -TypeName Drives

        namespace ansible_collections.acme.sample.plugins.module_utils.Drives
        {
            public class Drives
            {
                public static void Fail(AnsibleModule module) { module.FailJson(Letter.First.ToString()); }
                public static Ansible.Privilege.PrivilegeEnabler BroughtByTheModule;
        #if CORECLR
                public static readonly bool Windows = OperatingSystem.IsWindows();
        #else
                public static readonly object Xml = new System.Xml.XmlDocument();
        #endif
            }
        }
        """,
    "plugins/module_utils/Letters.cs": """\
        namespace ansible_collections.acme.sample.plugins.module_utils.Letters
        {
            public static class Letter { public const char First = 'D'; }
        }
        """,
    "plugins/plugin_utils/letters.py": '''\
        """Letters of drives."""

        from __future__ import annotations


        def first() -> str:
            """The first letter in use."""
            return "D"
        ''',
    "plugins/filter/letter.py": '''\
        """The filter letter."""

        from __future__ import annotations

        from collections.abc import Callable

        from ansible_collections.acme.sample.plugins.plugin_utils.letters import first

        DOCUMENTATION = """
        name: letter
        short_description: The letter of a drive
        description: It is the letter of a drive.
        options:
          _input:
            description: A drive.
            type: str
            required: true
        author: Somebody (@somebody)
        """


        def letter(drive: str) -> str:
            """The letter of a drive, D without one."""
            return drive[:1] or first()


        class FilterModule:
            """What Ansible loads."""

            def filters(self) -> dict[str, Callable[[str], str]]:
                """Name of each filter to the filter."""
                return {"letter": letter}
        ''',
    "roles/cleanup/meta/argument_specs.yml": """\
        ---
        argument_specs:
          main:
            short_description: Looks at drives
            description: It looks at drives.
            options:
              cleanup_name:
                description: Their names.
                type: list
                elements: str
                default: ['D']
              cleanup_state:
                description: What they should be.
                type: str
                required: true
        """,
    "roles/cleanup/meta/main.yml": """\
        ---
        galaxy_info:
          author: Somebody
          description: Looks at drives
          license: GPL-3.0-or-later
          min_ansible_version: '2.16'
        """,
    "roles/cleanup/defaults/main.yml": """\
        ---
        cleanup_name: ['D']
        """,
    "roles/cleanup/tasks/main.yml": """\
        ---
        - name: Look at drives
          acme.sample.drive:
            name: "{{ cleanup_name }}"
            state: "{{ cleanup_state }}"
        """,
    "playbooks/cleanup.yml": """\
        ---
        - name: Look at drives
          hosts: all
          gather_facts: false
          tasks:
            - name: Look at drives
              ansible.builtin.import_role:
                name: acme.sample.cleanup
              vars:
                cleanup_state: absent
        """,
}

# Check, the file that is wrong, its text (or what is changed in the good one), what is found.
BAD = [
    ("ansible-lint", "roles/cleanup/tasks/main.yml", ("acme.sample.drive", "acme.sample.gone"), "unknown-module"),
    ("ansible-lint", "tests/integration/targets/a/tasks/main.yml", "- name: Say\n  debug:\n", "fqcn[action-core]"),
    ("sanity", "plugins/plugin_utils/letters.py", "assert True\n", "letters.py:1:1: raise AssertionError instead of: assert"),
    ("actionlint", ".github/workflows/checks.yml", ("runs-on", "runs_on"), 'unexpected key "runs_on"'),
    ("yamllint", "playbooks/cleanup.yml", ("false", "no"), "truthy"),
    ("yamllint", "a/b.yaml", "---\na: [1,2]\n", "a/b.yaml:2:7"),
    ("mypy", "plugins/filter/letter.py", ("drive[:1] or", "1 or"), "Incompatible return value type"),
    ("mypy", "plugins/filter/letter.py", ("drive: str", "drive"), "no-untyped-def"),
    ("mypy", "plugins/plugin_utils/letters.py", ('return "D"', "return 1"), "Incompatible return value type"),
    ("pylint", "plugins/plugin_utils/letters.py", ("from __future__", "import os\nfrom __future__"), "unused-import"),
    ("pylint", "plugins/filter/letter.py", ("first()", "second()"), "undefined-variable"),
    ("pycodestyle", "plugins/plugin_utils/letters.py", "A = f(1,\n   2)\n", "letters.py:2:4: E128"),
    ("ansible-doc", "plugins/modules/drive.yml", ("author", "extends_documentation_fragment: a.b\n  author"), "a.b"),
    ("ansible-doc", "plugins/modules/other.ps1", "#!powershell\n", "acme.sample.other"),
    ("ansible-doc", "roles/other/tasks/main.yml", "---\n", "acme.sample.other"),
    ("options", "plugins/modules/drive.ps1", ("'list'", "'dict'"), "drive: name: type is 'dict'"),
    ("options", "plugins/modules/drive.ps1", ("@('absent', ", "@('gone', "), "drive: state: choices is ['gone', "),
    ("options", "plugins/modules/drive.ps1", ("check_mode = $true", "check_mode = $false"), "supports_check_mode"),
    ("options", "plugins/modules/drive.ps1", ("'absent' }", "(Get-Date) }"), "no argument spec"),
    ("options", "plugins/modules/drive.ps1", ("$module = ", "$module = $null #"), "no argument spec"),
    ("options", "plugins/modules/drive.yml", ("support: full", "support: none"), "supports_check_mode"),
    ("options", "roles/cleanup/defaults/main.yml", ("['D']", "['E']"), "cleanup_name has different defaults"),
    ("options", "roles/cleanup/defaults/main.yml", ("cleanup_name: ['D']", "{}"), "cleanup_name has different"),
    ("options", "roles/cleanup/defaults/main.yml", ("name: ['D']", "names: []"), "cleanup_names is in defaults"),
    ("powershell", "plugins/modules/drive.ps1", ("$module.ExitJson()", "if ("), "drive.ps1:18:"),
    ("powershell", "plugins/modules/drive.ps1", ("function Get-Drive", "function Get-Disk"), "Get-Drive is not"),
    ("powershell", "tests/integration/targets/a/library/a.psm1", "$a ?? 1\n", "a.psm1:1:1: '??'"),
    ("powershell", "tests/windows/a.ps1", "Get-ChildItem -Path C:\\\n", "a.ps1:1:15: Get-ChildItem takes wildcards"),
    ("powershell", "tests/windows/a.ps1", "$null = & reg.exe unload HKU\\a 2>&1\n", "this ends the script when reg.exe writes"),
    ("powershell", "tests/windows/a.ps1", f"$a = '{'a' * 155}'\n", "longer than 160"),
    ("csharp", "plugins/module_utils/Drives.cs", ("using Ansible.Basic;", ""), "Drives.cs:12:33: CS0246"),
]

# Each line is one thing that Windows PowerShell 5.1 does not know.
NEWER_POWERSHELL = """\
#requires -Version 7.0
$a ? 1 : 2
$a ?? 1
$a ??= 1
${a}?.Length
${a}?[0]
$a.Convert[int](1)
Get-Item a && Get-Item b
Get-Item a || Get-Item b
Get-Item a &
function A { clean { } }
enum B : byte { C }
'a'..'f'
1u
1uy + 1
0b11
1n
"`e[0m"
"`u{1F4BE}"
"$(1ul)"
[ushort]1
[ValidateNotNullOrWhiteSpace()]$a = 'a'
$IsWindows
$PSStyle
Test-Json -Json '{}'
dir
Get-item2
1 | ForEach-Object -Parallel { 1 }
ConvertFrom-Json -AsHashtable -InputObject '{}'
Join-Path -Path a -ChildPath b -AdditionalChildPath c
"""

# Known to 5.1, each much like something that is not.
OLDER_POWERSHELL = """\
#requires -Version 5.1
1l + 1.5d + 1kb + 0xFFL + .5e3 + 3dkb + 10gb
"``e `n" + '`e' + "a?.b ?? c && d"
[uint32]1; [int[]]@(1)
Get-Item -LiteralPath a |
    Where-Object { $_.Name -like '?' } | Out-Null
& { param($b) $b } 1
. $PSScriptRoot
Get-Variable -Name IsCoreCLR -ErrorAction SilentlyContinue
1..3 | ForEach-Object -Process { $_ }
function A { begin { } process { } end { } }
A; a
enum B { C }
"""

FRAMEWORK, CORE = "Framework, C# 5", "Core, C# latest"

# What is above the class, a member of it, and where that does not compile.
CSHARP = {
    "nameof": ("", "string A(string a) { return nameof(a); }", {FRAMEWORK}),
    "interpolation": ("", 'string A(string a) { return $"{a}"; }', {FRAMEWORK}),
    "conditional access": ("", "string A(string a) { return a?.Trim(); }", {FRAMEWORK}),
    "out variable": ("", 'bool A() { return int.TryParse("1", out var a) && a > 0; }', {FRAMEWORK}),
    "expression body": ("", "int A() => 1;", {FRAMEWORK}),
    "property initializer": ("", "int A { get; set; } = 1;", {FRAMEWORK}),
    "index": ("", "char A(string a) { return a[^1]; }", {FRAMEWORK}),
    "API of .NET": ("", "bool A() { return System.OperatingSystem.IsWindows(); }", {FRAMEWORK}),
    "API of .NET Framework": ("", "System.Runtime.Remoting.WellKnownObjectMode A;", {CORE}),
    "assembly": ("//AssemblyReference -Name System.Xml.dll", "System.Xml.XmlDocument A;", set()),
    "no assembly": ("", "System.Xml.XmlDocument A;", {FRAMEWORK}),
    "warning": ("", "void A() { int unused; }", {FRAMEWORK, CORE}),
    "silenced": ("//NoWarn -Name CS0168", "void A() { int unused; }", set()),
    "silenced on Core": ("//NoWarn -Name CS0168 -CLR Core", "void A() { int unused; }", {FRAMEWORK}),
    "unsafe": ("//AllowUnsafe", "unsafe int A(int* a) { return *a; }", set()),
    "not unsafe": ("", "unsafe int A(int* a) { return *a; }", {FRAMEWORK, CORE}),
    "missing util": ("using ansible_collections.acme.sample.plugins.module_utils.Gone;", "int A;", {FRAMEWORK, CORE}),
}


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    """A collection that is in order, with the settings of this one."""
    sample = Collection(tmp_path / "ansible_collections/acme/sample")
    for path, text in GOOD.items():
        write(sample, path, dedent(text))
    for name in SETTINGS:
        shutil.copy(Path(__file__).parents[2] / name, sample.root)
    return sample


def write(sample: Collection, path: str, text: str) -> None:
    """Write a file into a collection."""
    file = sample.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("check", CHECKS)
def test_passes_what_is_in_order(collection: Collection, check: str) -> None:
    assert not CHECKS[check](collection)


@pytest.mark.parametrize(("check", "path", "change", "finding"), BAD)
def test_finds_what_is_wrong(
    collection: Collection, check: str, path: str, change: str | tuple[str, str], finding: str
) -> None:
    if isinstance(change, str):
        text = change
    else:
        before = dedent(GOOD[path])
        text = before.replace(*change)
        assert text != before
    write(collection, path, text)
    assert finding in "\n".join(CHECKS[check](collection))


def test_every_check_is_seen_to_fail() -> None:
    assert {check for check, *dummy in BAD} == set(CHECKS)


def test_refuses_newer_powershell(collection: Collection) -> None:
    write(collection, "tests/newer.ps1", NEWER_POWERSHELL)
    lines = {int(finding.split(":")[1]) for finding in CHECKS["powershell"](collection)}
    accepted = [line for number, line in enumerate(NEWER_POWERSHELL.splitlines(), 1) if number not in lines]
    assert not accepted


def test_refuses_a_pipe_at_the_start_of_a_line(collection: Collection) -> None:
    write(collection, "tests/newer.ps1", "Get-Item -LiteralPath a\n    | Out-Null\n")
    assert [finding.split(" ")[0] for finding in CHECKS["powershell"](collection)] == ["tests/newer.ps1:2:5:"]


def test_accepts_older_powershell(collection: Collection) -> None:
    write(collection, "tests/older.ps1", OLDER_POWERSHELL)
    assert not CHECKS["powershell"](collection)


def test_knows_the_functions_of_required_utils(collection: Collection) -> None:
    core = "#Requires -Module Ansible.ModuleUtils.CamelConversion"
    own = "#AnsibleRequires -PowerShell ..module_utils.Own"
    calls = "Convert-DictToSnakeCase -dict @{}; Get-Own"
    write(collection, "plugins/module_utils/Own.psm1", "function Get-Own { 1 }\n")
    write(collection, "tests/a.ps1", f"{calls}\n")
    assert len(CHECKS["powershell"](collection)) == 2
    write(collection, "tests/a.ps1", f"{core}\n{own}\n{calls}\n")
    assert not CHECKS["powershell"](collection)


def test_compiles_csharp_for_both_platforms(collection: Collection) -> None:
    for name, (above, member, dummy) in CSHARP.items():
        write(collection, f"plugins/module_utils/{name}.cs", f"{above}\npublic class C {{ public {member} }}\n")
    failed: dict[str, set[str]] = {name: set() for name in CSHARP}
    for finding in CHECKS["csharp"](collection):
        failed[Path(finding.split(":")[0]).stem].add(finding.rpartition("[")[2].rstrip("]"))
    assert failed == {name: platforms for name, (dummy, dummy, platforms) in CSHARP.items()}


def test_an_action_plugin_has_its_argument_spec(collection: Collection) -> None:
    write(collection, "plugins/action/report.py", 'self.validate_argument_spec({"path": {"type": "path"}})\n')
    write(collection, "plugins/modules/report.py", 'DOCUMENTATION = """\nmodule: report\noptions: {}\n"""\n')
    assert CHECKS["options"](collection) == ["report: path: is not documented"]


@pytest.mark.parametrize(
    ("spec", "documented", "finding"),
    [
        ({}, None, "is not documented"),
        (None, {}, "is documented, but not in the argument spec"),
        ({"type": "int"}, {}, "type is 'int' in the argument spec, 'str' in the documentation"),
        ({}, {"elements": "str"}, "elements is None in the argument spec, 'str' in the documentation"),
        ({"required": True}, {}, "required is True in the argument spec, False in the documentation"),
        ({"default": []}, {}, "default is [] in the argument spec, None in the documentation"),
        ({"choices": [1]}, {"choices": {2: "Two"}}, "choices is [1] in the argument spec, [2] in the documentation"),
        ({}, {"aliases": ["a"]}, "aliases is [] in the argument spec, ['a'] in the documentation"),
        ({"no_log": True, "choices": ["a"]}, {"description": "It.", "choices": {"a": "A"}}, None),
    ],
)
def test_options_are_compared(
    spec: dict[str, object] | None, documented: dict[str, object] | None, finding: str | None
) -> None:
    coded, written = ({} if option is None else {"o": option} for option in (spec, documented))
    assert list(differences(coded, written, "m: ")) == ([] if finding is None else [f"m: o: {finding}"])


def test_suboptions_are_compared() -> None:
    spec = {"a": {"type": "dict", "options": {"b": {"type": "int"}}}}
    documented = {"a": {"type": "dict", "suboptions": {"b": {"type": "int", "default": 0}}}}
    assert list(differences(spec, documented, "m: ")) == [
        "m: a.b: default is None in the argument spec, 0 in the documentation"
    ]
