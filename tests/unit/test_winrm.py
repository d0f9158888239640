# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The stand's WinRM endpoint, spoken to by pywinrm; its commands are run by the shell of this machine."""

from __future__ import annotations

import gc
import os
import re
import socket
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import xmltodict
from winrm.exceptions import InvalidCredentialsError, WinRMOperationTimeoutError, WSManFaultError
from winrm.protocol import Protocol

from tests.stand.execution import Command, Execution, Output
from tests.stand.recorded import Fleet
from tests.stand.winrm import Endpoint

SHELL = 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell'

# Prints the process ids of itself, of a child in its group, and of one that left for a session of its own. None ends.
FAMILY = 'sleep 1000 & echo $$ $!; setsid sleep 1000 & echo $!; wait'


def launch(command: Command) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ['sh', '-c', command.line], cwd=command.directory, start_new_session=True,
        env={**os.environ, **command.environment, 'STAND_COMMAND': command.mark},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def serve(launch: Callable[[Command], subprocess.Popen[bytes] | Execution] = launch, *,
          addresses: Sequence[str] = ('127.0.0.1',), idle_timeout: float = 60.0) -> Endpoint:
    return Endpoint(launch, username='tester', password='secret', addresses=addresses, idle_timeout=idle_timeout)


def client_of(endpoint: Endpoint, address: str = '127.0.0.1', username: str = 'tester',
              password: str = 'secret') -> Protocol:
    return Protocol(f'http://{address}:{endpoint.port}/wsman', username=username, password=password, proxy=None)


pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serve() as endpoint:
        yield endpoint


@pytest.fixture
def client(endpoint: Endpoint) -> Iterator[Protocol]:
    client = client_of(endpoint)
    yield client
    client.transport.close_session()


def run(client: Protocol, line: str) -> tuple[bytes, bytes, int]:
    shell = client.open_shell()
    command = client.run_command(shell, line)
    try:
        return client.get_command_output(shell, command)
    finally:
        client.cleanup_command(shell, command)
        client.close_shell(shell)


def post(client: Protocol, shell: str, operation: str, body: object, *, operation_timeout: str = 'PT20S',
         patience: float = 30.0) -> requests.Response:
    """Ask for what pywinrm doesn't allow; the client hangs up when its patience (seconds) ends."""
    envelope = client.build_wsman_header(resource_uri=f'{SHELL}/cmd', action=f'{SHELL}/{operation}', shell_id=shell)
    envelope['env:Header']['w:OperationTimeout'] = operation_timeout
    envelope['env:Body'] = {f'rsp:{operation}': body}
    data = xmltodict.unparse({'env:Envelope': envelope})
    return client.transport.build_session().post(client.transport.endpoint, data=data, timeout=patience)


def receive(client: Protocol, shell: str, command: str, *, operation_timeout: str = 'PT20S',
            patience: float = 30.0) -> requests.Response:
    body = {'rsp:DesiredStream': {'@CommandId': command, '#text': 'stdout stderr'}}
    return post(client, shell, 'Receive', body, operation_timeout=operation_timeout, patience=patience)


def start_family(client: Protocol) -> tuple[str, str, list[int]]:
    """Start processes that don't end by themselves; the shell, the command and the process ids."""
    shell = client.open_shell()
    command = client.run_command(shell, FAMILY)
    output = b''
    while len(output.split()) < 3:
        output += client.get_command_output_raw(shell, command)[0]
    pids = [int(word) for word in output.split()]
    assert all(map(alive, pids))
    return shell, command, pids


def alive(pid: int) -> bool:
    try:
        with open(f'/proc/{pid}/stat', encoding='ascii') as stat:
            return stat.read().rpartition(')')[2].split()[0] != 'Z'
    except (FileNotFoundError, ProcessLookupError):
        return False


