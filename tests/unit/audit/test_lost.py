"""What had gone before anybody read it: told to the auditor, since no record can tell (B3)."""

from collections.abc import Iterator

import pytest

from streams.audit.blindness import gap_minutes
from streams.audit.codes import read_codes
from streams.audit.collecting import collect
from streams.audit.instants import read_instant
from streams.audit.policy import choose_span, read_policies
from streams.audit.reading import LostSpan, Raw, Source, known_before, read_lost
from streams.core.errors import UsageError

_TOLD = "probes@2026-09-03T10:06:30.120Z/2026-09-03T10:07:00Z"
_SPAN = choose_span("2026-09", None, read_policies())


def _gaps(source: Source) -> set[tuple[str, int]]:
    records_of_month = collect(source, _SPAN, read_codes(), as_of_ms=0, progress=lambda *_: None)
    return gap_minutes(records_of_month, (), _SPAN)


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
    assert _gaps(_source(_TOLD)) == {
        (service, minute) for service in ("sms", "voice", "whatsapp", "email") for minute in minutes
    }


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
