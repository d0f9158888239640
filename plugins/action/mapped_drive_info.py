# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the module mapped_drive_info, or the one with the same options that looks for sources as well."""

from __future__ import annotations

from ansible_collections.netdrive.windows.plugins.plugin_utils.with_sources import WithOrWithoutSources


class ActionModule(WithOrWithoutSources):  # pylint: disable=too-many-ancestors  # nearly all are Ansible's
    """The action behind netdrive.windows.mapped_drive_info; options and result are documented with the module."""
