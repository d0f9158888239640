# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The documentation of the action plugin of the same name, which does the work."""

DOCUMENTATION = r"""
module: cleanup_begin
short_description: Write down what a run of the clean-up is going to do
version_added: 0.1.0
description:
  - Writes the manifest of a run. It names all hosts of the play, so that the report can tell which are not yet run.
  - Returns those of them that the run has to go to.
  - Fails if it is not clear what is to be taken away, if a migration list cannot be read, or if the report directory cannot
    take the records. It is for the playbook C(netdrive.windows.cleanup), before the first machine is touched.
options:
  batches:
    description: The sizes of the batches, as for the keyword C(serial).
    type: list
    elements: raw
    required: true
  dir:
    description:
      - The report directory. It is made if it is not there.
      - Relative to the folder that Ansible was started in.
    type: path
    required: true
  max_failures:
    description: How many percent of a batch may fail before the run stops.
    type: float
    required: true
  resume:
    description: Whether to leave out machines that O(dir) already shows as clean, or, in a dry run, as would be clean.
    type: bool
    required: true
  selection:
    description: As O(netdrive.windows.cleanup#module:selection) of M(netdrive.windows.cleanup).
    type: dict
    required: true
  survey:
    description: As O(netdrive.windows.cleanup#module:survey) of M(netdrive.windows.cleanup).
    type: bool
    default: false
extends_documentation_fragment:
  - netdrive.windows.cleanup_actions
attributes:
  check_mode:
    details: The manifest is written in check mode too, and says that it is one of a dry run.
seealso:
  - module: netdrive.windows.cleanup
author:
  - the netdrive.windows authors
"""

EXAMPLES = r"""
- name: Write down what this run is going to do
  netdrive.windows.cleanup_begin:
    batches: [1, 10%, 100%]
    dir: /srv/cleanup/oldfs
    max_failures: 10
    resume: false
    selection:
      remote: ['\\oldfs', '\\oldfs.corp.example']
"""

RETURN = r"""
run:
  description: The id of the run.
  returned: success
  type: str
  sample: 20261123T010203Z-1f2e3d
manifest:
  description: The path of the manifest.
  returned: success
  type: str
  sample: /srv/cleanup/oldfs/runs/20261123T010203Z-1f2e3d.json
hosts:
  description: The machines to go to, in the order of the play.
  returned: success
  type: list
  elements: str
  sample: [pc0001, pc0002]
"""
