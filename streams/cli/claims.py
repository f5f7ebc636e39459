"""`zecto-sla claims`: who asked for credit, how it is judged, and what was answered."""

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from streams.cli.printing import print_json, print_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streams.credits.build import CreditParts
    from streams.credits.claim_views import ClaimView

_FLAG = Parameter(negative=())


def register(app: App) -> None:
    """Add `claims`."""
    claims = App(name="claims", help="List, show and decide claims for credit (§5.3, §5.4).", group="Credits")
    for command, name in ((list_, "list"), (show, "show"), (decide, "decide"), (overdue, "overdue")):
        claims.command(command, name=name)
    app.command(claims)


def list_(*, account: str | None = None, month: str | None = None, json: Annotated[bool, _FLAG] = False) -> None:
    """List claims in the order of submission, each as it is judged now.

    .. code-block:: console

        $ zecto-sla claims list
        $ zecto-sla claims list --account acme --month 2026-09 --json

    Args:
        account: Only this account's.
        month: Only those that touch this month, YYYY-MM.
        json: Print them as a JSON list.
    """
    from streams.cli.choices import check_month

    check_month(month)
    views = [
        claim
        for claim in _claims()
        if account in (None, claim.account_id) and (month is None or any(one.month == month for one in claim.months))
    ]
    _print_claims(views, json=json, none="no claim")


def show(claim_id: str, /, *, account: str | None = None, json: Annotated[bool, _FLAG] = False) -> None:
    """Show one claim: every month that it touches, how it is judged and why, what was answered.

    .. code-block:: console

        $ zecto-sla claims show c-4711

    Args:
        claim_id: The claim.
        account: Whose, where several accounts have a claim of this id (I1).
        json: Print it as one JSON object.
    """
    from streams.core.console import TextConsole
    from streams.core.errors import Code, UsageError, ZectoError
    from streams.credits.render import print_claim

    found = [one for one in _claims() if one.claim_id == claim_id and account in (None, one.account_id)]
    if not found:
        raise ZectoError(f"no claim {claim_id}", hint="zecto-sla claims list has them all", code=Code.CLAIM_MISSING)
    accounts = sorted({one.account_id for one in found})
    if len(accounts) > 1:
        raise UsageError(f"several accounts have a claim {claim_id}: name one of {', '.join(accounts)} with --account")
    if json:
        print_json(found[0])
    else:
        print_claim(TextConsole(), found[0])


def overdue(*, json: Annotated[bool, _FLAG] = False) -> None:
    """List claims that were not answered within the business days that the policy gives for it (K3).

    Exit 0 if there is none, 1 otherwise.

    .. code-block:: console

        $ zecto-sla claims overdue

    Args:
        json: Print them as a JSON list.
    """
    from streams.core.errors import Code, ZectoError

    views = [claim for claim in _claims() if claim.overdue]
    _print_claims(views, json=json, none="no answer is overdue")
    if views:
        raise ZectoError(
            f"{len(views):,} claims wait for their answer longer than they should", code=Code.CLAIMS_OVERDUE
        )


def decide(month: str | None = None, /, *, json: Annotated[bool, _FLAG] = False) -> None:
    """Judge the claims of a month and publish its credits to sla.credits, each at most once.

    Run it again as often as you like, on as many machines: what stands never changes, and what is not right any more is
    corrected by a decision of its own (K4); one below zero only until the first decision's invoice month begins. Claims
    of a month that is not complete are told that they wait, refused ones why they could not be read.

    .. code-block:: console

        $ zecto-sla claims decide
        $ zecto-sla claims decide 2026-09 --json

    Args:
        month: YYYY-MM; default: every month that a claim touches.
        json: Print the decisions that this call added, as a JSON list.
    """
    import os

    from streams.cli.choices import check_month
    from streams.core import failpoints
    from streams.core.clock import now_ms
    from streams.core.console import TextConsole
    from streams.credits.issue import CreditIssuer, to_record
    from streams.credits.render import print_decisions

    check_month(month)
    failpoints.arm(os.environ)
    with opened_credits() as parts:
        issuer = CreditIssuer(adjudicator=parts.adjudicator, log=parts.log, decisions=parts.decisions, now_ms=now_ms)
        decided = [issuer.decide(one) for one in ([month] if month is not None else parts.adjudicator.months_claimed())]
        parts.decisions.answer_refused(parts.refused_claims, at_ms=now_ms())
    added = [to_record(logged.decision, logged.policy) for one in decided for logged in one.added]
    kept = [series for one in decided for series in one.series if series.kept]
    if json:
        print_json(added)
    else:
        print_decisions(TextConsole(), added)
    if kept:
        print_line(
            f"{len(kept):,} credits are more than is due now, and stay: their invoice month has begun (K4); "
            "zecto-sla credits MONTH has them",
            stderr=True,
        )


def _claims() -> "list[ClaimView]":
    from streams.credits.claim_views import ClaimViews

    with opened_credits() as parts:
        views = ClaimViews(parts.adjudicator, parts.decisions.answers(), parts.refused_accounts)
        return views.views(parts.adjudicator.claims, parts.refused_claims)


@contextmanager
def opened_credits() -> "Iterator[CreditParts]":
    """Everything about credits as it stands, with a word on what is read meanwhile."""
    from streams.cli.choices import known_policies
    from streams.core.clock import now_ms
    from streams.core.console import status
    from streams.core.settings import Settings
    from streams.credits.build import open_credits

    with (
        status("reading") as on_status,
        open_credits(Settings(), known_policies(), on_status, now_ms=now_ms()) as parts,
    ):
        yield parts


def _print_claims(views: "Sequence[ClaimView]", *, json: bool, none: str) -> None:
    from streams.core.console import TextConsole
    from streams.credits.render import print_claims

    if json:
        print_json(views)
    elif views:
        print_claims(TextConsole(), views)
    else:
        print_line(none, stderr=True)
