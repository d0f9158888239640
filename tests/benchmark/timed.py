# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs a command and prints what it took, as JSON: `timed.py FILE COMMAND ...`, the command's own output in the file.

A process of its own, and a small one: Linux counts a child's peak of memory from what its parent has.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time


def main() -> None:
    """The command line."""
    with open(sys.argv[1], 'wb') as output:
        started = time.perf_counter()
        code = subprocess.run(sys.argv[2:], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False).returncode
        seconds = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    print(json.dumps({'code': code, 'seconds': seconds, 'memory': memory}))


if __name__ == '__main__':
    main()
