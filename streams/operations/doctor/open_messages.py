"""Messages that wait for a receipt which has most likely come, under an id that is written otherwise (C3, I1)."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from clickhouse_connect.driver.client import Client

import sql
from schemas.fields import SERVICES
from streams.clickhouse.session import rows
from streams.months.explanation import LikeIds
from streams.months.ledger_minutes import LedgerQuestion, read_like_ids
from streams.operations.doctor.codes import FindingCode
from streams.operations.doctor.findings import Finding, found

_MOST_MINUTES: Final = 500
"""So many service-minutes with open messages of each service are looked at, the latest first."""


def look_at_open_messages(client: Client) -> Finding:
    """Open messages beside receipts that belong to none and have a like id."""
    minutes: defaultdict[str, list[int]] = defaultdict(list)
    for row in rows(client, sql.query("open_minutes"), {"most": _MOST_MINUTES}):
        minutes[row["of_service"]].append(row["at_s"] // 60)
    pairs: dict[str, list[LikeIds]] = {}
    for service in SERVICES:
        if minutes[service]:
            question = LedgerQuestion(service=service, minutes=minutes[service])
            pairs[service] = [pair for _, pair in read_like_ids(client, question)]
    return judge_open_messages(pairs)


def judge_open_messages(pairs: dict[str, list[LikeIds]]) -> Finding:
    """A warning with every pair, by service; each pair stands for one message that counts as two."""
    details = [detail for service, found_pairs in pairs.items() for detail in _details(service, found_pairs)]
    if not details:
        return found(FindingCode.NO_LIKE_IDS)
    return found(FindingCode.LIKE_IDS, details, messages=len(details))


def _details(service: str, pairs: Sequence[LikeIds]) -> list[dict[str, Any]]:
    return [{"service": service, **msgspec.to_builtins(pair)} for pair in pairs]
