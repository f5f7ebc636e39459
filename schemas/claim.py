"""A customer's claim for credit (topic `sla.claims`; K1-K4)."""

from msgspec import Struct, field

from schemas.fields import AccountId, Id, Service
from schemas.instants import Instant
from schemas.violations import Violation, instant_violation, span_violation


class Claim(Struct, frozen=True, kw_only=True, gc=False):
    """One claim that a service was down within [from, to)."""

    claim_id: Id
    account_id: AccountId
    service: Service
    from_: Instant = field(name="from")
    to: Instant
    submitted_at: Instant
    evidence: list[str] | None = None

    def violation(self) -> Violation | None:
        """What the field types cannot say: three instants, from < to."""
        return instant_violation(from_=self.from_, to=self.to, submitted_at=self.submitted_at) or span_violation(
            self.from_, self.to, "$.to"
        )
