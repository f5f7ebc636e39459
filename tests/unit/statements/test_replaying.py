"""A month replayed from its statement and amendments, of either edition."""

from typing import Any

import msgspec
import pytest

from schemas.fields import SERVICES
from schemas.instants import MINUTE_MS, format_instant
from streams.core.canonical_json import seal
from streams.rules.calendar import month_bounds
from streams.statements.closed_months import replay, replay_month
from streams.statements.packed_columns import COLUMNS, KINDS, STATES, VERDICT_COLUMNS, pack
from streams.statements.versions import FIRST_EDITION, FORMAT
from tests.unit.months import told

SPAN = month_bounds("2026-09", "Asia/Karachi")
GOOD, DOWN, BLIND, EXCLUDED = (STATES.index(state) for state in ("good", "down", "blind", "excluded"))
FIRST_COLUMNS: tuple[str, ...] = ("state", "kind", "down_low", "down_high", "requests_ok")
"""As the first edition had them, as far as they are read."""


def statement(edition: int = FORMAT, month: dict[str, Any] | None = None, **columns: dict[str, list[int]]) -> bytes:
    """A month with three down minutes of each service; `columns` by service and name begin otherwise."""
    names = COLUMNS if edition == FORMAT else FIRST_COLUMNS
    minutes: dict[str, Any] = {"first": format_instant(SPAN.start_ms), "columns": names}
    minutes["services"] = {service: _packed(names, columns.get(service, {})) for service in SERVICES}
    if edition == FORMAT:
        minutes["platform"] = _packed(VERDICT_COLUMNS, {})
    return seal({"format": edition, "month": month or _numbers(edition), "minutes": minutes})


def _packed(names: tuple[str, ...], columns: dict[str, list[int]]) -> list[Any]:
    begin = {"state": [DOWN] * 3} | columns
    return [pack((begin.get(name, []) + [0] * SPAN.total_minutes)[: SPAN.total_minutes]) for name in names]


def _numbers(edition: int) -> dict[str, Any]:
    month: dict[str, Any] = msgspec.to_builtins(told.month())
    if edition == FIRST_EDITION:
        beyond = ("manifest_holes", "plan_mismatch", "account_backdated", "platform")
        month = {name: value for name, value in month.items() if name not in beyond}
        month["services"] = {service: first_edition_service() for service in SERVICES}
        month["incomplete_because"] = ["probes/0: not read yet"]
    return month


def first_edition_service(**numbers: Any) -> dict[str, Any]:  # noqa: ANN401
    """A service's numbers as the first edition had them."""
    row = msgspec.to_builtins(told.service(credit_percent=0))
    beyond: tuple[str, ...] = (
        "down_minutes_high_lost",
        "uptime_low_lost",
        "unobserved",
        "collisions",
        "corrected_in_our_favour",
    )
    beyond += ("unnamed_records", "mended_records", "out_of_scope", "out_of_scope_down_minutes", "late_manifests")
    return {name: value for name, value in row.items() if name not in beyond} | numbers


def amendment(place: int, percent: int | None, *, of: str = "voice") -> bytes:
    """A minute of a service, and of the platform, is down now, and the tier is another."""
    names = VERDICT_COLUMNS if of == "platform" else COLUMNS
    zeros, minute = [0] * (len(names) - 2), format_instant(SPAN.start_ms + place * MINUTE_MS)
    changed = [of, minute, ["good", "", *zeros], ["down", "", *zeros]]
    return seal({"minutes": {"changed": [changed]}, "services": {of: {"after": {"credit_percent": percent}}}})


