"""Messages and calls of one service: what becomes of each, reported by receipts over seconds, minutes and hours."""

import random
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from schemas.codes import Responsible
from schemas.fields import Service
from streams.simulate.odd_receipts import odd_receipts
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
_IN_PARTS: Final = 0.03
_OVERLONG_FROM: Final = 0.9995
_BY_OUR_WORD: Final = 0.5
_TOO_LATE_MS: Final = 661_001
"""Beyond what a message may wait for its carrier, by the coarsest clock of any (C3)."""
_UNSENT: Final = frozenset(
    (EpisodeKind.SILENT, EpisodeKind.LOST, EpisodeKind.UNUSED, EpisodeKind.TOTAL, EpisodeKind.DISAGREEING)
)
_AT_LEAST: Final = {EpisodeKind.STUCK: 2, EpisodeKind.HELD: 2}
"""Messages in which the minute goes wrong, so that it does (V1)."""
_ODDLY_BLAMED: Final = (Responsible.OPERATOR, Responsible.RECIPIENT)
_TEMPLATE_SHARE: Final = 0.6
_MINUTE_STAMPING: Final = "ufone"  # stamps whole minutes, as many carriers do
_STATES_OF_FAILURE: Final = ("failed", "failed", "rejected", "expired", "deleted")


class Message(NamedTuple):
    """A message: its id, the beginning of all its receipts, when it was submitted, and who carries it."""

    key: str
    head: str
    submitted_ms: int
    operator: str

    def part(self, number: int) -> "Message":
        """One part of it: each has receipts of its own (I1)."""
        return self._replace(head=f'{self.head}"part":{number},')


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
        kind = episode.episode_kind if episode is not None else None
        if kind in _UNSENT:
            return 0
        least, identities = _AT_LEAST.get(kind, 0) if kind else 0, 0
        for message in self._submitted(minute_ms, text, max(least, messages), source):
            identities += 1
            self._report(message, episode)
        return identities

    def _report(self, message: Message, episode: Episode | None) -> None:
        kind = episode.episode_kind if episode is not None else None
        if kind is EpisodeKind.STUCK:
            self.receipt(message, '"accepted"', 40)
        elif kind is EpisodeKind.HELD:
            self._deliver(message, later_ms=_TOO_LATE_MS)
        elif episode is not None and kind is EpisodeKind.PARTIAL and self._random() < episode.share:
            self.receipt(message, '"failed","code_system":"platform","code":"queue_expired"', 60_000)
        elif episode is not None and kind is EpisodeKind.CARRIER_DOWN and message.operator == episode.operator:
            self._fail_at_operator(message)
        else:
            self._ordinary(message)

    def _submitted(self, minute_ms: int, text: str, messages: int, source: str) -> Iterator[Message]:
        """Messages of a minute, some of them in several parts."""
        draw, shapes = self._random, self._shapes
        for _ in range(messages):
            self._count += 1
            at, offset_ms = int(draw() * len(shapes.accounts)), int(draw() * 60_000)
            outcome = draw()
            key = self._key(outcome)
            head = (
                f'{{"message_id":"{key}","service":"{self._service}","account_id":"{shapes.accounts[at]}",'
                f'"submitted_at":"{text}{SECONDS[offset_ms]}","operator":"{shapes.operators[at]}"{source},'
            )
            message = Message(key, head, minute_ms + offset_ms, shapes.operators[at])
            if self._service == "sms" and outcome < _IN_PARTS:
                yield from (message.part(number) for number in range(1, 3 + self._count % 2))
            else:
                yield message

    def _key(self, draw: float) -> str:
        """An id; now and then one that is longer than an id may be."""
        key = f"{self._prefix}{self._count:x}"
        return key + "y" * 128 if draw > _OVERLONG_FROM else key

    def one(self, text: str) -> tuple[str, str]:
        """A single delivered message, for what is to be broken."""
        self._count += 1
        key = f"{self._prefix}{self._count:x}"
        return key, (
            f'{{"message_id":"{key}","service":"{self._service}","account_id":"{self._shapes.accounts[0]}",'
            f'"submitted_at":"{text}:01Z","time":"{text}:03Z","state":"delivered"}}'
        )

    def _ordinary(self, message: Message) -> None:
        draw = self._random
        if draw() < _ACCEPTED_SHARE:
            self.receipt(message, '"accepted"', 15 + int(draw() * 60))
        if draw() < _ENROUTE_SHARE:
            self.receipt(message, '"enroute"', 200 + int(draw() * 900))
        outcome = draw()
        if outcome < _DELIVERED_TO:
            self._deliver(message)
        elif outcome < _FAILED_TO:
            self._fail(message, self._failures[int(draw() * len(self._failures))])
        else:
            self._odd(message)

    def _deliver(self, message: Message, later_ms: int = 0) -> None:
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
        self.receipt(message, f'"delivered"{more}', delay_ms)

    def _fail(self, message: Message, who: Responsible, later_ms: int = 2_000) -> None:
        draw = self._random
        codes = self._shapes.codes[who]
        state = _STATES_OF_FAILURE[int(draw() * len(_STATES_OF_FAILURE))]
        self.receipt(message, f'"{state}",{codes[int(draw() * len(codes))]}', later_ms + int(draw() * 300_000))

    def _fail_at_operator(self, message: Message) -> None:
        """An operator's failure, by its own code or by our word alone (C7)."""
        if self._random() < _BY_OUR_WORD:
            self.receipt(message, '"failed","code_system":"platform","code":"operator_unavailable"', 30_000)
        else:
            self._fail(message, Responsible.OPERATOR)

    def _odd(self, message: Message) -> None:
        draw, codes = self._random, {who: self._shapes.codes[who][0] for who in _ODDLY_BLAMED}
        for state, delay_ms in odd_receipts(codes, draw, deliver_ms=self._shapes.delivery_ms[int(draw() * 1_024)]):
            self.receipt(message, state, delay_ms)

    def receipt(self, message: Message, state: str, delay_ms: int) -> None:
        """Emit a receipt of a message, so long after its submission; `state` is what follows the field's name."""
        time_ms = message.submitted_ms + delay_ms
        self._emit(message.key, f'{message.head}"time":"{self._time_text(time_ms)}","state":{state}}}', time_ms)
