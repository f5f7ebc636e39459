"""A month reported from real parts: provisional, closed, decided; the same bytes twice (§6.2)."""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pytest
from openpyxl import load_workbook

from schemas.instants import MINUTE_MS, format_instant
from streams.core.canonical_json import sha256_of
from streams.rules.calendar import month_bounds
from streams.stack.stack import EmbeddedStack
from tests.e2e.running import parsed, zecto
from tests.e2e.test_closing import _patiently, _send

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1_200)]

MONTH: Final = "2026-04"
SPAN: Final = month_bounds(MONTH, "Asia/Karachi")
# 44 of 43,200 minutes are one too many for 99.9 %
DOWN: Final = 44
OPERATORS: Final = ("jazz", "zong")
NAME: Final = "reported"
STRANGE: Final = "reported/../äöü"


def _at(minute: int, ms: int = 0) -> str:
    return format_instant(SPAN.start_ms + minute * MINUTE_MS + ms)


def _record(topic: str, key: str, **told: object) -> tuple[str, str, bytes]:
    return topic, key, json.dumps(told).encode()


def _account(name: str, tier: str) -> tuple[str, str, bytes]:
    told: dict[str, Any] = {"account_id": name, "effective_from": "2026-01-01T00:00:00Z", "support_tier": tier}
    return _record("accounts", name, plan="paid", fees={"sms": "1234.55"}, currency="PKR", **told)


def _history() -> Iterator[tuple[str, str, bytes]]:
    for minute in range(400):
        told = {"service": "sms", "account_id": NAME, "time": _at(minute), "status": 500 if minute < DOWN else 200}
        duration = 100 if minute % 20 else 900
        yield _record("api.requests", f"r-{minute}", request_id=f"report-{minute}", duration_ms=duration, **told)
    for minute in range(100, 140):
        told = {"service": "sms", "account_id": NAME, "message_id": f"report-{minute}", "submitted_at": _at(minute)}
        told |= {"state": "delivered", "operator": OPERATORS[minute % 2]}
        yield _record("carrier.receipts", f"m-{minute}", time=_at(minute, 4_000), **told)
    for event, minute in (("opened", 10), ("responded", 41), ("resolved", 100)):
        told = {"ticket_id": "report-1", "account_id": NAME, "priority": "critical"}
        yield _record("support.tickets", "report-1", event=event, time=_at(minute), **told)
    yield _account(NAME, "premium")
    yield _account(STRANGE, "premium")
    yield _account("small", "standard")
    claim = {"claim_id": "report-1", "account_id": NAME, "service": "sms", "from": _at(0), "to": _at(DOWN)}
    yield _record("sla.claims", "report-1", submitted_at=_at(DOWN + 1), evidence=["ticket 4711"], **claim)


def _report(stack: EmbeddedStack, folder: Path, *more: str) -> dict[str, bytes]:
    """The files that a call writes, by their names, which are those that it lists."""
    written = parsed(stack, "report", MONTH, "-o", folder, *more)
    found = {Path(one["file"]).name: Path(one["file"]).read_bytes() for one in written}
    assert sorted(found) == sorted(path.name for path in folder.iterdir())
    return found


def _sheet(book: bytes, name: str) -> list[dict[str, Any]]:
    head, *rows = load_workbook(BytesIO(book))[name].iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


@pytest.mark.deep
def test_a_month_is_reported_twice_in_the_same_bytes(stack: EmbeddedStack, tmp_path: Path) -> None:
    _send(stack, *_history())
    refused = zecto(stack, "report", MONTH, "--account", "small", "-o", tmp_path)
    said = b"small had standard support in 2026-04: monthly reports are for enterprise customers"
    assert (refused.returncode, said in refused.stderr, refused.stderr.count(b"\n")) == (1, True, 1)

    so_far = _report(stack, tmp_path / "so-far", "--account", NAME, "--format", "html")
    assert b"<strong>Provisional</strong>" in so_far[f"zecto-sla-{MONTH}-{NAME}.html"]

    closed = _patiently(stack, "close", MONTH, "--json")
    assert closed.returncode == 0, closed.stderr
    parsed(stack, "claims", "decide", MONTH)
    every = _report(stack, tmp_path / "every", "--format", "xlsx,html")
    assert {f"zecto-sla-{MONTH}-{name}.xlsx" for name in (NAME, "reported%2F..%2F%C3%A4%C3%B6%C3%BC")} <= set(every)
    one = _report(stack, tmp_path / "one", "--account", NAME)
    assert {name: one[name] for name in every if name in one} == {name: every[name] for name in every if name in one}
    assert len(one.keys() & every.keys()) == 2
    assert one[f"zecto-sla-{MONTH}-{NAME}.pdf"].startswith(b"%PDF-")

    _check_figures(one[f"zecto-sla-{MONTH}-{NAME}.xlsx"])
    html = one[f"zecto-sla-{MONTH}-{NAME}.html"].decode()
    assert "SMS missed the 99.9 % uptime guarantee" in html
    assert sha256_of(closed.stdout) in html


def _check_figures(book: bytes) -> None:
    sms = {line["Of the month"]: line["SMS"] for line in _sheet(book, "Uptime")}
    assert (sms["Down"], sms["Minutes"], sms["Uptime %"]) == (DOWN, SPAN.total_minutes, 99.8981)
    response, delivery = (one for one in _sheet(book, "Performance") if one["Guarantee"] != "delivery rate")
    assert {one["Guarantee"]: (one["Within"], one["Of"], one["Met"]) for one in (response, delivery)} == {
        # one in twenty too slow, and none of the failures within (P1)
        "response time": (400 - 20 - DOWN + 3, 400, "no"),
        "delivery time": (40, 40, "yes"),
    }
    assert [(one["Operator"], one["Delivered"]) for one in _sheet(book, "Operators")] == [("jazz", 20), ("zong", 20)]
    (ticket,) = _sheet(book, "Tickets")
    assert (ticket["First response, ms"], ticket["Late"]) == (31 * MINUTE_MS, "yes")
    decided, judged = _sheet(book, "Credits")
    assert (decided["What"], decided["Amount"], decided["Claim"]) == ("credit", 123.46, "report-1")
    assert judged["What"] == "claim approved"
    assert [one["Minutes in the month"] for one in _sheet(book, "Incidents")] == [DOWN]
