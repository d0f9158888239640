# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A command that a client of the endpoint runs: a process of this machine, or what answers like one."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import typing
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

_PIPE = 1 << 20  # bytes: as much as a pipe can hold, so that one read empties it
_HELD_OUTPUT = 1 << 20  # bytes of a stream that are held for the client before the command has to wait


@dataclass(frozen=True)
class Command:
    """What a client asks to be run.

    `arguments` are as the client sent them: pywinrm joins all of them into one string.
    `environment` is what the client adds to the machine's own.
    `mark` is unique. A process gets it as the variable STAND_COMMAND, by which all its descendants can be found.
    `address` is the one the client came to, of those that the endpoint serves.
    """
    executable: str
    arguments: tuple[str, ...]
    directory: str | None
    environment: Mapping[str, str]
    mark: str
    address: str

    @property
    def line(self) -> str:
        """The command line, as cmd.exe would get it."""
        return ' '.join((self.executable, *self.arguments))


class Output(typing.NamedTuple):
    """A piece of a command's output; with `exit_code` it is the last one."""
    stdout: bytes
    stderr: bytes
    exit_code: int | None


class Execution(ABC):
    """A running command, as the endpoint needs it. Every call comes from the endpoint's loop; none may block."""

    @abstractmethod
    def write(self, data: bytes, end: bool) -> None:
        """Take input, the last of it if `end`. Raises BrokenPipeError if the command takes no more."""

    @abstractmethod
    async def read(self, limit: int) -> Output:
        """Wait for output or the end, and give at most `limit` bytes. After the end: the end, again and again."""

    @abstractmethod
    def kill(self) -> None:
        """End all of the command, if it hasn't been done. May be called at any time; read() then comes to the end."""


Launch = Callable[[Command], 'subprocess.Popen[bytes] | Execution']


def start(launch: Launch, command: Command) -> Execution:
    """Start a command, whichever of the two it becomes."""
    started = launch(command)
    return started if isinstance(started, Execution) else Process(started, command.mark)


async def end(execution: Execution) -> None:
    """End all of a command, and wait until it has ended."""
    execution.kill()
    while (await execution.read(_HELD_OUTPUT)).exit_code is None:
        pass


class Process(Execution):
    """A command that is a process. Its input waits in memory, so that the client needn't; of its output, some does.

    It has ended when its first process has, whoever may still hold its pipes. Until kill() that process stays a
    zombie: its number is the process group's, and must not become another's.
    """

    def __init__(self, popen: subprocess.Popen[bytes], mark: str) -> None:
        assert popen.stdin and popen.stdout and popen.stderr
        self._popen, self._mark = popen, mark
        self._stdin, self._stdout, self._stderr = popen.stdin, popen.stdout, popen.stderr
        self._input, self._input_ended = bytearray(), False
        self._output = {self._stdout.fileno(): bytearray(), self._stderr.fileno(): bytearray()}
        self._paused: set[int] = set()
        self._changed = asyncio.Event()
        self._exit_code: int | None = None
        self._killed = False
        self._pidfd = os.pidfd_open(popen.pid)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._pidfd, self._exited)
        for fd in self._output:
            os.set_blocking(fd, False)
            self._loop.add_reader(fd, self._fill, fd)
        os.set_blocking(self._stdin.fileno(), False)

    def write(self, data: bytes, end: bool) -> None:
        if self._stdin.closed:
            raise BrokenPipeError
        self._input += data
        self._input_ended |= end
        self._pour()

    def _pour(self) -> None:
        self._loop.remove_writer(self._stdin)
        try:
            while self._input:
                del self._input[:os.write(self._stdin.fileno(), self._input[:64 << 10])]
        except BlockingIOError:
            self._loop.add_writer(self._stdin, self._pour)
            return
        except BrokenPipeError:
            self._input_ended = True
        if self._input_ended:
            self._stdin.close()

    def _fill(self, fd: int) -> None:
        try:
            data = os.read(fd, _PIPE)
        except BlockingIOError:
            return
        self._output[fd] += data
        if not data:
            self._loop.remove_reader(fd)
        elif len(self._output[fd]) >= _HELD_OUTPUT:
            self._loop.remove_reader(fd)
            self._paused.add(fd)
        self._changed.set()

    async def read(self, limit: int) -> Output:
        while self._exit_code is None and not any(self._output.values()):
            self._changed.clear()
            await self._changed.wait()
        pieces = []
        for held in self._output.values():
            pieces.append(bytes(held[:limit]))
            del held[:limit]
            limit -= len(pieces[-1])
        while self._paused:
            fd = self._paused.pop()
            self._loop.add_reader(fd, self._fill, fd)
        return Output(pieces[0], pieces[1], None if any(self._output.values()) else self._exit_code)

    def _exited(self) -> None:
        self._loop.remove_reader(self._pidfd)
        if not self._stdin.closed:
            self._loop.remove_writer(self._stdin)
            self._stdin.close()
        for fd in self._output:  # what it wrote last is in the pipes by now
            self._fill(fd)
            self._loop.remove_reader(fd)
        self._paused.clear()
        end = os.waitid(os.P_PID, self._popen.pid, os.WEXITED | os.WNOWAIT)
        assert end
        self._exit_code = end.si_status if end.si_code == os.CLD_EXITED else 128 + end.si_status
        self._changed.set()
        if self._killed:
            self._release()

    def kill(self) -> None:
        if self._killed:
            return
        self._killed = True
        os.killpg(self._popen.pid, signal.SIGKILL)
        kill_marked('STAND_COMMAND', self._mark)
        if self._exit_code is not None:
            self._release()

    def _release(self) -> None:
        os.close(self._pidfd)
        self._stdout.close()
        self._stderr.close()
        self._popen.wait()


def kill_marked(variable: str, mark: str) -> None:
    """Kill every process that was started with this mark in its environment.

    A killed one can't start another: all are found when no new one is.
    """
    killed: set[int] = set()
    while found := set(marked(variable, mark)) - killed:
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        killed |= found


def marked(variable: str, mark: str) -> Iterator[int]:
    """The PIDs of all processes that were started with this mark in their environment."""
    entry = f'{variable}={mark}'.encode()
    for name in filter(str.isdigit, os.listdir('/proc')):
        with suppress(OSError), open(f'/proc/{name}/environ', 'rb') as environment:
            if entry in environment.read().split(b'\0'):
                yield int(name)