def eventually(condition: Callable[[], bool], seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def all_gone(pids: list[int]) -> bool:
    return eventually(lambda: not any(map(alive, pids)))


def test_output_error_and_exit_code(client: Protocol) -> None:
    assert run(client, 'echo out; echo err >&2; exit 3') == (b'out\n', b'err\n', 3)


def test_a_killed_command_has_an_exit_code(client: Protocol) -> None:
    assert run(client, 'kill -TERM $$') == (b'', b'', 128 + 15)


def test_what_the_client_asks_for_reaches_the_launch() -> None:
    commands = []

    def remember(command: Command) -> subprocess.Popen[bytes]:
        commands.append(command)
        return launch(command)

    with serve(remember) as endpoint:
        client = client_of(endpoint)
        shell = client.open_shell(working_directory='/usr', env_vars={'STAND_A': 'ä & <b>', 'STAND_B': '2'})
        command = client.run_command(shell, 'echo', ['"$STAND_A"', '$STAND_B;', 'pwd'])
        assert client.get_command_output(shell, command)[0].decode() == 'ä & <b> 2\n/usr\n'
        client.close_shell(shell)
    assert commands == [Command(
        'echo', ('"$STAND_A" $STAND_B; pwd',), '/usr', {'STAND_A': 'ä & <b>', 'STAND_B': '2'}, command, '127.0.0.1')]


def test_all_the_input_is_taken_before_any_output_is_asked_for(client: Protocol) -> None:
    # More than the pipes and the endpoint's own buffers hold, both ways: neither side may wait for the other.
    chunk = os.urandom(250_000)
    shell = client.open_shell()
    command = client.run_command(shell, 'cat; cat /dev/zero | head -c 1000; echo done >&2')
    for dummy in range(12):
        client.send_command_input(shell, command, chunk)
    client.send_command_input(shell, command, b'last', end=True)
    assert client.get_command_output(shell, command) == (chunk * 12 + b'last' + b'\0' * 1000, b'done\n', 0)
    client.close_shell(shell)


def test_large_output(client: Protocol) -> None:
    output, error, exit_code = run(client, 'head -c 5000000 /dev/zero; head -c 3000000 /dev/zero >&2')
    assert (len(output), len(error), exit_code) == (5_000_000, 3_000_000, 0)


def test_an_answer_fits_the_envelope_that_the_client_asks_for() -> None:
    started = []

    def remember(command: Command) -> subprocess.Popen[bytes]:
        started.append(launch(command))
        return started[-1]

    with serve(remember) as endpoint:
        client = client_of(endpoint)
        shell = client.open_shell()
        command = client.run_command(shell, 'head -c 900000 /dev/zero; head -c 900000 /dev/zero >&2')
        assert all_gone([started[0].pid])  # all the output waits for the client
        assert 100_000 < len(receive(client, shell, command).content) <= 153_600
        client.close_shell(shell)


def test_output_comes_while_the_command_runs(client: Protocol) -> None:
    shell = client.open_shell()
    command = client.run_command(shell, 'echo ready; read word; echo $word; read word')
    assert client.get_command_output_raw(shell, command) == (b'ready\n', b'', -1, False)
    client.send_command_input(shell, command, b'hello\n')
    assert client.get_command_output_raw(shell, command) == (b'hello\n', b'', -1, False)
    client.send_command_input(shell, command, b'', end=True)
    assert client.get_command_output_raw(shell, command) == (b'', b'', 1, True)
    client.close_shell(shell)


def test_a_child_that_keeps_the_pipes_does_not_keep_the_client(client: Protocol) -> None:
    assert run(client, 'sleep 1000 & echo done') == (b'done\n', b'', 0)


def test_input_for_a_command_that_has_ended_is_a_broken_pipe(client: Protocol) -> None:
    shell = client.open_shell()
    command = client.run_command(shell, 'exit 4')
    assert client.get_command_output(shell, command)[2] == 4
    with pytest.raises(WSManFaultError) as error:
        client.send_command_input(shell, command, b'late')
    assert error.value.wsman_fault_code == 109
    client.close_shell(shell)


@pytest.mark.parametrize('username, password', [('tester', 'wrong'), ('wrong', 'secret'), ('tester', ''), ('x', 'y')])
def test_others_are_refused(endpoint: Endpoint, username: str, password: str) -> None:
    with pytest.raises(InvalidCredentialsError):
        client_of(endpoint, username=username, password=password).open_shell()


def test_without_credentials_the_client_is_told_how_to_identify_itself(endpoint: Endpoint) -> None:
    response = requests.post(f'http://127.0.0.1:{endpoint.port}/wsman', data=b'x', timeout=5)
    assert response.status_code == 401
    assert response.headers['WWW-Authenticate'] == 'Basic realm="WSMAN"'


@pytest.mark.parametrize('path, body, status', [
    ('/other', b'<a/>', 404), ('/wsman', b'no XML', 400), ('/wsman', b'<!DOCTYPE a><a/>', 400)])
def test_nonsense_is_refused(endpoint: Endpoint, path: str, body: bytes, status: int) -> None:
    response = requests.post(
        f'http://127.0.0.1:{endpoint.port}{path}', data=body, auth=('tester', 'secret'), timeout=5)
    assert response.status_code == status


@pytest.mark.parametrize('head', [
    b'GET /wsman HTTP/1.1\r\nContent-Length: 0\r\n', b'POST /wsman HTTP/1.1\r\n', b'hello\r\n',
    b'POST /wsman HTTP/1.1\r\nContent-Length: 600000\r\n', b'POST /wsman HTTP/1.1\r\nContent-Length: x\r\n'])
def test_a_request_that_cannot_be_read_is_refused_at_once(endpoint: Endpoint, head: bytes) -> None:
    with socket.create_connection(('127.0.0.1', endpoint.port), timeout=5) as connection:
        connection.sendall(head + b'\r\n')
        with connection.makefile('rb') as answer:
            assert re.match(rb'HTTP/1\.[01] 400 Bad Request\r\n', answer.read())


def test_clients_do_not_wait_for_each_other(endpoint: Endpoint) -> None:
    together = threading.Barrier(8)

    def talk(number: int) -> bytes:
        client = client_of(endpoint)
        shell = client.open_shell()
        command = client.run_command(shell, f'read word; echo {number} $word')
        together.wait(30)
        with ThreadPoolExecutor() as other:
            receiving = other.submit(client.get_command_output, shell, command)
            time.sleep(0.1)  # all eight wait for output now
            second = client_of(endpoint)
            second.send_command_input(shell, command, b'hello\n')
            output = receiving.result()[0]
        client.close_shell(shell)
        second.transport.close_session()
        return output

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(talk, range(8))) == [b'%d hello\n' % number for number in range(8)]


