"""Records of a seed: few ids in few minutes around a month's border, so that identities meet again and again."""

import random
from typing import Any, Final

import msgspec

from schemas.instants import MINUTE_MS, format_instant

BORDER_MS: Final = 1_788_202_800_000
"""2026-08-31T19:00:00Z: September begins in Karachi; five hours later in UTC, by which the ledger is partitioned."""
BORDERS_MS: Final = (BORDER_MS, BORDER_MS + 5 * 3_600_000)
TOPICS: Final = ("api.requests", "carrier.receipts", "probes", "telemetry.manifests", "sla.declarations")
_WEIGHTS: Final = (10, 7, 4, 3, 2)
_SERVICES: Final = ("sms", "sms", "voice")
_SOURCES: Final = (None, "a", "a", "b")


class Traffic:
    """Draws records; what was drawn may come again."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        borders = (BORDER_MS, *BORDERS_MS)
        self._minutes = [dice.choice(borders) + dice.randint(-4, 3) * MINUTE_MS for _ in range(dice.randint(2, 8))]
        self._ids = [f"id-{number}" for number in range(dice.choice((2, 6, 20)))]

    def draw(self) -> tuple[str, bytes]:
        """A topic and a record for it."""
        [topic] = self._dice.choices(TOPICS, _WEIGHTS)
        fields = getattr(self, f"_{topic.replace('.', '_')}")()
        return topic, msgspec.json.encode({name: value for name, value in fields.items() if value is not None})

    def draw_bad(self) -> tuple[str, bytes | None]:
        """One that cannot count."""
        topic, value = self._draw_main()
        kinds: tuple[bytes | None, ...] = (
            None,
            b"",
            b"{",
            value[:-1],
            value.replace(b'"service":"', b'"service":"x'),
            value.replace(b"2026-", b"1826-"),
            b'{"service":"sms","source":"a"}',
        )
        return topic, self._dice.choice(kinds)

    def _draw_main(self) -> tuple[str, bytes]:
        while True:
            topic, value = self.draw()
            if topic in TOPICS[:3]:
                return topic, value

    def _labels(self) -> dict[str, Any]:
        return {
            "source": self._dice.choice(_SOURCES),
            "stage": self._dice.choice((None, None, None, "ga", "beta")),
            "plan": self._dice.choice((None, None, None, "paid", "trial")),
        }

    def _instant(self) -> str:
        return format_instant(self._dice.choice(self._minutes) + self._dice.randrange(MINUTE_MS))

    def _api_requests(self) -> dict[str, Any]:
        dice = self._dice
        return {
            "request_id": dice.choice(self._ids),
            "time": self._instant(),
            "service": dice.choice(_SERVICES),
            "account_id": "a",
            "status": dice.choice((200, 200, 200, 500, 500, 503, 401, 404, 418, 0, 499)),
            "error": dice.choice((None, None, None, "operator_unavailable", "spam_blocked", "no_such_error")),
            "revision": dice.choice((None, None, 0, 1, 2)),
            **self._labels(),
        }

    def _carrier_receipts(self) -> dict[str, Any]:
        dice = self._dice
        submitted = dice.choice(self._minutes) + dice.choice((0, 1, 59_999))
        code = dice.choice((None, "operator_timeout", "internal_error", "spam_blocked"))
        return {
            "message_id": dice.choice(self._ids),
            "service": dice.choice(_SERVICES),
            "account_id": "a",
            "submitted_at": format_instant(submitted),
            "time": format_instant(submitted + dice.choice((1, 1000, 5000, 90_000))),
            "state": dice.choice(("accepted", "enroute", "delivered", "delivered", "failed", "expired", "unknown")),
            "code_system": "platform" if code else None,
            "code": code,
            **self._labels(),
        }

    def _probes(self) -> dict[str, Any]:
        return {
            "probe_id": self._dice.choice(self._ids),
            "time": self._instant(),
            "service": self._dice.choice(_SERVICES),
            "vantage": "khi-1",
            "ok": self._dice.random() < 0.5,
            "status": self._dice.choice((None, 200, 503)),
            "revision": self._dice.choice((None, None, 1)),
        }

    def _telemetry_manifests(self) -> dict[str, Any]:
        return {
            "source": self._dice.choice(("a", "b")),
            "service": self._dice.choice(_SERVICES),
            "minute": format_instant(self._dice.choice(self._minutes)),
            "topic": self._dice.choice(TOPICS[:2]),
            "count": self._dice.randrange(5),
            "revision": self._dice.choice((None, 1, 2)),
        }

    def _sla_declarations(self) -> dict[str, Any]:
        dice = self._dice
        start = dice.choice(self._minutes) + dice.choice((0, 0, 1))
        return {
            "declaration_id": dice.choice(("d1", "d2", "d3")),
            "kind": dice.choice(("scheduled_maintenance", "emergency_maintenance", "ddos", "dns", "telemetry_gap")),
            "services": dice.choice((["*"], ["sms"], ["sms", "voice"])),
            "start": format_instant(start),
            "end": format_instant(start + dice.choice((MINUTE_MS, 3 * MINUTE_MS + 1))),
            "announced_at": format_instant(start - dice.choice((0, 48 * 3_600_000, 49 * 3_600_000))),
            "evidence": dice.choice((None, "ticket 7")),
            "retracted": dice.choice((None, None, True)),
            "revision": dice.choice((None, 1)),
        }
