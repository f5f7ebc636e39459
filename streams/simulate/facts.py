"""What was recorded of each service-minute: outcomes, corrections, collisions, vantages (contract I2-I4, C3, C5)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from streams.simulate.accounting import Minute, PlainAccounting, ProbeRecord, TrafficRecord
from streams.simulate.outcomes import HANDOVER_WITHIN_MS, ExpectedOutcome

_FINAL_RANK: Final = 1
_DELIVERED_RANK: Final = 2


@dataclass(slots=True)
class MinuteSide:
    """Requests or messages of a service-minute, each by what it counts as once nothing is waited for."""

    ok: int = 0
    failed: int = 0
    """Our failures, messages that no carrier ever took among them."""
    never_handed_over: int = 0
    unknown: int = 0
    claimed: int = 0
    out_of_scope_ok: int = 0
    out_of_scope_platform: int = 0
    out_of_scope_unknown: int = 0
    heard: int = 0
    corrected: int = 0
    corrected_settled: int = 0
    corrected_claimed: int = 0
    corrected_valid: int = 0
    collisions: int = 0

    @property
    def valid(self) -> int:
        """V (C6)."""
        return self.ok + self.failed


@dataclass(slots=True)
class SimulatedMinutes:
    """All that was recorded of one service-minute."""

    requests: MinuteSide = field(default_factory=MinuteSide)
    messages: MinuteSide = field(default_factory=MinuteSide)
    vantages_ok: int = 0
    vantages_failed: int = 0
    probes_corrected: int = 0
    conflicts: int = 0
    unnamed: int = 0
    unsourced: int = 0
    mended: Counter[str] = field(default_factory=Counter)


def gather(accounting: PlainAccounting) -> defaultdict[Minute, SimulatedMinutes]:
    """The facts of every service-minute of which anything was recorded.

    Messages without a final receipt have waited 72 h: unknown if a carrier had them, ours if none ever did (C3).
    """
    facts: defaultdict[Minute, SimulatedMinutes] = defaultdict(SimulatedMinutes)
    for (service, minute, _, _), records in accounting.requests.items():
        fact = facts[service, minute]
        _add_records(fact, records)
        _add_request(fact.requests, records)
        fact.conflicts += _contradict((one.revision, one.time_ms, one.account_id, one.claim) for one in records)
    for (service, minute, _, _), records in accounting.messages.items():
        fact = facts[service, minute]
        _add_records(fact, records)
        _add_message(fact.messages, records, service)
    for at, vantages in accounting.probes.items():
        _add_probes(facts[at], vantages)
    for (_, _, service, minute), manifests in accounting.manifests.items():
        facts[service, minute].mended.update(name for one in manifests for name in one.mended)
    return facts


def effective_request(records: Sequence[TrafficRecord]) -> TrafficRecord:
    """The request that counts (I2)."""
    return max(records, key=lambda one: (one.revision, one.in_scope, -one.outcome.rank, one.content))


def effective_receipt(records: Sequence[TrafficRecord], service: str) -> TrafficRecord:
    """The receipt that counts (I2); of e-mail a bounce after a delivery is final."""
    among = [one for one in records if one.in_scope] or records
    greatest = max(among, key=_receipt_order)
    if service == "email" and greatest.outcome is ExpectedOutcome.OK:
        bounces = [one for one in among if _rank(one) == _FINAL_RANK and one.time_ms > greatest.time_ms]
        return max(bounces, key=_receipt_order, default=greatest)
    return greatest


def _receipt_order(one: TrafficRecord) -> tuple[int, bool, int, int]:
    rank = _rank(one)
    time_ms = -one.time_ms if rank == _DELIVERED_RANK else one.time_ms
    return rank, rank == _FINAL_RANK and one.coded, time_ms, one.content


def _rank(one: TrafficRecord) -> int:
    if one.outcome in (ExpectedOutcome.ACCEPTED, ExpectedOutcome.ENROUTE):
        return 0
    return _DELIVERED_RANK if one.outcome is ExpectedOutcome.OK else _FINAL_RANK


def _add_request(side: MinuteSide, records: Sequence[TrafficRecord]) -> None:
    counts = effective_request(records)
    lower = [one for one in records if one.revision < counts.revision]
    _add_outcome(side, counts, counts.outcome)
    _add_correction(side, records, counts, counts.outcome, corrected=lower, newly=lower)
    if counts.in_scope:
        side.collisions += _most_requests_under_one_id(records) - 1


def _add_message(side: MinuteSide, records: Sequence[TrafficRecord], service: str) -> None:
    counts = effective_receipt(records, service)
    outcome = _message_outcome(counts, records)
    _add_outcome(side, counts, outcome)
    final = [one for one in records if one is not counts and _rank(one)]
    others = [one for one in records if one is not counts]
    _add_correction(side, records, counts, outcome, corrected=final, newly=others)


def _message_outcome(counts: TrafficRecord, records: Sequence[TrafficRecord]) -> ExpectedOutcome:
    """C3: held, or still pending and never handed over, or as its receipt says."""
    if _is_held(records):
        return ExpectedOutcome.PLATFORM
    if _rank(counts) == 0:
        enroute = any(one.outcome is ExpectedOutcome.ENROUTE for one in records)
        return ExpectedOutcome.ENROUTE if enroute else ExpectedOutcome.ACCEPTED
    return counts.outcome


def _is_held(records: Sequence[TrafficRecord]) -> bool:
    carried = [one for one in records if one.carried]
    earliest_ms = min((one.time_ms for one in carried), default=None)
    return any(
        one.time_ms - one.submitted_ms > HANDOVER_WITHIN_MS + one.resolution_ms
        for one in carried
        if one.time_ms == earliest_ms
    )


def _add_outcome(side: MinuteSide, counts: TrafficRecord, outcome: ExpectedOutcome) -> None:
    lapsed = outcome is ExpectedOutcome.ACCEPTED
    ours = lapsed or outcome is ExpectedOutcome.PLATFORM
    unknown = outcome in (ExpectedOutcome.UNKNOWN, ExpectedOutcome.ENROUTE)
    claimed = outcome is ExpectedOutcome.CLAIMED
    if counts.in_scope:
        side.ok += outcome is ExpectedOutcome.OK
        side.failed += ours
        side.never_handed_over += lapsed
        side.unknown += unknown
        side.claimed += claimed
    else:
        side.out_of_scope_ok += outcome is ExpectedOutcome.OK
        side.out_of_scope_platform += ours
        side.out_of_scope_unknown += unknown or claimed


def _add_correction(
    side: MinuteSide,
    records: Sequence[TrafficRecord],
    counts: TrafficRecord,
    outcome: ExpectedOutcome,
    *,
    corrected: Sequence[TrafficRecord],
    newly: Sequence[TrafficRecord],
) -> None:
    """I4: whether what counts is better for us than another record was, and what B4 makes of it."""
    valid_in_scope = any(one.in_scope and one.outcome.is_valid for one in records)
    side.heard += valid_in_scope or (counts.in_scope and _is_valid(outcome))
    place = _place(outcome, in_scope=counts.in_scope)
    better = any(_place(one.outcome, in_scope=one.in_scope or counts.in_scope) < place for one in corrected)
    now_in_scope = counts.in_scope and outcome is ExpectedOutcome.OK and any(not one.in_scope for one in newly)
    if not (better or now_in_scope):
        return
    side.corrected += 1
    side.corrected_claimed += counts.in_scope and outcome is ExpectedOutcome.CLAIMED
    side.corrected_valid += counts.in_scope and outcome is ExpectedOutcome.OK
    doubtful = counts.in_scope and outcome in (ExpectedOutcome.UNKNOWN, ExpectedOutcome.CLAIMED)
    side.corrected_settled += better and not doubtful


def _place(outcome: ExpectedOutcome, *, in_scope: bool) -> int:
    """Where an outcome lies in the order of I4; out of scope is the best for us."""
    return outcome.rank if in_scope else len(ExpectedOutcome)


def _is_valid(outcome: ExpectedOutcome) -> bool:
    return outcome.is_valid or outcome is ExpectedOutcome.ACCEPTED


def _most_requests_under_one_id(records: Sequence[TrafficRecord]) -> int:
    """Distinct times and accounts of the revision that has most of them (I3)."""
    by_revision: defaultdict[int, set[tuple[int, str]]] = defaultdict(set)
    for one in records:
        by_revision[one.revision].add((one.time_ms, one.account_id))
    return max(map(len, by_revision.values()))


def _contradict(claims: Iterable[tuple[object, ...]]) -> bool:
    """Whether two claims agree in everything but the last (I3)."""
    distinct = set(claims)
    return len(distinct) > len({claim[:-1] for claim in distinct})


def _add_records(fact: SimulatedMinutes, records: Sequence[TrafficRecord]) -> None:
    for one in records:
        fact.unnamed += one.unnamed
        fact.unsourced += not one.source
        fact.mended.update(one.mended)


def _add_probes(fact: SimulatedMinutes, vantages: dict[tuple[str, str], list[ProbeRecord]]) -> None:
    failed: defaultdict[str, list[bool]] = defaultdict(list)
    for (vantage, _), records in vantages.items():
        counts = max(records, key=lambda one: (one.revision, one.failed, one.content))
        failed[vantage].append(counts.failed)
        fact.probes_corrected += not counts.failed and any(one.failed for one in records if one is not counts)
        fact.conflicts += _contradict((one.revision, one.time_ms, (one.failed, one.status)) for one in records)
        fact.unnamed += sum(one.unnamed for one in records)
        fact.mended.update(name for one in records for name in one.mended)
    fact.vantages_failed += sum(all(of_vantage) for of_vantage in failed.values())
    fact.vantages_ok += sum(not all(of_vantage) for of_vantage in failed.values())
