# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What will bring connections back, on a machine that has one of each kind for three users, two of them signed out."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.integration.ansible import mapped_drive, module
from tests.integration.machines import connection, remembered, sid, user
from tests.stand.agent import Value
from tests.stand.target import PROFILES, Target

POLICY = '{11111111-2222-3333-4444-555555555555}'
VERSION = r'Software\Microsoft\Windows\CurrentVersion'
TASKS = r'C:\windows\System32\Tasks'
SYSVOL = rf'\\corp.example\SysVol\corp.example\Policies\{POLICY}\User'
TRAP = r'net use T: \\oldfs\trap'
"""What a script says that must not be opened: were it read, it would be a source."""


def drive(letter: str, path: str, more: str = '') -> str:
    return (f'<?xml version="1.0" encoding="UTF-8" ?><Drives><Drive name="{letter}:"><Properties action="U" letter="{letter}" '
            f'useLetter="1" path="{path}" persistent="0" cpassword="S3cret" policyApplied="1"/>{more}</Drive></Drives>')


def task(principal: str, command: str, arguments: str, enabled: str = 'true') -> str:
    return ('<?xml version="1.0" encoding="UTF-16"?><Task xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">'
            '<Triggers><LogonTrigger/></Triggers>'
            f'<Principals><Principal>{principal}</Principal></Principals><Settings><Enabled>{enabled}</Enabled></Settings>'
            f'<Actions><Exec><Command>{command}</Command><Arguments>{arguments}</Arguments></Exec></Actions></Task>')


class Machine:
    """A target with files and keys of its own."""

    def __init__(self, target: Target) -> None:
        self.target = target

    def write(self, path: str, text: str, encoding: str = 'utf-8') -> None:
        """A file on C:, or where Wine looks for a path on the network."""
        assert path.startswith(('C:\\', '\\\\'))
        parts = path[3:].split('\\') if path.startswith('C:') else ['..', 'dosdevices', 'unc', *path[2:].split('\\')]
        folder = self.target.prefix / 'drive_c'
        for part in parts[:-1]:
            found = (one for one in folder.iterdir() if one.name.lower() == part.lower())
            folder = folder.parent if part == '..' else next(found, folder / part)
            folder.mkdir(exist_ok=True)
        (folder / parts[-1]).write_text(text, encoding=encoding)

    def keys(self, number: int, keys: Mapping[str, Mapping[str, str]], *, signed_in: bool) -> None:
        """Keys of a user's profile, in the hive file where they are not signed in."""
        agent, file = self.target.agent, rf'C:\users\user{number}\NTUSER.DAT'
        root = f'HKU\\{sid(number)}' if signed_in else r'HKU\edited'
        if not signed_in:
            agent.load_hive('edited', file)
        for key, values in keys.items():
            agent.set_values(rf'{root}\{key}', {name: Value.string(value) for name, value in values.items()})
        if not signed_in:
            agent.save_hive(root, rf'{file}.new')
            agent.unload_hive('edited')
            os.replace(self._unix(f'{file}.new'), self._unix(file))

    def machine_keys(self, keys: Mapping[str, Mapping[str, str]]) -> None:
        for key, values in keys.items():
            self.target.agent.set_values(key, {name: Value.string(value) for name, value in values.items()})

    def _unix(self, path: str) -> Path:
        return self.target.prefix.joinpath('drive_c', *path[3:].split('\\'))


