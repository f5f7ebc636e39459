"""What one account had of the performance guarantees (§3, P1-P5), with its latency curves and its operators."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from schemas.commitments import PerformanceTerms
from schemas.fields import SERVICES, Service
from schemas.policies import Policy, Ratio
from streams.clickhouse.session import Row, rows
from streams.guarantees.performance.shares import (
    BEYOND_MS,
    MESSAGES,
    SUMS,
    TIMES,
    ShareView,
    delivery_rate_of,
    shares_of,
    templates_of,
)
from streams.reports.model import Curve, Guarantee, OperatorDelivery
from streams.rules.calendar import MonthSpan
from streams.rules.months import percent

CLAUSES: Final[Mapping[str, str]] = {"sms": "§3.1", "voice": "§3.2", "whatsapp": "§3.3", "email": "§3.4"}
"""The clause that promises a service's performance."""

_BY_OPERATOR: Final = ("operator", *MESSAGES)
# One pass for all accounts: a row an account and service, with its operators' messages in an array.
_COUNTS: Final = f"""
SELECT o.account_id AS of, toString(o.service) AS service,
    {", ".join(f"sumMap(o.{name}) AS {name}" for name in TIMES)},
    {", ".join(f"sum(o.{name}) AS {name}" for name in SUMS)},
    arraySort(groupArrayIf(
        ({", ".join(f"o.{name}" for name in _BY_OPERATOR)}), o.delivered + o.failed + o.accepted > 0)) AS operators
FROM
(
    SELECT d.account_id AS account_id, d.service AS service, toString(d.operator) AS operator,
        {", ".join(f"sumMap(d.{name}) AS {name}" for name in TIMES)},
        {", ".join(f"sum(d.{name}) AS {name}" for name in SUMS)}
    FROM performance_days AS d FINAL
    WHERE (d.service, d.day, d.version) IN (SELECT service, day, version FROM performance_counted FINAL)
        AND d.day >= toDate({{first:String}}) AND d.day < toDate({{end:String}})
        AND (empty({{only:Array(String)}}) OR d.account_id IN {{only:Array(String)}})
    GROUP BY account_id, service, operator
) AS o
GROUP BY o.account_id, o.service
ORDER BY o.account_id, o.service
"""  # noqa: S608  our own column names


@dataclass(slots=True)
class PerformanceCounts:
    """What is counted of one account: a row a service, and its templates (P5) by the policy that judges them."""

    services: list[Row] = field(default_factory=list)
    templates: list[Row] = field(default_factory=list)


def read_counts(
    client: Client, templates: Iterable[Row], *, first: str, end: str, only: Sequence[str]
) -> Mapping[str, PerformanceCounts]:
    """The counts of the days [first, end) by account: of `only` these, if any are named."""
    found: defaultdict[str, PerformanceCounts] = defaultdict(PerformanceCounts)
    for row in rows(client, _COUNTS, {"first": first, "end": end, "only": list(only)}):
        found[row["of"]].services.append(row)
    for row in templates:
        found[row["account_id"]].templates.append(row)
    for counts in found.values():
        counts.services.sort(key=lambda row: SERVICES.index(row["service"]))
    return found


def guarantees_of(
    counts: PerformanceCounts, policy: Policy, span: MonthSpan, *, complete: bool, as_of_ms: int
) -> list[Guarantee]:
    """Every guarantee of which anything was counted, in the order of the contract's clauses."""
    terms = policy.commitments.performance
    view = [one for row in counts.services for one in shares_of(row, terms, complete=complete)]
    view += templates_of(counts.templates, terms, span, "account_id", now_ms=as_of_ms)
    ordered = sorted(view, key=lambda one: (SERVICES.index(_service(one)), one.rule, one.guarantee))
    return [_guarantee(one, terms) for one in ordered]


def curves_of(counts: PerformanceCounts, policy: Policy, edges: Sequence[int]) -> list[Curve]:
    """The response times of each service that measured any; `edges` are those that they are counted by, ascending."""
    terms = policy.commitments.performance
    return [
        Curve(
            service=row["service"],
            limit_ms=terms.response_ms[row["service"]],
            target=_percent(terms.response_share),
            counts=_stretch(times, edges, terms.response_ms[row["service"]]),
            beyond=times.get(BEYOND_MS, 0),
        )
        for row in counts.services
        if any((times := row["response_times"]).values())
    ]


def operators_of(counts: PerformanceCounts, *, complete: bool) -> list[OperatorDelivery]:
    """Delivery by operator, as P3 counts it: of WhatsApp template messages alone, voice not at all."""
    return [
        delivery
        for row in counts.services
        if row["service"] != "voice"
        for found in row["operators"]
        if (delivery := _delivery(row["service"], found, complete=complete))
    ]


def pending_messages(counts: PerformanceCounts, *, complete: bool) -> int:
    """Messages on their way; none once their wait is over (C3)."""
    return 0 if complete else sum(row["accepted"] + row["enroute"] for row in counts.services)


def _stretch(times: Mapping[int, int], edges: Sequence[int], limit_ms: int) -> list[tuple[int, int]]:
    """Counts at all edges from the one before the first request to the last request, or to the limit."""
    # what was counted by edges of another time is shown as it was counted
    counted = [edge for edge, count in times.items() if count and edge != BEYOND_MS]
    every = sorted({*edges, *counted, limit_ms})
    first, last = min(counted, default=limit_ms), max([*counted, limit_ms])
    before = max((edge for edge in every if edge < first), default=first)
    return [(edge, times.get(edge, 0)) for edge in every if before <= edge <= last]


def _delivery(service: str, found: Sequence[Any], *, complete: bool) -> OperatorDelivery | None:
    operator, *messages = found
    half = len(messages) // 2
    counted = delivery_rate_of(messages[half:] if service == "whatsapp" else messages[:half], complete=complete)
    if not counted.of:
        return None
    return OperatorDelivery(
        service=service,
        operator=operator,
        delivered=counted.within,
        failed=counted.of - counted.within,
        share=percent(Fraction(counted.within, counted.of)),
    )


def _guarantee(view: ShareView, terms: PerformanceTerms) -> Guarantee:
    service = _service(view)
    limits = {
        "response time": terms.response_ms.get(service),
        "delivery time": terms.delivery_ms.get(service),
        "call connection": terms.connect_ms,
        "template answer": terms.template_ms,
    }
    return Guarantee(
        service=service,
        name=view.guarantee,
        rule=view.rule,
        clause=CLAUSES[service],
        limit_ms=limits.get(view.guarantee),
        within=view.within,
        counted=view.counted,
        unmeasured=view.unmeasured,
        share=view.share,
        target=view.target,
        is_met=view.met,
        quantiles_ms=view.quantiles_ms,
    )


def _service(view: ShareView) -> Service:
    return next(service for service in SERVICES if service == view.service)


def _percent(ratio: Ratio) -> str:
    return percent(Fraction(ratio.numerator, ratio.denominator))
