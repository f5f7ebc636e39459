"""A report as a workbook: what is shown, and what was left out for want of space, to be counted on.

Instants are UTC texts, durations whole milliseconds, percentages and amounts decimals.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Final

from xlsxwriter import Workbook

from streams.core.shown_text import shown_text
from streams.reports.model import PlatformUptime, Report, ReportAccount, ReportMonth, ServiceUptime
from streams.reports.render.html import dated, unknown
from streams.reports.render.sheets import OPTIONS, Cell, Pen, Row, SheetTable, row_of
from streams.reports.render.wording import KINDS, SERVICE_NAMES, month_name, summary, words

_STATES: Final = ("down", "excluded", "blind", "pending")
_RECORD_LINES: Final = 12
"""Lines of the sheet of uptime that are of records, which the platform as a whole has none of."""


class XlsxDrawing:
    """Draws the workbooks of one month: the rows that all accounts share are made once."""

    def __init__(self, month: ReportMonth) -> None:
        self._month = month
        self._created = datetime.fromisoformat(dated(month)).replace(tzinfo=None)
        self._shared = [_uptime(month), _days(month), _incidents(month), _declarations(month)]
        self._unknown = unknown(month)

    def draw(self, report: Report) -> bytes:
        """The file of a report of this month."""
        account, file = report.account, BytesIO()
        book = Workbook(file, OPTIONS)
        title = f"Service report {month_name(self._month.month)}, {account.account_id}"
        book.set_properties({"title": shown_text(title), "author": "Zecto", "created": self._created})
        pen = Pen(book)
        pen.facts("Summary", _summary(self._month, account, self._unknown))
        for table in (
            *self._shared,
            *(_performance(account), _latency(account), _operators(account), _tickets(account), _credits(account)),
        ):
            pen.sheet(table)
        book.close()
        return file.getvalue()


def percentage(text: str) -> Decimal | None:
    """A percentage as a number of hundredths; None: there is none."""
    return Decimal(text) if text else None


def _summary(month: ReportMonth, account: ReportAccount, not_known: Sequence[str]) -> list[tuple[str, Cell]]:
    statement_status = month.statement_status
    return [
        ("Report", f"Monthly service report, {month_name(month.month)} (SLA §6.2)"),
        ("Account", account.account_id),
        ("In short", summary(month)),
        ("Standing", "closed" if month.is_closed else f"provisional: {'; '.join(statement_status.because)}"),
        ("Document", "" if statement_status.number is None else f"statement {statement_status.number}"),
        ("Cut", statement_status.cut),
        ("SHA-256", statement_status.sha256),
        ("Policy", month.policy),
        ("Guarantee in force", month.in_force),
        ("Zone", month.zone),
        ("Minutes of the month", month.total_minutes),
        ("Guaranteed uptime %", percentage(month.target)),
        ("Downtime allowed, minutes", Decimal(month.allowed_minutes)),
        ("Report as of", month.as_of),
        ("Plan", account.plan),
        ("Currency", account.currency),
        *((f"Fee, {SERVICE_NAMES[fee]}", amount) for fee, amount in account.fees.items()),
        *((f"Credited in all, {currency}", amount) for currency, amount in account.credited.items()),
        ("Performance complete", account.is_complete),
        ("Messages on their way", account.pending_messages),
        *(("Changed", f"{one.at}: {one.sentence}") for one in account.changes),
        *(("Not known", sentence) for sentence in not_known),
    ]


def _table(name: str, head: Sequence[str], widths: Sequence[int], rows: Iterable[Row]) -> SheetTable:
    return SheetTable(name=name, columns=list(zip(head, widths, strict=True)), rows=list(rows))


def _uptime(month: ReportMonth) -> SheetTable:
    """A column a service: people compare services, line by line."""
    kinds = [kind for kind in KINDS if any(one.kind == kind for service in month.measured for one in service.excluded)]
    lines = ["Minutes", "Good", "Down", "Down, least", "Down, most", "Down, most if only what was lost failed"]
    lines += ["Idle", "Blind", "Not over", *(f"Excluded: {KINDS[kind]}" for kind in kinds)]
    lines += ["Uptime %", "Uptime %, least", "Uptime %, least if only what was lost failed", "Uptime %, most"]
    lines += ["Uptime % for credits", "Credit %", "Observed", "Guarantee met", "In doubt"]
    lines += ["Records missing", "Outcome unknown", "Corrected in our favour", "Contradicting", "Under another's id"]
    lines += ["Without an id", "Fields not readable", "Out of scope, ok", "Out of scope, failed"]
    lines += ["Down minutes more with these", "Counts that came late", "Completeness proven"]
    columns = [row_of(*_of_minutes(one, kinds), *_of_records(one)) for one in month.measured]
    head = ["Of the month", *(SERVICE_NAMES[one.service] for one in month.measured)]
    return _table("Uptime", head, [32, *[14] * len(columns)], zip(lines, *columns, strict=True))


def _of_minutes(one: PlatformUptime, kinds: Sequence[str]) -> Iterator[Cell]:
    yield from (one.total_minutes, one.good_minutes, one.down_minutes, one.down_minutes_low, one.down_minutes_high)
    yield from (one.down_minutes_high_lost, one.idle_minutes, one.blind_minutes, one.pending_minutes)
    yield from (sum(each.minutes for each in one.excluded if each.kind == kind) for kind in kinds)
    shown = (one.uptime, one.uptime_low, one.uptime_low_lost, one.uptime_high, one.credit_uptime)
    yield from map(percentage, shown)
    yield from (one.credit_percent, one.is_observed, one.is_met, not one.is_certain)


def _of_records(one: PlatformUptime) -> Iterator[Cell]:
    """What is counted of a service's records; of the platform nothing is."""
    if isinstance(one, ServiceUptime):
        yield from (one.missing_records, one.unknown_records, one.corrected_records, one.conflicts, one.collisions)
        yield from (one.unnamed_records, sum(one.mended_records.values()))
        yield from (one.out_of_scope_ok, one.out_of_scope_failed, one.out_of_scope_down_minutes)
        yield from (one.late_manifests, one.is_proven)
    else:
        yield from [None] * _RECORD_LINES


