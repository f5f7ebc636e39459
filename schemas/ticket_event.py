"""What happened to a support ticket (topic `support.tickets`; P6)."""

from typing import Literal

from msgspec import Struct

from schemas.fields import AccountId, Id, Service
from schemas.instants import Instant
from schemas.violations import Violation, instant_violation

Priority = Literal["critical", "high", "medium", "low"]


class TicketEvent(Struct, frozen=True, kw_only=True, gc=False):
    """One event of a ticket, with the priority in force from then on; no person wrote an `automatic` response (P6)."""

    ticket_id: Id
    account_id: AccountId
    time: Instant
    event: Literal["opened", "reprioritised", "responded", "resolved"]
    priority: Priority
    service: Service | None = None
    automatic: bool | None = False

    def violation(self) -> Violation | None:
        """What the field types cannot say: the time is an instant."""
        return instant_violation(time=self.time)
