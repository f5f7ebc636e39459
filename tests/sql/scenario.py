"""A month told in the contract's words, stored as a worker stores it, and asked through the views.

    month.minute(7).requests(ok=99, platform=1)
    month.window("ddos", 5, 9, evidence="ticket 7")
    assert month.verdict(7).state == "good"

Records are produced as JSON and go through the ledger's own columns, so what counts is decided by production code from
the bytes on. Minutes are numbered from the month's start; whatever is said of one without naming a service is said of
`sms`. Unless told otherwise every topic is read to four days after the month's end.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final, NamedTuple, Self

import msgspec
from clickhouse_connect.driver.client import Client

import sql
from schemas.instants import MINUTE_MS, format_instant
from schemas.policies import Policy
from schemas.reference import code_tables, input_topics, policies
from streams.kafka.block import Block
from streams.ledger.blocks import BlockRow, BlockState, StoredBlock, blocks_table
from streams.ledger.columns import columns_of
from streams.ledger.frontier import frontiers_table, listings_table
from streams.ledger.partitions import Reached
from streams.ledger.ports import Listing, Partition
from streams.migrations import write_policies
from streams.reporting.month import Month, read_month
from streams.sla.identity import content_hash
from streams.sla.policy import apply_policy

HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS
ZECTO: Final = policies()[0]
REQUESTS: Final = "api.requests"
RECEIPTS: Final = "carrier.receipts"

_TABLES: Final = (
    *("ledger_requests", "ledger_receipts", "ledger_probes", "minutes"),
    *("declarations", "manifests", "accounts", "dead_letters", "blocks", "frontiers", "listings"),
)
# One way for a request, and for a message, to end in each outcome (C2, C3).
_REQUEST_OF: Final[dict[str, dict[str, Any]]] = {
    "ok": {"status": 200},
    "platform": {"status": 500},
    "operator": {"status": 503, "error": "operator_unavailable"},
    "customer": {"status": 401},
    "content": {"status": 400, "error": "spam_blocked"},
    "recipient": {"status": 400, "error": "opted_out"},
    "unknown": {"status": 499},
}
_RECEIPT_OF: Final[dict[str, dict[str, Any]]] = {
    "ok": {"state": "delivered"},
    "platform": {"state": "failed", "code_system": "platform", "code": "internal_error"},
    "operator": {"state": "failed", "code_system": "platform", "code": "operator_timeout"},
    "customer": {"state": "rejected", "code_system": "platform", "code": "invalid_number"},
    "content": {"state": "rejected", "code_system": "platform", "code": "spam_blocked"},
    "recipient": {"state": "failed", "code_system": "platform", "code": "opted_out"},
    "unknown": {"state": "unknown"},
    "accepted": {"state": "accepted"},
    "enroute": {"state": "enroute"},
}


class Seen(NamedTuple):
    """A service-minute as the view `verdicts` has it."""

    state: str
    kind: str
    down_low: int
    down_high: int


class Scenario:
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

    def minute(self, number: int, service: str = "sms") -> "MinuteTold":
        """The minute with this number, negative ones before the month, of a service."""
        return MinuteTold(self, service, self.ms(number))

    def record(self, topic: str, /, *, known_at_ms: int | None = None, **fields: Any) -> Self:  # noqa: ANN401  JSON
        """A record as a producer sends it; None takes a field away."""
        value = msgspec.json.encode({name: given for name, given in fields.items() if given is not None})
        return self.raw(topic, value, known_at_ms=known_at_ms)

    def raw(self, topic: str, value: bytes | None, *, known_at_ms: int | None = None) -> Self:
        """Any bytes, as they stand."""
        self._records.append((topic, value, self.span.start_ms if known_at_ms is None else known_at_ms))
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
            known_at_ms=start_ms - known_before_ms,
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
            first_known_at_ms=self.ms(last_read),
            last_known_at_ms=self.ms(first_after),
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
            self.client.command(sql.query("evaluate_minutes"), parameters={"blocks": named})
        return self

    def replay(self, *, later_ms: int = 0) -> Self:
        """Everything so far once more, in other places of the log, and by the broker's clock so much later."""
        self.store()
        self._records = [(topic, value, known_at_ms + later_ms) for topic, value, known_at_ms in self._stored[::-1]]
        return self.store()

    def _block(self, topic: str, told: list[tuple[str, bytes | None, int]]) -> StoredBlock:
        own = [(value, known_at_ms) for of, value, known_at_ms in told if of == topic]
        first, self._positions = self._positions, self._positions + len(own)
        return columns_of(
            Block(
                topic=topic,
                topic_id=topic,
                partition=0,
                first=first,
                next=self._positions,
                offsets=range(first, self._positions),
                timestamps_ms=[known_at_ms for _, known_at_ms in own],
                values=[value for value, _ in own],
            ),
            code_tables(),
        )

    def _settle(self) -> None:
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

    # --- what is asked ----------------------------------------------------------------------------------------

    def verdict(self, number: int, service: str = "sms") -> Seen:
        """What became of a minute."""
        return self.verdicts([number], service)[0]

    def verdicts(self, numbers: Iterable[int], service: str = "sms") -> list[Seen]:
        """What became of some minutes, in their order."""
        self._settle()
        asked = [self.ms(number) // 1000 for number in numbers]
        found = self.client.query(
            "SELECT toUInt32(minute), state, kind, down_low, down_high"
            " FROM verdicts(month = {month:String}, policy = {policy:String})"
            " WHERE service = {service:String} AND toUInt32(minute) IN {minutes:Array(UInt32)}",
            parameters={"month": self.name, "policy": self.policy.policy_id, "service": service, "minutes": asked},
        ).result_rows
        by_minute = {minute: Seen(*rest) for minute, *rest in found}
        return [by_minute[minute] for minute in asked]

    def states(self, numbers: Iterable[int], service: str = "sms") -> list[str]:
        """Their states alone."""
        return [seen.state for seen in self.verdicts(numbers, service)]

    def counts(self, number: int, service: str = "sms") -> dict[str, int]:
        """What was counted in a minute, by column of `minutes`, but for what is zero."""
        self._settle()
        found = list(
            self.client.query(
                "SELECT * EXCEPT (service, minute) FROM minutes FINAL"
                " WHERE service = {service:String} AND toUInt32(minute) = {minute:UInt32}",
                parameters={"service": service, "minute": self.ms(number) // 1000},
            ).named_results()
        )
        return {name: count for row in found for name, count in row.items() if count}

    def chosen(self, of: str, number: int, service: str = "sms") -> list[dict[str, Any]]:
        """The records that count for the identities of a minute; `of` is requests, messages or probes."""
        self._settle()
        query = f"SELECT * FROM chosen_{of} WHERE service = {{service:String}} AND toUInt32(minute) = {{minute:UInt32}}"
        asked = {"service": service, "minute": self.ms(number) // 1000}
        return list(self.client.query(query, parameters=asked).named_results())

    def contents(self) -> list[int]:
        """The hashes of everything told so far, in its order (I2)."""
        return [content_hash(value or b"") for _, value, _ in [*self._stored, *self._records]]

    def result(self) -> Month:
        """The month as `month --json` gives it."""
        self._settle()
        choice = apply_policy(self.name, self.policy)
        return read_month(
            self.client,
            month=self.name,
            policy_id=self.policy.policy_id,
            zone=self.policy.zone,
            in_force=choice.in_force,
        )

    def service(self, name: str = "sms") -> dict[str, Any]:
        """One service's row of the view `months`."""
        return self._ask("SELECT * FROM months(%s) WHERE service = {service:String}", service=name)[0]

    def listed(self) -> list[tuple[str, str, int]]:
        """Id, reason and minutes of every declaration that must be listed."""
        return [
            tuple(row.values())
            for row in self._ask("SELECT declaration_id, reason, minutes FROM listed_declarations(%s)")
        ]

    def completeness(self, service: str = "sms") -> str:
        """Whether completeness at the source is proven (B3)."""
        [row] = self._ask("SELECT * FROM source_completeness(%s) WHERE service = {service:String}", service=service)
        return str(row["source_completeness"])

    def _ask(self, query: str, **parameters: object) -> list[dict[str, Any]]:
        self._settle()
        asked = {"month": self.name, "policy": self.policy.policy_id, **parameters}
        text = query % "month = {month:String}, policy = {policy:String}"
        return list(self.client.query(text, parameters=asked).named_results())


class MinuteTold:
    """What is told of one service-minute; every method returns it again."""

    def __init__(self, month: Scenario, service: str, at_ms: int) -> None:
        self._month = month
        self._service = service
        self._at_ms = at_ms

    def requests(self, *, source: str | None = None, plan: str | None = None, **by_outcome: int) -> Self:
        """So many requests of each outcome."""
        for outcome, count in by_outcome.items():
            for number in range(count):
                name = f"{outcome}-{source}-{plan}-{number}"
                self.request(name, **_REQUEST_OF[outcome], source=source, plan=plan)
        return self

    def request(self, id: str = "r", *, status: int = 200, second: float = 0, **fields: Any) -> Self:  # noqa: A002, ANN401
        """One request, field by field."""
        self._month.record(
            REQUESTS,
            known_at_ms=self._at_ms + MINUTE_MS,
            request_id=id,
            time=format_instant(self._at_ms + round(second * 1000)),
            service=self._service,
            account_id="a-1",
            status=status,
            **fields,
        )
        return self

    def messages(self, *, source: str | None = None, plan: str | None = None, **by_outcome: int) -> Self:
        """So many messages submitted in the minute, by what became of each."""
        for outcome, count in by_outcome.items():
            for number in range(count):
                name = f"{outcome}-{source}-{plan}-{number}"
                self.receipt(name, **_RECEIPT_OF[outcome], source=source, plan=plan)
        return self

    def receipt(self, id: str = "m", *, state: str = "delivered", second: float = 30, **fields: Any) -> Self:  # noqa: A002, ANN401
        """One receipt of a message submitted in the minute, made so many seconds after the minute's start."""
        self._month.record(
            RECEIPTS,
            known_at_ms=self._at_ms + MINUTE_MS,
            message_id=id,
            service=self._service,
            account_id="a-1",
            submitted_at=format_instant(self._at_ms),
            time=format_instant(self._at_ms + round(second * 1000)),
            state=state,
            **fields,
        )
        return self

    def probes(self, *, ok: int = 0, failed: int = 0) -> Self:
        """So many probes that succeeded, and that failed."""
        for succeeded, count in ((True, ok), (False, failed)):
            for number in range(count):
                self.probe(f"{succeeded}-{number}", ok=succeeded)
        return self

    def probe(self, id: str = "p", *, ok: bool, **fields: Any) -> Self:  # noqa: A002, ANN401
        """One probe, field by field."""
        self._month.record(
            "probes",
            known_at_ms=self._at_ms + MINUTE_MS,
            probe_id=id,
            time=format_instant(self._at_ms),
            service=self._service,
            vantage="khi-1",
            ok=ok,
            **fields,
        )
        return self

    def manifest(self, count: int, *, source: str = "gw", topic: str = REQUESTS, revision: int = 0) -> Self:
        """How many records a source says that it sent of the minute."""
        self._month.record(
            "telemetry.manifests",
            source=source,
            service=self._service,
            minute=format_instant(self._at_ms),
            topic=topic,
            count=count,
            revision=revision,
        )
        return self

    def dead_letter(self, id: str = "d", *, source: str | None = None) -> Self:  # noqa: A002  as the record calls it
        """A request that cannot count, but of which service, time and source can be read."""
        self._month.record(
            REQUESTS,
            known_at_ms=self._at_ms + MINUTE_MS,
            request_id=id,
            time=format_instant(self._at_ms),
            service=self._service,
            source=source,
        )
        return self


def clear(client: Client) -> None:
    """Empty what a scenario fills."""
    for table in _TABLES:
        client.command(f"TRUNCATE TABLE {table}")


def _topics() -> list[str]:
    return [topic.name for topic in input_topics()]
