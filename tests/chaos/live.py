"""Traffic whose time is now, and what was shown of it meanwhile.

Each service lags behind the clock by a quarter of a minute more than the one before, and each is judged by a policy
whose grace just covers its lag: so a minute of one of them becomes complete every quarter of a minute.

    clock      12:00:00        :15             :30             :45          12:01:00
    completes      sms 11:59     voice 11:59   whatsapp 11:59    email 11:59    sms 12:00
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import cycle
from types import TracebackType
from typing import Final, Self

import confluent_kafka
import msgspec
from clickhouse_connect.driver.client import Client

from schemas.fields import Service
from schemas.instants import format_instant, parse_instant
from schemas.reference import policies
from streams.core.clock import now_ms
from streams.core.settings import Settings
from streams.kafka.connection import client_config
from streams.months.read_minutes import read_minutes
from streams.rules.calendar import month_of
from streams.rules.policy import apply_policy

TOPIC = "api.requests"
_LAG_MS: Final[Mapping[Service, int]] = {"sms": 0, "voice": 15_000, "whatsapp": 30_000, "email": 45_000}
# How much later than its lag a record may reach the broker: its producer must not dawdle longer.
LEEWAY_MS = 5_000
_ZONE = "Asia/Karachi"
_EVERY_S = 0.02
_BURST = 2
_LOOK_EVERY_S = 0.2
_MINUTE_MS = 60_000

# Each judgement asks for its own frontier first; what B5 says of records needs the frontier before the records.
_FRONTIER = "SELECT toUnixTimestamp64Milli(min(frontier)) FROM topic_frontiers"
_KNOWN = """
SELECT
    (SELECT count() FROM ledger_requests FINAL WHERE toUnixTimestamp64Milli(recorded_at) < {frontier_ms:Int64}),
    (SELECT sum(requests_ok) FROM minutes FINAL)
"""

Place = tuple[str, int]
"""A service-minute: service, minutes since the epoch."""


class Traffic(AbstractContextManager["Traffic"]):
    """Requests produced all the time, on a thread; what the broker acknowledged, and when it says it got it."""

    def __init__(self, settings: Settings) -> None:
        self.truth: Counter[Place] = Counter()
        self.recorded_at_ms: list[int] = []
        self.latest_ms = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._produce)
        self._producer = confluent_kafka.Producer(
            {**client_config(settings), "enable.idempotence": True, "linger.ms": 5, "log_level": 0}
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _produce(self) -> None:
        number = 0
        while not self._done.wait(_EVERY_S):
            for service, lag_ms in _LAG_MS.items():
                for _ in range(_BURST):
                    number += 1
                    self._send(number, service, now_ms() - lag_ms)
            self._producer.poll(0)
        self._producer.flush(30)

    def _send(self, number: int, service: Service, at_ms: int) -> None:
        record = {
            "request_id": f"live-{number}",
            "time": format_instant(at_ms),
            "service": service,
            "account_id": "a",
            "status": 200,
        }

        def taken(error: object, message: confluent_kafka.Message) -> None:
            assert error is None, error
            _, recorded_at_ms = message.timestamp()
            self.recorded_at_ms.append(recorded_at_ms)
            self.truth[service, at_ms // _MINUTE_MS] += 1
            self.latest_ms = max(self.latest_ms, recorded_at_ms - at_ms - _LAG_MS[service])

        self._producer.produce(TOPIC, msgspec.json.encode(record), str(number).encode(), on_delivery=taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was shown at a moment: requests of minutes not pending, the frontier, and what lay before it.

    `stored`: distinct requests known before the frontier; `evaluated`: requests in all minutes. Both read after it.
    """

    complete: Mapping[Place, int]
    frontier_ms: int
    stored: int
    evaluated: int


class Watch:
    """Looks at what is shown, as a user might at any time: at each look at the minutes of one service, in turn.

    Each service has a policy of its own here, and a month is judged anew for each.
    """

    def __init__(self, client: Client) -> None:
        self.looks: list[Look] = []
        self._client = client
        self._since = now_ms() // _MINUTE_MS - 2
        self._turns = cycle(_LAG_MS)
        self._shown: dict[Service, list[tuple[Place, int]]] = {}
        self._policies = {
            service: replace(policies()[-1], policy_id=service, grace_ms=lag_ms + LEEWAY_MS)
            for service, lag_ms in _LAG_MS.items()
        }

    def until(self, what: Callable[[], object], *, within_s: float, named: str) -> None:
        """Look until `what()` is true.

        Raises:
            AssertionError: it is still not true after `within_s`.
        """
        deadline = time.monotonic() + within_s
        while not what():
            assert time.monotonic() < deadline, f"{named} did not come within {within_s:g} s"
            self.looks.append(self._look())
            time.sleep(_LOOK_EVERY_S)

    def for_seconds(self, seconds: float) -> None:
        """Look for as long."""
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() >= end, within_s=seconds + 60, named="the end")

    def at_every_service(self) -> None:
        """Look once more at each service."""
        self.looks += [self._look() for _ in _LAG_MS]

    def _look(self) -> Look:
        service = next(self._turns)
        self._shown[service] = self._complete(service)
        complete = {place: count for shown in self._shown.values() for place, count in shown}
        frontier_ms = int(self._client.query(_FRONTIER).first_row[0])
        stored, evaluated = self._client.query(_KNOWN, {"frontier_ms": frontier_ms}).first_row
        return Look(complete=complete, frontier_ms=frontier_ms, stored=int(stored), evaluated=int(evaluated or 0))

    def _complete(self, service: Service) -> list[tuple[Place, int]]:
        now = now_ms()
        choice = apply_policy(month_of(now, _ZONE), self._policies[service])
        found = read_minutes(self._client, choice, service, self._since, now // _MINUTE_MS)
        return [
            ((service, parse_instant(row.minute) // _MINUTE_MS), row.requests.ok)
            for row in found
            if row.state != "pending"
        ]
