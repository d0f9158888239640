# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How Ansible would reach a machine, and whether its port answers: asked of many at once, as one that is off costs a
worker half a minute.
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import getproxies, proxy_bypass

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.loader import connection_loader
from ansible.template import Templar

SYSTEM_SSH = Path("/etc/ssh")
AT_ONCE = 500  # sockets; most systems let a process have 1,024 files open
_PATIENCE = 4.0  # seconds; TCP asks again after one second and after three
_LOOKUPS = 64  # threads
_LONGEST = 20.0  # seconds for each AT_ONCE machines; who is not decided by then is left to Ansible
_NO_ANSWER = (errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT, errno.EHOSTDOWN)

_ELSEWHERE = re.compile(r"(?i:Proxy(Jump|Command)|HostName|\bPort\b)|(^|\s)-[JFWp]")
_REDIRECTS = re.compile(r"^\s*(Proxy(Jump|Command)|HostName|Port|Canonical\w+|Match)\b", re.IGNORECASE | re.MULTILINE)
_INCLUDES = re.compile(r"^\s*Include\b", re.IGNORECASE | re.MULTILINE)
_UNKNOWN = "unknown"  # which no connection plugin is called


class Door(NamedTuple):
    """Where a machine is reached."""

    address: str
    port: int
    transport: str
    """winrm, psrp or ssh"""


class Access:
    """How Ansible reaches a host, by its variables."""

    def __init__(self, variables: Mapping[str, Any], loader: Any, default: str) -> None:
        self._variables, self._templar = variables, Templar(loader=loader, variables=dict(variables))
        try:
            self.connection = _own_name(str(self._value("ansible_connection", default)))
            self._shell = self._value("ansible_shell_type")
        except AnsibleError:
            self.connection, self._shell = _UNKNOWN, None

    @property
    def windows(self) -> bool:
        """Whether it is reached as Windows is; so is one whose connection nobody knows, which fails when its turn comes."""
        return self.connection in ("winrm", "psrp") or self._shell in ("powershell", "cmd") \
            or not connection_loader.has_plugin(self.connection)

    @property
    def door(self) -> Door | None:
        """Where to ask; none if something is in between that Ansible reaches it through, or that is not known."""
        return _door(self.connection, self._option, lambda: self._value(f"ansible_{self.connection}_proxy"))

    def _value(self, name: str, default: Any = None) -> Any:
        return self._templar.template(self._variables[name]) if name in self._variables else default

    def _option(self, name: str) -> Any:
        """An option of the connection plugin as Ansible takes it: from variables, the environment or ansible.cfg."""
        values = {one: self._templar.template(self._variables[one])
                  for one in _variables_of(self.connection, name) if one in self._variables}
        return C.config.get_config_value(name, plugin_type="connection", plugin_name=self.connection, variables=values)


def door_of(connection: Any) -> Door | None:
    """Where a connection plugin leads that is loaded and has its options; none as in Access."""
    name, option = _own_name(connection.ansible_name), connection.get_option  # its transport is also that of plugins made of it
    # What pywinrm alone knows of, Ansible passes on to it as extras.
    return _door(name, option, lambda: option("_extras").get("ansible_winrm_proxy") if name == "winrm" else option("proxy"))


def _own_name(connection: str) -> str:
    """One of Ansible's own connection plugins by the shortest of its names."""
    return re.sub(r"^ansible\.(builtin|legacy)\.", "", connection)


def _door(connection: str, option: Callable[[str], Any], proxy: Callable[[], Any]) -> Door | None:
    try:
        if connection == "ssh":
            return None if _ssh_leads_elsewhere(option) else _valid(option("host"), option("port") or 22, connection)
        if connection not in ("winrm", "psrp") or proxy():
            return None
        address, port, scheme = str(option("remote_addr")), option("port"), option("scheme" if connection == "winrm" else "protocol")
        port = int(port or (5985 if scheme == "http" else 5986))
        direct = connection == "psrp" and boolean(option("ignore_proxy"), strict=False)
        proxied = not direct and _goes_through_a_proxy(address, scheme or ("http" if port == 5985 else "https"))
        return None if proxied else _valid(address, port, connection)
    except (AnsibleError, ValueError, TypeError, KeyError):
        return None  # Ansible is going to say what is wrong


def _valid(address: Any, port: Any, transport: str) -> Door | None:
    return Door(str(address), int(port), transport) if 0 < int(port) < 2**16 else None


