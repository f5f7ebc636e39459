"""`up`, `down` and `env` as a person runs them."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import clickhouse_connect
import psutil
import pytest
import urllib3

from streams.stack.stack import lock_stack
from streams.stack.stack_file import Identity, RunningStack, StackFile
from tests.engine_requests import address_of

_ZECTO = str(Path(sys.executable).with_name("zecto-sla"))
_LONG_S = 120.0


def zecto(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [_ZECTO, *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=_LONG_S, env={**os.environ, **environment}
    )


def wait_until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + _LONG_S
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come"
        time.sleep(0.1)


def alive(members: tuple[Identity, ...]) -> list[str]:
    return [member.name for member in members if member.process()]


def part(stack: RunningStack, name: str) -> psutil.Process:
    process = next(member for member in stack.parts if member.name == name).process()
    assert process
    return process


def assert_one_line(result: subprocess.CompletedProcess[str], status: int, *words: str) -> None:
    assert result.returncode == status, result.stderr
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    for word in words:
        assert word in lines[0]


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    directory = tmp_path / "data"
    yield directory
    zecto("down", "--data", directory)


@pytest.mark.deep
def test_up_down_and_up_again_keep_the_data(data: Path) -> None:
    started = zecto("up", "--data", data, "--detach")
    assert started.returncode == 0, started.stderr
    first = StackFile(data).running()
    assert started.stdout.splitlines() == [f"{name}={value}" for name, value in first.environment.items()]
    insert_probe(first)
    assert_feed_answers_with_the_token_alone(data, first.environment)
    assert_logs_hold_no_secret(data, first.environment)

    assert_one_line(zecto("up", "--data", data), 1, "is up already", str(first.supervisor.pid))
    assert_one_line(zecto("up", "--data", data, "--detach"), 1, "is up already", str(first.supervisor.pid))
    assert StackFile(data).running().supervisor == first.supervisor
    assert_env_says(data, first.environment)

    assert zecto("down", "--data", data).returncode == 0
    assert alive((first.supervisor, *first.parts)) == []
    assert not (data / "stack.json").exists()

    assert zecto("up", "--data", data, "--detach").returncode == 0
    again = StackFile(data).running()
    assert count_probes(again) == 1
    assert again.environment["ZECTO_WEB_TOKEN"] == first.environment["ZECTO_WEB_TOKEN"]


def assert_feed_answers_with_the_token_alone(data: Path, variables: dict[str, str]) -> None:
    url, token = f"{variables['ZECTO_WEB_URL']}/v1/decisions", variables["ZECTO_WEB_TOKEN"]
    assert urllib3.request("GET", url, headers={"Authorization": f"Bearer {token}"}).json()["decisions"] == []
    assert urllib3.request("GET", url).status == 401
    for name in ("web.token", "stack.json"):
        assert stat.S_IMODE((data / name).stat().st_mode) == 0o600


def assert_logs_hold_no_secret(data: Path, variables: dict[str, str]) -> None:
    password = address_of(variables["ZECTO_CLICKHOUSE_URL"])["password"]
    secrets = (password, variables["ZECTO_WEB_TOKEN"], variables["ZECTO_KAFKA_SASL_PASSWORD"])
    logs = {path.name: path.read_text(errors="replace") for path in (data / "logs").iterdir()}
    assert "up.log" in logs
    assert [name for name, text in logs.items() if any(secret in text for secret in secrets)] == []


def insert_probe(stack: RunningStack) -> None:
    with client_of(stack) as client:
        client.insert("input_topics", [["kept"]], column_names=["topic"])


def count_probes(stack: RunningStack) -> int:
    with client_of(stack) as client:
        return int(client.command("SELECT count() FROM input_topics FINAL WHERE topic = 'kept'"))


def client_of(stack: RunningStack) -> clickhouse_connect.driver.client.Client:
    address = address_of(stack.environment["ZECTO_CLICKHOUSE_URL"])
    return clickhouse_connect.get_client(**address, database=stack.environment["ZECTO_CLICKHOUSE_DATABASE"])


@pytest.mark.deep
def test_two_data_directories_run_and_stop_independently(data: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    try:
        assert zecto("up", "--data", data, "--detach").returncode == 0
        assert zecto("up", "--data", other, "--detach").returncode == 0
        mine, theirs = StackFile(data).running(), StackFile(other).running()
        assert not set(mine.environment.values()) & (
            set(theirs.environment.values()) - {"zecto", "PLAIN", "SASL_PLAINTEXT"}
        )
        insert_probe(mine)
        assert count_probes(theirs) == 0

        assert zecto("down", "--data", data).returncode == 0
        assert alive((mine.supervisor, *mine.parts)) == []
        assert {"up", "Kafka broker", "ClickHouse engine"} <= set(alive((theirs.supervisor, *theirs.parts)))
        assert count_probes(theirs) == 0
    finally:
        zecto("down", "--data", other)


def assert_env_says(data: Path, variables: dict[str, str]) -> None:
    """Lines for a shell, an object for a program."""
    assert json.loads(zecto("env", "--data", data, "--json").stdout) == variables
    script = 'export $("$0" env --data "$1") && printenv ZECTO_KAFKA_BOOTSTRAP ZECTO_CLICKHOUSE_URL'
    shell = subprocess.run(["/bin/sh", "-c", script, _ZECTO, data], capture_output=True, text=True, check=True)
    assert shell.stdout.split() == [variables["ZECTO_KAFKA_BOOTSTRAP"], variables["ZECTO_CLICKHOUSE_URL"]]


@pytest.mark.deep
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_up_in_the_foreground_leaves_nothing_running(data: Path, number: signal.Signals) -> None:
    process = subprocess.Popen(
        [_ZECTO, "up", "--data", str(data)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_until(lambda: (data / "stack.json").exists() or process.poll() is not None, "the stack")
    stack = StackFile(data).running()
    process.send_signal(number)
    output, messages = process.communicate(timeout=_LONG_S)
    assert process.returncode == 0, messages
    assert "ZECTO_KAFKA_BOOTSTRAP=" in output
    assert "Traceback" not in messages
    assert alive((stack.supervisor, *stack.parts)) == []
    assert not (data / "stack.json").exists()


@pytest.mark.deep
def test_a_dead_worker_is_restarted_a_dead_broker_ends_everything(data: Path) -> None:
    assert zecto("up", "--data", data, "--detach").returncode == 0
    file = StackFile(data)
    first = file.running()
    for name in ("worker", "web"):
        old = part(first, name)
        old.kill()
        wait_until(partial(is_another, file, name, old.pid), f"another {name}")

    stack = file.running()
    part(stack, "Kafka broker").kill()
    supervisor = stack.supervisor.process()
    if supervisor:
        supervisor.wait(_LONG_S)
    assert alive((stack.supervisor, *stack.parts)) == []
    told = (data / "logs" / "up.log").read_text()
    assert "the worker ended" in told
    assert "the web ended" in told
    assert "the Kafka broker ended by itself" in told.splitlines()[-1]
    assert_one_line(zecto("down", "--data", data), 1, "nothing is up")


def is_another(file: StackFile, name: str, old_pid: int) -> bool:
    return part_pid(file.running(), name) not in (old_pid, 0)


def part_pid(stack: RunningStack, name: str) -> int:
    return next((member.pid for member in stack.parts if member.name == name), 0)


@pytest.mark.deep
def test_killing_the_supervisor_ends_its_parts_and_up_works_again(data: Path) -> None:
    assert zecto("up", "--data", data, "--detach").returncode == 0
    stack = StackFile(data).running()
    os.kill(stack.supervisor.pid, signal.SIGKILL)
    wait_until(lambda: not alive(stack.parts), "the end of the parts")
    assert_one_line(zecto("env", "--data", data), 1, "nothing is up")
    assert zecto("up", "--data", data, "--detach").returncode == 0


def test_down_of_a_starting_stack_leaves_it_alone(data: Path) -> None:
    with lock_stack(data):
        assert_one_line(zecto("down", "--data", data), 1, "is still starting")
    assert_one_line(zecto("down", "--data", data), 1, "nothing is up")


def test_wrong_use_is_one_line_and_exit_status_2(tmp_path: Path) -> None:
    assert_one_line(zecto("up", "--no-such-option"), 2, "--no-such-option")
    assert_one_line(zecto("up", "--data", tmp_path / "d", "--kafka-port", "many"), 2, "--kafka-port")
    assert_one_line(zecto("up", "--data", tmp_path / "d", "--kafka-port", "65536"), 2, "--kafka-port")
    assert_one_line(zecto("down", "surplus", "argument"), 2)
    assert not (tmp_path / "d").exists()


def test_what_stands_in_the_way_is_one_line(tmp_path: Path, broker: str, engine: str) -> None:
    a_file = tmp_path / "file"
    a_file.touch()
    assert_one_line(zecto("up", "--data", a_file), 1, "cannot write to", str(a_file))
    assert_one_line(zecto("up", "--data", a_file, "--detach"), 1, "cannot write to", str(a_file))
    assert_one_line(zecto("down", "--data", a_file), 1, "nothing is up")
    assert_one_line(zecto("down", "--data", tmp_path / "none"), 1, "nothing is up")
    assert_one_line(zecto("env", "--data", tmp_path / "none"), 1, "nothing is up", "zecto-sla up")
    for option, address in (("--kafka-port", broker), ("--clickhouse-port", engine)):
        port = address.rpartition(":")[2]
        assert_one_line(zecto("up", "--data", tmp_path / "d", option, port), 1, f"port {port} is taken", option)


def test_without_network_and_jars_up_says_so_in_one_line(tmp_path: Path) -> None:
    configuration = tmp_path / "jgo.conf"
    configuration.write_text("[repositories]\nnowhere = http://127.0.0.1:1/maven\n")
    result = zecto(
        "up", "--data", tmp_path / "d", JGO_CONFIG_FILE=str(configuration), XDG_CACHE_HOME=str(tmp_path / "cache")
    )
    assert result.returncode == 1
    assert "connect to a network" in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr
    assert not list((tmp_path / "cache").rglob("*.jar"))
