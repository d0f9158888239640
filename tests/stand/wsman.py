# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""WS-Management: SOAP messages, and shells by their ids. As much of it as pywinrm, pypsrp and Ansible use.

What a shell is and what runs in it, winrs.py and psrp.py know.
"""

from __future__ import annotations

import asyncio
import logging
import re
import uuid
import xml.etree.ElementTree as ET
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from xml.sax.saxutils import escape

_RECEIVE_TIMEOUT = 20.0  # seconds, for a client that doesn't say

SHELL = 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell'
_TRANSFER = 'http://schemas.xmlsoap.org/ws/2004/09/transfer'
_FAULT_ACTION = 'http://schemas.dmtf.org/wbem/wsman/1/wsman/fault'
_NAMESPACES = {
    's': 'http://www.w3.org/2003/05/soap-envelope',
    'a': 'http://schemas.xmlsoap.org/ws/2004/08/addressing',
    'w': 'http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd',
    'x': _TRANSFER,
    'rsp': SHELL,
    'p': 'http://schemas.microsoft.com/powershell',
}
_XMLNS = ' '.join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())

_log = logging.getLogger(__name__)


class Fault(Exception):
    """A SOAP fault, with the code that Windows gives it."""

    def __init__(self, code: int, subcode: str, reason: str, blame: str = 's:Sender') -> None:
        super().__init__(reason)
        self.code, self.subcode, self.reason, self.blame = code, subcode, reason, blame

    @classmethod
    def not_found(cls, reason: str) -> Fault:
        """There is no such shell or command."""
        return cls(2150858843, 'w:InvalidSelectors', reason)

    @classmethod
    def timed_out(cls) -> Fault:
        """There was nothing to receive; the client may ask again."""
        return cls(2150858793, 'w:TimedOut', 'The operation timed out.', 's:Receiver')

    def body(self) -> str:
        """What an answer has in place of what was asked for."""
        reason = escape(self.reason)
        return (
            f'<s:Fault><s:Code><s:Value>{self.blame}</s:Value>'
            f'<s:Subcode><s:Value>{self.subcode}</s:Value></s:Subcode></s:Code>'
            f'<s:Reason><s:Text xml:lang="en-US">{reason}</s:Text></s:Reason>'
            '<s:Detail><f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"'
            f' Code="{self.code}" Machine="localhost"><f:Message>{reason}</f:Message></f:WSManFault></s:Detail>'
            '</s:Fault>')


class Message:
    """A request that came to `address`. Raises SyntaxError, as ElementTree does, if it isn't XML as SOAP wants it."""

    def __init__(self, envelope: bytes, address: str) -> None:
        if b'<!DOCTYPE' in envelope:
            raise SyntaxError('SOAP allows no document type declaration')
        self._root = ET.fromstring(envelope)
        self.address = address
        self.id = self.text('s:Header/a:MessageID')
        self.action = self.text('s:Header/a:Action')
        self.resource = self.text('s:Header/w:ResourceURI')
        self.shell_id = self.text('s:Header/w:SelectorSet/w:Selector[@Name="ShellId"]')

    def text(self, path: str) -> str:
        """An element's text, empty if it isn't there."""
        return self._root.findtext(path, '', _NAMESPACES)

    def all(self, path: str) -> list[ET.Element]:
        """All elements of a path."""
        return self._root.findall(path, _NAMESPACES)

    def attribute(self, path: str, name: str) -> str:
        """An element's attribute, empty if it isn't there."""
        element = self._root.find(path, _NAMESPACES)
        return '' if element is None else element.get(name, '')

    @property
    def timeout(self) -> float:
        """The OperationTimeout, in seconds."""
        match = re.fullmatch(r'PT(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?', self.text('s:Header/w:OperationTimeout'))
        return 60 * int(match[1] or 0) + float(match[2] or 0) if match else _RECEIVE_TIMEOUT

    def answer(self, action: str, body: str) -> bytes:
        """The envelope of an answer."""
        return (
            f'<s:Envelope xml:lang="en-US" {_XMLNS}><s:Header><a:Action>{escape(action)}</a:Action>'
            f'<a:MessageID>uuid:{new_id()}</a:MessageID>'
            f'<a:To>{_NAMESPACES["a"]}/role/anonymous</a:To>'
            f'<a:RelatesTo>{escape(self.id)}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>').encode()


def new_id() -> str:
    """An id for a shell, a command or a message."""
    return str(uuid.uuid4()).upper()


