# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Windows Remote Shell: the shells that Ansible's winrm connection uses, with commands and their three streams."""

from __future__ import annotations

import asyncio
import base64

from .execution import Command, Execution, Launch, end, start
from .wsman import SHELL, Fault, Message, Shell, new_id

RESOURCE = f'{SHELL}/cmd'
_MAX_STREAMS = 96 << 10  # bytes of output in one answer: in base64 they fit the 150 KiB that clients ask for


class CommandShell(Shell):
    """The place and the environment of commands, and the commands by their ids."""

    def __init__(self, launch: Launch, message: Message) -> None:
        super().__init__(message)
        self._launch = launch
        self._directory = message.text('s:Body/rsp:Shell/rsp:WorkingDirectory') or None
        self._environment = {variable.get('Name', ''): variable.text or ''
                             for variable in message.all('s:Body/rsp:Shell/rsp:Environment/rsp:Variable')}
        self._commands: dict[str, Execution] = {}

    def _command(self, command_id: str) -> Execution:
        if command_id not in self._commands:
            raise Fault.not_found(f'There is no command {command_id} in this shell.')
        return self._commands[command_id]

    async def command(self, message: Message) -> str:
        command = Command(
            executable=message.text('s:Body/rsp:CommandLine/rsp:Command'),
            arguments=tuple(part.text or '' for part in message.all('s:Body/rsp:CommandLine/rsp:Arguments')),
            directory=self._directory, environment=self._environment, mark=new_id(), address=message.address)
        self._commands[command.mark] = start(self._launch, command)
        return f'<rsp:CommandResponse><rsp:CommandId>{command.mark}</rsp:CommandId></rsp:CommandResponse>'

    async def send(self, message: Message) -> str:
        for stream in message.all('s:Body/rsp:Send/rsp:Stream'):
            execution = self._command(stream.get('CommandId', ''))
            try:
                execution.write(base64.b64decode(stream.text or ''), stream.get('End', '').lower() == 'true')
            except BrokenPipeError:
                raise Fault(109, 'w:InternalError', 'The pipe has been ended.', 's:Receiver') from None
        return '<rsp:SendResponse/>'

    async def receive(self, message: Message) -> str:
        command_id = message.attribute('s:Body/rsp:Receive/rsp:DesiredStream', 'CommandId')
        execution = self._command(command_id)
        try:
            async with asyncio.timeout(message.timeout):
                output = await execution.read(_MAX_STREAMS)
        except TimeoutError:
            raise Fault.timed_out() from None
        except asyncio.CancelledError:  # nobody waits for it any more
            execution.kill()
            raise
        streams = ''.join(
            f'<rsp:Stream Name="{name}" CommandId="{command_id}">{base64.b64encode(data).decode()}</rsp:Stream>'
            for name, data in (('stdout', output.stdout), ('stderr', output.stderr)) if data)
        state, exit_code = 'Running', ''
        if output.exit_code is not None:
            state, exit_code = 'Done', f'<rsp:ExitCode>{output.exit_code}</rsp:ExitCode>'
        return (
            f'<rsp:ReceiveResponse>{streams}<rsp:CommandState CommandId="{command_id}"'
            f' State="{SHELL}/CommandState/{state}">{exit_code}</rsp:CommandState></rsp:ReceiveResponse>')

    async def signal(self, message: Message) -> str:
        command_id = message.attribute('s:Body/rsp:Signal', 'CommandId')
        execution = self._command(command_id)
        code = message.text('s:Body/rsp:Signal/rsp:Code').removeprefix(f'{SHELL}/signal/')
        if code == 'terminate':
            del self._commands[command_id]
            await end(execution)
        elif code == 'ctrl_c':  # after which the client may still receive
            execution.kill()
        else:
            raise Fault(87, 'w:InvalidParameter', f'The signal {code} is not supported.')
        return '<rsp:SignalResponse/>'

    def kill(self) -> None:
        for execution in self._commands.values():
            execution.kill()

    async def close(self) -> None:
        for execution in self._commands.values():
            await end(execution)
