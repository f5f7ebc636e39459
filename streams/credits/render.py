"""Credits and claims for people: tables on a terminal, plain text elsewhere."""

from collections.abc import Sequence

from rich.console import Console

from schemas.credit_decision import CreditDecision
from streams.core.tables import table_of
from streams.credits.views import ClaimView, CreditMonth

_WORDS = {"approved": "[green]approved[/]", "rejected": "[red]rejected[/]", "awaiting_month_close": "[cyan]waiting[/]"}


def print_credits(console: Console, view: CreditMonth) -> None:
    """What was decided, what is due and not decided yet, and what nobody has claimed."""
    if not view.accounts:
        console.print(f"{view.month}: no account is due a credit, or the month is not closed")
        return
    table = table_of("account", "fee", ">tier", ">amount", "", "what")
    for account in view.accounts:
        for decision in account.decisions:
            what = f"{decision.kind} {decision.number}, invoice {decision.invoice_month}"
            table.add_row(
                account.account_id, decision.fee, f"{decision.percent} %", decision.amount, decision.currency, what
            )
        for fee, amount in account.undecided.items():
            what = "[yellow]due, not decided yet[/]"
            table.add_row(account.account_id, fee, "", amount, account.currency, what)
        for one in account.unclaimed:
            what = f"[cyan]unclaimed, until {one.claim_by}[/]"
            table.add_row(account.account_id, one.fee, f"{one.percent} %", one.amount, account.currency, what)
    console.print(table)
    unclaimed = sum(bool(account.unclaimed) for account in view.accounts)
    undecided = sum(bool(account.undecided) for account in view.accounts)
    if undecided:
        console.print(
            f"{undecided:,} accounts are due more or less than was decided: zecto-sla claims decide {view.month}"
        )
    if unclaimed:
        console.print(f"{unclaimed:,} accounts have something to claim and have not yet")


def print_claims(console: Console, claims: Sequence[ClaimView]) -> None:
    """A line a claim and month; `claims show` has the rest."""
    table = table_of("claim", "account", "service", "answer due", "month", "state", "why")
    for claim in claims:
        due = f"[bold red]{_when(claim.due_at)}[/]" if claim.overdue else _when(claim.due_at)
        for month in claim.months:
            why = ", ".join(refusal.replace("_", " ") for refusal in month.refusals)
            state = _WORDS[month.state]
            table.add_row(claim.claim_id, claim.account_id, claim.service, due, month.month, state, why)
    console.print(table)


def print_claim(console: Console, claim: ClaimView) -> None:
    """One claim, whole."""
    console.print(f"[bold]{claim.claim_id}[/] of {claim.account_id}: {claim.service} from {claim.from_} to {claim.to}")
    late = " [bold red]overdue[/]" if claim.overdue else ""
    console.print(f"submitted {claim.submitted_at}, answer due {claim.due_at}{late}")
    for piece in claim.evidence:
        console.print(f"evidence: {piece}", markup=False)
    for month in claim.months:
        why = "".join(f"\n    {refusal.replace('_', ' ')}" for refusal in month.refusals)
        fee = f", for the fee {month.fee}" if month.fee else ""
        view = f"; told {month.answered.replace('_', ' ')} {month.answered_at}" if month.answered else "; not told yet"
        console.print(f"{month.month}: {_WORDS[month.state]}{fee}{view}{why}")


def print_decisions(console: Console, added: Sequence[CreditDecision]) -> None:
    """What a call of `decide` added."""
    if not added:
        console.print("nothing to decide: every credit is what is due")
        return
    table = table_of("month", "account", "fee", "kind", ">amount", "", ">due in all", "invoice", "claim")
    for one in added:
        amount = f"[red]{one.amount}[/]" if one.amount.startswith("-") else one.amount
        table.add_row(
            one.month, one.account_id, one.fee, one.kind, amount, one.currency, one.due, one.invoice_month, one.claim_id
        )
    console.print(table)


def _when(instant: str) -> str:
    """`2026-01-05 06:00Z`; `claims show` has it to the millisecond."""
    return f"{instant[:10]} {instant[11:16]}Z"
