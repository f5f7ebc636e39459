"""HTTP requests as no client sends them, bent from a seed, and how each connection ended."""

import gzip
import socket
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Final, NamedTuple

import lz4.frame  # type: ignore[import-untyped]
from backports import zstd

from tests.fuzz.mutating import bent

MOST_S: Final = 10.0
_STATEMENTS: Final = (
    b"SELECT ", b"1 ", b"FORMAT ", b"JSON ", b"(", b")", b"'", b'"', b"`", b"INSERT INTO t VALUES ", b"/*", b"--",
    b"\n", b"\x00", b"\xff", b"{a:String}", b"SETTINGS readonly=0 ", b"a\r\n\r\n", b"UNION ALL ",
    b"number FROM numbers(9) ",
)  # fmt: skip
_CODECS: Final[Mapping[bytes, Callable[[bytes], bytes]]] = {
    b"gzip": gzip.compress,
    b"deflate": zlib.compress,
    b"zstd": zstd.compress,
    b"lz4": lz4.frame.compress,
    b"br": bytes,
    b"identity": bytes,
    b"gzip, zstd": bytes,
}
_KINDS: Final = (
    b"multipart/form-data; boundary=b", b"multipart/form-data", b"application/x-www-form-urlencoded", b"text/plain",
    b"\xff", b"",
)  # fmt: skip
_VERSIONS: Final = (b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9", b"")
_METHODS: Final = (b"GET", b"POST", b"POST", b"HEAD", b"PUT", b"DELETE", b"OPTIONS", b"TRACE", b"CONNECT", b"X", b"")
_ODD: Final = (
    b"Host: attacker.example", b"Host:", b"Origin: null", b"Origin: http://localhost:3000", b"Expect: 100-continue",
    b"Sec-Fetch-Site: cross-site", b"Upgrade: websocket", b"Upgrade: h2c", b"Connection: upgrade", b"Range: bytes=9-1",
    b"Accept-Encoding: zstd, gzip;q=0, *", b"Content-Length: 3", b"Transfer-Encoding: gzip, chunked", b": no name",
    b" folded", b"X-Long: " + b"x" * 70_000, b"Cookie: \x01\x02", b"Accept: \xff", b"If-None-Match: *",
)  # fmt: skip
_ODD_OF_WHOLE: Final = tuple(line for line in _ODD if not line.startswith((b"Content", b"Transfer", b"Connection")))


class Request(NamedTuple):
    """The bytes of a request; one that is whole is answered before its sender is done with the connection."""

    content: bytes
    is_whole: bool


def http_requests(seed: str, count: int, *, paths: Sequence[bytes], access: Sequence[bytes]) -> Iterator[Request]:
    """So many requests, the same for the same seed; `access` are the header lines that let a request in."""
    random = Random(seed)
    for _ in range(count):
        is_whole = random.random() < 0.5
        codec = random.choice(list(_CODECS))
        body = _CODECS[codec](b"".join(random.choices(_STATEMENTS, k=random.choice((0, 1, 9, 3_000)))))
        length = random.choice((len(body), len(body), len(body), len(body) + 1, -1, 10**30, 0))
        if is_whole:
            length = len(body)
        lines = [
            b" ".join((random.choice(_METHODS), random.choice(paths), random.choice(_VERSIONS))),
            b"Host: 127.0.0.1",
            *(access if random.random() < 0.9 else ()),
            b"Content-Encoding: " + codec,
            b"Content-Type: " + random.choice(_KINDS),
            b"Content-Length: %d" % length if is_whole or random.random() < 0.5 else b"Transfer-Encoding: chunked",
            b"Connection: close",
            *random.sample(_ODD_OF_WHOLE if is_whole else _ODD, random.choice((0, 0, 1, 2))),
        ]
        if b"Transfer-Encoding: chunked" in lines and random.random() < 0.7:
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        content = b"\r\n".join([*lines, b"", b""]) + body
        yield Request(content, True) if is_whole else Request(bent(random, content), False)


def send_all(port: int, requests: Iterator[Request]) -> Counter[str]:
    """Send each on a connection of its own; how many were answered by which status, or closed.

    Raises:
        AssertionError: one was open for longer than MOST_S after the last byte was sent.
    """
    ends: Counter[str] = Counter()
    for number, request in enumerate(requests):
        began_s = time.monotonic()
        ends[_status(_answer(port, request))] += 1
        took_s = time.monotonic() - began_s
        assert took_s < MOST_S, f"request {number} took {took_s:.0f} s: {request.content[:2_000]!r}"
    return ends


def _answer(port: int, request: Request) -> bytes:
    answer = bytearray()
    with socket.create_connection(("127.0.0.1", port), 2 * MOST_S) as connection:
        try:
            connection.sendall(request.content)
            if not request.is_whole:
                connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(1 << 16):
                answer += piece
        except OSError:
            pass  # Cut off, which is an answer; what took too long is judged by its time.
    return bytes(answer)


def _status(answer: bytes) -> str:
    return answer[9:12].decode("latin-1") if answer.startswith(b"HTTP/1.1 ") else "closed"
