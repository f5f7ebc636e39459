"""Credits and claims for people: tables on a terminal, plain text elsewhere."""

from collections.abc import Sequence

from schemas.credit_decision import CreditDecision
from streams.core.console import TextConsole, styled
from streams.core.tables import table_of
from streams.credits.views import ClaimView, CreditMonth

_WORDS = {
    "approved": styled("approved", "green"),
    "rejected": styled("rejected", "red"),
    "awaiting_month_close": styled("waiting", "cyan"),
}


def print_credits(console: TextConsole, view: CreditMonth) -> None:
    """What was decided, what is due and not decided yet, and what nobody has claimed."""
    if not view.accounts:
        console.say(f"{view.month}: no account is due a credit, or the month is not closed")
        return
    table = table_of("account", "fee", ">tier", ">amount", "", "what")
    for account in view.accounts:
        for decision in account.decisions:
            what = f"{decision.kind} {decision.number}, invoice {decision.invoice_month}"
            table.add_row(
                account.account_id, decision.fee, f"{decision.percent} %", decision.amount, decision.currency, what
            )
        for fee, amount in account.undecided.items():
            waits = styled("due, not decided yet", "yellow")
            table.add_row(account.account_id, fee, "", amount, account.currency, waits)
        for one in account.unclaimed:
            until = styled(f"unclaimed, until {one.claim_by}", "cyan")
            table.add_row(account.account_id, one.fee, f"{one.percent} %", one.amount, account.currency, until)
    console.print(table)
    unclaimed = sum(bool(account.unclaimed) for account in view.accounts)
    undecided = sum(bool(account.undecided) for account in view.accounts)
    if undecided:
        console.say(
            f"{undecided:,} accounts are due more or less than was decided: zecto-sla claims decide {view.month}"
        )
    if unclaimed:
        console.say(f"{unclaimed:,} accounts have something to claim and have not yet")


def print_claims(console: TextConsole, claims: Sequence[ClaimView]) -> None:
    """A line a claim and month; `claims show` has the rest."""
    table = table_of("claim", "account", "service", "answer due", "month", "state", "why")
    for claim in claims:
        due = styled(_when(claim.due_at), "bold red" if claim.overdue else "")
        for month in claim.months:
            why = ", ".join(refusal.replace("_", " ") for refusal in month.refusals)
            state = _WORDS[month.state]
            table.add_row(claim.claim_id, claim.account_id, claim.service, due, month.month, state, why)
    console.print(table)


def print_claim(console: TextConsole, claim: ClaimView) -> None:
    """One claim, whole."""
    whose = f" of {claim.account_id}: {claim.service} from {claim.from_} to {claim.to}"
    console.say(styled(claim.claim_id, "bold"), whose)
    late = styled(" overdue" if claim.overdue else "", "bold red")
    console.say(f"submitted {claim.submitted_at}, answer due {claim.due_at}", late)
    for piece in claim.evidence:
        console.say(f"evidence: {piece}")
    for month in claim.months:
        fee = f", for the fee {month.fee}" if month.fee else ""
        view = f"; told {month.answered.replace('_', ' ')} {month.answered_at}" if month.answered else "; not told yet"
        console.say(f"{month.month}: ", _WORDS[month.state], f"{fee}{view}")
        for refusal in month.refusals:
            console.say(f"    {refusal.replace('_', ' ')}")


def print_decisions(console: TextConsole, added: Sequence[CreditDecision]) -> None:
    """What a call of `decide` added."""
    if not added:
        console.say("nothing to decide: every credit is what is due")
        return
    table = table_of("month", "account", "fee", "kind", ">amount", "", ">due in all", "invoice", "claim")
    for one in added:
        amount = styled(one.amount, "red" if one.amount.startswith("-") else "")
        table.add_row(
            one.month, one.account_id, one.fee, one.kind, amount, one.currency, one.due, one.invoice_month, one.claim_id
        )
    console.print(table)


def _when(instant: str) -> str:
    """`2026-01-05 06:00Z`; `claims show` has it to the millisecond."""
    return f"{instant[:10]} {instant[11:16]}Z"
