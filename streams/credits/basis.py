"""Months as credits are decided by: from statements where they are closed, else as judged now (K1, K2, M2, V5)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from schemas.account import FeeKey
from schemas.fields import SERVICES, Service
from streams.rules.amounts_due import CreditBasis
from streams.rules.calendar import month_of
from streams.rules.incidents import Incident, incidents_of
from streams.rules.policy import PolicyChoice, apply_policy

Runs = Sequence[tuple[int, int]]
"""Minutes of a service that are down or blind, as [start, end) in ms, in the order of time, cut to one month."""

_NOTHING: Final[Mapping[Service, Sequence[Incident]]] = dict.fromkeys(SERVICES, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthFacts:
    """What of a month decides credits, as it is known; `percents` and `statement` as in `CreditBasis`."""

    complete: bool
    statement: int | None
    percents: Mapping[FeeKey, int | None]
    runs: Mapping[Service, Runs]


class Facts(Protocol):
    """Where months are looked up."""

    def facts(self, choice: PolicyChoice) -> MonthFacts:
        """The month as it is known now."""

    def closed_ms(self, choice: PolicyChoice) -> int | None:
        """The cut of the month's statement; None: nobody closed it."""


@dataclass(slots=True)
class BasisReader:
    """Reads each month once."""

    source: Facts
    _known: dict[tuple[str, str], MonthFacts] = field(default_factory=dict)

    def basis(self, choice: PolicyChoice) -> CreditBasis:
        """The month; one in which the policy was not in force credits nothing, and is not looked at (M5)."""
        if not choice.in_force:
            nothing: dict[FeeKey, int | None] = {**dict.fromkeys(SERVICES, 0), "platform": 0}
            return CreditBasis(
                span=choice.span, in_force=False, complete=True, statement=None, percents=nothing, incidents=_NOTHING
            )
        facts = self._facts(choice)
        return CreditBasis(
            span=choice.span,
            in_force=True,
            complete=facts.complete,
            statement=facts.statement,
            percents=facts.percents,
            incidents={service: self._incidents(service, choice) for service in SERVICES},
        )

    def closed_ms(self, choice: PolicyChoice) -> int | None:
        """The cut of the month's statement; None: nobody closed it."""
        return self.source.closed_ms(choice)

    def _facts(self, choice: PolicyChoice) -> MonthFacts:
        place = (choice.span.month, choice.policy.policy_id)
        if place not in self._known:
            self._known[place] = self.source.facts(choice)
        return self._known[place]

    def _incidents(self, service: Service, choice: PolicyChoice) -> list[Incident]:
        """The incidents of a service with a minute in the month, however far they reach beyond it (K1)."""
        span = choice.span
        runs = [*self._facts(choice).runs[service]]
        if runs:
            runs += [*self._before(service, choice), *self._after(service, choice)]
        return [one for one in incidents_of(runs) if one.start_ms < span.end_ms and span.start_ms < one.end_ms]

    def _before(self, service: Service, choice: PolicyChoice) -> Iterator[tuple[int, int]]:
        """The runs of the months before, back to where none touches the next month's any more."""
        while (runs := self._facts(choice).runs[service]) and runs[0][0] == choice.span.start_ms:
            choice = _month_at(choice.span.start_ms - 1, choice)
            yield from self._facts(choice).runs[service]

    def _after(self, service: Service, choice: PolicyChoice) -> Iterator[tuple[int, int]]:
        while (runs := self._facts(choice).runs[service]) and runs[-1][1] == choice.span.end_ms:
            choice = _month_at(choice.span.end_ms, choice)
            yield from self._facts(choice).runs[service]


def _month_at(instant_ms: int, choice: PolicyChoice) -> PolicyChoice:
    """The month of an instant under the same policy, whichever was in force."""
    return apply_policy(month_of(instant_ms, choice.policy.zone), choice.policy)
