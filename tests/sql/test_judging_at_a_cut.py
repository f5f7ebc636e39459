"""A month as it was known at a cut is what is judged of the records known before it, and of nothing else (B5)."""

import random

import msgspec
import pytest
from clickhouse_connect.driver.client import Client

from schemas.fields import SERVICES
from schemas.instants import MINUTE_MS
from streams.months.month import MonthSummary
from tests.sql.scenario import DAY_MS, RECEIPTS, Scenario, clear
from tests.sql.told import REQUESTS

pytestmark = pytest.mark.engine

_OUTCOMES = ("ok", "ok", "ok", "platform", "customer", "unknown")


def _tell(month: Scenario, dice: random.Random, cut_ms: int, *, all_of_it: bool) -> None:
    """The same story every time; of what the broker stamped at the cut or later only if all of it is told."""
    for _ in range(300):
        number, service = dice.randrange(-90, 200), dice.choice(SERVICES)
        recorded_at_ms = month.ms(number) + dice.choice((MINUTE_MS, 40 * MINUTE_MS, 3 * DAY_MS))
        fields = _record(month, dice, number, service)
        if all_of_it or recorded_at_ms < cut_ms:
            month.record(str(fields.pop("topic")), recorded_at_ms=recorded_at_ms, **fields)


def _record(month: Scenario, dice: random.Random, number: int, service: str) -> dict[str, object]:
    told: list[tuple[str, dict[str, object]]] = []

    class Taken:
        def record(self, topic: str, /, *, recorded_at_ms: int | None = None, **fields: object) -> None:  # noqa: ARG002
            told.append((topic, fields))

    minute = type(month.minute(number))(Taken(), service, month.ms(number))
    name, source = str(dice.randrange(3)), dice.choice(("", "gw"))
    match dice.randrange(5):
        case 0 | 1:
            minute.requests(source=source, **{dice.choice(_OUTCOMES): 1})  # type: ignore[arg-type]
        case 2:
            minute.messages(source=source, **{dice.choice((*_OUTCOMES, "accepted", "enroute")): 1})  # type: ignore[arg-type]
        case 3:
            minute.manifest(dice.randrange(4), topic=dice.choice((REQUESTS, RECEIPTS)), revision=dice.randrange(2))
        case _:
            minute.dead_letter(name)
    topic, fields = told[0]
    return {"topic": topic, **fields}


def _told(month: MonthSummary) -> MonthSummary:
    """Without the reasons, which tell of topics at a cut and of partitions now."""
    return msgspec.structs.replace(month, incomplete_because=[])


@pytest.mark.parametrize("seed", range(4))
def test_at_a_cut_later_records_are_as_if_never_sent(empty: Client, seed: int) -> None:
    month = Scenario(empty)
    cut_ms = month.ms(random.Random(seed).randrange(60, 400))
    _tell(month, random.Random(seed), cut_ms, all_of_it=True)
    at_cut = month.result(cut_ms)
    clear(empty)
    known = Scenario(empty).listing(cut_ms)
    _tell(known, random.Random(seed), cut_ms, all_of_it=False)
    assert _told(at_cut) == _told(known.result())


def test_a_cut_after_everything_says_what_is_now(month: Scenario) -> None:
    month.minute(1).requests(ok=5, platform=5, source="gw").manifest(12)
    cut_ms = month.span.end_ms + 4 * DAY_MS
    assert _told(month.result(cut_ms)) == _told(month.result())


def test_a_cut_names_topics_not_partitions(month: Scenario) -> None:
    found = month.result(month.span.start_ms + 9 * MINUTE_MS)
    assert {reason.partition for reason in found.incomplete_because} == {None}


def test_what_expired_stands_as_it_was_counted(month: Scenario) -> None:
    month.minute(400).requests(ok=1, platform=5)
    cut_ms = month.span.end_ms + DAY_MS
    before = month.result(cut_ms)
    for table in ("ledger_requests", "ledger_receipts", "ledger_probes"):
        month.client.command(f"TRUNCATE TABLE {table}")
    month.client.command("INSERT INTO expirations (month, dropped) VALUES (202609, true)")
    assert _told(month.result(cut_ms)) == _told(before)
    month.client.command("TRUNCATE TABLE expirations")