def quick(measure: Callable[[], float], seconds: float) -> bool:
    """Whether the median of some measurements is below so many seconds. On a busy machine that takes several rounds; where
    something waits for a timer, no round is quick."""
    return any(statistics.median(measure() for dummy in range(9)) < seconds for dummy in range(50))


def test_round_trips_are_quick(client: Protocol) -> None:
    shell = client.open_shell()
    command = client.run_command(shell, 'cat')

    def round_trip() -> float:
        begin = time.perf_counter()
        client.send_command_input(shell, command, b'x')
        assert client.get_command_output_raw(shell, command)[0] == b'x'
        return time.perf_counter() - begin
    assert quick(round_trip, 0.02)  # pywinrm's own part is 3 ms; a delayed acknowledgement is 40
    client.close_shell(shell)


def test_output_is_passed_on_at_once(client: Protocol) -> None:
    shell = client.open_shell()
    command = client.run_command(shell, 'while read word; do sleep 0.03; date +%s%N; done')

    def delay() -> float:
        client.send_command_input(shell, command, b'go\n')
        written = int(client.get_command_output_raw(shell, command)[0])
        return (time.time_ns() - written) / 1e9
    assert quick(delay, 0.015)  # 3 ms, unless something polls
    client.close_shell(shell)


def test_receive_waits_and_then_times_out(client: Protocol) -> None:
    shell = client.open_shell()
    command = client.run_command(shell, 'cat')
    begin, used = time.monotonic(), time.process_time()
    response = receive(client, shell, command, operation_timeout='PT0.4S')
    assert 0.4 <= time.monotonic() - begin < 15  # where it takes its own, it is 20
    assert time.process_time() - used < 0.2  # the endpoint is in this process: it didn't spin
    assert response.status_code == 500
    assert 'w:TimedOut' in response.text and 'Code="2150858793"' in response.text
    client.send_command_input(shell, command, b'still there', end=True)
    assert client.get_command_output(shell, command) == (b'still there', b'', 0)
    client.close_shell(shell)


def test_pywinrm_takes_the_timeout_for_one(endpoint: Endpoint) -> None:
    client = Protocol(f'http://127.0.0.1:{endpoint.port}/wsman', username='tester', password='secret', proxy=None,
                      operation_timeout_sec=1, read_timeout_sec=3)
    shell = client.open_shell()
    with pytest.raises(WinRMOperationTimeoutError):
        client.get_command_output_raw(shell, client.run_command(shell, 'cat'))
    client.close_shell(shell)


