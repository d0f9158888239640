# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an error means and what to do about it, for the person who reads the report the next morning."""

from __future__ import annotations

import re
from typing import NamedTuple

from ansible_collections.netdrive.windows.plugins.plugin_utils.records import BROKE_OFF


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
              "brings it back: Group Policy drive maps, logon scripts, a sync client. Or its network provider says yes and "
              "does nothing: look at the order of providers (NetworkProvider\\Order in the registry), and at software that "
              "shows something else as a drive, such as a FUSE-like file system."),
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
    1018: Advice("A registry key was deleted meanwhile", "Something else changed the profile during the run. " + _RETRY),
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

_WRONG_SERVER = "Look whether the server is on and still has the share, from the machine itself. " \
                "Then give the restore again; it goes to what is not back yet."
_OTHER_ACCOUNT = "Ask the user to connect it with the other account; nobody here has its password. If the profile remembers it " \
                 "again, Windows asks for the password at the next sign-in."

# What the same codes and others mean where a connection was to be put back: the documented errors of WNetAddConnection2W.
_RESTORE_CODES = _CODES | {
    0: Advice("Put back, and gone again", "Windows reported success, but the connection is not there. Look for what takes it "
              "away: Group Policy drive maps that delete, logon scripts; or at its network provider."),
    5: Advice("Access denied", "The user may not use the share any more, or the run may not change the profile named here: run as a "
              "member of Administrators or with become to SYSTEM."),
    13: Advice("Not a valid record", "The entry cannot be one of this machine, so nothing of it was put back. Its text says why; look "
               "at the record that it comes from."),
    53: Advice("Server not found", _WRONG_SERVER),
    67: Advice("Share not found", _WRONG_SERVER),
    85: Advice("The letter is taken", "Since the clean-up it leads elsewhere, and that stays. If the old connection is wanted after all, "
               "take the new one away and give the restore again; otherwise this is as good as done."),
    86: Advice("Needs a password", _OTHER_ACCOUNT),
    1202: Advice("The letter is remembered for something else", "Since the clean-up the profile has another connection under it, and that "
                 "stays. If the old one is wanted after all, take the new one away and give the restore again."),
    1203: Advice("Server not found", _WRONG_SERVER),
    1219: Advice("Connected with another account", "The user has a connection to this server with another account, and Windows allows one "
                 "account a server. It comes back once the other one is gone."),
    1231: Advice("Network not reachable", _WRONG_SERVER),
    1312: Advice("Nobody is signed in who could have it", "The profile never had this connection, so it can only be put into a logon "
                 "session of its user. Give the restore again while the user is signed in, or let the user connect it."),
    1326: Advice("Sign-in to the server refused", _OTHER_ACCOUNT),
}

_UNKNOWN_CODE = Advice("Windows error", "Look the number up with \"net helpmsg\" on a machine, and at the text that "
                       "Windows gave.")


class _Kind(NamedTuple):
    """What may keep Ansible from a machine, how its message is known, and what to do: over ssh, perhaps, something else."""

    pattern: str
    title: str
    action: str
    over_ssh: str = ""


# What the actions call by another name over each transport.
_WORDS = {
    "winrm": {"service": "WinRM", "start": "winrm quickconfig", "library": "pywinrm",
              "ca": "ansible_winrm_ca_trust_path", "auth": "ansible_winrm_transport", "scheme": "ansible_winrm_scheme",
              "kerberos_name": "ansible_winrm_kerberos_hostname_override"},
    "psrp": {"service": "PowerShell remoting", "start": "Enable-PSRemoting", "library": "pypsrp",
             "ca": "ansible_psrp_ca_cert", "auth": "ansible_psrp_auth", "scheme": "ansible_psrp_protocol",
             "kerberos_name": "ansible_psrp_negotiate_hostname_override"},
    "ssh": {},
}

# After "HTTP 404", "Code: 404" and the like.
_STATUS = r"\b(?:code|status|error|http(?:/[0-9.]+)?)\W{1,2}"

