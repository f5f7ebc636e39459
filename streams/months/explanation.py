"""A service-minute with everything that decided it, as `explain --json` and an evidence file have it.

Numbers are whole; hashes are text (16 hexadecimal digits), since most readers of JSON keep 53 bits of a number.
"""

from enum import StrEnum, unique

import msgspec

from streams.months.minutes import MinuteMessages, MinuteRequests, MinuteVantages
from streams.rules.month.silence_reasons import ImageSort, SilenceMeasure


@unique
class DoubtCode(StrEnum):
    """Why a minute may have been better or worse than its headline (B4), as docs/reference/month-json.md lists them."""

    UNKNOWN = "unknown"
    CLAIMED = "claimed"
    VOUCHED_FOR = "vouched_for"
    PENDING = "pending"
    MISSING = "missing"
    CORRECTED = "corrected"
    NEVER_HANDED_OVER = "never_handed_over"
    GAP = "gap"
    HOLE = "hole"
    SILENT = "silent"
    IN_DOUBT = "in_doubt"
    VANTAGES = "vantages"
    UNPROVEN_WINDOW = "unproven_window"
    LIFTED = "lifted"
    OVER = "over"


class MinuteDoubt(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not known of the minute; `records` of requests or messages (`of`), 0 where it is of neither."""

    code: DoubtCode
    of: str | None = None
    records: int = 0


class MissingSource(msgspec.Struct, frozen=True, kw_only=True):
    """What a source misses of the minute's requests or messages (B3): by manifest, dead letters or the hole's estimate.

    `greatest` is the greatest count of any revision of the manifest, which stands at worst (I4).
    """

    of: str
    source: str
    counted: int | None
    greatest: int | None
    seen: int
    dead_letters: int
    estimate: int | None
    missing: int
    missing_at_worst: int


class ExplainedImage(msgspec.Struct, frozen=True, kw_only=True):
    """The same minute so many weeks earlier: active minutes of those before it and from it on (B2).

    `records` are those of the whole silence, so many weeks earlier.
    """

    weeks: int
    minute: str
    sort: ImageSort
    active_before: int
    active_after: int
    records: int


class ExplainedSilence(msgspec.Struct, frozen=True, kw_only=True):
    """A run without a valid record in which some were to be expected: whether it makes the minute silent (B2)."""

    measure: SilenceMeasure
    start: str
    end: str
    images: list[ExplainedImage]


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
    """V1 for requests or messages: F and V of the minute, and their sums over the window that ends with it."""

    failed: int
    valid: int
    failed_lately: int
    valid_lately: int
    bad: bool


class Arithmetic(msgspec.Struct, frozen=True, kw_only=True):
    """What was compared (V1, V2); the policy's ratio is numerator / denominator."""

    numerator: int
    denominator: int
    failures_at_least: int
    window_minutes: int
    requests: MeasureSide
    messages: MeasureSide
    vantages_decide: bool


class TopicRecords(msgspec.Struct, frozen=True, kw_only=True):
    """The distinct records of a topic in the minute: their number, and the sum modulo 2^64 of their content hashes.

    `listed` has every one as [content, partition, offset]; it is empty if there are more than were asked for.
    """

    topic: str
    records: int
    digest: str
    listed: list[tuple[str, int, int]]


class UnknownCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code that no table knows, and how many records of the minute carry it (C4)."""

    table: str
    code: str
    records: int


class LikeIds(msgspec.Struct, frozen=True, kw_only=True):
    """A message of the minute and one elsewhere whose ids are alike, one still open and the other ended without it.

    `difference`: `another_minute` of the same id, else `another_spelling`: case, or hexadecimal against decimal.
    """

    id: str
    state: str
    other_id: str
    other_minute: str
    other_state: str
    difference: str


class Oddities(msgspec.Struct, frozen=True, kw_only=True):
    """What of the minute's records is worth a look; none of it changes a number."""

    unknown_codes: list[UnknownCode]
    impossible_times: int
    """Receipts that tell of an instant before the message was submitted (P2)."""
    ahead_of_clock: int
    """Records more than five minutes ahead of their broker timestamp."""
    like_ids: list[LikeIds]


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
    vantages: MinuteVantages
    arithmetic: Arithmetic
    doubts: list[MinuteDoubt]
    missing: list[MissingSource]
    gaps: list[str]
    silences: list[ExplainedSilence]
    reasons: list[OutcomeReason]
    windows: list[ExplainedWindow]
    records: list[TopicRecords]
    oddities: Oddities
