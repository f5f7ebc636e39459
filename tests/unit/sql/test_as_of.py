"""The twins of the views are their own texts, with what is read replaced: nothing is added, nothing left behind."""

import re
from typing import Final

import sql
from sql.as_of import as_of, twins

_ARGUMENTS: Final = "(month = {month:String}, policy = {policy:String}, as_of = {as_of:Int64})"
_VIEW: Final = (
    "CREATE OR REPLACE VIEW seen AS\nSELECT * FROM effective(policy = {policy:String}) AS c FINAL\nINNER JOIN x ON 1"
)
_EVALUATE: Final = """INSERT INTO minutes (service)
WITH
    touched AS
    (
        SELECT touched_service FROM blocks
    ),
    tallied AS
    (
        SELECT service FROM effective WHERE (service, minute) IN touched
    )
SELECT service FROM tallied
"""


def _made(*views: str) -> dict[str, str]:
    return twins(views, _EVALUATE)


def test_a_view_over_instants_has_a_twin_before_the_cut() -> None:
    made = _made("CREATE OR REPLACE VIEW effective AS\nSELECT * FROM ledger_requests")
    assert made == {
        "effective_as_of": "CREATE OR REPLACE VIEW effective_as_of AS\nSELECT * FROM (SELECT * FROM ledger_requests "
        "WHERE recorded_at < fromUnixTimestamp64Milli({as_of:Int64}, 'UTC'))"
    }


def test_a_view_over_a_twin_passes_month_and_cut_on() -> None:
    made = _made("CREATE OR REPLACE VIEW effective AS\nSELECT * FROM ledger_requests", _VIEW)
    assert made["seen_as_of"].splitlines()[1:] == [
        f"SELECT * FROM effective_as_of{_ARGUMENTS} AS c",
        "INNER JOIN x ON 1",
    ]


def test_a_view_without_instants_has_no_twin() -> None:
    assert not _made("CREATE OR REPLACE VIEW seen AS\nSELECT * FROM policies FINAL")
    assert not _made("CREATE OR REPLACE VIEW coverage AS\nSELECT * FROM blocks FINAL")


def test_names_that_only_begin_like_a_table_are_left_alone() -> None:
    text = "CREATE OR REPLACE VIEW seen AS\nSELECT * FROM manifests_ INNER JOIN dead_letters_2 ON 1"
    assert not _made(text)


def test_minutes_are_counted_by_the_evaluations_own_select() -> None:
    made = _made(
        "CREATE OR REPLACE VIEW effective AS\nSELECT * FROM ledger_requests",
        "CREATE OR REPLACE VIEW seen AS\nSELECT * FROM minutes AS m FINAL",
    )
    assert list(made) == ["effective_as_of", "minutes_as_of", "seen_as_of"]
    counted = made["minutes_as_of"]
    assert f"FROM effective_as_of{_ARGUMENTS} WHERE minute >= seen_from AND minute < seen_to" in counted
    assert "touched" not in counted
    assert "INSERT" not in counted
    assert made["seen_as_of"].endswith(f"SELECT * FROM minutes_as_of{_ARGUMENTS} AS m")


def test_a_question_to_views_becomes_one_to_their_twins() -> None:
    assert as_of("SELECT * FROM months(month = {month:String}) AS m WHERE 1") == (
        f"SELECT * FROM months_as_of{_ARGUMENTS} AS m WHERE 1"
    )


def test_every_view_behind_a_month_reads_only_before_the_cut() -> None:
    made = sql.views_as_of()
    known = {name.removesuffix("_as_of") for name in made} | {"ledger_requests", "ledger_receipts", "ledger_probes"}
    known |= {"manifests", "dead_letters", "declarations", "blocks", "partition_frontiers"}
    for name, text in made.items():
        unguarded = re.sub(r"\(SELECT \* FROM \w+( FINAL)? WHERE [^()]*\([^()]*\)\)", "", text)
        read = set(re.findall(r"\b(?:FROM|JOIN) (\w+)", unguarded))
        assert not read & known, name
    assert {"verdicts_as_of", "months_as_of", "listed_declarations_as_of", "month_progress_as_of"} <= set(made)


def test_no_part_of_a_view_shadows_a_twin() -> None:
    names = {name.removesuffix("_as_of") for name in sql.views_as_of()} | {"manifests", "declarations", "blocks"}
    texts = [*(view.read_text("utf-8") for view in sql.views()), sql.query("evaluate_minutes")]
    for text in texts:
        assert not set(re.findall(r"^\s+(\w+) AS$", text, re.MULTILINE)) & names
