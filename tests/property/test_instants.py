"""T1 against an oracle that shares no code with it: the standard library's own calendar."""

import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.instants import END_MS, FIRST_MS, InstantError, format_instant, parse_instant
from streams.ingest.encode.plain_instants import parse_instants
from streams.ingest.encode.survivors import survivors

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND = dt.timedelta(milliseconds=1)

moments = st.datetimes(min_value=dt.datetime(1999, 12, 30), max_value=dt.datetime(2100, 1, 2))  # noqa: DTZ001  local
offsets = st.integers(min_value=-1439, max_value=1439)
fractions = st.one_of(st.just(""), st.text("0123456789", min_size=1, max_size=9))


@given(moments, fractions, offsets)
def test_t1_every_instant_is_the_one_of_the_calendar(moment: dt.datetime, fraction: str, offset_minutes: int) -> None:
    moment = moment.replace(microsecond=int(fraction[:6].ljust(6, "0")) if fraction else 0)
    zoned = moment.replace(tzinfo=dt.timezone(dt.timedelta(minutes=offset_minutes)))
    sign, (hours, minutes) = "-" if offset_minutes < 0 else "+", divmod(abs(offset_minutes), 60)
    text = f"{moment:%Y-%m-%dT%H:%M:%S}{'.' if fraction else ''}{fraction}{sign}{hours:02d}:{minutes:02d}"
    expected_ms = (zoned - _EPOCH) // _MILLISECOND
    if FIRST_MS <= expected_ms < END_MS:
        assert parse_instant(text) == expected_ms
        assert parse_instant(text) == expected_ms
    else:
        with pytest.raises(InstantError):
            parse_instant(text)


@given(st.integers(min_value=FIRST_MS, max_value=END_MS - 1))
def test_t1_a_formatted_instant_reads_back(instant_ms: int) -> None:
    assert parse_instant(format_instant(instant_ms)) == instant_ms


@given(st.text(max_size=40))
@example("2026-09-01T00:00:00Z\n")
@example("２０２６-09-01T00:00:00Z")  # noqa: RUF001  digits of another script
def test_t1_no_text_does_anything_but_parse_or_be_refused(text: str) -> None:
    try:
        instant_ms = parse_instant(text)
    except InstantError:
        return
    assert FIRST_MS <= instant_ms < END_MS


@given(
    st.sampled_from(["2026-09-01T12:34:56.789Z", "2026-09-01T12:34:56+05:00", "2026-09-01T12:34:56.123456789-03:30"]),
    st.integers(min_value=0, max_value=34),
    st.characters(),
)
def test_t1_one_changed_character_never_gives_an_impossible_instant(text: str, position: int, character: str) -> None:
    changed = text[:position] + character + text[position + 1 :]
    try:
        instant_ms = parse_instant(changed)
    except InstantError:
        return
    assert changed.isascii()
    assert (dt.datetime.fromisoformat(changed) - _EPOCH) // _MILLISECOND == instant_ms


@st.composite
def nearly_plain(draw: st.DrawFn) -> str:
    """The form that most records use, at the edges of the calendar and of T1, now and then with something else."""
    moment = draw(st.one_of(moments, st.sampled_from(_EDGES)))
    text = f"{moment:%Y-%m-%dT%H:%M:%S}.{draw(st.integers(min_value=0, max_value=999)):03d}Z"
    if draw(st.integers(min_value=0, max_value=9)):
        return text
    position = draw(st.integers(min_value=0, max_value=len(text) - 1))
    return text[:position] + draw(st.characters()) + text[position + draw(st.integers(min_value=0, max_value=2)) :]


_EDGES = [
    dt.datetime(1999, 12, 31, 23, 59, 59),  # noqa: DTZ001  local
    dt.datetime(2000, 2, 29),  # noqa: DTZ001  local
    dt.datetime(2099, 12, 31, 23, 59, 59),  # noqa: DTZ001  local
    dt.datetime(2100, 1, 1),  # noqa: DTZ001  local
]


@given(st.lists(nearly_plain(), max_size=20))
@example(["2026-09-01T12:34:56.789", "Z2026-09-01T12:34:56.789Z"])
@example(["2026-02-29T12:34:56.789Z", "2026-02-28T12:34:56.789Z"])
@example(["2026-09-01T24:00:00.000Z"])
@example(["2026-09-01T23:59:60.000Z"])
@example(["2026-13-01T00:00:00.000Z"])
@example(["2026-00-01T00:00:00.000Z"])
@example(["2026-09-00T00:00:00.000Z"])
@example(["2026-09-01T00:00:00.000\ud800"])
def test_t1_instants_of_a_chunk_are_those_of_its_texts(texts: list[str]) -> None:
    assert parse_instants(texts) == survivors(parse_instant, texts, (InstantError,))
