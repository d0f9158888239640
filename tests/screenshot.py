# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`./dev shell python3 -m tests.screenshot` makes docs/report.png, the picture of the report in README.md."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from ansible_collections.netdrive.windows.plugins.plugin_utils import report

from tests.unit.fleet import make_fleet

PICTURE = Path(__file__).parents[1] / 'docs' / 'report.png'


def main() -> None:
    """A made-up fleet of which some machines failed, were unreachable or did not have their turn; the top of its report."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_fleet(folder, 1000, not_run=20)
        report.write_report(folder)
        subprocess.run([
            'chromium', '--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
            '--hide-scrollbars', '--window-size=1280,1300', f'--user-data-dir={folder / "profile"}', f'--screenshot={PICTURE}',
            (folder / 'report.html').as_uri()], check=True, stderr=subprocess.DEVNULL)
    print(f'wrote {PICTURE.name}, {PICTURE.stat().st_size / 1e3:.0f} KB')


if __name__ == '__main__':
    main()
