"""Three months of records, and the arithmetic written out beside them (tests/months): the program says the same."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from streams.clickhouse.client import connect
from streams.stack.stack import EmbeddedStack
from tests.conftest import StackFactory
from tests.e2e.running import output, parsed
from tests.e2e.test_closing import _patiently

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1_200), pytest.mark.deep]

FOLDER: Final = Path(__file__).parents[1] / "months"
MONTHS: Final = ("2025-12", "2026-01", "2026-02")
TOPICS: Final = ("api.requests", "carrier.receipts", "sla.declarations", "sla.claims")
AFTERWARDS: Final = "2026-02"

Rows = list[dict[str, str]]


def tables(page: Path) -> Iterator[Rows]:
    """The tables of a page, each a list of rows by column."""
    lines: list[list[str]] = []
    for line in [*page.read_text().splitlines(), ""]:
        if line.startswith("|"):
            lines.append([cell.strip() for cell in line.strip("|").split("|")])
        elif lines:
            head, _, *rows = lines
            yield [dict(zip(head, row, strict=True)) for row in rows]
            lines = []


def worked_out(month: str, first_column: str) -> Rows:
    """The one table of a month's page whose first column is called so."""
    (found,) = (rows for rows in tables(FOLDER / month / "arithmetic.md") if next(iter(rows[0])) == first_column)
    return found


def figures(month: str, service: str) -> dict[str, Any]:
    """What the page says of a service, in the shapes of `month --json`."""
    said = {row[service]: row["minutes"] for row in worked_out(month, service)}
    kind, _, minutes = said.pop("excluded_minutes").partition(" ")
    uptime, percent = said.pop("uptime"), said.pop("credit_percent")
    return {
        **{name: int(number.replace(",", "")) for name, number in said.items()},
        "excluded_minutes": {kind: int(minutes)} if kind else {},
        "uptime": uptime,
        "credit_percent": int(percent),
    }


def decisions_of(month: str, first_column: str = "account") -> list[tuple[str, ...]]:
    """Account, fee, claim, kind and amount of each decision on the page."""
    typed = str.maketrans({",": None, "\N{MINUS SIGN}": "-"})
    return [
        (row[first_column], row["fee"], row["claim"], row["kind"], row["amount"].translate(typed))
        for row in worked_out(month, first_column)
    ]


def published(told: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """The same of what `claims decide` says that it published."""
    return sorted((one["account_id"], one["fee"], one["claim_id"], one["kind"], one["amount"]) for one in told)


def close(stack: EmbeddedStack, month: str) -> None:
    done = _patiently(stack, "close", month)
    assert done.returncode == 0, done.stderr.decode()


def compare(stack: EmbeddedStack, month: str, *services: str, column: str = "{}") -> None:
    """The month as the program tells it against its page; services that the page does not name had no failure."""
    told = parsed(stack, "month", month)["services"]
    for service, found in told.items():
        expected = figures(month, column.format(service)) if service in services else {"down_minutes": 0}
        assert {name: found[name] for name in expected} == expected, (month, service)
        if not found["unobserved"]:
            assert Decimal(found["uptime_low"]) <= Decimal(found["uptime"]) == Decimal(found["uptime_high"])


def test_the_figures_are_those_worked_out_beside_the_records(fresh_stack: StackFactory) -> None:
    stack = fresh_stack()
    output(stack, "produce", "accounts", FOLDER / "accounts.ndjson")
    for topic in TOPICS:
        output(stack, "produce", topic, *sorted(FOLDER.glob(f"20*/{topic}.ndjson")))
    output(stack, "drain", "--timeout", "120")
    for month in MONTHS:
        close(stack, month)
    with connect(stack.settings()) as client:  # what performance is told from is counted by then
        counted = "SELECT toString(day) FROM performance_counted FINAL WHERE service = 'sms' ORDER BY day"
        assert client.query(counted).result_columns == [["2025-12-06", "2025-12-10"]]
    compare(stack, "2025-12", "sms")
    compare(stack, "2026-01", "voice", "email")
    compare(stack, "2026-02", "whatsapp")

    told = parsed(stack, "claims", "decide")
    for month in MONTHS:
        assert published([one for one in told if one["month"] == month]) == decisions_of(month)
    judged = {claim["claim_id"]: claim for claim in parsed(stack, "claims", "list")}
    for month in MONTHS:
        for row in worked_out(month, "claim"):
            (found,) = (one for one in judged[row["claim"]]["months"] if one["month"] == month)
            assert (found["state"], found["refusals"]) == (row["state"], row["refusals"].split()), row
    assert judged["c-1"]["due_at"] == "2025-12-31T06:00:00Z"
    (december, _january) = judged["c-9"]["months"]
    assert (december["month"], december["state"]) == ("2025-12", "rejected")
    assert december["refusals"] == ["unobserved", "no_incident"]

    # a hundred records of the first minute come when all is decided
    output(stack, "produce", "api.requests", FOLDER / AFTERWARDS / "afterwards/api.requests.ndjson")
    output(stack, "drain", "--timeout", "120")
    close(stack, AFTERWARDS)
    compare(stack, AFTERWARDS, "whatsapp", column="{}, afterwards")
    assert published(parsed(stack, "claims", "decide")) == decisions_of(AFTERWARDS, "account, afterwards")
