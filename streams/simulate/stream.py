"""The records of a plan, in the order in which they would be sent, or shuffled and with duplicates on the way."""

import heapq
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from schemas.fields import SERVICES, Service
from schemas.instants import format_instant, parse_instant
from streams.simulate.broken import BREAKS, ONE_MEBIBYTE, break_record
from streams.simulate.customers import account_records
from streams.simulate.messages import MessageTraffic
from streams.simulate.plot import DAY_MINUTES, MINUTE_MS, Episode, ManifestSpan, Plan
from streams.simulate.requests import SECONDS, RequestTraffic
from streams.simulate.shapes import SHARE_OF_SERVICE, draw_shapes, intensity
from streams.simulate.telemetry import RECEIPTS, REQUESTS, ProbeTraffic, manifest_lines

SimulatedRecord = tuple[str, bytes | None, bytes | None]
"""Topic, key, value."""

PROBES: Final = "probes"
MANIFESTS: Final = "telemetry.manifests"

_RECEIPTS_A_MESSAGE: Final = 1.97
_MESSAGES_A_REQUEST: Final = 0.4
_PROBES_SHARE_MAX: Final = 0.45
_DUPLICATE_DELAY_MAX: Final = 5_000
_MANIFEST_DELAY_MINUTES: Final = 2
_FAR_FUTURE: Final = "2099-06-15T12:00"
_AHEAD_OF_CLOCK: Final = 3
_JITTER: Final = 0.6


def records(plan: Plan) -> Iterator[SimulatedRecord]:
    """Every record of the plan, duplicates and broken ones among them: the same plan gives the same records.

    In order of sending, unless the plan says shuffled, which holds them all in memory.
    """
    sent = _Sender(plan).send()
    rng = random.Random(f"{plan.seed}/delivery")  # noqa: S311  simulation
    if plan.shuffle:
        return iter(_shuffled(sent, rng, plan.duplicate_share))
    return _with_duplicates(sent, rng, plan.duplicate_share) if plan.duplicate_share else sent


def _shuffled(sent: Iterable[SimulatedRecord], rng: random.Random, duplicate_share: float) -> list[SimulatedRecord]:
    everything = list(sent)
    everything.extend([record for record in everything if rng.random() < duplicate_share])
    rng.shuffle(everything)
    return everything


def _with_duplicates(
    sent: Iterable[SimulatedRecord], rng: random.Random, duplicate_share: float
) -> Iterator[SimulatedRecord]:
    waiting: list[tuple[int, int, SimulatedRecord]] = []
    draw = rng.random
    for count, record in enumerate(sent):
        yield record
        if draw() < duplicate_share:
            heapq.heappush(waiting, (count + 1 + int(draw() * _DUPLICATE_DELAY_MAX), count, record))
        while waiting and waiting[0][0] <= count:
            yield heapq.heappop(waiting)[2]
    for _, _, record in sorted(waiting, key=lambda entry: entry[:2]):
        yield record


