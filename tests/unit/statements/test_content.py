"""What a statement holds of the minutes of a judged month (V3, V5, B4)."""

from schemas.reference import policies
from streams.judge import JudgedMonth
from streams.judge.accounts import AccountListings
from streams.months.context import context_of
from streams.months.minutes import minute_columns, minute_verdicts
from streams.rules.policy import apply_policy
from streams.statements.content import PLATFORM, minutes_of
from streams.statements.packed_columns import COLUMNS, KINDS, STATES, VERDICT_COLUMNS
from tests.unit.rules.month.spans import START, Span


def judged(span: Span) -> JudgedMonth:
    """A span in the place of a month."""
    return JudgedMonth(
        choice=apply_policy("2027-03", policies()[0]),
        inputs=span.inputs,
        judgement=span.judged(),
        accounts=AccountListings(),
        fingerprint="",
        version=0,
    )


def test_a_statement_holds_every_count_that_minutes_tells() -> None:
    span = Span().requests(7, ok=5, platform=5, claimed=2, corrected=1).messages(7, accepted=3).probes(8, failed=1)
    month = judged(span.window("ddos", 8, 9))
    held = minutes_of(month)["sms"]
    assert {len(column) for column in held} == {span.frame.minutes}
    columns = minute_columns("sms", month.judgement.services["sms"], context_of(month))
    for at, verdict in enumerate(minute_verdicts(columns, START, START, START + span.frame.minutes)):
        row = {name: column[at] for name, column in zip(COLUMNS, held, strict=True)}
        assert (STATES[row["state"]], KINDS[row["kind"]] or None) == (verdict.state, verdict.kind)
        for of, counts in (("requests", verdict.requests), ("messages", verdict.messages)):
            assert {name: row[f"{of}_{name}"] for name in counts.__struct_fields__} == {
                name: getattr(counts, name) for name in counts.__struct_fields__
            }
        assert (row["vantages_ok"], row["vantages_failed"]) == (verdict.vantages.ok, verdict.vantages.failed)


def test_v5_a_statement_holds_the_platforms_verdicts() -> None:
    span = Span().requests(7, platform=5).requests(8, service="voice", ok=1, unknown=9)
    platform = dict(zip(VERDICT_COLUMNS, minutes_of(judged(span))[PLATFORM], strict=True))
    assert [STATES[place] for place in platform["state"][7:10]] == ["down", "good", "idle"]
    assert [platform[name][7] for name in VERDICT_COLUMNS[2:]] == [1, 1, 1]
    assert [platform[name][8] for name in VERDICT_COLUMNS[2:]] == [0, 0, 1]
    assert {type(number) for column in platform.values() for number in column} == {int}
