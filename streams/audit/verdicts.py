"""The state of every service-minute of a month, and whether it is down at best and at worst (V1-V3, B4)."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from streams.audit.blindness import gap_minutes, missing_records, silent_minutes
from streams.audit.codes import PLATFORM, UNKNOWN
from streams.audit.collecting import AuditRecords, Minute
from streams.audit.counting import PENDING, AuditCounts, count, valid_of
from streams.audit.instants import MINUTE_MS
from streams.audit.policy import AuditPolicy, AuditSpan
from streams.audit.records import KINDS, RECEIPTS, REQUESTS, SERVICES
from streams.audit.seen import Seen
from streams.audit.windows import THIRD_PARTIES, Ruling, disjoint, effective_windows, rule

GOOD: Final = "good"
DOWN: Final = "down"
EXCLUDED: Final = "excluded"
IDLE: Final = "idle"
BLIND: Final = "blind"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditVerdict:
    """What one service-minute is, and the counts behind it; `kind` is empty unless it is excluded."""

    state: str
    kind: str = ""
    down_low: bool = False
    down_high: bool = False
    counts: AuditCounts
    requests_missing: int = 0
    messages_missing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A month's minutes, judged; `counts` reaches beyond its borders."""

    span: AuditSpan
    verdicts: dict[Minute, AuditVerdict]
    rulings: list[Ruling]
    counts: dict[Minute, AuditCounts]


def judge(records_of_month: AuditRecords, span: AuditSpan, seen: Seen) -> Judged:
    """Every minute of the month."""
    policy = span.policy
    counts = count(records_of_month, receipts_seen_ms=seen.receipts_ms, wait_ms=policy.receipt_wait_ms)
    windows = effective_windows(records_of_month)
    rulings = rule(windows, span)
    missing = missing_records(records_of_month, counts)
    gaps = gap_minutes(records_of_month, windows, span)
    silent = silent_minutes(records_of_month, counts, policy, frontier_ms=seen.all_ms)
    excuses = _excuses(rulings)
    known = counts.keys() | excuses.keys() | gaps | silent | {(service, minute) for _, service, minute in missing}
    nothing = AuditCounts()
    idle = AuditVerdict(state=IDLE, counts=nothing)
    verdicts: dict[Minute, AuditVerdict] = {}
    for service in SERVICES:
        for minute in range(span.first, span.end):
            at = (service, minute)
            pending = seen.all_ms < (minute + 1) * MINUTE_MS + policy.grace_ms
            if not pending and at not in known:
                verdicts[at] = idle
                continue
            case = Case(
                counts=counts.get(at, nothing),
                requests_missing=missing[REQUESTS, service, minute],
                messages_missing=missing[RECEIPTS, service, minute],
                excuses=excuses.get(at, ()),
                gap=at in gaps,
                silent=at in silent,
                pending=pending,
            )
            verdicts[at] = case.verdict(policy)
    return Judged(span=span, verdicts=verdicts, rulings=rulings, counts=counts)


def _excuses(rulings: list[Ruling]) -> dict[Minute, set[str]]:
    runs: defaultdict[tuple[str, str], list[range]] = defaultdict(list)
    for ruling in rulings:
        for service in ruling.window.services:
            runs[service, ruling.window.kind].append(ruling.excuses)
    excuses: defaultdict[Minute, set[str]] = defaultdict(set)
    for (service, kind), of_kind in runs.items():
        for run in disjoint(of_kind):
            for minute in run:
                excuses[service, minute].add(kind)
    return excuses


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that decides one minute; `excuses` are the kinds of the valid windows that cover all of it."""

    counts: AuditCounts
    requests_missing: int
    messages_missing: int
    excuses: Collection[str]
    gap: bool
    silent: bool
    pending: bool

    def verdict(self, policy: AuditPolicy) -> AuditVerdict:
        """The minute's verdict: pending before all else, then bad and excused or not, then what is not known (V3)."""
        state, kind = self._state(policy)
        low, high = (False, False) if state in (PENDING, EXCLUDED) else self._bounds(policy)
        return AuditVerdict(
            state=state,
            kind=kind,
            down_low=low,
            # a doubt about us is excused by what would excuse a failure of ours (B4)
            down_high=high and self._excuse(by_probes=False) == "",
            counts=self.counts,
            requests_missing=self.requests_missing,
            messages_missing=self.messages_missing,
        )

    def _state(self, policy: AuditPolicy) -> tuple[str, str]:
        if self.pending:
            return PENDING, ""
        if self._is_bad(policy):
            kind = self._excuse(by_probes=self.counts.valid == 0)
            return (EXCLUDED, kind) if kind else (DOWN, "")
        if self.gap:
            return BLIND, ""
        if self.counts.valid > 0 or self.counts.probes_ok > 0:
            return GOOD, ""
        return (BLIND if self.silent else IDLE), ""

    def _is_bad(self, policy: AuditPolicy) -> bool:
        """V1, V2."""
        if self.counts.valid == 0:
            return self._probes_fail()
        return any(
            _exceeds(side[PLATFORM], valid_of(side), policy) for side in (self.counts.requests, self.counts.messages)
        )

    def _bounds(self, policy: AuditPolicy) -> tuple[bool, bool]:
        """Down at best, down at worst (B4)."""
        unprobed = self.counts.probes_ok + self.counts.probes_failed == 0
        if self.gap or (self.silent and unprobed):
            return False, True
        sides = self._sides()
        if all(valid + doubtful == 0 for _, valid, doubtful in sides):
            return self._probes_fail(), self._probes_fail()
        low = any(_exceeds(failed, valid + doubtful, policy) for failed, valid, doubtful in sides)
        high = any(_exceeds(failed + doubtful, valid + doubtful, policy) for failed, valid, doubtful in sides)
        return low, high or (self.counts.valid == 0 and self._probes_fail())

    def _sides(self) -> list[tuple[int, int, int]]:
        """F, V and u of requests and of messages."""
        requests, messages = self.counts.requests, self.counts.messages
        return [
            (requests[PLATFORM], valid_of(requests), requests[UNKNOWN] + self.requests_missing),
            (messages[PLATFORM], valid_of(messages), messages[UNKNOWN] + messages[PENDING] + self.messages_missing),
        ]

    def _probes_fail(self) -> bool:
        return self.counts.probes_failed > 0 and self.counts.probes_ok == 0

    def _excuse(self, *, by_probes: bool) -> str:
        """The kind that claims the minute, the first by X4; others' outages excuse only what is bad by its probes."""
        for kind in KINDS:
            if kind in self.excuses and (by_probes or kind not in THIRD_PARTIES):
                return kind
        return ""


def _exceeds(failed: int, of: int, policy: AuditPolicy) -> bool:
    """Enough failures, and more than r of the valid ones (V1)."""
    ratio = policy.failure_ratio
    return failed >= policy.failures_at_least and failed * ratio.denominator > ratio.numerator * of
