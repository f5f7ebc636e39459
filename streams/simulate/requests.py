"""Requests of one service, minute by minute, as NDJSON lines with their ids."""

import random
from collections.abc import Callable
from typing import Final

from schemas.fields import Service
from streams.simulate.odd_requests import OddRequest, odd_lines
from streams.simulate.plot import Episode, EpisodeKind
from streams.simulate.shapes import Shapes, own_failure

SECONDS: Final = tuple(f":{ms // 1000:02}.{ms % 1000:03}Z" for ms in range(60_000))
"""The rest of an instant behind its minute, by millisecond."""

_FOREIGN_FROM: Final = 0.945
_BEYOND_SCOPE_FROM: Final = 0.988
_ODD_FROM: Final = 0.995
_OPERATOR_REFUSALS: Final = 0.15
_KNOWN_ERROR_SHARE: Final = 0.5
_ENOUGH: Final = 4
"""Failures that make a minute bad, so that it is what it was planned to be (V1)."""

# Called with key and value of each record of a minute.
Emit = Callable[[str, str], None]


class RequestTraffic:
    """The requests of one service; ids count up, so that no two requests share one by chance."""

    def __init__(self, seed: int, service: Service, shapes: Shapes, rng: random.Random) -> None:
        self._prefix = f"req-{seed:x}-{service[0]}"
        self._service = service
        self._shapes = shapes
        self._rng, self._random = rng, rng.random
        self._count = 0

    def minute(self, text: str, requests: int, episode: Episode | None, source: str, emit: Emit) -> int:
        """Emit the requests of the minute `text` (`YYYY-MM-DDThh:mm`); returns how many identities there are."""
        if episode is not None:
            return self._troubled_minute(text, requests, episode, source, emit)
        draw, shapes, prefix, service, count = self._random, self._shapes, self._prefix, self._service, self._count
        good, foreign, beyond, latency = shapes.good, shapes.foreign, shapes.beyond_scope, shapes.latency_ms
        pool = len(good)
        for _ in range(requests):
            count += 1
            outcome = draw()
            at = int(draw() * pool)
            if outcome < _FOREIGN_FROM:
                middle = good[at]
            elif outcome < _BEYOND_SCOPE_FROM:
                middle = foreign[at]
            elif outcome < _ODD_FROM:
                middle = beyond[at]
            else:
                self._count = count
                self._odd(text, good[at], source, emit)
                count = self._count
                continue
            key = f"{prefix}{count:x}"
            emit(
                key,
                f'{{"request_id":"{key}","time":"{text}{SECONDS[int(draw() * 60000)]}","service":"{service}",{middle}'
                f',"duration_ms":{latency[int(draw() * pool)]}{source}}}',
            )
        self._count = count
        return requests

    def one(self, text: str, source: str) -> tuple[str, str]:
        """A single good request, for what is to be broken or repeated."""
        self._count += 1
        key = f"{self._prefix}{self._count:x}"
        middle = self._shapes.good[int(self._random() * len(self._shapes.good))]
        return key, self._line(key, text, middle, source)

    def _line(self, key: str, text: str, middle: str, more: str) -> str:
        second = SECONDS[int(self._random() * 60_000)]
        return f'{{"request_id":"{key}","time":"{text}{second}","service":"{self._service}",{middle}{more}}}'

    def _troubled_minute(self, text: str, requests: int, episode: Episode, source: str, emit: Emit) -> int:
        shapes, draw, apart = self._shapes, self._random, 0
        match episode.episode_kind:
            case EpisodeKind.SILENT | EpisodeKind.LOST | EpisodeKind.UNUSED | EpisodeKind.DISAGREEING:
                return 0
            case EpisodeKind.TOTAL:
                requests, failing = max(2, requests), 1.0
            case EpisodeKind.PARTIAL:
                requests, failing = max(_ENOUGH + 1, requests), episode.share
            case EpisodeKind.CORRECTED | EpisodeKind.BETA:
                apart, failing = self._failing_apart(text, episode, source, emit), 0.0
            case EpisodeKind.CARRIER_DOWN | EpisodeKind.STUCK | EpisodeKind.HELD:
                failing = 0.0
        for nth in range(requests):
            self._count += 1
            key = f"{self._prefix}{self._count:x}"
            at = int(draw() * len(shapes.good))
            if (nth < _ENOUGH and failing) or draw() < failing:
                known = episode.episode_kind is EpisodeKind.TOTAL or draw() < _KNOWN_ERROR_SHARE
                middle = own_failure(shapes, draw(), episode.error) if known else shapes.own[at]
            elif episode.episode_kind is EpisodeKind.CARRIER_DOWN and draw() < _OPERATOR_REFUSALS:
                middle = f'"account_id":"{shapes.accounts[at]}","status":503,"error":"operator_unavailable"'
            else:
                middle = shapes.good[at]
            emit(key, self._line(key, text, middle, source))
        return requests + apart

    def _failing_apart(self, text: str, episode: Episode, source: str, emit: Emit) -> int:
        """As many failures as make a minute bad, which revisions correct or which are out of scope."""
        beyond = ',"stage":"beta"' if episode.episode_kind is EpisodeKind.BETA else ""
        for _ in range(_ENOUGH):
            self._count += 1
            key, at = f"{self._prefix}{self._count:x}", int(self._random() * len(self._shapes.good))
            request = OddRequest(key, text, SECONDS[at * 50], self._service, self._shapes.good[at], source)
            emit(key, request.with_status("500", beyond))
            if not beyond:
                emit(key, request.line(more=',"revision":1'))
        return _ENOUGH

    def _odd(self, text: str, middle: str, source: str, emit: Emit) -> None:
        key = f"{self._prefix}{self._count:x}"
        second = SECONDS[int(self._random() * 60_000)]
        request = OddRequest(key, text, second, self._service, middle, source)
        for line in odd_lines(request, self._rng):
            emit(key, line)
