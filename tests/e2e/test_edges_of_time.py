"""T1, T3: one valid record of each topic in the first and in the last minute there is, and every command that reads."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from streams.stack.stack import EmbeddedStack
from tests.conftest import StackFactory
from tests.e2e.running import parsed, zecto
from tests.e2e.test_closing import _send

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1_800), pytest.mark.deep, pytest.mark.not_in_ci]

FIRST: Final = ("2000-01-01T00:00:00Z", "2000-01-01T00:00:59.999Z")
LAST: Final = ("2099-12-31T23:59:00Z", "2099-12-31T23:59:59.999Z")
SPANS: Final = {"first": FIRST, "last": LAST, "all": (FIRST[0], LAST[1])}
"""The first minute, the last, and all of time between."""

_KINDS: Final = ("scheduled_maintenance", "emergency_maintenance", "ddos", "dns", "telemetry_gap")


def _record(topic: str, record_id: str, key: str, /, **fields: object) -> tuple[str, str, bytes]:
    return topic, record_id, json.dumps({key: record_id, **fields}).encode()


def _of_a_minute(name: str, at: str) -> Iterator[tuple[str, str, bytes]]:
    of = {"service": "sms", "account_id": name, "source": "edge"}
    for number in range(6):
        answered = {"status": 500 if number else 200, "duration_ms": 5}
        yield _record("api.requests", f"{name}-{number}", "request_id", time=at, **of, **answered)
        sent = {"submitted_at": at, "time": at, "state": "failed" if number else "delivered"}
        yield _record("carrier.receipts", f"{name}-{number}", "message_id", **of, **sent)
    yield _record("probes", name, "probe_id", time=at, service="voice", vantage="lahore", ok=False)
    manifest = {"service": "sms", "minute": at, "topic": "api.requests", "count": 7}
    yield _record("telemetry.manifests", "edge", "source", **manifest)
    yield _record("support.tickets", name, "ticket_id", account_id=name, time=at, event="opened", priority="low")
    yield _record("whatsapp.templates", name, "template_id", account_id=name, time=at, event="submitted")


def _of_a_span(name: str, start: str, end: str) -> Iterator[tuple[str, str, bytes]]:
    for kind in _KINDS:
        window = {"kind": kind, "services": ["*"], "start": start, "end": end, "announced_at": start, "evidence": "x"}
        yield _record("sla.declarations", f"{name}-{kind}", "declaration_id", **window)
    account = {"plan": "paid", "support_tier": "standard", "fees": {"sms": "100.00"}, "currency": "PKR"}
    yield _record("accounts", name, "account_id", effective_from=start, **account)
    claim = {"account_id": name, "service": "sms", "from": start, "to": end, "submitted_at": start}
    yield _record("sla.claims", name, "claim_id", **claim)
    yield _record("support.tickets", name, "ticket_id", account_id=name, time=end, event="responded", priority="low")


def _history() -> Iterator[tuple[str, str, bytes]]:
    for name, (start, end) in SPANS.items():
        yield from _of_a_span(name, start, end)
        for nth, at in enumerate((start, end)):
            yield from _of_a_minute(f"{name}-{nth}", at)


def test_t1_records_at_the_edges_of_time_break_no_command(fresh_stack: StackFactory, tmp_path: Path) -> None:
    stack = fresh_stack()
    _send(stack, *_history())
    assert _ends(stack, *_of_every_month(), *_of_none(), *_of_the_first(tmp_path), *_of_the_last()) == {}
    (first,) = parsed(stack, "minutes", "sms", "2000-01-01T00:00Z", "2000-01-01T00:01Z")
    (last,) = parsed(stack, "minutes", "sms", "2099-12-31T23:59Z", "2100-01-01T00:00Z")
    # none of the windows was had in time, and what failed as received is no gap (V3)
    assert (first["state"], last["state"]) == ("down", "pending")
    assert [first["requests"]["platform"], last["requests"]["platform"]] == [15, 15]
    months = _months_of(parsed(stack, "claims", "list"))
    assert (months["first"], months["last"]) == ([("2000-01", "rejected")], [("2100-01", "awaiting_month_close")])
    # judged in every month that has begun, the last of which is not over (K2)
    began, *_, now = months["all"]
    assert (began, now[1]) == (("2000-01", "rejected"), "awaiting_month_close")


def _months_of(claims: list[dict[str, Any]]) -> dict[str, list[tuple[str, str]]]:
    return {one["claim_id"]: [(month["month"], month["state"]) for month in one["months"]] for one in claims}


def _ends(stack: EmbeddedStack, *asked: tuple[int, str]) -> dict[str, str]:
    """The commands that ended otherwise than they should, or in a fault of ours, with what they said."""
    wrong: dict[str, str] = {}
    for status, line in asked:
        done = zecto(stack, *line.split())
        said = done.stderr.decode()
        if done.returncode != status or "fault of ours" in said or "Traceback" in said:
            wrong[line] = f"{done.returncode}: {said}"
    return wrong


def _of_every_month() -> Iterator[tuple[int, str]]:
    for month in ("1999-12", "2000-01", "2099-12", "2100-01"):
        for line in ("credits", "performance", "support", "statements", "claims list --month", "claims decide"):
            yield 0, f"{line} {month}"


def _of_none() -> Iterator[tuple[int, str]]:
    yield 0, "claims list"
    yield 0, "claims decide"
    yield 0, "claims show all"
    yield 0, "claims overdue"
    yield 0, "doctor"


def _of_the_first(folder: Path) -> Iterator[tuple[int, str]]:
    yield 0, "month 2000-01"
    yield 0, "month 2000-01 --as-of 2000-01-01T00:00Z"
    yield 0, "audit 2000-01"
    yield 0, "close 2000-01"
    yield 0, "close 2000-01"
    yield 0, "claims decide"
    yield 0, "audit 1999-12"
    yield 0, "expire 1999-12 --dry-run"
    yield 1, "expire 2000-01 --dry-run"
    yield 0, "explain sms 2000-01-01T00:00Z"
    yield 0, "explain sms 1999-12-31T19:00Z"
    yield 0, "minutes sms 1999-12-31T18:55Z 2000-01-01T00:10Z"
    yield 0, f"evidence sms 1999-12-31T18:55Z 2000-01-01T00:10Z -o {folder}/first.json"
    yield 0, f"audit --evidence {folder}/first.json"


def _of_the_last() -> Iterator[tuple[int, str]]:
    for month in ("2099-12", "2100-01"):
        yield 2, f"month {month}"
        yield 2, f"audit {month}"
        yield 2, f"report {month} -o nowhere"
        yield 1, f"close {month}"
        yield 1, f"expire {month} --dry-run"
    yield 0, "explain sms 2099-12-31T23:59Z"
    yield 0, "explain sms 2100-01-31T18:59Z"
    yield 0, "minutes sms 2099-12-31T18:50Z 2100-01-01T00:10Z"
