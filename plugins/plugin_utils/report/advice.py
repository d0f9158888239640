# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an error means and what to do about it, for the person who reads the report the next morning."""

from __future__ import annotations

import re
from typing import NamedTuple


class Advice(NamedTuple):
    """A failure in a few words, and the next step."""

    title: str
    action: str


_RETRY = "Run again; with cleanup_resume=true only the machines that are not clean yet are visited."
_FORCE = "Ask the people listed here to close what they have open, or run again with cleanup_force=true, " \
         "which cuts it off: what is not saved is lost."
_PROFILE = "The profile's NTUSER.DAT is damaged. Restore it from a backup, or delete the profile if nobody needs it."
_NO_PROFILE = Advice("Profile not found", "The registry lists a profile whose files are gone. If nobody needs it, "
                     "delete its entry in ProfileList.")

# By system error code: the documented errors of the calls in use, and those of loading a profile.
_CODES = {
    0: Advice("Gone, and there again", "Windows reported success, but the connection is still there. Look for what "
              "brings it back: Group Policy drive maps, logon scripts, a sync client."),
    2: _NO_PROFILE,
    3: _NO_PROFILE,
    5: Advice("Access denied", "Run as a member of Administrators or with become to SYSTEM, and look at the file "
              "permissions of the profiles named here."),
    32: Advice("Profile in use", "Another process had the profile open, perhaps because its user was signing in. "
               + _RETRY),
    50: Advice("Not supported by the network provider", "This provider cannot list or cancel connections. Use its own "
               "tool, or remove the provider from the machines."),
    87: Advice("Invalid parameter", "Windows refused the call as malformed. Please report this with the record of one "
               "of the machines: it is a defect, here or in the network provider."),
    170: Advice("Provider busy", "The network provider stayed busy through several tries. " + _RETRY),
    234: Advice("More data than the call could take", "The network provider kept asking for a larger buffer. Restart "
                "the machine's Workstation service and run again; if it stays, ask the provider's vendor."),
    259: Advice("No more items", "The list of connections ended early. " + _RETRY),
    487: Advice("Invalid address", "The network provider returned an invalid answer. " + _RETRY),
    1009: Advice("Profile corrupt", _PROFILE),
    1017: Advice("Profile is no registry hive", _PROFILE),
    1201: Advice("Remembered, but not connected", "The server of this connection is not there any more. Run again with "
                 "cleanup_update_profile=true, so that it is forgotten."),
    1205: Advice("Windows could not open the user's profile", "The user may have been signing in or out. " + _RETRY),
    1206: Advice("The user's profile is damaged", "Its list of remembered connections is in an incorrect format. Look "
                 "at HKEY_USERS\\<SID>\\Network on the machine."),
    1207: Advice("Not a container", "The network provider could not list its connections. " + _RETRY),
    1208: Advice("The network provider reports an error of its own", "What it says is given here; its vendor's "
                 "documentation explains it."),
    1222: Advice("No network", "The machine has no working network provider: its Workstation service may be stopped."),
    1312: Advice("The logon session ended", "The user signed out during the run, and took the connection along. "
                 + _RETRY),
    1314: Advice("A privilege is missing", "Run as a member of Administrators or with become to SYSTEM."),
    1332: Advice("Unknown account", "The machine does not know the account. Look at the spelling in cleanup_users."),
    1460: Advice("Given up after the time limit", "The server did not answer in time, perhaps because it is gone "
                 "already. Run again, or allow more with cleanup_timeout."),
    2250: Advice("Not connected", "The connection was gone before it could be removed, and came back. " + _RETRY),
    2401: Advice("Files or print jobs are open", _FORCE),
    2402: Advice("The connection is in use", _FORCE),
    2404: Advice("The device is in use", _FORCE),
}

_UNKNOWN_CODE = Advice("Windows error", "Look the number up with \"net helpmsg\" on a machine, and at the text that "
                       "Windows gave.")

# By what Ansible says of a machine it could not talk to; the first match counts.
_UNREACHABLE = [(re.compile(pattern, re.IGNORECASE), advice) for pattern, advice in [
    (r"connection refused|actively refused", Advice(
        "Connection refused", "The machine is on, but WinRM does not listen on this port: run \"winrm quickconfig\" "
        "on it, or correct ansible_port.")),
    (r"name or service not known|nodename nor servname|getaddrinfo|name resolution", Advice(
        "Name not found", "DNS does not know the machine. It may be retired: take it out of the inventory, or correct "
        "ansible_host.")),
    (r"no route to host|network is unreachable", Advice(
        "No route to the machine", "It is off, or a router or firewall is in between. Run again when it is on.")),
    (r"timed? ?out", Advice(
        "No answer in time", "The machine is off, asleep, or a firewall drops the packets. Run again when it is on.")),
    (r"certificate|sslerror|\[ssl: ", Advice(
        "TLS handshake failed", "The machine's certificate is not trusted here. Trust its authority on the controller, "
        "or set ansible_winrm_ca_trust_path.")),
    (r"credentials|unauthorized|\b401\b|access is denied|auth\w* failure|kdc|ticket", Advice(
        "Sign-in refused", "Look at the account and password of the run, and whether the account is locked out.")),
    (r"", Advice(
        "Not reachable", "Ansible could not talk to the machine; the text is what it reported.")),
]]

_FAILED = "The text is what the machine reported. Run one of the machines again with -vvv to see more."

# What differs from machine to machine in texts that mean the same.
_DIFFERS = re.compile(r"host='[^']*'|\b\d{1,3}(?:\.\d{1,3}){3}\b|\b0x[0-9a-f]+\b", re.IGNORECASE)


def for_code(code: int | None) -> Advice:
    """Advice on a system error code."""
    return _CODES.get(-1 if code is None else code, _UNKNOWN_CODE)


def for_unreachable(message: str) -> Advice:
    """Advice on what Ansible says of a machine it could not talk to."""
    return next(advice for pattern, advice in _UNREACHABLE if pattern.search(message))


def for_failure(message: str, host: str) -> Advice:
    """Advice on a message that ended a machine's run. Machines with the same problem get the same advice."""
    common = re.sub(rf"(?<!\w){re.escape(host)}(?!\w)", "…", _DIFFERS.sub("…", message))
    text = common.strip().partition("\n")[0].strip()
    return Advice(text[:160] or "Failed without a message", _FAILED)
