"""Credits and claims for people: tables on a terminal, plain text elsewhere."""

from collections.abc import Iterator, Sequence

from rich.table import Table

from schemas.credit_decision import CreditDecision
from streams.core.console import TextConsole, styled
from streams.core.tables import table_of
from streams.credits.claim_views import ClaimAnswer, ClaimView
from streams.credits.views import CreditMonth, RefusedView, UnclaimedCredit

_WORDS = {
    "approved": styled("approved", "green"),
    "rejected": styled("rejected", "red"),
    "awaiting_month_close": styled("waiting", "cyan"),
}


def print_credits(console: TextConsole, view: CreditMonth) -> None:
    """What was decided, what is due and not decided yet, what nobody has claimed, and which records were refused."""
    if view.accounts:
        console.print(_credit_table(view))
    else:
        console.say(f"{view.month}: no account is due a credit")
    for line in _credit_remarks(view):
        console.say(line)


def _credit_table(view: CreditMonth) -> Table:
    table = table_of("account", "fee", ">tier", ">amount", "", "what")
    for account in view.accounts:
        name, currency = account.account_id, account.currency
        for decision in account.decisions:
            what = f"{decision.kind} {decision.number}, invoice {decision.invoice_month}"
            table.add_row(name, decision.fee, f"{decision.percent} %", decision.amount, currency, what)
        for fee, amount in account.undecided.items():
            table.add_row(name, fee, "", amount, currency, styled("due, not decided yet", "yellow"))
        for fee, amount in account.kept.items():
            table.add_row(name, fee, "", amount, currency, styled("more than is due, not taken back", "yellow"))
        for one in account.unclaimed:
            until = styled(f"unclaimed, until {one.last_day}", "cyan")
            table.add_row(name, one.fee, f"{_at_least(one)}{one.percent} %", one.amount, currency, until)
    return table


def _at_least(one: UnclaimedCredit) -> str:
    return "at least " if one.at_least else ""


def _credit_remarks(view: CreditMonth) -> Iterator[str]:
    undecided = sum(bool(account.undecided) for account in view.accounts)
    unclaimed = sum(bool(account.unclaimed) for account in view.accounts)
    if undecided:
        yield f"{undecided:,} accounts are due more or less than was decided: zecto-sla claims decide {view.month}"
    if unclaimed:
        yield f"{unclaimed:,} accounts have something to claim and have not yet"
    for one in view.refused_accounts:
        yield f"a record of account {one.account_id or '?'} was refused: {_why_refused(one)}"
    for late in view.account_backdated:
        yield f"account_backdated: {late.account_id}, from {late.effective_from} on, recorded {late.recorded_at} (M4)"


def print_claims(console: TextConsole, claims: Sequence[ClaimView]) -> None:
    """A line a claim and month; `claims show` has the rest."""
    table = table_of("claim", "account", "service", "answer due", "month", "state", "why")
    for claim in claims:
        due = styled(_when(claim.due_at), "bold red" if claim.overdue else "")
        whose = (claim.claim_id, claim.account_id, claim.service, due)
        if claim.refused:
            table.add_row(*whose, "", styled("refused", "red"), _why_refused(claim.refused))
        for month in claim.months:
            table.add_row(*whose, month.month, _WORDS[month.state], _why(month))
    console.print(table)


def print_claim(console: TextConsole, claim: ClaimView) -> None:
    """One claim, whole."""
    late = styled(" overdue" if claim.overdue else "", "bold red")
    if claim.refused:
        answered = f"; answered {claim.answered_at}" if claim.answered_at else "; not answered yet"
        console.say(styled(claim.claim_id, "bold"), f" of {claim.account_id}: refused, {_why_refused(claim.refused)}")
        console.say(f"recorded {claim.refused.recorded_at}, answer due {claim.due_at}", late, answered)
        return
    whose = f" of {claim.account_id}: {claim.service} from {claim.from_} to {claim.to}"
    console.say(styled(claim.claim_id, "bold"), whose)
    console.say(f"submitted {claim.submitted_at}, answer due {claim.due_at}", late)
    for piece in claim.evidence:
        console.say(f"evidence: {piece}")
    for month in claim.months:
        _print_month(console, month)


def _print_month(console: TextConsole, month: ClaimAnswer) -> None:
    said = f"answered {month.answered.replace('_', ' ')} {month.answered_at}" if month.answered else "not answered yet"
    console.say(f"{month.month}: ", _WORDS[month.state], f"; {said}")
    for fee in month.fees:
        about = f"the fee {fee.fee}: " if fee.fee else ""
        why = ", ".join(refusal.replace("_", " ") for refusal in fee.refusals)
        console.say(f"    {about}", _WORDS[fee.state], f" {why}" if why else "")
    for one in month.account_records_refused:
        console.say(f"    a record of the account was refused: {_why_refused(one)}")


def _why(month: ClaimAnswer) -> str:
    reasons = [refusal.replace("_", " ") for refusal in month.refusals]
    return ", ".join([*reasons, *(_why_refused(one) for one in month.account_records_refused)])


def _why_refused(one: RefusedView) -> str:
    return f"{one.reason} {one.path}"


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
