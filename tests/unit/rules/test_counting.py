"""I2-I4, C3, B3: what an identity counts as by all of its records, at the edges."""

from typing import Any

import pytest

from schemas.fields import Service
from streams.rules.classify import Outcome
from streams.rules.counting import CountedIdentity, count_message, count_probe, count_request
from streams.rules.ordering import CountedProbe, CountedReceipt, CountedRequest
from tests.unit.rules.counted import a_receipt, a_request

_HANDOVER_MS = 600_000
_ORDER = (Outcome.PLATFORM, Outcome.UNKNOWN, Outcome.CLAIMED, Outcome.CUSTOMER, Outcome.OK)


def requests(*records: CountedRequest) -> CountedIdentity:
    """Both ways round: order decides nothing."""
    counted = count_request(records)
    assert counted == count_request(records[::-1])
    return counted


def messages(*receipts: CountedReceipt, service: Service = "sms") -> CountedIdentity:
    """Likewise."""
    counted = count_message(service, receipts, handover_within_ms=_HANDOVER_MS)
    assert counted == count_message(service, receipts[::-1], handover_within_ms=_HANDOVER_MS)
    return counted


# --- I2: e-mails that bounce


def bounced(delivered_ms: int, *bounces: CountedReceipt, service: Service = "email") -> Outcome:
    return messages(a_receipt("delivered", delivered_ms), *bounces, service=service).outcome


@pytest.mark.parametrize(("bounce_ms", "outcome"), [(9, Outcome.OK), (10, Outcome.OK), (11, Outcome.RECIPIENT)])
def test_i2_an_email_that_bounces_after_delivery_has_bounced(bounce_ms: int, outcome: Outcome) -> None:
    assert bounced(10, a_receipt("failed", bounce_ms)) is outcome
    assert bounced(10, a_receipt("failed", bounce_ms), service="sms") is Outcome.OK


def test_i2_it_is_the_first_delivery_that_a_bounce_follows() -> None:
    again = a_receipt("delivered", 20, content=1)
    assert bounced(10, again, a_receipt("failed", 15)) is Outcome.RECIPIENT


def test_i2_of_later_bounces_the_greatest_counts() -> None:
    early_with_code = a_receipt("failed", 5, code="5.1.1", outcome=Outcome.CONTENT)
    later, last = a_receipt("failed", 12, outcome=Outcome.CUSTOMER), a_receipt("expired", 13)
    assert bounced(10, early_with_code, later, last) is Outcome.RECIPIENT
    assert bounced(10, early_with_code._replace(time_ms=11), later, last) is Outcome.CONTENT


def test_i2_a_bounce_out_of_scope_ends_nothing_in_scope() -> None:
    assert bounced(10, a_receipt("failed", 11, plan="trial")) is Outcome.OK
    trial = (a_receipt("delivered", 10, plan="trial"), a_receipt("failed", 11, plan="trial"))
    assert messages(*trial, service="email").outcome is Outcome.RECIPIENT
    assert messages(*trial, a_receipt("delivered", 99), service="email").outcome is Outcome.OK


# --- I3: conflicts and collisions


@pytest.mark.parametrize(
    "change", [{"status": 503}, {"error": "x"}, {"stage": "beta"}, {"plan": "trial"}, {"source": "b"}]
)
def test_i3_requests_alike_that_differ_are_a_conflict(change: dict[str, Any]) -> None:
    assert requests(a_request(), a_request(content=1, **change)).conflict
    assert requests(a_request(), a_request(content=1, **change)).collisions == 0


def test_i3_another_revision_or_other_fields_are_no_conflict() -> None:
    assert not requests(a_request(), a_request(1, status=503, content=1)).conflict
    assert not requests(a_request(), a_request(content=1, outcome=Outcome.PLATFORM)).conflict


@pytest.mark.parametrize("change", [{"time_ms": 1}, {"account_id": "y"}])
def test_i3_another_time_or_account_is_a_collision(change: dict[str, Any]) -> None:
    counted = requests(a_request(), a_request(content=1, status=503, **change))
    assert (counted.collisions, counted.conflict) == (1, False)