# In this order: the first whose pattern is in the message. A new one belongs before those that would take its message.
_UNREACHABLE = [
    # What the controller lacks
    _Kind(r"not installed|no module named|install the sshpass|kinit cmd .*no such file|does not support transport",
          "Something is missing on the controller", "Install {library} and what the text names on the controller, or in its "
          "execution environment; {library}[kerberos] and {library}[credssp] bring along what these need.",
          "Install what the text names on the controller or in its execution environment: the ssh client, and sshpass for "
          "passwords."),
    _Kind(r"ca certificate bundle|ca cert\w* (?:file|path)?.*(?:not found|does not exist)", "CA file not found",
          "{ca} names a file that is not on the controller or in its execution environment."),
    _Kind(r"no such identity|identity file .* not accessible", "Key file not found",
          "ansible_ssh_private_key_file names a file that is not on the controller or in its execution environment."),
    _Kind(r"unprotected private key|load key ", "Key file cannot be used",
          "Look at the private key on the controller: others may read it (chmod 600), it has a passphrase, or it is damaged."),
    _Kind(r"message encryption|password must be specified|requires a (?:username|password)|must be specified for|unsupported auth"
          r"|invalid \w+ (?:mode|arg)", "The connection's settings do not fit together",
          "Correct the variables of the inventory that the text is about (ansible_password, {auth}, {scheme})."),
    # Kerberos
    _Kind(r"server not found in kerberos database", "Kerberos does not know the machine",
          "There is no service of that name. Let ansible_host be the machine's full DNS name, no address and no alias, or set "
          "{kerberos_name}; \"setspn -L\" shows the names that the domain knows."),
    _Kind(r"clock skew", "The clocks differ",
          "Kerberos allows five minutes. Set the time of the controller and of the machine by the domain's."),
    _Kind(r"\bkdc\b|kerberos realm|cannot determine realm", "No Kerberos server found",
          "The controller finds no domain controller for the realm. Look at /etc/krb5.conf and DNS on the controller, and "
          "write the realm in capitals: user@CORP.EXAMPLE."),
    _Kind(r"ticket (?:is |has )?expired|ticket not yet valid|credential(?:s)? cache|no kerberos credentials"
          r"|no credentials were supplied|no credentials cache", "No valid Kerberos ticket",
          "Get a new one (kinit) that lasts as long as the run, or give ansible_password, so that Ansible gets it by itself."),
    # Who is it? Certificates and keys
    _Kind(r"wrong_version_number|wrong version number|\[ssl: http_request|unknown protocol|record layer failure",
          "HTTPS was spoken to an HTTP port", "Let port and protocol fit: ansible_port 5986 is for HTTPS, 5985 for HTTP with "
          "{scheme}: http."),
    _Kind(r"hostname mismatch|ip address mismatch|is not valid for|doesn't match|does not match", "Certificate of another name",
          "The machine's certificate does not name it as the inventory does. Correct ansible_host, or give the machine a "
          "certificate for this name."),
    _Kind(r"certificate (?:has )?expired|certificate is not yet valid", "Certificate out of date",
          "Renew the machine's certificate; look at the clocks of machine and controller as well."),
    _Kind(r"self[- ]signed|unable to get (?:local )?issuer|unknown ca|unknown authority", "Certificate not trusted",
          "The controller does not know who signed the machine's certificate. Name the authority's certificate in {ca}, or "
          "trust it on the controller."),
    _Kind(r"no matching (?:host key|key exchange|cipher|mac)|unable to negotiate", "Nothing in common with sshd",
          "Controller and machine share no algorithm; the text says what the machine offers. Update the older one."),
    _Kind(r"identification has changed|host key for .* has changed", "Host key changed",
          "The machine has another key than before. If it was installed anew, remove the old one (ssh-keygen -R NAME); if not, "
          "find out what answers in its place before any password is sent."),
    _Kind(r"host key|key fingerprint", "Host key not known",
          "Put the machine's key into known_hosts on the controller (ssh-keyscan) after you have compared it."),
    _Kind(r"unexpected_eof|eof occurred", "The other side hung up",
          "It ended the TLS handshake: look at the certificate of its HTTPS listener (winrm enumerate winrm/config/listener), "
          "and at ansible_port."),
    _Kind(r"certificate|ssl(?:cert\w*)?error|\[ssl[: ]|\btls\b", "TLS handshake failed",
          "The machine's certificate is not trusted here. Trust its authority on the controller, or set {ca}."),
    # Sign-in
    _Kind(r"following authentication methods", "Way to sign in not offered",
          "The machine does not offer what {auth} asks for; the text says what it offers."),
    _Kind(r"quota|concurrent (?:shells|operations|users)|maximum (?:number )?(?:of )?\w* ?(?:shells|connections|processes)|"
          r"max(?:shells|startups|sessions|processes)|not allowed at this time",
          "Too many sessions on the machine", "Sessions that were cut off stay until they are idle for too long. Run again "
          "later, with fewer at a time, or raise MaxShellsPerUser (winrm get winrm/config/winrs).",
          "Run again later, with fewer forks, or raise MaxStartups in sshd_config."),
    _Kind(r"access is denied|\bcode: 5\b|" + _STATUS + r"403\b", "Access denied",
          "The account signed in, and may not use {service}. It has to be a member of Administrators; a local one also needs "
          "LocalAccountTokenFilterPolicy=1. With HTTP 403, an address filter or a proxy may refuse as well.",
          "The account has to be a member of Administrators, and sshd_config must let it in."),
    _Kind(r"proxyerror|to proxy|proxy auth|tunnel connection|" + _STATUS + r"407\b", "The proxy is in the way",
          "Let the controller reach machines directly: no_proxy in its environment, over psrp ansible_psrp_ignore_proxy=true.",
          "Correct the ProxyCommand or ProxyJump of the inventory."),
    _Kind(r"credentials|unauthorized|permission denied|auth\w* fail|fail\w* to auth|preauthentication|logon failure|"
          r"incorrect .*password|password (?:is )?(?:incorrect|has expired)|client .*not found in kerberos|revoked|locked out|"
          r"kerberos|" + _STATUS + r"401\b", "Sign-in refused",
          "Look at the account and password of the run, and whether the account is locked out.",
          "Look at the account's key or password, and whether it is locked out. The keys of administrators belong into "
          "C:\\ProgramData\\ssh\\administrators_authorized_keys on the machine."),
    # Where is it?
    _Kind(r"name or service not known|nodename nor servname|getaddrinfo|gaierror|name resolution|nameresolution|"
          r"no address associated|(?:not|failed to|cannot|unable to) resolve|name (?:is )?not found|name does not resolve|"
          r"no such host|(?:unknown host|host unknown|host not found)|nxdomain|servfail|errno (?:-[2358]|1100[1-4])\b",
          "Name not found", "DNS does not know the machine. It may be retired: take it out of the inventory, or correct "
          "ansible_host. Where it is all machines, look at the controller's DNS."),
    _Kind(r"connection refused|actively refused|econnrefused|errno 111\b", "Connection refused",
          "The machine is on, but {service} does not listen on this port: run \"{start}\" on it, or correct ansible_port.",
          "The machine is on, but sshd does not listen on this port: run \"Start-Service sshd\" on it, let its start be "
          "automatic, or correct ansible_port."),
    _Kind(r"no route to host|network is (?:unreachable|down)|host is (?:unreachable|down)|errno (?:101|113)\b",
          "No route to the machine", "It is off, or a router or firewall is in between. Run again when it is on."),
    # It answers, and not as it should
    _Kind(r"session configuration", "Session configuration not found", "ansible_psrp_configuration_name names a configuration "
          "that the machine does not have; \"Enable-PSRemoting\" makes the usual one, Microsoft.PowerShell."),
    _Kind(r"runspace open.*(?:timed? ?out|2150858793)", "PowerShell did not start in time",
          "The machine answers, but is too busy to start PowerShell. Run again later, or raise ansible_psrp_operation_timeout."),
    _Kind(_STATUS + r"404\b", "No WinRM at this address",
          "A web server answers that has no /wsman (HTTP 404). Correct ansible_port or ansible_host."),
    _Kind(_STATUS + r"503\b", "WinRM is not ready", "The machine answers HTTP 503: its WinRM service is starting, stopping or "
          "overloaded. Run again later; if it stays, restart the service WinRM on it."),
    _Kind(_STATUS + r"500\b", "WinRM failed on the machine", "The machine answers HTTP 500. Look at its event log "
          "(Microsoft-Windows-WinRM/Operational); restarting the service WinRM often helps."),
    _Kind(r"badstatusline|bad http response|not http|" + _STATUS + r"400\b", "Something else answers at this port",
          "What listens there is no WinRM. Correct ansible_port or ansible_host."),
    _Kind(r"read timed out|banner exchange", "No answer in time", "The port is open, but nothing answers: the machine hangs, or "
          "HTTPS and HTTP are mixed up: ansible_port 5986 is for HTTPS, 5985 for HTTP with {scheme}: http. Restart the machine "
          "if it stays.", "The port is open, but no sshd answers: the machine hangs, or ansible_port is that of another "
          "service. Restart the machine if it stays."),
    _Kind(r"timed? ?out|timeout|not responding|no answer", "No answer in time",
          "The machine is off, asleep, or a firewall drops the packets. Run again when it is on."),
    _Kind(r"connection (?:was )?(?:reset|aborted|closed)|forcibly closed|closed (?:the )?connection|closed by|broken pipe|"
          r"remotedisconnected|kex_exchange", "The other side hung up",
          "The port is open, but the connection was closed: a firewall, a service that is stopping, or HTTP was spoken to an HTTPS "
          "port (ansible_port, {scheme}). Run again.",
          "The port is open, but the connection was closed: sshd is overloaded (MaxStartups) or stopping, a firewall is in "
          "between, or it is another service's port. Run again."),
    _Kind(r"", "Not reachable", "Ansible could not talk to the machine; the text is what it reported."),
]

