"""The minutes of a service in a span of one month, judged."""

from clickhouse_connect.driver.client import Client

from schemas.fields import Service
from streams.judge import judge_month
from streams.months.as_of import check_cut
from streams.months.context import context_of
from streams.months.minutes import MinuteVerdict, minute_columns, minute_verdicts
from streams.rules.policy import PolicyChoice


def read_minutes(
    client: Client, choice: PolicyChoice, service: Service, start: int, end: int, *, cut_ms: int | None = None
) -> list[MinuteVerdict]:
    """The minutes of a month in [start, end), minutes since the epoch; as known at a cut, if there is one.

    Raises:
        ZectoError: nothing certain can be said of the cut.
    """
    if cut_ms is not None:
        check_cut(client, cut_ms, choice.span)
    judged = judge_month(client, choice, cut_ms=cut_ms)
    context = context_of(judged)
    columns = minute_columns(service, judged.judgement.services[service], context)
    frame = context.frame
    return minute_verdicts(columns, frame.start, max(start, frame.start), min(end, frame.end))
