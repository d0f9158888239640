# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The Wine prefix of a target: prepared once as a template, cloned in an instant for each target.

`python3 -m tests.stand.prefix FOLDER` makes the template.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
import sys
from pathlib import Path

USER = 'Administrator'
SID = 'S-1-5-21-0-0-0-1000'
"""Wine gives this one to every process that isn't told otherwise."""
SYSTEM_SID = 'S-1-5-18'
COMPUTER = 'PC-0042'
PROVIDER_NAME = 'Microsoft Windows Network'

# Hardware and logs: nothing of them is needed, and without them a prefix starts faster.
_DISABLED_SERVICES = ('Eventlog', 'NDIS', 'PlugPlay', 'Spooler', 'winebth', 'winebus', 'winehid', 'wineusb')

_REGISTRY = rf'''REGEDIT4

[HKEY_CURRENT_USER\Network]

[HKEY_CURRENT_USER\Software\Wine\Drivers]
"Graphics"="null"

[HKEY_CURRENT_USER\Software\Wine\Network]
"UseDnsComputerName"="N"

[HKEY_CURRENT_USER\Software\Wine\WineDbg]
"ShowCrashDialog"=dword:00000000

[HKEY_LOCAL_MACHINE\System\CurrentControlSet\Control\ComputerName\ComputerName]
"ComputerName"="{COMPUTER}"

[HKEY_LOCAL_MACHINE\System\CurrentControlSet\Services\netdrive_stand\NetworkProvider]
"Name"="{PROVIDER_NAME}"
"ProviderPath"="C:\\stand\\bin\\netdrive_stand.dll"

[HKEY_LOCAL_MACHINE\System\CurrentControlSet\Control\NetworkProvider\Order]
"ProviderOrder"="netdrive_stand"

[HKEY_LOCAL_MACHINE\Software\Microsoft\Windows NT\CurrentVersion\ProfileList\{SYSTEM_SID}]
"Flags"=dword:0000000c
"ProfileImagePath"="C:\\windows\\system32\\config\\systemprofile"

''' + ''.join(rf'''[HKEY_LOCAL_MACHINE\System\CurrentControlSet\Services\{service}]
"Start"=dword:00000004

''' for service in _DISABLED_SERVICES)


def wine(*arguments: str) -> list[str]:
    """The command that runs a program under Wine: Wine's loader itself, as Debian's wrapper of it talks to stderr."""
    loader = shutil.which('wine64', path='/usr/lib/wine') or shutil.which('wine')
    if loader is None:
        raise FileNotFoundError('Wine is not installed')
    return [loader, *arguments]


def environment(prefix: Path) -> dict[str, str]:
    """All that a process in this prefix gets from outside."""
    return {
        # Under Wine it costs a fifth of PowerShell's time, and Windows PowerShell's .NET Framework has no such thing.
        'DOTNET_EnableWriteXorExecute': '0',
        'HOME': str(prefix),  # no links to anybody's real folders
        'LANG': 'C.UTF-8',  # so are the names of files
        'PATH': '/usr/lib/wine:/usr/bin:/bin',
        'USER': USER,
        'WINEDEBUG': '-all',
        'WINEDLLOVERRIDES': 'winedbg.exe,winemenubuilder.exe=d',
        'WINEPREFIX': str(prefix),
    }


def make_template(prefix: Path) -> None:
    """Make the template in a folder that is there and empty."""
    (prefix / 'drive_c').mkdir()
    (prefix / 'drive_c/stand.reg').write_text(_REGISTRY, encoding='ascii')
    _run(prefix, 'regedit', '/S', r'C:\stand.reg')  # in a prefix that is not there yet: Wine makes it first
    subprocess.run(['wineserver', '-w'], env=environment(prefix), check=True)  # then the registry is on disk
    _remove_server_folder(prefix)
    (prefix / 'drive_c/stand.reg').unlink()
    (prefix / 'dosdevices/z:').unlink()
    (prefix / '.update-timestamp').write_text('disable\n', encoding='ascii')
    _link_copies(prefix / 'drive_c')


def clone(template: Path, prefix: Path, provider: Path) -> None:
    """Make `prefix`, which must not exist, from the template, with the provider and the agent of the given folder.

    Only what Wine or a test may write to is copied; the rest are links.
    """
    drive = prefix / 'drive_c'
    windows = drive / 'windows'
    (prefix / 'dosdevices').mkdir(parents=True)
    (prefix / 'dosdevices/c:').symlink_to('../drive_c')
    for file in ('system.reg', 'user.reg', 'userdef.reg', '.update-timestamp'):
        shutil.copyfile(template / file, prefix / file)
    windows.mkdir(parents=True)
    for entry in (template / 'drive_c').iterdir():
        if entry.name != 'windows':
            shutil.copytree(entry, drive / entry.name, symlinks=True)
    own = {'system32', 'temp', 'tasks'}
    for folder in (Path(), Path('system32')):
        for entry in (template / 'drive_c/windows' / folder).iterdir():
            if entry.name not in own:
                (windows / folder / entry.name).symlink_to(entry)
            else:
                (windows / folder / entry.name).mkdir()
    (drive / 'stand').mkdir()
    (drive / 'stand/bin').symlink_to(provider)


def end(prefix: Path) -> None:
    """End whatever runs in the prefix."""
    # Fails where the last process has ended, and the server with it.
    subprocess.run(['wineserver', '-k'], env=environment(prefix), check=False, stderr=subprocess.DEVNULL)
    _remove_server_folder(prefix)


def _remove_server_folder(prefix: Path) -> None:
    """Debian's Wine leaves behind the folder of the server's socket. Its name is in a file of the prefix."""
    name = prefix / 'wineserver'
    if name.exists():
        shutil.rmtree(Path('/tmp', name.read_text(encoding='ascii')), ignore_errors=True)
        name.unlink()


def _run(prefix: Path, *command: str) -> None:
    # Without these two, Wine offers to download a .NET and a browser. A target has them, as .NET wants mscoree.
    overrides = 'winedbg.exe,winemenubuilder.exe=d;mscoree,mshtml='
    completed = subprocess.run(wine(*command), env={**environment(prefix), 'WINEDLLOVERRIDES': overrides}, cwd=prefix,
                               check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors='replace')
    if completed.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {completed.returncode}: {completed.stderr}")


def _link_copies(drive: Path) -> None:
    """Put links in the place of what Wine has copied from its own folder, nearly all of the template's 800 MB."""
    originals = next(path for path in (Path('/usr/lib/x86_64-linux-gnu/wine/x86_64-windows'),
                                       Path('/usr/lib/wine/x86_64-windows')) if path.is_dir())
    for folder, _folders, files in os.walk(drive):
        for name in files:
            copy, original = Path(folder, name), originals / name
            if original.is_file() and filecmp.cmp(copy, original, shallow=False):
                copy.unlink()
                copy.symlink_to(original)


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit('usage: python3 -m tests.stand.prefix FOLDER')
    make_template(Path(sys.argv[1]).absolute())