def places(runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Runs counted in minutes from the month's first."""
    return [tuple((at_ms - SPAN.start_ms) // MINUTE_MS for at_ms in run) for run in runs]  # type: ignore[misc]


def test_a_statement_alone_is_the_month() -> None:
    month = replay([statement()])
    assert (month.number, month.percents["sms"], month.percents["platform"]) == (0, 0, 0)
    assert places(month.bad_runs_ms("sms")) == places(month.bad_runs_ms("platform")) == [(0, 3)]


def test_k1_bad_runs_are_down_or_blind_and_never_joined() -> None:
    month = replay([statement(sms={"state": [DOWN, BLIND, GOOD, DOWN, EXCLUDED, BLIND]})])
    assert places(month.bad_runs_ms("sms")) == [(0, 2), (3, 4), (5, 6)]


def test_amendments_change_minutes_and_tiers_in_their_order() -> None:
    month = replay([statement(), amendment(7, 10), amendment(9, 25), amendment(9, 50, of="platform")])
    assert month.number == 3
    assert dict(month.percents) == {"sms": 0, "voice": 25, "whatsapp": 0, "email": 0, "platform": 50}
    assert places(month.bad_runs_ms("voice")) == [(0, 3), (7, 8), (9, 10)]
    assert places(month.bad_runs_ms("platform")) == [(0, 3), (9, 10)]
    assert places(month.bad_runs_ms("sms")) == [(0, 3)]


def test_m2_an_unobserved_service_has_no_tier() -> None:
    numbers = msgspec.to_builtins(told.month(services={"voice": told.unobserved()}))
    assert replay([statement(month=numbers)]).percents["voice"] is None
    assert replay([statement(), amendment(7, None)]).percents["voice"] is None


def test_a_months_numbers_are_those_of_its_last_document() -> None:
    listed = {"declaration_id": "d", "revision": 1, "kind": "ddos", "reason": "no_evidence", "minutes": 0}
    later = [
        seal(
            {
                "services": {
                    "voice": {"after": msgspec.to_builtins(told.service(down_minutes=down))},
                    "platform": {"after": msgspec.to_builtins(told.platform(down_minutes=down))},
                },
                "listed_declarations": {"before": [], "after": [listed | {"revision": down}]},
                "manifest_holes": {"before": [], "after": []},
            }
        )
        for down in (7, 9)
    ]
    found = replay_month([statement(), *later])
    assert (found.services["sms"].down_minutes, found.services["voice"].down_minutes) == (0, 9)
    assert found.platform.down_minutes == 9
    assert [one.revision for one in found.listed_declarations] == [9]
    assert replay_month([statement()]) == told.month()


def test_a_first_edition_month_reads_like_a_second_one() -> None:
    first = statement(
        FIRST_EDITION,
        sms={"state": [DOWN, EXCLUDED, BLIND], "kind": [0, KINDS.index("ddos"), 0], "down_low": [1], "down_high": [1]},
        voice={"state": [GOOD] * 3, "down_high": [0, 1, 1, 1]},
        whatsapp={"state": [GOOD] * 3},
        email={"state": [GOOD] * 3},
    )
    found = replay_month([first])
    assert found.services["sms"].uptime_low_lost == found.services["sms"].uptime_low
    assert (found.services["sms"].collisions, found.incomplete_because, found.manifest_holes) == (0, [], [])
    platform = found.platform
    assert (platform.down_minutes, platform.blind_minutes, platform.excluded_minutes) == (1, 1, {"ddos": 1})
    assert (platform.down_minutes_low, platform.down_minutes_high, platform.down_minutes_high_lost) == (1, 4, 4)
    assert (platform.uptime, platform.uptime_low, platform.credit_uptime) == ("99.9976", "99.9907", "99.9953")
    assert sum((platform.good_minutes, platform.idle_minutes, platform.pending_minutes)) == SPAN.total_minutes - 3


@pytest.mark.parametrize("amended", [False, True])
def test_a_first_edition_platform_has_its_services_greatest_tier(amended: bool) -> None:
    numbers = _numbers(FIRST_EDITION)
    numbers["services"]["email"]["credit_percent"] = 10
    documents = [statement(FIRST_EDITION, numbers), *([amendment(7, 25)] if amended else [])]
    assert replay(documents).percents["platform"] == (25 if amended else 10)
    assert places(replay(documents).bad_runs_ms("platform")) == [(0, 3), *([(7, 8)] if amended else [])]