_FAILED = "The text is what the machine reported. Run one of the machines again with -vvv to see more."
_BROKE_OFF = Advice("Broke off in the middle", "The connection was lost after the machine had begun: some connections may be gone "
                    "without being on record. " + _RETRY)
_NO_RESULT = Advice("Ended without a result", "PowerShell on the machine ended too early: somebody ended it, the machine was shut "
                    "down, memory ran out, or a policy stops it. Something may have been done. " + _RETRY)

# How it is known over which transport a message came; winrm where neither fits.
_PSRP = re.compile(r"\bpsrp\b|pypsrp|runspace|authenticate with the server|from the server", re.IGNORECASE)
_SSH = re.compile(r"\bssh|host key|publickey|banner exchange|kex_exchange|client_loop|identity file|no such identity", re.IGNORECASE)

# The names of pywinrm's ways to sign in, before what went wrong with each.
_WAY_TO_SIGN_IN = re.compile(r"(?:^|(?<=, ))(?:basic|certificate|credssp|kerberos|ntlm|plaintext|ssl): ")

# What differs from machine to machine in messages that mean the same: names where the messages have them, and the rest.
_DIFFERS = re.compile("|".join((
    r"\bhost='[^']*'",
    r"(?<=\bresolve )'[^']*'", r"(?<=\bhostname )\S+(?=:)",
    r"(?<=\bnot valid for )'[^']*'", r"(?<=\bdoesn't match )(?:either of )?'[^']*'",
    r"(?<=\bremote host )(?:\"[^\"]*\"|'[^']*'|\S+?(?=:))",
    r"(?<=\bto host )\S+(?= port)", r"(?<=\bConnection to )\S+(?= (?:port|timed|closed))",
    r"(?<=\bby )\S+(?= port)", r"(?<=\bfrom )\S+(?= port)", r"(?<=\bwith )\S+(?= port)", r"(?<=\bserver )\S+(?= not responding)",
    r"\S+(?=, port \d)", r"(?<=\bkey for )\S+(?= has changed)", r"(?<=\bthe user )\S+(?= with)", r"(?<=\bMachine: )[^,)]*",
    r"(?<=://)[^\s/'\")]+",
    r"(?<![\w.-])[\w.$\\-]+@[\w.-]+",  # who signs in where
    r"\[[^\]\s]+\]:\d+", r"\b\d{1,3}(?:\.\d{1,3}){3}\b(?::\d+)?", r"(?<![\w:])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])",
    r"(?<=\bport )\d+", r"(?<=\bport=)\d+", r"(?<=_ssl\.c:)\d+", r"\b0x[0-9a-f]+\b", r"SHA256:\S+",
    r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",  # the id of a shell or of a command
    r"(?<![\w/.<])(?:~?/[\w.@+-]+){2,}(?::\d+)?", r"\b[a-z]:\\[^\s'\",;:]+",
)), re.IGNORECASE)


