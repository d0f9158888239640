# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a machine is asked whether it answers: where Ansible would go."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader
from ansible_collections.netdrive.windows.plugins.plugin_utils import asking
from ansible_collections.netdrive.windows.plugins.plugin_utils.asking import Access, Door, ask, ask_one, door_of

from tests.stand.addresses import NOBODY, silent_host

PLACE = {"inventory_hostname": "pc1", "ansible_host": "10.0.0.1"}


@pytest.fixture(autouse=True)
def controller(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One without proxies and without a configuration of ssh, that has Ansible's connections loaded as the playbook does."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(asking, "SYSTEM_SSH", tmp_path / "etc")
    asking.ssh_redirects.cache_clear()
    list(connection_loader.all(class_only=True))


def access(**variables: Any) -> Access:
    """How a host with these variables is reached."""
    return Access({**PLACE, **variables}, DataLoader(), "ssh")


@pytest.mark.parametrize("variables, door", [
    ({"ansible_connection": "winrm"}, Door("10.0.0.1", 5986, "winrm")),
    ({"ansible_connection": "winrm", "ansible_port": 5985}, Door("10.0.0.1", 5985, "winrm")),
    ({"ansible_connection": "ansible.builtin.winrm", "ansible_winrm_port": 1, "ansible_winrm_host": "b"}, Door("b", 1, "winrm")),
    ({"ansible_connection": "psrp"}, Door("10.0.0.1", 5986, "psrp")),
    ({"ansible_connection": "psrp", "ansible_psrp_protocol": "http"}, Door("10.0.0.1", 5985, "psrp")),
    ({"ansible_connection": "psrp", "ansible_psrp_port": 7}, Door("10.0.0.1", 7, "psrp")),
    ({"ansible_shell_type": "powershell"}, Door("10.0.0.1", 22, "ssh")),
    ({"ansible_shell_type": "cmd", "ansible_port": "2222"}, Door("10.0.0.1", 2222, "ssh")),
    ({"ansible_connection": "winrm", "ansible_winrm_proxy": "http://proxy:1"}, None),
    ({"ansible_connection": "psrp", "ansible_psrp_proxy": "http://proxy:1"}, None),
    ({"ansible_shell_type": "cmd", "ansible_ssh_common_args": "-o ProxyJump=gate"}, None),
    ({"ansible_shell_type": "cmd", "ansible_ssh_extra_args": "-J gate"}, None),
    ({"ansible_shell_type": "cmd", "ansible_ssh_args": "-o proxyjump=gate"}, None),
    ({"ansible_shell_type": "cmd", "ansible_ssh_args": "-C -oHostname=b -o ControlMaster=auto"}, None),
    ({"ansible_shell_type": "cmd", "ansible_ssh_args": "-o port=2222"}, None),
    ({"ansible_shell_type": "cmd", "ansible_ssh_extra_args": "-p 2222"}, None),
    ({"ansible_shell_type": "cmd", "ansible_ssh_executable": "/opt/through-the-gate"}, None),
    ({"ansible_connection": "winrm", "ansible_port": 598600}, None),
    ({"ansible_shell_type": "cmd", "ansible_port": -1}, None),
    ({"ansible_connection": "winrm", "ansible_port": "ninety"}, None)])
def test_a_machine_is_asked_where_ansible_would_go(variables: dict[str, Any], door: Door | None) -> None:
    assert access(**variables).windows
    assert access(**variables).door == door


def loaded(name: str, **variables: Any) -> Any:
    """A connection plugin as a task has it."""
    connection = connection_loader.get(name, PlayContext(), os.devnull)
    extras = {name: value for name, value in variables.items() if name == "ansible_winrm_proxy"}
    connection.set_options(var_options={**PLACE, **variables, "_extras": extras})
    return connection


@pytest.mark.parametrize("name, variables, door", [
    ("winrm", {}, Door("10.0.0.1", 5986, "winrm")), ("winrm", {"ansible_winrm_port": 5985}, Door("10.0.0.1", 5985, "winrm")),
    ("winrm", {"ansible_winrm_proxy": ""}, Door("10.0.0.1", 5986, "winrm")),
    ("winrm", {"ansible_winrm_proxy": "http://proxy:1"}, None),
    ("psrp", {"ansible_psrp_protocol": "http"}, Door("10.0.0.1", 5985, "psrp")),
    ("psrp", {"ansible_psrp_proxy": "http://proxy:1"}, None),
    ("ssh", {}, Door("10.0.0.1", 22, "ssh")), ("ssh", {"ansible_ssh_extra_args": "-J gate"}, None)])
def test_a_loaded_connection_says_the_same(name: str, variables: dict[str, Any], door: Door | None) -> None:
    assert door_of(loaded(name, **variables)) == door


def test_where_a_connection_plugin_leads_that_is_made_of_one_of_ansible_s_nobody_knows() -> None:
    connection = loaded("winrm")
    connection.ansible_name = "winrm_through_the_gate"
    assert connection.transport == "winrm" and door_of(connection) is None


@pytest.mark.parametrize("variables, windows", [
    ({}, False), ({"ansible_connection": "local"}, False), ({"ansible_connection": "ansible.builtin.ssh"}, False),
    ({"ansible_connection": "ssh", "ansible_shell_type": "sh"}, False), ({"ansible_connection": "winrm"}, True),
    ({"ansible_connection": "nobody.nothing.never"}, True)])
def test_who_is_reached_as_windows_is(variables: dict[str, Any], windows: bool) -> None:
    assert access(**variables).windows is windows


def test_behind_a_proxy_of_the_environment_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy:1")
    assert not access(ansible_connection="winrm").door
    assert access(ansible_connection="psrp", ansible_psrp_ignore_proxy=True).door
    monkeypatch.setenv("no_proxy", "10.0.0.1")
    assert access(ansible_connection="winrm").door


@pytest.mark.parametrize("text", ["Host *\n  ProxyJump gate\n", "include more/*\n", "Host pc1\n\tHostname=b\n",
                                  "CanonicalDomains corp.example\n", "Match exec true\n"])
def test_over_ssh_nobody_is_asked_if_its_configuration_leads_elsewhere(tmp_path: Path, text: str) -> None:
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "config").write_text(text)
    assert not access(ansible_shell_type="cmd").door and access(ansible_connection="winrm").door


