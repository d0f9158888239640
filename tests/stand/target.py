# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One Windows machine of the stand: a Wine prefix of its own, with users, connections and a WinRM endpoint."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import secrets
import shutil
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Any

from . import prefix as wine_prefix
from .agent import REG_EXPAND_SZ, Agent, Value
from .description import Connection, Description, Provider, User
from .execution import Command
from .prefix import PROVIDER_NAME, SID, SYSTEM_SID
from .ssh import SshServer
from .winrm import Endpoint

PROFILES = r'HKLM\Software\Microsoft\Windows NT\CurrentVersion\ProfileList'
_HIVE_LIST = r'HKLM\System\CurrentControlSet\Control\hivelist'
_WATCHED = ('HKU', PROFILES, _HIVE_LIST, r'HKLM\System\CurrentControlSet\Control\NetworkProvider')
_HIVE = 'netdrive_stand'  # under HKU, while the hive of a signed-out user is read
_NO_HIVE = b'no hive' * 100
_NET_TYPE_LANMAN = 0x20000
_CONNECTION_TYPES = {'any': 0, 'disk': 1, 'print': 2}


@dataclass(frozen=True)
class Call:
    """One call of the network provider. Times are Unix milliseconds; a call that goes on has no end and no result."""
    call: str
    """add, cancel or enum"""
    name: str
    force: bool
    sid: str
    pid: int
    tid: int
    begin: int
    end: int | None = None
    result: int | None = None


