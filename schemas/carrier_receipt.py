"""What became of a message or call, as a carrier or we ourselves tell it (topic `carrier.receipts`)."""

from typing import Annotated, Final, Literal, get_args

from msgspec import Meta, Struct

from schemas.fields import (
    RESOLUTION_LEAST_MS,
    RESOLUTION_MOST_MS,
    AccountId,
    CodeNumber,
    Id,
    Milliseconds,
    Part,
    Plan,
    Resolution,
    Service,
    Stage,
    Text64,
)
from schemas.instants import Instant
from schemas.violations import Reason, Violation, duration_violation, instant_violation

State = Literal["accepted", "enroute", "delivered", "failed", "expired", "rejected", "deleted", "unknown"]
CodeSystem = Literal["smpp_status", "gsm_map", "q850", "sip", "whatsapp", "smtp", "vendor", "platform"]

DEFAULT_PART: Final = 1
DEFAULT_RESOLUTION_MS: Final = 1

_STATES: Final[dict[str, State]] = {state: state for state in get_args(State)} | {"read": "delivered"}
_ANY_CASE: Final = "|".join("".join(f"[{letter}{letter.upper()}]" for letter in state) for state in _STATES)

WrittenState = Annotated[
    str,
    Meta(
        description=f"{', '.join(_STATES)} (as delivered), in any letter case",
        extra_json_schema={"pattern": rf"^({_ANY_CASE})$(?!\n)"},
    ),
]


class CarrierReceipt(Struct, frozen=True, kw_only=True, gc=False):
    """One receipt; the message's identity is (service, minute of submitted_at, message_id, part) (I1)."""

    message_id: Id
    service: Service
    account_id: AccountId
    submitted_at: Instant
    time: Instant
    state: WrittenState
    operator: Text64 | None = ""
    code_system: CodeSystem | None = None
    code: Text64 | CodeNumber | None = ""
    part: Part | None = DEFAULT_PART
    template: bool | None = None
    resolution_ms: Resolution = DEFAULT_RESOLUTION_MS
    connect_ms: Milliseconds = None
    duration_ms: Milliseconds = None
    hd_ms: Milliseconds = None
    region: Text64 | None = ""
    source: Text64 | None = ""
    stage: Stage | None = "ga"
    plan: Plan | None = "paid"

    def violation(self) -> Violation | None:
        """What the field types cannot say: the state is one, both times are instants, durations numbers."""
        if state_of(self.state) is None:
            return Violation(reason=Reason.NOT_IN_ENUM, path="$.state")
        return (
            instant_violation(submitted_at=self.submitted_at, time=self.time)
            or duration_violation(
                least_ms=RESOLUTION_LEAST_MS, most_ms=RESOLUTION_MOST_MS, resolution_ms=self.resolution_ms
            )
            or duration_violation(connect_ms=self.connect_ms, duration_ms=self.duration_ms, hd_ms=self.hd_ms)
        )


def state_of(written: str) -> State | None:
    """The state that a text names, in any letter case: `read` says `delivered`; None: none at all."""
    return _STATES.get(written.lower()) if written.isascii() else None


def code_text(code_system: CodeSystem | None, code: str | int | None) -> str:
    """A code as text; a number of `smpp_status` as its table writes it, for any text of that is hexadecimal (C3)."""
    if not isinstance(code, int):
        return code or ""
    return f"0x{code:08X}" if code_system == "smpp_status" and code >= 0 else str(code)
