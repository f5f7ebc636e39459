"""Access logs in, as strangers write them."""

import bz2
import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from schemas.codes import Responsible
from streams.core.errors import UsageError
from streams.ingest.outcome_rules import outcome_rules
from streams.operations.import_logs.combined import LogLine, parse_line, records
from streams.operations.import_logs.first_lines import checked_lines

# Read on import: tests see none of the ZECTO_ variables of their caller. An absolute path stays what it is.
_REAL_LOG = Path(__file__).parents[2] / "data" / "apache_combined.log.gz"
_TAIL = b' "http://example.org/" "Mozilla/5.0 (X11; Linux)"'
_LINE = b'83.149.9.216 - - [17/May/2015:10:05:03 +0000] "GET /a/b.png?x=1&y=2 HTTP/1.1" 200 203023' + _TAIL


def _request(line: bytes) -> LogLine:
    request = parse_line(line)
    assert request is not None
    return request


def _with(request: bytes = b"GET / HTTP/1.1", status: bytes = b"200", size: bytes = b"5", tail: bytes = _TAIL) -> bytes:
    return b'::1 - - [17/May/2015:10:05:03 +0500] "' + request + b'" ' + status + b" " + size + tail


def test_a_line_gives_zoned_time_status_and_route_without_query() -> None:
    assert _request(_LINE) == LogLine(time="2015-05-17T10:05:03+00:00", status=200, route="GET /a/b.png")
    assert _request(_with()).time == "2015-05-17T10:05:03+05:00"
    assert _request(_with().replace(b"+0500", b"-0930")).time == "2015-05-17T10:05:03-09:30"


@pytest.mark.parametrize(
    "line",
    [
        _with(tail=b""),
        _with(tail=b' "-" "-"'),
        _with(tail=b' "http://example.org/" "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html'),
        _with(tail=b' "\xff\xfe" "agent \\"quoted\\""'),
        _with(size=b"-"),
        _with() + b" 0.123 upstream=10.0.0.7",
        b"www.example.org:443 " + _with(),
        _with().replace(b"::1 - -", b"host.example.org - Jane [x] Doe"),
    ],
)
def test_what_follows_the_status_may_be_missing_or_more(line: bytes) -> None:
    assert _request(line) == LogLine(time="2015-05-17T10:05:03+05:00", status=200, route="GET /")


@pytest.mark.parametrize(
    ("request_line", "route"),
    [
        (b"-", None),
        (b"", None),
        (rb"\x16\x03\x01\x02", None),
        (b"\x16\x03\x01 \x00", None),
        (b"GET", None),
        (b"GET /a b HTTP/1.1", None),
        (b"GET /old", "GET /old"),
        (rb"GET /say\"hello\" HTTP/1.1", 'GET /say"hello"'),
        (b'GET /say"hello" HTTP/1.1', 'GET /say"hello"'),
        (rb"GET /\x22\x3c HTTP/1.1", r"GET /\x22\x3c"),
        (b"GET /caf\xc3\xa9 HTTP/1.1", "GET /café"),
        (b"GET /caf\xe9 HTTP/1.1", r"GET /caf\xe9"),
        (b"OPTIONS * HTTP/1.0", "OPTIONS *"),
        (b"VERSION-CONTROL /x HTTP/1.1", "VERSION-CONTROL /x"),
        (b"GET http://example.org/x?y HTTP/1.1", "GET http://example.org/x"),
        (b"GET /" + b"a" * 500 + b"?q HTTP/1.1", "GET /" + "a" * 195),
    ],
)
def test_a_route_is_method_and_path_cut_to_200_characters(request_line: bytes, route: str | None) -> None:
    request = _request(_with(request_line, status=b"400"))
    assert (request.status, request.route) == (400, route)


def test_an_escaped_quote_is_not_taken_for_the_end() -> None:
    assert _request(_with(rb"GET /\" 200 5 \"x HTTP/1.1", status=b"503")).status == 503


@pytest.mark.parametrize("status", [b"-", b"0", b"00", b"000"])
def test_c2_a_status_that_is_none_leaves_it_open(status: bytes) -> None:
    found = _request(_with(status=status))
    assert (found.status, found.error) == (0, "status_unknown")
    [(_, value)] = records([_with(status=status)], service="sms", account_id="a")
    assert (json.loads(value)["status"], json.loads(value)["error"]) == (0, "status_unknown")
    assert outcome_rules().tables.responsible("platform_error", "status_unknown", 0) is Responsible.UNKNOWN


@pytest.mark.parametrize("status", [b"009", b"099", b"100", b"600"])
def test_c2_any_other_status_says_what_it_says(status: bytes) -> None:
    assert (_request(_with(status=status)).status, _request(_with(status=status)).error) == (int(status), None)


@pytest.mark.parametrize(
    "line",
    [
        _with().replace(b"] ", b"]  ").replace(b'" 200', b'"   200'),
        _with().replace(b"::1 - -", b'::1 - ""'),
        _with().replace(b"::1 - -", b"::1  -  -"),
    ],
)
def test_blanks_and_an_empty_user_change_nothing(line: bytes) -> None:
    assert _request(line) == LogLine(time="2015-05-17T10:05:03+05:00", status=200, route="GET /")


