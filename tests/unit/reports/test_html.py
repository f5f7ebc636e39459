"""The HTML report: everything is said, nothing comes from elsewhere, the same report is the same bytes."""

import re
from html.parser import HTMLParser
from typing import Final

import msgspec
import pytest

from streams.reports.model import Report
from streams.reports.render import curves, strip, wording
from streams.reports.render.html import HtmlDrawing
from tests.unit.reports import making

REPORTS: Final = {
    "busy": making.busy,
    "quiet": making.quiet,
    "in progress": making.in_progress,
    "crowded": making.crowded,
    "unobserved": making.unobserved,
}


def drawn(report: Report) -> str:
    return HtmlDrawing(report.month).draw(report).decode()


class Tags(HTMLParser):
    """Which elements stand open, and what could reach out of the file."""

    VOID: Final = {"meta", "br"}

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.reaching: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.reaching += [f"{tag} {name}" for name, _ in attrs if name in {"src", "href", "srcset"} or name[:2] == "on"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", REPORTS)
def test_a_file_is_whole_and_needs_nothing_from_elsewhere(name: str) -> None:
    text = drawn(REPORTS[name]())
    tags = Tags(text)
    assert (tags.open, tags.reaching) == ([], [])
    assert tags.names & {"script", "link", "img", "iframe", "object"} == set()
    assert "url(" not in text
    assert "@import" not in text


@pytest.mark.parametrize("name", REPORTS)
def test_two_builds_of_a_report_are_the_same_bytes(name: str) -> None:
    report, again = REPORTS[name](), REPORTS[name]()
    assert HtmlDrawing(report.month).draw(report) == HtmlDrawing(again.month).draw(again)
    # what goes from process to process is the same report
    sent = msgspec.msgpack.decode(msgspec.msgpack.encode(report), type=Report)
    assert HtmlDrawing(sent.month).draw(sent) == HtmlDrawing(report.month).draw(report)


@pytest.mark.parametrize("name", REPORTS)
def test_every_drawing_says_in_words_what_it_shows(name: str) -> None:
    for drawing in re.findall(r"<svg[^>]*>", drawn(REPORTS[name]())):
        assert ('role="img" aria-label="' in drawing) != ('aria-hidden="true"' in drawing)


def test_a_busy_month_says_what_the_contract_asks_for() -> None:
    text = drawn(making.busy())
    for sentence in (
        "SMS missed the 99.9 % uptime guarantee; the others kept it.",
        "99.5740",
        "bounds 99.5185 \N{EN DASH} 99.5740",
        "met, in doubt",
        "§2.4 Scheduled Maintenance",
        "§2.4 DDoS Attacks",
        "announced too late: excludes nothing",
        "They stay in the month and count as up (§2.2).",
        "Runs of minutes that are down or blind",
        "claimed within 30 days of an incident",
        "Platform, all services",
        "if only what was lost had failed",
        "3 records were corrected in our favour",
        "5 of 12 requests and messages out of scope",
        "source lb sent no count of api.requests for 7 minutes",
        "vouches for failures that only we tell",
        "never exceed 50 % of them",
        "4 Sep 2026, 11:20",
        "95 % within 200 ms",
        "97.0230 %",
        "3,543 messages more were delivered by operators whose clocks are too coarse",
        "99.9742 %",
        "123.46 PKR",
        "may be claimed until 8 Oct 2026, 15:43",
        "claimed before, too late",
        "24 records are missing",
        making.CLOSED.sha256,
    ):
        assert sentence in text, sentence


def test_a_quiet_month_says_that_there_was_nothing() -> None:
    text = drawn(making.quiet())
    for sentence in (
        "All four services kept the 99.9 % uptime guarantee.",
        "No minute of this month was excluded.",
        "No service had any minute that was down or blind.",
        "Your account had no traffic that is counted this month.",
        "You opened no ticket this month.",
        "No credit was decided for this month.",
        "Every record that the sources tell of was counted",
    ):
        assert sentence in text, sentence


def test_m2_what_was_not_observed_is_said_without_a_percentage() -> None:
    text = drawn(making.unobserved())
    assert "SMS, WhatsApp and Email kept the 99.9 % uptime guarantee. Nothing was observed of Voice." in text
    assert text.count('<span class="word open">nothing observed</span>') == 1
    assert "None" not in text


def test_a_month_in_progress_is_marked_provisional_and_promises_nothing() -> None:
    text = drawn(making.in_progress())
    assert "<strong>Provisional</strong> as of 11 Oct 2026, 07:11 (Asia/Karachi): the month is not over" in text
    assert "kept the 99.9 % uptime guarantee so far" in text
    assert "Counted up to, not including, 2026-10-11; 12 messages are still on their way." in text
    assert "the uptime is final" not in text
    assert "SMS, Voice, WhatsApp, Email: 29,809 minutes are not over or not read yet" in text


def test_long_lists_are_cut_openly_late_tickets_never() -> None:
    report = making.crowded()
    text = drawn(report)
    for sentence in ("And 15 more: the workbook", "And 30 smaller ones", "And 49 more: the workbook"):
        assert sentence in text, sentence
    late = making.ticket(5000, response_ms=9_000_000, is_late=True)
    account = msgspec.structs.replace(report.account, tickets=[*report.account.tickets, late])
    assert "t-5000" in drawn(Report(month=report.month, account=account))


def test_names_of_others_are_never_markup() -> None:
    name = "<script>alert(1)</script>"
    text = drawn(Report(month=making.month(), account=making.account(name)))
    assert name not in text
    assert "&lt;script&gt;" in text


def test_no_minute_of_downtime_is_lost_in_a_strip() -> None:
    month = making.month(spans={"sms": {"down": [range(5, 6), range(1439, 1441), range(43_199, 43_200)]}})
    down = re.search(r'class="s-down"[^>]* d="([^"]*)"', strip.strip(month.services[0]))
    assert down is not None
    # (first minute, row) of each run: the one over midnight is one in each day, and none is narrower than three
    assert re.findall(r"M(\d+) (\d+)h(\d+)", down[1]) == [
        ("5", "2", "3"),
        ("1439", "2", "3"),
        ("0", "6", "3"),
        ("1439", "118", "3"),
    ]


def test_a_curve_is_kept_or_broken_by_integers() -> None:
    sms, voice = making.busy_account().curves
    assert ('class="met"' in curves.curve(sms, "97.0230"), 'class="missed"' in curves.curve(sms, "97.0230")) == (
        True,
        False,
    )
    assert 'class="missed"' in curves.curve(voice, "84.3508")
    exact = msgspec.structs.replace(sms, counts=[(200, 95), (300, 5)], beyond=0)
    assert 'class="met"' in curves.curve(exact, "95.0000")
    below = msgspec.structs.replace(sms, counts=[(200, 94_999), (300, 5_001)], beyond=0)
    assert 'class="missed"' in curves.curve(below, "94.9990")


@pytest.mark.parametrize(
    ("ms", "sentence"),
    [
        (None, "\N{EN DASH}"),
        (0, "0 s"),
        (59_001, "1 min"),
        (1_800_001, "31 min"),
        (3_600_000, "1 h"),
        (3_900_000, "1 h 05 min"),
    ],
)
def test_a_duration_is_rounded_up_so_lateness_shows(ms: int | None, sentence: str) -> None:
    assert wording.duration(ms) == sentence


def test_days_are_told_in_words() -> None:
    assert [wording.days(number) for number in (30, 1)] == ["30 days", "1 day"]


@pytest.mark.parametrize(
    ("ms", "sentence"), [(200, "200 ms"), (999, "999 ms"), (1000, "1 s"), (1500, "1.5 s"), (60_000, "60 s")]
)
def test_a_time_is_told_as_short_as_it_is_exact(ms: int, sentence: str) -> None:
    assert wording.milliseconds(ms) == sentence


@pytest.mark.parametrize(("percent", "short"), [("99.9000", "99.9"), ("100.0000", "100"), ("97.0230", "97.023")])
def test_a_percentage_is_shortened_without_losing_a_digit(percent: str, short: str) -> None:
    assert wording.short_percent(percent) == short
