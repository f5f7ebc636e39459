"""The ledger and the judge against the plain accounting of the simulator, on a month in which everything happens."""

import asyncio
from collections import defaultdict
from dataclasses import replace

import msgspec
import pytest
from clickhouse_connect.driver.client import Client

from schemas.reference import input_topics
from streams.cli.choices import choose_policy
from streams.judge import judge_month
from streams.kafka.block import Block
from streams.months.month import read_month
from streams.rules.month.states import KINDS, STATES
from streams.simulate import PlainAccounting, describe_month, month_minutes, plan, records
from tests.integration.ledger_world import digest, in_blocks

pytestmark = pytest.mark.engine

_MONTH = "2026-09"
# Long after the month: dead letters whose time cannot be read count then.
_READ_AT_MS = 1_796_000_000_000


@pytest.mark.parametrize("seed", [7, pytest.param(1_000_003, marks=pytest.mark.deep)])
def test_v4_the_month_of_everything_is_that_of_plain_accounting(client: Client, seed: int) -> None:
    minutes = month_minutes(_MONTH)
    planned = plan(
        seed,
        start_ms=minutes.start * 60_000,
        minutes=len(minutes),
        records=60_000,
        preset="everything",
        shuffle=True,
    )
    values: defaultdict[str, list[bytes | None]] = defaultdict(list)
    accounting = PlainAccounting()
    for topic, _, value in records(planned):
        values[topic].append(value)
        accounting.take(topic, value, _READ_AT_MS)
    blocks: list[Block] = []
    for topic, of_topic in values.items():
        cut = in_blocks(topic, of_topic, [20_000] * (len(of_topic) // 20_000))
        blocks += [replace(one, topic_id=topic, timestamps_ms=[_READ_AT_MS] * len(one.values)) for one in cut]
    asyncio.run(digest(client, blocks))
    _let_all_be_seen(client)

    truth = describe_month(accounting, _MONTH)
    choice = choose_policy(_MONTH, None)
    month = msgspec.to_builtins(read_month(client, choice))
    for name in ("services", "platform", "listed_declarations", "manifest_holes"):
        assert month[name] == msgspec.to_builtins(getattr(truth, name)), name
    judged = judge_month(client, choice).judgement.services
    assert {
        (service, minute): (STATES[state].value, KINDS[kind])
        for service, of in judged.items()
        for minute, state, kind in zip(minutes, of.verdict.state, of.verdict.kind, strict=True)
    } == truth.states


def _let_all_be_seen(client: Client) -> None:
    """Every topic has one partition, read to its end long after the month."""
    for topic in input_topics():
        client.command(
            "INSERT INTO listings VALUES ({topic:String}, 'seen', 1, '2027-01-01 00:00:00.000')",
            parameters={"topic": topic.name},
        )
        client.command(
            "INSERT INTO frontiers VALUES ({topic:String}, 'seen', 0, 1, 1, '2027-01-01 00:00:00.000')",
            parameters={"topic": topic.name},
        )
