"""aiokafka on a thread and loop of its own, giving out what it fetched in runs."""
# ruff: noqa: SLF001  aiokafka offers no way to take records in runs; Faust's own driver reaches as deep

import asyncio
from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer
from aiokafka.consumer import fetcher as aiokafka_fetcher
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import ConsumerStoppedError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams.kafka.batches import FetchedBatches
from streams.kafka.connection import aiokafka_config
from streams.kafka.runs import Limit, Run, Tp, find_jump, take_runs

# Compressed, a fetch: several blocks of a busy partition.
_PARTITION_FETCH_BYTES = 3 * 1024 * 1024
_FETCH_BYTES = 8 * 1024 * 1024
# A trickle is collected for a while: every block costs a row of `blocks` for ever, and questions to ClickHouse.
_FETCH_LEAST_BYTES = 256 * 1024
_FETCH_WAIT_MS = 200
# While ClickHouse is away Faust waits for the block that an agent has: a long interval keeps it in the group.
_POLL_INTERVAL_MS = 24 * 3_600_000
_METADATA_AGE_MS = 30_000

# aiokafka knows by this name alone what makes batches of the broker's answers.
aiokafka_fetcher.MemoryRecords = FetchedBatches


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """Faust's thread around aiokafka, fetching much at a time and giving it out in runs."""

    def _create_worker_consumer(self, transport: driver.Transport) -> AIOKafkaConsumer:
        settings = self.app.dependencies.settings
        session_ms = int(settings.kafka_session_timeout_s * 1000)
        self._assignor = RoundRobinPartitionAssignor
        del transport
        return AIOKafkaConsumer(
            **aiokafka_config(settings),
            client_id="zecto-sla-worker",
            group_id=settings.kafka_group,
            partition_assignment_strategy=[RoundRobinPartitionAssignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=session_ms // 4,
            rebalance_timeout_ms=max(session_ms, 30_000),
            max_poll_interval_ms=_POLL_INTERVAL_MS,
            max_partition_fetch_bytes=_PARTITION_FETCH_BYTES,
            fetch_max_bytes=_FETCH_BYTES,
            fetch_min_bytes=_FETCH_LEAST_BYTES,
            fetch_max_wait_ms=_FETCH_WAIT_MS,
            metadata_max_age_ms=_METADATA_AGE_MS,
        )

    # Counts the calls of `seek_all`. Read and written on this thread's loop alone.
    _start = 0

    async def take_runs(
        self, expected: Mapping[Tp, int], limit: Limit, room_bytes: int, *, start: int, timeout_s: float
    ) -> list[Run]:
        """What is fetched of these partitions, waiting up to `timeout_s` for something.

        `expected` has the position at which each is to be read on. One that the client has left by itself comes alone,
        as a run that begins elsewhere.

        `start` is what `seek_all` returned: a call that began before the latest one returns nothing, or it would take
        records that were fetched after it, and drop them.
        """
        return await self.call_thread(self._take_runs, expected, limit, room_bytes, start, timeout_s)  # type: ignore[no-any-return]

    async def _take_runs(
        self, expected: Mapping[Tp, int], limit: Limit, room_bytes: int, start: int, timeout_s: float
    ) -> list[Run]:
        if start != self._start:
            return []
        consumer = self._ensure_consumer()
        fetcher = consumer._fetcher
        if consumer._closed or fetcher._closed:
            raise ConsumerStoppedError
        if fetcher._subscriptions.reassignment_in_progress:
            await asyncio.sleep(timeout_s)
            return []
        jump = find_jump(fetcher, expected)
        if jump is not None:
            return [jump]
        with fetcher._subscriptions.fetch_context():
            runs = take_runs(fetcher, expected, limit, room_bytes)
            if runs:
                return runs
            arrived = fetcher._create_fetch_waiter()
            await asyncio.wait([arrived], timeout=timeout_s)
            arrived.cancel()
            if fetcher._subscriptions.reassignment_in_progress or start != self._start:
                return []
            return take_runs(fetcher, expected, limit, room_bytes)

    async def seek_all(self, positions: Mapping[Tp, int]) -> int:
        """Set positions of partitions that are still assigned; returns the number of this start."""
        return await self.call_thread(self._seek_all, positions)  # type: ignore[no-any-return]

    async def _seek_all(self, positions: Mapping[Tp, int]) -> int:
        consumer = self._ensure_consumer()
        for tp in consumer.assignment() & positions.keys():
            consumer.seek(tp, positions[tp])
        self._start += 1
        return self._start

    async def commit_positions(self, positions: Mapping[Tp, int]) -> None:
        """Commit positions of partitions that are still assigned.

        Raises:
            KafkaError: the broker refused; after a rebalance, for one.
        """
        await self.call_thread(self._commit_positions, positions)

    async def _commit_positions(self, positions: Mapping[Tp, int]) -> None:
        consumer = self._ensure_consumer()
        ours = consumer.assignment() & positions.keys()
        if ours:
            await consumer.commit({TopicPartition(*tp): OffsetAndMetadata(positions[tp], "") for tp in ours})

    async def note(self, tp: Tp | None, text: str) -> None:
        """Keep a text beside the committed offset of a partition, or of any that is assigned; the next commit drops it.

        Raises:
            KafkaError: the broker refused, or does not answer.
        """
        await self.call_thread(self._note, tp, text)

    async def _note(self, tp: Tp | None, text: str) -> None:
        consumer = self._ensure_consumer()
        ours = sorted(consumer.assignment())
        at = next((one for one in ours if one == tp), ours[0] if ours else None)
        if at is not None:
            await consumer.commit({at: OffsetAndMetadata(await consumer.committed(at) or 0, text)})

    async def rejoin(self) -> None:
        """Ask for a new assignment, as if a member had come or gone."""
        await self.call_thread(self._rejoin)

    async def _rejoin(self) -> None:
        self._ensure_consumer()._coordinator.request_rejoin()

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Nothing: a waiting ledger is no fault of the stream, and the worker says how fast it goes itself."""
