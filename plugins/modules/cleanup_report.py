# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# The documentation of the action plugin of the same name, which does the work.
# pylint: disable=missing-module-docstring

DOCUMENTATION = r"""
module: cleanup_report
short_description: Write the report of a clean-up of network connections
version_added: 0.1.0
description:
  - Reads the records that runs of the role P(netdrive.windows.cleanup#role) have left in a directory, and writes
    C(report.html), C(report.csv) and C(summary.json) beside them. The numbers are shown in the terminal as well.
  - The directory may hold the records of several runs, and of several controllers copied into one. Each machine counts
    once, by the newest record that is after the same connections as the last run over it, and by one of a real run if
    there is one. A machine that a run names in its manifest but has no record of is I(not yet run).
  - Each connection counts once as well, over all real runs that were after the same. The report says which run took it
    away, why it stayed, and how often it came back. C(docs/records.md) has the details.
  - What is only of a dry run matches now and would be tried. Open files and refusals are only met by a real run.
  - If the run that was begun last in the directory is a survey, the report is of surveys, and says what is in use.
  - A file that is no record, or one of a newer version, is listed in the report; it does not stop it.
options:
  dir:
    description:
      - The report directory, with the folders C(records) and C(runs) in it.
      - Relative to the folder that Ansible was started in.
    type: path
    required: true
  runs:
    description:
      - The ids of the runs to report on. Without it, all runs in the directory.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - netdrive.windows.cleanup_actions
attributes:
  bypass_host_loop:
    support: none
    details: Use it once, in a play on C(localhost) or with C(run_once).
  check_mode:
    support: none
    details: The report is written in check mode too. It changes nothing but itself, and a dry run needs it most.
  platform:
    details: It runs on the controller whatever the target is.
notes:
  - The page needs no network and no other file. What came from a machine is text in it, never markup; in
    C(report.csv) it never starts a formula.
seealso:
  - module: netdrive.windows.mapped_drive
author:
  - the netdrive.windows authors (@netdrive-windows)
"""

EXAMPLES = r"""
- name: Show what became of the connections
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Write the report of everything in the directory
      netdrive.windows.cleanup_report:
        dir: /srv/cleanup/oldfs

    - name: Write the report of one run
      netdrive.windows.cleanup_report:
        dir: /srv/cleanup/oldfs
        runs: [20261123T010203Z-1f2e3d]
"""

RETURN = r"""
msg:
  description: The report in a few words, and where it is.
  returned: success
  type: str
  sample: >-
    3 machines: 1 clean, 1 failed, 1 unreachable, 0 not yet run. 7 connections found, 6 removed, 1 left.
    Report: /srv/cleanup/oldfs/report.html
html:
  description: The path of the page.
  returned: success
  type: str
  sample: /srv/cleanup/oldfs/report.html
csv:
  description: The path of the table, one row a connection, one row for each machine without.
  returned: success
  type: str
  sample: /srv/cleanup/oldfs/report.csv
json:
  description: The path of the file with RV(summary), the machines by status, the servers and the bad files.
  returned: success
  type: str
  sample: /srv/cleanup/oldfs/summary.json
hosts:
  description: The machines that are not clean, C(in_use), C(failed) and C(unreachable).
  returned: success
  type: dict
  sample: {in_use: [], failed: [pc0002], unreachable: [pc0003]}
summary:
  description: The numbers of the report.
  returned: success
  type: dict
  contains:
    schema:
      description: The version of this structure.
      type: int
      sample: 2
    generated:
      description: When the report was written, in UTC.
      type: str
      sample: '2026-11-23T06:00:00.000Z'
    mode:
      description:
        - V(real), V(check) if all of it is of dry runs, V(mixed), or V(survey).
      type: str
      sample: real
    runs:
      description: The ids of the runs in it.
      type: list
      elements: str
      sample: [20261123T010203Z-1f2e3d]
    machines:
      description:
        - Counts of machines, C(total) and by status, C(clean), C(in_use), C(failed), C(unreachable), C(not_run),
          C(dry_run). C(restored), if there are any, are those that a restore has put everything back on.
        - C(dry_run) counts, in a V(mixed) report, those that only a dry run has visited and found that they would be clean.
      type: dict
      sample: {total: 3, clean: 1, in_use: 0, failed: 1, unreachable: 1, not_run: 0, dry_run: 0}
    connections:
      description:
        - Counts of connections, C(found), C(removed), C(left), C(gone_by_itself) and C(put_back), where found is the sum of
          the others.
          With V(check), C(removed) counts those that match now and would be tried.
        - C(came_back) counts those that were found again after they had gone, C(times_came_back) how often; C(to_do) those that a
          dry run, later than all real ones, left to do, and C(seen_again) how many of these had gone.
        - Of a survey there are C(found), C(live), C(remembered) and C(unreadable).
        - C(by_outcome) splits them, the removed by the module's action, the left into those that C(stayed) with an
          error, those that were C(kept) because with these options there was nothing to do, and those that are
          C(planned) by a dry run in a V(mixed) report.
        - C(unreadable) counts sessions and profiles that could not be read.
      type: dict
      sample:
        found: 7
        removed: 6
        left: 1
        gone_by_itself: 0
        put_back: 0
        came_back: 1
        times_came_back: 2
        to_do: 0
        seen_again: 0
        by_outcome: {removed: 4, forgotten: 2, disconnected: 0, restored: 0, at_sign_in: 0, stayed: 1, kept: 0, planned: 0}
        unreadable: 0
    errors:
      description: The twenty reasons that met most machines, each with C(title), C(code), C(name), C(provider), C(connections), C(machines).
      type: list
      elements: dict
      sample:
        - {title: Files or print jobs are open, code: 2401, name: ERROR_OPEN_FILES, provider: null, connections: 1, machines: 1}
    restores:
      description: Counts of connections that a restore put back, C(restored), that it had the profile remember, C(at_sign_in), and
        that it could not put back, C(not_restored); C(dry), how many of these are only of a dry run.
      type: dict
      sample: {restored: 0, at_sign_in: 0, not_restored: 0, dry: 0}
    sources:
      description: Counts of what will bring connections back, by how certain that is, C(sure), C(likely) and C(hint).
      type: dict
      sample: {sure: 1, likely: 0, hint: 0}
    not_examined:
      description: How many profiles, sessions and scripts were not looked at.
      type: int
      sample: 0
    bad_records:
      description: How many files in the directory could not be read as records or manifests.
      type: int
      sample: 0
"""
