"""`zecto-sla simulate`: seeded traffic, and the truth about it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from streams.cli.parameters import WHOLE
from streams.core.errors import UsageError

if TYPE_CHECKING:
    from schemas.fields import Service
    from streams.simulate import MonthTruth, ServiceTruth

_MINUTE_MS = 60_000
_DAY_MINUTES = 1_440
_SETTLED_AFTER_MS = 4 * _DAY_MINUTES * _MINUTE_MS
_DEFAULT_DAYS = 7
_MOST_DAYS = 400
_DEFAULT_RECORDS = {"week": 400_000, "everything": 560_000}
_MINUTE_ROWS = (
    ("good", "good_minutes"), ("down", "down_minutes"), ("  at best", "down_minutes_low"),
    ("  at worst", "down_minutes_high"), ("  if what is lost failed", "down_minutes_high_lost"),
    ("idle", "idle_minutes"), ("blind", "blind_minutes"), ("total", "total_minutes"),
)  # fmt: skip
_SHARE_ROWS = (
    ("uptime %", "uptime"), ("  at worst", "uptime_low"), ("  at best", "uptime_high"), ("for credit", "credit_uptime"),
)  # fmt: skip
_RECORD_ROWS = (
    ("records missing", "missing_records"), ("records unknown", "unknown_records"),
    ("corrected in our favour", "corrected_in_our_favour"), ("conflicts", "conflicts"), ("collisions", "collisions"),
    ("ids that name nothing", "unnamed_records"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """What a call sent; printed as it is with --json. `truth`: by month and service, named as in `month --json`."""

    seed: int
    preset: str
    start: str
    minutes: int
    records: dict[str, int]
    left_out: int
    seconds: float
    truth: "dict[str, dict[Service, ServiceTruth]]"


def register(app: App) -> None:
    """Add `simulate`."""
    app.command(simulate, name="simulate", group="Records")


def simulate(
    *,
    seed: Annotated[int, WHOLE] = 1,
    start: Annotated[str | None, Parameter(name="--from")] = None,
    month: str | None = None,
    days: Annotated[int | None, WHOLE] = None,
    records: Annotated[int | None, WHOLE] = None,
    preset: Literal["week", "everything"] = "week",
    manifests: Literal["none", "some", "all"] = "some",
    broken: str = "0.1%",
    duplicates: str = "3%",
    shuffle: Annotated[bool, Parameter(negative=())] = False,
    rate: float | None = None,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    overwrite: Annotated[bool, Parameter(negative=())] = False,
    truth: bool = True,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Send realistic traffic for the four services, and say what the month must come out as.

    Everything follows from the seed: the same call sends the same records, so sending twice counts once. The truth is
    computed beside the pipeline, record by record, and holds once the month is complete: nothing unread, and no receipt
    waited for. Dead letters whose time cannot be read count in the minute in which they arrive, which it cannot know.
    Without --from or --month it is the last month that is over for good.

    .. code-block:: console

        $ zecto-sla simulate --seed 7
        $ zecto-sla simulate --preset everything --month 2026-09 --shuffle --json
        $ zecto-sla simulate --from 2026-09-01T00:00:00+05:00 --days 1 --records 50000 --rate 500
        $ zecto-sla simulate -o traffic && zecto-sla produce api.requests traffic/api.requests.ndjson

    Args:
        seed: Decides everything; printed with the result.
        start: First minute, such as 2026-09-01T00:00:00+05:00.
        month: Begin with this month (YYYY-MM, Karachi) and fill it, unless --days says otherwise.
        days: How long: the whole month, or 7 days with --from. What follows on the last day is a silence (B2).
        records: About how many records (400,000; for the preset everything 560,000).
        preset: week is ordinary life, week after week; everything has each state, exclusion, doubt and void window.
        manifests: Whose log shippers count what they send: nobody's, one service's for a while, or all.
        broken: Share of records that cannot be understood, as 0.1% or 0.001.
        duplicates: Share of records that are sent twice.
        shuffle: Send in random order (holds all records in memory).
        rate: Records a second at most; as fast as possible without.
        output: Write DIRECTORY/TOPIC.ndjson instead of sending to Kafka; null and empty records, which no line can
            hold, are left out and counted. A file that exists is refused.
        overwrite: Replace files that exist.
        truth: Compute the truth (about 400 bytes of memory a record).
        json: Print the result as one JSON object.
    """
    from schemas.instants import format_instant
    from streams.cli.output import print_summary
    from streams.cli.simulation import run
    from streams.core.clock import now_ms
    from streams.simulate import plan

    began_ms = now_ms()
    _check_counts(rate, records)
    start_ms, minutes = span(start, month, days, now_ms=began_ms)
    try:
        planned = plan(
            seed,
            start_ms=start_ms,
            minutes=minutes,
            records=records or _DEFAULT_RECORDS[preset],
            preset=preset,
            manifests=manifests,
            broken_share=share("--broken", broken),
            duplicate_share=share("--duplicates", duplicates),
            shuffle=shuffle,
        )
    except ValueError as error:
        raise UsageError(str(error)) from error
    outcome = run(planned, directory=output, rate=rate, want_truth=truth, overwrite=overwrite)
    done = Simulated(
        seed=seed,
        preset=preset,
        start=format_instant(start_ms),
        minutes=minutes,
        records=outcome.sent,
        left_out=outcome.left_out,
        seconds=(now_ms() - began_ms) / 1000,
        truth={one.month: one.services for one in outcome.months},
    )
    if not json:
        for one in outcome.months:
            _print_truth(one, seed)
    left_out = f"; {done.left_out:,} null or empty ones left out" if done.left_out else ""
    count = sum(done.records.values())
    print_summary(done, f"seed {seed}: {count:,} records in {done.seconds:.1f} s{left_out}", json=json)


