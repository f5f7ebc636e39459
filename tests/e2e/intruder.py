"""What another user of the machine can do to a stack: `python intruder.py UID` reads a target and prints what worked.

It needs the standard library alone and loads it before it becomes that user, who may have no access to the interpreter.
An empty list means that nothing of the stack could be read, written, asked or stopped.
"""

import base64
import http.client
import json
import os
import signal
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

_WAIT_S = 3.0
_METADATA, _CREATE_TOPICS, _VERSIONS = 3, 19, 18


def main() -> None:
    """Become the user, try everything, print a JSON list."""
    target = json.load(sys.stdin)
    "loads what sockets need".encode("idna")
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(*[int(sys.argv[1])] * 3)
    found = [*files(target), *processes(target), *engine(target["engine"]), *web(target["web"])]
    print(json.dumps([*found, *(one for port in target["broker"] for one in broker(port))]))  # noqa: T201  its answer


def files(target: dict[str, Any]) -> Iterator[str]:
    """Every file read and written, every directory listed and written."""
    for path in map(Path, target["paths"]):
        attempts: dict[str, Callable[[], object]] = {
            "listed": lambda: os.listdir(path),  # noqa: B023, PTH208  called here
            "read": lambda: os.close(os.open(path, os.O_RDONLY)),  # noqa: B023
            "written": lambda: os.close(os.open(path, os.O_WRONLY | os.O_APPEND)),  # noqa: B023
            "put into": (path / "intruder").touch,
            "renamed": lambda: path.rename(f"{path}.intruder"),  # noqa: B023
        }
        for done, attempt in attempts.items():
            if _works(attempt):
                yield f"{path} {done}"


def processes(target: dict[str, Any]) -> Iterator[str]:
    """Every process stopped, looked into, and its command line read for secrets."""
    for pid in target["pids"]:
        for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
            if _works(lambda: os.kill(pid, number)):  # noqa: B023
                yield f"process {pid} got {number.name}"
        for name in ("environ", "mem", "fd", "cwd"):
            if _works(lambda: _look(pid, name)):  # noqa: B023
                yield f"/proc/{pid}/{name} read"
        with suppress(OSError):
            line = Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
            yield from (f"a secret in the command line of {pid}" for secret in target["secrets"] if secret in line)


def engine(port: int) -> Iterator[str]:
    """Statements without the password, or with a wrong one, in every place where one may stand."""
    wrong = base64.b64encode(b"default:wrong").decode()
    for path in ("/?query=SELECT+1", "/?query=SELECT+1&user=default&password=", "/?query=SELECT+1&password=wrong"):
        for headers in ({}, {"X-ClickHouse-User": "default"}, {"Authorization": f"Basic {wrong}"}):
            yield from _let_in(port, "GET", path, headers, b"")
            yield from _let_in(port, "POST", path, headers, b"")
    yield from _let_in(port, "POST", "/", {}, b"SYSTEM SHUTDOWN")
    yield from _let_in(port, "POST", "/", {}, b"INSERT INTO zecto.blocks VALUES")


def web(port: int) -> Iterator[str]:
    """Every page without the token."""
    for path in ("/v1/decisions", "/v1/statements", "/v1/openapi.json", "/v1/health", "/"):
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer "}, {"Cookie": "token=x"}):
            yield from _let_in(port, "GET", path, headers, b"")


def broker(port: int) -> Iterator[str]:
    """Kafka's requests before any login; only which versions are spoken may be answered."""
    for key, body in ((_METADATA, struct.pack(">i", 0)), (_CREATE_TOPICS, struct.pack(">ii", 0, 1000))):
        if _kafka_answers(port, key, body):
            yield f"port {port} answered Kafka's request {key}"
    if not _kafka_answers(port, _VERSIONS, b""):
        yield f"port {port} is no broker: nothing was tried"


def _kafka_answers(port: int, key: int, body: bytes) -> bool:
    request = struct.pack(">hhih", key, 0, 7, -1) + body
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), _WAIT_S) as connection:
        connection.sendall(struct.pack(">i", len(request)) + request)
        answer = connection.recv(8)
        return len(answer) == 8 and answer[4:] == struct.pack(">i", 7)
    return False


def _let_in(port: int, method: str, path: str, headers: dict[str, str], body: bytes) -> Iterator[str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_WAIT_S)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    if answer.status not in (401, 403):
        yield f"{method} {path} on port {port} was answered {answer.status}: {answer.read(200)!r}"
    connection.close()


def _look(pid: int, name: str) -> None:
    path = Path(f"/proc/{pid}/{name}")
    if name == "fd":
        list(path.iterdir())
    elif name == "cwd":
        path.readlink()
    else:
        os.close(os.open(path, os.O_RDONLY))


def _works(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
