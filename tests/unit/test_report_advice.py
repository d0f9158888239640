# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the report makes of messages: of those that winrm, psrp and ssh were seen to give, and of others of their kind."""

from __future__ import annotations

import pytest

from ansible_collections.netdrive.windows.plugins.plugin_utils import visit
from ansible_collections.netdrive.windows.plugins.plugin_utils.records import BROKE_OFF
from ansible_collections.netdrive.windows.plugins.plugin_utils.report import advice as report_advice

P = 'Failed to connect to the host via PSRP: '
POOL = "HTTPConnectionPool(host='{H}', port={N}): "
POOLS = "HTTPSConnectionPool(host='{H}', port={N}): Max retries exceeded with url: /wsman (Caused by SSLError("
RETRIES = P + POOL + 'Max retries exceeded with url: /wsman (Caused by '
OPEN = 'psrp connection failure during runspace open: '
S = 'Data could not be sent to remote host "{H}". Make sure this host can be reached over ssh: '
RAW = 'Failed to connect to the host via ssh: '
ADDED = "Warning: Permanently added '[{H}]:{N}' (ED25519) to the list of known hosts.\r\n"
KINIT = 'Kerberos auth failure for principal {USER}@CORP.EXAMPLE: kinit: '

# (title, the message, a word of the advice). {H} is the machine, {N} its port, {USER} the account.
SEEN = [
    # psrp
    ('Connection refused', RETRIES + "NewConnectionError('<urllib3.connection.HTTPConnection object at 0x7f9c>: Failed to establish "
     "a new connection: [Errno 111] Connection refused'))", 'Enable-PSRemoting'),
    ('No answer in time', RETRIES + "ConnectTimeoutError(<urllib3.connection.HTTPConnection object at 0x7f9c>, 'Connection to {H} "
     "timed out. (connect timeout=3)'))", 'off'),
    ('No route to the machine', RETRIES + "NewConnectionError('<urllib3.connection.HTTPConnection object at 0x7f9c>: Failed to "
     "establish a new connection: [Errno 101] Network is unreachable'))", 'router'),
    ('Name not found', RETRIES + 'NameResolutionError("<urllib3.connection.HTTPConnection object at 0x7f9c>: Failed to resolve '
     "'{H}' ([Errno -3] Temporary failure in name resolution)\"))", 'DNS'),
    ('No answer in time', 'psrp: ' + POOL + 'Read timed out. (read timeout=3)', 'ansible_psrp_protocol'),
    ('PowerShell did not start in time', OPEN + 'Received a WSManFault message. (Code: 2150858793, Machine: {H}, Reason: The '
     'operation timed out.)', 'busy'),
    ('Sign-in refused', 'failed to authenticate with the server: Failed to authenticate the user {USER} with basic', 'password'),
    ('Way to sign in not offered', 'failed to authenticate with the server: The server did not response with one of the following '
     "authentication methods Negotiate, Kerberos, NTLM - actual: 'Basic realm=\"WSMAN\"'", 'ansible_psrp_auth'),
    ('Access denied', OPEN + 'Received a WSManFault message. (Code: 5, Machine: {H}, Reason: Access is denied.)', 'Administrators'),
    ("The connection's settings do not fit together", 'psrp: For basic auth, the password must be specified', 'ansible_password'),
    ('Certificate not trusted', P + POOLS + "SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify "
     "failed: self-signed certificate (_ssl.c:1028)')))", 'ansible_psrp_ca_cert'),
    ('Certificate of another name', P + POOLS + 'SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify '
     "failed: IP address mismatch, certificate is not valid for '{H}'. (_ssl.c:1028)\")))", 'ansible_host'),
    ('Certificate out of date', P + POOLS + "SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify "
     "failed: certificate has expired (_ssl.c:1028)')))", 'Renew'),
    ('CA file not found', 'psrp: Could not find a suitable TLS CA certificate bundle, invalid path: /etc/ssl/{H}/ca.pem',
     'ansible_psrp_ca_cert'),
    ('The other side hung up', P + "('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))",
     'ansible_psrp_protocol'),
    ('The other side hung up', P + "('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))",
     'Run again'),
    ('Something else answers at this port', P + "('Connection aborted.', BadStatusLine('SSH-2.0-OpenSSH_for_Windows_9.5\\r\\n'))",
     'ansible_port'),
    ('No WinRM at this address', OPEN + "Bad HTTP response returned from the server. Code: 404, Content: ''", '/wsman'),
    ("The connection's settings do not fit together", "psrp: Cannot use message encryption with auth 'basic', either set auth to "
     'one of these options: [negotiate, kerberos, ntlm, credssp], use https, or disable encryption', 'ansible_psrp_auth'),
    ('Something is missing on the controller', "psrp: pypsrp or dependencies are not installed: No module named 'pypsrp'",
     'Install pypsrp'),
    ('Something is missing on the controller', 'psrp: Cannot use CredSSP auth as requests-credssp is not installed: No module named '
     "'requests_credssp'", 'pypsrp[credssp]'),
    # ssh
    ('Connection refused', S + 'ssh: connect to host {H} port {N}: Connection refused', 'Start-Service sshd'),
    ('Connection refused', RAW + 'ssh: connect to host {H} port {N}: Connection refused', 'Start-Service sshd'),
    ('No answer in time', S + 'ssh: connect to host {H} port {N}: Connection timed out', 'off'),
    ('No route to the machine', S + 'ssh: connect to host {H} port {N}: Network is unreachable', 'router'),
    ('Name not found', S + 'ssh: Could not resolve hostname {H}: Temporary failure in name resolution', 'DNS'),
    ('No answer in time', S + 'Connection timed out during banner exchange\r\nConnection to {H} port {N} timed out', 'sshd'),
    ('Sign-in refused', S + '{USER}@{H}: Permission denied (publickey).', 'administrators_authorized_keys'),
    ('Sign-in refused', S + ADDED + '{USER}@{H}: Permission denied (publickey,password).', 'administrators_authorized_keys'),
    ('Key file not found', S + 'no such identity: /home/{USER}/.ssh/{H}: No such file or directory\r\n{USER}@{H}: Permission denied '
     '(publickey).', 'ansible_ssh_private_key_file'),
    ('The other side hung up', S + 'Connection closed by {H} port {N}', 'sshd'),
    ('Host key not known', S + 'No ED25519 host key is known for [{H}]:{N} and you have requested strict checking.\r\nHost key '
     'verification failed.', 'known_hosts'),
    ('Host key not known', 'Using a SSH password instead of a key is not possible because Host Key checking is enabled. Please add '
     "this host's fingerprint to your known_hosts file to manage this host.", 'known_hosts'),
    ('Host key changed', S + '@' * 59 + '\r\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\n' + '@' * 59 + '\r\nThe '
     'fingerprint for the ED25519 key sent by the remote host is\nSHA256:uNiVztksCsDhcc0u9e8BrMeG.\r\nOffending ED25519 key in '
     '/home/{USER}/.ssh/known_hosts:3\r\nHost key verification failed.', 'ssh-keygen -R'),
    ('No answer in time', S + 'Timeout, server {H} not responding.', 'off'),
    ('Something is missing on the controller', 'ssh: to use the password_mechanism=sshpass, you must install the sshpass program',
     'sshpass'),
    ('Sign-in refused', "Invalid/incorrect password: {USER}@{H}'s password: \nPermission denied, please try again.", 'locked out'),
    # winrm
    ('Connection refused', 'basic: ' + POOL + "Max retries exceeded with url: /wsman (Caused by NewConnectionError('<urllib3."
     "connection.HTTPConnection object at 0x7f9c>: Failed to establish a new connection: [Errno 111] Connection refused'))",
     'winrm quickconfig'),
    ('No answer in time', 'kerberos: ' + POOL + 'Read timed out. (read timeout=30)', 'ansible_winrm_scheme'),
    ('Sign-in refused', 'basic: the specified credentials were rejected by the server', 'password'),
    ('No WinRM at this address', 'basic: Bad HTTP response returned from server. Code 404', '/wsman'),
    ('Access denied', "basic: Access is denied.  (extended fault data: {{'transport_message': 'Bad HTTP response returned from "
     "server. Code 500', 'http_status_code': 500, 'wsmanfault_code': '5'}})", 'Administrators'),
    ('HTTPS was spoken to an HTTP port', 'ssl: ' + POOLS + "SSLError(1, '[SSL: WRONG_VERSION_NUMBER] wrong version number "
     "(_ssl.c:1028)')))", 'ansible_winrm_scheme'),
    ('CA file not found', 'ssl: Could not find a suitable TLS CA certificate bundle, invalid path: /etc/ssl/ca.pem',
     'ansible_winrm_ca_trust_path'),
    ('Something is missing on the controller', "winrm: winrm or requests is not installed: No module named 'winrm'",
     'Install pywinrm'),
    ('Something is missing on the controller', 'kerberos: requested auth method is kerberos, but pykerberos is not installed',
     'pywinrm[kerberos]'),
    ('Something is missing on the controller', "Kerberos auth failure when calling kinit cmd 'kinit': [Errno 2] No such file or "
     "directory: 'kinit'", 'controller'),
    ('Kerberos does not know the machine', "kerberos: authGSSClientStep() failed: (('Unspecified GSS failure.  Minor code may "
     "provide more information', 851968), ('Server not found in Kerberos database', -1765328377))", 'kerberos_hostname_override'),
    ('The clocks differ', KINIT + 'Clock skew too great while getting initial credentials', 'time'),
    ('No Kerberos server found', KINIT + 'Cannot find KDC for realm "CORP.EXAMPLE" while getting initial credentials', 'krb5.conf'),
    ('No Kerberos server found', KINIT + 'Cannot contact any KDC for realm \'CORP.EXAMPLE\' while getting initial credentials', 'DNS'),
    ('No valid Kerberos ticket', "kerberos: authGSSClientInit() failed: (('Unspecified GSS failure.', 851968), ('Ticket expired', "
     '-1765328352))', 'kinit'),
    ('No valid Kerberos ticket', "kerberos: authGSSClientStep() failed: (('Unspecified GSS failure.', 851968), ('No Kerberos "
     "credentials available (default cache: FILE:/tmp/krb5cc_1000)', -1765328243))", 'kinit'),
    ('Sign-in refused', KINIT + 'Preauthentication failed while getting initial credentials', 'password'),
    ('The other side hung up', "basic: ('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))", 'firewall'),
    ('Sign-in refused', 'basic: Bad HTTP response returned from server. Code 401', 'password'),
    ('Access denied', 'basic: Bad HTTP response returned from server. Code 403', '403'),
    ('WinRM failed on the machine', 'ntlm: Bad HTTP response returned from server. Code 500', 'event log'),
    ('WinRM is not ready', 'ntlm: Bad HTTP response returned from server. Code 503', 'later'),
    ('Too many sessions on the machine', 'ntlm: The WS-Management service cannot process the request. This user is allowed a maximum '
     'number of 30 concurrent shells, which has been exceeded. Close existing shells or raise the quota for this user.',
     'MaxShellsPerUser'),
    *[('Name not found', 'basic: ' + POOL + text, 'DNS') for text in (
        '[Errno -2] Name or service not known', '[Errno -5] No address associated with hostname', '[Errno 11001] getaddrinfo failed',
        '[Errno 8] nodename nor servname provided, or not known', '[Errno -2] Name does not resolve', "Failed to resolve '{H}'")],
    ('No route to the machine', 'basic: ' + POOL + '[Errno 113] No route to host', 'router'),
    # what the clean-up itself says of machines that it asked whether they answer
    ('Connection refused', 'winrm: {H}, port {N}: [Errno 111] Connection refused', 'winrm quickconfig'),
    ('Connection refused', 'psrp: {H}, port {N}: [Errno 111] Connection refused', 'Enable-PSRemoting'),
    ('Connection refused', 'ssh: {H}, port {N}: [Errno 111] Connection refused', 'Start-Service sshd'),
    ('No answer in time', 'ssh: {H}, port {N}: timed out, no answer within 4 seconds', 'off'),
    ('Name not found', 'psrp: {H}, port {N}: [Errno -2] Name or service not known', 'DNS'),
    ('Not reachable', '', 'the text'),
    ('Not reachable', 'ntlm: the moon is in the seventh house', 'the text'),
]
HOSTS = ['pc0001', 'room-401', 'kdc-7', 'refused', 'proxy', '10.0.0.404', 'access-denied.corp.example', 'ssh-psrp-quota']


