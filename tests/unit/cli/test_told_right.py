"""What a person is told: the true cause, in one line, soon."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3

from streams.clickhouse.session import refuse_silence
from streams.core.errors import Code, UsageError, ZectoError
from streams.kafka.producer import WaitForBroker
from streams.stack.locks import say_ending
from streams.stack.process import last_words
from streams.stack.stack import lock_stack
from streams.stack.supervisor import stop_running
from streams.web.address import check_address
from tests.unit.cli.running import run

_LONG = "x" * 300


@pytest.mark.parametrize(
    "arguments",
    [
        ("dump", "api.requests", "-o", _LONG),
        ("simulate", "--records", "10", "--days", "1", "-o", _LONG),
        ("evidence", "sms", "2026-09-03T10:00Z", "2026-09-03T10:01Z", "-o", _LONG),
        ("report", "2026-09", "-o", _LONG),
        ("policy", "check", _LONG),
        ("produce", "api.requests", _LONG),
        ("import", "--service", "sms", _LONG),
        ("audit", "2026-09", "--dump", _LONG),
        ("audit", "--evidence", _LONG),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_name_too_long_is_wrong_use(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = run(arguments, monkeypatch)
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert "File name too long" in ended.err


def test_a_full_disk_behind_standard_output_is_told() -> None:
    command = [sys.executable, "-c", "from streams.cli import main; main()", "policy", "list"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert done.stderr == b"zecto-sla: the output cannot be written: No space left on device\n"


@pytest.mark.parametrize("host", ["256", "256.1.1.1", "no.such.host.invalid", "192.0.2.1", _LONG, "a\u202eb"])
def test_a_host_that_is_none_of_ours_is_wrong_use(host: str) -> None:
    with pytest.raises(UsageError):
        check_address(host, 0)


def test_a_port_in_use_is_told_as_that() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ZectoError) as found:
        check_address("127.0.0.1", taken.getsockname()[1])
    assert found.value.code is Code.PORT_TAKEN


@pytest.mark.parametrize("port", ["-1", "0", "65536", "99999999999999999999", "x", "1.5"])
def test_a_port_that_is_none_is_wrong_use(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(("web", "--port", port), monkeypatch).code == 2


@pytest.mark.parametrize(
    ("log", "cause"),
    [
        (b"std::exception. Code: 243. Cannot reserve 1 MiB, not enough space\n------\n", "not enough space"),
        (b"write failed: No space left on device\nshutting down\n   ------ \n####\n", "No space left on device"),
        (b"java.net.BindException: Address already in use\n\tat a.B(C.java:1)\nexiting\n", "Address already in use"),
        (b"old: disk full\nNEW\nreally: no leader\n--------\n\n", "no leader"),
        (b"\xff\xfe\n-----\n", "it left no word"),
    ],
)
def test_a_parts_end_is_told_by_its_cause(log: bytes, cause: str, tmp_path: Path) -> None:
    path = tmp_path / "part.log"
    path.write_bytes(log)
    assert cause in last_words(path, log.find(b"NEW") if b"NEW" in log else 0)


def test_a_part_without_a_log_has_an_end(tmp_path: Path) -> None:
    assert "No such file" in last_words(tmp_path / "gone.log")


def test_a_stack_that_ends_is_not_told_as_starting(tmp_path: Path) -> None:
    with lock_stack(tmp_path) as lock:
        say_ending(lock)
        with pytest.raises(ZectoError, match="is being stopped already"):
            stop_running(tmp_path)


def test_a_broker_that_takes_nothing_is_waited_for_in_bounds() -> None:
    waiting = WaitForBroker(1.0)
    assert not any(waiting.is_in_vain(left, 0.5) for left in (9, 8, 8, 7, 7))
    assert waiting.is_in_vain(7, 0.5)


@contextmanager
def _silent() -> Iterator[int]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]  # the kernel takes connections; nobody reads them


def test_an_engine_that_says_nothing_is_noticed_soon() -> None:
    class Asking:
        http = urllib3.PoolManager()
        url = ""

    client = Asking()
    with _silent() as port:
        client.url = f"http://127.0.0.1:{port}"
        began_s = time.monotonic()
        with pytest.raises(urllib3.exceptions.HTTPError):
            refuse_silence(client)
        assert time.monotonic() - began_s < 3
    with pytest.raises(urllib3.exceptions.HTTPError):
        refuse_silence(client)
