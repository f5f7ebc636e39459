"""A month for people: what is not 0 is told, and no figure is ever cut (V4, V5, B3-B5, C5, I1-I4, M2, X4)."""

from collections.abc import Iterable
from io import StringIO

import pytest

from streams.core.console import TextConsole
from streams.months.incomplete import IncompleteReason
from streams.months.month import (
    BackdatedAccount,
    ListedDeclaration,
    ListedHole,
    MonthSummary,
    OutOfScope,
    PlanMismatch,
)
from streams.months.page import print_month
from streams.months.remarks import LISTING_WORDS
from streams.rules.month.completeness import OpenCode
from streams.rules.month.windows import ListingCode
from tests.unit.months import told


def printed(month: MonthSummary, notes: Iterable[str] = (), *, width: int = 80) -> str:
    """The text of a month on a terminal so wide."""
    file = StringIO()
    print_month(TextConsole(file=file, width=width), month, told.choice().policy, notes)
    return file.getvalue()


def row(text: str, name: str) -> list[str]:
    """The cells of a line of the table."""
    [line] = [line for line in text.splitlines() if line.split()[:1] == [name]]
    return line.split()


def test_v5_the_platform_stands_below_the_four_services() -> None:
    text = printed(told.month(platform=told.platform(down_minutes=44, uptime="99.8981", credit_percent=10)))
    names = [line.split()[0] for line in text.splitlines()[2:7]]
    assert names == ["sms", "voice", "whatsapp", "email", "platform"]
    assert row(text, "platform") == ["platform", "99.8981", "44", "10", "%"]


def test_the_widest_figures_fit_into_80_columns() -> None:
    widest = {
        **dict.fromkeys(("uptime", "uptime_low", "uptime_low_lost", "credit_uptime"), "100.0000"),
        **dict.fromkeys(("down_minutes", "blind_minutes", "idle_minutes"), 44_640),
        "uptime_high": "100.0001",
        "excluded_minutes": {"ddos": 44_640},
        "credit_percent": 100,
    }
    text = printed(told.month(services={"whatsapp": told.service(**widest), "sms": told.unobserved()}))
    table = text.splitlines()[1:7]
    assert max(map(len, table)) <= 80
    cells = ["whatsapp", "100.0000", "100.0000", "100.0001", *["44,640"] * 4, "100", "%"]
    assert row(text, "whatsapp") == cells


def test_b4_bounds_stand_beside_the_headline_only_where_they_differ() -> None:
    certain = printed(told.month())
    assert row(certain, "sms") == ["sms", "100.0000", "0", "%"]
    assert "down between" not in certain
    doubt = {"uptime_low": "99.0000", "uptime_low_lost": "99.5000", "down_minutes_high": 432}
    text = printed(told.month(services={"sms": told.service(**doubt, down_minutes_high_lost=216)}))
    assert "sms: down between 0 and 432 minutes; no more than 216 (99.5000 %) if only what was lost" in text


def test_m2_an_unobserved_service_has_no_percentage() -> None:
    text = printed(told.month(services={"voice": told.unobserved()}))
    assert row(text, "voice") == ["voice", "unobserved", "43,200"]
    assert "completeness" not in text


def test_m2_the_tier_is_that_of_the_credit_uptime() -> None:
    text = printed(told.month(services={"sms": told.service(blind_minutes=44, credit_uptime="99.8981")}))
    assert "sms: blind minutes count against us: the tier is that of 99.8981 % (M2)" in text


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"missing_records": 40, "unknown_records": 310}, "sms: 40 records missing (B3), 310 of unknown outcome"),
        ({"corrected_in_our_favour": 3}, "sms: 3 corrected in our favour; at worst they count as before (I4)"),
        ({"conflicts": 12}, "sms: 12 identities were reported in contradicting ways (I3)"),
        ({"collisions": 2}, "sms: 2 other requests under one id, which count as missing (I3)"),
        ({"unnamed_records": 7}, "sms: 7 records whose id names nothing (I1)"),
        (
            {"mended_records": {"duration_ms": 1200, "region": 1}},
            "sms: optional fields that could not be read, left out or cut: duration_ms 1,200, region 1 (B3)",
        ),
        ({"late_manifests": 5}, "sms: 5 manifests reached the broker more than a day after their minute (B3)"),
        (
            {"out_of_scope": OutOfScope(ok=9, failed=4), "out_of_scope_down_minutes": 2},
            "sms: out of scope: 9 ok, 4 failed; with them 2 more minutes would be bad (C5)",
        ),
        (
            {"excluded_minutes": {"scheduled_maintenance": 85, "ddos": 11}},
            "sms: excluded minutes by kind: scheduled maintenance 85, ddos 11",
        ),
        ({"source_completeness": "unproven"}, "sms: completeness at the source is unproven"),
    ],
)
def test_what_is_not_0_is_told_and_only_that(numbers: dict[str, object], words: str) -> None:
    assert words in printed(told.month(services={"sms": told.service(**numbers)}), width=200)
    assert words.partition(": ")[2] not in printed(told.month(), width=200)


def test_b3_holes_and_what_accounts_say_are_told() -> None:
    month = told.month(
        manifest_holes=[ListedHole(topic="api.requests", source="lb", service="voice", minutes=7)],
        plan_mismatch=[PlanMismatch(service="sms", label="trial", plan="paid", records=1200)],
        account_backdated=[
            BackdatedAccount(
                account_id="acme",
                revision=2,
                effective_from="2026-09-01T00:00:00Z",
            )
        ],
    )
    text = printed(month, width=200)
    assert "voice: source lb sent no manifest of api.requests for 7 minutes (B3)" in text
    assert "sms: plan_mismatch: 1,200 records are labelled trial, the account's own record says paid (C5)" in text
    assert "account acme, revision 2: took effect 2026-09-01T00:00:00Z, and reached the broker" in text


def test_x4_every_reason_has_words_and_refused_has_no_minutes() -> None:
    assert set(LISTING_WORDS) == {code.value for code in ListingCode}
    listed = [
        ListedDeclaration(declaration_id="mw", revision=1, kind="scheduled_maintenance", reason="overrun", minutes=30),
        ListedDeclaration(declaration_id="bad", revision=0, kind="", reason="refused", minutes=0),
    ]
    text = printed(told.month(listed_declarations=listed), width=200)
    assert "declaration mw (scheduled maintenance), revision 1: 30 minutes void: beyond the window" in text
    assert "declaration bad: refused as unreadable" in text


def test_b5_a_running_month_says_what_is_pending_and_why() -> None:
    reason = IncompleteReason(code=OpenCode.NOT_READ_YET, topic="probes", partition=3, seen_to=None, until=None)
    platform = told.platform(pending_minutes=1200)
    text = printed(told.month(complete=False, incomplete_because=[reason], platform=platform), width=200)
    assert "provisional · 1,200 minutes pending" in text
    assert "not read yet: probes/3" in text


def test_notes_stand_below_the_numbers() -> None:
    assert "  accounts: 'acme' was refused" in printed(told.month(), ["accounts: 'acme' was refused"])
