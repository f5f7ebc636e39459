"""A report as a workbook: what is shown, and what was left out for want of space, to be counted on.

Whole numbers are numbers. Amounts and percentages are numbers, written from their decimals digit by digit, where a
spreadsheet keeps all their digits (15), and texts where it would not. Instants and durations are UTC texts and whole
milliseconds. No text is ever taken for a formula or a link.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from itertools import groupby
from typing import Final

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from streams.monthly.drawing.html import dated, unknown
from streams.monthly.drawing.wording import KINDS, SERVICE_NAMES, month_name, summary, words
from streams.monthly.model import Account, Month, Report

Cell = str | int | Decimal | bool | None
Row = Sequence[Cell]

_KEPT_DIGITS: Final = 15
_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_STATES: Final = ("down", "excluded", "blind", "pending")


class XlsxDrawing:
    """Draws the workbooks of one month: the rows that all accounts share are made once."""

    def __init__(self, month: Month) -> None:
        self._month = month
        self._created = datetime.fromisoformat(dated(month)).replace(tzinfo=None)
        self._shared = [_uptime(month), _days(month), _incidents(month), _declarations(month)]
        self._unknown = unknown(month)

    def draw(self, report: Report) -> bytes:
        """The file of a report of this month."""
        account, file = report.account, BytesIO()
        book = Workbook(file, _OPTIONS)
        title = f"Service report {month_name(self._month.month)}, {account.account_id}"
        book.set_properties({"title": title, "author": "Zecto", "created": self._created})
        pen = _Pen(book)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """A sheet: its name, columns with their widths, and rows."""

    name: str
    columns: Sequence[tuple[str, int]]
    rows: Sequence[Row]


def _row(*cells: Cell) -> Row:
    return cells


class _Pen:
    """Writes sheets of one book."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self._wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self._whole = book.add_format({"num_format": "#,##0"})
        self._decimals: dict[int, Format] = {}

    def sheet(self, table: _Table) -> None:
        """A table whose first row stays in sight."""
        sheet = self._book.add_worksheet(table.name)
        sheet.freeze_panes(1, 0)
        column = 0
        for width, same in groupby(width for _, width in table.columns):
            last = column + sum(1 for _ in same) - 1
            sheet.set_column(column, last, width)
            column = last + 1
        for place, (title, _) in enumerate(table.columns):
            sheet.write_string(0, place, title, self._head)
        for number, row in enumerate(table.rows, 1):
            for place, cell in enumerate(row):
                self._write(sheet, number, place, cell)

    def facts(self, name: str, facts: Iterable[tuple[str, Cell]]) -> None:
        """A sheet of names and what they stand for."""
        sheet = self._book.add_worksheet(name)
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 90)
        for number, (said, cell) in enumerate(facts):
            sheet.write_string(number, 0, said, self._head)
            self._write(sheet, number, 1, cell)

    def _write(self, sheet: Worksheet, row: int, column: int, cell: Cell) -> None:
        match cell:
            case None | "":
                return
            case bool():
                sheet.write_string(row, column, "yes" if cell else "no")
            case int() if abs(cell) < 10**_KEPT_DIGITS:
                sheet.write_number(row, column, cell, self._whole)
            case Decimal() if len(cell.as_tuple().digits) <= _KEPT_DIGITS:
                sheet.write_number(row, column, cell, self._decimal(_places(cell)))
            case int() | Decimal():
                sheet.write_string(row, column, f"{cell}")
            case str():
                sheet.write_string(row, column, cell, self._wrapped)

    def _decimal(self, places: int) -> Format:
        if places not in self._decimals:
            self._decimals[places] = self._book.add_format({"num_format": "#,##0." + "0" * places})
        return self._decimals[places]


