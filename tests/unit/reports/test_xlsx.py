"""The workbook, read back: what it says is what the report says, to the minute and to the paisa."""

from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import msgspec
import pytest
from openpyxl import load_workbook

from streams.reports.model import Report, ReportCredit
from streams.reports.render.wording import SERVICE_NAMES
from streams.reports.render.xlsx import XlsxDrawing
from tests.unit.reports import making


def drawn(report: Report) -> bytes:
    return XlsxDrawing(report.month).draw(report)


def sheet(book: bytes, name: str) -> list[dict[str, Any]]:
    head, *rows = load_workbook(BytesIO(book))[name].iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def exact(cell: object) -> Decimal:
    """What a spreadsheet shows of a number: its shortest digits."""
    return Decimal(str(cell))


def test_uptime_read_back_is_that_of_the_model() -> None:
    month = making.busy_month()
    lines = sheet(drawn(making.busy()), "Uptime")
    assert list(lines[0])[1:] == [SERVICE_NAMES[one.service] for one in month.measured]
    for one in month.measured:
        row = {line["Of the month"]: line[SERVICE_NAMES[one.service]] for line in lines}
        to_record = (one.total_minutes, one.good_minutes, one.down_minutes, one.down_minutes_low, one.down_minutes_high)
        assert tuple(row[name] for name in ("Minutes", "Good", "Down", "Down, least", "Down, most")) == to_record
        assert (row["Idle"], row["Blind"], row["Not over"]) == (
            one.idle_minutes,
            one.blind_minutes,
            one.pending_minutes,
        )
        excluded = {each.kind: each.minutes for each in one.excluded}
        assert row["Excluded: DDoS attack"] == excluded.get("ddos", 0)
        assert row["Excluded: scheduled maintenance"] == excluded.get("scheduled_maintenance", 0)
        for name, percent in (
            ("Uptime %", one.uptime),
            ("Uptime %, least", one.uptime_low),
            ("Uptime %, least if only what was lost failed", one.uptime_low_lost),
            ("Uptime %, most", one.uptime_high),
        ):
            assert exact(row[name]) == Decimal(percent)
        assert (row["Guarantee met"], row["In doubt"]) == (
            "yes" if one.is_met else "no",
            "no" if one.is_certain else "yes",
        )


def test_records_read_back_are_those_of_a_service() -> None:
    month = making.busy_month()
    rows = {line["Of the month"]: line for line in sheet(drawn(making.busy()), "Uptime")}
    names = ("Records missing", "Corrected in our favour", "Under another's id", "Out of scope, failed")
    sms = month.services[0]
    told = (sms.missing_records, sms.corrected_records, sms.collisions, sms.out_of_scope_failed)
    assert tuple(rows[name]["SMS"] for name in names) == told
    assert [rows[name][SERVICE_NAMES["platform"]] for name in names] == [None] * 4


def test_m2_what_was_not_observed_has_no_percentage() -> None:
    report = making.unobserved()
    rows = {line["Of the month"]: line["Voice"] for line in sheet(drawn(report), "Uptime")}
    assert (rows["Observed"], rows["Uptime %"], rows["Credit %"], rows["Guarantee met"]) == ("no", None, None, None)


def test_days_read_back_add_up_to_the_month() -> None:
    month = making.busy_month()
    rows = sheet(drawn(making.busy()), "Days")
    for one in month.measured:
        of = [row for row in rows if row["Service"] == SERVICE_NAMES[one.service]]
        assert sum(row["Down"] for row in of) == one.down_minutes
        assert sum(row["Excluded"] for row in of) == one.excluded_minutes
        assert sum(row["Blind"] for row in of) == one.blind_minutes


def test_everything_of_an_account_is_read_back_as_it_was() -> None:
    account, book = making.busy_account(), drawn(making.busy())
    to_record = [(row["Within"], row["Of"], row["Unmeasured"]) for row in sheet(book, "Performance")]
    assert to_record == [(one.within, one.counted, one.unmeasured) for one in account.guarantees]
    requests = [(row["Up to, ms"], row["Requests"]) for row in sheet(book, "Latency") if row["Service"] == "SMS"]
    assert requests == [*map(tuple, account.curves[0].counts), ("longer", account.curves[0].beyond)]
    operators = [(row["Operator"] or "", row["Delivered"], row["Failed by us"]) for row in sheet(book, "Operators")]
    assert operators == [(one.operator, one.delivered, one.failed) for one in account.operators]
    tickets = [(row["Ticket"], row["First response, ms"], row["Late"] == "yes") for row in sheet(book, "Tickets")]
    assert tickets == [(one.ticket_id, one.response_ms, one.is_late) for one in account.tickets]
    incidents = [(row["Began (UTC)"], row["Minutes in the month"]) for row in sheet(book, "Incidents")]
    assert incidents == [(one.start, one.minutes) for one in making.busy_month().incidents]


@pytest.mark.parametrize(
    ("amount", "kept"),
    [
        ("0.01", 0.01),
        ("-123.46", -123.46),
        ("9999999999999.99", 9999999999999.99),
        # sixteen digits are more than a spreadsheet keeps: a text, whole
        ("99999999999999.99", "99999999999999.99"),
        ("123456789012345.123456789", "123456789012345.123456789"),
    ],
)
def test_an_amount_is_a_number_where_every_digit_is_kept(amount: str, kept: object) -> None:
    made = ReportCredit(
        fee="sms",
        kind="credit",
        percent=10,
        amount=Decimal(amount),
        currency="PKR",
        claim_id="c",
        invoice_month="2026-11",
    )
    account = making.account(credits=[made])
    (row,) = sheet(drawn(Report(month=making.month(), account=account)), "Credits")
    assert row["Amount"] == kept
    assert exact(row["Amount"]) == Decimal(amount)


def test_no_text_of_others_becomes_a_formula_or_a_link() -> None:
    names = ["=1+1", "https://example.com", "+1", "@x"]
    tickets = [msgspec.structs.replace(making.ticket(number), ticket_id=name) for number, name in enumerate(names)]
    book = load_workbook(BytesIO(drawn(Report(month=making.month(), account=making.account(tickets=tickets)))))
    cells = [row[0] for row in book["Tickets"].iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == names
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)


@pytest.mark.parametrize("make", [making.busy, making.quiet, making.in_progress, making.crowded])
def test_two_workbook_builds_are_equal_and_hold_no_instant(make: Any) -> None:  # noqa: ANN401
    first, second = drawn(make()), drawn(make())
    assert first == second
    with ZipFile(BytesIO(first)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_workbook_is_dated_by_what_it_rests_on() -> None:
    assert f"{load_workbook(BytesIO(drawn(making.busy()))).properties.created}" == "2026-10-04 06:12:09"
    assert f"{load_workbook(BytesIO(drawn(making.in_progress()))).properties.created}" == "2026-10-11 02:11:00"
