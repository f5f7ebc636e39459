"""What the judge keeps of a running month from one judgement to the next changes nothing but how much is read."""

import random
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pytest
from clickhouse_connect.driver.client import Client

import sql
from streams.judge.fingerprints import read_fingerprint
from streams.judge.kept_counts import _NARROW_AFTER, KeptCounts
from streams.judge.reading import read_inputs
from streams.judge.seen import SeenMonth, look_at
from streams.rules.month.inputs import SpanInputs
from tests.sql.scenario import Scenario

pytestmark = pytest.mark.engine

_DAY: Final = 1_440


class _Asked:
    """A client that notes how many days each question for counts is of; something may happen before and after it."""

    def __init__(self, client: Client, before: Callable[[], None], after: Callable[[], None]) -> None:
        self._client = client
        self._before = before
        self._after = after
        self.days: list[int] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever a client has
        return getattr(self._client, name)

    def query_arrow(self, text: str, parameters: Mapping[str, Any], **more: Any) -> pa.Table:  # noqa: ANN401
        if text != sql.query("judge_counts"):
            return self._client.query_arrow(text, parameters=dict(parameters), **more)
        self.days.append(round((parameters["to"] - parameters["from"]) / _DAY))
        self._before()
        found = self._client.query_arrow(text, parameters=dict(parameters), **more)
        self._after()
        return found


def _nothing() -> None:
    pass


class _Judge:
    """Reads a month as the judge does, and compares it with the month read anew."""

    def __init__(self, month: Scenario) -> None:
        self._month = month
        self._kept = KeptCounts()

    def days_read(self) -> list[int]:
        """Read it; how many days each question for counts was of."""
        found, days = self.read()
        np.testing.assert_equal(asdict(found), asdict(read_inputs(self._month.client, self._seen())))
        return days

    def read(
        self, before: Callable[[], None] = _nothing, after: Callable[[], None] = _nothing
    ) -> tuple[SpanInputs, list[int]]:
        """Read it, while something happens before or after its counts are read."""
        self._month.settle()
        asked = _Asked(self._month.client, before, after)
        client: Any = asked
        seen = self._seen()
        days = read_fingerprint(client, seen).days
        return read_inputs(client, seen, self._kept.begin(days)), asked.days

    def _seen(self) -> SeenMonth:
        return look_at(self._month.client, self._month.choice)


def test_only_days_that_keep_changing_are_read_again(month: Scenario) -> None:
    judge = _Judge(month)
    month.minute(7).requests(ok=3)
    month.minute(20 * _DAY).requests(ok=3)
    assert judge.days_read() == [30]
    month.minute(20 * _DAY + 1).requests(ok=1)
    assert judge.days_read() == [30], "which days change is known from now on"
    month.minute(20 * _DAY + 1).requests(platform=1)
    assert judge.days_read() == [1]
    month.minute(21 * _DAY + 1).requests(platform=1)
    month.minute(20 * _DAY + 1).requests(platform=1)
    assert judge.days_read() == [30]
    month.minute(20 * _DAY + 2).messages(ok=1)
    assert judge.days_read() == [2]


def test_what_is_kept_is_what_would_be_read(month: Scenario) -> None:
    dice = random.Random(3)
    judge = _Judge(month)
    read = []
    for _ in range(12):
        first = dice.choice((0, 4, 11))
        for _ in range(dice.randint(0, 3)):
            minute = month.minute(
                (first + dice.randint(0, 1)) * _DAY + dice.randint(0, 3), dice.choice(("sms", "voice"))
            )
            minute.requests(ok=dice.randint(1, 3), platform=dice.randint(0, 2))
        read += judge.days_read()
    assert 2 in read or 1 in read


@pytest.mark.parametrize("when", ["before", "after"])
def test_what_comes_while_it_is_read_is_missed_by_none(month: Scenario, when: str) -> None:
    judge = _Judge(month)
    month.minute(7).requests(ok=3)
    judge.days_read()
    for day in (0, 0, 9, 0):

        def comes(day: int = day) -> None:
            month.minute(day * _DAY + 5).requests(platform=1)
            month.settle()

        judge.read(**{when: comes})
        judge.days_read()


def test_a_judgement_that_fails_leaves_nothing_stale(month: Scenario) -> None:
    judge = _Judge(month)
    month.minute(7).requests(ok=3)
    judge.days_read()
    month.minute(8).requests(ok=3)

    def fails() -> None:
        raise OSError("the engine is away")

    with pytest.raises(OSError, match="away"):
        judge.read(after=fails)
    month.minute(9 * _DAY).requests(ok=3)
    assert judge.days_read() == [30]


def test_days_that_stay_as_they_are_cease_to_be_read(month: Scenario) -> None:
    judge = _Judge(month)
    month.minute(7).requests(ok=3)
    judge.days_read()
    month.minute(3 * _DAY).requests(ok=1)
    month.minute(20 * _DAY).requests(ok=1)
    read = []
    for number in range(_NARROW_AFTER + 4):
        month.minute(20 * _DAY + 1 + number).requests(ok=1)
        read += judge.days_read()
    assert read == [30, *[18] * _NARROW_AFTER, 30, 1, 1]


def test_another_month_is_read_whole(month: Scenario) -> None:
    judge = _Judge(month)
    month.minute(7).requests(ok=3)
    judge.days_read()
    month.name = "2026-10"
    assert judge.days_read() == [31]