@pytest.mark.parametrize(('title', 'message', 'word'), SEEN)
def test_a_message_is_understood_whatever_the_machine_is_called(title: str, message: str, word: str) -> None:
    for host in HOSTS:
        advice = report_advice.for_unreachable(message.format(H=host, N=55985, USER='anna'), host)
        assert advice.title == title
        assert word in advice.action
        # The name in the inventory may be another.
        assert report_advice.for_unreachable(message.format(H=f'{host}.net', N=22, USER=host), 'pc') == advice


def test_advice_is_about_the_transport_in_use() -> None:
    for _title, message, _word in SEEN:
        action = report_advice.for_unreachable(message.format(H='pc', N=22, USER='anna'), 'pc').action
        if 'psrp' in message.lower() or 'authenticate with the server' in message or 'ssh' in message.lower():
            assert 'ansible_winrm_' not in action and 'quickconfig' not in action, message
        else:
            assert 'ansible_psrp_' not in action and 'sshd' not in action, message


@pytest.mark.parametrize('message', [message for _title, message, _word in SEEN])
def test_the_same_problem_has_the_same_words_on_every_machine(message: str) -> None:
    ours = report_advice.for_failure(message.format(H='room-401', N=22, USER='anna'), 'room-401')
    other = report_advice.for_failure(message.format(H='10.1.2.3', N=50022, USER='bert'), '10.1.2.3')
    assert ours == other


