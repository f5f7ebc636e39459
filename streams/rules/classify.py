"""Whose failure an outcome is (contract C1-C4), by code tables dated by the record's own time.

A status or state decides first where the SLA itself speaks (§2.3), a table where it does not. The reason is
`table:code` of the row that decided; a receipt decided by its state alone has `state:…`.
"""

from enum import IntEnum, unique
from typing import Final, NamedTuple

from schemas.carrier_receipt import CodeSystem, State
from schemas.codes import CodeTables, Responsible


@unique
class Outcome(IntEnum):
    """How a request or message ended; numbered as the ledger's Enum8. The last two are pending (C3)."""

    OK = 0
    PLATFORM = 1
    OPERATOR = 2
    CUSTOMER = 3
    CONTENT = 4
    RECIPIENT = 5
    UNKNOWN = 6
    ACCEPTED = 7
    ENROUTE = 8

    @property
    def label(self) -> str:
        """Its name in the ledger and in JSON."""
        return self.name.lower()


class Classification(NamedTuple):
    """An outcome and the `table:code` that decided it."""

    outcome: Outcome
    reason: str


HTTP_TABLE: Final = "http_status"
ERROR_TABLE: Final = "platform_error"
STATE_TABLE: Final = "smpp_message_state"

TABLE_OF_CODE_SYSTEM: Final[dict[CodeSystem, str]] = {
    "smpp_status": "smpp_command_status",
    "gsm_map": "gsm_map_error",
    "q850": "q850_cause",
    "sip": "sip_status",
    "whatsapp": "whatsapp_error",
    "smtp": "smtp_enhanced_status",
    "vendor": "vendor_dlr_err",
    "platform": ERROR_TABLE,
}

CODE_OF_STATE: Final[dict[State, str]] = {
    "failed": "UNDELIV",
    "expired": "EXPIRED",
    "rejected": "REJECTD",
    "deleted": "DELETED",
    "unknown": "UNKNOWN",
}

_OUTCOMES: Final = {
    Responsible.PLATFORM: Outcome.PLATFORM,
    Responsible.OPERATOR: Outcome.OPERATOR,
    Responsible.CUSTOMER: Outcome.CUSTOMER,
    Responsible.CONTENT: Outcome.CONTENT,
    Responsible.RECIPIENT: Outcome.RECIPIENT,
    Responsible.UNKNOWN: Outcome.UNKNOWN,
    Responsible.NONE: Outcome.UNKNOWN,
}
_NO_ANSWER: Final = 0
_FIRST_FAILURE: Final = 400
_FIRST_SERVER_FAILURE: Final = 500


def classify_request(status: int, error: str | None, time_ms: int, tables: CodeTables) -> Classification:
    """The outcome of a request (C2); `error` empty or None: it names none."""
    http_reason = f"{HTTP_TABLE}:{status:03d}"
    if status == _NO_ANSWER:
        return Classification(Outcome.PLATFORM, http_reason)
    if status < _FIRST_FAILURE:
        return Classification(Outcome.OK, http_reason)
    by_status = tables.responsible(HTTP_TABLE, f"{status:03d}", time_ms)
    by_error = tables.responsible(ERROR_TABLE, error, time_ms) if error else None
    if status < _FIRST_SERVER_FAILURE:
        if by_error is not None:
            return Classification(_OUTCOMES[by_error], f"{ERROR_TABLE}:{error}")
        return Classification(Outcome.CUSTOMER if by_status is None else _OUTCOMES[by_status], http_reason)
    # A 5xx is ours by the letter of §2.3, whatever the table thinks; only an operator's error code excuses it.
    if by_error in (Responsible.OPERATOR, Responsible.PLATFORM):
        return Classification(_OUTCOMES[by_error], f"{ERROR_TABLE}:{error}")
    doubtful = by_status in (Responsible.UNKNOWN, Responsible.NONE)
    return Classification(Outcome.UNKNOWN if doubtful else Outcome.PLATFORM, http_reason)


def classify_receipt(
    state: State, code_system: CodeSystem | None, code: str | None, submitted_ms: int, tables: CodeTables
) -> Classification:
    """The outcome of a receipt (C3); `code` empty or None: it carries none. Pending is `accepted` or `enroute` here."""
    match state:
        case "delivered":
            return Classification(Outcome.OK, "state:delivered")
        case "accepted":
            return Classification(Outcome.ACCEPTED, "state:accepted")
        case "enroute":
            return Classification(Outcome.ENROUTE, "state:enroute")
    if code_system is not None and code:
        table = TABLE_OF_CODE_SYSTEM[code_system]
        by_code = tables.responsible(table, code, submitted_ms)
        if by_code is not None:
            return Classification(_OUTCOMES[by_code], f"{table}:{code}")
    state_code = CODE_OF_STATE[state]
    by_state = tables.responsible(STATE_TABLE, state_code, submitted_ms)
    outcome = Outcome.UNKNOWN if by_state is None else _OUTCOMES[by_state]
    return Classification(outcome, f"{STATE_TABLE}:{state_code}")
