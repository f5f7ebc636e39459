"""K1, K2, M2, V5: months as credits are decided by, from statements or as judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.fields import SERVICES, Service
from schemas.reference import policies
from streams.credits.basis import BasisReader, MonthFacts, Runs
from streams.rules.incidents import Incident
from streams.rules.policy import PolicyChoice, apply_policy
from tests.unit.rules.crediting import FEES, NEXT, SPAN, at

POLICY = policies()[0]
SEPTEMBER = apply_policy("2026-09", POLICY)


@dataclass
class Months:
    """What is known of months, and which were asked for; sms alone is ever down."""

    sms: Mapping[str, Runs]
    asked: list[str] = field(default_factory=list)

    def facts(self, choice: PolicyChoice) -> MonthFacts:
        self.asked.append(choice.span.month)
        runs: dict[Service, Runs] = dict.fromkeys(SERVICES, ())
        runs["sms"] = self.sms.get(choice.span.month, ())
        return MonthFacts(complete=True, statement=None, percents=dict.fromkeys(FEES, 10), runs=runs)

    def closed_ms(self, choice: PolicyChoice) -> int | None:
        assert choice
        return None


def test_k1_a_run_across_the_border_is_one_incident() -> None:
    months = Months({"2026-09": [(at(0), at(3)), (at(43_190), at(43_200))], "2026-10": [(NEXT.start_ms, at(43_300))]})
    found = BasisReader(months).basis(SEPTEMBER).incidents["sms"]
    assert found == [Incident(start_ms=at(0), end_ms=at(3)), Incident(start_ms=at(43_190), end_ms=at(43_300))]
    assert sorted(months.asked) == ["2026-08", "2026-09", "2026-10"]


def test_k1_an_incident_of_months_is_followed_to_its_ends() -> None:
    august = apply_policy("2026-08", POLICY).span
    july = apply_policy("2026-07", POLICY).span
    months = Months(
        {
            "2026-07": [(july.end_ms - 60_000, july.end_ms)],
            "2026-08": [(august.start_ms, august.end_ms)],
            "2026-09": [(SPAN.start_ms, SPAN.end_ms)],
            "2026-10": [(NEXT.start_ms, NEXT.start_ms + 60_000)],
        }
    )
    (whole,) = BasisReader(months).basis(SEPTEMBER).incidents["sms"]
    assert (whole.start_ms, whole.end_ms) == (july.end_ms - 60_000, NEXT.start_ms + 60_000)


def test_k1_a_run_within_the_month_stays_in_it() -> None:
    months = Months({"2026-09": [(at(5), at(6))], "2026-10": [(NEXT.start_ms, NEXT.end_ms)]})
    assert BasisReader(months).basis(SEPTEMBER).incidents["sms"] == [Incident(start_ms=at(5), end_ms=at(6))]
    assert months.asked == ["2026-09"]


def test_m5_a_month_not_in_force_is_not_looked_at() -> None:
    months = Months({})
    found = BasisReader(months).basis(apply_policy("2025-10", POLICY))
    assert (found.in_force, found.complete, months.asked) == (False, True, [])


def test_every_month_is_read_once() -> None:
    months = Months({"2026-09": [(SPAN.start_ms, SPAN.end_ms)]})
    reader = BasisReader(months)
    assert reader.basis(SEPTEMBER) == reader.basis(SEPTEMBER)
    assert len(months.asked) == len(set(months.asked))