@pytest.mark.parametrize(('ours', 'other'), [
    ('The shell 6F8A3E0E-4B4C-4A1D-8C3B-0A1B2C3D4E5F was not found', 'The shell 11111111-2222-3333-4444-555555555555 was not found'),
    (r"Could not load C:\Users\anna\AppData\Local\Temp\a.dll", r"Could not load C:\Users\bert\AppData\Local\Temp\b.dll"),
    ('no key in /home/a/.ssh/known_hosts:3', 'no key in /home/b/.ssh/known_hosts:17'),
    ('the key is SHA256:AAAA', 'the key is SHA256:bbbb'), ('at fe80::1:2 port 22', 'at 10.0.0.1 port 5986')])
def test_what_differs_from_machine_to_machine_is_taken_out(ours: str, other: str) -> None:
    assert report_advice.for_failure(ours, 'a') == report_advice.for_failure(other, 'b')


@pytest.mark.parametrize('message', [
    f"{BROKE_OFF}: psrp: ('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))",
    f"{BROKE_OFF}: winrm: HTTPConnectionPool(host='10.0.0.1', port=5985): Read timed out. (read timeout=30)",
    f'{BROKE_OFF}: ssh: Data could not be sent to remote host "pc1". Make sure this host can be reached over ssh: '])
