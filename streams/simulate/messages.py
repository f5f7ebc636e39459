"""Messages and calls of one service: what becomes of each, reported by receipts over seconds, minutes and hours."""

import random
from collections.abc import Callable
from typing import Final, NamedTuple

from schemas.codes import Responsible
from schemas.fields import Service
from streams.simulate.plot import MINUTE_MS, Episode, EpisodeKind
from streams.simulate.requests import SECONDS
from streams.simulate.shapes import Shapes

# Called with key, value and the instant (ms) at which a receipt is sent.
EmitAt = Callable[[str, str, int], None]
# An instant (ms) as text.
TimeText = Callable[[int], str]

_DELIVERED_TO: Final = 0.935
_FAILED_TO: Final = 0.985
_FAILURES: Final = (
    (Responsible.RECIPIENT, 50), (Responsible.OPERATOR, 22), (Responsible.CUSTOMER, 16), (Responsible.CONTENT, 9),
    (Responsible.UNKNOWN, 3),
)  # fmt: skip
_ACCEPTED_SHARE: Final = 0.6
_ENROUTE_SHARE: Final = 0.35
_TEMPLATE_SHARE: Final = 0.6
_HOUR_MS: Final = 3_600_000
_MINUTE_STAMPING: Final = "ufone"  # stamps whole minutes, as many carriers do
_STATES_OF_FAILURE: Final = ("failed", "failed", "rejected", "expired", "deleted")


class _Message(NamedTuple):
    """A message: its id, the beginning of all its receipts, when it was submitted, and who carries it."""

    key: str
    head: str
    submitted_ms: int
    operator: str


class MessageTraffic:
    """The messages of one service; ids count up."""

    def __init__(
        self, seed: int, service: Service, shapes: Shapes, rng: random.Random, *, time_text: TimeText, emit: EmitAt
    ) -> None:
        self._prefix = f"msg-{seed:x}-{service[0]}"
        self._service = service
        self._shapes = shapes
        self._random = rng.random
        self._time_text = time_text
        self._emit = emit
        self._failures = tuple(rng.choices([who for who, _ in _FAILURES], [often for _, often in _FAILURES], k=256))
        self._count = 0

    def minute(self, minute_ms: int, text: str, messages: int, episode: Episode | None, source: str) -> int:
        """Emit all receipts of the messages submitted in a minute; returns how many messages there are."""
        failing, stuck, dead_operator = 0.0, False, ""
        if episode is not None:
            match episode.episode_kind:
                case EpisodeKind.SILENT | EpisodeKind.LOST | EpisodeKind.UNUSED | EpisodeKind.TOTAL:
                    return 0
                case EpisodeKind.PARTIAL:
                    failing = episode.share
                case EpisodeKind.STUCK:
                    messages, stuck = max(1, messages), True
                case EpisodeKind.CARRIER_DOWN:
                    dead_operator = episode.operator
        draw, shapes = self._random, self._shapes
        for _ in range(messages):
            self._count += 1
            key = f"{self._prefix}{self._count:x}"
            at = int(draw() * len(shapes.accounts))
            offset_ms = int(draw() * 60_000)
            operator = shapes.operators[at]
            message = _Message(
                key,
                f'{{"message_id":"{key}","service":"{self._service}","account_id":"{shapes.accounts[at]}",'
                f'"submitted_at":"{text}{SECONDS[offset_ms]}","operator":"{operator}"{source},',
                minute_ms + offset_ms,
                operator,
            )
            if stuck:
                self._receipt(message, '"accepted"', 40)
            elif draw() < failing:
                self._receipt(message, '"failed","code_system":"platform","code":"queue_expired"', 60_000)
            elif operator == dead_operator:
                self._fail(message, Responsible.OPERATOR)
            else:
                self._ordinary(message)
        return messages

    def one(self, text: str) -> tuple[str, str]:
        """A single delivered message, for what is to be broken."""
        self._count += 1
        key = f"{self._prefix}{self._count:x}"
        return key, (
            f'{{"message_id":"{key}","service":"{self._service}","account_id":"{self._shapes.accounts[0]}",'
            f'"submitted_at":"{text}:01Z","time":"{text}:03Z","state":"delivered"}}'
        )

    def _ordinary(self, message: _Message) -> None:
        draw = self._random
        if draw() < _ACCEPTED_SHARE:
            self._receipt(message, '"accepted"', 15 + int(draw() * 60))
        if draw() < _ENROUTE_SHARE:
            self._receipt(message, '"enroute"', 200 + int(draw() * 900))
        outcome = draw()
        if outcome < _DELIVERED_TO:
            self._deliver(message)
        elif outcome < _FAILED_TO:
            self._fail(message, self._failures[int(draw() * len(self._failures))])
        else:
            self._strange(message)

    def _deliver(self, message: _Message, later_ms: int = 0) -> None:
        draw = self._random
        delay_ms = later_ms + self._shapes.delivery_ms[int(draw() * len(self._shapes.delivery_ms))]
        more = ""
        match self._service:
            case "voice":
                connect_ms, duration_ms = 1_500 + int(draw() * 6_000), 5_000 + int(draw() * 240_000)
                more = f',"connect_ms":{connect_ms},"duration_ms":{duration_ms},"hd_ms":{duration_ms * 99 // 100}'
            case "whatsapp":
                more = ',"template":true' if draw() < _TEMPLATE_SHARE else ',"template":false'
            case "sms" | "email":
                pass
        if message.operator == _MINUTE_STAMPING:
            delay_ms += MINUTE_MS - (message.submitted_ms + delay_ms) % MINUTE_MS
            more += ',"resolution_ms":60000'
        self._receipt(message, f'"delivered"{more}', delay_ms)

    def _fail(self, message: _Message, who: Responsible, later_ms: int = 2_000) -> None:
        draw = self._random
        codes = self._shapes.codes[who]
        state = _STATES_OF_FAILURE[int(draw() * len(_STATES_OF_FAILURE))]
        self._receipt(message, f'"{state}",{codes[int(draw() * len(codes))]}', later_ms + int(draw() * 300_000))

    def _strange(self, message: _Message) -> None:
        draw = self._random
        match int(draw() * 8):
            case 0 | 1:  # the carrier took it and was never heard of again
                self._receipt(message, '"enroute"', 500)
            case 2:  # failed at first, delivered after a retry, hours later
                self._fail(message, Responsible.OPERATOR)
                self._deliver(message, later_ms=int(draw() * 30 * _HOUR_MS))
            case 3:  # delivered, and said to have failed afterwards
                self._deliver(message)
                self._fail(message, Responsible.RECIPIENT, later_ms=_HOUR_MS)
            case 4:  # delivered twice: the first counts
                self._deliver(message)
                self._deliver(message, later_ms=90_000)
            case 5:  # one instant, two codes (I3)
                for who in (Responsible.RECIPIENT, Responsible.OPERATOR):
                    self._receipt(message, f'"failed",{self._shapes.codes[who][0]}', 4_000)
            case 6:  # a beta route, out of scope (C5)
                self._receipt(message, '"failed","stage":"beta"', 4_000)
            case _:  # no code, only a state
                self._receipt(message, '"expired"', 6 * _HOUR_MS)

    def _receipt(self, message: _Message, state: str, delay_ms: int) -> None:
        time_ms = message.submitted_ms + delay_ms
        self._emit(message.key, f'{message.head}"time":"{self._time_text(time_ms)}","state":{state}}}', time_ms)
