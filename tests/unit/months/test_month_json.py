"""The page on a month as JSON names every field, reason and doubt, and no other."""

import re
from pathlib import Path
from typing import Final

import msgspec
import pytest

from streams.months.explanation import DoubtCode
from streams.months.month import MonthSummary, PlatformSummary, ServiceSummary
from streams.months.render_explanation import DOUBT_WORDS
from streams.rules.month.windows import ListingCode

PAGE: Final = (Path(__file__).parents[3] / "docs/reference/month-json.md").read_text("utf-8")


def named(heading: str, column: str) -> list[str]:
    """The names in the first column of the first table below a heading, in their order."""
    below = PAGE.partition(heading)[2]
    table = re.search(rf"^\| {column} \|.*\n\|[-|]+\n((?:\|.*\n)+)", below, re.MULTILINE)
    assert table
    cells = re.findall(r"^\| (.*?) \|", table[1], re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]


@pytest.mark.parametrize(
    ("heading", "struct"),
    [("# A month as JSON", MonthSummary), ("to `credit_percent` of the platform:", ServiceSummary)],
)
def test_every_field_is_on_the_page_and_the_reverse(heading: str, struct: type[msgspec.Struct]) -> None:
    assert sorted(named(heading, "field")) == sorted(struct.__struct_fields__)


def test_v5_the_platforms_fields_are_the_first_of_a_service() -> None:
    fields = named("to `credit_percent` of the platform:", "field")
    assert set(fields[: fields.index("credit_percent") + 1]) == set(PlatformSummary.__struct_fields__)


def test_x4_every_reason_of_a_listing_is_on_the_page() -> None:
    assert named("## Why a declaration is listed", "reason") == [code.value for code in ListingCode]


def test_b4_every_doubt_is_on_the_page_and_has_words() -> None:
    assert named("## Why a minute's bounds part", "code") == [code.value for code in DoubtCode]
    assert set(DOUBT_WORDS) == set(DoubtCode)
