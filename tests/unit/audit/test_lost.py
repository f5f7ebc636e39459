"""What had gone before anybody read it: told to the auditor, since no record can tell (B3)."""

from collections.abc import Iterator

import pytest

from streams.audit.gaps import find_gaps
from streams.audit.instants import read_instant
from streams.audit.known import LostSpan
from streams.audit.policy import choose_span, read_policies
from streams.audit.reading import Raw, Source, known_before, read_lost
from streams.audit.records import SERVICES
from streams.core.errors import UsageError

_TOLD = "probes@2026-09-03T10:06:30.120Z/2026-09-03T10:07:00Z"
_SPAN = choose_span("2026-09", None, read_policies())


def _gaps(source: Source) -> set[tuple[str, int]]:
    minutes = range(_SPAN.first, _SPAN.end)
    gaps = find_gaps((), source.lost, _SPAN.policy, minutes, minutes)
    return {
        (service, minute)
        for service in SERVICES
        for minute in minutes
        if gaps.touches(service, minute) and gaps.has(service, minute, valid=0)
    }


def _source(told: str) -> Source:
    def nothing() -> Iterator[Raw]:
        return iter(())

    return Source(records=nothing, lost=[read_lost(told)])


def _minute(told: str) -> int:
    instant_ms = read_instant(told)
    assert instant_ms is not None
    return instant_ms // 60_000


def test_b3_every_service_is_blind_around_the_hole() -> None:
    minutes = range(_minute("2026-09-03T10:01:00Z"), _minute("2026-09-03T10:08:00Z"))
    assert _gaps(_source(_TOLD)) == {(service, minute) for service in SERVICES for minute in minutes}


def test_b3_lost_probes_blind_only_where_nothing_valid_tells_more() -> None:
    minute = _minute("2026-09-03T10:05:00Z")
    for topic, blind in (("probes", False), ("api.requests", True)):
        lost = [read_lost(_TOLD.replace("probes", topic))]
        gaps = find_gaps((), lost, _SPAN.policy, range(minute, minute + 1), range(minute, minute + 1))
        assert gaps.has("sms", minute, valid=1) is blind


def test_b3_the_last_frontier_counts_where_it_is_earlier() -> None:
    lost = read_lost(_TOLD)
    earlier = lost._replace(frontier_ms=(read_instant("2026-09-03T09:59:59.999Z") or 0))
    later = lost._replace(frontier_ms=lost.until_ms)
    minutes = range(_minute("2026-09-03T09:00:00Z"), _minute("2026-09-03T11:00:00Z"))
    firsts = [min(find_gaps((), [one], _SPAN.policy, minutes, minutes).lost["probes"]) for one in (earlier, later)]
    assert firsts == [_minute("2026-09-03T09:59:00Z"), _minute("2026-09-03T10:01:00Z")]


def test_b3_lost_declarations_blind_nothing() -> None:
    assert _gaps(_source(_TOLD.replace("probes", "sla.declarations"))) == set()


def test_a_hole_is_recorded_with_the_first_record_after_it() -> None:
    end_ms = read_lost(_TOLD).until_ms
    assert _gaps(known_before(_source(_TOLD), end_ms)) != set()
    assert _gaps(known_before(_source(_TOLD), end_ms - 1)) == set()


@pytest.mark.parametrize(
    "told",
    [
        "probes",
        "probes@2026-09-03T10:06:30.120Z",
        "elsewhere@2026-09-03T10:06:30Z/2026-09-03T10:07:00Z",
        "probes@yesterday/2026-09-03T10:07:00Z",
        "probes@2026-09-03T10:08:00Z/2026-09-03T10:07:00Z",
    ],
)
def test_what_tells_no_hole_is_wrong_use(told: str) -> None:
    with pytest.raises(UsageError, match="--lost"):
        read_lost(told)


def test_a_hole_is_read_to_the_millisecond() -> None:
    since_ms, until_ms = (read_instant(told) for told in ("2026-09-03T10:06:30.120Z", "2026-09-03T10:07:00Z"))
    assert read_lost(_TOLD) == LostSpan("probes", since_ms or 0, until_ms or 0)
