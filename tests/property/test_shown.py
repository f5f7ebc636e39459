"""Whatever a record's text holds, what is shown of it holds no control character, no markup and no row of its own."""

import random
import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import msgspec
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.credit_decision import CreditDecision
from streams.cli.choices import known_policies
from streams.core.console import TextConsole
from streams.credits.claim_views import ClaimView
from streams.credits.render import print_claim, print_claims, print_credits, print_decisions
from streams.credits.views import CreditMonth
from streams.evidence.read import EvidenceSpan, Findings
from streams.evidence.render import print_evidence
from streams.guarantees.performance.render import print_performance
from streams.guarantees.performance.shares import PerformanceView
from streams.guarantees.support.views import SupportView, print_support
from streams.months.explanation import Explanation
from streams.months.minutes import MinuteVerdict
from streams.months.month import MonthSummary
from streams.months.page import print_month
from streams.months.render import print_minutes
from streams.months.render_explanation import print_explanation
from streams.operations.doctor.codes import FindingCode
from streams.operations.doctor.findings import Examination, Finding
from streams.operations.doctor.render import print_report
from streams.reports.model import Report, ReportAccount, ReportMonth
from streams.reports.render.html import HtmlDrawing
from streams.reports.render.xlsx import XlsxDrawing
from tests.unit.reports import making

_HOSTILE: Final = (
    *("\x1b[2J", "\x1b]0;t\x07", "\x9b31m", "\x00", "\x7f", "\b", "\r", "\n", "\r\n", "\t", "\v", "\f", "\x85"),
    *("\u2028", "\u2029", "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u00a0", "\ufe0f", "\U000e0041"),
    *("[red]", "[/x]", "[/]", "[link=http://x]", ":warning:", "{0}", "{details}", "%s", "<b>", "&amp;", "{{ 1 }}"),
    *("#x", "=1+1", "+1", "-1", "@x", "a", "ß", "\u0627", "字"),
)
_FIXED: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("uptime", "uptime_low", "uptime_low_lost", "uptime_high"), "99.9000"),
    **dict.fromkeys(("credit_uptime", "share", "target"), "99.9000"),
    **dict.fromkeys(
        ("minute", "opened_at", "responded_at", "claim_by", "as_of", "at", "start", "end"), "2026-09-03T10:07:00Z"
    ),
    **dict.fromkeys(("month", "invoice_month"), "2026-09"),
    "state": "down",
    "amount": "1.00",
    "code": None,
    "fee": "sms",
    "service": "sms",
}
_PLAIN: Final[Mapping[Any, Callable[[random.Random], Any]]] = {
    bool: lambda rng: rng.random() < 0.5,
    int: lambda rng: rng.randrange(100),
    Decimal: lambda _: Decimal("1.50"),
    type(None): lambda _: None,
}
_CLAIM_STATES: Final = ("approved", "rejected", "awaiting_month_close")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff]")


