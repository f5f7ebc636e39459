"""Minutes in which records are known to have been lost: declared (B1), or with offsets that nobody read (B3)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from streams.audit.instants import MINUTE_MS
from streams.audit.known import AuditWindow, LostSpan
from streams.audit.policy import AuditPolicy
from streams.audit.records import GAP, MANIFESTS, PROBES, RECEIPTS, REQUESTS, SERVICES
from streams.audit.windows import current_of, touched_minutes


@dataclass(slots=True)
class Gaps:
    """The minutes of gaps, within a span."""

    declared: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    """By service."""
    lost: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    """By topic, of every service; those of probes only where no valid record tells more."""
    manifests_lost: bool = False
    """Whether manifests were lost in the span, so that nothing is proven."""

    def has(self, service: str, minute: int, *, valid: int) -> bool:
        """Whether a minute with so many valid records lies in a gap."""
        return any(True for _ in self.names(service, minute, valid=valid))

    def names(self, service: str, minute: int, *, valid: int) -> Iterator[str]:
        """What makes such a minute lie in a gap."""
        if minute in self.declared[service]:
            yield GAP
        for topic in sorted(self.lost):
            if minute in self.lost[topic] and (topic != PROBES or valid == 0):
                yield f"lost_offsets:{topic}"

    def touches(self, service: str, minute: int) -> bool:
        """Whether a minute may lie in a gap, whatever is valid in it."""
        return minute in self.declared[service] or any(minute in minutes for minutes in self.lost.values())


def find_gaps(
    declarations: Iterable[Sequence[AuditWindow]],
    lost: Iterable[LostSpan],
    policy: AuditPolicy,
    minutes: range,
    span: range,
) -> Gaps:
    """The gaps among these minutes; manifests that were lost count in the span that is judged only."""
    gaps = Gaps()
    for records in declarations:
        current = current_of(records)
        if current.kind == GAP and not current.retracted:
            for service in SERVICES:
                if service in current.services:
                    gaps.declared[service].update(touched_minutes(current, minutes.start, minutes.stop))
    for one in lost:
        if one.topic in (REQUESTS, RECEIPTS, PROBES):
            gaps.lost[one.topic].update(_lost_minutes(one, policy, minutes))
        elif one.topic == MANIFESTS and _lost_minutes(one, policy, span):
            gaps.manifests_lost = True
    return gaps


def _lost_minutes(lost: LostSpan, policy: AuditPolicy, minutes: range) -> range:
    """From the last frontier, or shortly before the last record read if that is earlier, to the next record."""
    since = [] if lost.frontier_ms is None else [lost.frontier_ms]
    if lost.last_read_ms is not None:
        since.append(lost.last_read_ms - policy.lost_lead_ms)
    first = min(since) // MINUTE_MS if since else minutes.start
    return range(max(first, minutes.start), min(lost.until_ms // MINUTE_MS + 1, minutes.stop))
