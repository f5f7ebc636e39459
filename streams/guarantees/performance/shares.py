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
_COLUMNS: Final = (
    "unmeasured",
    "delivered",
    "failed",
    "accepted",
    "template_delivered",
    "template_failed",
    "template_accepted",
    "hd_ms",
    "call_ms",
)
_DAYS: Final = """
SELECT toString(service) AS service, {by} AS of,
    sumMap(response_times) AS response_times, sumMap(delivery_times) AS delivery_times,
    sumMap(connect_times) AS connect_times, {sums}
FROM performance_days FINAL
WHERE (service, day, version) IN (SELECT service, day, version FROM performance_counted FINAL)
    AND day >= toDate({{first:String}}) AND day < toDate({{end:String}})
GROUP BY service, of
ORDER BY service, of
"""
_TEMPLATES: Final = """
SELECT template_id, argMin(account_id, time) AS account_id,
    arraySort(groupArrayIf(toUnixTimestamp64Milli(time), event = 'submitted')) AS submitted,
    arraySort(groupArrayIf(toUnixTimestamp64Milli(time), event != 'submitted')) AS answered
FROM templates FINAL
GROUP BY template_id
ORDER BY template_id
"""


class ShareView(msgspec.Struct, frozen=True, kw_only=True):
    """A guarantee, counts over counts; `met` is null where nothing was counted."""

    guarantee: str
    rule: str
    service: str
    of: str
    within: int
    counted: int
    unmeasured: int
    share: str
    target: str
    met: bool | None
    quantiles_ms: Mapping[str, int | None]


class PerformanceView(msgspec.Struct, frozen=True, kw_only=True):
    """All of them; not `complete`: days are not over or not counted yet, or messages still on their way."""

    month: str
    policy: str
    by: str
    complete: bool
    pending_messages: int
    guarantees: Sequence[ShareView]


def read_performance(
    client: Client, policy: Policy, span: MonthSpan, by: By, *, first: str, end: str, now_ms: int, complete: bool
) -> PerformanceView:
    """A month from its counted days [first, end); `complete`: what is still on its way has waited too long (C3)."""
    column = "''" if by == "service" else f"toString({by})"
    sums = ", ".join(f"sum({name}) AS {name}" for name in _COLUMNS)
    found = rows(client, _DAYS.format(by=column, sums=sums), {"first": first, "end": end})
    terms = policy.commitments.performance
    view = [one for row in found for one in shares_of(row, terms, complete=complete)]
    if by in ("service", "account_id"):
        view += templates_of(read_templates(client), terms, span, by, now_ms=now_ms)
    return PerformanceView(
        month=span.month,
        policy=policy.policy_id,
        by=by,
        complete=complete,
        pending_messages=0 if complete else sum(row["accepted"] for row in found),
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

    responses, deliveries, connects = (row[f"{name}_times"] for name in ("response", "delivery", "connect"))
    add("response time", "P1", within(responses, terms.response_ms[service]), terms.response_share, responses)
    if service in terms.delivery_ms:
        timely = within(deliveries, terms.delivery_ms[service])._replace(unmeasured=row["unmeasured"])
        add("delivery time", "P2", timely, terms.delivery_time_share, deliveries)
    if service in terms.delivery_share:
        add("delivery rate", "P3", _delivered(row, complete=complete), terms.delivery_share[service])
    if service == "voice":
        add("call connection", "P4", within(connects, terms.connect_ms), terms.connect_share, connects)
        add("HD quality", "P4", Counted(row["hd_ms"], row["call_ms"]), terms.hd_share)
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


def within(times: Mapping[int, int], limit_ms: int) -> Counted:
    """Of counts by edges those that do not exceed a limit, which is an edge."""
    return Counted(sum(count for edge, count in times.items() if edge <= limit_ms), sum(times.values()))


def quantile_ms(times: Mapping[int, int], hundredths: int) -> int | None:
    """The least edge that so many hundredths do not exceed; None: it lies beyond all edges, or nothing was counted."""
    left = -(-sum(times.values()) * hundredths // 100)
    for edge, count in sorted(times.items()):
        left -= count
        if left <= 0:
            return edge if count and edge != BEYOND_MS else None
    return None


def _delivered(row: Mapping[str, Any], *, complete: bool) -> Counted:
    prefix = "template_" if row["service"] == "whatsapp" else ""
    failed = row[f"{prefix}failed"] + (row[f"{prefix}accepted"] if complete else 0)
    return Counted(row[f"{prefix}delivered"], row[f"{prefix}delivered"] + failed)


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
        share="" if found.value is None else percent(found.value),
        target=percent(target),
        met=found.is_met,
        quantiles_ms={f"p{hundredths}": quantile_ms(times, hundredths) for hundredths in _QUANTILES} if times else {},
    )
