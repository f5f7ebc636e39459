"""A month that is told record by record, and stored and evaluated as a worker does it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final, Self

import msgspec
from clickhouse_connect.driver.client import Client

from schemas.instants import MINUTE_MS, format_instant
from schemas.policies import Policy
from schemas.reference import input_topics, policies
from streams.clickhouse.migrate import write_policies
from streams.ingest.blocks import BlockState, Reached, blocks_table
from streams.ingest.encode import encode_block
from streams.ingest.encode.encoded_block import BlockRow, EncodedBlock
from streams.ingest.frontier import frontiers_table, listings_table
from streams.ingest.outcome_rules import outcome_rules
from streams.kafka.block import Block, Listing, Partition
from streams.rules.policy import apply_policy
from tests.counted import count_now
from tests.sql.told import REQUESTS, MinuteView

HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS
ZECTO: Final = policies()[0]
_TABLES: Final = (
    *("ledger_requests", "ledger_receipts", "ledger_probes", "minutes"),
    *("declarations", "manifests", "accounts", "dead_letters", "blocks", "frontiers", "listings"),
    *("judgements", "judgement_looks"),
)


class ToldMonth:
    """A month under one policy in an empty, migrated database."""

    def __init__(self, client: Client, month: str = "2026-09", policy: Policy = ZECTO) -> None:
        self.client = client
        self.name = month
        self.policy = policy
        self.span = apply_policy(month, policy).span
        self._records: list[tuple[str, bytes | None, int]] = []
        self._stored: list[tuple[str, bytes | None, int]] = []
        self._frontiers: dict[tuple[str, int], int] = {}
        self._partitions: dict[str, int] = {}
        self._listed_at_ms = self.span.end_ms + 4 * DAY_MS
        self._unlisted: set[str] = set()
        self._unread: set[tuple[str, int]] = set()
        self._positions = 0
        self._changed = True

    # --- what is told -----------------------------------------------------------------------------------------

    def minute(self, number: int, service: str = "sms") -> MinuteView:
        """The minute with this number, negative ones before the month, of a service."""
        return MinuteView(self, service, self.ms(number))

    def record(self, topic: str, /, *, recorded_at_ms: int | None = None, **fields: Any) -> Self:  # noqa: ANN401  JSON
        """A record as a producer sends it; None takes a field away."""
        value = msgspec.json.encode({name: given for name, given in fields.items() if given is not None})
        return self.raw(topic, value, recorded_at_ms=recorded_at_ms)

    def raw(self, topic: str, value: bytes | None, *, recorded_at_ms: int | None = None) -> Self:
        """Any bytes, as they stand."""
        self._records.append((topic, value, self.span.start_ms if recorded_at_ms is None else recorded_at_ms))
        self._changed = True
        return self

    def window(
        self,
        kind: str,
        start: float,
        end: float,
        *,
        id: str = "w",  # noqa: A002  as the record calls it
        announced_before_ms: int = 0,
        known_before_ms: int | None = None,
        evidence: str = "",
        services: Iterable[str] = ("*",),
        revision: int = 0,
        retracted: bool = False,
    ) -> Self:
        """A declaration over [start, end) in minutes; announced, and known to the broker, so long before its start."""
        start_ms = self.ms(start)
        known_before_ms = announced_before_ms if known_before_ms is None else known_before_ms
        return self.record(
            "sla.declarations",
            recorded_at_ms=start_ms - known_before_ms,
            declaration_id=id,
            kind=kind,
            services=list(services),
            start=format_instant(start_ms),
            end=format_instant(self.ms(end)),
            announced_at=format_instant(start_ms - announced_before_ms),
            evidence=evidence,
            revision=revision,
            retracted=retracted,
        )

    def lost(self, last_read: float, first_after: float, topic: str = REQUESTS) -> Self:
        """Offsets that retention took between two records, whose broker timestamps are given in minutes."""
        self._positions += 1
        row = BlockRow(
            partition=Partition(topic=topic, topic_id=topic, number=9),
            first=self._positions,
            next=self._positions + 1,
            records=0,
            dead_letters=0,
            ahead_of_clock=0,
            digest=0,
            first_recorded_at_ms=self.ms(last_read),
            last_recorded_at_ms=self.ms(first_after),
        )
        self.client.insert_arrow("blocks", blocks_table([(row, BlockState.LOST)]))
        return self

    def rule(self, **changes: Any) -> Self:  # noqa: ANN401  any field of a policy
        """The policy with some fields changed."""
        self.policy = replace(self.policy, **changes)
        self._changed = True
        return self

    def frontier(self, at_ms: int, topic: str | None = None, *, partition: int = 0) -> Self:
        """A partition of a topic, or the first of every topic, is read and evaluated so far (B5)."""
        for name in [topic] if topic else _topics():
            self._frontiers[name, partition] = at_ms
        self._changed = True
        return self

    def listing(
        self, at_ms: int | None = None, *, partitions: dict[str, int] | None = None, without: str | None = None
    ) -> Self:
        """When the broker was asked for its partitions, and how many it listed of a topic, or none."""
        self._listed_at_ms = self._listed_at_ms if at_ms is None else at_ms
        self._partitions |= partitions or {}
        self._unlisted |= {without} if without else set()
        self._changed = True
        return self

    def unread(self, topic: str, partition: int = 0) -> Self:
        """A partition that the broker lists and nobody has read."""
        self._unread.add((topic, partition))
        self._changed = True
        return self

    def ms(self, number: float) -> int:
        """The instant so many minutes after the month's start."""
        return self.span.start_ms + round(number * MINUTE_MS)

    # --- storing it -------------------------------------------------------------------------------------------

    def store(self) -> Self:
        """Store and evaluate what was told since the last time, a block a topic, as a worker does."""
        told, self._records = self._records, []
        self._stored += told
        blocks = [self._block(topic, told) for topic in sorted({topic for topic, _, _ in told})]
        for block in blocks:
            for table, rows in block.tables.items():
                self.client.insert_arrow(table, rows)
        if blocks:
            self.client.insert_arrow("blocks", blocks_table([(block.row, BlockState.STORED) for block in blocks]))
            named = [(block.row.partition.topic_id, block.row.partition.number, block.row.first) for block in blocks]
            count_now(self.client, blocks=named)
        return self

    def replay(self, *, later_ms: int = 0) -> Self:
        """Everything so far once more, in other places of the log, and by the broker's clock so much later."""
        self.store()
        self._records = [
            (topic, value, recorded_at_ms + later_ms) for topic, value, recorded_at_ms in self._stored[::-1]
        ]
        return self.store()

    def _block(self, topic: str, told: list[tuple[str, bytes | None, int]]) -> EncodedBlock:
        own = [(value, recorded_at_ms) for of, value, recorded_at_ms in told if of == topic]
        first, self._positions = self._positions, self._positions + len(own)
        return encode_block(
            Block(
                topic=topic,
                topic_id=topic,
                partition=0,
                first=first,
                next=self._positions,
                offsets=range(first, self._positions),
                timestamps_ms=[recorded_at_ms for _, recorded_at_ms in own],
                values=[value for value, _ in own],
            ),
            outcome_rules(),
        )

    def settle(self) -> None:
        """Store what is left to store, and write down policy, frontiers and listings."""
        if not self._changed:
            return
        self._changed = False
        self.store()
        write_policies(self.client, (self.policy,))
        for table in ("frontiers", "listings"):
            self.client.command(f"TRUNCATE TABLE {table}")
        reached = {(topic, 0): self._listed_at_ms for topic in _topics()} | self._frontiers
        self.client.insert_arrow(
            "frontiers",
            frontiers_table(
                [
                    Reached(
                        partition=Partition(topic=topic, topic_id=topic, number=number),
                        stored_next=1,
                        evaluated_next=1,
                        frontier_ms=frontier_ms,
                    )
                    for (topic, number), frontier_ms in reached.items()
                    if (topic, number) not in self._unread
                ]
            ),
        )
        self.client.insert_arrow(
            "listings",
            listings_table(
                [
                    Listing(
                        topic=topic,
                        topic_id=topic,
                        partitions=self._partitions.get(topic, 1),
                        listed_at_ms=self._listed_at_ms,
                    )
                    for topic in _topics()
                    if topic not in self._unlisted
                ]
            ),
        )


def clear(client: Client) -> None:
    """Empty what a scenario fills."""
    for table in _TABLES:
        client.command(f"TRUNCATE TABLE {table}")


def _topics() -> list[str]:
    return [topic.name for topic in input_topics()]
