"""Probes of a service from several vantages, and the manifests of its sources."""

import random
from collections.abc import Callable
from typing import Final

from schemas.fields import Service
from streams.simulate.plot import Episode, EpisodeKind, ManifestSpan
from streams.simulate.requests import SECONDS

REQUESTS: Final = "api.requests"
RECEIPTS: Final = "carrier.receipts"
_VANTAGES: Final = ("dxb-1", "fra-1", "sin-1")
_DOWN: Final = frozenset((EpisodeKind.TOTAL, EpisodeKind.SILENT))
_UNPROBED: Final = frozenset((EpisodeKind.LOST, EpisodeKind.UNUSED))
# By minute, how many of three vantages fail while they disagree: fewer than succeed, more, all (V2).
_FAILING: Final = (1, 2, 3)
_ODD_EVERY: Final = 997
_LOWERED_BY: Final = 2

# Called with key and value.
Emit = Callable[[str, str], None]


class ProbeTraffic:
    """The probes of one service: one a turn from each vantage in turn, all of them while something is wrong."""

    def __init__(self, seed: int, service: Service, every: int, rng: random.Random) -> None:
        self._prefix = f"prb-{seed:x}-{service[0]}"
        self._service = service
        self._every = every
        self._random = rng.random

    def minute(self, minute: int, text: str, episode: Episode | None, emit: Emit) -> None:
        """Emit the probes of a minute of the plan."""
        kind = episode.episode_kind if episode is not None else None
        if kind in _UNPROBED:
            return
        if kind in _DOWN:
            for vantage in _VANTAGES[:2]:
                self._probe(minute, text, vantage, emit, ok=False)
        elif kind is EpisodeKind.DISAGREEING:
            failing = _FAILING[minute % len(_FAILING)]
            for number, vantage in enumerate(_VANTAGES):
                self._probe(minute, text, vantage, emit, ok=number >= failing)
        elif minute % self._every == 0:
            self._probe(minute, text, _VANTAGES[minute // self._every % 2], emit, ok=True)

    def _probe(self, minute: int, text: str, vantage: str, emit: Emit, *, ok: bool) -> None:
        key = f"{self._prefix}{minute:x}"
        second = SECONDS[int(self._random() * 60_000)]
        head = f'{{"probe_id":"{key}","time":"{text}{second}","service":"{self._service}","vantage":"{vantage}",'
        outcome = f'"ok":true,"status":200,"duration_ms":{40 + minute % 60}.25' if ok else '"ok":false'
        if ok and minute % _ODD_EVERY == 0:  # failed at first, and corrected in our favour (I4)
            emit(key, f'{head}"ok":false}}')
            outcome += ',"revision":1'
        emit(key, f"{head}{outcome}}}")


def manifest_lines(span: ManifestSpan, minute: int, text: str, requests: int, messages: int) -> list[tuple[str, str]]:
    """The manifests of a minute, by source: both topics, zeros included; none in the hole.

    A lowered count is sent too high at first, and becomes final or not with the revision that mends it.
    """
    if span.hole is not None and span.hole[0] <= minute < span.hole[1]:
        return []
    final = ',"final":true' if span.final and minute == span.end - 1 else ""
    lines = []
    for source in span.sources:
        for topic, carrier, number in ((REQUESTS, span.sources[0], requests), (RECEIPTS, span.sources[-1], messages)):
            count = number * (source == carrier) + (topic == REQUESTS and minute in span.shortfalls)
            head = f'{{"source":"{source}","service":"{span.service}","minute":"{text}:00Z","topic":"{topic}",'
            if minute in span.lowered:
                lines.append((source, f'{head}"count":{count + _LOWERED_BY}}}'))
                lines.append((source, f'{head}"count":{count},"revision":1{final}}}'))
            else:
                lines.append((source, f'{head}"count":{count}{final}}}'))
    return lines
