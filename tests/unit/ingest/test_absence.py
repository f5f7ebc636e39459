"""What the log says of an absence of ClickHouse: one word when it goes, one when it is back."""

import asyncio
from typing import Any, cast

from clickhouse_connect.driver.client import Client
from structlog.testing import capture_logs

from streams.clickhouse.store import Store


def _said(calls: Any) -> list[str]:  # noqa: ANN401
    with capture_logs() as logs:
        asyncio.run(calls)
    return [entry["event"] for entry in logs]


def test_an_answer_from_before_the_absence_is_no_return() -> None:
    async def calls() -> None:
        store = Store(cast(Client, None))
        gone, answered = asyncio.Event(), asyncio.Event()
        attempts = 0

        async def asked_before() -> None:
            await gone.wait()
            answered.set()

        async def refused_until_answered_twice() -> None:
            nonlocal attempts
            attempts += 1
            gone.set()
            if attempts < 3:
                raise ConnectionRefusedError

        await asyncio.gather(store.patiently(asked_before), store.patiently(refused_until_answered_twice))
        assert answered.is_set()

    assert _said(calls()) == ["waiting for ClickHouse", "ClickHouse is back"]


def test_a_refusal_from_before_the_return_is_no_new_absence() -> None:
    async def calls() -> None:
        store = Store(cast(Client, None))
        asked, returned = asyncio.Event(), asyncio.Event()
        refusals = [ConnectionRefusedError()]

        async def refused_long_after() -> None:
            if not asked.is_set():
                asked.set()
                await returned.wait()
                raise ConnectionRefusedError

        async def refused_once() -> None:
            await asked.wait()
            if refusals:
                raise refusals.pop()

        async def the_return() -> None:
            await store.patiently(refused_once)
            returned.set()

        await asyncio.gather(store.patiently(refused_long_after), the_return())

    assert _said(calls()) == ["waiting for ClickHouse", "ClickHouse is back"]


def test_every_absence_is_told_anew() -> None:
    async def calls() -> None:
        store = Store(cast(Client, None))
        for _ in range(2):
            failures = [ConnectionRefusedError()]

            async def once_refused(failures: list[ConnectionRefusedError] = failures) -> None:
                if failures:
                    raise failures.pop()

            await store.patiently(once_refused)

    assert _said(calls()) == ["waiting for ClickHouse", "ClickHouse is back"] * 2