def test_what_broke_off_is_one_problem_over_every_transport(message: str) -> None:
    advice = report_advice.for_failure(message, 'pc1')
    assert advice.title == 'Broke off in the middle' and 'Run again' in advice.action


def test_success_that_changed_nothing_may_be_the_provider_s() -> None:
    assert 'provider' in report_advice.for_code(0).action


def test_over_ssh_it_can_be_told_whether_anything_was_sent() -> None:
    before = [message for _title, message, _word in SEEN if 'over ssh: ' in message and 'not responding' not in message]
    for message in [*before, *(message.replace(S, RAW) for message in before)]:
        assert visit.BEFORE_SSH_SENDS.search(message.format(H='pc', N=22, USER='anna')), message
    for text in ('', 'Timeout, server pc not responding.', 'Connection to pc closed by remote host.', 'Shared connection to pc closed.',
                 'Read from remote host pc: Connection reset by peer\r\nclient_loop: send disconnect: Broken pipe', ADDED,
                 'mux_client_request_session: read from master failed: Broken pipe', 'Connection reset by 10.0.0.1 port 22',
                 'the module says ssh: and Permission denied ('):
        assert not visit.BEFORE_SSH_SENDS.search(S + text), text


def test_over_ssh_it_is_tried_again_where_ssh_did_not_take_the_module() -> None:
    for message in ("Data could not be sent to remote host '10.0.0.1'. Make sure this host can be reached over SSH: [Errno 32] Broken pipe",
                    S.format(H='pc') + '[Errno 32] Broken pipe'):
        assert visit.SSH_DID_NOT_TAKE_ALL.search(message), message
    for text in ('', 'Connection to pc closed by remote host.\r\nclient_loop: send disconnect: Broken pipe'):
        assert not visit.SSH_DID_NOT_TAKE_ALL.search(S.format(H='pc') + text), text
