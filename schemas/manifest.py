"""How many records a log shipper sent for a service and minute (topic `telemetry.manifests`; B3)."""

from typing import Literal

from msgspec import Struct

from schemas.fields import Count, Revision, Service, SourceName
from schemas.instants import Instant
from schemas.violations import Violation, instant_violation

CountedTopic = Literal["api.requests", "carrier.receipts"]


class Manifest(Struct, frozen=True, kw_only=True, gc=False):
    """One count of identities; its own identity is (topic, source, service, minute), the minute floored (I1)."""

    source: SourceName
    service: Service
    minute: Instant
    topic: CountedTopic
    count: Count
    revision: Revision | None = 0
    final: bool | None = False

    def violation(self) -> Violation | None:
        """What the field types cannot say: the minute is an instant; it need not be whole."""
        return instant_violation(minute=self.minute)
