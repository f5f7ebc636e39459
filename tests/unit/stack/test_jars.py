"""Jars come from a real HTTP server that fails for a moment."""

import gc
import hashlib
import threading
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import tenacity

from streams.core.errors import ZectoError
from streams.stack import jars
from streams.stack.jars import Jar

_BODY = b"PK, the bytes of a jar" * 5_000
_BUSY = 503
_CUT_SHORT = 0
_WHOLE = 200

Plan = dict[str, list[int]]
"""How each jar's download is answered, one try after the other; the last answer stays."""


class Repository(ThreadingHTTPServer):
    """A Maven repository that answers by a plan and counts what it is asked for."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.plan = plan
        self.asked: Counter[str] = Counter()


class _Answer(BaseHTTPRequestHandler):
    server: Repository

    def do_GET(self) -> None:
        name = self.path.rsplit("/", 1)[-1]
        answers = self.server.plan.get(name, [404])
        answer = answers[min(self.server.asked[name], len(answers) - 1)]
        self.server.asked[name] += 1
        body = _BODY if answer in {_WHOLE, _CUT_SHORT} else b""
        self.send_response(answer or _WHOLE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if answer == _CUT_SHORT else body)

    def log_message(self, *_: object) -> None:
        """Without a word."""


@pytest.fixture
def serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Plan], Repository]]:
    """Repositories that jgo is configured to ask; they end with the test."""
    started: list[Repository] = []

    def serve(plan: Plan) -> Repository:
        repository = Repository(plan)
        started.append(repository)
        threading.Thread(target=repository.serve_forever, kwargs={"poll_interval": 0.01}).start()
        configuration = tmp_path / "jgo.conf"
        configuration.write_text(f"[repositories]\nlocal = http://127.0.0.1:{repository.server_port}/maven\n")
        monkeypatch.setenv("JGO_CONFIG_FILE", str(configuration))
        return repository

    monkeypatch.setattr(jars, "_PAUSE", tenacity.wait_fixed(0.01))
    yield serve
    for repository in started:
        repository.shutdown()
        repository.server_close()
    # jgo leaves the connections of failed tries to the collector, which would warn of them in whatever test runs then.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def _jar(name: str, body: bytes = _BODY) -> Jar:
    return Jar(group="org.example", artifact=name, version="1.0", sha256=hashlib.sha256(body).hexdigest())


def _quietly(_done: int, _total: int) -> None:
    """Progress is not what is looked at."""


def test_a_busy_repository_and_a_cut_body_are_asked_again(
    serving: Callable[[Plan], Repository], tmp_path: Path
) -> None:
    repository = serving({"busy-1.0.jar": [_BUSY, _BUSY, _WHOLE], "cut-1.0.jar": [_CUT_SHORT, _WHOLE]})
    steps: list[tuple[int, int]] = []
    jars._fetch_missing(tmp_path, [_jar("busy"), _jar("cut")], lambda done, total: steps.append((done, total)))
    assert {path.name: path.read_bytes() == _BODY for path in tmp_path.glob("*.jar")} == {
        "busy-1.0.jar": True,
        "cut-1.0.jar": True,
    }
    assert (repository.asked["busy-1.0.jar"], repository.asked["cut-1.0.jar"]) == (3, 2)
    assert steps == [(0, 2), (1, 2), (2, 2)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["busy-1.0.jar", "cut-1.0.jar", "jgo.conf"]


def test_tries_are_bounded_and_the_last_error_named(serving: Callable[[Plan], Repository], tmp_path: Path) -> None:
    repository = serving({"busy-1.0.jar": [_BUSY]})
    with pytest.raises(ZectoError, match=r"cannot fetch busy-1\.0\.jar of the Kafka broker: "):
        jars._fetch_missing(tmp_path, [_jar("busy")], _quietly)
    assert repository.asked["busy-1.0.jar"] == 5


def test_another_jar_than_the_pinned_is_never_kept(serving: Callable[[Plan], Repository], tmp_path: Path) -> None:
    serving({"other-1.0.jar": [_WHOLE]})
    with pytest.raises(ZectoError, match="SHA-256 differs"):
        jars._fetch_missing(tmp_path, [_jar("other", b"what was pinned")], _quietly)
    assert not list(tmp_path.glob("*.jar"))
