"""Counts of a service-minute, as published at every change (topic `sla.minutes`; key `service|minute`)."""

from typing import Annotated

from msgspec import Meta, Struct

from schemas.fields import Count, Service
from schemas.instants import Instant


class IdentityCounts(Struct, frozen=True, kw_only=True, gc=False):
    """Requests, or messages and calls, by outcome (C1); those out of scope (C5) are in none of the first eight."""

    ok: Count = 0
    platform: Count = 0
    operator: Count = 0
    customer: Count = 0
    content: Count = 0
    recipient: Count = 0
    unknown: Count = 0
    claimed: Annotated[Count, Meta(description="failures of an operator that only the platform tells (C7)")] = 0
    out_of_scope: Count = 0
    out_of_scope_ok: Count = 0
    out_of_scope_platform: Count = 0
    out_of_scope_unknown: Count = 0
    out_of_scope_claimed: Count = 0
    heard: Annotated[Count, Meta(description="those with any valid record in scope, whatever counts (I4, B2)")] = 0
    corrected: Annotated[Count, Meta(description="those corrected in our favour, or newly in scope (I4)")] = 0
    corrected_settled: Annotated[
        Count, Meta(description="of these, neither unknown nor claimed nor only newly in scope (B4: c)")
    ] = 0
    corrected_claimed: Annotated[Count, Meta(description="of the corrected, those that count as claimed")] = 0
    corrected_valid: Annotated[Count, Meta(description="of the corrected, those that count as ok (B4: k)")] = 0


class RequestCounts(IdentityCounts, frozen=True, kw_only=True, gc=False):
    """Requests, and the collisions among them."""

    collisions: Annotated[Count, Meta(description="other requests under one id, which count as missing (I3)")] = 0


class MessageCounts(IdentityCounts, frozen=True, kw_only=True, gc=False):
    """Messages and calls; the two pending outcomes (C3) stay as they were, the rules turn them after the wait."""

    accepted: Count = 0
    enroute: Count = 0
    out_of_scope_accepted: Count = 0
    out_of_scope_enroute: Count = 0


class ProbeCounts(Struct, frozen=True, kw_only=True, gc=False):
    """Probes by result."""

    ok: Count = 0
    failed: Count = 0
    corrected: Annotated[Count, Meta(description="those that had failed in a lower revision (I4)")] = 0


class VantageCounts(Struct, frozen=True, kw_only=True, gc=False):
    """Vantages that probed: one whose probes all failed has failed (V2)."""

    ok: Count = 0
    failed: Count = 0


class MinuteCounts(Struct, frozen=True, kw_only=True, gc=False):
    """What is known of one service-minute; of two with one key the greater `version` stands."""

    service: Service
    minute: Instant
    version: Annotated[Count, Meta(description="2^40 more than the distinct records known before it was counted")]
    records: Annotated[Count, Meta(description="number of distinct records it was made from")]
    requests: RequestCounts
    messages: MessageCounts
    probes: ProbeCounts
    vantages: VantageCounts
    conflicts: Annotated[Count, Meta(description="requests and probes whose records contradict each other (I3)")]
    unsourced: Annotated[Count, Meta(description="requests and messages with a record that names no source (B3)")]
    unnamed: Annotated[Count, Meta(description="distinct records whose id names nothing (I1)")]
    mended: Annotated[dict[str, Count], Meta(description="distinct records by a field that could not be read (B3)")]
    request_sources: Annotated[dict[str, Count], Meta(description="requests by source that carries them (B3)")]
    message_sources: Annotated[dict[str, Count], Meta(description="messages by source that carries them (B3)")]
