"""What stands beside a month for people: refused records, and maintenance at unusual hours (X1, X4, K2, M4)."""

import pytest

from streams.months.notes import month_notes
from streams.months.refused import read_refused
from streams.rules.policy import apply_policy
from tests.sql.scenario import DAY_MS, Scenario

pytestmark = pytest.mark.engine


def notes(month: Scenario) -> list[str]:
    month.settle()
    return month_notes(month.client, apply_policy(month.name, month.policy))


def test_x4_k2_m4_refused_records_are_told_in_their_month(month: Scenario) -> None:
    month.raw("sla.claims", b'{"claim_id":"c-1","account_id":"acme"}', recorded_at_ms=month.ms(3))
    month.raw("accounts", b'{"account_id":"acme"}', recorded_at_ms=month.ms(0))
    month.raw("accounts", b'{"account_id":"later"}', recorded_at_ms=month.span.end_ms)
    month.raw("api.requests", b"{}", recorded_at_ms=month.ms(0))
    told = [note.partition("was refused: ")[0] for note in notes(month) if "was refused" in note]
    assert told == ["accounts: 'acme' ", "sla.claims: 'c-1' "]
    [account, claim] = read_refused(month.client, month.span.start_ms, month.span.end_ms)
    assert (account.recorded_ms, claim.topic) == (month.ms(0), "sla.claims")
    assert claim.path.startswith("$.")


@pytest.mark.parametrize(("outside", "told"), [("excludes", 1), ("void", 0)])
def test_x1_unusual_maintenance_is_told_where_it_excuses(month: Scenario, outside: str, told: int) -> None:
    month.rule(outside_usual_hours=outside, broker_time_from_ms=0)
    month.window("scheduled_maintenance", 0, 121, id="mw", announced_before_ms=3 * DAY_MS)
    found = notes(month)
    assert len(found) == told
    assert all(note.startswith("declaration mw: 120 minutes of maintenance outside the usual hours") for note in found)