@pytest.fixture(scope='module')
def machine(new_target: Callable[..., Target]) -> Machine:
    """One of each kind, for three users; only the first is signed in."""
    made = Machine(new_target())
    made.target.set({'users': [
        user(1, connection('H:', r'\\oldfs\one'), connection('K:', r'\\keep\k'), connection('O:', r'\\oldfs.corp.example\o')),
        user(2, remembered('H:', r'\\oldfs\two'), remembered('O:', r'\\oldfs.corp.example\o'), signed_in=False),
        user(3, signed_in=False)]})
    for number in (1, 2, 3):
        profile, whose = rf'C:\users\user{number}', sid(number)
        made.keys(number, {
            r'Environment': {'UserInitMprLogonScript': r'net use I: \\oldfs\init S3cret /user:svc'},
            rf'{VERSION}\Run': {'Map': r'C:\Scripts\run.cmd', 'Trap': r'\\keep\scripts\trap.cmd', 'Other': r'C:\OneDrive.exe'},
            rf'{VERSION}\Explorer\User Shell Folders': {'Personal': r'\\oldfs\docs'},
            r'Printers\Connections\,,oldfs,laser': {},
            r'Software\Policies\weatherlights.com\NetworkDriveMapping': {'Drives': r'W;\\oldfs\tool'},
            rf'{VERSION}\Group Policy\Scripts\Logon\0': {
                'GPO-ID': f'cn={POLICY},cn=policies', 'FileSysPath': SYSVOL, 'DisplayName': 'Anmeldung'},
            rf'{VERSION}\Group Policy\Scripts\Logon\0\0': {'Script': 'cached.bat', 'Parameters': ''},
            rf'{VERSION}\Group Policy\Scripts\Logon\0\1': {'Script': 'trap.bat', 'Parameters': ''},
            rf'{VERSION}\Group Policy\History\{{5794DAFD-BE60-433f-88A2-1A31939AC01F}}\0': {
                'DisplayName': 'Laufwerke', 'GPOName': POLICY},
        }, signed_in=number == 1)
        history = rf'AppData\Local\Microsoft\Group Policy\History\{POLICY}\{whose}\Preferences'
        made.write(rf'{profile}\{history}\Drives\Drives.xml', drive('G', r'\\oldfs\gpp'))
        made.write(rf'{profile}\{history}\Printers\Printers.xml',
                   r'<Printers><SharedPrinter><Properties action="U" path="\\oldfs\gpp-printer"/></SharedPrinter></Printers>')
        made.write(rf'C:\ProgramData\Microsoft\Group Policy\History\{POLICY}\{whose}\Preferences\Drives\Drives.xml',
                   drive('F', r'\\oldfs\filtered', '<Filters><FilterGroup bool="AND" not="0"/></Filters>'))
        cache = rf'C:\ProgramData\Microsoft\GroupPolicy\Users\{whose}\DataStore\0\SysVol\corp.example\Policies\{POLICY}\User'
        made.write(rf'{cache}\Preferences\Drives\Drives.xml', drive('C', r'\\oldfs\cached'), 'utf-16')
        made.write(rf'{cache}\Scripts\Logon\cached.bat',
                   'rem net use X: \\\\oldfs\\never\r\nset S=oldfs\r\nnet use L: \\\\%S%\\logon\r\n')
        made.write(rf'{cache}\Scripts\scripts.ini', '[Logon]\r\n0CmdLine=cached.bat\r\n1CmdLine=only.bat\r\n', 'utf-16')
        made.write(rf'{cache}\Scripts\Logon\only.bat', r'net use N: \\oldfs\only')
        startup = rf'{profile}\AppData\Roaming\Microsoft\Windows\Start Menu\Programs\Startup'
        made.write(rf'{startup}\start.vbs', r'n.MapNetworkDrive "V:", "\\oldfs\start"')
        made.write(rf'{startup}\broken.lnk', 'no link')
        made.machine_keys({
            rf'{PROFILES}\{whose}': {'CentralProfile': rf'\\oldfs\profiles\user{number}'},
            rf'HKLM\SOFTWARE\Microsoft\PolicyManager\Providers\{POLICY[1:-1]}\default\{whose}\drives~Policy~Drives': {
                'Drive': r'<enabled/><data id="Path" value="\\oldfs\managed"/>'}})
    made.keys(1, {'Volatile Environment': {'HOMESHARE': r'\\oldfs\home', 'HOMEDRIVE': 'U:'}}, signed_in=True)
    made.machine_keys({
        r'HKLM\SYSTEM\CurrentControlSet\Control\NetworkProvider\GlobalMappings\M': {'RemotePath': r'\\oldfs\global'},
        r'HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\DOS Devices': {'X:': r'\??\UNC\oldfs\dos'},
        r'HKU\S-1-5-20\Network\S': {'RemotePath': r'\\oldfs\service'},
        rf'HKLM\{VERSION}\Run': {'Map': r'cmd /c net use R: \\oldfs\run'},
    })
    made.write(r'C:\Scripts\run.cmd', 'if not exist Q: net use Q: \\\\oldfs\\script\r\n')
    made.write(r'C:\ProgramData\intune-drive-mapping-generator\DriveMappping.ps1',
               r"""$c = '[{"Path":"\\\\oldfs\\intune","DriveLetter":"Y"}]'""", 'utf-16')
    made.write(rf'{TASKS}\Map', task('<GroupId>S-1-5-32-545</GroupId>', 'net.exe', r'use J: \\oldfs\task'), 'utf-16')
    made.write(rf'{TASKS}\Off', task('<UserId>S-1-5-18</UserId>', 'net.exe', r'use J: \\oldfs\off', 'false'), 'utf-16')
    made.write(rf'{TASKS}\Hostile', '<!DOCTYPE x [<!ENTITY a "aaaa">]><Task>&a;</Task>')
    made.write(r'C:\windows\system32\GroupPolicy\User\Scripts\scripts.ini', '[Logon]\r\n0CmdLine=local.bat\r\n0Parameters=\r\n', 'utf-16')
    made.write(r'C:\windows\system32\GroupPolicy\User\Scripts\Logon\local.bat', r'net use P: \\oldfs\local')
    made.write(r'\\keep\scripts\trap.cmd', TRAP)
    made.write(rf'{SYSVOL}\Scripts\Logon\trap.bat', TRAP)
    return made


