"""How a request or a receipt came out, by the letter of C2 and C3."""

import re
from collections.abc import Mapping
from enum import IntEnum, unique
from typing import Any, Final

from schemas.codes import CodeTables, Responsible

ANSWER_WITHIN_US: Final = 30_000_000
HANDOVER_WITHIN_MS: Final = 600_000


@unique
class ExpectedOutcome(IntEnum):
    """How a request or message came out; the order in which outcomes are the worse for us, the worst first (I4)."""

    PLATFORM = 0
    UNKNOWN = 1
    CLAIMED = 2
    OPERATOR = 3
    CUSTOMER = 4
    CONTENT = 5
    RECIPIENT = 6
    OK = 7
    ACCEPTED = 8
    ENROUTE = 9

    @property
    def rank(self) -> int:
        """Its place in I4's order: others' failures share one, and what was waited for in vain takes C3's."""
        match self:
            case ExpectedOutcome.ACCEPTED:
                return ExpectedOutcome.PLATFORM
            case ExpectedOutcome.ENROUTE:
                return ExpectedOutcome.UNKNOWN
            case ExpectedOutcome.OK:
                return ExpectedOutcome.OK
        return min(self, ExpectedOutcome.OPERATOR)

    @property
    def is_valid(self) -> bool:
        """C6."""
        return self in (ExpectedOutcome.OK, ExpectedOutcome.PLATFORM)


_OUTCOMES: Final = {
    Responsible.PLATFORM: ExpectedOutcome.PLATFORM,
    Responsible.OPERATOR: ExpectedOutcome.OPERATOR,
    Responsible.CUSTOMER: ExpectedOutcome.CUSTOMER,
    Responsible.CONTENT: ExpectedOutcome.CONTENT,
    Responsible.RECIPIENT: ExpectedOutcome.RECIPIENT,
    Responsible.UNKNOWN: ExpectedOutcome.UNKNOWN,
    Responsible.NONE: ExpectedOutcome.UNKNOWN,
}
_CODE_TABLES: Final = {
    "smpp_status": "smpp_command_status", "gsm_map": "gsm_map_error", "q850": "q850_cause", "sip": "sip_status",
    "whatsapp": "whatsapp_error", "smtp": "smtp_enhanced_status", "vendor": "vendor_dlr_err",
    "platform": "platform_error",
}  # fmt: skip
_AS_WRITTEN: Final = frozenset(("smtp", "vendor", "platform"))
_STATE_CODES: Final = {
    "failed": "UNDELIV", "expired": "EXPIRED", "rejected": "REJECTD", "deleted": "DELETED", "unknown": "UNKNOWN",
}  # fmt: skip
_CLIENT_WENT: Final = 499
_CLIENT_CLOSED: Final = "client_closed"
_RANGE: Final = re.compile(r"(.*?)([0-9]+)-([0-9]+)")
_LEADING_ZEROS: Final = re.compile(r"(?:^|(?<=:))0+(?=[0-9])")
_LAST_NUMBER: Final = re.compile(r"(.*?)([0-9]+)")


class PlainCodes:
    """Who answers for a code, however its producer spelled it (C3, C4)."""

    def __init__(self, tables: CodeTables) -> None:
        self._tables = tables
        self._spellings = {
            system: {_plain(system, code): code for code in tables.tables[table].rows}
            for system, table in _CODE_TABLES.items()
        }

    def error(self, error: str, at_ms: int) -> Responsible | None:
        """Of an error of the platform's; None if it is not known."""
        return self._tables.responsible("platform_error", error, at_ms) if error else None

    def status(self, status: int, at_ms: int) -> Responsible | None:
        """Of a status of HTTP."""
        return self._tables.responsible("http_status", f"{status:03d}", at_ms)

    def state(self, state: str, at_ms: int) -> Responsible | None:
        """Of the state of a receipt that is not delivered."""
        return self._tables.responsible("smpp_message_state", _STATE_CODES[state], at_ms)

    def code(self, system: str, code: str | int, at_ms: int) -> Responsible | None:
        """Of a code of a carrier, or of the platform."""
        plain = _plain(system, code)
        written = self._spellings[system].get(plain) or self._range_of(system, plain)
        return None if written is None else self._tables.responsible(_CODE_TABLES[system], written, at_ms)

    def _range_of(self, system: str, plain: str) -> str | None:
        found = _LAST_NUMBER.fullmatch(plain)
        for written in self._tables.tables[_CODE_TABLES[system]].rows if found else ():
            one = _RANGE.fullmatch(written)
            if one and found and one[1] == found[1] and int(one[2]) <= int(found[2]) <= int(one[3]):
                return written
        return None


