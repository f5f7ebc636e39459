"""Files to the real broker and back: produce, import, simulate, dump."""

import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from streams.cli import build_app
from streams.core.errors import UsageError, ZectoError
from streams.core.settings import Settings
from streams.kafka.producer import Producer
from streams.operations.produce import archived_record

pytestmark = pytest.mark.stack

Run = Callable[..., dict[str, object]]


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command on the test's broker; returns what it printed with --json."""
    monkeypatch.setenv("ZECTO_KAFKA_BOOTSTRAP", settings.kafka_bootstrap)

    def call(*arguments: str | Path) -> dict[str, object]:
        capsys.readouterr()
        build_app()([str(argument) for argument in (*arguments, "--json")], exit_on_error=False, print_error=False)
        printed: dict[str, object] = json.loads(capsys.readouterr().out)
        return printed

    return call


def _archived(path: Path) -> list[tuple[bytes | None, bytes | None]]:
    return [archived_record(line)[:2] for line in gzip.decompress(path.read_bytes()).splitlines()]


def test_lines_come_back_byte_for_byte_in_the_dump(run: Run, tmp_path: Path) -> None:
    lines = [
        b'{"probe_id": "p-1", "time": 1}\r',
        b"no json",
        b"\xff\xfe\x00 no text",
        b'{"probe_id": "long", "note": "' + b"x" * (1 << 20) + b'"}',
        b" ",
    ]
    source, archive = tmp_path / "probes.ndjson", tmp_path / "probes.ndjson.gz"
    source.write_bytes(b"\n".join([*lines[:2], b"", *lines[2:]]))
    produced = run("produce", "probes", source)
    assert (produced["records"], produced["bytes"], produced["empty_lines"]) == (5, sum(map(len, lines)), 1)
    dumped = run("dump", "probes", "-o", archive)
    assert dumped["records"] == 5
    keys = [b"p-1", None, None, b"long", None]
    assert _archived(archive) == list(zip(keys, lines, strict=True))


def test_the_same_records_dump_to_the_same_bytes(run: Run, tmp_path: Path) -> None:
    source, first, again = tmp_path / "in.ndjson.gz", tmp_path / "first.gz", tmp_path / "again.gz"
    source.write_bytes(gzip.compress(b"".join(b'{"claim_id": "c-%d"}\n' % n for n in range(1_000))))
    run("produce", "sla.claims", source)
    run("dump", "sla.claims", "-o", first)
    run("dump", "sla.claims", "-o", again)
    assert first.read_bytes() == again.read_bytes()
    run("produce", "sla.claims", "--from-dump", first)
    with pytest.raises(UsageError, match=r"again\.gz exists"):
        run("dump", "sla.claims", "-o", again)
    run("dump", "sla.claims", "-o", again, "--overwrite")
    assert _archived(again) == _archived(first) * 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again.gz", "first.gz", "in.ndjson.gz"]


def test_a_dump_is_ordered_and_keeps_nulls_and_headers(run: Run, settings: Settings, tmp_path: Path) -> None:
    with Producer(settings) as producer:
        for number in range(500):
            producer.send("api.requests", None if number % 7 == 0 else b"%d" % number, key=b"k%d" % number)
        producer.send("api.requests", b"with headers", headers=[("reason", b"\xff"), ("reason", None)])
    archive = tmp_path / "a.gz"
    run("dump", "api.requests", "-o", archive)
    records = [json.loads(line) for line in gzip.decompress(archive.read_bytes()).splitlines()]
    places = [(record["partition"], record["offset"]) for record in records]
    assert places == sorted(places)
    assert len({partition for partition, _ in places}) == 4
    assert sum(record["value"] is None for record in records) == 72
    [headed] = [record for record in records if record["headers"]]
    assert headed["headers"] == [["reason", {"base64": "/w=="}], ["reason", None]]
    assert all(record["timestamp_ms"] > 0 and record["topic"] == "api.requests" for record in records)


def test_an_empty_topic_dumps_to_an_empty_archive(run: Run, tmp_path: Path) -> None:
    assert run("dump", "whatsapp.templates", "-o", tmp_path / "e.gz")["records"] == 0
    assert gzip.decompress((tmp_path / "e.gz").read_bytes()) == b""


def test_a_log_imported_twice_sends_the_same_records_twice(run: Run, tmp_path: Path) -> None:
    log, archive = tmp_path / "access.log", tmp_path / "a.gz"
    line = b'::1 - - [17/May/2015:10:05:03 +0000] "GET /x HTTP/1.1" 200 5 "-" "-"\n'
    log.write_bytes(line + line + b"\xffgarbage\n")
    for _ in range(2):
        imported = run("import", "--format", "combined", "--service", "email", "--account", "acme", log)
        assert (imported["records"], imported["unparsed"]) == (2, 1)
    run("dump", "api.requests", "-o", archive)
    records = _archived(archive)
    assert len(records) == 6
    assert len(set(records)) == 3
    assert (None, b"\xffgarbage") in records


def test_simulated_records_reach_their_topics_as_many_as_were_told(run: Run, tmp_path: Path) -> None:
    told = run("simulate", "--seed", "5", "--days", "1", "--records", "4000")
    sent = told["records"]
    assert isinstance(sent, dict)
    for topic, count in sent.items():
        assert run("dump", topic, "-o", tmp_path / f"{topic}.gz")["records"] == count


def test_a_record_beyond_the_topics_limit_is_one_line(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "huge.ndjson"
    source.write_bytes(random.Random(1).randbytes(3 << 20).replace(b"\n", b""))  # what no compression makes fit
    with pytest.raises(ZectoError, match=r"did not take a record of probes") as caught:
        run("produce", "probes", source)
    assert "\n" not in str(caught.value)


def test_an_unreachable_broker_and_a_missing_topic_are_one_line(settings: Settings) -> None:
    with pytest.raises(ZectoError, match=r"no Kafka broker answers at 127.0.0.1:1 "):
        Producer(settings.model_copy(update={"kafka_bootstrap": "127.0.0.1:1"})).require("probes", timeout_s=1.0)
    with pytest.raises(ZectoError, match=r"has no topic nobody; run zecto-sla migrate"):
        Producer(settings).require("probes", "nobody")


def test_a_dump_into_a_missing_directory_is_wrong_use(run: Run, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        run("dump", "probes", "-o", tmp_path / "nowhere" / "p.gz")