class Target:
    """A Windows machine, from here to stop(). Whatever it writes is in a folder that stop() removes.

    It is reached at `address`: at `port` over winrm and psrp, and over ssh at the port of `ssh`, with the same user.

    The environment names what it is made of: STAND_PREFIX (see prefix.py), STAND_PROVIDER (the folder with what
    the Makefile builds), and for `winrm` STAND_POWERSHELL (the folder with powershell.exe) or STAND_POWERSHELL_EXE
    (the full path of another). Without `winrm` nothing listens, with `ssh` sshd does as well. Threads may share a target.
    """

    def __init__(self, *, address: str = '127.0.0.1', port: int = 0, winrm: bool = True, ssh: bool = False) -> None:
        self._lock = threading.RLock()
        self._names: dict[str, str | None] = {}  # of each SID that was set up
        self._sessions: dict[tuple[str, str], list[int]] = {}  # PIDs, of each SID and form of token
        with ExitStack() as undo:
            self.folder = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix='stand-')))
            self.prefix = self.folder / 'prefix'
            self._drive = self.prefix / 'drive_c'
            self._stand = self._drive / 'stand'
            wine_prefix.clone(_path('STAND_PREFIX'), self.prefix, _path('STAND_PROVIDER'))
            undo.callback(wine_prefix.end, self.prefix)
            self.agent = undo.enter_context(Agent(self.prefix))
            self.agent.start_sessions((SYSTEM_SID, 'system'))  # every Windows has processes of SYSTEM
            # A machine's first console makes Windows write keys, which are to be there before anybody looks.
            launcher = Launcher(self.prefix, self.agent.console()) if winrm else None
            self._own_keys = set(self.agent.keys('HKU'))
            self._own_profiles = set(self.agent.keys(PROFILES))
            self._own_folders = {folder.name for folder in (self._drive / 'users').iterdir()}
            self.reset()
            self.address, self.port = address, port
            self.username, self.password = wine_prefix.USER, secrets.token_urlsafe(12)
            self._servers: list[Endpoint | SshServer] = []
            if launcher:
                endpoint = undo.enter_context(Endpoint(
                    launcher, username=self.username, password=self.password, addresses=[address], port=port))
                self.port = endpoint.port
                self._servers.append(endpoint)
            if launcher and ssh:
                folder = self.folder / 'ssh'
                folder.mkdir()
                self.ssh = undo.enter_context(SshServer(
                    self.prefix, folder, launcher.words('cmd.exe', '/c'), username=self.username, password=self.password, address=address))
                self._servers.append(self.ssh)
            self._undo = undo.pop_all()

    def __enter__(self) -> Target:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End every process of the machine and remove it."""
        self._undo.close()

    @contextmanager
    def unplugged(self) -> Iterator[None]:
        """Nobody reaches it any more, and whoever did is cut off. Commands that they had started end."""
        for server in self._servers:
            server.stop()
        try:
            yield
        finally:
            for server in self._servers:
                server.start()

    # ------------------------------------------------------------------------------------------ setting up

    def reset(self) -> None:
        """Remove all connections, users, their processes and profiles, the provider's habits and the log of calls."""
        self.set(Description())

    def set(self, description: Description | Mapping[str, Any]) -> None:
        """Make the machine have these users and connections, and no others.

        Raises ValueError, before anything is changed, if that can't be.
        """
        wanted = description if isinstance(description, Description) else Description.from_json(description)
        with self._lock:
            self._clear()
            self._run_sessions(wanted.users)
            self._names = {user.sid: user.name for user in wanted.users if user.sid}
            for user in wanted.users:
                self._add_user(user)
            if wanted.provider != Provider():
                _write_settings(self._stand / 'provider.ini', dataclasses.asdict(wanted.provider))

    def _clear(self) -> None:
        for folder in (self._stand / 'connections', self._stand / 'calls'):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        (self._stand / 'provider.ini').unlink(missing_ok=True)
        for sid in (SID, SYSTEM_SID):
            self.agent.delete_key(rf'HKU\{sid}\Network')
            self.agent.set_values(rf'HKU\{sid}\Network', {})
        for entry in self.agent.dump(_HIVE_LIST).get('', ()):
            self.agent.unload_hive(PureWindowsPath(entry).name)
        self.agent.delete_key(_HIVE_LIST)
        self.agent.set_values(_HIVE_LIST, {})
        for key in set(self.agent.keys('HKU')) - self._own_keys:
            self.agent.delete_key(rf'HKU\{key}')
        for key in set(self.agent.keys(PROFILES)) - self._own_profiles:
            self.agent.delete_key(rf'{PROFILES}\{key}')
        for folder in (self._drive / 'users').iterdir():
            if folder.name not in self._own_folders:
                shutil.rmtree(folder)

    def _run_sessions(self, users: Iterable[User]) -> None:
        """Let exactly the processes run that these users need. Those that do already go on."""
        wanted = Counter({(user.sid, 'administrator' if user.administrator else 'user'): user.sessions
                          for user in users if user.sid not in (None, SID, SYSTEM_SID) and user.signed_in})
        running = {process.pid for process in self.agent.processes()} if self._sessions else set()
        for session, pids in list(self._sessions.items()):
            pids[:] = [pid for pid in pids if pid in running]
            while len(pids) > wanted[session]:
                self.agent.stop_process(pids.pop())
            if not pids:
                del self._sessions[session]
        missing = [(str(sid), form) for (sid, form), count in wanted.items()
                   for dummy in range(count - len(self._sessions.get((str(sid), form), [])))]
        for session, pid in zip(missing, self.agent.start_sessions(*missing)):
            self._sessions.setdefault(session, []).append(pid)

    def _add_user(self, user: User) -> None:
        sid = user.sid or SID
        key = rf'HKU\{sid}'
        if sid not in (SID, SYSTEM_SID):
            folder = self._add_profile(user, sid)
            if user.signed_in:
                domain, _separator, name = str(user.name).rpartition('\\')
                self.agent.set_values(rf'{key}\Volatile Environment', {
                    'USERDOMAIN': Value.string(domain), 'USERNAME': Value.string(name),
                    'USERPROFILE': Value.string(rf'C:\users\{folder.name}')})
        self.agent.set_values(rf'{key}\Network', {})
        for connection in user.connections:
            if connection.persistent:
                self.agent.set_values(rf'{key}\Network\{connection.name[0]}', {
                    'RemotePath': Value.string(connection.remote),
                    'UserName': Value.string(connection.user_name),
                    'ProviderName': Value.string(connection.provider or PROVIDER_NAME),
                    'ProviderType': Value.number(_NET_TYPE_LANMAN),
                    'ConnectionType': Value.number(_CONNECTION_TYPES[connection.type]),
                    'DeferFlags': Value.number(4)})
        if not user.signed_in:
            self.agent.save_hive(key, rf'C:\users\{folder.name}\NTUSER.DAT')
            self.agent.delete_key(key)
        if user.bad_hive:
            (folder / 'NTUSER.DAT').write_bytes(_NO_HIVE)
        self._write_live(sid, (connection for connection in user.connections if connection.connected))

    def _add_profile(self, user: User, sid: str) -> Path:
        domain, _separator, name = str(user.name).rpartition('\\')
        folder = self._drive / 'users' / name
        if folder.exists():  # Windows does the same for the second one of a name
            folder = folder.with_name(f'{name}.{domain}')
        folder.mkdir()
        self.agent.set_values(rf'{PROFILES}\{sid}', {
            'ProfileImagePath': Value.string(rf'C:\users\{folder.name}', REG_EXPAND_SZ),
            'Flags': Value.number(0), 'State': Value.number(0)})
        return folder

    def _write_live(self, sid: str, connections: Iterable[Connection]) -> None:
        folder = self._stand / 'connections' / sid
        folder.mkdir()
        for number, connection in enumerate(connections):
            settings = {'local': connection.name, 'remote': connection.remote, 'type': connection.type,
                        'user': connection.user_name, 'provider': connection.provider or '',
                        'open_files': connection.open_files, 'cancel_error': connection.cancel_error,
                        'cancel_delay': connection.cancel_delay, 'vanish': connection.vanish}
            _write_settings(folder / f'{number:04}.ini', settings)

    # -------------------------------------------------------------------------------------------- reading back

    def state(self) -> dict[str, Any]:
        """What is on the machine, read from the provider's files and the registry, in the form that set() takes."""
        with self._lock:
            loaded = set(self.agent.keys('HKU'))
            made = set(self.agent.keys(PROFILES)) - self._own_profiles
            users = [User(connections=self._connections(SID, True))]
            of_system = self._connections(SYSTEM_SID, True)
            if of_system or SYSTEM_SID in self._names:
                users.append(User(r'NT AUTHORITY\SYSTEM', SYSTEM_SID, connections=of_system))
            for sid in made:
                sessions = {form: len(pids) for (owner, form), pids in self._sessions.items() if owner == sid}
                users.append(User(
                    self._names.get(sid) or sid, sid, signed_in=sid in loaded, sessions=sum(sessions.values()) or 1,
                    administrator='administrator' in sessions, bad_hive=sid not in loaded and self._bad_hive(sid),
                    connections=self._connections(sid, sid in loaded)))
            provider = _read_settings(self._stand / 'provider.ini')
        habits = Provider(more_data=provider.pop('more_data', '0') == '1', **{k: int(v) for k, v in provider.items()})
        return Description(tuple(users), habits).to_json()

    def connections(self, sid: str = SID) -> list[Connection]:
        """One user's connections, live and remembered."""
        with self._lock:
            return list(self._connections(sid, sid in self.agent.keys('HKU')))

    def _connections(self, sid: str, signed_in: bool) -> tuple[Connection, ...]:
        files = sorted((self._stand / 'connections' / sid).glob('*.ini'))
        live = [_live_connection(settings) for settings in map(_read_settings, files) if settings]
        remembered = self._remembered(sid) if signed_in else self._remembered_in_hive(sid)
        merged = []
        for connection in live:
            twin = next((other for other in remembered if (other.name, other.remote.lower())
                         == (connection.name, connection.remote.lower())), None)
            if twin:
                remembered.remove(twin)
            merged.append(dataclasses.replace(connection, persistent=twin is not None))
        return tuple(merged + remembered)

    def _remembered(self, key: str) -> list[Connection]:
        types = {number: name for name, number in _CONNECTION_TYPES.items()}
        found = []
        for letter, values in self.agent.dump(rf'HKU\{key}\Network').items():
            if 'RemotePath' in values:
                provider = str(values.get('ProviderName', Value.string('')))
                found.append(Connection(
                    str(values['RemotePath']), f'{letter.upper()}:', connected=False, persistent=True,
                    type=types[int(values.get('ConnectionType', Value.number(1)))],
                    user_name=str(values.get('UserName', Value.string(''))),
                    provider=None if provider == PROVIDER_NAME else provider))
        return found

    def _profile(self, sid: str) -> str:
        """The folder of a profile, as the machine calls it; empty where there is none."""
        return str(self.agent.dump(rf'{PROFILES}\{sid}').get('', {}).get('ProfileImagePath', ''))

    def _bad_hive(self, sid: str) -> bool:
        return (self._drive / 'users' / PureWindowsPath(self._profile(sid)).name / 'NTUSER.DAT').read_bytes() == _NO_HIVE

    def _remembered_in_hive(self, sid: str) -> list[Connection]:
        profile = self._profile(sid)
        if not profile or self._bad_hive(sid):
            return []
        self.agent.load_hive(_HIVE, rf'{profile}\NTUSER.DAT')
        try:
            return self._remembered(_HIVE)
        finally:
            self.agent.unload_hive(_HIVE)

    def calls(self) -> list[Call]:
        """The provider's calls since the last set() or reset(), in the order in which they began."""
        return sorted((call for log in (self._stand / 'calls').iterdir() for call in _calls(log)), key=lambda call: call.begin)

    def snapshot(self) -> dict[str, str]:
        """The machine's whole state that connections could have to do with, to compare before and after.

        A line each: registry keys and values (all of HKU, the profiles, the providers), the files of live
        connections with their text, and of each profile's hive the hash.
        """
        found: dict[str, str] = {}
        with self._lock:
            for root in _WATCHED:
                for path, values in self.agent.dump(root).items():
                    key = rf'{root}\{path}'.rstrip('\\')
                    found[key] = 'key'
                    found.update((f'{key} : {name}', f'{value.type} {value}') for name, value in values.items())
            for file in (self._stand / 'connections').glob('*/*.ini'):
                found[str(file.relative_to(self._drive))] = str(_read_settings(file))
            for file in (self._drive / 'users').glob('*/NTUSER.DAT'):
                found[str(file.relative_to(self._drive))] = hashlib.sha256(file.read_bytes()).hexdigest()
        return found


