"""A backlog of request logs with 10 % failures of all kinds, and the counts of every minute worked out beside it.

The truth is written here by hand, kind by kind; nothing of what is measured takes part in it.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

DAY = "2026-09-01"
MINUTES = 1_440
SERVICES = ("sms", "voice", "whatsapp", "email")
_ACCOUNTS = 200
_RUN = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A way for a request to end: what its record says, which column of `minutes` it belongs to, how often it comes."""

    ending: str
    column: str
    weight: int


KINDS = (
    Kind(ending='"status":200', column="requests_ok", weight=8_000),
    Kind(ending='"status":202', column="requests_ok", weight=1_000),
    Kind(ending='"status":500', column="requests_platform", weight=120),
    Kind(ending='"status":502', column="requests_platform", weight=30),
    Kind(ending='"status":0', column="requests_platform", weight=30),
    Kind(ending='"status":400,"error":"internal_validation_bug"', column="requests_platform", weight=50),
    Kind(ending='"status":503,"error":"operator_unavailable"', column="requests_operator", weight=150),
    Kind(ending='"status":400', column="requests_customer", weight=200),
    Kind(ending='"status":404', column="requests_customer", weight=150),
    Kind(ending='"status":429,"error":"rate_limited"', column="requests_customer", weight=100),
    Kind(ending='"status":500,"stage":"beta"', column="requests_out_of_scope", weight=60),
    Kind(ending='"status":200,"plan":"trial"', column="requests_out_of_scope", weight=90),
    Kind(ending='"status":99', column="", weight=10),
    Kind(ending='"status":"broken"', column="", weight=10),
)


@dataclass(slots=True)
class Truth:
    """What must come out: counts by (service, minute of the day, column), distinct dead letters, bytes produced."""

    minutes: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    broken: int = 0
    value_bytes: int = 0


def backlog(records: int, seed: int, truth: Truth, *, days: int = 1) -> Iterator[tuple[bytes, bytes]]:
    """(key, value) of each record, in about the order of time as a log has it; fills in the truth as it goes.

    `days` from `DAY` on, at most 30; minutes of the truth count from the first day's begin.
    """
    chosen = random.Random(seed)
    weights = [kind.weight for kind in KINDS]
    number = 0
    while number < records:
        run = min(_RUN, records - number)
        for kind in chosen.choices(KINDS, weights, k=run):
            yield _record(number * days * MINUTES // records, kind, chosen, truth)
            number += 1


def _record(minute: int, kind: Kind, chosen: random.Random, truth: Truth) -> tuple[bytes, bytes]:
    draw = chosen.getrandbits(40)
    service = SERVICES[draw & 3]
    millisecond = (draw >> 2) % 60_000
    account = (draw >> 18) % _ACCOUNTS
    duration_ms = 8 + (draw >> 26) % 400
    key = f"req-{chosen.getrandbits(96):024x}"
    day, of_day = divmod(minute, MINUTES)
    at = f"{DAY[:-2]}{day + 1:02d}T{of_day // 60:02d}:{of_day % 60:02d}:{millisecond / 1000:06.3f}Z"
    value = (
        f'{{"request_id":"{key}","time":"{at}","service":"{service}","account_id":"account-{account:05d}",'
        f'{kind.ending},"duration_ms":{duration_ms},"route":"/v1/{service}/messages",'
        f'"region":"pk-south","source":"gateway-{account & 3}"}}'
    ).encode()
    truth.value_bytes += len(value)
    if kind.column:
        truth.minutes[service, minute, kind.column] += 1
    else:
        truth.broken += 1
    return key.encode(), value


def service_of(value: bytes) -> bytes:
    """The service that a record of the backlog names."""
    return value.split(b'"service":"', 1)[1].split(b'"', 1)[0]


def closing() -> Iterator[tuple[str, bytes]]:
    """(service, value) of a record for each service, from an hour after the day: it closes every window before."""
    closes_at = f"{date.fromisoformat(DAY) + timedelta(days=1)}T01:00:00.000Z"
    for service in SERVICES:
        value = (
            f'{{"request_id":"req-closing","time":"{closes_at}","service":"{service}","account_id":"account-00000",'
            '"status":200,"duration_ms":8}'
        )
        yield service, value.encode()
