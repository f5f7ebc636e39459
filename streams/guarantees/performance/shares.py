"""A month's performance guarantees: exact shares by service, or by account, operator or region (P1-P5, §3)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, Literal

import msgspec
from clickhouse_connect.driver.client import Client

from schemas.commitments import PerformanceTerms
from schemas.fields import SERVICES, Service
from schemas.policies import Policy, Ratio
from streams.clickhouse.session import Row, rows
from streams.rules.calendar import MonthSpan
from streams.rules.months import percent
from streams.rules.performance import Counted, Share, share, template_answer

By = Literal["service", "account_id", "operator", "region"]
BEYOND_MS: Final = 2**32 - 1
"""The edge of what exceeds every other."""

_QUANTILES: Final = (50, 95, 99)
TIMES: Final = ("response_times", "total_times", "delivery_times", "delivery_earliest", "connect_times")
"""Columns of counts by edges."""
_MESSAGES: Final = ("delivered", "failed", "accepted", "enroute", "unknown", "claimed")
MESSAGES: Final = (*_MESSAGES, *(f"template_{name}" for name in _MESSAGES))
"""Columns of which the delivery rate is made (P3)."""
SUMS: Final = (
    *("untimed", "response_failed", "unmeasured", "impossible_times", *MESSAGES),
    *("connect_failed", "connect_accepted", "connect_untold", "hd_us", "call_us", "call_untold_us"),
)
"""Columns of plain counts."""
_DAYS: Final = """
SELECT toString(service) AS service, {by} AS of, {sums}
FROM performance_days FINAL
WHERE (service, day, version) IN (SELECT service, day, version FROM performance_counted FINAL)
    AND day >= toDate({{first:String}}) AND day < toDate({{end:String}})
GROUP BY service, of
ORDER BY service, of
"""
_TEMPLATES: Final = """
SELECT account_id, template_id,
    arraySort(groupArrayIf(toUnixTimestamp64Milli(time), event = 'submitted')) AS submitted,
    arraySort(groupArrayIf(toUnixTimestamp64Milli(time), event != 'submitted')) AS answered
FROM templates FINAL
GROUP BY account_id, template_id
ORDER BY account_id, template_id
"""


class ShareView(msgspec.Struct, frozen=True, kw_only=True):
    """A guarantee, counts over counts, and beside it what could not be measured.

    `at_worst` is the share if none of that is within; of P3 the rate with unknown, claimed and pending as failures.
    `met` is null where nothing was measured, or where more than 1 - target of all was not.
    """

    guarantee: str
    rule: str
    service: str
    of: str
    within: int
    counted: int
    unmeasured: int
    share: str
    at_worst: str
    target: str
    met: bool | None
    quantiles_ms: Mapping[str, int | None]


class ImpossibleTimes(msgspec.Struct, frozen=True, kw_only=True):
    """Messages that a carrier's clock says were delivered before they were submitted (P2)."""

    service: str
    of: str
    messages: int


class PerformanceView(msgspec.Struct, frozen=True, kw_only=True):
    """All of them; not `complete`: days are not over or not counted yet, or messages still on their way."""

    month: str
    policy: str
    by: str
    complete: bool
    pending_messages: int
    impossible_times: Sequence[ImpossibleTimes]
    guarantees: Sequence[ShareView]


def read_performance(
    client: Client, policy: Policy, span: MonthSpan, by: By, *, first: str, end: str, now_ms: int, complete: bool
) -> PerformanceView:
    """A month from its counted days [first, end); `complete`: what is still on its way has waited too long (C3)."""
    column = "''" if by == "service" else f"toString({by})"
    sums = [*(f"sumMap({name}) AS {name}" for name in TIMES), *(f"sum({name}) AS {name}" for name in SUMS)]
    found = rows(client, _DAYS.format(by=column, sums=", ".join(sums)), {"first": first, "end": end})
    terms = policy.commitments.performance
    view = [one for row in found for one in shares_of(row, terms, complete=complete)]
    if by in ("service", "account_id"):
        view += templates_of(read_templates(client), terms, span, by, now_ms=now_ms)
    return PerformanceView(
        month=span.month,
        policy=policy.policy_id,
        by=by,
        complete=complete,
        pending_messages=0 if complete else sum(row["accepted"] + row["enroute"] for row in found),
        impossible_times=[
            ImpossibleTimes(service=row["service"], of=row["of"], messages=row["impossible_times"])
            for row in found
            if row["impossible_times"]
        ],
        guarantees=sorted(view, key=lambda one: (one.of, SERVICES.index(one.service), one.rule, one.guarantee)),
    )


def read_templates(client: Client) -> list[Row]:
    """Every template with the instants at which it was submitted, and those at which it was answered (P5)."""
    return rows(client, _TEMPLATES, {})


