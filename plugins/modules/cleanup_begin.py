# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# The documentation of the action plugin of the same name, which does the work.
# pylint: disable=missing-module-docstring

DOCUMENTATION = r"""
module: cleanup_begin
short_description: Write down what a run of the clean-up is going to do
version_added: 0.1.0
description:
  - Finds out which hosts of the play are reached as Windows is, compares their variables C(cleanup_...), writes the manifest of
    the run, and asks which machines answer.
  - Keeps where the run has to go, which P(netdrive.windows.cleanup_course#lookup) gives.
  - Fails if it is not clear what is to be taken away, if the machines have different options, if a migration list cannot be
    read, or if the report directory cannot take the records.
  - It is for the playbooks C(netdrive.windows.cleanup) and C(netdrive.windows.restore), before the first machine is touched, and
    works within the role P(netdrive.windows.cleanup#role) only.
options:
  kind:
    description:
      - Whether it is a clean-up (or a survey), or a restore. Of a restore the variables that begin with C(restore_) say what to
        put back, and the machines are those whose records in the report directory have something to put back.
    type: str
    choices: [clean_up, restore]
    default: clean_up
  nobody:
    description: Why there is no host to go to; empty if there are some.
    type: str
    default: ""
notes:
  - Internal to the playbooks of this collection. It may change in any version; do not use it in plays of your own.
extends_documentation_fragment:
  - netdrive.windows.cleanup_actions
attributes:
  check_mode:
    details: The manifest is written in check mode too, and says that it is one of a dry run.
seealso:
  - module: netdrive.windows.cleanup
author:
  - the netdrive.windows authors (@netdrive-windows)
"""

EXAMPLES = r"""
- name: Write down what this run is going to do
  netdrive.windows.cleanup_begin:
"""

RETURN = "{}"
