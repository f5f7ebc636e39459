"""The auditor's own reading: each edge of T1, of JSON and of the fields that has bitten somebody."""

import base64
import gzip
import json
import sys
from pathlib import Path

import pytest

from streams.audit.instants import instant_text, minute_text, read_instant
from streams.audit.json_text import MAX_DEPTH, NotJsonError, parse
from streams.audit.lenient import UnreadableRecord, salvage
from streams.audit.reading import Raw, open_dump, read_archive
from streams.audit.records import MANIFESTS, MONTH_TOPICS, RECEIPTS, REQUESTS, understand
from streams.core.errors import UsageError, ZectoError

LAST_OF_MINUTE_MS = 1_788_220_859_999
GOOD = '{"request_id":"r","time":"2026-09-01T00:00:59.9999999Z","service":"sms","account_id":"a","status":200%s}'
UNREADABLE = UnreadableRecord()
READABLE = UnreadableRecord(
    service="sms", minute=LAST_OF_MINUTE_MS // 60_000, record_id="r", shown_id="r", names_minute=True
)


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
        ',"status":200.0',
        ',"status":2e2',
        ',"note":1e999,"other":' + "1" * 5_000,
        ',"revision":-0',
        ',"route":"\\ud83d\\ude00"',
        ',"deep":' + "[" * 511 + "]" * 511,
        ',"text":"[[[{{{"',
        ',"region":"' + "\N{SNOWMAN}" * 64 + '"',
    ],
)
def test_a_record_is_whole_however_odd_what_nobody_reads(more: str) -> None:
    understood = understand(REQUESTS, _with(more))
    assert understood is not None
    assert understood.fields["time"] == LAST_OF_MINUTE_MS
    assert understood.fields["status"] == 200
    assert understood.mended == ()


@pytest.mark.parametrize(
    ("more", "field", "kept"),
    [
        ('"revision":65536', "revision", None),
        ('"revision":1.5', "revision", None),
        ('"revision":"1"', "revision", None),
        ('"duration_ms":-1', "duration_ms", None),
        ('"duration_ms":true', "duration_ms", None),
        ('"duration_ms":9007199254740992', "duration_ms", None),
        ('"duration_ms":1e999999', "duration_ms", None),
        ('"stage":"GA"', "stage", None),
        ('"plan":""', "plan", None),
        ('"region":7', "region", None),
        ('"region":"' + "x" * 65 + '"', "region", "x" * 64),
        ('"error":"' + "\N{SNOWMAN}" * 65 + '"', "error", "\N{SNOWMAN}" * 64),
        ('"route":"' + "x" * 201 + '"', "route", "x" * 200),
    ],
)
def test_b3_an_optional_field_costs_nothing_but_itself(more: str, field: str, kept: str | None) -> None:
    understood = understand(REQUESTS, _with(f",{more}"))
    assert understood is not None
    assert understood.mended == (field,)
    assert understood.fields.get(field) == kept


@pytest.mark.parametrize(
    ("written", "microseconds"),
    [("0", 0), ("1", 1_000), ("0.0019", 1), ("29999.9999999", 29_999_999), ("3e4", 30_000_000), ("1e-450", 0)],
)
def test_t1_durations_are_cut_to_the_microsecond(written: str, microseconds: int) -> None:
    understood = understand(REQUESTS, _with(f',"duration_ms":{written}'))
    assert understood is not None
    assert understood.fields["duration_ms"] == microseconds


@pytest.mark.parametrize(
    "more",
    [
        ',"status":200.5',
        ',"status":true',
        ',"status":"200"',
        ',"status":null',
        ',"status":99',
        ',"status":600',
        ',"deep":' + "[" * 512 + "]" * 512,
        ',"note":"' + "x" * 65_536 + '"',
    ],
)
def test_b3_beside_a_wrong_required_field_the_rest_is_readable(more: str) -> None:
    assert understand(REQUESTS, _with(more)) is None
    assert salvage(REQUESTS, _with(more)) == [READABLE]


