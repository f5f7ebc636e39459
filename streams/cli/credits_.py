"""`zecto-sla credits`: what a missed month brings whom, by decisions, and what nobody has claimed yet."""

from collections import defaultdict
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from streams.cli.printing import print_json, print_line

if TYPE_CHECKING:
    from streams.credits.adjudicate import JudgedAccount
    from streams.credits.build import CreditParts
    from streams.credits.issue import Logged, LoggedSeries
    from streams.credits.views import CreditMonth
    from streams.rules.decisions import Place

_FLAG = Parameter(negative=())


def register(app: App) -> None:
    """Add `credits`."""
    app.command(credits_, name="credits", group="Credits")


def credits_(month: str, /, *, account: str | None = None, json: Annotated[bool, _FLAG] = False) -> None:
    """Show a month's credits: decided, due and not decided yet, and unclaimed with the last day to claim.

    Changes nothing: zecto-sla claims decide publishes what is due. Unclaimed is what an account would get if it claimed
    now (K5), closed or not, so that support can say so while there is time: of a month that is not complete "at least"
    that much. Account records that were refused are listed with reason and path, since a fee may hang on them.

    .. code-block:: console

        $ zecto-sla credits 2026-09
        $ zecto-sla credits 2026-09 --json | jq '.accounts[] | select(.unclaimed != [])'

    Args:
        month: YYYY-MM, in the policy's zone.
        account: Only this account.
        json: Print everything as one JSON object; money is text.
    """
    from streams.core.console import TextConsole
    from streams.credits.render import print_credits

    view = _credits(month, account)
    if json:
        print_json(view)
    else:
        print_credits(TextConsole(), view)


def _credits(month: str, account: str | None) -> "CreditMonth":
    from streams.cli.choices import check_month
    from streams.cli.claims import opened_credits
    from streams.credits.adjudicate import and_others
    from streams.credits.refused import of_account
    from streams.credits.views import CreditMonth, backdated_view, credits_of, refused_view

    check_month(month)
    with opened_credits() as parts:
        adjudicator, stand = parts.adjudicator, _of_month(parts, month)
        accounts = [one for one in sorted({*adjudicator.records, *stand}) if account in (None, one)]
        found = [(adjudicator.account(one, month), stand[one]) for one in accounts]
        views = [view for judged, log in found for view in credits_of(judged, _series(judged, log, parts))]
        unjudged = adjudicator.unjudged(month)
        backdated = parts.backdated(month)
        refused = parts.refused_accounts if account is None else of_account(parts.refused_accounts, account)
    if unjudged and account is None:
        print_line(f"not judged: {and_others(unjudged)}", stderr=True)
    return CreditMonth(
        month=month,
        accounts=views,
        refused_accounts=[refused_view(one) for one in refused],
        account_backdated=[backdated_view(one) for one in backdated if account in (None, one.account_id)],
    )


def _of_month(parts: "CreditParts", month: str) -> "defaultdict[str, dict[Place, list[Logged]]]":
    """What the log holds of the month, by account and series."""
    found: defaultdict[str, dict[Place, list[Logged]]] = defaultdict(dict)
    for place, log in parts.log.read_series().items():
        if place[2] == month:
            found[place[0]][place] = log
    return found


def _series(judged: "JudgedAccount", log: "dict[Place, list[Logged]]", parts: "CreditParts") -> "list[LoggedSeries]":
    """Every series of an account's month, held against what is due now."""
    from streams.credits.issue import settle_logged

    due = {(judged.account_id, fee, judged.span.month) for fee in judged.amounts.amounts_due}
    zone = judged.month.terms.zone
    return [
        settle_logged(place, judged, log.get(place, ()), now_ms=parts.adjudicator.now_ms, zone=zone)
        for place in sorted({*due, *log})
    ]
