"""Why a policy's file is refused, in words: keys of the first edition that are gone, and what the decoder found."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import ValidationError

from schemas.policy_values import PolicyError

_GONE: Final[Mapping[str, str]] = {
    "waiting.receipt_wait": "write waiting.pending_for (C3)",
    "exclusions.maintenance_notice": "write exclusions.notice (X1)",
    "exclusions.unproven_notice": "write exclusions.broker_time_from, from which on notice is proven (X)",
    "blindness.silence_minutes_before": "write blindness.silence_busy and blindness.silence_images (B2)",
    "blindness.silence_max": "remove it: no silence is too long to be one (B2)",
    "blindness.tolerance": "remove it: every blind minute lowers the credit uptime (M2)",
    "credits.incident_joins": "remove it: an incident is one run of minutes down or blind (K1)",
    "credits.claim_within": "write credits.claim_days (K2)",
    "credits.answer_business_days": "write credits.answer_days (K3)",
}
"""The first edition's keys that the second has no longer, and what to do instead."""

_MISSING: Final = re.compile(r"Object missing required field `(.+)`")
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(.+)`")
_PLACED: Final = re.compile(r"(.*?)(?: - at (?:`key` in )?`\$\.?(.*)`)?", re.DOTALL)
PAGE: Final = "docs/reference/policy-fields.md"


def refuse_what_is_gone(entries: Mapping[str, object]) -> None:
    """See that a file has no key that only the first edition of the contract had.

    Raises:
        PolicyError: it has; names each with what to do instead.
    """
    found = [f"{key} is gone since the contract's second edition: {_GONE[key]}" for key in _keys(entries)]
    if found:
        raise PolicyError("; ".join(found))


def in_words(error: ValidationError) -> str:
    """What the decoder says, beginning with the key, and what to do."""
    placed = _PLACED.fullmatch(str(error))
    what, table = (placed[1], placed[2] or "") if placed else (str(error), "")
    inside = f"{table}." if table else ""
    if missing := _MISSING.fullmatch(what):
        return f"{inside}{missing[1]} is missing: add it ({PAGE})"
    if unknown := _UNKNOWN.fullmatch(what):
        return f"{inside}{unknown[1]} is no key of a policy: correct its name or remove it ({PAGE})"
    return f"{table or 'the file'}: {what[:1].lower()}{what[1:]}: correct it ({PAGE})"


def _keys(entries: Mapping[str, object]) -> Iterator[str]:
    for key in _GONE:
        table, _, name = key.partition(".")
        of_table = entries.get(table)
        if isinstance(of_table, dict) and name in of_table:
            yield key
