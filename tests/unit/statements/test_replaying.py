"""A month replayed from its statement and amendments."""

from schemas.instants import MINUTE_MS, format_instant
from streams.core.canonical_json import seal
from streams.months.month import ServiceSummary
from streams.rules.calendar import month_bounds
from streams.statements.closed_months import replay, replay_month
from streams.statements.packed_columns import COLUMNS, STATES, pack

SPAN = month_bounds("2026-09", "Asia/Karachi")
GOOD, DOWN = STATES.index("good"), STATES.index("down")


def statement() -> bytes:
    states = [DOWN] * 3 + [GOOD] * (SPAN.total_minutes - 3)
    zeros = pack([0] * SPAN.total_minutes)
    services = ("sms", "voice", "whatsapp", "email")
    minutes = {service: [pack(states), *[zeros] * (len(COLUMNS) - 1)] for service in services}
    month = {"services": {service: {"credit_percent": 0} for service in services}}
    first = format_instant(SPAN.start_ms)
    return seal({"month": month, "minutes": {"first": first, "count": SPAN.total_minutes, "services": minutes}})


def amendment(place: int, percent: int) -> bytes:
    zeros = [0] * (len(COLUMNS) - 2)
    changed = ["voice", format_instant(SPAN.start_ms + place * MINUTE_MS), ["good", "", *zeros], ["down", "", *zeros]]
    return seal({"minutes": {"changed": [changed]}, "services": {"voice": {"after": {"credit_percent": percent}}}})


def test_a_statement_alone_is_the_month() -> None:
    month = replay([statement()])
    assert (month.number, month.percents["sms"]) == (0, 0)
    assert month.minutes_ms("sms", "down") == [SPAN.start_ms + place * MINUTE_MS for place in range(3)]


def test_amendments_change_minutes_and_tiers_in_their_order() -> None:
    month = replay([statement(), amendment(7, 10), amendment(9, 25)])
    assert (month.number, dict(month.percents)) == (2, {"sms": 0, "voice": 25, "whatsapp": 0, "email": 0})
    down = [(at_ms - SPAN.start_ms) // MINUTE_MS for at_ms in month.minutes_ms("voice", "down")]
    assert down == [0, 1, 2, 7, 9]
    assert len(month.minutes_ms("sms", "down")) == 3


def test_a_months_numbers_are_those_of_its_last_document() -> None:
    numbers = dict.fromkeys(ServiceSummary.__struct_fields__, 0) | {
        "excluded_minutes": {},
        "source_completeness": "proven",
        **dict.fromkeys(("uptime", "uptime_low", "uptime_high", "credit_uptime"), "100.0000"),
    }
    listed = {"declaration_id": "d", "revision": 1, "kind": "ddos", "reason": "no_evidence", "minutes": 0}
    month = {"month": "2026-09", "policy": "p", "in_force": True, "zone": "Asia/Karachi", "complete": True}
    month |= {"incomplete_because": [], "listed_declarations": []}
    first = seal({"month": month | {"services": {"sms": numbers, "voice": numbers}}})
    later = [
        seal(
            {
                "services": {"voice": {"after": numbers | {"down_minutes": down}}},
                "listed_declarations": {"before": [], "after": [listed | {"revision": down}]},
            }
        )
        for down in (7, 9)
    ]
    told = replay_month([first, *later])
    assert (told.services["sms"].down_minutes, told.services["voice"].down_minutes) == (0, 9)
    assert [one.revision for one in told.listed_declarations] == [9]
    assert replay_month([first]).listed_declarations == []
    worded = {"incomplete_because": ["probes/0: not read yet"], "services": {"sms": numbers, "voice": numbers}}
    assert replay_month([seal({"month": month | worded})]) == replay_month([first])