def shares_of(row: Mapping[str, Any], terms: PerformanceTerms, *, complete: bool) -> list[ShareView]:
    """What the counts of one service, or of a part of it, come to (P1-P4); what has no counts is left out."""
    service: Service = row["service"]
    views: list[ShareView] = []

    def add(guarantee: str, rule: str, counted: Counted, target: Ratio, times: Mapping[int, int] | None = None) -> None:
        if counted.of or counted.unmeasured:
            views.append(_view((guarantee, rule), service, row["of"], share([counted], target), times or {}))

    add("response time", "P1", _responses(row, terms.response_ms[service]), terms.response_share, row["response_times"])
    if service in terms.delivery_ms:
        timely = _deliveries(row, terms.delivery_ms[service])
        add("delivery time", "P2", timely, terms.delivery_time_share, row["delivery_times"])
    if service in terms.delivery_share:
        prefix = "template_" if service == "whatsapp" else ""
        delivered = delivery_rate_of([row[f"{prefix}{name}"] for name in _MESSAGES], complete=complete)
        add("delivery rate", "P3", delivered, terms.delivery_share[service])
    if service == "voice":
        connected = _connections(row, terms.connect_ms, complete=complete)
        add("call connection", "P4", connected, terms.connect_share, row["connect_times"])
        quality = Counted(row["hd_us"], row["call_us"], row["call_untold_us"])
        add("HD quality", "P4", quality, terms.hd_share)
    return views


def templates_of(
    events: Iterable[Mapping[str, Any]], terms: PerformanceTerms, span: MonthSpan, by: By, *, now_ms: int
) -> list[ShareView]:
    """P5: submissions of the month, each with its first answer, whenever that came."""
    counted: defaultdict[str, list[Counted]] = defaultdict(list)
    for row in events:
        of = row["account_id"] if by == "account_id" else ""
        counted[of] += [
            template_answer(at_ms, row["answered"], limit_ms=terms.template_ms, now_ms=now_ms)
            for at_ms in row["submitted"]
            if span.start_ms <= at_ms < span.end_ms
        ]
    everything = Ratio(1, 1)
    found = {of: share(answers, everything) for of, answers in sorted(counted.items())}
    return [_view(("template answer", "P5"), "whatsapp", of, one, {}) for of, one in found.items() if one.of]


def delivery_rate_of(messages: Sequence[int], *, complete: bool) -> Counted:
    """P3 of messages delivered, failed, accepted, enroute, unknown and claimed.

    `complete`: the wait for receipts is over, so what no carrier ever took is ours (C3).
    """
    delivered, failed, accepted, enroute, unknown, claimed = messages
    ours, waiting = (failed + accepted, 0) if complete else (failed, accepted)
    return Counted(within=delivered, of=delivered + ours, unmeasured=waiting + enroute + unknown + claimed)


def within(times: Mapping[int, int], limit_ms: int) -> int:
    """Of counts by edges how many do not exceed a limit, which is an edge."""
    return sum(count for edge, count in times.items() if edge <= limit_ms)


def quantile_ms(times: Mapping[int, int], hundredths: int) -> int | None:
    """The least edge that so many hundredths do not exceed; None: it lies beyond all edges, or nothing was counted."""
    left = -(-sum(times.values()) * hundredths // 100)
    for edge, count in sorted(times.items()):
        left -= count
        if left <= 0:
            return edge if count and edge != BEYOND_MS else None
    return None


def _responses(row: Mapping[str, Any], limit_ms: int) -> Counted:
    """P1: without a duration, the last byte within the limit proves it, and a later one nothing."""
    timed, proven = row["response_times"], within(row["total_times"], limit_ms)
    return Counted(
        within=within(timed, limit_ms) + proven,
        of=sum(timed.values()) + proven + row["response_failed"],
        unmeasured=sum(row["total_times"].values()) - proven + row["untimed"],
    )


def _deliveries(row: Mapping[str, Any], limit_ms: int) -> Counted:
    """P2: within by the latest time that receipts allow, late by the earliest; the rest is unmeasured."""
    timely, possible = within(row["delivery_times"], limit_ms), within(row["delivery_earliest"], limit_ms)
    late = sum(row["delivery_earliest"].values()) - possible
    return Counted(within=timely, of=timely + late, unmeasured=possible - timely + row["unmeasured"])


def _connections(row: Mapping[str, Any], limit_ms: int, *, complete: bool) -> Counted:
    """P4: calls that tell when they connected, or that failed by us."""
    times, ours = row["connect_times"], row["connect_failed"] + (row["connect_accepted"] if complete else 0)
    return Counted(
        within=within(times, limit_ms),
        of=sum(times.values()) + ours,
        unmeasured=row["connect_untold"],
    )


def _view(
    guarantee_and_rule: tuple[str, str], service: str, of: str, found: Share, times: Mapping[int, int]
) -> ShareView:
    guarantee, rule = guarantee_and_rule
    target = Fraction(found.target.numerator, found.target.denominator)
    return ShareView(
        guarantee=guarantee,
        rule=rule,
        service=service,
        of=of,
        within=found.within,
        counted=found.of,
        unmeasured=found.unmeasured,
        share=_shown(found.value),
        at_worst=_shown(found.at_worst),
        target=percent(target),
        met=found.is_met,
        quantiles_ms={f"p{hundredths}": quantile_ms(times, hundredths) for hundredths in _QUANTILES} if times else {},
    )


def _shown(value: Fraction | None) -> str:
    return "" if value is None else percent(value)
