r"""Access logs in Combined (or Common) Log Format to `api.requests`, a line a record.

`host ident user [17/May/2015:10:05:03 +0000] "GET /path?query HTTP/1.1" 200 1234 "referer" "agent"`

What counts is the part up to the status; what follows may be missing or cut off. Line ends of either kind and a byte
order mark are no part of a line; blanks between its fields may be several. A line's id is a hash of the line
and of its ordinal among identical lines of its file: importing a file again counts nothing twice, and a line that
occurs in a file twice counts twice. Identical lines of two files count once, as when a rotated file overlaps the next;
where they are truly two requests (two servers' logs), import the files as one: `cat a.log b.log | zecto-sla import -`.
"""

import calendar
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import orjson
import xxhash

from streams.core.errors import UsageError

# English whatever the locale of the process
_MONTHS = {
    name: number
    for number, name in enumerate(
        (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"), start=1
    )
}
_BEFORE_REQUEST = (
    rb"\S++ ++\S++ ++(?:\"\" ++|[^\"]{0,256}?)\[(?P<day>\d\d)/(?P<month>[A-Z][a-z]{2})/(?P<year>\d{4}):"
    rb"(?P<clock>\d\d:\d\d:\d\d)(?P<fraction>\.\d{1,9})? ++(?P<sign>[+-])(?P<hours>\d\d)(?P<minutes>\d\d)\] ++"
)
_AFTER_REQUEST = rb'" ++(?P<status>\d{3}|-|00?)(?: |$)'
# A server escapes quotes in the request (\" or \x22); very old ones do not, so the second pattern takes what it finds.
_ESCAPED = re.compile(_BEFORE_REQUEST + rb'"(?P<request>(?:[^"\\]|\\.)*)' + _AFTER_REQUEST, re.DOTALL)
_UNESCAPED = re.compile(_BEFORE_REQUEST + rb'"(?P<request>.*?)' + _AFTER_REQUEST, re.DOTALL)
_REQUEST = re.compile(rb"(?P<method>[A-Za-z][A-Za-z-]{0,31}) (?P<target>\S+)(?: HTTP/[0-9.]+)?$")
_CLOCK = re.compile(rb"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d")

_ROUTE_CHARACTERS = 200
_OFFSET_HOURS_MAX = 23
_OFFSET_MINUTES_MAX = 59
_REQUIRED = ("request_id", "time", "service", "account_id", "status")
_NO_STATUS = frozenset({b"-", b"0", b"00", b"000"})
STATUS_UNKNOWN = "status_unknown"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """What a log line says of its request.

    Proxies write `-`, `0` or `000` where the client went, a socket was opened or nobody answered: such a line has
    status 0 and an error that says that its status is not known (C2).
    """

    time: str
    status: int
    route: str | None
    error: str | None = None


def parse_line(line: bytes) -> LogLine | None:
    """Read one line; None where no time and status are to be found in it.

    The time keeps its offset (T1). The route is the method and the path, without the query, of at most 200
    characters; a request that is no HTTP (`-`, a TLS greeting) has none. A status outside 100-599 is kept: the record
    then says so and is set aside by its own minute and service.
    """
    found = _ESCAPED.match(line) or _UNESCAPED.match(line)
    if found is None:
        return None
    time = _instant(found)
    if time is None:
        return None
    route = _route(found["request"])
    if found["status"] in _NO_STATUS:
        return LogLine(time=time, status=0, route=route, error=STATUS_UNKNOWN)
    return LogLine(time=time, status=int(found["status"]), route=route)


def records(lines: Iterable[bytes], *, service: str, account_id: str) -> Iterator[tuple[bytes | None, bytes]]:
    """Turn the lines of one file into (key, value) for `api.requests`; without a key where a line does not parse.

    Empty lines are skipped. A line that does not parse is sent unchanged: the worker sets it aside with its reason,
    and it counts as missing (B3) once, however often it is imported. Holds about 70 bytes of memory for each line of
    the file.

    Raises:
        UsageError: a line is a JSON object, which would be taken for a record.
    """
    seen: set[int] = set()
    repeated: Counter[int] = Counter()
    for number, written in enumerate(lines, start=1):
        line = bare_line(written, number)
        if not line:
            continue
        digest = xxhash.xxh3_64_intdigest(line)
        if digest in seen:
            repeated[digest] += 1
        else:
            seen.add(digest)
        request = parse_line(line)
        if request is None:
            if line.lstrip().startswith(b"{"):
                raise UsageError(f"line {number:,} is JSON and no log line: {_json_hint(line)}")
            yield None, line
            continue
        request_id = line_id(line, repeated[digest])
        value: dict[str, str | int] = {
            "request_id": request_id,
            "time": request.time,
            "service": service,
            "account_id": account_id,
            "status": request.status,
        }
        if request.route is not None:
            value["route"] = request.route
        if request.error is not None:
            value["error"] = request.error
        yield request_id.encode(), orjson.dumps(value)


def bare_line(line: bytes, number: int) -> bytes:
    """A line without its carriage return, and the first of a file without its byte order mark."""
    bare = line.removesuffix(b"\r")
    return bare.removeprefix(_BYTE_ORDER_MARK) if number == 1 else bare


def line_id(line: bytes, ordinal: int) -> str:
    """The id of a line that is the `ordinal`-th (from 0) of its like in its file."""
    # a newline cannot occur in a line, so no line with its ordinal is another line
    return "log-" + str(xxhash.xxh3_128_hexdigest(b"%b\n%d" % (line, ordinal)))


def _instant(found: re.Match[bytes]) -> str | None:
    year, month, day = int(found["year"]), _MONTHS.get(found["month"]), int(found["day"])
    if month is None or year == 0 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    if _CLOCK.fullmatch(found["clock"]) is None:
        return None
    if int(found["hours"]) > _OFFSET_HOURS_MAX or int(found["minutes"]) > _OFFSET_MINUTES_MAX:
        return None
    offset = b"%b%b:%b" % (found["sign"], found["hours"], found["minutes"])
    clock = found["clock"] + (found["fraction"] or b"")
    return f"{year:04}-{month:02}-{day:02}T{clock.decode()}{offset.decode()}"


def _route(request: bytes) -> str | None:
    found = _REQUEST.match(request)
    if found is None:
        return None
    path = found["target"].partition(b"?")[0]
    plain = path.replace(b'\\"', b'"').replace(b"\\\\", b"\\")
    text = plain.decode("utf-8", "backslashreplace")
    return f"{found['method'].decode()} {text}"[:_ROUTE_CHARACTERS]


def _json_hint(line: bytes) -> str:
    """What a line of JSON lacks to be a record, or that it may be one."""
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        found = {}
    fields = found if isinstance(found, dict) else {}
    missing = [name for name in _REQUIRED if name not in fields]
    if not missing:
        return "use zecto-sla produce api.requests"
    return f"a record of api.requests also needs {', '.join(missing)}"
