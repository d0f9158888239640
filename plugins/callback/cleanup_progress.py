# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shows how far a clean-up has come."""

from __future__ import annotations

DOCUMENTATION = r"""
name: cleanup_progress
type: notification
short_description: Show how far a clean-up of network connections has come
version_added: 0.1.0
description:
  - Shows how many machines are done of all, how many connections were taken away, how many machines failed or could not be
    reached, how many machines a minute it does, and how long it is going to take.
  - On a terminal it is one line below what Ansible prints, kept up to date. That takes the Python library C(rich) on the
    controller. Elsewhere, as in a log, it is a line at each 5 %.
  - It goes with any stdout callback, and shows nothing in plays without M(netdrive.windows.cleanup) or M(netdrive.windows.restore).
requirements:
  - to be enabled in the configuration, C(callbacks_enabled = netdrive.windows.cleanup_progress)
  - rich, for the live line
notes:
  - It is best seen with the environment variable C(ANSIBLE_DISPLAY_OK_HOSTS=false). Ansible then prints a line for each machine
    that was changed, and at the end one for each that is not clean.
seealso:
  - module: netdrive.windows.cleanup
author:
  - the netdrive.windows authors (@netdrive-windows)
"""

EXAMPLES = r"""
# ANSIBLE_CALLBACKS_ENABLED=netdrive.windows.cleanup_progress ANSIBLE_DISPLAY_OK_HOSTS=false \
#   ansible-playbook netdrive.windows.cleanup -i inventory -e '{"cleanup_remote": ["\\\\oldfs"]}'
"""

# pylint: disable=wrong-import-position  # Ansible wants the documentation first
import atexit
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.callback import CallbackBase

from ansible_collections.netdrive.windows.plugins.plugin_utils.records import Record, read, record_path
from ansible_collections.netdrive.windows.plugins.plugin_utils.run import read_course, this_run
from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import Refused
from ansible_collections.netdrive.windows.plugins.plugin_utils.wording import many

try:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn
    HAS_RICH = True
except ImportError:
    HAS_RICH = False

_ACTIONS = {"netdrive.windows.cleanup": None, "netdrive.windows.restore": "restore"}
"""What goes to a machine, and the kind of run that it is of."""
_COUNTED = ("removed", "in_use", "put_back")
"""Under which name they return what is counted."""
_REPORT = "netdrive.windows.cleanup_report"
_LINES = 20  # in a log, for the whole run
_OUTCOMES = ("clean", "in_use", "failed", "unreachable", "skipped")
_REDRAWN = 0.1  # seconds, at most so often


class State:
    """What is known of the run so far."""

    def __init__(self, hosts: int, now: float, *, dry: bool = False, kind: str | None = None) -> None:
        self.hosts, self._start, self._now = hosts, now, now
        done = "put back" if kind == "restore" else "removed"
        self._counted = "in use" if kind == "survey" else f"would be {done}" if dry else done
        self.counts: Counter[str] = Counter()
        self._connections: int | None = 0

    def add(self, outcome: str, connections: int | None, now: float) -> None:
        """Count one machine that is done; connections is None if nobody knows their number."""
        self.counts[outcome] += 1
        self._connections = None if self._connections is None or connections is None else self._connections + connections
        self._now = now

    @property
    def done(self) -> int:
        """Machines that had their turn, those that were skipped included."""
        return sum(self.counts[outcome] for outcome in _OUTCOMES)

    @property
    def _speed(self) -> float:
        """Machines a second; those that were passed over, or did not answer, cost no time worth counting."""
        worked, seconds = self.done - self.counts["skipped"] - self.counts["unreachable"], self._now - self._start
        return worked / seconds if seconds > 0 else 0.0

    @property
    def time(self) -> str:
        """How long it is still going to take, or took; empty if nobody knows yet."""
        if self.done >= self.hosts:
            return f"took {_duration(self._now - self._start)}"
        return f"{_duration((self.hosts - self.done) / self._speed)} left" if self._speed else ""

    @property
    def numbers(self) -> str:
        """What was done."""
        parts = [f"{self.done} of {many(self.hosts, 'machine')}"]
        if self._connections is not None:
            parts.append(f"{many(self._connections, 'connection')} {self._counted}")
        parts += [f"{self.counts['failed']} failed", f"{self.counts['unreachable']} unreachable"]
        if self.counts["in_use"]:
            parts.append(f"{self.counts['in_use']} in use")
        if self._speed:
            parts.append(f"{self._speed * 60:.0f} a minute")
        return ", ".join(parts)

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.numbers, self.time)))


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class _Log:
    """A line at each 5 %."""

    def __init__(self, state: State, display: Any) -> None:
        self._state, self._display, self._printed = state, display, 0

    def update(self) -> None:
        """Print the line that is due, if one is."""
        due = self._state.done * _LINES // max(self._state.hosts, 1)
        if due > self._printed:
            self._printed = due
            self._display.display(f"{due * 100 // _LINES:3} %: {self._state}")

    def stop(self) -> None:
        """There is nothing to end."""


