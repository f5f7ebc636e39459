"""The auditor's own reading: each edge of T1, of JSON and of the fields that has bitten somebody."""

import base64
import gzip
import json
import sys
from pathlib import Path

import pytest

from streams.audit.instants import instant_text, minute_text, read_instant
from streams.audit.json_text import MAX_DEPTH, NotJsonError, parse
from streams.audit.reading import Raw, open_dump, read_archive
from streams.audit.records import REQUESTS, TOPICS, UnreadableRecord, salvage, understand
from streams.core.errors import UsageError, ZectoError

LAST_OF_MINUTE_MS = 1_788_220_859_999
GOOD = '{"request_id":"r","time":"2026-09-01T00:00:59.9999999Z","service":"sms","account_id":"a","status":200%s}'
UNREADABLE = UnreadableRecord(None, None, None)
READABLE = UnreadableRecord("sms", LAST_OF_MINUTE_MS // 60_000, None)


def _with(more: str) -> bytes:
    return (GOOD % more).encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-09-01T00:00:59.9999999Z", LAST_OF_MINUTE_MS),
        ("2026-09-01T05:00:59.999+05:00", LAST_OF_MINUTE_MS),
        ("2026-08-31T14:30:59.999-09:30", LAST_OF_MINUTE_MS),
        ("2026-09-01T00:00:59.999-00:00", LAST_OF_MINUTE_MS),
        ("2000-01-01T00:00:00Z", 946_684_800_000),
        ("1999-12-31T20:00:00-04:00", 946_684_800_000),
        ("2100-01-01T00:59:59.999+01:00", 4_102_444_799_999),
    ],
)
def test_t1_excess_digits_are_cut_and_offsets_subtracted(text: str, expected: int) -> None:
    assert read_instant(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-09-01T00:00:59",
        "2026-09-01t00:00:59Z",
        "2026-09-01T00:00:59z",
        "2026-09-01 00:00:59Z",
        "2026-09-01T00:00:60Z",
        "2026-09-01T24:00:00Z",
        "2026-09-01T00:00:59.Z",
        "2026-09-01T00:00:59.1234567890Z",
        "2026-09-01T00:00:59,5Z",
        "2026-09-01T00:00:59+0500",
        "2026-09-01T00:00:59+24:00",
        "2026-09-01T00:00:59Z\n",
        "2026-02-29T00:00:00Z",
        "2026-09-01T00:00:\uff15\uff19Z",
        "1999-12-31T23:59:59.999Z",
        "2100-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        20260901,
        None,
    ],
)
def test_t1_what_is_no_instant_is_none(text: object) -> None:
    assert read_instant(text) is None


def test_t1_instants_are_told_in_utc() -> None:
    assert minute_text(LAST_OF_MINUTE_MS // 60_000) == "2026-09-01T00:00:00Z"
    assert instant_text(LAST_OF_MINUTE_MS) == "2026-09-01T00:00:59.999Z"


@pytest.mark.parametrize(
    "more",
    [
        "",
        ',"source":null,"revision":null,"stage":null',
        ',"route":"","source":""',
        ',"status":404,"status":200',
        ',"note":1e999,"other":' + "1" * 5_000,
        ',"revision":-0',
        ',"route":"\\ud83d\\ude00"',
        ',"deep":' + "[" * 511 + "]" * 511,
        ',"text":"[[[{{{"',
        ',"region":"' + "\N{SNOWMAN}" * 64 + '"',
    ],
)
def test_a_record_is_valid_however_odd_what_nobody_reads(more: str) -> None:
    fields = understand(REQUESTS, _with(more))
    assert fields is not None
    assert fields["time"] == LAST_OF_MINUTE_MS


@pytest.mark.parametrize(
    "more",
    [
        ',"status":200.0',
        ',"status":2e2',
        ',"status":true',
        ',"status":"200"',
        ',"status":null',
        ',"status":99',
        ',"status":600',
        ',"revision":65536',
        ',"revision":1.0',
        ',"duration_ms":-1',
        ',"stage":"GA"',
        ',"stage":""',
        ',"service":"fax","service":"sms","plan":"free"',
        ',"region":"' + "x" * 65 + '"',
        ',"deep":' + "[" * 512 + "]" * 512,
        ',"note":"' + "x" * 65_536 + '"',
    ],
)
def test_b3_beside_a_wrong_field_the_rest_is_readable(more: str) -> None:
    assert understand(REQUESTS, _with(more)) is None
    assert salvage(REQUESTS, _with(more)) == READABLE


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"null",
        b"[1]",
        _with("")[:-1],
        _with("") + b"x",
        _with(',"x":NaN'),
        _with(',"x":-Infinity'),
        _with(',"x":01'),
        _with(',"x":"\\ud800"'),
        _with(',"x":["\\udc00"]'),
        _with(',"\\ud800":1'),
        _with(',"route":"\\ud800","route":"whole"'),
        _with(',"x":"\x01"'),
        _with(',"x":' + "[" * MAX_DEPTH + "]" * MAX_DEPTH),
    ],
)
def test_b3_of_what_is_no_json_object_nothing_is_readable(value: bytes | None) -> None:
    assert understand(REQUESTS, value) is None
    assert salvage(REQUESTS, value) == UNREADABLE


