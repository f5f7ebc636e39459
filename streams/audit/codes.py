"""Whose failure a code is (C2-C4), from the tables below `schemas/codes`, each row from its date on."""

import csv
import io
from importlib.resources import files
from typing import Final

from streams.audit.instants import read_instant
from streams.errors import ZectoError

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

    def request_outcome(self, status: int, error: str, time_ms: int) -> str:
        """C2."""
        if status == 0:
            return PLATFORM
        if status < 400:  # noqa: PLR2004  HTTP
            return OK
        by_status = self.responsible("http_status", f"{status:03d}", time_ms)
        by_error = self.responsible("platform_error", error, time_ms) if error else None
        if status < 500:  # noqa: PLR2004  HTTP
            return _outcome(by_error or by_status or "customer")
        if by_error in (_OPERATOR, PLATFORM):
            return by_error
        return UNKNOWN if by_status in _OPEN else PLATFORM

    def receipt_outcome(self, state: str, code_system: str | None, code: str, submitted_ms: int) -> str:
        """C3; pending is `accepted` or `enroute`."""
        if state == "delivered":
            return OK
        if state in (ACCEPTED, ENROUTE):
            return state
        by_code = None
        if code_system and code:
            by_code = self.responsible(_TABLE_OF_SYSTEM[code_system], code, submitted_ms)
        by_state = self.responsible("smpp_message_state", _CODE_OF_STATE[state], submitted_ms)
        return _outcome(by_code or by_state or UNKNOWN)


def _outcome(responsible: str) -> str:
    return UNKNOWN if responsible in _OPEN else responsible


def read_codes() -> Codes:
    """The tables that the project ships."""
    found = [entry for entry in (files("schemas") / "codes").iterdir() if entry.name.endswith(".csv")]
    return Codes(
        {entry.name.removesuffix(".csv"): parse_table(entry.read_text("utf-8"), entry.name) for entry in found}
    )


def parse_table(told: str, name: str) -> Rows:
    """The rows of a table.

    Raises:
        ZectoError: a date that is none.
    """
    rows: Rows = []
    for row in csv.DictReader(io.StringIO(told, newline="")):
        from_ms = read_instant(row["valid_from"]) if row.get("valid_from") else 0
        if from_ms is None:
            raise ZectoError(f"{name}: valid_from {row['valid_from']!r} of code {row['code']} is no instant")
        rows.append((row["code"], row["responsible"], from_ms))
    return rows
