"""A declared window: maintenance, another's outage, or lost telemetry (topic `sla.declarations`; X1-X4, B1)."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from schemas.fields import Id, Revision
from schemas.instants import Instant
from schemas.violations import Reason, Violation, instant_violation, span_violation

Kind = Literal[
    "scheduled_maintenance",
    "emergency_maintenance",
    "operator_outage",
    "internet_backbone",
    "dns",
    "force_majeure",
    "ddos",
    "regulatory_shutdown",
    "telemetry_gap",
]
ServiceOrAll = Literal["sms", "voice", "whatsapp", "email", "*"]

_ALL_STANDS_ALONE: Final = {"anyOf": [{"const": ["*"]}, {"not": {"contains": {"const": "*"}}}]}


class Declaration(Struct, frozen=True, kw_only=True, gc=False):
    """One revision of a window [start, end) over some services, or over all: `["*"]`."""

    declaration_id: Id
    kind: Kind
    services: Annotated[
        list[ServiceOrAll],
        Meta(min_length=1, description='service names, or ["*"] for all', extra_json_schema=_ALL_STANDS_ALONE),
    ]
    start: Instant
    end: Instant
    announced_at: Instant
    revision: Revision | None = 0
    evidence: str | None = ""
    retracted: bool | None = False
    title: str | None = ""
    note: str | None = ""

    def violation(self) -> Violation | None:
        """What the field types cannot say: `*` stands alone, three instants, start < end."""
        if "*" in self.services and len(self.services) > 1:
            return Violation(reason=Reason.OUT_OF_BOUNDS, path="$.services")
        return instant_violation(start=self.start, end=self.end, announced_at=self.announced_at) or span_violation(
            self.start, self.end, "$.end"
        )
