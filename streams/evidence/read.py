"""The minutes of a window as known at a cut, those that are bad or excluded with everything that decided them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from clickhouse_connect.driver.client import Client

import sql
from schemas.fields import Service
from streams.clickhouse.session import Row, rows
from streams.judge import JudgedMonth, judge_month
from streams.months.explain import read_explanations
from streams.months.explanation import Explanation
from streams.months.ledger_minutes import LedgerQuestion
from streams.rules.month.inputs import LostOffsets
from streams.rules.month.states import KINDS, STATES
from streams.rules.policy import PolicyChoice

LISTED: Final = ("down", "excluded")
"""The states of the minutes that a file holds in full: what is down, or excused (V1-V3, X1-X4)."""

_CHUNK_MINUTES: Final = 200

OnProgress = Callable[[int, int], None]
"""Called with the minutes of the window that are done, and how many of them are listed so far."""

State = tuple[str, str]
"""The state of a minute, and the kind of window where it is excluded, else nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSpan:
    """The minutes [start, end) of a service, since the epoch, in the months that they lie in.

    Of a reason `samples` records are named; of a minute and topic with no more than `each` distinct records every one.
    """

    service: Service
    start: int
    end: int
    months: Sequence[PolicyChoice]
    cut_ms: int
    samples: int
    each: int

    @property
    def total_minutes(self) -> int:
        """How many minutes it has."""
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What is known of a window before its cut: a function of the records stamped before it.

    `states` are those of every minute; `ledger` the distinct records by minute and topic; `lost` what was gone before
    anybody read it.
    """

    window: EvidenceSpan
    states: list[State]
    listed: list[Explanation]
    ledger: list[Row]
    lost: list[LostOffsets]


def read_findings(client: Client, window: EvidenceSpan, on_progress: OnProgress) -> Findings:
    """Everything that a file holds; the frontier has reached the window's cut."""
    states: list[State] = []
    listed: list[Explanation] = []
    lost: set[LostOffsets] = set()
    for choice in window.months:
        judged = judge_month(client, choice, cut_ms=window.cut_ms)
        lost |= {*judged.inputs.lost}
        of_month = _states(judged, window)
        for chunk in _chunks([minute for minute, state in of_month if state[0] in LISTED]):
            listed += read_explanations(client, judged, _question(window, chunk))
            on_progress(len(states), len(listed))
        states += [state for _, state in of_month]
        on_progress(len(states), len(listed))
    span = {"service": window.service, "from": window.start * 60, "to": window.end * 60, "as_of": window.cut_ms}
    return Findings(
        window=window,
        states=states,
        listed=listed,
        ledger=rows(client, sql.query("service_digest"), span),
        lost=sorted(lost, key=_order),
    )


def _states(judged: JudgedMonth, window: EvidenceSpan) -> list[tuple[int, State]]:
    """The minutes of the window that lie in a month, with their states."""
    frame, verdict = judged.inputs.frame, judged.judgement.services[window.service].verdict
    return [
        (minute, (STATES[verdict.state[at]].value, KINDS[verdict.kind[at]]))
        for minute in range(max(window.start, frame.start), min(window.end, frame.end))
        for at in (minute - frame.start,)
    ]


def _question(window: EvidenceSpan, minutes: Sequence[int]) -> LedgerQuestion:
    return LedgerQuestion(
        service=window.service,
        minutes=minutes,
        samples=window.samples,
        each=window.each,
        cut_ms=window.cut_ms,
    )


def _order(lost: LostOffsets) -> tuple[int, str, int, int]:
    return lost.first_after_ms, lost.topic, lost.frontier_ms or 0, lost.last_read_ms or 0


def _chunks(minutes: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(minutes), _CHUNK_MINUTES):
        yield minutes[first : first + _CHUNK_MINUTES]