class Launcher:
    """Starts what WinRM's clients ask for, under Wine. `powershell` is the one that the environment names.

    All of it runs in the console of the process `console`.
    """

    def __init__(self, prefix: Path, console: int) -> None:
        self._prefix, self._console = prefix, str(console)
        own = os.environ.get('STAND_POWERSHELL_EXE')
        self._powershell = Path(own).absolute() if own else _path('STAND_POWERSHELL') / 'powershell.exe'
        link = prefix / 'drive_c/Program Files/PowerShell/7'
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(self._powershell.parent)

    def __call__(self, command: Command) -> subprocess.Popen[bytes]:
        executable, *arguments = _split(command.line)  # clients send it in one piece or in several
        if executable.lower().removesuffix('.exe') == 'powershell':
            executable = rf'C:\Program Files\PowerShell\7\{self._powershell.name}'
        environment = {**wine_prefix.environment(self._prefix), **command.environment, 'STAND_COMMAND': command.mark}
        return subprocess.Popen(self.words(executable, *arguments), env=environment, cwd=self._unix_folder(command.directory),
                                start_new_session=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def words(self, executable: str, *arguments: str) -> list[str]:
        """What this machine has to run, so that the target runs a program."""
        return wine_prefix.wine(r'C:\stand\bin\console.exe', self._console, executable, *arguments)

    def _unix_folder(self, directory: str | None) -> Path:
        drive = self._prefix / 'drive_c'
        folder = drive.joinpath(*PureWindowsPath(directory or '').parts[1:])
        return folder if directory and folder.is_dir() else drive / 'users' / wine_prefix.USER


def _path(name: str) -> Path:
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(f'{name} is not in the environment: the stand runs by ./dev')
    return Path(value).absolute()


def _write_settings(file: Path, settings: Mapping[str, object]) -> None:
    temporary = file.with_suffix('.new')
    lines = (f'{key}={int(value) if isinstance(value, bool) else value}\n' for key, value in settings.items())
    temporary.write_text(''.join(lines), encoding='utf-8')
    temporary.rename(file)


def _read_settings(file: Path) -> dict[str, str]:
    try:
        lines = file.read_text(encoding='utf-8').split('\n')
    except FileNotFoundError:
        return {}
    return dict(line.split('=', 1) for line in lines if '=' in line)


def _calls(log: Path) -> list[Call]:
    found: list[Call] = []
    running: dict[str, int] = {}
    for line in log.read_text(encoding='utf-8').split('\n')[:-1]:
        time, moment, pid, tid, sid, call, name, force, result = line.split('\t')
        if moment == 'begin':
            running[tid] = len(found)
            found.append(Call(call, name, force=force == '1', sid=sid, pid=int(pid), tid=int(tid), begin=int(time)))
        elif tid in running:  # otherwise it began before the log
            index = running.pop(tid)
            found[index] = dataclasses.replace(found[index], end=int(time), result=int(result))
    return found


def _live_connection(settings: Mapping[str, str]) -> Connection:
    def flag(key: str) -> int:
        return int(settings.get(key) or 0)
    return Connection(
        settings['remote'], settings['local'].upper(), connected=True, persistent=False, type=settings.get('type', 'disk'),
        user_name=settings.get('user', ''), provider=settings.get('provider') or None,
        open_files=bool(flag('open_files')), vanish=bool(flag('vanish')),
        cancel_error=flag('cancel_error'), cancel_delay=flag('cancel_delay'))


def _split(line: str) -> list[str]:
    """A command line's parts. Quotes hold together what is between them; they are for nothing else."""
    return [match.replace('"', '') for match in re.findall(r'(?:[^\s"]|"[^"]*"?)+', line)]
