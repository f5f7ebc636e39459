"""Whose failure an outcome is (contract C1-C4), by code tables dated by the record's own time.

A status, a state or how long an answer took decides first where the SLA itself speaks (§2.3), a table where it does
not. The reason is `table:code` of the row that decided; where none did it is `state:…` of a receipt, and
`answer_within:…` with its status of a request that was answered too late, or of which nobody can tell.
"""

from dataclasses import dataclass
from enum import IntEnum, unique
from typing import Final, NamedTuple

from schemas.carrier_receipt import CodeSystem, State
from schemas.codes import CodeRow, CodeTables, Responsible


@unique
class Outcome(IntEnum):
    """How a request or message ended; numbered as the ledger's Enum8. Accepted and enroute are pending (C3)."""

    OK = 0
    PLATFORM = 1
    OPERATOR = 2
    CUSTOMER = 3
    CONTENT = 4
    RECIPIENT = 5
    UNKNOWN = 6
    ACCEPTED = 7
    ENROUTE = 8
    CLAIMED = 9
    """An operator's failure that only the platform tells (C1)."""

    @property
    def label(self) -> str:
        """Its name in the ledger and in JSON."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRules:
    """What outcomes are decided by: the code tables (C4), and how late an answer is none, in microseconds (C2)."""

    tables: CodeTables
    answer_within_us: int


class AnswerTimes(NamedTuple):
    """How long a request took to the first and to the last byte of its answer, in microseconds (T4); None: unknown."""

    duration_us: int | None = None
    total_us: int | None = None


def answer_cases(answer_within_us: int) -> tuple[AnswerTimes, ...]:
    """All that C2 tells apart: answered in time, too late, not measured, and not measured but long."""
    return (
        AnswerTimes(duration_us=0),
        AnswerTimes(duration_us=answer_within_us),
        AnswerTimes(),
        AnswerTimes(total_us=answer_within_us),
    )


class Classification(NamedTuple):
    """An outcome and the `table:code` that decided it."""

    outcome: Outcome
    reason: str


HTTP_TABLE: Final = "http_status"
ERROR_TABLE: Final = "platform_error"
STATE_TABLE: Final = "smpp_message_state"
CLIENT_CLOSED: Final = "client_closed"
"""The error that says that the client went; no table has to know it."""

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
_SWITCHING_PROTOCOLS: Final = 101
_FIRST_ANSWER: Final = 200
_FIRST_FAILURE: Final = 400
_CLIENT_WENT: Final = 499
_FIRST_SERVER_FAILURE: Final = 500


def classify_request(
    status: int, error: str | None, took: AnswerTimes, time_ms: int, rules: OutcomeRules
) -> Classification:
    """The outcome of a request (C2); `error` empty or None: it names none."""
    by_error = rules.tables.row(ERROR_TABLE, error, time_ms) if error else None
    by_status = f"{HTTP_TABLE}:{status:03d}"
    if by_error is not None and by_error.responsible is Responsible.PLATFORM:
        return _by_row(ERROR_TABLE, by_error)
    if status == _CLIENT_WENT or error == CLIENT_CLOSED:
        reason = by_status if status == _CLIENT_WENT else f"{ERROR_TABLE}:{CLIENT_CLOSED}"
        return Classification(_client_went(took.duration_us, rules.answer_within_us), reason)
    if status == _SWITCHING_PROTOCOLS:
        return Classification(Outcome.OK, by_status)
    if status < _FIRST_ANSWER:
        return Classification(Outcome.PLATFORM, by_status) if by_error is None else _by_row(ERROR_TABLE, by_error)
    if status < _FIRST_FAILURE:
        return _answered(status, took, rules.answer_within_us)
    if status < _FIRST_SERVER_FAILURE:
        return _refused(status, by_error, rules.tables.row(HTTP_TABLE, f"{status:03d}", time_ms))
    # A 5xx is ours by the letter of §2.3, whatever the table thinks, and whatever customer's error it names.
    if by_error is not None and by_error.responsible is Responsible.OPERATOR:
        return _by_row(ERROR_TABLE, by_error)
    return Classification(Outcome.PLATFORM, by_status)


def classify_receipt(
    state: State, code_system: CodeSystem | None, code: str | None, submitted_ms: int, rules: OutcomeRules
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
        by_code = rules.tables.row(table, code, submitted_ms)
        if by_code is not None:
            return _by_row(table, by_code)
    state_code = CODE_OF_STATE[state]
    by_state = rules.tables.row(STATE_TABLE, state_code, submitted_ms)
    if by_state is None:
        return Classification(Outcome.UNKNOWN, f"{STATE_TABLE}:{state_code}")
    return _by_row(STATE_TABLE, by_state)


def _client_went(duration_us: int | None, answer_within_us: int) -> Outcome:
    if duration_us is None:
        return Outcome.UNKNOWN
    return Outcome.CUSTOMER if duration_us < answer_within_us else Outcome.PLATFORM


def _answered(status: int, took: AnswerTimes, answer_within_us: int) -> Classification:
    too_late = f"answer_within:{status:03d}"
    duration_us, total_us = took
    if duration_us is not None and duration_us >= answer_within_us:
        return Classification(Outcome.PLATFORM, too_late)
    if duration_us is None and total_us is not None and total_us >= answer_within_us:
        return Classification(Outcome.UNKNOWN, too_late)
    return Classification(Outcome.OK, f"{HTTP_TABLE}:{status:03d}")


def _refused(status: int, by_error: CodeRow | None, by_status: CodeRow | None) -> Classification:
    if by_error is not None:
        return _by_row(ERROR_TABLE, by_error)
    if by_status is not None:
        return _by_row(HTTP_TABLE, by_status)
    return Classification(Outcome.CUSTOMER, f"{HTTP_TABLE}:{status:03d}")


def _by_row(table: str, row: CodeRow) -> Classification:
    # What our own table says of an operator is our own word alone (C1).
    is_claimed = table == ERROR_TABLE and row.responsible is Responsible.OPERATOR
    return Classification(Outcome.CLAIMED if is_claimed else _OUTCOMES[row.responsible], f"{table}:{row.code}")