class _Sender:
    """Walks the minutes of a plan; what is sent later waits in the bucket of its minute."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._rng = random.Random(f"{plan.seed}/content")  # noqa: S311  simulation
        self._minute_texts: dict[int, str] = {}
        self._buckets: defaultdict[int, list[SimulatedRecord]] = defaultdict(list)
        self._now = 0
        shapes = draw_shapes(self._rng)
        self._requests = {
            service: RequestTraffic(plan.seed, service, shapes[service], self._rng) for service in SERVICES
        }
        self._messages = {
            service: MessageTraffic(
                plan.seed, service, shapes[service], self._rng, time_text=self._time_text, emit=self._send_receipt
            )
            for service in SERVICES
        }
        every = _probe_every(plan)
        self._probes = {service: ProbeTraffic(plan.seed, service, every, self._rng) for service in SERVICES}
        self._requests_a_minute = _requests_a_minute(plan, every)
        self._episodes = _by_minute(plan.episodes)
        self._at_least = {
            (campaign.service, minute): campaign.requests
            for campaign in plan.campaigns
            for minute in range(campaign.first, campaign.first + campaign.minutes)
        } | {(service, plan.minutes - 1): 1 for service in SERVICES}

    def send(self) -> Iterator[SimulatedRecord]:
        self._announce()
        for minute in range(self._plan.minutes):
            self._now = minute
            self._send_minute(minute)
            yield from self._buckets.pop(minute, ())
        for minute in sorted(self._buckets):
            yield from self._buckets[minute]

    def _send_minute(self, minute: int) -> None:
        minute_ms = self._plan.start_ms + minute * MINUTE_MS
        text = self._text(minute_ms)
        busy = self._requests_a_minute * intensity(minute_ms)
        for service in SERVICES:
            self._send_service_minute(service, minute, minute_ms, text, busy * SHARE_OF_SERVICE[service])
        if self._rng.random() < self._plan.broken_share * self._plan.aimed_records / self._plan.minutes % 1:
            self._send_broken(text)
        for _ in range(int(self._plan.broken_share * self._plan.aimed_records / self._plan.minutes)):
            self._send_broken(text)

    def _send_service_minute(self, service: Service, minute: int, minute_ms: int, text: str, expected: float) -> None:
        draw = self._rng.random
        episode = self._episodes.get((service, minute))
        span = self._span_of(service, minute)
        carried_by = [f',"source":"{source}"' for source in span.sources] if span is not None else [""]
        bucket = self._buckets[minute]

        def emit_request(key: str, line: str) -> None:
            bucket.append((REQUESTS, key.encode(), line.encode()))

        noise = 1 - _JITTER / 2 + _JITTER * draw()
        asked = max(int(expected * noise + draw()), self._at_least.get((service, minute), 0))
        submitted = int(expected * _MESSAGES_A_REQUEST * noise + draw())
        requests = self._requests[service].minute(text, asked, episode, carried_by[0], emit_request)
        messages = self._messages[service].minute(minute_ms, text, submitted, episode, carried_by[-1])
        self._probes[service].minute(
            minute, text, episode, lambda key, line: bucket.append((PROBES, key.encode(), line.encode()))
        )
        if span is not None:
            later = self._buckets[minute + _MANIFEST_DELAY_MINUTES]
            for source, line in manifest_lines(span, minute, text, requests, messages):
                later.append((MANIFESTS, source.encode(), line.encode()))

    def _span_of(self, service: Service, minute: int) -> ManifestSpan | None:
        spans = (span for span in self._plan.manifest_spans if span.service == service)
        return next((span for span in spans if span.first <= minute < span.end), None)

    def _send_receipt(self, key: str, line: str, at_ms: int) -> None:
        self._bucket_at(at_ms).append((RECEIPTS, key.encode(), line.encode()))

    def _send_broken(self, text: str) -> None:
        rng = self._rng
        service = SERVICES[rng.randrange(len(SERVICES))]
        how = BREAKS[rng.randrange(len(BREAKS))]
        topic = rng.choices((REQUESTS, RECEIPTS, PROBES), (6, 3, 1))[0]
        match topic:
            case "api.requests":
                key, line = self._requests[service].one(text, "")
            case "carrier.receipts":
                key, line = self._messages[service].one(text)
            case _:
                key = f"prb-broken-{rng.getrandbits(40):x}"
                line = f'{{"probe_id":"{key}","time":"{text}:00Z","service":"{service}","vantage":"dxb-1","ok":true}}'
        self._buckets[self._now].append((topic, key.encode(), break_record(how, line, rng)))

    def _announce(self) -> None:
        """What is said once: accounts, windows at the minute of their notice, and the records of odd size and time."""
        first_text = self._text(self._plan.start_ms)
        for account in account_records(self._plan):
            self._buckets[0].append(("accounts", account["account_id"].encode(), msgspec.json.encode(account)))
        for topic, value in self._plan.refused:
            self._buckets[0].append((topic, b"refused", value))
        for claim in self._plan.claims:
            bucket = self._bucket_at(parse_instant(claim.submitted_at))
            bucket.append(("sla.claims", claim.account_id.encode(), msgspec.json.encode(claim)))
        for declaration in self._plan.declarations:
            bucket = self._bucket_at(parse_instant(declaration.announced_at))
            bucket.append(("sla.declarations", declaration.declaration_id.encode(), msgspec.json.encode(declaration)))
        for _ in range(_AHEAD_OF_CLOCK):
            key, line = self._requests["sms"].one(_FAR_FUTURE, "")
            self._buckets[0].append((REQUESTS, key.encode(), line.encode()))
        if self._plan.broken_share:
            key, line = self._requests["email"].one(first_text, "")
            long = line.encode()[:-1] + b',"note":"'
            value_bytes = long + b"x" * (ONE_MEBIBYTE - len(long) - 2) + b'"}'
            self._buckets[DAY_MINUTES // 2].append((REQUESTS, key.encode(), value_bytes))

    def _bucket_at(self, at_ms: int) -> list[SimulatedRecord]:
        return self._buckets[max(self._now, (at_ms - self._plan.start_ms) // MINUTE_MS)]

    def _text(self, minute_ms: int) -> str:
        text = self._minute_texts.get(minute_ms)
        if text is None:
            text = self._minute_texts[minute_ms] = format_instant(minute_ms)[:16]
        return text

    def _time_text(self, at_ms: int) -> str:
        within_ms = at_ms % MINUTE_MS
        return self._text(at_ms - within_ms) + SECONDS[within_ms]


def _by_minute(episodes: Iterable[Episode]) -> dict[tuple[Service, int], Episode]:
    return {
        (episode.service, minute): episode
        for episode in episodes
        for minute in range(episode.first, episode.first + episode.minutes)
    }


def _probe_every(plan: Plan) -> int:
    most = plan.aimed_records * _PROBES_SHARE_MAX
    return max(1, -int(-plan.minutes * len(SERVICES) // most))


def _requests_a_minute(plan: Plan, probe_every: int) -> float:
    """Of all services together, so that the plan comes out near the number of records that it aims at."""
    probes = plan.minutes * len(SERVICES) / probe_every
    manifests = sum(2 * len(span.sources) * (span.end - span.first) for span in plan.manifest_spans)
    left = max(plan.aimed_records - probes - manifests, plan.aimed_records * 0.1)
    return left / plan.minutes / (1 + _MESSAGES_A_REQUEST * _RECEIPTS_A_MESSAGE)
