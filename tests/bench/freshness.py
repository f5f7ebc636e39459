"""How long a record takes from its production to its minute's count and to its verdict in ClickHouse, at a steady pace:

    python -m tests.bench.freshness --rate 5000 --seconds 600 --json freshness.json

Request logs of now are sent at the rate asked for, after four weeks of counted minutes. Among them, some times a
second, goes a marked one: it belongs to a minute of its own of the last days, which nothing else touches, so that the
first count of that minute, and its first valid request in `verdicts`, are the moments at which this very record has
become visible. The clock begins just before the record is handed to the producer's client.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
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
_MARKS_BEFORE: Final = timedelta(hours=3)
"""How long before the beginning the marks' minutes lie, each before the one before it."""
_MARKS_LAST: Final = timedelta(days=2)
_MARKS_A_SECOND: Final = 10
_TICK_S: Final = 0.02
_LOOK_EVERY_S: Final = 0.1
_LOOK_AT_VERDICTS_EVERY_S: Final = 0.5
_SETTLE_S: Final = 20.0
_WARM_S: Final = 5.0
_SEEN: Final = """
SELECT service, toUInt32(minute) FROM minutes
WHERE minute >= toDateTime({from:UInt32}, 'UTC') AND minute < toDateTime({to:UInt32}, 'UTC')
"""

_JUDGED: Final = """
SELECT DISTINCT service, toUInt32(minute) FROM verdicts
WHERE minute >= toDateTime({from:UInt32}, 'UTC') AND minute < toDateTime({to:UInt32}, 'UTC') AND requests_valid > 0
    AND service != 'platform'
"""
_FOUR_WEEKS: Final = """
INSERT INTO minutes (service, minute, version, records, requests_ok, requests_heard)
SELECT arrayJoin(['sms', 'voice', 'whatsapp', 'email']), toDateTime({until:UInt32} - 60 * (number + 1), 'UTC'),
    1099511627806, 30, 30, 30
FROM numbers(28 * 1440) SETTINGS max_partitions_per_insert_block = 0
"""

Place = tuple[str, int]
"""A service and a minute in seconds since the epoch."""


class Marks:
    """Marked records: when each was sent, and when its minute was first seen counted, and judged."""

    def __init__(self, now: datetime) -> None:
        self.sent_s: dict[Place, float] = {}
        self.counted_s: dict[Place, float] = {}
        self.judged_s: dict[Place, float] = {}
        self.first_s = int((now - _MARKS_BEFORE).timestamp()) // 60 * 60
        self._places = _places(self.first_s)

    def value(self) -> bytes:
        """The next one, whose time begins now."""
        service, at_s = next(self._places)
        self.sent_s[service, at_s] = time.monotonic()
        return _record(f"mark-{service}-{at_s}", datetime.fromtimestamp(at_s, UTC), service)

    def look(self, client: Client, question: str, seen_s: dict[Place, float]) -> None:
        """See which have arrived since."""
        waiting = [at_s for service, at_s in list(self.sent_s) if (service, at_s) not in seen_s]
        if waiting:
            asked = {"from": min(waiting), "to": max(waiting) + 60}
            found = client.query(question, parameters=asked).result_rows
            now_s = time.monotonic()
            for service, at_s in found:
                seen_s.setdefault((service, at_s), now_s)

    def all_seen(self) -> bool:
        """Whether every one has arrived in both."""
        return len(self.sent_s) == len(self.counted_s) == len(self.judged_s)

    def delays_s(self, since_s: Mapping[Place, float], seen_s: Mapping[Place, float], after_s: float) -> list[float]:
        """From one moment to another of those sent after an instant, ascending; one that never arrived is missing."""
        return sorted(
            seen_s[place] - since_s[place]
            for place, sent_s in self.sent_s.items()
            if sent_s >= after_s and place in seen_s and place in since_s
        )


def _places(first_s: int) -> Iterator[Place]:
    for at_s in range(first_s, first_s - int(_MARKS_LAST.total_seconds()), -60):
        for service in SERVICES:
            yield service, at_s


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
    if result["never_seen"]:
        sys.exit(f"bench.freshness: {result['never_seen']} marked records were never counted or judged")


def _run(rate: int, seconds: float, directory: Path) -> dict[str, float]:
    with EmbeddedStack(directory, prepare=migrate, worker=False) as stack:
        client, clients = connect(stack.settings()), connect(stack.settings())
        marks, counts = Marks(datetime.now(UTC)), dict[str, int]()  # noqa: TID251  traffic of now
        client.command(_FOUR_WEEKS, parameters={"until": marks.first_s - int(_MARKS_LAST.total_seconds())})
        worker = stack.start_worker()
        began_s = time.monotonic()
        until_s = began_s + _WARM_S + seconds
        sending = threading.Thread(
            target=lambda: counts.update(sent=send(stack.settings(), marks, rate=rate, until_s=until_s))
        )
        over = threading.Event()
        looking = threading.Thread(target=_look_at_verdicts, args=(clients, marks, over))
        sending.start()
        looking.start()
        pids = {"worker": worker.process.pid, "engine": stack.engine.part.process.pid}
        warm_cpu_s, peak_mib = dict[str, float](), 0.0
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task("sending", total=_WARM_S + seconds)
            while sending.is_alive() or (not marks.all_seen() and time.monotonic() < until_s + _SETTLE_S):
                marks.look(client, _SEEN, marks.counted_s)
                passed_s = time.monotonic() - began_s
                progress.update(task, completed=passed_s)
                peak_mib = max(peak_mib, rss_mib(worker.process.pid))
                if passed_s > _WARM_S and not warm_cpu_s:
                    warm_cpu_s = {name: cpu_s(pid) for name, pid in pids.items()}
                time.sleep(_LOOK_EVERY_S)
        over.set()
        looking.join()
        used_s = {name: cpu_s(pid) - warm_cpu_s.get(name, 0.0) for name, pid in pids.items()}
    never = sum(place not in marks.counted_s or place not in marks.judged_s for place in marks.sent_s)
    return {
        "rate": rate,
        "seconds": round(seconds),
        "records": counts["sent"],
        "records_per_s": round(counts["sent"] / (_WARM_S + seconds)),
        "marked": len(marks.sent_s),
        **_figures("counted", marks.delays_s(marks.sent_s, marks.counted_s, began_s + _WARM_S)),
        **_figures("judged", marks.delays_s(marks.sent_s, marks.judged_s, began_s + _WARM_S)),
        **_figures("from_count_to_verdict", marks.delays_s(marks.counted_s, marks.judged_s, began_s + _WARM_S)),
        "worker_cpu_share": round(used_s["worker"] / seconds, 3),
        "engine_cpu_share": round(used_s["engine"] / seconds, 3),
        "worker_peak_rss_mib": round(peak_mib, 1),
        "never_seen": never,
    }


def _look_at_verdicts(client: Client, marks: Marks, over: threading.Event) -> None:
    while not over.wait(_LOOK_AT_VERDICTS_EVERY_S):
        marks.look(client, _JUDGED, marks.judged_s)


def _figures(name: str, delays_s: list[float]) -> dict[str, float]:
    quantiles = {f"{name}_p{percent}_s": round(_quantile(delays_s, percent), 3) for percent in (50, 90, 99)}
    return {**quantiles, f"{name}_worst_s": round(delays_s[-1], 3)}


def _quantile(ascending: list[float], percent: int) -> float:
    return ascending[min(len(ascending) - 1, len(ascending) * percent // 100)]


if __name__ == "__main__":
    main()
