"""`zecto-sla month`, `minutes` and `explain`: questions to the judge."""

from typing import Annotated, Any

from cyclopts import App, Parameter

from streams.cli.parameters import AsOf
from streams.cli.printing import print_json
from streams.core.errors import UsageError

_MOST_DAYS = 32
_JSON = Annotated[bool, Parameter(negative=())]


def register(app: App) -> None:
    """Add `month`, `minutes` and `explain`."""
    app.command(month, group="Answers")
    app.command(minutes, group="Answers")
    app.command(explain, group="Answers")


def month(month: str, /, *, policy: str | None = None, as_of: AsOf = None, json: _JSON = False) -> None:
    """Show a month's uptime by service and of the platform, with bounds, exclusions and credit tier.

    .. code-block:: console

        $ zecto-sla month 2026-09
        $ zecto-sla month 2026-09 --json | jq .services.sms.uptime
        $ zecto-sla month 2026-09 --as-of 2026-10-05T00:00:00+05:00

    Args:
        month: YYYY-MM, in the policy's zone.
        policy: Policy id; default: the one effective at the start of the month.
        as_of: An instant with its offset: the month as it was known then. What the broker stamped at it or later
            is not there: records, declarations, manifests, dead letters, holes. Everything before it must be read.
        json: Print the month as JSON.
    """
    from streams.cli.choices import choose_policy, instant_ms
    from streams.clickhouse.session import open_session
    from streams.core.console import TextConsole
    from streams.core.settings import Settings
    from streams.months.page import read_month_at, show_month

    choice = choose_policy(month, policy)
    _refuse_future(choice.span.start_ms, month)
    cut_ms = None if as_of is None else instant_ms(as_of)
    with open_session(Settings()) as client:
        if json:
            _print_json(read_month_at(client, choice, cut_ms))
        else:
            show_month(TextConsole(), client, choice, as_of=as_of, cut_ms=cut_ms)


def minutes(
    service: str,
    start: str,
    end: str,
    /,
    *,
    policy: str | None = None,
    as_of: AsOf = None,
    json: _JSON = False,
) -> None:
    """Show state and counts of a service, minute by minute, from START up to, not including, END.

    .. code-block:: console

        $ zecto-sla minutes sms 2026-09-03T10:00Z 2026-09-03T11:00Z
        $ zecto-sla minutes voice 2026-09-03T15:00:00+05:00 2026-09-03T15:30:00+05:00 --json

    Args:
        service: sms, voice, whatsapp or email.
        start: An instant with its offset; its minute is the first.
        end: An instant with its offset; its minute is left out unless it has begun. At most 32 days after START.
        policy: Policy id; default: the one effective at the start of each month.
        as_of: An instant with its offset: the minutes as they were known then, as `month` has it.
        json: Print a list, an object a minute.
    """
    from streams.cli.choices import choice_of_months, instant_ms, minute_s, service_of
    from streams.clickhouse.session import open_session
    from streams.core.console import TextConsole
    from streams.core.settings import Settings
    from streams.months.minutes import MinuteVerdict
    from streams.months.read_minutes import read_minutes
    from streams.months.render import print_minutes

    of = service_of(service)
    from_s, to_s = minute_s(start), -(-instant_ms(end) // 60_000) * 60
    if from_s >= to_s:
        raise UsageError(f"START {start} is not before END {end}")
    if to_s - from_s > _MOST_DAYS * 86_400:
        raise UsageError(f"{start} to {end} is longer than {_MOST_DAYS} days: ask for a month at a time")
    cut_ms = None if as_of is None else instant_ms(as_of)
    found: list[MinuteVerdict] = []
    choices = choice_of_months(from_s, to_s, policy)
    with open_session(Settings()) as client:
        for choice in choices:
            found += read_minutes(client, choice, of, from_s // 60, to_s // 60, cut_ms=cut_ms)
    if json:
        _print_json(found)
    else:
        print_minutes(TextConsole(), found)


def explain(service: str, minute: str, /, *, policy: str | None = None, json: _JSON = False) -> None:
    """Say why a service-minute is what it is: rule, sums, bounds, counts by reason, windows, records, their offsets.

    Why it may have been better or worse: which source misses what, which silence it lies in and what the same minute of
    the weeks before was, what was corrected or is only told by us. Codes that no table knows, times that cannot be, and
    messages that are open beside receipts with like ids are told, too.

    .. code-block:: console

        $ zecto-sla explain sms 2026-09-03T10:07Z

    Args:
        service: sms, voice, whatsapp or email.
        minute: An instant with its offset; it is floored to its minute.
        policy: Policy id; default: the one effective at the start of the month.
        json: Print the explanation as JSON.
    """
    from streams.cli.choices import choice_of_months, minute_s, service_of
    from streams.clickhouse.session import open_session
    from streams.core.console import TextConsole
    from streams.core.settings import Settings
    from streams.judge import judge_month
    from streams.months.explain import read_explanations
    from streams.months.ledger_minutes import LedgerQuestion
    from streams.months.render_explanation import print_explanation

    question = LedgerQuestion(service=service_of(service), minutes=[minute_s(minute) // 60])
    (choice,) = choice_of_months(minute_s(minute), minute_s(minute) + 60, policy)
    with open_session(Settings()) as client:
        (found,) = read_explanations(client, judge_month(client, choice), question)
    if json:
        _print_json(found)
    else:
        print_explanation(TextConsole(), found)


def _refuse_future(start_ms: int, month: str) -> None:
    from streams.core.clock import now_ms

    if start_ms > now_ms():
        raise UsageError(f"{month} has not begun")


def _print_json(found: Any) -> None:  # noqa: ANN401  any struct

    print_json(found, indent=True)
