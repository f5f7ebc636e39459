"""A service-minute with everything that decided it, as `explain --json` and an evidence file have it.

Numbers are whole; hashes are text (16 hexadecimal digits), since most readers of JSON keep 53 bits of a number.
"""

import msgspec

from streams.months.minutes import MinuteMessages, MinuteProbes, MinuteRequests


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One record as evidence: where it was read first, its broker timestamp, and the xxh3-64 of its value.

    `id` is the xxh3-128 of the id (32 hexadecimal digits) where the outcome is ok.
    """

    id: str
    topic: str
    partition: int
    offset: int
    timestamp: str
    content: str


class OutcomeReason(msgspec.Struct, frozen=True, kw_only=True):
    """How many identities ended so, and why: `reason` is the `table:code` that decided (C4)."""

    of: str
    outcome: str
    reason: str
    clause: str | None
    identities: int
    samples: list[Sample]


class ExplainedWindow(msgspec.Struct, frozen=True, kw_only=True, rename={"recorded_at": "known_at"}):
    """A declaration that touches the minute; `effect` is `covers`, or why it does not excuse the minute (X1-X4)."""

    declaration_id: str
    revision: int
    kind: str
    rule: str
    effect: str
    start: str
    end: str
    announced_at: str
    recorded_at: str
    evidence: str
    partition: int
    offset: int
    content: str


class MeasureSide(msgspec.Struct, frozen=True, kw_only=True):
    """V1 for requests or messages, without a division: bad if `failed` is enough, and `left` is more than `right`.

    `left` is failed x the ratio's denominator, `right` is valid x its numerator.
    """

    failed: int
    valid: int
    left: int
    right: int
    bad: bool


class Arithmetic(msgspec.Struct, frozen=True, kw_only=True):
    """The comparisons behind the verdict (V1, V2); the policy's ratio is numerator / denominator."""

    numerator: int
    denominator: int
    failures_at_least: int
    requests: MeasureSide
    messages: MeasureSide
    probes_decide: bool


class TopicRecords(msgspec.Struct, frozen=True, kw_only=True):
    """The distinct records of a topic in the minute: their number, and the sum modulo 2^64 of their content hashes.

    `listed` has every one as [content, partition, offset]; it is empty if there are more than were asked for.
    """

    topic: str
    records: int
    digest: str
    listed: list[tuple[str, int, int]]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why a service-minute is what it is."""

    service: str
    minute: str
    month: str
    policy: str
    state: str
    kind: str | None
    rule: str
    clauses: list[str]
    because: str
    down_at_best: bool
    down_at_worst: bool
    requests: MinuteRequests
    messages: MinuteMessages
    probes: MinuteProbes
    arithmetic: Arithmetic
    reasons: list[OutcomeReason]
    windows: list[ExplainedWindow]
    gaps: list[str]
    records: list[TopicRecords]