class Maker:
    """Makes values of the types that are shown, with hostile text wherever a record's may stand."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.of_claims = False

    def text(self) -> str:
        """Up to eight pieces that a terminal, a markup or a sheet might act on."""
        return "".join(self._random.choice(_HOSTILE) for _ in range(self._random.randrange(1, 8)))

    def make(self, of: Any, name: str = "") -> Any:  # noqa: ANN401  as the type says
        """A value of a type; `name` is the field that it is for."""
        if name == "state" and of is str and self.of_claims:
            return self._random.choice(_CLAIM_STATES)
        if of in (str, object, Any):
            return _FIXED.get(name) or self.text()
        if of in _PLAIN:
            return _PLAIN[of](self._random)
        return self._composed(get_origin(of), get_args(of), name) if get_args(of) else self._struct(of)

    def _composed(self, origin: Any, arguments: tuple[Any, ...], name: str) -> Any:  # noqa: ANN401
        if origin is Literal:
            return self._random.choice(arguments)
        if origin in (types.UnionType, typing.Union):
            return self.make(self._random.choice(arguments), name)
        if origin is typing.Annotated:
            return self.make(arguments[0], name)
        if origin is tuple:
            return tuple(self.make(each) for each in arguments)
        if issubclass(origin, Mapping):
            return {self.make(arguments[0]): self.make(arguments[1], "value") for _ in range(2)}
        return [self.make(arguments[0]) for _ in range(2)]

    def _struct(self, of: Any) -> Any:  # noqa: ANN401
        if issubclass(of, str):  # an enumeration
            return self._random.choice(list(of))
        hints = get_type_hints(of, include_extras=True)
        return of(**{name: self.make(hint, name) for name, hint in hints.items() if name != "__struct_fields__"})


def _month(maker: Maker) -> MonthSummary:
    month: MonthSummary = maker.make(MonthSummary)
    return msgspec.structs.replace(month, services={"sms": next(iter(month.services.values()))})


def _claims(maker: Maker) -> list[ClaimView]:
    maker.of_claims = True
    return [maker.make(ClaimView) for _ in range(3)]


def _examination(maker: Maker) -> Examination:
    code = FindingCode.DATA_FILES_UNUSABLE
    findings = [Finding(code=code, fields={"message": maker.text(), "hint": maker.text()}) for _ in range(3)]
    return Examination(examined_at=maker.text(), findings=findings)


def _findings(maker: Maker) -> Findings:
    window = EvidenceSpan(service="sms", start=0, end=1, months=[], cut_ms=0, samples=1, each=1)
    return Findings(window=window, states=[("down", "")], listed=[maker.make(Explanation)], ledger=[], lost=[])


def _show_month(console: TextConsole, maker: Maker) -> int:
    month = _month(maker)
    print_month(console, month, known_policies()[0], [maker.text()])
    return -1


def _show_minutes(console: TextConsole, maker: Maker) -> int:
    print_minutes(console, [maker.make(MinuteVerdict) for _ in range(3)])
    return 2 + 3


def _show_explanation(console: TextConsole, maker: Maker) -> int:
    print_explanation(console, maker.make(Explanation))
    return -1


def _show_report(console: TextConsole, maker: Maker) -> int:
    print_report(console, _examination(maker))
    return 3 * 2 + 2


def _show_claims(console: TextConsole, maker: Maker) -> int:
    claims = _claims(maker)
    print_claims(console, claims)
    return 1 + sum((claim.refused is not None) + len(claim.months) for claim in claims)


def _show_claim(console: TextConsole, maker: Maker) -> int:
    claim = _claims(maker)[0]
    print_claim(console, claim)
    if claim.refused:
        return 2
    shown = (1 + len(month.fees) + len(month.account_records_refused) for month in claim.months)
    return 2 + len(claim.evidence) + sum(shown)


def _show_credits(console: TextConsole, maker: Maker) -> int:
    print_credits(console, maker.make(CreditMonth))
    return -1


def _show_decisions(console: TextConsole, maker: Maker) -> int:
    print_decisions(console, [maker.make(CreditDecision) for _ in range(3)])
    return 1 + 3


def _show_evidence(console: TextConsole, maker: Maker) -> int:
    print_evidence(console, _findings(maker), file=maker.text(), sha256="0")
    return 1 + 1 + 2


def _show_performance(console: TextConsole, maker: Maker) -> int:
    print_performance(console, maker.make(PerformanceView))
    return -1


def _show_support(console: TextConsole, maker: Maker) -> int:
    print_support(console, maker.make(SupportView))
    return -1


_SHOWING: Final[Sequence[Callable[[TextConsole, Maker], int]]] = (
    *(_show_month, _show_minutes, _show_explanation, _show_report, _show_claims, _show_claim, _show_credits),
    *(_show_decisions, _show_evidence, _show_performance, _show_support),
)


@pytest.mark.examples
@pytest.mark.parametrize("show", _SHOWING, ids=lambda show: show.__name__.removeprefix("_show_"))
@settings(max_examples=30)
@given(seed=st.integers(0, 2**32))
def test_a_record_shows_no_control_character_and_no_row(show: Callable[[TextConsole, Maker], int], seed: int) -> None:
    written = StringIO()
    rows = show(TextConsole(file=written, width=100_000), Maker(seed))
    shown = written.getvalue()
    assert _CONTROL.findall(shown) == []
    assert shown.endswith("\n")
    assert rows in (-1, shown.count("\n"))


@pytest.mark.parametrize("show", _SHOWING, ids=lambda show: show.__name__.removeprefix("_show_"))
def test_a_terminal_gets_no_control_character_but_our_colours(show: Callable[[TextConsole, Maker], int]) -> None:
    for seed in range(10):
        written = StringIO()
        show(TextConsole(file=written, width=80, force_terminal=True, color_system="standard"), Maker(seed))
        without_colours = re.sub(r"\x1b\[[0-9;]*m", "", written.getvalue())
        assert _CONTROL.findall(without_colours) == []


def _hostile(value: Any, maker: Maker) -> Any:  # noqa: ANN401
    """A report with hostile text in the fields that records fill."""
    ids = {
        "account_id",
        "operator",
        "ticket_id",
        "claim_id",
        "declaration_id",
        "currency",
        "sentence",
        "plan",
        "source",
    }
    match value:
        case msgspec.Struct():
            names = value.__struct_fields__
            fields = {each: maker.text() if each in ids else _hostile(getattr(value, each), maker) for each in names}
            return msgspec.structs.replace(value, **fields)
        case list() | tuple():
            return [_hostile(each, maker) for each in value]
    return value


@pytest.mark.examples
@settings(max_examples=10)
@given(seed=st.integers(0, 2**32))
def test_no_control_character_or_formula_is_in_a_report(seed: int) -> None:
    maker = Maker(seed)
    month: ReportMonth = _hostile(making.busy_month(), maker)
    account: ReportAccount = _hostile(making.busy_account(), maker)
    report = Report(month=month, account=account)
    html = HtmlDrawing(month).draw(report).decode()
    assert _CONTROL.findall(html) == []
    book = openpyxl.load_workbook(BytesIO(XlsxDrawing(month).draw(report)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not any(cell.data_type == "f" or cell.hyperlink for cell in cells)
    assert not any(_CONTROL.search(cell.value) for cell in cells if isinstance(cell.value, str))
