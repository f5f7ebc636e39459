"""Counts of a service-minute, as published at every change (topic `sla.minutes`; key `service|minute`)."""

from typing import Annotated

from msgspec import Meta, Struct

from schemas.fields import Count, Service
from schemas.instants import Instant


class RequestCounts(Struct, frozen=True, kw_only=True, gc=False):
    """Requests by outcome (C1); those out of scope (C5) are in no other count."""

    ok: Count = 0
    platform: Count = 0
    operator: Count = 0
    customer: Count = 0
    content: Count = 0
    recipient: Count = 0
    unknown: Count = 0
    out_of_scope: Count = 0


class MessageCounts(RequestCounts, frozen=True, kw_only=True, gc=False):
    """Messages and calls by outcome; the two pending ones (C3) stay as they were, views turn them after the wait."""

    accepted: Count = 0
    enroute: Count = 0


class ProbeCounts(Struct, frozen=True, kw_only=True, gc=False):
    """Probes by result."""

    ok: Count = 0
    failed: Count = 0


class MinuteCounts(Struct, frozen=True, kw_only=True, gc=False):
    """What is known of one service-minute; of two with one key the greater `version` stands."""

    service: Service
    minute: Instant
    version: Annotated[Count, Meta(description="number of distinct records it was made from; grows with content")]
    requests: RequestCounts
    messages: MessageCounts
    probes: ProbeCounts
    conflicts: Annotated[Count, Meta(description="identities with contradicting records (I3)")]
    unsourced: Annotated[Count, Meta(description="distinct requests and receipts that carry no source")]
    request_sources: Annotated[dict[str, Count], Meta(description="identities by source that carries them (B3)")]
    message_sources: Annotated[dict[str, Count], Meta(description="identities by source that carries them (B3)")]
