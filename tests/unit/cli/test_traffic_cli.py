"""Commands that send and archive records: wrong use is one line and exit status 2, before anything is sent."""

import json
import sys
from pathlib import Path

import pytest

from schemas.instants import parse_instant
from streams.cli import main
from streams.cli.simulate import share, span
from streams.core.errors import UsageError

_NOW_MS = parse_instant("2026-11-24T04:00:00Z")


def _fails(arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    monkeypatch.setattr(sys, "argv", ["zecto-sla", *arguments])
    with pytest.raises(SystemExit) as caught:
        main()
    printed = capsys.readouterr()
    assert caught.value.code == 2, printed.err
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    return printed.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["produce", "api.request", "HERE"], "there is no topic api.request"),
        (["produce", "sla.minutes", "HERE"], "written by the workers alone"),
        (["produce", "probes"], "name at least one file"),
        (["produce", "probes", "nowhere.ndjson"], "nowhere.ndjson does not exist"),
        (["produce", "probes", "--jsno", "HERE"], "no option has that name"),
        (["produce", "probes", "-", "-"], "once only"),
        (["import", "--service", "sms"], "name at least one log file"),
        (["import", "--service", "fax", "HERE"], "fax"),
        (["import", "HERE"], "--service"),
        (["import", "--service", "sms", "--format", "iis", "HERE"], "iis"),
        (["import", "--service", "sms", "--account", "", "HERE"], "--account takes"),
        (["import", "--service", "sms", "nowhere.log"], "nowhere.log does not exist"),
        (["dump", "nowhere", "-o", "x.gz"], "there is no topic nowhere"),
        (["dump", "probes", "-o", "nowhere/x.gz"], "nowhere/x.gz cannot be written"),
        (["dump", "probes"], "--output"),
        (["simulate", "--from", "2026-09-01T00:00:00Z", "--month", "2026-09"], "exclude each other"),
        (["simulate", "--month", "2026-13"], "write a month as 2026-09"),
        (["simulate", "--from", "yesterday"], "--from yesterday"),
        (["simulate", "--from", "2026-09-01T00:00:30Z"], "begins with a whole minute"),
        (["simulate", "--days", "0"], "--days takes 1 to 400"),
        (["simulate", "--rate", "0"], "more than 0"),
        (["simulate", "--records", "0"], "--records takes"),
        (["simulate", "--broken", "some"], "write a share as 3% or 0.03"),
        (["simulate", "--duplicates", "51%"], "between 0 and 50%"),
        (["simulate", "--preset", "everything", "--month", "2026-09", "--days", "3"], "needs 20 days"),
    ],
)
def test_wrong_use_is_one_line_and_exit_status_2(
    arguments: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    here = tmp_path / "here.ndjson"
    here.write_bytes(b"{}\n")
    monkeypatch.chdir(tmp_path)
    given = [str(here) if argument == "HERE" else argument for argument in arguments]
    assert says in _fails(given, monkeypatch, capsys)


def test_a_share_is_written_in_percent_or_plainly() -> None:
    assert share("--broken", "0.1%") == share("--broken", "0.001") == pytest.approx(0.001)
    assert share("--broken", "0") == 0


def test_without_a_start_it_is_the_last_complete_month() -> None:
    assert span(None, None, None, now_ms=_NOW_MS) == (
        parse_instant("2026-10-01T00:00:00+05:00"),
        31 * 1440,
    )
    third_of_december = parse_instant("2026-12-03T12:00:00+05:00")
    assert span(None, None, 2, now_ms=third_of_december) == (
        parse_instant("2026-10-01T00:00:00+05:00"),
        2 * 1440,
    )
    fifth_of_december = parse_instant("2026-12-05T12:00:00+05:00")
    assert span(None, None, None, now_ms=fifth_of_december) == (
        parse_instant("2026-11-01T00:00:00+05:00"),
        30 * 1440,
    )


def test_a_named_month_is_filled_an_instant_lasts_a_week() -> None:
    assert span(None, "2026-02", None, now_ms=_NOW_MS) == (
        parse_instant("2026-02-01T00:00:00+05:00"),
        28 * 1440,
    )
    assert span("2026-02-03T04:05:00Z", None, None, now_ms=_NOW_MS) == (
        parse_instant("2026-02-03T04:05:00Z"),
        7 * 1440,
    )
    with pytest.raises(UsageError, match="--from 2026-02-03T04:05:00"):
        span("2026-02-03T04:05:00.000", None, None, now_ms=_NOW_MS)


def test_simulation_files_hold_what_is_stated_and_no_empty_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["simulate", "--days", "1", "--records", "5000", "--broken", "2%", "--json", "-o", str(tmp_path / "t")]
    monkeypatch.setattr(sys, "argv", ["zecto-sla", *arguments])
    main()
    told = json.loads(capsys.readouterr().out)
    assert told["seed"] == 1
    assert told["left_out"] > 0
    [services] = told["truth"].values()
    assert list(services) == ["sms", "voice", "whatsapp", "email"]
    lines = {path.name: path.read_bytes().splitlines() for path in (tmp_path / "t").iterdir()}
    assert {f"{topic}.ndjson": count for topic, count in told["records"].items()} == {
        name: len(found) for name, found in lines.items()
    }
    assert all(line for found in lines.values() for line in found)
