"""Whether all that is in the topics is read, stored and counted, and how far behind the newest record that is."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from schemas.instants import format_instant
from streams.kafka.groups import Member
from streams.kafka.stuck_notes import StuckNote
from streams.operations.doctor.codes import FindingCode
from streams.operations.doctor.findings import Finding, found

Row = Mapping[str, Any]
Place = tuple[str, int]

PARTITIONS: Final = """
SELECT topic, partition, topic_id, evaluated_next, toUnixTimestamp64Milli(frontier) AS frontier_ms
FROM partition_frontiers ORDER BY topic, partition
"""
COVERAGE: Final = """
SELECT topic, topic_id, partition, stored_next, evaluated_next, owed, gaps, lost,
    toUnixTimestamp64Milli(oldest_owed_at) AS oldest_owed_ms
FROM coverage ORDER BY topic, partition
"""
LATE_MS: Final = 60_000
"""From here on behind is a warning: the grace of B5."""
STUCK_MS: Final = 600_000
"""From here on it is a fault."""


def judge_workers(members: Sequence[Member], listed: Collection[Place]) -> Finding:
    """Whether every partition of the input topics has a reader (`listed`: those that the broker has)."""
    if not members:
        return found(FindingCode.NO_WORKERS)
    unread = sorted(set(listed) - {place for member in members for place in member.partitions})
    details = [{"host": member.host, "partitions": len(member.partitions)} for member in members]
    read = {"members": len(members), "partitions": len(listed) - len(unread)}
    if unread:
        names = [{"topic": topic, "partition": number} for topic, number in unread]
        return found(FindingCode.PARTITIONS_UNREAD, details, **read, unread=names)
    return found(FindingCode.PARTITIONS_READ, details, **read)


def judge_stuck(notes: Sequence[StuckNote]) -> Finding:
    """What workers say that they cannot get past, each with the first record concerned and the error's code."""
    if not notes:
        return found(FindingCode.NOTHING_STUCK)
    details = [
        {
            "record": str(note.record) if note.record else "no record of its own",
            "since": format_instant(note.since_ms),
            "error": note.code,
            "message": note.message,
        }
        for note in notes
    ]
    return found(FindingCode.WORKER_STUCK, details)


def judge_lag(ends: Mapping[Place, int], starts: Mapping[Place, int], partitions: Sequence[Row]) -> Finding:
    """How many offsets are not counted yet: a partition's end less what is evaluated; the furthest behind first."""
    evaluated = {(row["topic"], row["partition"]): row["evaluated_next"] for row in partitions}
    lags = {place: end - max(evaluated.get(place, 0), starts.get(place, 0)) for place, end in ends.items()}
    behind = sorted((-lag, place) for place, lag in lags.items() if lag > 0)
    if not behind:
        return found(FindingCode.LAG_NONE)
    details = [{"topic": topic, "partition": number, "offsets": -lag} for lag, (topic, number) in behind]
    return found(FindingCode.LAG, details, offsets=sum(row["offsets"] for row in details))


def judge_taken(starts: Mapping[Place, int], partitions: Sequence[Row]) -> Finding:
    """Whether retention took offsets that nobody has read or recorded as lost yet (B3): [evaluated, start)."""
    evaluated = {(row["topic"], row["partition"]): row["evaluated_next"] for row in partitions}
    taken = {place: (evaluated.get(place, 0), start) for place, start in sorted(starts.items())}
    details = [
        {"topic": topic, "partition": number, "first": first, "next": start}
        for (topic, number), (first, start) in taken.items()
        if first < start
    ]
    return found(FindingCode.OFFSETS_TAKEN, details) if details else found(FindingCode.NOTHING_TAKEN)


def judge_frontiers(partitions: Sequence[Row], now_ms: int) -> Finding:
    """How old the frontier of each topic is (B5): minutes after the oldest one are pending."""
    oldest: dict[str, int] = {}
    for row in partitions:
        oldest[row["topic"]] = min(row["frontier_ms"], oldest.get(row["topic"], row["frontier_ms"]))
    if not oldest:
        return found(FindingCode.NO_FRONTIERS)
    ages = {topic: max(0, now_ms - frontier_ms) for topic, frontier_ms in oldest.items()}
    details = [{"topic": topic, "frontier": _as_text(oldest[topic]), "age_ms": ages[topic]} for topic in sorted(ages)]
    worst = max(ages, key=lambda topic: ages[topic])
    code = _by_age(ages[worst], FindingCode.FRONTIERS_CURRENT, FindingCode.FRONTIER_LATE, FindingCode.FRONTIER_STUCK)
    return found(code, details, topic=worst, frontier=_as_text(oldest[worst]))


def judge_pending(coverage: Sequence[Row], now_ms: int) -> Finding:
    """Blocks that are stored and not evaluated, and how old the oldest is."""
    behind = [row for row in coverage if row["owed"]]
    if not behind:
        return found(FindingCode.BLOCKS_EVALUATED)
    age_ms = max(0, now_ms - min(row["oldest_owed_ms"] for row in behind))
    details = [
        {**{name: row[name] for name in ("topic", "topic_id", "partition")}, "blocks": row["owed"]} for row in behind
    ]
    code = _by_age(age_ms, FindingCode.BLOCKS_PENDING, FindingCode.BLOCKS_LATE, FindingCode.BLOCKS_STUCK)
    return found(code, details, blocks=sum(row["owed"] for row in behind), oldest_age_ms=age_ms)


def judge_coverage(
    coverage: Sequence[Row], topic_ids: Mapping[str, str], partitions: Sequence[Row], now_ms: int
) -> Finding:
    """Whether the union of the blocks leaves no offset out (`topic_ids`: of the topics as the broker lists them)."""
    frontiers = {(row["topic_id"], row["partition"]): row["frontier_ms"] for row in partitions}
    details: list[dict[str, Any]] = []
    is_stuck = False
    for row in coverage:
        if not row["gaps"] or topic_ids.get(row["topic"], row["topic_id"]) != row["topic_id"]:
            continue
        is_stuck |= now_ms - frontiers.get((row["topic_id"], row["partition"]), 0) > STUCK_MS
        details += [
            {"topic": row["topic"], "partition": row["partition"], "first": first, "next": following}
            for first, following in row["gaps"]
        ]
    if not details:
        return found(FindingCode.COVERAGE_WHOLE)
    return found(FindingCode.GAPS if is_stuck else FindingCode.GAPS_IN_FLIGHT, details)


def _by_age(age_ms: int, current: FindingCode, late: FindingCode, stuck: FindingCode) -> FindingCode:
    if age_ms > STUCK_MS:
        return stuck
    return late if age_ms > LATE_MS else current


def _as_text(instant_ms: int) -> str | None:
    """None: never."""
    return format_instant(instant_ms) if instant_ms > 0 else None
