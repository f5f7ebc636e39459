"""B5: why a month is not complete, as JSON, as the page has it, and in words."""

import re
from pathlib import Path
from typing import Final

import msgspec
import pytest

from streams.months.incomplete import IncompleteReason, OpenCode, describe_reasons

PAGE: Final = (Path(__file__).parents[3] / "docs/reference/month-json.md").read_text("utf-8")
SEEN_TO: Final = "2026-10-03T18:59:59.999Z"
UNTIL: Final = "2026-10-03T19:00:00Z"


def because(code: OpenCode, topic: str = "probes", partition: int | None = 0) -> IncompleteReason:
    return IncompleteReason(code=code, topic=topic, partition=partition, seen_to=SEEN_TO, until=UNTIL)


def _column(head: str) -> list[str]:
    """The first column of the page's table with that head, below the heading on reasons."""
    part = PAGE.partition("\n## Why a month is not complete\n")[2]
    table = re.search(rf"^\| {head} \|.*\n\|[-|]+\n((?:\|.*\n)+)", part, re.MULTILINE)
    assert table
    return re.findall(r"^\| `(\w+)` \|", table[1], re.MULTILINE)


def test_every_code_is_on_the_page_and_the_reverse() -> None:
    assert _column("code") == [code.value for code in OpenCode]


def test_every_field_is_on_the_page_and_the_reverse() -> None:
    assert _column("field") == list(IncompleteReason.__struct_fields__)


def test_the_example_of_the_page_is_a_reason() -> None:
    [example] = re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    reason = msgspec.json.decode(example, type=IncompleteReason)
    assert reason == because(OpenCode.RECEIPTS_MAY_COME, "carrier.receipts")
    assert msgspec.json.format(msgspec.json.encode(reason), indent=2).decode() == example.strip()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (OpenCode.NOT_READ_YET, "not read yet"),
        (
            OpenCode.BEFORE_MONTH_END_AND_GRACE,
            f"seen to {SEEN_TO}, before the month's end and the grace ({UNTIL})",
        ),
        (OpenCode.RECEIPTS_MAY_COME, f"seen to {SEEN_TO}, final receipts may come until {UNTIL}"),
        (OpenCode.BACKLOG_UNREAD, f"a backlog is unread since {SEEN_TO}"),
    ],
)
def test_a_reason_in_words(code: OpenCode, words: str) -> None:
    assert describe_reasons([because(code)]) == [f"{words}: probes/0"]


def test_partitions_with_one_reason_share_a_line() -> None:
    unread, backlog = OpenCode.NOT_READ_YET, OpenCode.BACKLOG_UNREAD
    reasons = [because(unread), because(backlog), because(unread, "accounts", None), because(unread, partition=1)]
    assert describe_reasons(reasons) == [
        "not read yet: probes/0, accounts, probes/1",
        f"a backlog is unread since {SEEN_TO}: probes/0",
    ]
