"""What became of a message or call, as a carrier or we ourselves tell it (topic `carrier.receipts`)."""

from typing import Literal

from msgspec import Struct

from schemas.fields import AccountId, Id, Milliseconds, Plan, Service, Stage, Text64
from schemas.instants import Instant
from schemas.violations import Violation, instant_violation

State = Literal["accepted", "enroute", "delivered", "failed", "expired", "rejected", "deleted", "unknown"]
CodeSystem = Literal["smpp_status", "gsm_map", "q850", "sip", "whatsapp", "smtp", "vendor", "platform"]


class CarrierReceipt(Struct, frozen=True, kw_only=True, gc=False):
    """One receipt; the message's identity is (service, minute of submitted_at, message_id) (I1)."""

    message_id: Id
    service: Service
    account_id: AccountId
    submitted_at: Instant
    time: Instant
    state: State
    operator: Text64 | None = ""
    code_system: CodeSystem | None = None
    code: Text64 | None = ""
    template: bool | None = None
    resolution_ms: Milliseconds | None = 1
    connect_ms: Milliseconds | None = None
    duration_ms: Milliseconds | None = None
    hd_ms: Milliseconds | None = None
    region: Text64 | None = ""
    source: Text64 | None = ""
    stage: Stage | None = "ga"
    plan: Plan | None = "paid"

    def violation(self) -> Violation | None:
        """What the field types cannot say: both times are instants."""
        return instant_violation(submitted_at=self.submitted_at, time=self.time)