def test_terminate_ends_every_process(client: Protocol) -> None:
    shell, command, pids = start_family(client)
    client.cleanup_command(shell, command)
    assert all_gone(pids)
    with pytest.raises(WSManFaultError):
        client.get_command_output_raw(shell, command)
    client.close_shell(shell)


def test_terminate_ends_what_the_command_left_behind(client: Protocol) -> None:
    shell = client.open_shell()
    command = client.run_command(shell, 'env -i sleep 1000 & echo $!; setsid sleep 1000 & echo $!')
    output, dummy, exit_code = client.get_command_output(shell, command)
    pids = [int(word) for word in output.split()]
    assert exit_code == 0 and len(pids) == 2 and all(map(alive, pids))
    client.cleanup_command(shell, command)
    assert all_gone(pids)
    client.close_shell(shell)


def test_after_ctrl_c_the_client_can_receive_what_there_was(client: Protocol) -> None:
    shell = client.open_shell()
    command = client.run_command(shell, f'echo first; {FAMILY}')
    output = client.get_command_output_raw(shell, command)[0]
    response = post(client, shell, 'Signal', {'@CommandId': command, 'rsp:Code': f'{SHELL}/signal/ctrl_c'})
    assert response.status_code == 200
    rest, dummy, exit_code = client.get_command_output(shell, command)
    first, *pids = (output + rest).split()
    assert first == b'first' and all_gone([int(pid) for pid in pids])
    assert exit_code == 128 + 9
    client.close_shell(shell)


@pytest.mark.parametrize('operation, code', [('Signal', '87'), ('Disconnect', '2150858753')])
def test_what_is_not_supported_is_a_fault(client: Protocol, operation: str, code: str) -> None:
    shell = client.open_shell()
    command = client.run_command(shell, 'cat')
    response = post(client, shell, operation, {'@CommandId': command, 'rsp:Code': f'{SHELL}/signal/hup'})
    assert response.status_code == 500 and f'Code="{code}"' in response.text
    client.close_shell(shell)


def test_a_waiting_receive_learns_of_the_end(endpoint: Endpoint, client: Protocol) -> None:
    shell, command, dummy = start_family(client)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(receive, client_of(endpoint), shell, command)
        time.sleep(0.1)
        client.cleanup_command(shell, command)
        assert 'CommandState/Done' in waiting.result().text
    client.close_shell(shell)


def test_deleting_the_shell_ends_its_commands(client: Protocol) -> None:
    shell, dummy, pids = start_family(client)
    client.close_shell(shell)
    assert all_gone(pids)


def test_a_client_that_goes_away_while_it_waits_ends_the_command(client: Protocol) -> None:
    shell, command, pids = start_family(client)
    with pytest.raises(requests.exceptions.ReadTimeout):
        receive(client, shell, command, patience=0.1)
    assert all_gone(pids)
    client.cleanup_command(shell, command)  # as Ansible does after its own timeout
    client.close_shell(shell)


def test_an_idle_shell_is_closed() -> None:
    with serve(idle_timeout=1) as endpoint:
        client = client_of(endpoint)
        shell, command, pids = start_family(client)
        for dummy in range(12):
            time.sleep(0.1)
            client.send_command_input(shell, command, b'busy')
        assert all(map(alive, pids))
        assert all_gone(pids)
        with pytest.raises(WSManFaultError):
            client.get_command_output_raw(shell, command)
        client.transport.close_session()


def test_a_shell_with_a_waiting_client_is_not_idle() -> None:
    with serve(idle_timeout=1) as endpoint:
        client, other = client_of(endpoint), client_of(endpoint)
        shell = client.open_shell()
        command = client.run_command(shell, 'read word; sleep 1.5; echo $word')
        with ThreadPoolExecutor() as pool:
            waiting = pool.submit(client.get_command_output, shell, command)
            time.sleep(0.1)
            other.send_command_input(shell, command, b'here\n')
            assert waiting.result() == (b'here\n', b'', 0)
        client.close_shell(shell)
        other.transport.close_session()


def test_unknown_shell(client: Protocol) -> None:
    with pytest.raises(WSManFaultError) as error:
        client.run_command('11111111-2222-3333-4444-555555555555', 'echo')
    assert error.value.wsman_fault_code == 2150858843
    assert error.value.fault_subcode == 'w:InvalidSelectors'


