"""Whether all that is in the topics is read, stored and counted, and how far behind the newest record that is."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from schemas.instants import format_instant
from streams.kafka.groups import Member
from streams.operations.doctor.findings import Finding, Level, fault, named, ok, warning

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
_START: Final = "start one: zecto-sla worker"
_SEE_LOG: Final = "see the log of the workers; if none moves, start one again"


def judge_workers(members: Sequence[Member], listed: Collection[Place]) -> Finding:
    """Whether every partition of the input topics has a reader (`listed`: those that the broker has)."""
    if not members:
        return fault("workers", "nobody reads: the consumer group has no member", _START)
    unread = sorted(set(listed) - {place for member in members for place in member.partitions})
    line = f"{len(members)} {'reads' if len(members) == 1 else 'read'} {len(listed) - len(unread)} partitions"
    details = [{"host": member.host, "partitions": len(member.partitions)} for member in members]
    if unread:
        names = named([f"{topic}/{number}" for topic, number in unread])
        to_do = "wait half a minute for the group to settle; if it stays so, start the workers again"
        return warning("workers", f"{line}; nobody reads {names}", to_do, details)
    return ok("workers", line, details)


def judge_lag(ends: Mapping[Place, int], starts: Mapping[Place, int], partitions: Sequence[Row]) -> Finding:
    """How many offsets are not counted yet, by partition: its end less where evaluation stands."""
    evaluated = {(row["topic"], row["partition"]): row["evaluated_next"] for row in partitions}
    lags = {place: end - max(evaluated.get(place, 0), starts.get(place, 0)) for place, end in ends.items()}
    behind = {place: lag for place, lag in sorted(lags.items()) if lag > 0}
    details = [{"topic": topic, "partition": number, "offsets": lag} for (topic, number), lag in behind.items()]
    if not behind:
        return ok("lag", "every record in the topics is counted")
    worst = sorted(behind, key=lambda place: -behind[place])
    names = named([f"{topic}/{number} by {behind[topic, number]:,}" for topic, number in worst])
    return ok("lag", f"{sum(behind.values()):,} offsets are not counted yet: {names}", details)


def judge_taken(starts: Mapping[Place, int], partitions: Sequence[Row]) -> Finding:
    """Whether retention took offsets that nobody has read or written down as lost yet (B3): [evaluated, start)."""
    evaluated = {(row["topic"], row["partition"]): row["evaluated_next"] for row in partitions}
    taken = {place: (evaluated.get(place, 0), start) for place, start in sorted(starts.items())}
    details = [
        {"topic": topic, "partition": number, "first": first, "next": start}
        for (topic, number), (first, start) in taken.items()
        if first < start
    ]
    if not details:
        return ok("taken unread", "nothing that is gone from the topics is unaccounted for")
    places = [f"{gap['topic']}/{gap['partition']} [{gap['first']:,}, {gap['next']:,})" for gap in details]
    said = f"gone before they were read, and not yet written down as lost: {named(places)}"
    return warning("taken unread", said, "a worker writes it down when it reads on; look again in a minute", details)


def judge_frontiers(partitions: Sequence[Row], now_ms: int) -> Finding:
    """How old the frontier of each topic is (B5): minutes after the oldest one are pending."""
    oldest: dict[str, int] = {}
    for row in partitions:
        oldest[row["topic"]] = min(row["frontier_ms"], oldest.get(row["topic"], row["frontier_ms"]))
    if not oldest:
        return fault("frontiers", "no topic has a frontier", "run zecto-sla migrate, then zecto-sla worker")
    ages = {topic: max(0, now_ms - frontier_ms) for topic, frontier_ms in oldest.items()}
    details = [{"topic": topic, "frontier": _as_line(oldest[topic]), "age_ms": ages[topic]} for topic in sorted(ages)]
    worst = max(ages, key=lambda topic: ages[topic])
    said = f"{worst} is seen to {_as_line(oldest[worst])}"
    if ages[worst] > STUCK_MS:
        return fault("frontiers", said, "minutes stay pending: see the workers", details)
    if ages[worst] > LATE_MS:
        return warning("frontiers", said, "wait; look at the lag again in a minute", details)
    return ok("frontiers", f"every topic is seen to {_as_line(min(oldest.values()))} or later", details)


def judge_pending(coverage: Sequence[Row], now_ms: int) -> Finding:
    """Blocks that are stored and not evaluated, and how old the oldest is."""
    behind = [row for row in coverage if row["owed"]]
    if not behind:
        return ok("blocks owed", "every block stored is counted in its minutes")
    age_ms = max(0, now_ms - min(row["oldest_owed_ms"] for row in behind))
    said = f"{sum(row['owed'] for row in behind):,} blocks stored are not counted yet, the oldest for {_age(age_ms)}"
    details = [{name: row[name] for name in ("topic", "topic_id", "partition", "owed")} for row in behind]
    if age_ms > STUCK_MS:
        return fault("blocks owed", said, _SEE_LOG, details)
    return warning("blocks owed", said, "wait", details) if age_ms > LATE_MS else ok("blocks owed", said, details)


def judge_coverage(
    coverage: Sequence[Row], topic_ids: Mapping[str, str], partitions: Sequence[Row], now_ms: int
) -> Finding:
    """Whether the union of the blocks leaves no offset out (`topic_ids`: of the topics as the broker lists them)."""
    frontiers = {(row["topic_id"], row["partition"]): row["frontier_ms"] for row in partitions}
    details: list[dict[str, Any]] = []
    level = Level.OK
    for row in coverage:
        if not row["gaps"] or topic_ids.get(row["topic"], row["topic_id"]) != row["topic_id"]:
            continue
        age_ms = now_ms - frontiers.get((row["topic_id"], row["partition"]), 0)
        level = Level.FAULT if age_ms > STUCK_MS or level is Level.FAULT else Level.WARNING
        details += [
            {"topic": row["topic"], "partition": row["partition"], "first": first, "next": following}
            for first, following in row["gaps"]
        ]
    places = [f"{gap['topic']}/{gap['partition']} [{gap['first']:,}, {gap['next']:,})" for gap in details]
    match level:
        case Level.OK:
            return ok("coverage", "the blocks leave no offset out")
        case Level.WARNING:
            return warning("coverage", f"in flight, or a gap: {named(places)}", "look again in a minute", details)
        case Level.FAULT:
            to_do = "start the workers again: they read on where the gapless part ends"
            return fault("coverage", f"nobody stored {named(places)}", to_do, details)


def _as_line(instant_ms: int) -> str:
    return format_instant(instant_ms) if instant_ms > 0 else "never"


def _age(age_ms: int) -> str:
    seconds = age_ms // 1000
    return f"{seconds} s" if seconds < 2 * 60 else f"{seconds // 60:,} min"
