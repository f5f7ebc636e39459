"""Everything that the program says of the months that two versions of it are compared by."""

import json
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from schemas.reference import policies
from streams.rules.calendar import month_bounds

MONTHS: Final = ("2025-12", "2026-01", "2026-02", "2026-03")
"""Three months with claims (tests/months), and one of which a few hours are simulated, with records of every kind."""
_BEYOND: Final = "2026-11"
"""A month that was not complete at any cut that is asked for: the present one when the archives were made."""
_SPANS: Final = (
    ("sms", "2025-12-06T00:00+05:00", "2025-12-06T06:00+05:00"),
    ("voice", "2026-03-01T00:00+05:00", "2026-03-01T06:00+05:00"),
)
# of any version: each takes the parameter that it knows
_DIGEST: Final = """
SELECT count(), toString(sum(content)) FROM
(
    SELECT DISTINCT 1 AS of, service, minute, identity, content FROM ledger_requests
    UNION ALL SELECT DISTINCT 2, service, minute, identity, content FROM ledger_receipts
    UNION ALL SELECT DISTINCT 3, service, minute, identity, content FROM ledger_probes
)
WHERE minute >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND minute < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
"""

_LONG: Final = 12_000

Ask = Callable[..., bytes]


def plain_answers(ask: Ask, client: Client) -> Iterator[tuple[str, str]]:
    """What does not depend on when the records were recorded: months, credits, minutes, the ledger's digest."""
    for month in MONTHS:
        yield f"month {month}", month_text(ask("month", month, "--json"))
        yield f"credits {month}", _text(ask("credits", month, "--json"))
        yield f"digest {month}", _digest(client, month)
    yield "claims", _text(ask("claims", "list", "--json"))
    for service, start, end in _SPANS:
        yield f"minutes {service}", _text(ask("minutes", service, start, end, "--json"))


def stamped_answers(ask: Ask, folder: Path) -> Iterator[tuple[str, str]]:
    """What the broker's stamps decide, too: statements, and everything as of the instant of the first statement."""
    for month in MONTHS:
        yield f"statement {month}", ask("close", month, "--json").decode()
    cut = min(statement["cut"] for statement in json.loads(ask("statements", "--json")))
    for month in (*MONTHS, _BEYOND):
        # the name that both versions know
        yield f"month {month} as of", month_text(ask("month", month, "--as-known-at", cut, "--json"))
    for service, start, end in _SPANS:
        path = folder / f"{service}.evidence.json"
        ask("evidence", service, start, end, "-o", path, "--as-known-at", cut)
        yield f"evidence {service}", path.read_text()
        path.unlink()


def shortened(answers: Mapping[str, str]) -> dict[str, str]:
    """Answers as they are checked in: long ones by their SHA-256."""
    return {
        name: text if len(text) < _LONG else f"sha256:{sha256(text.encode()).hexdigest()}"
        for name, text in answers.items()
    }


def month_text(printed: bytes) -> str:
    """A month as JSON but for why it is incomplete: 0.1.0 says that in sentences, later versions by codes."""
    month: dict[str, Any] = json.loads(printed)
    month["incomplete_because"] = bool(month["incomplete_because"])
    return json.dumps(month, indent=1)


def _text(printed: bytes) -> str:
    return json.dumps(json.loads(printed), indent=1)


def _digest(client: Client, month: str) -> str:
    span = month_bounds(month, policies()[0].zone)
    records, digest = client.query(_DIGEST, parameters={"from": span.start_ms, "to": span.end_ms}).first_row
    return json.dumps({"records": records, "digest": digest})
