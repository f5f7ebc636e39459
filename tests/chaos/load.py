"""Requests whose counts are known beforehand, and what the minutes say of them afterwards."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
from clickhouse_connect.driver.client import Client

from schemas.instants import format_instant
from streams.core.settings import Settings
from streams.kafka.producer import Producer

TOPIC = "api.requests"
SERVICES = ("sms", "voice", "whatsapp", "email")
_COLUMNS = ("requests_ok", "requests_platform", "requests_customer")
_MINUTE_S = 60

Counts = Counter[tuple[str, int, str]]
"""Requests by service, minute (since the epoch) and column of `minutes`."""


@dataclass(slots=True)
class Load:
    """Requests of some minutes of a day, each with one of three outcomes; every seventh is sent twice."""

    first_minute: int
    minutes: int = 30
    truth: Counts = field(default_factory=Counter)
    sent: int = 0
    _number: int = 0

    def send(self, settings: Settings, requests: int) -> None:
        """Produce further requests; returns once the broker has them all."""
        with Producer(settings) as producer:
            for value in self.values(requests):
                producer.send(TOPIC, value, key=b"%d" % self._number)

    def values(self, requests: int) -> Iterator[bytes]:
        """The records of further requests, counted as they are taken."""
        for _ in range(requests):
            self._number += 1
            value = self._request(self._number)
            for _ in range(1 + (self._number % 7 == 0)):
                self.sent += 1
                yield value

    def _request(self, number: int) -> bytes:
        service, minute = SERVICES[number % 4], self.first_minute + number // 4 % self.minutes
        status, column = ((200, _COLUMNS[0]), (500, _COLUMNS[1]), (404, _COLUMNS[2]))[number * number % 3]
        self.truth[service, minute, column] += 1
        return msgspec.json.encode(
            {
                "request_id": f"{self.first_minute}-{number}",
                "time": format_instant(minute * 60_000 + number % 60_000),
                "service": service,
                "account_id": f"account-{number % 50}",
                "status": status,
            }
        )


def counted(client: Client, load: Load) -> Counts:
    """What `minutes` says of the minutes of a load."""
    found = client.query(
        f"SELECT service, toUInt32(minute), {', '.join(_COLUMNS)} FROM minutes FINAL"
        " WHERE minute >= {start:DateTime('UTC')} AND minute < {end:DateTime('UTC')}",
        parameters={
            "start": load.first_minute * _MINUTE_S,
            "end": (load.first_minute + load.minutes) * _MINUTE_S,
        },
    ).result_rows
    return Counter(
        {
            (service, at // _MINUTE_S, column): count
            for service, at, *counts in found
            for column, count in zip(_COLUMNS, counts, strict=True)
            if count
        }
    )


def pending(client: Client) -> int:
    """Blocks whose minutes are still owed."""
    return int(client.query("SELECT countIf(state = 'stored') FROM blocks FINAL").first_row[0])
