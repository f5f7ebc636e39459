"""Whose failure a code is (C2-C4), from the tables below `schemas/codes`, each row from its date on."""

import csv
import hashlib
import io
from importlib.resources import files
from sys import intern
from typing import Final, NamedTuple

from streams.audit.instants import read_instant
from streams.core.errors import Code, ZectoError

OK: Final = "ok"
PLATFORM: Final = "platform"
UNKNOWN: Final = "unknown"
ACCEPTED: Final = "accepted"
ENROUTE: Final = "enroute"
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

Rows = list[tuple[str, str, int]]


class Ending(NamedTuple):
    """How a request or message ended, and the `table:code` that decided (C4)."""

    outcome: str
    reason: str


class Codes:
    """All tables: by table and code the parties responsible, each with the instant from which it is."""

    def __init__(self, tables: dict[str, Rows]) -> None:
        """`tables`: of each table its (code, responsible, valid from in ms; 0 is always)."""
        self._parties: dict[tuple[str, str], list[tuple[int, str]]] = {}
        for table, rows in tables.items():
            for code, responsible, from_ms in rows:
                self._parties.setdefault((table, code), []).append((from_ms, responsible))

    def responsible(self, table: str, code: str, at_ms: int) -> str | None:
        """Who answers for a code at an instant: the latest row that applies by then; None: no row does (C4)."""
        applying = [row for row in self._parties.get((table, code), ()) if row[0] <= at_ms]
        return max(applying)[1] if applying else None

    def request_ending(self, status: int, error: str, time_ms: int) -> Ending:
        """C2."""
        http = intern(f"http_status:{status:03d}")
        if status == 0:
            return Ending(PLATFORM, http)
        if status < 400:  # noqa: PLR2004  HTTP
            return Ending(OK, http)
        by_status = self.responsible("http_status", f"{status:03d}", time_ms)
        by_error = self.responsible("platform_error", error, time_ms) if error else None
        named = intern(f"platform_error:{error}")
        if status < 500:  # noqa: PLR2004  HTTP
            return Ending(_outcome(by_error), named) if by_error else Ending(_outcome(by_status or "customer"), http)
        if by_error in (_OPERATOR, PLATFORM):
            return Ending(by_error, named)
        return Ending(UNKNOWN if by_status in _OPEN else PLATFORM, http)

    def receipt_ending(self, state: str, code_system: str | None, code: str, submitted_ms: int) -> Ending:
        """C3; pending is `accepted` or `enroute`."""
        if state in ("delivered", ACCEPTED, ENROUTE):
            return Ending(OK if state == "delivered" else state, intern(f"state:{state}"))
        if code_system and code:
            table = _TABLE_OF_SYSTEM[code_system]
            by_code = self.responsible(table, code, submitted_ms)
            if by_code:
                return Ending(_outcome(by_code), intern(f"{table}:{code}"))
        content = _CODE_OF_STATE[state]
        by_state = self.responsible("smpp_message_state", content, submitted_ms)
        return Ending(_outcome(by_state or UNKNOWN), intern(f"smpp_message_state:{content}"))


def _outcome(responsible: str) -> str:
    return UNKNOWN if responsible in _OPEN else responsible


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
