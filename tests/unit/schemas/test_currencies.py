"""M3: minor units are those of ISO 4217, by a table with dates and sources."""

from datetime import date

import pytest

from schemas.currencies import CurrencyError, parse_minor_units
from schemas.reference import minor_units

_HEAD = "currency,minor_unit,valid_from,name,source\n"
_ON = date(2026, 9, 1)


@pytest.mark.parametrize(
    ("currency", "places"),
    [
        ("PKR", 2),  # CLDR shows rupees without paisa
        ("USD", 2),
        ("JPY", 0),
        ("CLP", 0),
        ("ISK", 0),
        ("KRW", 0),
        ("KWD", 3),
        ("IQD", 3),  # CLDR says 0
        ("TND", 3),
        ("HUF", 2),
        ("CLF", 4),
        ("BGN", 2),  # withdrawn in 2026: what was paid in it is still rounded
    ],
)
def test_m3_a_currency_has_the_places_of_iso_4217(currency: str, places: int) -> None:
    assert minor_units().of(currency, _ON) == places


@pytest.mark.parametrize("currency", ["", "Rs", "pkr", "XAU", "XXX", "ZZZ", "PKRX"])
def test_m3_what_iso_4217_does_not_know_has_none(currency: str) -> None:
    assert minor_units().of(currency, _ON) is None


def test_m3_of_several_dates_the_latest_that_has_begun_counts() -> None:
    units = parse_minor_units(_HEAD + "ABC,2,,A,list\nABC,0,2026-10-01,A,amendment\nNEW,3,2026-10-01,N,list\n", "x.csv")
    assert [units.of("ABC", day) for day in (date(2026, 9, 30), date(2026, 10, 1))] == [2, 0]
    assert [units.of("NEW", day) for day in (date(2026, 9, 30), date(2026, 10, 1))] == [None, 3]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("currency,minor_unit\n", "x.csv: the first line"),
        (_HEAD + "ABCD,2,,A,s\n", "x.csv:2: 'ABCD'"),
        (_HEAD + "ABC,5,,A,s\n", "x.csv:2: 'ABC', '5'"),
        (_HEAD + "ABC,,,A,s\n", "x.csv:2: 'ABC', ''"),
        (_HEAD + "ABC,2,,A,\n", "x.csv:2: every row"),
        (_HEAD + "ABC,2,,A\n", "x.csv:2: every row"),
        (_HEAD + "ABC,2,,A,s,t\n", "x.csv:2: every row"),
        (_HEAD + "ABC,2,2026-02-30,A,s\n", "x.csv:2: '2026-02-30' is no day"),
        (_HEAD + "ABC,2,,A,s\nABC,3,,A,s\n", "x.csv:3: ABC stands twice"),
        (_HEAD + 'ABC,2,,"A,s\n', "x.csv:"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_by_line(text: str, fault: str) -> None:
    with pytest.raises(CurrencyError) as refused:
        parse_minor_units(text, "x.csv")
    assert str(refused.value).startswith(fault)