def request_outcome(fields: Mapping[str, Any], codes: PlainCodes) -> ExpectedOutcome:
    """C2, clause by clause."""
    status, error = fields["status"], fields.get("error", "")
    duration_us = fields.get("duration_ms")
    known = codes.error(error, fields["time"])
    if known is Responsible.PLATFORM:
        return ExpectedOutcome.PLATFORM
    if status == _CLIENT_WENT or error == _CLIENT_CLOSED:
        if duration_us is None:
            return ExpectedOutcome.UNKNOWN
        return ExpectedOutcome.CUSTOMER if duration_us < ANSWER_WITHIN_US else ExpectedOutcome.PLATFORM
    if known is Responsible.OPERATOR and not 100 <= status < 400:  # noqa: PLR2004  HTTP
        return ExpectedOutcome.CLAIMED
    if status == 0 or 100 <= status < 200 and status != 101:  # noqa: PLR2004, RUF021  HTTP
        return _OUTCOMES[known or Responsible.PLATFORM]
    if status < 400:  # noqa: PLR2004  HTTP
        return ExpectedOutcome.OK if status == 101 else _answered(duration_us, fields.get("total_ms"))  # noqa: PLR2004
    if status < 500:  # noqa: PLR2004  HTTP
        return _OUTCOMES[known or codes.status(status, fields["time"]) or Responsible.CUSTOMER]
    return ExpectedOutcome.PLATFORM


def receipt_outcome(fields: Mapping[str, Any], codes: PlainCodes) -> ExpectedOutcome:
    """C3, without what the other receipts of the message say."""
    state, at_ms = fields["state"], fields["time"]
    if state in ("delivered", "accepted", "enroute"):
        return {
            "delivered": ExpectedOutcome.OK, "accepted": ExpectedOutcome.ACCEPTED, "enroute": ExpectedOutcome.ENROUTE,
        }[state]  # fmt: skip
    system, code = fields.get("code_system"), fields.get("code", "")
    known = codes.code(system, code, at_ms) if system and code != "" else None
    if known is Responsible.OPERATOR and system == "platform":
        return ExpectedOutcome.CLAIMED
    return _OUTCOMES[known or codes.state(state, at_ms) or Responsible.UNKNOWN]


def _answered(duration_us: int | None, total_us: int | None) -> ExpectedOutcome:
    if duration_us is not None:
        return ExpectedOutcome.OK if duration_us < ANSWER_WITHIN_US else ExpectedOutcome.PLATFORM
    late = total_us is not None and total_us >= ANSWER_WITHIN_US
    return ExpectedOutcome.UNKNOWN if late else ExpectedOutcome.OK


def _plain(system: str, code: str | int) -> str:
    """A code without what does not matter in its system (C3)."""
    if system == "smpp_status":
        number = code if isinstance(code, int) else _hexadecimal(code)
        return str(code) if number is None else f"{number:x}"
    text = str(code)
    return text if system in _AS_WRITTEN else _LEADING_ZEROS.sub("", text.lower().removeprefix("0x"))


def _hexadecimal(text: str) -> int | None:
    try:
        return int(text, 16)
    except ValueError:
        return None