def test_b3_a_byte_order_mark_hides_only_its_record() -> None:
    for value in (b"\xef\xbb\xbf" + _with(""), _with(',"x":"@"').replace(b"@", b"\xff")):
        assert understand(REQUESTS, value) is None
        assert salvage(REQUESTS, value) == READABLE


def test_b3_a_source_is_readable_if_it_can_be_one() -> None:
    for source, readable in (('"edge"', "edge"), ('""', None), ('"' + "x" * 65 + '"', None), ("7", None)):
        assert salvage(REQUESTS, _with(f',"status":1,"source":{source}')).source == readable


def test_no_float_enters_and_the_stack_is_given_back() -> None:
    before = sys.getrecursionlimit()
    told = parse('{"a":1.5,"b":[1e9,-0.0],"c":' + "[" * 900 + "1.0" + "]" * 900 + "}")
    assert "float" not in {type(value).__name__ for value in _leaves(told)}
    assert sys.getrecursionlimit() == before
    with pytest.raises(NotJsonError):
        parse("[" * 100_000)


def _leaves(value: object) -> list[object]:
    todo, leaves = [value], []
    while todo:
        match todo.pop():
            case dict() as members:
                todo += members.values()
            case list() as elements:
                todo += elements
            case leaf:
                leaves.append(leaf)
    return leaves


# -- archives


def _archive(path: Path, *lines: dict[str, object]) -> None:
    path.write_bytes(gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode()))


def _line(offset: int, value: object) -> dict[str, object]:
    told = {"topic": REQUESTS, "partition": 1, "offset": offset, "timestamp_ms": 7, "key": None, "headers": []}
    return {**told, "value": value}


def test_an_archive_gives_back_every_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson.gz"
    encoded = {"base64": base64.b64encode(b"\xff\x00").decode()}
    _archive(path, _line(0, "\u2028\x00text"), _line(1, encoded), _line(2, None), _line(3, ""))
    assert list(read_archive(REQUESTS, path)) == [
        Raw(REQUESTS, 1, 0, 7, "\u2028\x00text".encode()),
        Raw(REQUESTS, 1, 1, 7, b"\xff\x00"),
        Raw(REQUESTS, 1, 2, 7, None),
        Raw(REQUESTS, 1, 3, 7, b""),
    ]


def test_archives_of_several_times_read_as_one(tmp_path: Path) -> None:
    _archive(tmp_path / f"{REQUESTS}.ndjson.gz", _line(0, "a"))
    _archive(tmp_path / f"{REQUESTS}.later.ndjson.gz", _line(1, "b"))
    with pytest.raises(UsageError, match=r"has no carrier.receipts.ndjson.gz: zecto-sla dump carrier.receipts -o"):
        open_dump(tmp_path)
    for topic in TOPICS[1:]:
        _archive(tmp_path / f"{topic}.ndjson.gz")
    assert sorted(raw.offset for raw in open_dump(tmp_path).records()) == [0, 1]
    with pytest.raises(UsageError, match="is no directory"):
        open_dump(tmp_path / "elsewhere")


@pytest.mark.parametrize(
    "line",
    [
        {**_line(0, "a"), "topic": "probes"},
        {**_line(0, "a"), "offset": "0"},
        {**_line(0, "a"), "timestamp_ms": 7.5},
        {**_line(0, "a"), "value": {"base64": "!"}},
        {**_line(0, "a"), "value": 7},
        {},
    ],
)
def test_a_line_that_is_none_of_an_archive_is_named(tmp_path: Path, line: dict[str, object]) -> None:
    path = tmp_path / "a.ndjson.gz"
    _archive(path, _line(0, "a"), line)
    with pytest.raises(ZectoError, match=r"a.ndjson.gz:2: not a line of an archive of api.requests"):
        list(read_archive(REQUESTS, path))


def test_what_is_no_gzip_or_cut_off_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson.gz"
    for content in (b"plain text", gzip.compress(b"{}" * 4_000)[:-20]):
        path.write_bytes(content)
        with pytest.raises(ZectoError, match=r"a\.ndjson\.gz:1"):
            list(read_archive(REQUESTS, path))
