"""Whose failure a code is (C2-C4), from the tables below `schemas/codes`, each row from its date on."""

import csv
import hashlib
import io
import re
from collections import defaultdict
from importlib.resources import files
from sys import intern
from typing import Final, NamedTuple

from streams.audit.instants import read_instant
from streams.audit.known import ACCEPTED, CLAIMED, ENROUTE, OK, PLATFORM, UNKNOWN
from streams.core.errors import Code, ZectoError

_OPERATOR: Final = "operator"
_OPEN: Final = ("none", "unknown")
_TABLE_OF_SYSTEM: Final = {
    "smpp_status": "smpp_command_status",
    "gsm_map": "gsm_map_error",
    "q850": "q850_cause",
    "sip": "sip_status",
    "whatsapp": "whatsapp_error",
    "smtp": "smtp_enhanced_status",
    "vendor": "vendor_dlr_err",
    "platform": "platform_error",
}
_CODE_OF_STATE: Final = {
    "failed": "UNDELIV",
    "expired": "EXPIRED",
    "rejected": "REJECTD",
    "deleted": "DELETED",
    "unknown": "UNKNOWN",
}

_NUMBERED: Final = frozenset({"smpp_command_status", "gsm_map_error", "q850_cause", "sip_status", "whatsapp_error"})
"""Tables in whose codes case, leading zeros and 0x do not matter (C3)."""
_HEXADECIMAL: Final = "smpp_command_status"
_OUR_WORD: Final = "platform_error"
"""The table of what only the platform tells."""
_CLIENT_GONE: Final = "client_closed"

_SPELLED: Final = re.compile(r"(?P<prefix>[^0-9]*:)?(?:0x)?0*(?P<digits>[0-9]+)")
_HEX: Final = re.compile(r"(?:0x)?([0-9a-f]+)")
_RANGE: Final = re.compile(r"(?P<prefix>.*:)?(?P<first>(?:0x)?[0-9A-Fa-f]+)-(?P<last>(?:0x)?[0-9A-Fa-f]+)")

Rows = list[tuple[str, str, int]]


class RequestFacts(NamedTuple):
    """What of a request decides whose failure it is; durations in microseconds, None: not measured."""

    status: int
    error: str
    time_ms: int
    duration_us: int | None
    total_us: int | None


class Ending(NamedTuple):
    """How a request or message ended, and the `table:code` that decided (C4)."""

    outcome: str
    reason: str


class DatedRow(NamedTuple):
    """From when on a code, or each in a range of codes, is whose (C4)."""

    from_ms: int
    responsible: str
    table: str
    code: str

    def ending(self) -> Ending:
        """How what carries the code ended: by our own word an operator's failure is claimed (C1)."""
        reason = intern(f"{self.table}:{self.code}")
        if self.table == _OUR_WORD and self.responsible == _OPERATOR:
            return Ending(CLAIMED, reason)
        return Ending(UNKNOWN if self.responsible in _OPEN else self.responsible, reason)


class AuditCodeRange(NamedTuple):
    """A row `a-b`: the numbers from a to b behind a prefix (C3)."""

    prefix: str
    first: int
    last: int
    row: DatedRow


class Codes:
    """All tables: by table and code the parties responsible, each with the instant from which it is."""

    def __init__(self, tables: dict[str, Rows]) -> None:
        """`tables`: of each table its (code, responsible, valid from in ms; 0 is always)."""
        self._rows: defaultdict[tuple[str, str], list[DatedRow]] = defaultdict(list)
        self._ranges: defaultdict[str, list[AuditCodeRange]] = defaultdict(list)
        for table, rows in tables.items():
            for code, responsible, from_ms in rows:
                self._add(table, code, DatedRow(from_ms, responsible, table, code))

    def _add(self, table: str, code: str, row: DatedRow) -> None:
        found = _RANGE.fullmatch(code) if table in _TABLE_OF_SYSTEM.values() else None
        if found:
            first, last = (_number(table, end) for end in (found["first"], found["last"]))
            prefix = found["prefix"] or ""
            prefix = prefix.lower() if table in _NUMBERED else prefix
            self._ranges[table].append(AuditCodeRange(prefix, first, last, row))
        else:
            self._rows[table, spell(table, code)].append(row)

    def row(self, table: str, code: str | int, at_ms: int) -> DatedRow | None:
        """The row of a code at an instant: the latest that applies by then; None: no row does (C4)."""
        spelled = spell(table, code)
        ranges = (one.row for one in self._ranges.get(table, ()) if _is_within(table, spelled, one))
        for rows in (self._rows.get((table, spelled), ()), ranges):
            applying = [row for row in rows if row.from_ms <= at_ms]
            if applying:
                return max(applying)
        return None

    def request_ending(self, request: RequestFacts, answer_within_us: int) -> Ending:
        """Whose failure a request is: the first rule of C2 that fits."""
        by_error = self.row(_OUR_WORD, request.error, request.time_ms) if request.error else None
        http = intern(f"http_status:{request.status:03d}")
        if by_error and by_error.responsible == PLATFORM:
            return by_error.ending()
        if request.status == 499 or request.error == _CLIENT_GONE:  # noqa: PLR2004  HTTP
            went = _client_went(request.duration_us, answer_within_us)
            return Ending(went, http if request.status == 499 else f"{_OUR_WORD}:{_CLIENT_GONE}")  # noqa: PLR2004  HTTP
        if by_error and by_error.responsible == _OPERATOR and not 100 <= request.status < 400:  # noqa: PLR2004  HTTP
            return by_error.ending()
        if request.status < 200 and request.status != 101:  # noqa: PLR2004  HTTP
            return by_error.ending() if by_error else Ending(PLATFORM, http)
        if request.status < 400:  # noqa: PLR2004  HTTP
            return _answered(request, answer_within_us)
        if request.status >= 500:  # noqa: PLR2004  HTTP
            return Ending(PLATFORM, http)
        row = by_error or self.row("http_status", f"{request.status:03d}", request.time_ms)
        return row.ending() if row else Ending("customer", http)

    def receipt_ending(self, state: str, code_system: str, code: str | int, time_ms: int) -> Ending:
        """Whose failure a message is by one of its receipts (C3); pending is `accepted` or `enroute`."""
        if state in ("delivered", ACCEPTED, ENROUTE):
            return Ending(OK if state == "delivered" else state, intern(f"state:{state}"))
        if code_system and code != "":
            by_code = self.row(_TABLE_OF_SYSTEM[code_system], code, time_ms)
            if by_code:
                return by_code.ending()
        content = _CODE_OF_STATE[state]
        by_state = self.row("smpp_message_state", content, time_ms)
        return by_state.ending() if by_state else Ending(UNKNOWN, intern(f"smpp_message_state:{content}"))


