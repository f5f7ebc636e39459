"""An evidence file: one sealed JSON document that says itself how to read it and how to recompute it.

The same records, cut and data files give the same bytes, on every machine, whenever they are asked for.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

import msgspec

from schemas.instants import format_instant
from streams.clickhouse.session import Row
from streams.core.canonical_json import seal
from streams.evidence.read import Findings
from streams.months.minutes import format_minute
from streams.statements.versions import versions_of

EVIDENCE: Final = "evidence"
FORMAT: Final = 1
"""Version of this layout; another layout is another number."""

COMMAND: Final = "zecto-sla audit --evidence FILE --dump DIR"
TOPICS: Final = ("api.requests", "carrier.receipts", "probes", "sla.declarations", "telemetry.manifests")
_RECOMPUTE: Final = {
    "command": COMMAND,
    "archives": [f"zecto-sla dump {topic} -o DIR/{topic}.ndjson.gz" for topic in TOPICS],
    "says": (
        "FILE is this file, DIR holds these archives, or your own of the same records. Each minute is judged anew "
        "from the raw records by code that shares nothing with the pipeline; exit 0: all agree; 1: the first minute "
        "and record that differ are named"
    ),
}
_ABOUT: Final = {
    "cut": "what the broker stamped before it is counted, nothing stamped later is; everything before it had been read",
    "states": "every minute of [from, to) in order, as runs of [state, kind of window or null, minutes]",
    "minutes": "every minute that is down or excluded, with all that decided it by the rules of the contract",
    "arithmetic": (
        "V1 without a division: bad if failed >= failures_at_least and left > right, where left = failed * denominator "
        "and right = valid * numerator; requests and messages apart; where neither has any valid one the probes decide"
    ),
    "reasons": "identities by outcome and by the table:code that decided it, with the clause of the SLA, and samples",
    "records": "distinct records of the minute by topic: number, digest; if few, each as [content, partition, offset]",
    "content": "xxh3-64 (seed 0) of a record's value as produced, 16 hexadecimal digits",
    "digest": "sum modulo 2^64 of the contents of distinct records, in hexadecimal; neither order nor copies change it",
    "lost": "records that nobody could read any more, between these broker timestamps: what blinds minutes (B3)",
    "digests": "of every minute in order, over all topics together; empty: it has no record",
    "sha256": (
        "of body as JSON with sorted keys and no spaces: hashlib.sha256(json.dumps(body, sort_keys=True, "
        "separators=(',', ':'), ensure_ascii=False).encode()); policies and codes: of the files' bytes"
    ),
}


def evidence_document(findings: Findings) -> bytes:
    """The file's bytes."""
    window = findings.window
    return seal(
        {
            "document": EVIDENCE,
            "format": FORMAT,
            "service": window.service,
            "from": format_minute(window.from_s),
            "to": format_minute(window.to_s),
            "cut": format_instant(window.cut_ms),
            "policies": [
                {
                    "month": choice.span.month,
                    "policy": choice.policy.policy_id,
                    "in_force": choice.in_force,
                    "sha256": versions_of(choice.policy.policy_id).policy_sha256,
                }
                for choice in window.months
            ],
            "codes_sha256": versions_of(window.months[0].policy.policy_id).codes_sha256,
            "lost": [
                {
                    "topic": row["topic"],
                    "since": format_instant(row["since_ms"]),
                    "until": format_instant(row["until_ms"]),
                }
                for row in findings.lost
            ],
            "states": [[state, kind or None, len(list(run))] for (state, kind), run in groupby(findings.states)],
            "records": _topics(findings.ledger),
            "digests": _digests(findings),
            "minutes": [_minute(listed) for listed in msgspec.to_builtins(findings.listed)],
            "recompute": _RECOMPUTE,
            "about": _ABOUT,
        }
    )


def _topics(ledger: Sequence[Row]) -> list[dict[str, Any]]:
    """The distinct records of the whole window, by topic."""
    totals: dict[str, tuple[int, int]] = {}
    for row in ledger:
        records, digest = totals.get(row["topic"], (0, 0))
        totals[row["topic"]] = records + row["records"], digest + row["digest"]
    return [
        {"topic": topic, "records": records, "digest": _hex(digest)}
        for topic, (records, digest) in sorted(totals.items())
    ]


def _digests(findings: Findings) -> list[str]:
    sums: dict[int, int] = {}
    for row in findings.ledger:
        sums[row["at_s"]] = sums.get(row["at_s"], 0) + row["digest"]
    minutes = range(findings.window.from_s, findings.window.to_s, 60)
    return [_hex(sums[at_s]) if at_s in sums else "" for at_s in minutes]


def _hex(number: int) -> str:
    return f"{number % (1 << 64):016x}"


def _minute(listed: dict[str, Any]) -> dict[str, Any]:
    return {name: row for name, row in listed.items() if name != "service"}
