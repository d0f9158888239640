# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shows how far a clean-up has come."""

from __future__ import annotations

import atexit
import sys
import time
from collections import Counter
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.callback import CallbackBase

try:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn
    HAS_RICH = True
except ImportError:
    HAS_RICH = False

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
  - It goes with any stdout callback, and shows nothing in plays without M(netdrive.windows.cleanup).
requirements:
  - to be enabled in the configuration, C(callbacks_enabled = netdrive.windows.cleanup_progress)
  - rich, for the live line
notes:
  - It is best seen with the environment variable C(ANSIBLE_DISPLAY_OK_HOSTS=false), so that there is a line for each machine
    that failed, and none for those that did not.
seealso:
  - module: netdrive.windows.cleanup
author:
  - the netdrive.windows authors
"""

EXAMPLES = r"""
# ANSIBLE_CALLBACKS_ENABLED=netdrive.windows.cleanup_progress ANSIBLE_DISPLAY_OK_HOSTS=false \
#   ansible-playbook netdrive.windows.cleanup -i inventory -e '{"cleanup_remote": ["\\\\oldfs"]}'
"""

_ACTION = "netdrive.windows.cleanup"
_LINES = 20  # in a log, for the whole run
_OUTCOMES = ("clean", "failed", "unreachable", "skipped")
_REDRAWN = 0.1  # seconds, at most so often


class State:
    """What is known of the run so far."""

    def __init__(self, hosts: int, now: float, *, dry: bool = False, survey: bool = False) -> None:
        self.hosts, self._start, self._now = hosts, now, now
        self._counted = "in use" if survey else "would be removed" if dry else "removed"
        self.counts: Counter[str] = Counter()

    def add(self, outcome: str, connections: int, now: float) -> None:
        """Count one machine that is done."""
        self.counts.update({outcome: 1, "connections": connections})
        self._now = now

    @property
    def done(self) -> int:
        """Machines that had their turn, those that were skipped included."""
        return sum(self.counts[outcome] for outcome in _OUTCOMES)

    @property
    def _worked(self) -> int:
        return self.done - self.counts["skipped"]

    def __str__(self) -> str:
        seconds = self._now - self._start
        speed = self._worked / seconds if seconds > 0 else 0.0
        parts = [f"{self.done} of {self.hosts} machines", f"{self.counts['connections']} connections {self._counted}",
                 f"{self.counts['failed']} failed", f"{self.counts['unreachable']} unreachable"]
        if speed:
            left = (self.hosts - self.done) / speed
            parts += [f"{speed * 60:.0f} a minute", f"{_duration(left)} left" if self.done < self.hosts else
                      f"took {_duration(seconds)}"]
        return ", ".join(parts)


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
            BarColumn(bar_width=20), TextColumn("{task.description}", markup=False), auto_refresh=False,
            console=Console(soft_wrap=True, highlight=False),  # Ansible's long lines stay as they are
            redirect_stderr=sys.stderr.isatty())
        self._task = self._progress.add_task(str(state), total=state.hosts)
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
        self._progress.update(self._task, completed=self._state.done, description=str(self._state), refresh=True)


class CallbackModule(CallbackBase):
    """Takes Ansible's word on every machine."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "netdrive.windows.cleanup_progress"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._play: Any = None
        self._state: State | None = None
        self._view: _Log | _Live | None = None

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """Each batch of a play starts a copy of it."""
        if self._play is None or play._uuid != self._play._uuid:  # pylint: disable=protected-access
            self._end()
        self._play = play

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:  # pylint: disable=unused-argument
        """Begin with the first task that cleans up."""
        if self._state is None and task.action == _ACTION:
            variables = self._play.get_variable_manager().get_vars(play=self._play)
            self._state = State(len(variables["ansible_play_hosts_all"]), time.monotonic(), dry=bool(task.check_mode),
                                survey=boolean(variables.get("cleanup_survey"), strict=False))
            self._view = _Live(self._state) if HAS_RICH and sys.stdout.isatty() else _Log(self._state, self._display)

    def v2_runner_on_ok(self, result: Any) -> None:
        """A machine is clean."""
        self._add("clean", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:  # pylint: disable=unused-argument
        """A machine failed, whether or not the play goes on."""
        self._add("failed", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """A machine could not be reached."""
        self._add("unreachable", result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        """A machine was passed over, by a condition in somebody's own play."""
        self._add("skipped", result)

    def v2_playbook_on_stats(self, stats: Any) -> None:  # pylint: disable=unused-argument
        """The playbook is over."""
        self._end()

    def _add(self, outcome: str, result: Any) -> None:
        prefix = "" if hasattr(result, "task") else "_"  # before ansible-core 2.19
        if self._state and self._view and getattr(result, f"{prefix}task").action == _ACTION:
            returned = getattr(result, f"{prefix}result")
            self._state.add(outcome, returned.get("removed", returned.get("in_use", 0)), time.monotonic())
            self._view.update()
            if self._state.done == self._state.hosts:
                self._end()

    def _end(self) -> None:
        if self._view:
            self._view.stop()
        self._view = self._state = None
