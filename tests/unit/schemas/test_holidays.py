"""K3: holidays as expected, moved and added."""

from datetime import date

import pytest

from schemas.holidays import HolidaysError, parse_changes, public_holidays
from schemas.reference import holiday_changes

_HEAD = "day,change,name,announced,source\n"
_EID = date(2026, 5, 26)


def changed(*lines: str) -> frozenset[date]:
    return public_holidays("PK", {2026}, parse_changes(_HEAD + "\n".join(lines), "PK.csv"))


def test_k3_without_announcements_the_library_says_what_is_expected() -> None:
    assert date(2026, 8, 14) in changed()
    assert _EID in changed()
    assert date(2026, 9, 2) not in changed()


def test_k3_a_holiday_moves_with_the_moon() -> None:
    moved = changed(
        "2026-05-26,removed,Eid al-Adha,2026-05-17,Ruet-e-Hilal Committee",
        "2026-05-29,added,Eid al-Adha,2026-05-17,Ruet-e-Hilal Committee",
    )
    assert moved - changed() == {date(2026, 5, 29)}
    assert changed() - moved == {_EID}


def test_k3_of_two_announcements_the_later_counts_in_any_order() -> None:
    lines = ["2026-09-02,added,x,2026-08-30,a", "2026-09-02,removed,x,2026-09-01,b"]
    assert changed(*lines) == changed(*reversed(lines)) == changed()


def test_k3_other_years_are_left_out() -> None:
    assert changed("2027-01-04,added,x,2026-12-30,a") == changed()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("day,change\n", "PK.csv: the first line must be"),
        (_HEAD + "2026-13-01,added,x,2026-01-01,a\n", "PK.csv:2: month must be"),
        (_HEAD + "2026-12-01,moved,x,2026-01-01,a\n", "PK.csv:2: change must be one of added, removed"),
        (_HEAD + "2026-12-01,added,,2026-01-01,a\n", "PK.csv:2: five fields, none of them empty"),
        (_HEAD + "2026-12-01,added,x,2026-01-01\n", "PK.csv:2: five fields, none of them empty"),
        (_HEAD + "2026-12-01,added,x,2026-01-01,a,b\n", "PK.csv:2: five fields, none of them empty"),
        (
            _HEAD + "2026-12-01,added,x,2026-01-01,a\n2026-12-01,removed,x,2026-01-01,a\n",
            "PK.csv:3: 2026-12-01 was changed twice on 2026-01-01",
        ),
    ],
)
def test_an_unusable_list_is_refused_by_file_and_line(text: str, told: str) -> None:
    with pytest.raises(HolidaysError, match=told):
        parse_changes(text, "PK.csv")


def test_a_country_that_nobody_knows_is_refused() -> None:
    with pytest.raises(HolidaysError, match="'XX'"):
        public_holidays("XX", {2026}, ())


def test_the_list_that_is_shipped_can_be_used() -> None:
    assert public_holidays("PK", {2026}, holiday_changes("PK"))