def _ssh_leads_elsewhere(option: Callable[[str], Any]) -> bool:
    """Whether ssh is told to go through another machine, or to another name or port than Ansible says."""
    arguments = (str(option(name) or "") for name in ("ssh_args", "ssh_common_args", "ssh_extra_args"))
    return ssh_redirects() or option("ssh_executable") != "ssh" or any(map(_ELSEWHERE.search, arguments))


def _goes_through_a_proxy(address: str, scheme: str) -> bool:
    """Whether requests, which winrm and psrp use, is told so by the environment."""
    proxies = getproxies()
    return bool(proxies.get(scheme) or proxies.get("all")) and not proxy_bypass(address)


@cache
def _variables_of(connection: str, option: str) -> tuple[str, ...]:
    definition = C.config.get_configuration_definitions("connection", connection)[option]
    return tuple(one["name"] for one in definition.get("vars", ()))


@cache
def ssh_redirects() -> bool:
    """Whether the configuration of ssh says of some host that it is elsewhere than its name and port say."""
    own = Path.home() / ".ssh" / "config"
    files = [own, SYSTEM_SSH / "ssh_config", *(SYSTEM_SSH / "ssh_config.d").glob("*.conf")]
    texts = {file: file.read_text(errors="replace") for file in files if file.is_file()}
    return any(map(_REDIRECTS.search, texts.values())) or bool(_INCLUDES.search(texts.get(own, "")))


def ask(doors: Mapping[str, Door]) -> dict[str, str]:
    """Knock at all doors; returns for each host that does not answer the reason, in the words of the system."""
    return asyncio.run(_ask(doors)) if doors else {}


def ask_one(door: Door) -> str:
    """Knock at one door; returns as ask() why there is no answer. A loop and its threads would cost more than the question."""
    try:
        found = socket.getaddrinfo(door.address, door.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return _not_found(door, error)
    reasons, end = [], time.monotonic() + _PATIENCE
    for *dummy, address in found:
        try:
            socket.create_connection((str(address[0]), door.port), max(0.1, end - time.monotonic())).close()
            return ""
        except OSError as error:
            reasons.append(_reason(error))
    return _no_answer(door, reasons)


async def _ask(doors: Mapping[str, Door]) -> dict[str, str]:
    lookups, sockets = ThreadPoolExecutor(_LOOKUPS), asyncio.Semaphore(AT_ONCE)
    tasks = {host: asyncio.create_task(_knock(door, lookups, sockets)) for host, door in doors.items()}
    await asyncio.wait(tasks.values(), timeout=_LONGEST * (1 + len(tasks) // AT_ONCE))
    reasons = {host: task.result() for host, task in tasks.items() if task.done() and not task.exception()}
    for task in tasks.values():
        task.cancel()
    lookups.shutdown(wait=False, cancel_futures=True)
    return {host: reason for host, reason in reasons.items() if reason}


async def _knock(door: Door, lookups: Executor, sockets: asyncio.Semaphore) -> str:
    try:
        # Not the loop's own way: that would wait at its end for look-ups that take for ever.
        found = await asyncio.get_running_loop().run_in_executor(
            lookups, partial(socket.getaddrinfo, door.address, door.port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError) as error:
        return _not_found(door, error)
    return _no_answer(door, await asyncio.gather(*(_try(str(address[0]), door.port, sockets) for *dummy, address in found)))


async def _try(address: str, port: int, sockets: asyncio.Semaphore) -> str:
    try:
        async with sockets:
            dummy, writer = await asyncio.wait_for(asyncio.open_connection(address, port), _PATIENCE)
    except (OSError, asyncio.TimeoutError) as error:
        return _reason(error)
    writer.close()
    return ""


def _not_found(door: Door, error: Exception) -> str:
    """Why a name leads nowhere; empty if it is not the name that is at fault."""
    return f"{_where(door)}: {error}" if isinstance(error, socket.gaierror) else ""


def _no_answer(door: Door, reasons: Sequence[str]) -> str:
    """Why no address of a machine answers; empty if one does, or if it is not the machine that is at fault."""
    return "" if "" in reasons else f"{_where(door)}: {reasons[0]}"


def _where(door: Door) -> str:
    return f"{door.transport}: {door.address}, port {door.port}"


def _reason(error: Exception) -> str:
    if isinstance(error, (TimeoutError, asyncio.TimeoutError)):  # which are one from Python 3.11 on
        return f"timed out, no answer within {_PATIENCE:g} seconds"
    number = error.errno if isinstance(error, OSError) else None
    return f"[Errno {number}] {os.strerror(number)}" if number in _NO_ANSWER else ""