@pytest.mark.parametrize("value", [None, b"", b"null", b"[]", b"[1]", b"7"])
def test_b3_of_what_holds_no_object_nothing_is_readable(value: bytes | None) -> None:
    assert understand(REQUESTS, value) is None
    assert salvage(REQUESTS, value) == [UNREADABLE]


@pytest.mark.parametrize(
    "value",
    [
        _with("")[:-1],
        _with("") + b"x",
        _with(',"x":NaN'),
        _with(',"x":01'),
        _with(',"x":"\\ud800"'),
        _with(',"x":"\x01"'),
        _with(',"x":"\\q"'),
        _with(',"x":' + "[" * MAX_DEPTH + "]" * MAX_DEPTH),
    ],
)
def test_b3_where_json_is_broken_its_texts_are_read(value: bytes) -> None:
    assert understand(REQUESTS, value) is None
    assert salvage(REQUESTS, value) == [READABLE]


def test_b3_of_texts_of_one_name_the_last_counts() -> None:
    broken = _with(',"service":"voice"')[:-1]
    assert salvage(REQUESTS, broken) == [READABLE._replace(service="voice")]


def test_b3_texts_of_unknown_names_are_read_past() -> None:
    # the closing quote that is missing makes the next name's opening one the end of this text
    broken = b'{"field1":"unclosed,"service":"voice","ok":true}'
    assert salvage(REQUESTS, broken) == [UNREADABLE]


def test_b3_an_arrays_elements_are_each_their_own() -> None:
    value = b"[" + _with("") + b"," + _with("") + b",7]"
    assert salvage(REQUESTS, value) == [READABLE, READABLE, UNREADABLE]


def test_b3_an_offset_without_colon_is_readable() -> None:
    value = _with(',"status":1').replace(b"00:00:59.9999999Z", b"05:00:59.9999999+0500")
    assert salvage(REQUESTS, value) == [READABLE]


def test_b3_a_receipt_lies_where_its_message_does() -> None:
    told = b'{"message_id":"m","service":"sms","submitted_at":"2026-09-01T00:00:00Z","time":"2026-09-01T00:07:00Z"}'
    minute = LAST_OF_MINUTE_MS // 60_000
    by_message = UnreadableRecord(service="sms", minute=minute, record_id="m", shown_id="m", names_minute=True)
    by_itself = by_message._replace(minute=minute + 7, names_minute=False)
    assert salvage(RECEIPTS, told) == [by_message]
    assert salvage(RECEIPTS, told.replace(b"submitted_at", b"submitted")) == [by_itself]


def test_b3_a_byte_order_mark_hides_only_its_record() -> None:
    for value in (b"\xef\xbb\xbf" + _with(""), _with(',"x":"@"').replace(b"@", b"\xff")):
        assert understand(REQUESTS, value) is None
        assert salvage(REQUESTS, value) == [READABLE]


def test_i1_a_source_is_cut_at_64() -> None:
    for source, readable in (('"edge"', "edge"), ('""', ""), ('"' + "x" * 65 + '"', "x" * 64), ("7", "")):
        assert salvage(REQUESTS, _with(f',"status":1,"source":{source}'))[0].source == readable
    told = b'{"source":"%s","service":"sms","minute":"2026-09-01T00:00:00Z","topic":"api.requests","count":1}'
    understood = understand(MANIFESTS, told % (b"x" * 65))
    assert understood is not None
    assert understood.fields["source"] == "x" * 64


def test_no_float_enters_and_the_stack_is_given_back() -> None:
    before = sys.getrecursionlimit()
    told = parse('{"a":1.5,"b":[1e9,-0.0],"c":' + "[" * 500 + "1.0" + "]" * 500 + "}")
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
    for topic in MONTH_TOPICS[1:]:
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