PER_USER = {
    ('gpp_drive', 'G:', r'\\oldfs\gpp', 'sure'), ('gpp_drive', 'F:', r'\\oldfs\filtered', 'likely'),
    ('gpp_cache_drive', 'C:', r'\\oldfs\cached', 'likely'), ('gpp_other', None, r'\\oldfs\gpp-printer', 'likely'),
    ('gpo_logon_script', 'L:', r'\\oldfs\logon', 'sure'), ('gpo_logon_script', 'N:', r'\\oldfs\only', 'likely'),
    ('policy_network_key', None, r'\\oldfs\managed', 'hint'), ('init_script', 'I:', r'\\oldfs\init', 'sure'),
    ('run_entry', 'Q:', r'\\oldfs\script', 'likely'), ('startup_item', 'V:', r'\\oldfs\start', 'likely'),
    ('folder_redirection', None, r'\\oldfs\docs', 'sure'), ('printer', None, r'\\oldfs\laser', 'sure'),
    ('mapping_tool', None, r'\\oldfs\tool', 'sure'),
}
OF_THE_MACHINE = {
    ('machine', None, 'global_mapping', 'M:', r'\\oldfs\global', 'sure'), ('machine', None, 'dos_device', 'X:', r'\\oldfs\dos', 'likely'),
    ('machine', 'S-1-5-20', 'remembered_drive', 'S:', r'\\oldfs\service', 'sure'),
    ('machine', None, 'run_entry', 'R:', r'\\oldfs\run', 'likely'), ('machine', None, 'mapping_tool', 'Y:', r'\\oldfs\intune', 'sure'),
    ('group', 'S-1-5-32-545', 'scheduled_task', 'J:', r'\\oldfs\task', 'sure'),
    ('machine', 'S-1-5-18', 'scheduled_task', 'J:', r'\\oldfs\off', 'hint'),
    ('machine', None, 'local_gpo_script', 'P:', r'\\oldfs\local', 'sure'), ('user', sid(1), 'home_folder', 'U:', r'\\oldfs\home', 'sure'),
}
EXPECTED = OF_THE_MACHINE | {('user', sid(number), *one) for number in (1, 2, 3) for one in PER_USER} | {
    ('user', sid(number), 'roaming_profile', None, rf'\\oldfs\profiles\user{number}', 'sure') for number in (1, 2, 3)}
REMEMBERED = {('user', sid(number), 'remembered_drive', 'H:', rf'\\oldfs\{name}', 'sure') for number, name in ((1, 'one'), (2, 'two'))}
STAYS = {one for one in REMEMBERED if one[1] == sid(2)}
"""That profile roams, and nobody said to change it."""
OPTIONS: dict[str, Any] = {'remote': [r'\\oldfs'], 'users': ['all'], 'signed_out': True, 'sources': True}


