"""How long the judge rests between two looks."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from clickhouse_connect.driver.client import Client

from schemas.reference import policies
from streams.judge import task
from streams.judge.task import MonthJudge


def _rests_s(taken: Iterator[int], monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The rests after looks that found so many months that may have changed."""
    rests: list[float] = []

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    async def look(_call: Callable[[], Any], /) -> Any:  # noqa: ANN401  whatever a look returns
        found = next(taken, None)
        if found is None:
            raise asyncio.CancelledError
        return found

    monkeypatch.setattr(asyncio, "sleep", rest)
    judge = MonthJudge(client=cast("Client", None), policies=policies(), now_ms=lambda: 0, in_thread=look)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(judge.run())
    return rests


def test_where_nothing_may_have_changed_the_judge_rests_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _rests_s(iter((1, 0, 3)), monkeypatch) == [task._EVERY_S, task._QUIET_S, task._EVERY_S]
    assert task._QUIET_S > task._EVERY_S