def _days(month: ReportMonth) -> SheetTable:
    """Days and services that had anything but good and idle minutes."""
    head = ["Day", "Service", "Down", "Excluded", "Blind", "Not over"]
    rows = (
        row_of(day.date, SERVICE_NAMES[one.service], *numbers)
        for one in month.measured
        for day in one.days
        if any(numbers := [day.minutes_in(state) for state in _STATES])
    )
    return _table("Days", head, [12, 12, *[14] * 4], rows)


def _incidents(month: ReportMonth) -> SheetTable:
    head = ["Service", "Began (UTC)", "Ended (UTC)", "Minutes in the month"]
    rows = (row_of(SERVICE_NAMES[one.service], one.start, one.end, one.minutes) for one in month.incidents)
    return _table("Incidents", head, [12, 26, 26, 28], rows)


def _declarations(month: ReportMonth) -> SheetTable:
    head = ["Declaration", "Revision", "Declared as", "What became of it", "Minutes"]
    rows = (
        row_of(one.declaration_id, one.revision, KINDS.get(one.kind, ""), words(one.reason), one.minutes)
        for one in month.declarations
    )
    return _table("Declarations", head, [24, 10, 28, 28, 12], rows)


def _performance(account: ReportAccount) -> SheetTable:
    head = ["Service", "Guarantee", "Clause", "Rule", "Limit, ms", "Target %", "Achieved %", "Within", "Of"]
    head += ["Unmeasured", "Met", "p50, ms", "p95, ms", "p99, ms"]
    rows = (
        row_of(
            *(SERVICE_NAMES[one.service], one.name, one.clause, one.rule, one.limit_ms),
            *(percentage(one.target), percentage(one.share), one.within, one.counted, one.unmeasured, one.is_met),
            *(one.quantiles_ms.get(name) for name in ("p50", "p95", "p99")),
        )
        for one in account.guarantees
    )
    return _table("Performance", head, [12, 20, 10, 8, *[14] * 10], rows)


def _latency(account: ReportAccount) -> SheetTable:
    head = ["Service", "Up to, ms", "Requests"]
    rows = [
        row
        for one in account.curves
        for row in (
            *(row_of(SERVICE_NAMES[one.service], edge, number) for edge, number in one.counts if number),
            *([row_of(SERVICE_NAMES[one.service], "longer", one.beyond)] if one.beyond else []),
        )
    ]
    return _table("Latency", head, [12, 12, 12], rows)


def _operators(account: ReportAccount) -> SheetTable:
    head = ["Service", "Operator", "Delivered", "Failed by us", "Delivery rate %"]
    rows = (
        row_of(SERVICE_NAMES[one.service], one.operator, one.delivered, one.failed, percentage(one.share))
        for one in account.operators
    )
    return _table("Operators", head, [12, 24, 14, 14, 14], rows)


def _tickets(account: ReportAccount) -> SheetTable:
    head = ["Ticket", "Service", "Support", "Priority", "Opened (UTC)", "Target, ms", "First response, ms"]
    head += ["Resolved after, ms", "Late"]
    rows = (
        row_of(
            *(one.ticket_id, SERVICE_NAMES.get(one.service, ""), one.tier, one.priority, one.opened_at),
            *(one.target_ms, one.response_ms, one.resolution_ms, one.is_late),
        )
        for one in account.tickets
    )
    return _table("Tickets", head, [24, 12, 12, 12, 26, 14, 20, 20, 8], rows)


def _credits(account: ReportAccount) -> SheetTable:
    head = ["Fee", "What", "Tier %", "Amount", "Currency", "Invoice", "Claim", "Claim by (UTC)", "Why"]
    rows: list[Row] = [
        row_of(
            *(SERVICE_NAMES[one.fee], one.kind, one.percent, one.amount, one.currency, one.invoice_month),
            one.claim_id,
        )
        for one in account.credits
    ]
    rows += [
        row_of(
            *(SERVICE_NAMES[one.fee], "unclaimed" if one.claim_by else "due, not decided yet", None, one.amount),
            *(one.currency, "", "", one.claim_by, "at least" if one.at_least else ""),
        )
        for one in account.open_credits
    ]
    rows += [
        row_of(
            "", f"claim {words(one.state)}", None, None, "", "", one.claim_id, "", ", ".join(map(words, one.refusals))
        )
        for one in account.claims
    ]
    return _table("Credits", head, [24, 22, 10, 18, 12, 12, 24, 26, 40], rows)
