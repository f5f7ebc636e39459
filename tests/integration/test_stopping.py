"""`down` ends a stack within 15 seconds, whatever of it hangs."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from streams.stack.stack_file import RunningStack, StackFile

pytestmark = [pytest.mark.stack, pytest.mark.deep]

_ZECTO = str(Path(sys.executable).with_name("zecto-sla"))
_MOST_S = 30.0  # 15 of patience in all; beside other tests the command itself takes seconds to begin
_ENDLESS = "SELECT sum(sipHash64(number)) FROM numbers(1000000000000)"

Hang = Callable[[RunningStack, ExitStack], None]


def _zecto(*arguments: str | Path) -> None:
    done = subprocess.run([_ZECTO, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    subprocess.run([_ZECTO, "down", "--data", str(tmp_path / "data")], capture_output=True, check=False, timeout=120)


def _sent(url: str, held: ExitStack, head: str, body: bytes = b"") -> None:
    """A request that stays open."""
    parts = urlsplit(url)
    connection = held.enter_context(socket.create_connection(("127.0.0.1", parts.port or 0), 10))
    connection.sendall(f"{head}\r\nHost: 127.0.0.1:{parts.port}\r\n".encode() + body)


def _half_sent(stack: RunningStack, held: ExitStack) -> None:
    urls = stack.environment
    engine, token = urls["ZECTO_CLICKHOUSE_URL"], urls["ZECTO_WEB_TOKEN"]
    password = urlsplit(engine).password
    for length in (b"Content-Length: 99\r\n\r\nINSERT", b"Transfer-Encoding: chunked\r\n\r\n9\r\nINS", b"X-Half"):
        _sent(engine, held, f"POST / HTTP/1.1\r\nX-ClickHouse-Key: {password}", length)
        _sent(urls["ZECTO_WEB_URL"], held, f"POST /v1/decisions HTTP/1.1\r\nAuthorization: Bearer {token}", length)
        _sent(urls["ZECTO_WEB_URL"], held, f"GET /v1/decisions HTTP/1.1\r\nAuthorization: Bearer {token}", length)


def _busy(stack: RunningStack, held: ExitStack) -> None:
    engine = stack.environment["ZECTO_CLICKHOUSE_URL"]
    parameters = urlencode({"query": _ENDLESS, "password": urlsplit(engine).password or ""})
    for _ in range(3):
        _sent(engine, held, f"GET /?{parameters} HTTP/1.1", b"\r\n")


def _unread(stack: RunningStack, held: ExitStack) -> None:
    engine = stack.environment["ZECTO_CLICKHOUSE_URL"]
    rows = urlencode({"query": "SELECT * FROM numbers(100000000)", "password": urlsplit(engine).password or ""})
    _sent(engine, held, f"GET /?{rows} HTTP/1.1", b"\r\n")


def _paused(*names: str) -> Hang:
    def hang(stack: RunningStack, _held: ExitStack) -> None:
        for member in (stack.supervisor, *stack.parts):
            if member.name in names or not names:
                os.kill(member.pid, signal.SIGSTOP)

    return hang


@pytest.mark.parametrize(
    "hang",
    [
        pytest.param(_half_sent, id="half-sent requests"),
        pytest.param(_busy, id="busy engine"),
        pytest.param(_unread, id="answer nobody reads"),
        pytest.param(_paused("up"), id="paused supervisor"),
        pytest.param(_paused("Kafka broker"), id="paused broker"),
        pytest.param(_paused("ClickHouse engine", "worker"), id="paused engine and worker"),
        pytest.param(_paused(), id="everything paused"),
    ],
)
def test_down_ends_in_time_whatever_hangs(hang: Hang, data: Path) -> None:
    _zecto("up", "--data", data, "--detach")
    stack = StackFile(data).running()
    with ExitStack() as held:
        hang(stack, held)
        time.sleep(1)
        began = time.monotonic()
        _zecto("down", "--data", data)
        assert time.monotonic() - began < _MOST_S
    assert [member.name for member in (stack.supervisor, *stack.parts) if member.process()] == []


def test_down_ends_a_supervisor_that_hears_nothing(data: Path) -> None:
    _zecto("up", "--data", data, "--detach")
    stack = StackFile(data).running()
    # whoever pauses it again and again keeps it from hearing of its end
    script = "while kill -STOP $0; do sleep 0.01; done"
    with subprocess.Popen(["/bin/sh", "-c", script, str(stack.supervisor.pid)], stderr=subprocess.DEVNULL):
        began = time.monotonic()
        _zecto("down", "--data", data)
        assert time.monotonic() - began < _MOST_S
    assert [member.name for member in (stack.supervisor, *stack.parts) if member.process()] == []
