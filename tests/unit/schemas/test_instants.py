import datetime as dt

import pytest

from schemas import instants
from schemas.instants import END_MS, FIRST_MS, MINUTE_MS, InstantError, format_instant, parse_instant


def oracle_ms(*parts: int, offset_minutes: int = 0) -> int:
    zone = dt.timezone(dt.timedelta(minutes=offset_minutes))
    return int(dt.datetime(*parts, tzinfo=zone).timestamp()) * 1000  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("text", "expected_ms"),
    [
        ("2026-09-01T00:00:00Z", oracle_ms(2026, 9, 1)),
        ("2026-09-01T00:00:00.5Z", oracle_ms(2026, 9, 1) + 500),
        ("2026-09-01T00:00:00.05Z", oracle_ms(2026, 9, 1) + 50),
        ("2026-09-01T00:00:00.123Z", oracle_ms(2026, 9, 1) + 123),
        ("2026-09-01T00:00:00.1234567Z", oracle_ms(2026, 9, 1) + 123),
        ("2026-09-01T05:00:00+05:00", oracle_ms(2026, 9, 1)),
        ("2026-08-31T20:30:00-03:30", oracle_ms(2026, 9, 1)),
        ("2026-09-01T23:59:00+23:59", oracle_ms(2026, 9, 1)),
        ("2026-09-01T00:00:00-00:00", oracle_ms(2026, 9, 1)),
        ("2024-02-29T23:59:59Z", oracle_ms(2024, 2, 29, 23, 59, 59)),
        ("2000-02-29T12:00:00Z", oracle_ms(2000, 2, 29, 12)),
    ],
)
def test_t1_an_instant_is_read_in_utc(text: str, expected_ms: int) -> None:
    assert parse_instant(text) == expected_ms
    assert parse_instant(text) == expected_ms, "the same again, now from the cache"


@pytest.mark.parametrize("digits", range(1, 10))
def test_t1_one_to_nine_digits_are_cut_never_rounded(digits: int) -> None:
    nines = "9" * digits
    kept = int(nines[:3].ljust(3, "0"))
    assert parse_instant(f"2026-09-01T12:34:59.{nines}Z") == oracle_ms(2026, 9, 1, 12, 34, 59) + kept


def test_t1_the_last_nanosecond_stays_in_its_minute() -> None:
    last_ms = parse_instant("2026-09-01T12:34:59.999999999Z")
    assert last_ms // MINUTE_MS * MINUTE_MS == oracle_ms(2026, 9, 1, 12, 34)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-09-01T00:00:00", "offset"),
        ("2026-09-01T00:00:00.123", "offset"),
        ("2026-09-01T00:00:00z", "offset"),
        ("2026-09-01t00:00:00Z", "YYYY-MM-DDThh:mm:ss"),
        ("2026-09-01 00:00:00Z", "YYYY-MM-DDThh:mm:ss"),
        ("2026-09-01T00:00:60Z", "00 to 59"),
        ("2026-09-01T24:00:00Z", "time of day"),
        ("2026-09-01T00:60:00Z", "time of day"),
        ("2026-02-29T00:00:00Z", "calendar"),
        ("2100-02-29T00:00:00Z", "calendar"),
        ("2026-13-01T00:00:00Z", "calendar"),
        ("2026-00-01T00:00:00Z", "calendar"),
        ("2026-09-31T00:00:00Z", "calendar"),
        ("0000-01-01T00:00:00Z", "calendar"),
        ("2026-09-01T00:00:00.Z", "one to nine"),
        ("2026-09-01T00:00:00.1234567890Z", "one to nine"),
        ("2026-09-01T00:00:00,5Z", "two digits"),
        ("2026-09-01T00:00:00+24:00", "23:59"),
        ("2026-09-01T00:00:00+05:60", "23:59"),
        ("2026-09-01T00:00:00+0500", "two digits"),
        ("2026-09-01T00:00:00+05", "two digits"),
        ("2026-09-01T00:00:00Z ", "offset"),
        (" 2026-09-01T00:00:00Z", "YYYY-MM-DDThh:mm:ss"),
        ("2026-09-01T00:00:00.12345_7Z", "digits"),
        ("2026-09-01T00:00:00.1234\u0665Z", "digits"),
        ("2026-09-01T00:00:0\u00b2Z", "digits"),
        ("+026-09-01T00:00:00Z", "digits"),
        ("2026-9-01T00:00:00Z", "YYYY-MM-DDThh:mm:ss"),
        ("2026-09-01T00:00Z", "two digits"),
        ("1788220800", "YYYY-MM-DDThh:mm:ss"),
        ("", "YYYY-MM-DDThh:mm:ss"),
        ("1600-09-01T00:00:00Z", "2000-01-01"),
    ],
)
def test_t1_what_is_no_instant_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(InstantError, match=reason):
        parse_instant(text)
    with pytest.raises(InstantError, match=reason):
        parse_instant(text)


def test_t1_bounds_are_half_open_and_hold_in_utc() -> None:
    assert parse_instant("2000-01-01T00:00:00Z") == FIRST_MS == oracle_ms(2000, 1, 1)
    assert parse_instant("1999-12-31T23:00:00-01:00") == FIRST_MS
    assert parse_instant("2099-12-31T23:59:59.999999999Z") == END_MS - 1
    for outside in ("1999-12-31T23:59:59.999Z", "2000-01-01T00:59:59.999+01:00", "2100-01-01T00:00:00Z"):
        with pytest.raises(InstantError, match="2000-01-01"):
            parse_instant(outside)


def test_t1_a_formatted_instant_reads_back_and_hides_no_milliseconds() -> None:
    assert format_instant(oracle_ms(2026, 9, 1)) == "2026-09-01T00:00:00Z"
    assert format_instant(oracle_ms(2026, 9, 1) + 7) == "2026-09-01T00:00:00.007Z"
    assert format_instant(END_MS - 1) == "2099-12-31T23:59:59.999Z"


def test_t1_the_caches_stay_bounded_whatever_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instants, "_CACHED", 10)
    instants._minutes.clear()
    instants._tails.clear()
    for minute in range(60):
        assert (
            parse_instant(f"2026-09-01T00:{minute:02d}:00.{minute:03d}Z") == oracle_ms(2026, 9, 1, 0, minute) + minute
        )
        assert len(instants._minutes) <= 10
        assert len(instants._tails) <= 10


def test_t1_digits_beyond_the_millisecond_do_not_fill_the_cache() -> None:
    instants._tails.clear()
    for finer in range(1000):
        parse_instant(f"2026-09-01T00:00:00.123{finer:03d}Z")
    assert list(instants._tails) == [":00.123Z"]
