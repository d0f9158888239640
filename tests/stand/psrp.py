# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""PowerShell remoting: the shells that Ansible's psrp connection uses, runspace pools with pipelines in them.

PowerShell speaks the protocol itself, one process a pool. What it and the client have to say to each other (base64, in the
body of a message or in a line on the process's pipes) goes through unread. Around that the lines are a conversation of
their own, as in PowerShell's OutOfProcTransportManager.cs: an XML element each, about the pool or a pipeline, to be
answered by another. The next one waits for that, as the process handles each line on a thread of its own.
"""

from __future__ import annotations

import asyncio
import logging
import xml.etree.ElementTree as ET
from contextlib import suppress

from .execution import Command, Launch, start
from .wsman import SHELL, Fault, Message, Shell, new_id

RESOURCE = 'http://schemas.microsoft.com/powershell/Microsoft.PowerShell'
_SERVER = ('-NoProfile', '-NoLogo', '-ServerMode')
_POOL = '00000000-0000-0000-0000-000000000000'  # where others have the id of a pipeline
_MAX_STREAMS = 128 << 10  # characters of output in one answer: they fit the 150 KiB that clients ask for
_READ = 1 << 20  # bytes

_log = logging.getLogger(__name__)


class RunspacePool(Shell):
    """A process that speaks the protocol on its pipes, and what it has said that the client has not yet received."""

    def __init__(self, launch: Launch, message: Message) -> None:
        super().__init__(message)
        self._process = start(launch, Command('powershell', _SERVER, None, {}, new_id(), message.address))
        self._output: dict[str, list[str]] = {_POOL: []}  # by pipeline
        self._answers: dict[tuple[str, str], asyncio.Future[None]] = {}
        self._changed = asyncio.Event()
        self._ended = False
        self._turn = asyncio.Lock()
        self._listening = asyncio.create_task(self._listen())
        # The client need not wait until the process runs.
        self._opening = asyncio.create_task(self._open(message.text('s:Body/rsp:Shell/p:creationXml')))

    async def _listen(self) -> None:
        rest = b''
        while not self._ended:
            output = await self._process.read(_READ)
            *lines, rest = (rest + output.stdout).split(b'\n')
            for line in lines:
                self._hear(line)
            self._ended = output.exit_code is not None
            self._changed.set()
        for answer in self._answers.values():
            answer.cancel()

    def _hear(self, line: bytes) -> None:
        try:
            element = ET.fromstring(line)
        except ET.ParseError:
            _log.warning('PowerShell said: %r', line)
            return
        pipeline = element.get('PSGuid', '')
        if element.tag == 'Data':
            self._output.setdefault(pipeline, []).append(element.text or '')
        elif answer := self._answers.pop((element.tag, pipeline), None):
            answer.set_result(None)

    async def _open(self, creation: str) -> None:
        with suppress(Fault):  # that the process has ended, the client sees when it receives
            await self._tell('Data', _POOL, creation)

    async def _tell(self, what: str, pipeline: str, data: str | None = None, stream: str = 'Default') -> None:
        """Say something to the process, and wait until it has answered."""
        about = f"PSGuid='{pipeline}'"
        line = f'<{what} {about} />\n' if data is None else f"<{what} Stream='{stream}' {about}>{data}</{what}>\n"
        async with self._turn:
            answer = self._answers[f'{what}Ack', pipeline] = asyncio.get_running_loop().create_future()
            try:
                self._process.write(line.encode(), end=False)
                await answer
            except BrokenPipeError:
                raise self._gone() from None
            except asyncio.CancelledError:
                if self._ended:
                    raise self._gone() from None
                raise  # it is the client that has gone

    def _gone(self) -> Fault:
        return Fault.not_found(f'The shell {self.id} has ended.')

    async def command(self, message: Message) -> str:
        command_id = message.attribute('s:Body/rsp:CommandLine', 'CommandId')
        self._output[command_id.lower()] = []
        await self._tell('Command', command_id.lower())
        await self._tell('Data', command_id.lower(), message.text('s:Body/rsp:CommandLine/rsp:Arguments'))
        return f'<rsp:CommandResponse><rsp:CommandId>{command_id}</rsp:CommandId></rsp:CommandResponse>'

    async def send(self, message: Message) -> str:
        for stream in message.all('s:Body/rsp:Send/rsp:Stream'):
            of_host = stream.get('Name') == 'pr'  # the answer to what PowerShell asked of the client's host
            await self._tell('Data', stream.get('CommandId', _POOL).lower(), stream.text or '',
                             'PromptResponse' if of_host else 'Default')
        return '<rsp:SendResponse/>'

    async def receive(self, message: Message) -> str:
        command_id = message.attribute('s:Body/rsp:Receive/rsp:DesiredStream', 'CommandId')
        try:
            async with asyncio.timeout(message.timeout):
                pieces = await self._take(command_id.lower() or _POOL)
        except TimeoutError:
            if not command_id:  # pypsrp takes no fault while it opens the pool
                return '<rsp:ReceiveResponse/>'
            raise Fault.timed_out() from None
        of_command = f' CommandId="{command_id}"' if command_id else ''
        streams = ''.join(f'<rsp:Stream Name="stdout"{of_command}>{piece}</rsp:Stream>' for piece in pieces)
        # That a pipeline has ended is in the output, and the client reads it there.
        state = f'<rsp:CommandState{of_command} State="{SHELL}/CommandState/Running"/>' if command_id else ''
        return f'<rsp:ReceiveResponse>{streams}{state}</rsp:ReceiveResponse>'

    async def _take(self, pipeline: str) -> list[str]:
        """Wait for output, and take as much of it as fits an answer."""
        while not (output := self._output.get(pipeline)):
            if self._ended:
                raise self._gone()
            self._changed.clear()
            await self._changed.wait()
        taken = [output.pop(0)]
        while output and sum(map(len, taken)) + len(output[0]) <= _MAX_STREAMS:
            taken.append(output.pop(0))
        return taken

    async def signal(self, message: Message) -> str:
        pipeline = message.attribute('s:Body/rsp:Signal', 'CommandId').lower()
        await self._tell('Signal', pipeline)
        await self._tell('Close', pipeline)
        self._output.pop(pipeline, None)
        return '<rsp:SignalResponse/>'

    def kill(self) -> None:
        self._process.kill()

    async def close(self) -> None:
        await asyncio.wait([self._opening, self._listening])
