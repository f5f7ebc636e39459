"""What people are shown of performance: figures whole, or not at all."""

from io import StringIO

import msgspec
import pytest

from streams.core.console import TextConsole
from streams.guarantees.performance.render import print_performance
from streams.guarantees.performance.shares import ImpossibleTimes, PerformanceView, ShareView

_TOLD = PerformanceView(
    month="2026-10",
    policy="zecto-1.0",
    by="service",
    complete=True,
    pending_messages=0,
    impossible_times=[ImpossibleTimes(service="sms", of="", messages=10)],
    guarantees=[
        ShareView(
            guarantee="call connection",
            rule="P4",
            service="voice",
            of="",
            within=451_027_590,
            counted=451_027_591,
            unmeasured=12_345,
            share="99.9999",
            at_worst="99.9972",
            target="99.0000",
            met=True,
            quantiles_ms={"p50": 2_000, "p95": 10_000, "p99": 20_000},
        )
    ],
)


_OF_AN_ACCOUNT = msgspec.structs.replace(
    _TOLD,
    by="account_id",
    guarantees=[msgspec.structs.replace(one, of="an-account-with-a-long-name") for one in _TOLD.guarantees],
)


def _shown(view: PerformanceView = _TOLD, *, width: int, terminal: bool) -> str:
    written = StringIO()
    print_performance(TextConsole(file=written, width=width, force_terminal=terminal, no_color=True), view)
    return written.getvalue()


@pytest.mark.parametrize("view", [_TOLD, _OF_AN_ACCOUNT], ids=lambda view: view.by)
@pytest.mark.parametrize(("width", "terminal"), [(80, True), (132, True), (80, False)])
def test_no_figure_is_cut(view: PerformanceView, width: int, terminal: bool) -> None:
    shown = _shown(view, width=width, terminal=terminal)
    assert "\u2026" not in shown
    for figure in ("call connection (P4)", "99.9999", "99.0000", "451,027,591", "12,345", "met", "10 messages"):
        assert figure in shown


def test_a_narrow_terminal_says_where_the_rest_is() -> None:
    assert "--json" in _shown(width=80, terminal=True)
    assert "20,000 ms" in _shown(width=80, terminal=False)
