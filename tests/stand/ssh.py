# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A target's sshd: OpenSSH as it comes with Windows, with cmd.exe for its shell. It lets one user in, by password or key."""

from __future__ import annotations

import ctypes
import os
import secrets
import shlex
import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from . import prefix as wine_prefix
from .addresses import free_port
from .execution import kill_marked

# What is not said here is as OpenSSH has it. UsePAM would ask this machine's own accounts.
_CONFIG = '''\
ListenAddress {address}
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PidFile none
StrictModes no
UsePAM no
PermitRootLogin yes
PermitTTY no
MaxStartups 100
SetEnv {environment}
ForceCommand {shell} "$SSH_ORIGINAL_COMMAND"; exit $?
'''
# The shell of a killed command has to live on: of it, ssh would say the same as of a lost connection.


class SshServer:
    """An sshd on loopback, from start() to stop(). Its files are in `folder`, which has to be there and empty.

    `shell` is the start of a command line, to which the client's is added. `port` 0 takes a free one; `port` then says which.
    `key` is the file of a private key that may come in, `known_hosts` one with the server's own.
    """

    def __init__(self, prefix: Path, folder: Path, shell: Sequence[str], *, username: str, password: str, address: str,
                 port: int = 0) -> None:
        self.address, self.port = address, port or free_port(address)
        self.key, self.known_hosts = folder / 'user', folder / 'known_hosts'
        self._mark = secrets.token_hex(16)
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        for key in (folder / 'host', self.key):
            subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key], check=True)
        self.known_hosts.write_text(f"[{address}]:{self.port} {(folder / 'host.pub').read_text()}")
        self._write_accounts(prefix, username, password)
        environment = {**wine_prefix.environment(prefix), 'WINEPATH': r'C:\Program Files\PowerShell\7', 'STAND_COMMAND': self._mark}
        (folder / 'config').write_text(_CONFIG.format(
            address=address, port=self.port, folder=folder, shell=shlex.join(shell),
            environment=' '.join(f'"{name}={value}"' for name, value in environment.items())))

    def _write_accounts(self, prefix: Path, username: str, password: str) -> None:
        """The accounts that sshd is to see: whoever runs it, by another name, and the one that it needs for itself."""
        crypt = ctypes.CDLL('libcrypt.so.1').crypt
        crypt.restype = ctypes.c_char_p
        hashed = crypt(password.encode(), f'$6${secrets.token_hex(8)}'.encode()).decode()
        home = prefix / 'drive_c/users' / wine_prefix.USER
        (self._folder / 'passwd').write_text(
            f'{username}:{hashed}:{os.getuid()}:{os.getgid()}::{home}:/bin/sh\nsshd:x:65534:65534::/run/sshd:/bin/false\n')
        (self._folder / 'group').write_text(f'{username}:x:{os.getgid()}:\n')

    def __enter__(self) -> SshServer:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen and serve, in the background. Raises RuntimeError, with what sshd says, if it doesn't."""
        with suppress(PermissionError):  # only root needs it
            Path('/run/sshd').mkdir(exist_ok=True)
        environment = {'LD_PRELOAD': 'libnss_wrapper.so', 'NSS_WRAPPER_PASSWD': str(self._folder / 'passwd'),
                       'NSS_WRAPPER_GROUP': str(self._folder / 'group'), 'STAND_COMMAND': self._mark}
        with open(self._folder / 'log', 'wb') as log:
            self._process = subprocess.Popen(['/usr/sbin/sshd', '-D', '-e', '-f', self._folder / 'config'], env=environment,
                                             stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        while not self._listens():
            if self._process.poll() is not None:
                raise RuntimeError(f"sshd ended: {(self._folder / 'log').read_text(errors='replace')}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it, its sessions and their commands."""
        if self._process:
            self._process.kill()
            kill_marked('STAND_COMMAND', self._mark)
            self._process.wait()
            self._process = None

    def _listens(self) -> bool:
        with socket.socket() as connection:
            return not connection.connect_ex((self.address, self.port))
