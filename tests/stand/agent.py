# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The client of agent.exe, which works inside a Wine prefix: its registry, and processes of other users."""

from __future__ import annotations

import os
import re
import select
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from . import prefix as wine_prefix

REG_SZ, REG_EXPAND_SZ, REG_BINARY, REG_DWORD = 1, 2, 3, 4
ERROR_FILE_NOT_FOUND = 2
_TIMEOUT = 60.0  # seconds, for one answer


class AgentError(Exception):
    """The agent answered with a Win32 error, or not at all (code 0)."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


class Value(NamedTuple):
    """A registry value: its REG_ type and its bytes."""
    type: int
    data: bytes

    @classmethod
    def string(cls, text: str, type_: int = REG_SZ) -> Value:
        return cls(type_, (text + '\0').encode('utf-16-le'))

    @classmethod
    def number(cls, number: int) -> Value:
        return cls(REG_DWORD, number.to_bytes(4, 'little'))

    def __str__(self) -> str:
        """A string's text, a number's digits, otherwise the bytes in hexadecimal."""
        if self.type in (REG_SZ, REG_EXPAND_SZ):
            return self.data.decode('utf-16-le', 'replace').removesuffix('\0')
        return str(int(self)) if self.type == REG_DWORD else self.data.hex()

    def __int__(self) -> int:
        return int.from_bytes(self.data, 'little')


class Process(NamedTuple):
    pid: int
    sid: str  # empty where it can't be read
    executable: str


class Agent:
    """One agent.exe, from here to close(). Paths of keys begin with HKU or HKLM. Threads may share it.

    Methods raise AgentError with the Win32 code.
    """

    def __init__(self, prefix: Path) -> None:
        self._process = subprocess.Popen(
            wine_prefix.wine(r'C:\stand\bin\agent.exe'), env=wine_prefix.environment(prefix), cwd=prefix / 'drive_c',
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self._lock = threading.Lock()

    def __enter__(self) -> Agent:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End it, and with it the sessions it started."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def set_values(self, key: str, values: Mapping[str, Value]) -> None:
        """Make the key, if it isn't there, and set its values."""
        self._call('set', key, *(field for name, value in values.items()
                                 for field in (name, str(value.type), value.data.hex())))

    def delete_key(self, key: str) -> None:
        """Remove the key and all below it, if it is there."""
        try:
            self._call('delete', key)
        except AgentError as error:
            if error.code != ERROR_FILE_NOT_FOUND:
                raise

    def keys(self, key: str) -> list[str]:
        """The names of the keys in this one."""
        return [name for name, in self._call('keys', key)]

    def dump(self, key: str) -> dict[str, dict[str, Value]]:
        """Every key from this one down, by its path below this one ('' for itself), with its values.

        Nothing where there is no such key.
        """
        try:
            lines = self._call('dump', key)
        except AgentError as error:
            if error.code != ERROR_FILE_NOT_FOUND:
                raise
            return {}
        found: dict[str, dict[str, Value]] = {}
        for kind, path, *fields in lines:
            if kind == 'key':
                found[path] = {}
            else:
                name, type_, data = fields
                found[path][name] = Value(int(type_), bytes.fromhex(data))
        return found

    def save_hive(self, key: str, file: str) -> None:
        """Write the key as a hive to this file of the target, which must not exist."""
        self._call('save', key, file)

    def load_hive(self, name: str, file: str) -> None:
        """Load a hive as HKU\\name."""
        self._call('load', name, file)

    def unload_hive(self, name: str) -> None:
        self._call('unload', name)

    def start_sessions(self, *sessions: tuple[str, str]) -> list[int]:
        """Start a process that does nothing for each pair of a SID and the form of its token, and give their PIDs.

        The form is user, administrator or system.
        """
        pids = [self._call('start', sid, form)[0][0] for sid, form in sessions]
        for pid in pids:
            self._call('ready', pid)
        return [int(pid) for pid in pids]

    def stop_process(self, pid: int) -> None:
        self._call('stop', str(pid))

    def processes(self) -> list[Process]:
        return [Process(int(pid), sid, executable) for pid, sid, executable in self._call('processes')]

    def console(self) -> int:
        """Have a console, and give the PID by which console.exe finds it. To be asked once."""
        return int(self._call('console')[0][0])

    def _call(self, *fields: str) -> list[list[str]]:
        assert self._process.stdin
        with self._lock:
            try:
                self._process.stdin.write(('\t'.join(map(_encoded, fields)) + '\n').encode())
                self._process.stdin.flush()
            except BrokenPipeError:
                raise AgentError('the agent has ended') from None
            *lines, status = self._read_answer().decode().split('\n')[:-1]
        if code := int(status.removeprefix('=')):
            raise AgentError(f"the agent's {' '.join(fields)[:200]!r} failed with error {code}", code)
        return [[_decoded(field) for field in line.split('\t')] for line in lines]

    def _read_answer(self) -> bytes:
        """All up to the line that begins with =, which is the last."""
        assert self._process.stdout
        answer = bytearray()
        arriving = select.poll()  # not select(), which can't have a file with a number of 1,024 or more
        arriving.register(self._process.stdout, select.POLLIN)
        deadline = time.monotonic() + _TIMEOUT
        while not (answer.endswith(b'\n') and answer[answer.rfind(b'\n', 0, -1) + 1:].startswith(b'=')):
            if not arriving.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise AgentError(f'the agent did not answer within {_TIMEOUT:.0f} s')
            received = os.read(self._process.stdout.fileno(), 1 << 20)
            if not received:
                raise AgentError('the agent has ended')
            answer += received
        return bytes(answer)


def _encoded(field: str) -> str:
    return re.sub(r'[%\x00-\x1f]', lambda match: f'%{ord(match[0]):02x}', field)


def _decoded(field: str) -> str:
    return re.sub(r'%([0-9a-f]{2})', lambda match: chr(int(match[1], 16)), field)