def _common(message: str, host: str) -> str:
    """A message without what differs from machine to machine."""
    text = _DIFFERS.sub("…", message)
    return re.sub(rf"(?<!\w){re.escape(host)}(?!\w)", "…", text, flags=re.IGNORECASE) if host else text


def for_code(code: int | None, restores: bool = False) -> Advice:
    """Advice on a system error code of a clean-up, or of a restore."""
    return (_RESTORE_CODES if restores else _CODES).get(-1 if code is None else code, _UNKNOWN_CODE)


def for_unreachable(message: str, host: str = "") -> Advice:
    """Advice on what Ansible says of a machine it could not talk to. What the machine is called does not matter."""
    # A name that is a word as well is not taken out everywhere: "Connection refused" says the same of a host named refused.
    text = _common(_WAY_TO_SIGN_IN.sub("", message), "" if host.isalpha() or host.isdigit() else host)
    transport = "psrp" if _PSRP.search(text) else "ssh" if _SSH.search(text) else "winrm"
    kind = next(kind for kind in _UNREACHABLE if re.search(kind.pattern, text, re.IGNORECASE))
    action = kind.over_ssh if transport == "ssh" and kind.over_ssh else kind.action
    return Advice(kind.title, action.format_map(_WORDS[transport]))


def for_failure(message: str, host: str) -> Advice:
    """Advice on a message that ended a machine's run. Machines with the same problem get the same advice."""
    if message.startswith(BROKE_OFF):
        return _BROKE_OFF
    if re.search("No start of json char found|MODULE FAILURE|winrm send_input failed", message):
        return _NO_RESULT
    text = _common(message, host).strip().partition("\n")[0].strip()
    return Advice(text[:160] or "Failed without a message", _FAILED)