def test_unknown_command(client: Protocol) -> None:
    shell = client.open_shell()
    with pytest.raises(WSManFaultError) as error:
        client.get_command_output(shell, '11111111-2222-3333-4444-555555555555')
    assert error.value.wsman_fault_code == 2150858843
    client.close_shell(shell)


def test_a_launch_that_fails_is_a_fault_and_nothing_more(client: Protocol) -> None:
    shell = client.open_shell(working_directory='/nowhere')
    with pytest.raises(WSManFaultError, match='FileNotFoundError.*nowhere'):
        client.run_command(shell, 'echo')
    client.close_shell(shell)
    assert run(client, 'echo on') == (b'on\n', b'', 0)


def test_stop_ends_everything() -> None:
    threads, files = threading.active_count(), len(os.listdir('/proc/self/fd'))
    endpoint = serve()
    endpoint.start()
    client = client_of(endpoint)
    dummy, dummy, alone = start_family(client)
    shell, command, waited_for = start_family(client)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(receive, client_of(endpoint), shell, command)
        time.sleep(0.1)
        endpoint.stop()
        assert isinstance(waiting.exception(5), requests.exceptions.ConnectionError)
    assert all_gone(alone + waited_for)
    with pytest.raises(requests.exceptions.ConnectionError):
        client_of(endpoint).open_shell()
    client.transport.close_session()
    assert threading.active_count() <= threads
    assert len(os.listdir('/proc/self/fd')) <= files
    endpoint.stop()


@pytest.mark.filterwarnings('error::pytest.PytestUnraisableExceptionWarning')
def test_nobody_is_left_over_who_comes_as_it_stops() -> None:
    for dummy in range(10):
        with serve() as endpoint:
            comers = [socket.create_connection(('127.0.0.1', endpoint.port)) for dummy in range(20)]
        for comer in comers:
            comer.close()
        gc.collect()


def test_it_can_be_started_again_at_the_same_port() -> None:
    endpoint = serve()
    ports = set()
    for dummy in range(2):
        with endpoint:
            ports.add(endpoint.port)
            assert run(client_of(endpoint), 'echo hi') == (b'hi\n', b'', 0)
    assert len(ports) == 1


@pytest.mark.parametrize('address', ['0.0.0.0', '192.168.1.1', '127.0.0.0/8', '::', 'localhost', ''])
def test_only_loopback(address: str) -> None:
    with pytest.raises(ValueError):
        serve(addresses=['127.0.0.1', address])


class Recorded(Execution):
    """Answers with its input, in capitals, and the address that the client came to."""

    def __init__(self, command: Command) -> None:
        self._output = command.address.encode()

    def write(self, data: bytes, end: bool) -> None:
        self._output += data.upper()

    async def read(self, limit: int) -> Output:
        output, self._output = self._output, b''
        return Output(output, b'', 7)

    def kill(self) -> None:
        pass


def test_other_executions_at_many_addresses() -> None:
    addresses = ('127.0.9.1', '127.0.9.77', '127.0.9.254')
    with serve(Recorded, addresses=addresses) as endpoint:
        for address in addresses:
            client = client_of(endpoint, address)
            shell = client.open_shell()
            command = client.run_command(shell, 'anything')
            client.send_command_input(shell, command, b' input', end=True)
            assert client.get_command_output(shell, command) == (address.encode() + b' INPUT', b'', 7)
            client.close_shell(shell)


def test_a_fleet_listens_where_it_has_machines_and_nowhere_else() -> None:
    files = len(os.listdir('/proc/self/fd'))
    with Fleet(3, network='127.0.9.0/24') as fleet:
        assert len(os.listdir('/proc/self/fd')) < files + 10
        for address in fleet.hosts.values():
            socket.create_connection((address, fleet.port), timeout=5).close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(('127.0.9.4', fleet.port), timeout=5)


def test_nothing_is_left_of_many_commands(client: Protocol) -> None:
    run(client, 'true')
    threads, files = threading.active_count(), len(os.listdir('/proc/self/fd'))
    for dummy in range(60):
        assert run(client, 'echo x') == (b'x\n', b'', 0)
    assert threading.active_count() == threads
    assert eventually(lambda: len(os.listdir('/proc/self/fd')) <= files)
    children = subprocess.run(['ps', '--ppid', str(os.getpid()), '-o', 'stat='], capture_output=True, check=False)
    assert b'Z' not in children.stdout
