"""A month judged from what is stored now, or was known at a cut."""

from dataclasses import dataclass

from clickhouse_connect.driver.client import Client

from streams.judge.accounts import AccountListings, read_account_listings
from streams.judge.fingerprints import Fingerprint, read_fingerprint
from streams.judge.kept_counts import ReadCounts, read_anew
from streams.judge.reading import read_inputs
from streams.judge.seen import SeenMonth, first_unsure, look_at
from streams.rules.month.inputs import SpanInputs
from streams.rules.month.judging import SpanJudgement, judge_span
from streams.rules.policy import PolicyChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedMonth:
    """What the rules say of a month, and what they say it of."""

    choice: PolicyChoice
    inputs: SpanInputs
    judgement: SpanJudgement
    accounts: AccountListings
    fingerprint: str
    """Of the inputs: two equal ones are of the same inputs."""
    version: int
    """Grows with what is stored: of two judgements of a month the one with the greater version saw no less."""


def judge_month(client: Client, choice: PolicyChoice, *, cut_ms: int | None = None) -> JudgedMonth:
    """The month as it is now, or was known at a cut, judged anew."""
    while True:
        seen = look_at(client, choice, cut_ms=cut_ms)
        judged = judge_seen(client, seen, read_fingerprint(client, seen))
        # At a cut: while it was read, records may have come to minutes whose stored counts were taken.
        if first_unsure(client, choice.span, seen.progress) == seen.sure:
            return judged


def judge_seen(
    client: Client, seen: SeenMonth, fingerprint: Fingerprint, read_counts: ReadCounts = read_anew
) -> JudgedMonth:
    """The month judged from what is stored: from no less than its fingerprint is of, for that was taken before."""
    inputs = read_inputs(client, seen, read_counts)
    return JudgedMonth(
        choice=seen.choice,
        inputs=inputs,
        judgement=judge_span(inputs, seen.policy, in_force=seen.choice.in_force),
        accounts=_accounts(client, seen, fingerprint),
        fingerprint=fingerprint.text,
        version=fingerprint.version,
    )


def _accounts(client: Client, seen: SeenMonth, fingerprint: Fingerprint) -> AccountListings:
    if not fingerprint.accounts:
        return AccountListings()
    return read_account_listings(client, seen.choice.span, seen.progress.known_before_ms)