class _Live:
    """One line that stays below whatever is printed meanwhile. No thread draws it, as Ansible forks all the time."""

    def __init__(self, state: State) -> None:
        self._state, self._drawn = state, 0.0
        self._progress = Progress(
            BarColumn(bar_width=10), TextColumn("{task.description}", markup=False), auto_refresh=False,
            console=Console(soft_wrap=True, highlight=False),  # Ansible's long lines stay as they are
            redirect_stderr=sys.stderr.isatty())
        self._task = self._progress.add_task(self._text, total=state.hosts)
        self._progress.start()
        atexit.register(self._progress.stop)  # however Ansible ends, it leaves the terminal as it was

    def update(self) -> None:
        """Draw the line again, unless that was just done."""
        now = time.monotonic()
        if now - self._drawn >= _REDRAWN:
            self._drawn = now
            self._draw()

    def stop(self) -> None:
        """Leave the line as it is."""
        self._draw()
        self._progress.stop()

    def _draw(self) -> None:
        self._progress.update(self._task, completed=self._state.done, description=self._text, refresh=True)

    @property
    def _text(self) -> str:
        """The time comes first, as a narrow terminal cuts the end off."""
        return ", ".join(filter(None, (self._state.time, self._state.numbers)))


class CallbackModule(CallbackBase):
    """Takes Ansible's word on every machine, and that of its record where Ansible does not tell."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "netdrive.windows.cleanup_progress"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._play: Any = None
        self._state: State | None = None
        self._view: _Log | _Live | None = None
        self._directory: Path | None = None

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """Each batch of a play starts a copy of it. The playbook cleanup has two plays for its machines."""
        if (self._play is None or play._uuid != self._play._uuid) and not self._directory:  # pylint: disable=protected-access
            self._end()
        self._play = play

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:  # pylint: disable=unused-argument
        """Begin with the first task that cleans up."""
        if task.action == _REPORT:
            self._catch_up()
            self._end()
        elif task.action in _ACTIONS and self._state is None:
            self._begin(bool(task.check_mode), _ACTIONS[task.action])
        elif task.action in _ACTIONS:
            self._catch_up()

    def v2_runner_on_ok(self, result: Any) -> None:
        """A machine had its turn."""
        self._take("clean", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:  # pylint: disable=unused-argument
        """A machine failed, whether or not the play goes on."""
        self._take("failed", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """A machine could not be reached."""
        self._take("unreachable", result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        """A machine was passed over, by a condition in somebody's own play."""
        self._take("skipped", result)

    def v2_playbook_on_stats(self, stats: Any) -> None:  # pylint: disable=unused-argument
        """The playbook is over."""
        self._end()

    def _begin(self, dry: bool, kind: str | None) -> None:
        try:
            course = read_course()
            self._directory, hosts, kind = Path(course["dir"]), course["to_do"], course["kind"]
        except Refused:  # in somebody's own play
            variables = self._play.get_variable_manager().get_vars(play=self._play)
            hosts = len(variables["ansible_play_hosts_all"])
            kind = kind or ("survey" if boolean(variables.get("cleanup_survey"), strict=False) else None)
        self._state = State(hosts, time.monotonic(), dry=dry, kind=kind)
        self._catch_up()
        self._view = _Live(self._state) if HAS_RICH and sys.stdout.isatty() else _Log(self._state, self._display)

    def _catch_up(self) -> None:
        """Count machines as the playbook does, which knows of those that never were a task's."""
        if self._state and self._directory:
            self._state.counts.update(Counter(read_course()["so_far"]) - self._state.counts)
            if self._view:
                self._view.update()

    def _take(self, outcome: str, result: Any) -> None:
        task, returned = _parts(result)
        if self._state and task.action in _ACTIONS:
            if "status" in returned:
                self._add(returned["status"], next((returned[name] for name in _COUNTED if name in returned), None))
            elif record := self._record(str(result._host)):  # pylint: disable=protected-access
                self._add(record.status, sum(one.action is not None or record.kind == "survey" for one in record.connections))
            else:
                self._add(outcome, None if outcome == "clean" else 0)

    def _record(self, host: str) -> Record | None:
        """The record of a machine whose result no_log hides."""
        path = record_path(self._directory, this_run(), host) if self._directory else None
        return read(Record, path) if path and path.exists() else None

    def _add(self, outcome: str, connections: int | None) -> None:
        if self._state and self._view:
            self._state.add(outcome, connections, time.monotonic())
            self._view.update()
            if self._state.done == self._state.hosts:
                self._end()

    def _end(self) -> None:
        if self._view:
            self._view.stop()
        self._view = self._state = self._directory = None


def _parts(result: Any) -> tuple[Any, dict[str, Any]]:
    """A result's task, and what that returned."""
    prefix = "" if hasattr(result, "task") else "_"  # before ansible-core 2.19
    return getattr(result, f"{prefix}task"), getattr(result, f"{prefix}result")