def found(result: dict[str, Any]) -> set[tuple[Any, ...]]:
    return {tuple(one[field] for field in ('scope', 'sid', 'kind', 'name', 'remote', 'certainty')) for one in result['sources']}


def test_each_kind_is_found_for_each_user(machine: Machine, tmp_path: Path) -> None:
    result = module(machine.target, 'netdrive.windows.mapped_drive_info', OPTIONS, tmp_path)
    assert not result['failed'], result.get('msg')
    assert found(result) == EXPECTED | REMEMBERED
    assert len(result['sources']) == len(EXPECTED | REMEMBERED), 'something is there twice'

    by_kind = {one['kind']: one for one in reversed(result['sources']) if one['sid'] == sid(2)}
    assert by_kind['gpp_drive']['policy'] == {'name': 'Laufwerke', 'id': POLICY}
    assert by_kind['gpo_logon_script']['policy'] == {'name': 'Anmeldung', 'id': POLICY}
    assert by_kind['gpo_logon_script']['where'] == rf'{SYSVOL}\Scripts\Logon\cached.bat'
    assert by_kind['init_script']['where'] == rf'HKU\{sid(2)}\Environment'
    assert by_kind['init_script']['evidence'] == r'net use I: \\oldfs\init *** /user:svc'
    assert by_kind['run_entry']['conditional'] == ['if not exist Q:']
    assert all(one['remedy'] and one['evidence'] for one in result['sources'])
    assert 'S3cret' not in str(result) and 'never' not in str(result)


def test_what_could_not_be_read_is_named_and_nothing_on_the_network_was_opened(machine: Machine, tmp_path: Path) -> None:
    trap = module(machine.target, 'ansible.windows.win_stat', {'path': r'\\keep\scripts\trap.cmd'}, tmp_path)
    assert trap['stat']['exists'], 'the trap is none: nobody could read it'
    result = module(machine.target, 'netdrive.windows.mapped_drive_info', OPTIONS, tmp_path)
    unseen = {(one['sid'], one['kind'], one['path']) for one in result['not_examined'] if one['kind'] not in ('account', 'profile')}
    assert unseen == {(None, 'task', rf'{TASKS}\Hostile')} | {
        each for number in (1, 2, 3) for each in (
            (sid(number), 'script', r'\\keep\scripts\trap.cmd'), (sid(number), 'script', rf'{SYSVOL}\Scripts\Logon\trap.bat'),
            (sid(number), 'link', rf'C:\users\user{number}\AppData\Roaming\Microsoft\Windows\Start Menu\Programs\Startup\broken.lnk'))}
    assert {one['sid'] for one in result['not_examined'] if one['kind'] == 'account'} >= {sid(1), sid(2), sid(3)}
    assert 'trap' not in str(result['sources'])
    assert {call.call for call in machine.target.calls()} <= {'enum'}


def test_other_names_of_the_server_are_told(machine: Machine, tmp_path: Path) -> None:
    for sources in (True, False):
        result = module(machine.target, 'netdrive.windows.mapped_drive_info', {**OPTIONS, 'sources': sources}, tmp_path)
        assert result['other_names'] == [
            {'remote': r'\\oldfs.corp.example', 'same_as': r'\\oldfs', 'known_by': 'first_label', 'connections': 2}]
        assert ('sources' in result) is sources


@pytest.mark.long
def test_a_clean_up_tells_what_it_leaves_behind(machine: Machine, tmp_path: Path) -> None:
    checked = mapped_drive(machine.target, tmp_path, check=True, **OPTIONS)
    assert found(checked) == EXPECTED | STAYS
    kept = mapped_drive(machine.target, tmp_path, check=True, **{**OPTIONS, 'signed_out': False, 'update_profile': False})
    assert ('user', sid(1), 'remembered_drive', 'H:', r'\\oldfs\one', 'sure') in found(kept)
    assert not {one for one in found(kept) if one[1] == sid(2) and one[2] == 'init_script'}, 'signed-out profiles were not asked for'
    done = mapped_drive(machine.target, tmp_path, **OPTIONS)
    assert done['changed'] and found(done) == EXPECTED | STAYS