def _places(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    assert isinstance(exponent, int)  # noqa: S101  no amount is infinite
    return min(max(2, -exponent), _KEPT_DIGITS - 1)


def _summary(month: Month, account: Account, not_known: Sequence[str]) -> list[tuple[str, Cell]]:
    standing = month.standing
    return [
        ("Report", f"Monthly service report, {month_name(month.month)} (SLA §6.2)"),
        ("Account", account.account_id),
        ("In short", summary(month)),
        ("Standing", "closed" if month.is_closed else f"provisional: {'; '.join(standing.because)}"),
        ("Document", "" if standing.number is None else f"statement {standing.number}"),
        ("Cut", standing.cut),
        ("SHA-256", standing.sha256),
        ("Policy", month.policy),
        ("Guarantee in force", month.in_force),
        ("Zone", month.zone),
        ("Minutes of the month", month.total_minutes),
        ("Guaranteed uptime %", percentage(month.target)),
        ("Downtime allowed, minutes", Decimal(month.allowed_minutes)),
        ("Told as of", month.as_of),
        ("Plan", account.plan),
        ("Currency", account.currency),
        *((f"Fee, {SERVICE_NAMES[fee]}", amount) for fee, amount in account.fees.items()),
        ("Credited in all", account.credited),
        ("Performance complete", account.is_complete),
        ("Messages on their way", account.pending_messages),
        *(("Changed", f"{one.at}: {one.said}") for one in account.changes),
        *(("Not known", said) for said in not_known),
    ]


def _table(name: str, head: Sequence[str], widths: Sequence[int], rows: Iterable[Row]) -> _Table:
    return _Table(name=name, columns=list(zip(head, widths, strict=True)), rows=list(rows))


def _uptime(month: Month) -> _Table:
    kinds = [kind for kind in KINDS if any(one.kind == kind for service in month.services for one in service.excluded)]
    head = ["Service", "Minutes", "Good", "Down", "Down, least", "Down, most", "Idle", "Blind", "Not over"]
    head += [f"Excluded: {KINDS[kind]}" for kind in kinds]
    head += ["Uptime %", "Uptime %, least", "Uptime %, most", "Uptime % for credits", "Credit %", "Guarantee met"]
    head += ["In doubt", "Records missing", "Outcome unknown", "Contradicting", "Completeness proven"]
    rows = [
        _row(
            SERVICE_NAMES[one.service],
            *(one.total_minutes, one.good_minutes, one.down_minutes, one.down_minutes_low, one.down_minutes_high),
            *(one.idle_minutes, one.blind_minutes, one.pending_minutes),
            *(sum(each.minutes for each in one.excluded if each.kind == kind) for kind in kinds),
            *map(percentage, (one.uptime, one.uptime_low, one.uptime_high, one.credit_uptime)),
            *(one.credit_percent, one.is_met, not one.is_certain),
            *(one.missing_records, one.unknown_records, one.conflicts, one.is_proven),
        )
        for one in month.services
    ]
    return _table("Uptime", head, [12] * len(head), rows)


def _days(month: Month) -> _Table:
    """Days and services that had anything but good and idle minutes."""
    head = ["Day", "Service", "Down", "Excluded", "Blind", "Not over"]
    rows = (
        _row(day.date, SERVICE_NAMES[one.service], *numbers)
        for one in month.services
        for day in one.days
        if any(numbers := [day.minutes_in(state) for state in _STATES])
    )
    return _table("Days", head, [12, 12, 10, 10, 10, 10], rows)


def _incidents(month: Month) -> _Table:
    head = ["Service", "Began (UTC)", "Ended (UTC)", "Minutes down in the month"]
    rows = (_row(SERVICE_NAMES[one.service], one.start, one.end, one.down_minutes) for one in month.incidents)
    return _table("Incidents", head, [12, 26, 26, 14], rows)


def _declarations(month: Month) -> _Table:
    head = ["Declaration", "Declared as", "What became of it", "Minutes"]
    rows = (_row(one.declaration_id, KINDS[one.kind], words(one.reason), one.minutes) for one in month.declarations)
    return _table("Declarations", head, [24, 24, 26, 10], rows)


def _performance(account: Account) -> _Table:
    head = ["Service", "Guarantee", "Clause", "Rule", "Limit, ms", "Target %", "Achieved %", "Within", "Of"]
    head += ["Unmeasured", "Met", "p50, ms", "p95, ms", "p99, ms"]
    rows = (
        _row(
            *(SERVICE_NAMES[one.service], one.name, one.clause, one.rule, one.limit_ms),
            *(percentage(one.target), percentage(one.share), one.within, one.counted, one.unmeasured, one.is_met),
            *(one.quantiles_ms.get(name) for name in ("p50", "p95", "p99")),
        )
        for one in account.guarantees
    )
    return _table("Performance", head, [12, 18, 8, 6, *[12] * 10], rows)


def _latency(account: Account) -> _Table:
    head = ["Service", "Up to, ms", "Requests"]
    rows = [
        row
        for one in account.curves
        for row in (
            *(_row(SERVICE_NAMES[one.service], edge, number) for edge, number in one.counts if number),
            *([_row(SERVICE_NAMES[one.service], "longer", one.beyond)] if one.beyond else []),
        )
    ]
    return _table("Latency", head, [12, 12, 12], rows)


def _operators(account: Account) -> _Table:
    head = ["Service", "Operator", "Delivered", "Failed by us", "Delivery rate %"]
    rows = (
        _row(SERVICE_NAMES[one.service], one.operator, one.delivered, one.failed, percentage(one.share))
        for one in account.operators
    )
    return _table("Operators", head, [12, 24, 14, 14, 14], rows)


def _tickets(account: Account) -> _Table:
    head = ["Ticket", "Service", "Support", "Priority", "Opened (UTC)", "Target, ms", "First response, ms"]
    head += ["Resolved after, ms", "Late"]
    rows = (
        _row(
            *(one.ticket_id, SERVICE_NAMES.get(one.service, ""), one.tier, one.priority, one.opened_at),
            *(one.target_ms, one.response_ms, one.resolution_ms, one.is_late),
        )
        for one in account.tickets
    )
    return _table("Tickets", head, [24, 12, 12, 12, 26, 14, 14, 14, 8], rows)


def _credits(account: Account) -> _Table:
    head = ["Fee", "What", "Tier %", "Amount", "Currency", "Invoice", "Claim", "Claim by (UTC)", "Why"]
    rows: list[Row] = [
        _row(
            *(SERVICE_NAMES[one.fee], one.kind, one.percent, one.amount, account.currency, one.invoice_month),
            one.claim_id,
        )
        for one in account.credits
    ]
    rows += [
        _row(
            *(SERVICE_NAMES[one.fee], "unclaimed" if one.claim_by else "due, not decided yet", None, one.amount),
            *(account.currency, "", "", one.claim_by),
        )
        for one in account.open_credits
    ]
    rows += [
        _row("", f"claim {words(one.state)}", None, None, "", "", one.claim_id, "", ", ".join(map(words, one.refusals)))
        for one in account.claims
    ]
    return _table("Credits", head, [24, 22, 8, 16, 10, 10, 24, 26, 40], rows)