def test_who_answers_and_who_does_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, silent_host() as asleep:
        doors = {"on": Door("127.0.0.1", listening.getsockname()[1], "winrm"), "off": Door(*NOBODY, "winrm"),
                 "asleep": Door(*asleep, "winrm"), "retired": Door("no-such-host.invalid", 5986, "winrm")}
        reasons = ask(doors)
        assert {host: reason for host, door in doors.items() if (reason := ask_one(door))} == reasons
    assert set(reasons) == {"off", "asleep", "retired"}
    assert reasons["off"] == "winrm: 127.0.0.1, port 9: [Errno 111] Connection refused"
    assert "timed out" in reasons["asleep"] and reasons["retired"].startswith("winrm: no-such-host.invalid, port 5986: [Errno -")


def test_a_machine_with_two_addresses_answers_at_one_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.2", 0)) as listening:
        port = listening.getsockname()[1]
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in ("127.0.0.1", "127.0.0.2")]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_given, **_more: found)
        door = Door("pc1.corp.example", port, "winrm")
        assert not ask_one(door) and not ask({"pc1": door})
    assert ask_one(door) == ask({"pc1": door})["pc1"] == f"winrm: pc1.corp.example, port {port}: [Errno 111] Connection refused"


def test_more_than_can_be_asked_at_once_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "AT_ONCE", 3)
    assert set(ask({f"pc{number}": Door(*NOBODY, "winrm") for number in range(20)})) == {f"pc{number}" for number in range(20)}
