"""JSON numbers, exact whatever their size and spelling (T1)."""

from decimal import Decimal

import pytest

from schemas.any_json import read_json
from schemas.numbers import EXACT_MOST, NoDurationError, microseconds, read_number, whole


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("200.0", 200),
        ("2e2", 200),
        ("20000E-2", 200),
        ("-0.0", 0),
        ("9007199254740993.0", 9_007_199_254_740_993),
        ("0.9007199254740993e16", 9_007_199_254_740_993),
        ("200.5", Decimal("200.5")),
        ("1e-400", Decimal("1e-400")),
    ],
)
def test_a_whole_number_is_an_integer_however_it_is_written(written: str, expected: object) -> None:
    found = whole(read_json(written.encode()))
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize("value", ["200", True, None, [], 7])
def test_only_a_decimal_becomes_an_integer(value: object) -> None:
    assert whole(value) is value


@pytest.mark.parametrize(
    "written", ["1e999999999999999999999", "9e99999", "1" + "0" * 5_000, "1.5e400", "7" * 20_000 + ".0"]
)
def test_a_number_beyond_all_bounds_stays_beyond_them(written: str) -> None:
    for sign, factor in (("", 1), ("-", -1)):
        found = whole(read_json(f"{sign}{written}".encode()))
        assert isinstance(found, int)
        assert found * factor >= 10**400


@pytest.mark.parametrize("written", ["0e999999999999999999999", "-0.0e-999999999999999999999"])
def test_nothing_times_anything_is_nothing(written: str) -> None:
    assert whole(read_number(written)) == 0


def test_digits_within_a_text_are_no_number() -> None:
    text = "9" * 5_000
    assert read_json(f'{{"a": "{text}", "b": {text}}}'.encode())["a"] == text


@pytest.mark.parametrize(
    ("written", "expected_us"),
    [
        ("0", 0),
        ("-0", 0),
        ("0.0009", 0),
        ("0.001", 1),
        ("1.9999", 1_999),
        ("0.99999999999999999999999999999999999999999999999999", 999),
        ("1e-999999999999999999999", 0),
        ("29999.9999", 29_999_999),
        ("9007199254740991", 9_007_199_254_740_991_000),
        ("9007199254740990.999999", 9_007_199_254_740_990_999),
    ],
)
def test_t1_a_duration_is_cut_to_the_microsecond(written: str, expected_us: int) -> None:
    assert microseconds(read_json(written.encode())) == expected_us


@pytest.mark.parametrize("written", ["-1", "-1e-9", "9007199254740992", "9007199254740991.000001", "1e400"])
def test_t1_a_duration_out_of_bounds_is_none(written: str) -> None:
    with pytest.raises(NoDurationError):
        microseconds(read_json(written.encode()))


@pytest.mark.parametrize("value", [None, "1", True, [1], {}, 1.0])
def test_t1_what_is_no_number_is_no_duration(value: object) -> None:
    with pytest.raises(NoDurationError):
        microseconds(value)


def test_t1_bounds_are_those_of_the_number_as_written() -> None:
    assert microseconds(1, 1, 60_000) == 1_000
    assert microseconds(Decimal("60000.0"), 1, 60_000) == 60_000_000
    for value in (Decimal("0.9999"), Decimal("60000.0001"), 0, 60_001):
        with pytest.raises(NoDurationError):
            microseconds(value, 1, 60_000)
    assert EXACT_MOST == 2**53 - 1


@pytest.mark.parametrize("exponent", [400, 9_999, 999_999_999, 99_999_999_999_999])
@pytest.mark.parametrize("sign", ["", "-"])
def test_t1_a_number_of_any_exponent_is_out_of_bounds(sign: str, exponent: int) -> None:
    found = whole(read_number(f"{sign}1e{exponent}"))
    assert found == int(f"{sign}1") * 10**400
