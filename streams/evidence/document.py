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
FORMAT: Final = 2
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
        "V1 without a division, requests and messages apart: bad if failed > 0 and failed * denominator > valid * "
        "numerator, and the same of the sums over the window_minutes that end with the minute (failed_lately, "
        "valid_lately), of which failures_at_least failed; or if all of the minute failed, and it does not stand alone "
        "in the window or nothing else was asked in it; where nothing was valid the vantages decide (V2)"
    ),
    "doubts": "what may have been better or worse than it looks: it parts down_at_best from down_at_worst (B4)",
    "missing": "what each source misses, by manifest, dead letters and holes (B3)",
    "silences": "runs without a valid record in which some were due, and the same minute of the weeks before (B2)",
    "oddities": "codes in no table, times that cannot be, messages with like ids: they change no number",
    "reasons": "identities by outcome and by the table:code that decided it, with the clause of the SLA, and samples",
    "records": "distinct records of the minute by topic: number, digest; if few, each as [content, partition, offset]",
    "content": "xxh3-64 (seed 0) of a record's value as produced, 16 hexadecimal digits",
    "digest": "sum modulo 2^64 of the contents of distinct records, in hexadecimal; neither order nor copies change it",
    "lost": (
        "records that nobody could read any more: the last frontier before the hole, the broker timestamps of the last "
        "record read before it and of the first one after it: what blinds minutes (B3)"
    ),
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
            "from": format_minute(window.start),
            "to": format_minute(window.end),
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
                    "topic": one.topic,
                    "frontier": _instant(one.frontier_ms),
                    "last_read": _instant(one.last_read_ms),
                    "first_after": format_instant(one.first_after_ms),
                }
                for one in findings.lost
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
        minute = row["at_s"] // 60
        sums[minute] = sums.get(minute, 0) + row["digest"]
    minutes = range(findings.window.start, findings.window.end)
    return [_hex(sums[minute]) if minute in sums else "" for minute in minutes]


def _instant(at_ms: int | None) -> str | None:
    return None if at_ms is None else format_instant(at_ms)


def _hex(number: int) -> str:
    return f"{number % (1 << 64):016x}"


def _minute(listed: dict[str, Any]) -> dict[str, Any]:
    return {name: row for name, row in listed.items() if name != "service"}