@pytest.mark.parametrize(
    ("fraction", "clock"), [(b".1", "10:05:03.1"), (b".123", "10:05:03.123"), (b".123456789", "10:05:03.123456789")]
)
def test_t1_fractions_of_a_second_are_kept(fraction: bytes, clock: str) -> None:
    line = _with().replace(b":10:05:03", b":10:05:03" + fraction)
    assert _request(line).time == f"2015-05-17T{clock}+05:00"


def test_line_ends_and_byte_order_marks_are_no_content() -> None:
    lines = [_LINE, _with(), _LINE]
    plain = list(records(lines, service="sms", account_id="a"))
    assert list(records([line + b"\r" for line in lines], service="sms", account_id="a")) == plain
    assert list(records([b"\xef\xbb\xbf" + _LINE, *lines[1:]], service="sms", account_id="a")) == plain
    assert list(records([b"\r", b"", *lines, b"\r"], service="sms", account_id="a")) == plain


def test_many_blanks_are_read_in_a_moment() -> None:
    assert parse_line(b"a b" + b" " * 200_000) is None
    assert parse_line(b"a " + b" " * 200_000 + b"b" + b" " * 200_000 + b"[") is None


@pytest.mark.parametrize(
    "line",
    [
        b"garbage",
        b"",
        b"\x00\xff" * 100,
        _with(status=b"20"),
        _with(status=b"01"),
        _with(status=b"0000"),
        _with().replace(b":10:05:03", b":10:05:03."),
        _with().replace(b":10:05:03", b":10:05:03.0123456789"),
        _with(status=b"2000"),
        _with().replace(b"17/May/2015", b"31/Apr/2015"),
        _with().replace(b"17/May/2015", b"00/May/2015"),
        _with().replace(b"17/May/2015", b"17/Mai/2015"),
        _with().replace(b"10:05:03", b"24:00:00"),
        _with().replace(b"10:05:03", b"10:05:60"),
        _with().replace(b" +0500", b""),
        _with().replace(b"+0500", b"+2400"),
        _with().replace(b"+0500", b"+0560"),
        b"[17/May/2015:10:05:03 +0000] " * 40_000,
    ],
)
def test_a_line_without_time_or_status_does_not_parse(line: bytes) -> None:
    assert parse_line(line) is None


def test_identical_lines_are_two_requests_and_again_the_same_two() -> None:
    lines = [_LINE, _with(), _LINE, _LINE]
    first = list(records(lines, service="sms", account_id="import"))
    again = list(records(lines, service="sms", account_id="import"))
    assert first == again
    assert len({key for key, _ in first}) == 4


def test_a_record_has_a_requests_fields_and_no_duration() -> None:
    [(key, value)] = records([_LINE], service="email", account_id="acme")
    assert key is not None
    assert json.loads(value) == {
        "request_id": key.decode(),
        "time": "2015-05-17T10:05:03+00:00",
        "service": "email",
        "account_id": "acme",
        "status": 200,
        "route": "GET /a/b.png",
    }


def test_b3_an_unparsable_line_goes_as_it_stands_without_key() -> None:
    assert list(records([b"\xffgarbage", b"", b"x"], service="sms", account_id="a")) == [
        (None, b"\xffgarbage"),
        (None, b"x"),
    ]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b' {"request_id": "r"}', "also needs time, service, account_id, status"),
        (b'{"level": "info", "status": 503}', "also needs request_id, time, service, account_id$"),
        (b"{cut off", "also needs request_id"),
        (b'{"request_id": "r", "time": "", "service": "", "account_id": "", "status": 1}', "use zecto-sla produce"),
    ],
)
def test_a_json_line_is_refused_with_what_it_lacks(line: bytes, says: str) -> None:
    with pytest.raises(UsageError, match=f"line 3 is JSON .*{says}"):
        list(records([_LINE, b"", line], service="sms", account_id="a"))


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([b"garbage"], "host ident user"),
        ([b"", b"\r", b"garbage"], "host ident user"),
        ([b"x"] * 20 + [_LINE], "host ident user"),
        ([gzip.compress(_LINE)], "compressed"),
        ([bz2.compress(_LINE)], "compressed"),
        ([_with().replace(b" +0500", b"")], "offset"),
    ],
)
def test_a_file_of_which_no_first_line_parses_is_refused(lines: list[bytes], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        checked_lines(lines)


@pytest.mark.parametrize("lines", [[], [b""], [b"x"] * 19 + [_LINE, b"y"], [_LINE], [b"\xef\xbb\xbf" + _LINE + b"\r"]])
def test_one_of_the_first_lines_is_enough(lines: list[bytes]) -> None:
    assert list(checked_lines(iter(lines))) == lines


def test_json_is_left_to_be_refused_by_its_number() -> None:
    assert list(checked_lines([b"{}"])) == [b"{}"]


def test_a_real_log_gives_every_line_once_with_its_status() -> None:
    lines = gzip.decompress(_REAL_LOG.read_bytes()).splitlines()
    # counted without the parser under test: the status is the field after the closing quote of the request
    expected = Counter(int(line.split(b'" ')[1].split(b" ")[0]) for line in lines)
    assert (len(lines), sum(n for status, n in expected.items() if status >= 500)) == (10_000, 3)
    values = [json.loads(value) for key, value in records(lines, service="sms", account_id="a") if key is not None]
    assert len({value["request_id"] for value in values}) == 10_000
    assert Counter(value["status"] for value in values) == expected
