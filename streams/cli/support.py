"""`zecto-sla support`: how tickets were answered, held against what each tier is promised."""

from typing import Annotated

from cyclopts import App, Parameter

from streams.cli.printing import print_json


def register(app: App) -> None:
    """Add `support`."""
    app.command(support, group="Credits")


def support(
    month: str,
    /,
    *,
    account: str | None = None,
    policy: str | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Show how the tickets opened in a month were answered, by tier and priority, and which were answered too late.

    A first response counts against the target of the priority in force at it (§4.1, P6). The standard clock runs in
    business hours, the premium clock always; time to resolution is measured by the same clock and has no target.

    .. code-block:: console

        $ zecto-sla support 2026-09
        $ zecto-sla support 2026-09 --account acme --json | jq '.tickets[] | select(.late)'

    Args:
        month: YYYY-MM, in the policy's zone.
        account: Only this account's tickets.
        policy: Policy id; default: the one effective at the start of the month.
        json: Print everything as one JSON object.
    """
    from streams.cli.choices import choose_policy
    from streams.clickhouse.session import open_session
    from streams.core.clock import now_ms
    from streams.core.console import TextConsole
    from streams.core.settings import Settings
    from streams.credits.records import read_accounts
    from streams.guarantees.support.tickets import answers, read_tickets, targets_of
    from streams.guarantees.support.views import SupportView, print_support, ticket_view

    choice = choose_policy(month, policy)
    with open_session(Settings()) as client:
        accounts = read_accounts(client)
        found = read_tickets(client, accounts, choice.policy, choice.span, now_ms=now_ms())
    tickets = [ticket for ticket in found if account in (None, ticket.account_id)]
    commitments = targets_of(choice.policy.commitments.support, choice.policy.zone)
    view = SupportView(
        month=month,
        policy=choice.policy.policy_id,
        answers=answers(tickets, commitments),
        tickets=[ticket_view(ticket) for ticket in tickets],
    )
    if json:
        print_json(view)
    else:
        print_support(TextConsole(), view)