def test_i3_collisions_are_those_of_the_fullest_revision() -> None:
    first = [a_request(time_ms=time_ms, content=time_ms) for time_ms in (0, 1, 2)]
    second = [a_request(1, time_ms=time_ms, content=9 + time_ms) for time_ms in (3, 4)]
    assert requests(*first, *second).collisions == 2
    assert requests(*first, a_request(content=8, status=503)).collisions == 2


def test_i3_out_of_scope_nothing_collides() -> None:
    assert requests(a_request(plan="trial"), a_request(plan="trial", time_ms=1, content=1)).collisions == 0


def test_i3_probes_conflict_in_result_or_status_at_one_time() -> None:
    def probe(**changes: Any) -> CountedProbe:  # noqa: ANN401
        return CountedProbe(content=0, revision=0, time_ms=0, ok=True, status=200)._replace(**changes)

    assert count_probe([probe(), probe(ok=False)]).conflict
    assert count_probe([probe(), probe(status=None)]).conflict
    assert not count_probe([probe(), probe(ok=False, time_ms=1)]).conflict
    assert not count_probe([probe(), probe(ok=False, revision=1)]).conflict


# --- I4: corrected in our favour


@pytest.mark.parametrize("before", range(5))
@pytest.mark.parametrize("after", range(5))
def test_i4_corrected_is_what_stands_lower_than_before(before: int, after: int) -> None:
    counted = requests(a_request(0, _ORDER[before]), a_request(1, _ORDER[after], content=1))
    assert counted.outcome is _ORDER[after]
    assert (counted.corrected, counted.newly_in_scope) == (after > before, False)


def test_i4_of_one_revision_nothing_is_corrected() -> None:
    assert not requests(a_request(0, Outcome.PLATFORM), a_request(0, Outcome.OK, content=1)).corrected


def test_i4_out_of_scope_lies_below_all_in_scope() -> None:
    assert requests(a_request(), a_request(1, stage="beta")).corrected
    assert not requests(a_request(0, Outcome.PLATFORM, stage="beta"), a_request(1, stage="beta")).corrected


def test_i4_in_scope_again_an_earlier_outcome_stands() -> None:
    counted = requests(a_request(0, Outcome.PLATFORM, plan="trial"), a_request(1))
    assert (counted.corrected, counted.newly_in_scope) == (True, True)


def test_i4_newly_in_scope_is_what_then_counts_as_ok() -> None:
    trial = a_request(plan="trial")
    assert requests(trial, a_request(1)).newly_in_scope
    assert not requests(trial, a_request(1)).corrected
    assert not requests(trial, a_request(1, Outcome.CUSTOMER)).newly_in_scope
    assert not requests(trial, a_request(content=1)).newly_in_scope


@pytest.mark.parametrize("outcome", [Outcome.OK, Outcome.PLATFORM])
def test_i4_any_valid_record_in_scope_is_heard(outcome: Outcome) -> None:
    late = a_request(1, Outcome.CUSTOMER, content=1)
    assert requests(a_request(0, outcome), late).heard
    assert not requests(a_request(0, outcome, plan="trial"), late).heard
    assert not requests(late).heard


def test_i4_a_message_is_corrected_by_another_final_receipt() -> None:
    failed = a_receipt("failed", 1, outcome=Outcome.PLATFORM)
    assert messages(failed, a_receipt("delivered", 2)).corrected
    assert messages(a_receipt("failed", 1), a_receipt("delivered", 2)).corrected
    assert not messages(a_receipt("enroute", 1), a_receipt("delivered", 2)).corrected
    assert messages(a_receipt("delivered", 1), failed._replace(time_ms=2)).corrected, "whichever came first"
    assert not messages(a_receipt("delivered", 1), failed._replace(time_ms=2), service="email").corrected


def test_i4_a_message_on_its_way_is_not_corrected_yet() -> None:
    failed_on_trial = a_receipt("failed", 1, outcome=Outcome.PLATFORM, plan="trial")
    assert not messages(failed_on_trial, a_receipt("accepted", 2)).corrected
    assert messages(failed_on_trial, a_receipt("delivered", 2)).corrected