def _client_went(duration_us: int | None, answer_within_us: int) -> str:
    if duration_us is None:
        return UNKNOWN
    return "customer" if duration_us < answer_within_us else PLATFORM


def _answered(request: RequestFacts, answer_within_us: int) -> Ending:
    """A 2xx or 3xx: whether it came in time; a 101 has the life of its socket for a duration."""
    took = request.total_us if request.duration_us is None else request.duration_us
    if request.status == 101 or took is None or took < answer_within_us:  # noqa: PLR2004  HTTP
        return Ending(OK, intern(f"http_status:{request.status:03d}"))
    return Ending(UNKNOWN if request.duration_us is None else PLATFORM, intern(f"answer_within:{request.status:03d}"))


def spell(table: str, code: str | int) -> str:
    """A code in the one spelling that it is compared by (C3): a number of `smpp_status` is decimal, its text is not."""
    if table not in _NUMBERED:
        return str(code)
    if table == _HEXADECIMAL:
        return f"{code:x}" if isinstance(code, int) else _hexadecimal(code.lower())
    lowered = str(code).lower()
    found = _SPELLED.fullmatch(lowered)
    return f"{found['prefix'] or ''}{found['digits']}" if found else lowered


def _hexadecimal(code: str) -> str:
    found = _HEX.fullmatch(code)
    return f"{int(found[1], 16):x}" if found else code


def _number(table: str, code: str) -> int:
    return int(code, 16 if table == _HEXADECIMAL else 10)


def _is_within(table: str, spelled: str, codes: AuditCodeRange) -> bool:
    """Whether a code, as it is compared, lies in a range."""
    prefix, digits = spelled[: len(codes.prefix)], spelled[len(codes.prefix) :]
    if prefix != codes.prefix or not re.fullmatch("0|[1-9a-f][0-9a-f]*", digits):
        return False
    return (table == _HEXADECIMAL or digits.isdecimal()) and codes.first <= _number(table, digits) <= codes.last


def read_codes() -> Codes:
    """The tables that the project ships."""
    found = [entry for entry in (files("schemas") / "codes").iterdir() if entry.name.endswith(".csv")]
    return Codes(
        {entry.name.removesuffix(".csv"): parse_table(entry.read_text("utf-8"), entry.name) for entry in found}
    )


def table_hashes() -> dict[str, str]:
    """SHA-256 of each table's file, by its name."""
    found = [entry for entry in (files("schemas") / "codes").iterdir() if entry.name.endswith(".csv")]
    return {entry.name.removesuffix(".csv"): hashlib.sha256(entry.read_bytes()).hexdigest() for entry in found}


def parse_table(content: str, name: str) -> Rows:
    """The rows of a table.

    Raises:
        ZectoError: it is no such table, or has a date that is none; names the file.
    """
    try:
        return [_row(row) for row in csv.DictReader(io.StringIO(content, newline=""))]
    except (csv.Error, LookupError, ValueError) as error:
        raise ZectoError(f"{name}: {error}", code=Code.DATA_FILE_UNUSABLE) from error


def _row(row: dict[str, str]) -> tuple[str, str, int]:
    if None in row or None in row.values():
        raise ValueError(f"a row has more or fewer cells than the header: {row}")
    from_ms = read_instant(row["valid_from"]) if row.get("valid_from") else 0
    if from_ms is None:
        raise ValueError(f"valid_from {row['valid_from']!r} of code {row['code']} is no instant")
    return row["code"], row["responsible"], from_ms
