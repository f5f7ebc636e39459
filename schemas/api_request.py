"""A request that the platform answered, or should have (topic `api.requests`)."""

from msgspec import Struct

from schemas.fields import (
    AccountId,
    Id,
    Milliseconds,
    Plan,
    Revision,
    Service,
    Stage,
    Status,
    Text64,
    Text200,
    valid_status,
)
from schemas.instants import Instant
from schemas.violations import Reason, Violation, duration_violation, instant_violation


class ApiRequest(Struct, frozen=True, kw_only=True, gc=False):
    """One request; its identity is (service, minute of time, request_id) (I1)."""

    request_id: Id
    time: Instant
    service: Service
    account_id: AccountId
    status: Status
    duration_ms: Milliseconds = None
    total_ms: Milliseconds = None
    route: Text200 | None = ""
    error: Text64 | None = ""
    region: Text64 | None = ""
    source: Text64 | None = ""
    stage: Stage | None = "ga"
    plan: Plan | None = "paid"
    revision: Revision | None = 0

    def violation(self) -> Violation | None:
        """What the field types cannot say: the status is 0 or 100-599, the time an instant, durations numbers."""
        if not valid_status(self.status):
            return Violation(reason=Reason.OUT_OF_BOUNDS, path="$.status")
        return instant_violation(time=self.time) or duration_violation(
            duration_ms=self.duration_ms, total_ms=self.total_ms
        )
