"""What a statement and an amendment say: a pure function of the ledger before the cut and of the effective closing."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from schemas.closing import Closing
from schemas.instants import format_instant
from streams.core.canonical_json import seal
from streams.rules.calendar import MonthSpan
from streams.statements.content import PLATFORM, LedgerDigest, StatementContent
from streams.statements.difference import changed_minutes, changed_services, minute_rows
from streams.statements.packed_columns import COLUMNS, KINDS, STATES, pack

LISTINGS: Final = ("listed_declarations", "manifest_holes", "plan_mismatch", "account_backdated")
"""What a month lists beside its numbers."""

STATEMENT: Final = "statement"
AMENDMENT: Final = "amendment"


def statement(closing: Closing, known: StatementContent, span: MonthSpan) -> bytes:
    """The document of number 0."""
    return seal(
        {
            **_head(closing, STATEMENT),
            "month": msgspec.to_builtins(known.month),
            "ledger": _digest(known.ledger),
            "minutes": {
                "first": format_instant(span.start_ms),
                "count": span.total_minutes,
                "states": STATES,
                "kinds": KINDS,
                "columns": COLUMNS,
                "services": {
                    service: [pack(column) for column in known.minutes[service]] for service in known.month.services
                },
                "platform": [pack(column) for column in known.minutes[PLATFORM]],
            },
        }
    )


def amendment(
    closing: Closing, stand: Sequence[Closing], before: StatementContent, after: StatementContent, span: MonthSpan
) -> bytes:
    """The document of number 1, 2, …: the difference to what was stated before, minute by minute."""
    return seal(
        {
            **_head(closing, AMENDMENT),
            "month": closing.month,
            "number": closing.number,
            "statement_sha256": stand[0].sha256,
            "previous_sha256": stand[closing.number - 1].sha256,
            "cut_before": stand[closing.number - 1].cut,
            "ledger": {"before": _digest(before.ledger), "after": _digest(after.ledger)},
            "minutes": minute_rows(changed_minutes(before, after), span),
            "services": changed_services(before.month, after.month),
            **{
                name: {
                    "before": msgspec.to_builtins(getattr(before.month, name)),
                    "after": msgspec.to_builtins(getattr(after.month, name)),
                }
                for name in LISTINGS
            },
        }
    )


def _head(closing: Closing, kind: str) -> dict[str, Any]:
    return {
        "document": kind,
        "format": closing.format,
        "policy": {"policy": closing.policy, "sha256": closing.policy_sha256},
        "codes_sha256": closing.codes_sha256,
        "cut": closing.cut,
        "end_offsets": msgspec.to_builtins(closing.end_offsets),
    }


def _digest(digest: LedgerDigest) -> dict[str, Any]:
    # as text: most readers of JSON keep no more than 53 bits of a number
    return {"records": digest.records, "digest": f"{digest.digest:016x}"}