def test_i4_a_delivery_beside_receipts_out_of_scope_is_new() -> None:
    assert messages(a_receipt("accepted", 1, stage="beta"), a_receipt("delivered", 2)).newly_in_scope
    assert not messages(a_receipt("accepted", 1), a_receipt("delivered", 2)).newly_in_scope


def test_i4_a_probe_that_had_failed_is_corrected() -> None:
    failed = CountedProbe(content=0, revision=0, time_ms=0, ok=False, status=None)
    assert count_probe([failed, failed._replace(revision=1, ok=True)]).corrected
    assert not count_probe([failed._replace(ok=True), failed._replace(revision=1)]).corrected
    assert not count_probe([failed, failed._replace(ok=True)]).corrected


# --- C3: held


@pytest.mark.parametrize(
    ("time_ms", "held"), [(_HANDOVER_MS, False), (_HANDOVER_MS + 1, False), (_HANDOVER_MS + 2, True)]
)
def test_c3_held_is_later_than_handover_and_resolution(time_ms: int, held: bool) -> None:
    counted = messages(a_receipt("delivered", time_ms))
    assert (counted.held, counted.outcome is Outcome.PLATFORM) == (held, held)


def test_c3_resolution_is_granted_to_the_microsecond() -> None:
    late = a_receipt("delivered", _HANDOVER_MS + 2)
    assert messages(late._replace(resolution_us=1999)).held
    assert not messages(late._replace(resolution_us=2000)).held


def test_c3_the_earliest_that_shows_a_carrier_decides() -> None:
    late = a_receipt("delivered", 2 * _HANDOVER_MS)
    assert not messages(a_receipt("enroute", _HANDOVER_MS), late).held
    assert messages(a_receipt("accepted", 1), late).held
    assert not messages(a_receipt("failed", 1, code="1", code_system="vendor"), late).held


@pytest.mark.parametrize("shown", [{"code": ""}, {"code": "1", "code_system": "platform"}])
def test_c3_a_failure_without_a_carriers_code_shows_none(shown: dict[str, Any]) -> None:
    assert messages(a_receipt("failed", 1, **shown), a_receipt("delivered", 2 * _HANDOVER_MS)).held


def test_c3_of_one_time_any_receipt_decides() -> None:
    late = a_receipt("enroute", _HANDOVER_MS + 2)
    assert messages(late._replace(resolution_us=60_000_000), late._replace(content=1)).held


def test_c3_held_looks_at_receipts_out_of_scope_too() -> None:
    in_time = a_receipt("enroute", 1, plan="trial")
    assert not messages(in_time, a_receipt("delivered", 2 * _HANDOVER_MS)).held


def test_c3_what_was_held_is_ours_whatever_came_after() -> None:
    counted = messages(a_receipt("failed", 2 * _HANDOVER_MS, code="1", code_system="vendor"))
    assert (counted.outcome, counted.scope, counted.heard) == (Outcome.PLATFORM, True, True)
    on_trial = messages(a_receipt("delivered", 2 * _HANDOVER_MS, plan="trial"))
    assert (on_trial.outcome, on_trial.scope, on_trial.heard) == (Outcome.PLATFORM, False, False)


# --- B3: sources


def test_b3_sources_of_the_lowest_revision_carry_a_request() -> None:
    counted = requests(a_request(1, source="a"), a_request(1, source="b", content=1), a_request(2, source="c"))
    assert counted.sources == {"a", "b"}
    assert requests(a_request(source=""), a_request(1, source="c")).sources == frozenset()


def test_b3_a_message_is_carried_by_any_source() -> None:
    assert messages(a_receipt("accepted", source="a"), a_receipt("delivered", 1, source="b")).sources == {"a", "b"}


def test_c3_any_receipt_shows_that_a_carrier_has_it() -> None:
    later_accepted = messages(a_receipt("enroute", 1, stage="beta"), a_receipt("accepted", 2))
    assert later_accepted.outcome is Outcome.ENROUTE
    assert messages(a_receipt("accepted", 1), a_receipt("accepted", 2)).outcome is Outcome.ACCEPTED
