"""A synthetic check of a service from outside (topic `probes`)."""

from msgspec import Struct

from schemas.fields import Id, Milliseconds, Name, Revision, Service, Status, valid_status
from schemas.instants import Instant
from schemas.violations import Reason, Violation, duration_violation, instant_violation


class Probe(Struct, frozen=True, kw_only=True, gc=False):
    """One check; its identity is (service, minute of time, vantage, probe_id) (I1)."""

    probe_id: Id
    time: Instant
    service: Service
    vantage: Name
    ok: bool
    status: Status | None = None
    duration_ms: Milliseconds = None
    revision: Revision | None = 0

    def violation(self) -> Violation | None:
        """What the field types cannot say: the status is 0 or 100-599, the time an instant, the duration a number."""
        if self.status is not None and not valid_status(self.status):
            return Violation(reason=Reason.OUT_OF_BOUNDS, path="$.status")
        return instant_violation(time=self.time) or duration_violation(duration_ms=self.duration_ms)