def _check_counts(rate: float | None, records: int | None) -> None:
    if rate is not None and rate <= 0:
        raise UsageError("--rate takes records a second, more than 0")
    if records is not None and records < 1:
        raise UsageError("--records takes a number from 1 on")


def span(start: str | None, month: str | None, days: int | None, *, now_ms: int) -> tuple[int, int]:
    """The first instant (ms) and the number of minutes that the options mean.

    Raises:
        UsageError: both a start and a month, a malformed one, a start within a minute, a number of days out of bounds.
    """
    from schemas.instants import InstantError, parse_instant
    from streams.simulate import month_minutes, month_of

    if start is not None and month is not None:
        raise UsageError("--from and --month exclude each other")
    if days is not None and not 1 <= days <= _MOST_DAYS:
        raise UsageError(f"--days takes 1 to {_MOST_DAYS}")
    if start is not None:
        try:
            start_ms = parse_instant(start)
        except InstantError as error:
            raise UsageError(f"--from {start}: {error}; write it as 2026-09-01T00:00:00+05:00") from error
        if start_ms % _MINUTE_MS:
            raise UsageError(f"--from {start}: traffic begins with a whole minute")
        return start_ms, (days or _DEFAULT_DAYS) * _DAY_MINUTES
    if month is None:
        this_month = month_minutes(month_of(now_ms - _SETTLED_AFTER_MS))
        month = month_of(this_month.start * _MINUTE_MS - 1)
    minutes = _named_month(month)
    return minutes.start * _MINUTE_MS, days * _DAY_MINUTES if days else len(minutes)


def share(option: str, text: str) -> float:
    """`3%` or `0.03` as a share.

    Raises:
        UsageError: neither, or not within 0 to 50 %.
    """
    try:
        number = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError as error:
        raise UsageError(f"{option} {text}: write a share as 3% or 0.03") from error
    if not 0 <= number <= 0.5:  # noqa: PLR2004  half of all
        raise UsageError(f"{option} {text}: a share lies between 0 and 50%")
    return number


def _named_month(month: str) -> range:
    import re

    from streams.simulate import month_minutes

    if re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", month) is None:
        raise UsageError(f"--month {month!r}: write a month as 2026-09")
    return month_minutes(month)


def _print_truth(truth: "MonthTruth", seed: int) -> None:
    from streams.core.console import TextConsole
    from streams.core.tables import table_of

    services = list(truth.services.values())
    every = [*services, truth.platform]
    table = table_of(
        "",
        *(f">{name}" for name in (*truth.services, "platform")),
        title=f"the truth of {truth.month}, seed {seed}, minutes",
    )
    for title, field in _MINUTE_ROWS:
        table.add_row(title, *(f"{getattr(of, field):,}" for of in every))
    for kind in sorted({kind for of in every for kind in of.excluded_minutes}):
        table.add_row(kind.replace("_", " "), *(f"{of.excluded_minutes.get(kind, 0):,}" for of in every))
    for title, field in _SHARE_ROWS:
        table.add_row(title, *(getattr(of, field) or "unobserved" for of in every))
    for title, field in _RECORD_ROWS:
        table.add_row(title, *(f"{getattr(of, field):,}" for of in services), "")
    TextConsole().print(table)
