"""How long a record takes from its production to its minute's count in ClickHouse, at a steady pace:

    python -m tests.bench.freshness --rate 5000 --seconds 600 --json freshness.json

Request logs of now are sent at the rate asked for. Among them, some times a second, goes a marked one: it belongs to a
minute of its own in the past, which nothing else touches, so that the first count of that minute is the moment at which
this very record has become visible. The clock begins just before the record is handed to the producer's client.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from clickhouse_connect.driver.client import Client
from rich.console import Console
from rich.progress import Progress

from streams.clickhouse.client import connect
from streams.core.errors import ZectoError
from streams.core.settings import Settings
from streams.kafka.producer import Producer
from streams.operations.migrate import migrate
from streams.stack.stack import EmbeddedStack
from tests.bench.telling import tell
from tests.bench.traffic import SERVICES
from tests.bench.usage import cpu_s, rss_mib

_TOPIC: Final = "api.requests"
_MARKS_FROM: Final = datetime(2026, 1, 1, tzinfo=UTC)
_MARKS_A_SECOND: Final = 10
_TICK_S: Final = 0.02
_LOOK_EVERY_S: Final = 0.05
_SETTLE_S: Final = 10.0
_WARM_S: Final = 5.0
_SEEN: Final = """
SELECT service, toUInt32(minute) FROM minutes
WHERE minute >= toDateTime({from:UInt32}, 'UTC') AND minute < toDateTime({to:UInt32}, 'UTC')
"""

Place = tuple[str, int]
"""A service and a minute in seconds since the epoch."""


class Marks:
    """Marked records: when each was sent, and when its minute was first seen."""

    def __init__(self) -> None:
        self.sent_s: dict[Place, float] = {}
        self.seen_s: dict[Place, float] = {}
        self._places = _places()

    def value(self) -> bytes:
        """The next one, whose time begins now."""
        service, at_s = next(self._places)
        self.sent_s[service, at_s] = time.monotonic()
        return _record(f"mark-{service}-{at_s}", datetime.fromtimestamp(at_s, UTC), service)

    def look(self, client: Client) -> None:
        """See which have arrived since."""
        waiting = [at_s for service, at_s in list(self.sent_s) if (service, at_s) not in self.seen_s]
        if waiting:
            asked = {"from": min(waiting), "to": max(waiting) + 60}
            found = client.query(_SEEN, parameters=asked).result_rows
            now_s = time.monotonic()
            for service, at_s in found:
                self.seen_s.setdefault((service, at_s), now_s)

    def delays_s(self, after_s: float) -> list[float]:
        """Of those sent after an instant, ascending; one that never arrived is missing."""
        return sorted(self.seen_s[place] - sent_s for place, sent_s in self.sent_s.items() if sent_s >= after_s)


def _places() -> Iterator[Place]:
    at_s = int(_MARKS_FROM.timestamp())
    while True:
        for service in SERVICES:
            yield service, at_s
        at_s += 60


def _record(request_id: str, at: datetime, service: str) -> bytes:
    text = at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
    return (
        f'{{"request_id":"{request_id}","time":"{text}","service":"{service}","account_id":"account-00001",'
        f'"status":200,"duration_ms":48,"route":"/v1/{service}/messages","region":"pk-south","source":"gateway-1"}}'
    ).encode()


def send(settings: Settings, marks: Marks, *, rate: int, until_s: float) -> int:
    """Send at a steady pace until an instant of the monotonic clock; returns how many records."""
    chosen, sent, began_s, marked = random.Random(1), 0, time.monotonic(), 0
    with Producer(settings, options={"linger.ms": 5}) as producer:
        while (now_s := time.monotonic()) < until_s:
            passed_s = now_s - began_s
            while marked < passed_s * _MARKS_A_SECOND:
                marked += 1
                producer.send(_TOPIC, marks.value(), key=b"%d" % marked)
            at = datetime.now(UTC) - timedelta(milliseconds=20)  # noqa: TID251  traffic of now
            while sent < passed_s * rate:
                request_id = f"req-{chosen.getrandbits(96):024x}"
                value = _record(request_id, at, SERVICES[sent % len(SERVICES)])
                producer.send(_TOPIC, value, key=request_id.encode())
                sent += 1
            time.sleep(_TICK_S)
    return sent + marked


def main() -> None:
    """Run once, print the table, write the JSON."""
    parser = argparse.ArgumentParser(prog="bench.freshness", description="From production to counted minute.")
    parser.add_argument("--rate", type=int, default=5_000, help="records a second")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--json", type=Path, help="also write the result here")
    arguments = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="zecto-bench-") as directory:
            result = _run(arguments.rate, arguments.seconds, Path(directory))
    except ZectoError as error:
        sys.exit(f"bench.freshness: {error}")
    tell(result, title="from production to counted minute", json_path=arguments.json)
    if result["never_counted"]:
        sys.exit(f"bench.freshness: {result['never_counted']} marked records were never counted")


def _run(rate: int, seconds: float, directory: Path) -> dict[str, float]:
    with EmbeddedStack(directory, prepare=migrate, worker=False) as stack:
        worker = stack.start_worker()
        client = connect(stack.settings())
        marks, counts = Marks(), dict[str, int]()
        began_s = time.monotonic()
        until_s = began_s + _WARM_S + seconds
        sending = threading.Thread(
            target=lambda: counts.update(sent=send(stack.settings(), marks, rate=rate, until_s=until_s))
        )
        sending.start()
        pids = {"worker": worker.process.pid, "engine": stack.engine.part.process.pid}
        warm_cpu_s, peak_mib = dict[str, float](), 0.0
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task("sending", total=_WARM_S + seconds)
            while sending.is_alive() or (
                len(marks.seen_s) < len(marks.sent_s) and time.monotonic() < until_s + _SETTLE_S
            ):
                marks.look(client)
                passed_s = time.monotonic() - began_s
                progress.update(task, completed=passed_s)
                peak_mib = max(peak_mib, rss_mib(worker.process.pid))
                if passed_s > _WARM_S and not warm_cpu_s:
                    warm_cpu_s = {name: cpu_s(pid) for name, pid in pids.items()}
                time.sleep(_LOOK_EVERY_S)
        used_s = {name: cpu_s(pid) - warm_cpu_s.get(name, 0.0) for name, pid in pids.items()}
    never = len(marks.sent_s) - len(marks.seen_s)
    for place in marks.sent_s.keys() - marks.seen_s.keys():
        del marks.sent_s[place]
    delays_s = marks.delays_s(began_s + _WARM_S)
    return {
        "records": counts["sent"],
        "records_per_s": round(counts["sent"] / (_WARM_S + seconds)),
        "marked": len(delays_s),
        "p50_s": round(_quantile(delays_s, 50), 3),
        "p90_s": round(_quantile(delays_s, 90), 3),
        "p99_s": round(_quantile(delays_s, 99), 3),
        "worst_s": round(delays_s[-1], 3),
        "worker_cpu_share": round(used_s["worker"] / seconds, 3),
        "engine_cpu_share": round(used_s["engine"] / seconds, 3),
        "worker_peak_rss_mib": round(peak_mib, 1),
        "never_counted": never,
    }


def _quantile(ascending: list[float], percent: int) -> float:
    return ascending[min(len(ascending) - 1, len(ascending) * percent // 100)]


if __name__ == "__main__":
    main()
