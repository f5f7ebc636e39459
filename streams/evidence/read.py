"""The minutes of a window as known at a cut, those that are bad or excluded with everything that decided them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from clickhouse_connect.driver.client import Client

import sql
from sql.as_of import as_of
from streams.clickhouse.session import Row, rows
from streams.months.explain import Question, explain, read_verdicts
from streams.months.explanation import Explanation
from streams.rules.policy import PolicyChoice

LISTED: Final = ("down", "excluded")
"""The states of the minutes that a file holds in full: what is bad, excused or not (V1, V2, X1-X4)."""

_CHUNK_MINUTES: Final = 200
_BLINDING: Final = ("api.requests", "carrier.receipts", "probes", "telemetry.manifests")
_LOST_SQL: Final = """
SELECT DISTINCT toString(topic) AS topic,
    toUnixTimestamp64Milli(first_recorded_at) AS since_ms, toUnixTimestamp64Milli(last_recorded_at) AS until_ms
FROM blocks FINAL
WHERE state = 'lost' AND topic IN {topics:Array(String)}
ORDER BY since_ms, until_ms, topic
"""

OnProgress = Callable[[int, int], None]
"""Called with the minutes of the window that are done, and how many of them are listed so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSpan:
    """Whole minutes [from_s, to_s) of a service, in seconds since the epoch, in the months that they lie in.

    Of a reason `samples` records are named; of a minute and topic with no more than `each` distinct records every one.
    """

    service: str
    from_s: int
    to_s: int
    months: Sequence[PolicyChoice]
    cut_ms: int
    samples: int
    each: int

    @property
    def total_minutes(self) -> int:
        """How many minutes it has."""
        return (self.to_s - self.from_s) // 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What is known of a window before its cut: a function of the records stamped before it.

    `states` has (state, kind) of every minute; `ledger` the distinct records by minute and topic; `lost` what was gone
    before anybody read it.
    """

    window: EvidenceSpan
    states: list[tuple[str, str]]
    listed: list[Explanation]
    ledger: list[Row]
    lost: list[Row]


def read_findings(client: Client, window: EvidenceSpan, on_progress: OnProgress) -> Findings:
    """Everything that a file holds; the frontier has reached the window's cut."""
    states: list[tuple[str, str]] = []
    listed: list[Explanation] = []
    for question in _questions(window):
        verdicts = read_verdicts(client, question)
        for wanted in _chunks([row for row in verdicts if row["state"] in LISTED]):
            listed += explain(client, replace(question, minutes_s=[row["at_s"] for row in wanted]), wanted)
            on_progress(len(states), len(listed))
        states += [(row["state"], row["kind"]) for row in verdicts]
        on_progress(len(states), len(listed))
    span = {"service": window.service, "from": window.from_s, "to": window.to_s, "as_of": window.cut_ms}
    return Findings(
        window=window,
        states=states,
        listed=listed,
        ledger=rows(client, as_of(sql.query("service_digest")), span),
        lost=rows(client, as_of(_LOST_SQL), {"topics": list(_BLINDING), "as_of": window.cut_ms}),
    )


def _questions(window: EvidenceSpan) -> Iterator[Question]:
    """A question a month: its first and its last minute within the window."""
    for choice in window.months:
        first = max(window.from_s, choice.span.start_ms // 1000)
        last = min(window.to_s, choice.span.end_ms // 1000) - 60
        yield Question(
            service=window.service,
            month=choice.span.month,
            policy=choice.policy,
            minutes_s=[first, last],
            samples=window.samples,
            each=window.each,
            as_of_ms=window.cut_ms,
        )


def _chunks(verdicts: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for first in range(0, len(verdicts), _CHUNK_MINUTES):
        yield verdicts[first : first + _CHUNK_MINUTES]
