"""One service-minute as a scenario tells it: requests, messages, probes, manifests, dead letters."""

from typing import Any, Final, Protocol, Self

from schemas.instants import MINUTE_MS, format_instant

REQUESTS: Final = "api.requests"
RECEIPTS: Final = "carrier.receipts"

# One way for a request, and for a message, to end in each outcome (C2, C3).
_REQUEST_OF: Final[dict[str, dict[str, Any]]] = {
    "ok": {"status": 200},
    "platform": {"status": 500},
    "operator": {"status": 503, "error": "operator_unavailable"},
    "customer": {"status": 401},
    "content": {"status": 400, "error": "spam_blocked"},
    "recipient": {"status": 400, "error": "opted_out"},
    "unknown": {"status": 499},
}
_RECEIPT_OF: Final[dict[str, dict[str, Any]]] = {
    "ok": {"state": "delivered"},
    "platform": {"state": "failed", "code_system": "platform", "code": "internal_error"},
    "operator": {"state": "failed", "code_system": "platform", "code": "operator_timeout"},
    "customer": {"state": "rejected", "code_system": "platform", "code": "invalid_number"},
    "content": {"state": "rejected", "code_system": "platform", "code": "spam_blocked"},
    "recipient": {"state": "failed", "code_system": "platform", "code": "opted_out"},
    "unknown": {"state": "unknown"},
    "accepted": {"state": "accepted"},
    "enroute": {"state": "enroute"},
}


class Records(Protocol):
    """Where the records go."""

    def record(self, topic: str, /, *, recorded_at_ms: int | None = None, **fields: Any) -> object:  # noqa: ANN401  JSON
        """Take a record as a producer sends it; None takes a field away."""


class MinuteView:
    """What is told of one service-minute; every method returns it again."""

    def __init__(self, month: Records, service: str, at_ms: int) -> None:
        self._month = month
        self._service = service
        self._at_ms = at_ms

    def requests(self, *, source: str | None = None, plan: str | None = None, **by_outcome: int) -> Self:
        """So many requests of each outcome."""
        for outcome, count in by_outcome.items():
            for number in range(count):
                name = f"{outcome}-{source}-{plan}-{number}"
                self.request(name, **_REQUEST_OF[outcome], source=source, plan=plan)
        return self

    def request(self, id: str = "r", *, status: int = 200, second: float = 0, **fields: Any) -> Self:  # noqa: A002, ANN401
        """One request, field by field."""
        self._month.record(
            REQUESTS,
            recorded_at_ms=self._at_ms + MINUTE_MS,
            request_id=id,
            time=format_instant(self._at_ms + round(second * 1000)),
            service=self._service,
            account_id="a-1",
            status=status,
            **fields,
        )
        return self

    def messages(self, *, source: str | None = None, plan: str | None = None, **by_outcome: int) -> Self:
        """So many messages submitted in the minute, by what became of each."""
        for outcome, count in by_outcome.items():
            for number in range(count):
                name = f"{outcome}-{source}-{plan}-{number}"
                self.receipt(name, **_RECEIPT_OF[outcome], source=source, plan=plan)
        return self

    def receipt(self, id: str = "m", *, state: str = "delivered", second: float = 30, **fields: Any) -> Self:  # noqa: A002, ANN401
        """One receipt of a message submitted in the minute, made so many seconds after the minute's start."""
        self._month.record(
            RECEIPTS,
            recorded_at_ms=self._at_ms + MINUTE_MS,
            message_id=id,
            service=self._service,
            account_id="a-1",
            submitted_at=format_instant(self._at_ms),
            time=format_instant(self._at_ms + round(second * 1000)),
            state=state,
            **fields,
        )
        return self

    def probes(self, *, ok: int = 0, failed: int = 0) -> Self:
        """So many probes that succeeded, and that failed."""
        for succeeded, count in ((True, ok), (False, failed)):
            for number in range(count):
                self.probe(f"{succeeded}-{number}", ok=succeeded)
        return self

    def probe(self, id: str = "p", *, ok: bool, **fields: Any) -> Self:  # noqa: A002, ANN401
        """One probe, field by field."""
        self._month.record(
            "probes",
            recorded_at_ms=self._at_ms + MINUTE_MS,
            probe_id=id,
            time=format_instant(self._at_ms),
            service=self._service,
            vantage="khi-1",
            ok=ok,
            **fields,
        )
        return self

    def manifest(self, count: int, *, source: str = "gw", topic: str = REQUESTS, revision: int = 0) -> Self:
        """How many records a source says that it sent of the minute."""
        self._month.record(
            "telemetry.manifests",
            source=source,
            service=self._service,
            minute=format_instant(self._at_ms),
            topic=topic,
            count=count,
            revision=revision,
        )
        return self

    def dead_letter(self, id: str = "d", *, source: str | None = None) -> Self:  # noqa: A002  as the record calls it
        """A request that cannot count, but of which service, time and source can be read."""
        self._month.record(
            REQUESTS,
            recorded_at_ms=self._at_ms + MINUTE_MS,
            request_id=id,
            time=format_instant(self._at_ms),
            service=self._service,
            source=source,
        )
        return self
