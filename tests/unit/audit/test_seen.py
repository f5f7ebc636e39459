"""B5: the auditor's own reasons why a month is not complete, and what of the pipeline's answer it builds them on."""

from typing import Any, Final

import pytest

from schemas.reference import input_topics
from streams.audit.comparing import first_field, same
from streams.audit.instants import MINUTE_MS
from streams.audit.policy import choose_span, read_policies
from streams.audit.records import RECEIPTS, REQUESTS
from streams.audit.seen import Seen, incomplete_because, names_partitions, seen_at, seen_by
from streams.rules.month.completeness import OpenCode

SPAN: Final = choose_span("2026-09", None, read_policies())
END_MS: Final = SPAN.end * MINUTE_MS
SETTLED_MS: Final = END_MS + SPAN.policy.grace_ms
RECEIVED_MS: Final = END_MS + SPAN.policy.pending_for_ms
LONG_AFTER_MS: Final = RECEIVED_MS + 1
TOPICS: Final = sorted(topic.name for topic in input_topics())

SETTLED: Final = "2026-09-30T19:01:00Z"
RECEIVED: Final = "2026-10-03T19:00:00Z"


def reason(
    code: str, topic: str, partition: int | None = 0, *, seen_to: str | None = None, until: str | None = None
) -> dict[str, Any]:
    return {"code": code, "topic": topic, "partition": partition, "seen_to": seen_to, "until": until}


def pending(topic: str, partition: int | None, seen_to: str) -> dict[str, Any]:
    return reason("before_month_end_and_grace", topic, partition, seen_to=seen_to, until=SETTLED)


def audited(answer: list[Any], *, clock_ms: int = LONG_AFTER_MS, known: tuple[tuple[str, int], ...] = ()) -> list[Any]:
    """The auditor's reasons beside the pipeline's."""
    return list(incomplete_because(SPAN, seen_by({"incomplete_because": answer}, clock_ms, known)))


HONEST: Final = [
    reason("not_read_yet", "accounts", 1),
    pending(REQUESTS, 0, "2026-09-30T19:00:59.999Z"),
    reason("backlog_unread", REQUESTS, 0, seen_to="2026-09-30T19:00:59.999Z"),
    reason("receipts_may_come", RECEIPTS, 2, seen_to="2026-10-03T18:59:59.999Z", until=RECEIVED),
    reason("backlog_unread", "probes", 0, seen_to=RECEIVED),
]


def test_reasons_that_follow_from_what_was_seen_agree() -> None:
    assert audited(HONEST) == HONEST


@pytest.mark.parametrize(
    "answer",
    [
        HONEST[::-1],
        [*HONEST, HONEST[-1]],
        [pending(REQUESTS, 0, SETTLED)],
        [reason("receipts_may_come", REQUESTS, 0, seen_to=SETTLED, until=RECEIVED)],
        [reason("receipts_may_come", RECEIPTS, 0, seen_to=SETTLED, until=SETTLED)],
        [reason("receipts_may_come", RECEIPTS, 0, seen_to="2026-09-30T19:00:00Z", until=RECEIVED)],
        [reason("backlog_unread", REQUESTS, 0, seen_to="2026-09-30T19:00:00Z")],
        [reason("no_such_code", REQUESTS, 0, seen_to=RECEIVED)],
        [pending(REQUESTS, 0, "2026-09-30T19:00:00.000Z")],
        ["api.requests/0: a backlog is unread since 2026-10-04T22:58:59.999Z"],
        [{"code": "not_read_yet"}],
    ],
    ids=[
        "another order",
        "one twice",
        "the grace is over",
        "receipts in another topic",
        "another wait",
        "minutes are pending",
        "backlog alone",
        "unknown code",
        "instant in another form",
        "a sentence",
        "no partition",
    ],
)
def test_reasons_that_do_not_follow_differ(answer: list[Any]) -> None:
    month, own = {"incomplete_because": answer}, {"incomplete_because": audited(answer)}
    assert not same(own, month)
    found = first_field(own, month)
    assert found
    assert found.path.startswith("incomplete_because")


def test_partitions_of_the_broker_that_are_not_named_are_missed() -> None:
    named = [pending(topic, 0, "2026-09-30T19:00:00Z") for topic in TOPICS]
    clock_ms = SETTLED_MS - 1
    assert audited(named, clock_ms=clock_ms) == named
    missed = pending(REQUESTS, 1, "2026-09-30T19:00:59.999Z")
    assert missed in audited(named, clock_ms=clock_ms, known=((REQUESTS, 0), (REQUESTS, 1)))
    assert audited(named, clock_ms=clock_ms, known=((REQUESTS, 0),)) == named


def test_topics_that_are_not_named_at_all_are_missed() -> None:
    missed = audited([], clock_ms=SETTLED_MS - 1)
    assert missed == [pending(topic, None, "2026-09-30T19:00:59.999Z") for topic in TOPICS]
    assert audited([]) == []


def test_at_a_cut_every_input_topic_is_seen_to_it() -> None:
    reasons = list(incomplete_because(SPAN, seen_at(SETTLED_MS - 1)))
    assert reasons == [pending(topic, None, "2026-09-30T19:00:59.999Z") for topic in TOPICS]
    waiting = reason("receipts_may_come", RECEIPTS, None, seen_to=SETTLED, until=RECEIVED)
    assert list(incomplete_because(SPAN, seen_at(SETTLED_MS))) == [waiting]
    assert list(incomplete_because(SPAN, seen_at(RECEIVED_MS))) == []
    assert not names_partitions({"incomplete_because": reasons})
    assert names_partitions({"incomplete_because": HONEST})


def test_no_record_is_seen_beyond_any_partition() -> None:
    seen = seen_by({"incomplete_because": HONEST[1:]}, LONG_AFTER_MS, ())
    assert (seen.all_ms, seen.receipts_ms) == (SETTLED_MS - 1, RECEIVED_MS - 1)
    assert seen_by({"incomplete_because": HONEST}, LONG_AFTER_MS, ()).all_ms == 0
    assert Seen(clock_ms=END_MS).all_ms == Seen(clock_ms=END_MS).receipts_ms == END_MS


def test_the_auditor_gives_every_code_of_the_pipeline() -> None:
    assert {one["code"] for one in audited(HONEST)} == set(OpenCode)