class Shell(ABC):
    """What a client creates, and then sends its operations to. Each gives the body of the answer, or raises Fault."""

    def __init__(self, message: Message) -> None:
        self.resource = message.resource
        self.id = message.attribute('s:Body/rsp:Shell', 'ShellId') or new_id()
        self.requests = 0
        self.idle_timer: asyncio.TimerHandle | None = None

    @abstractmethod
    async def command(self, message: Message) -> str:
        """Start something."""

    @abstractmethod
    async def send(self, message: Message) -> str:
        """Take input for it."""

    @abstractmethod
    async def receive(self, message: Message) -> str:
        """Wait for output of it, as long as the message allows."""

    @abstractmethod
    async def signal(self, message: Message) -> str:
        """Stop it, or forget it."""

    @abstractmethod
    def kill(self) -> None:
        """End whatever runs in the shell. May be called more than once."""

    @abstractmethod
    async def close(self) -> None:
        """Wait until all that was killed has ended."""


class Service:
    """The operations, and the shells that they are for. `kinds` makes a shell, by the resource that the client names."""

    def __init__(self, kinds: Mapping[str, Callable[[Message], Shell]], idle_timeout: float) -> None:
        self._kinds = kinds
        self._idle_timeout = idle_timeout
        self._shells: dict[str, Shell] = {}

    async def answer(self, envelope: bytes, address: str) -> tuple[HTTPStatus, bytes]:
        """The HTTP status and the SOAP answer to a request that came to `address`."""
        try:
            message = Message(envelope, address)
        except SyntaxError:
            return HTTPStatus.BAD_REQUEST, b''
        try:
            return HTTPStatus.OK, message.answer(f'{message.action}Response', await self._operate(message))
        except Fault as error:
            fault = error
        except Exception as problem:  # pylint: disable=broad-exception-caught  # the client is to know
            _log.exception('%s failed', message.action)
            fault = Fault(1359, 'w:InternalError', f'{type(problem).__name__}: {problem}', 's:Receiver')
        return HTTPStatus.INTERNAL_SERVER_ERROR, message.answer(_FAULT_ACTION, fault.body())

    async def close(self) -> None:
        """Close all shells."""
        while self._shells:
            await self._close(next(iter(self._shells.values())))

    async def _operate(self, message: Message) -> str:
        if message.action == f'{_TRANSFER}/Create':
            return self._create(message)
        if message.shell_id not in self._shells:
            raise Fault.not_found(f'The shell {message.shell_id} was not found on the server.')
        shell = self._shells[message.shell_id]
        operations = {f'{SHELL}/Command': shell.command, f'{SHELL}/Send': shell.send, f'{SHELL}/Receive': shell.receive,
                      f'{SHELL}/Signal': shell.signal, f'{_TRANSFER}/Delete': self._delete}
        if message.action not in operations:
            raise Fault(2150858753, 'a:ActionNotSupported', f'The action {message.action} is not supported.')
        with self._in_use(shell):
            return await operations[message.action](message)

    @contextmanager
    def _in_use(self, shell: Shell) -> Iterator[None]:
        """A shell that has no request for too long is closed."""
        shell.requests += 1
        if shell.idle_timer:
            shell.idle_timer.cancel()
        try:
            yield
        finally:
            shell.requests -= 1
            if not shell.requests and shell.id in self._shells:
                loop = asyncio.get_running_loop()
                shell.idle_timer = loop.call_later(self._idle_timeout, self._abandon, shell)

    def _create(self, message: Message) -> str:
        if message.resource not in self._kinds:
            raise Fault(2150858811, 'w:DestinationUnreachable', f'There is no resource {message.resource}.')
        shell = self._kinds[message.resource](message)
        self._shells[shell.id] = shell
        with self._in_use(shell):
            return (
                f'<x:ResourceCreated><a:Address>{_NAMESPACES["a"]}/role/anonymous</a:Address>'
                f'<a:ReferenceParameters><w:ResourceURI>{shell.resource}</w:ResourceURI><w:SelectorSet>'
                f'<w:Selector Name="ShellId">{escape(shell.id)}</w:Selector></w:SelectorSet></a:ReferenceParameters>'
                f'</x:ResourceCreated><rsp:Shell><rsp:ShellId>{escape(shell.id)}</rsp:ShellId></rsp:Shell>')

    async def _delete(self, message: Message) -> str:
        await self._close(self._shells[message.shell_id])
        return ''

    async def _close(self, shell: Shell) -> None:
        self._abandon(shell)
        await shell.close()

    def _abandon(self, shell: Shell) -> None:
        self._shells.pop(shell.id, None)
        if shell.idle_timer:
            shell.idle_timer.cancel()
        shell.kill()
