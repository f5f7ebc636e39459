"""State and counts, minute by minute, as `minutes --json` gives them."""

from typing import Final

import msgspec
from clickhouse_connect.driver.client import Client

from schemas.instants import format_instant
from streams.clickhouse.inlined_views import Whole
from streams.clickhouse.session import Row

_MINUTES_SQL: Final = """
SELECT * EXCEPT (minute), toUInt32(minute) AS at_s
FROM verdicts(month = {month:String}, policy = {policy:String})
WHERE service = {service:String}
    AND minute >= toDateTime({from:UInt32}, 'UTC')
    AND minute < toDateTime({to:UInt32}, 'UTC')
ORDER BY minute
"""


class MinuteRequests(msgspec.Struct, frozen=True, kw_only=True):
    """Requests of a minute by outcome (C1), those known to be missing (B3), those out of scope (C5)."""

    ok: int
    platform: int
    operator: int
    customer: int
    content: int
    recipient: int
    unknown: int
    missing: int
    out_of_scope: int


class MinuteMessages(MinuteRequests, frozen=True, kw_only=True):
    """Messages and calls likewise; `pending` have no final receipt yet (C3)."""

    pending: int


class MinuteProbes(msgspec.Struct, frozen=True, kw_only=True):
    """Probes of a minute; they decide only where nothing valid was counted (V2)."""

    ok: int
    failed: int


class MinuteVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """One service-minute; `kind` is the window's where the state is `excluded`, else null."""

    minute: str
    state: str
    kind: str | None
    requests: MinuteRequests
    messages: MinuteMessages
    probes: MinuteProbes


def read_minutes(
    client: Client, *, service: str, month: str, policy_id: str, from_s: int, to_s: int, cut_ms: int | None = None
) -> list[MinuteVerdict]:
    """Minutes of one month in [from_s, to_s), seconds since the epoch; as known at a cut, if there is one."""
    asked = {"service": service, "month": month, "policy": policy_id, "from": from_s, "to": to_s}
    return [minute_verdict(row) for row in Whole(client, asked, cut_ms=cut_ms).rows(_MINUTES_SQL)]


def minute_verdict(row: Row) -> MinuteVerdict:
    """One row of the view `verdicts`, with its minute as `at_s`."""
    return MinuteVerdict(
        minute=format_minute(row["at_s"]),
        state=row["state"],
        kind=row["kind"] or None,
        requests=msgspec.convert(_prefixed(row, "requests_", MinuteRequests), MinuteRequests),
        messages=msgspec.convert(_prefixed(row, "messages_", MinuteMessages), MinuteMessages),
        probes=MinuteProbes(ok=row["probes_ok"], failed=row["probes_failed"]),
    )


def format_minute(at_s: int) -> str:
    """A minute as an instant without a fraction, `2026-09-01T10:00:00Z`."""
    return format_instant(at_s * 1000)[:19] + "Z"


def _prefixed(row: Row, prefix: str, struct: type[msgspec.Struct]) -> dict[str, int]:
    return {name: row[prefix + name] for name in struct.__struct_fields__}
