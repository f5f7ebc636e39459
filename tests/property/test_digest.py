"""The digest of a month is that of a set: order, repetition and replays leave it, a record more or less changes it.

The auditor computes it from the bytes, the pipeline from the ledger on the real engine; both of any cut.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import pytest
from clickhouse_connect.driver.client import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sql
from streams.audit.codes import read_codes
from streams.audit.collecting import collect
from streams.audit.kept import AuditDigest, digest
from streams.audit.policy import choose_span, read_policies
from streams.audit.reading import Raw, Source, known_before
from tests.sql.told_month import ToldMonth, clear

MONTH: Final = "2026-09"
SPAN: Final = choose_span(MONTH, None, read_policies())
CODES: Final = read_codes()
LONG_AFTER_MS: Final = 1_796_000_000_000
_START: Final = datetime(2026, 8, 31, 19, tzinfo=UTC)
_LAST_MINUTE: Final = (SPAN.end - SPAN.first) - 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Sent(NamedTuple):
    """A record as the broker has it."""

    topic: str
    value: bytes
    recorded_at_ms: int


def _told(minute: int, second: int) -> str:
    return f"{_START + timedelta(minutes=minute, seconds=second):%Y-%m-%dT%H:%M:%S}Z"


@st.composite
def _records(draw: st.DrawFn, minutes: st.SearchStrategy[int]) -> tuple[str, bytes]:
    """A valid record of a minute counted from the month's start; few ids, so that identities meet."""
    topic, id_field, time_field = draw(st.sampled_from(_SHAPES))
    fields: dict[str, Any] = {
        id_field: draw(st.sampled_from(["a", "b", "c"])),
        time_field: _told(draw(minutes), draw(st.integers(0, 59))),
        "service": draw(st.sampled_from(["sms", "voice"])),
        **draw(_REST[topic]),
    }
    return topic, json.dumps(fields).encode()


_SHAPES: Final = (
    ("api.requests", "request_id", "time"),
    ("carrier.receipts", "message_id", "submitted_at"),
    ("probes", "probe_id", "time"),
)
_REST: Final[dict[str, st.SearchStrategy[dict[str, Any]]]] = {
    "api.requests": st.fixed_dictionaries(
        {"account_id": st.just("acme"), "status": st.sampled_from([200, 404, 500]), "revision": st.integers(0, 2)}
    ),
    "carrier.receipts": st.fixed_dictionaries(
        {
            "account_id": st.just("acme"),
            "time": st.just(_told(_LAST_MINUTE, 30)),
            "state": st.sampled_from(["accepted", "delivered", "failed"]),
        }
    ),
    "probes": st.fixed_dictionaries({"vantage": st.just("dxb"), "ok": st.booleans()}),
}
_INSIDE: Final = _records(st.sampled_from([0, 0, 1, 700, _LAST_MINUTE]))
_OUTSIDE: Final = _records(st.sampled_from([-1, _LAST_MINUTE + 1]))
_BROKEN: Final = st.sampled_from([("api.requests", b"{}"), ("probes", b"")])
_KNOWN: Final = st.integers(SPAN.first * 60_000, SPAN.first * 60_000 + 5)


@st.composite
def _months(draw: st.DrawFn, *, least: int = 1) -> list[Sent]:
    """Distinct records of the month, and others that are none of it."""
    own = draw(st.lists(_INSIDE, min_size=least, max_size=12, unique=True))
    others = draw(st.lists(st.one_of(_OUTSIDE, _BROKEN), max_size=3))
    return [Sent(*record, draw(_KNOWN)) for record in [*own, *others]]


@st.composite
def _again(draw: st.DrawFn, sent: Sequence[Sent]) -> list[Sent]:
    """The same records in another order, some of them several times, the copies known at any time from then on."""
    copies = draw(st.lists(st.sampled_from(sent), max_size=8))
    later = [copy._replace(recorded_at_ms=copy.recorded_at_ms + draw(st.integers(0, 9))) for copy in copies]
    return draw(st.permutations([*sent, *later]))


def _audited(sent: Sequence[Sent], as_of_ms: int = LONG_AFTER_MS) -> AuditDigest:
    """What the auditor makes of records in these places of the log, known before the cut."""
    raws = [Raw(topic, 0, offset, known, value) for offset, (topic, value, known) in enumerate(sent)]
    source = known_before(Source(records=lambda: iter(raws), starts={}), as_of_ms)
    records_of_month = collect(source, SPAN.policy, CODES, as_of_ms=LONG_AFTER_MS, progress=lambda _topic, _read: None)
    return digest(records_of_month, SPAN)


class Ledger:
    """The pipeline's side: records stored as a worker stores them, a block for each that is given at once."""

    def __init__(self, client: Client) -> None:
        clear(client)
        self._client = client
        self._told = ToldMonth(client, MONTH)

    def store(self, sent: Sequence[Sent]) -> "Ledger":
        for topic, value, recorded_at_ms in sent:
            self._told.raw(topic, value, recorded_at_ms=recorded_at_ms)
        self._told.store()
        return self

    def digest(self, as_of_ms: int = LONG_AFTER_MS) -> AuditDigest:
        known = _EPOCH + timedelta(milliseconds=as_of_ms)
        asked = {"from": SPAN.first * 60, "to": SPAN.end * 60, "as_of": f"{known:%Y-%m-%d %H:%M:%S.%f}"[:-3]}
        return AuditDigest(*self._client.query(sql.query("ledger_digest"), parameters=asked).first_row)


# -- the auditor's


@given(data=st.data(), sent=_months())
def test_i2_order_repetition_and_replays_leave_the_audited_digest(data: st.DataObject, sent: list[Sent]) -> None:
    assert _audited(data.draw(_again(sent))) == _audited(sent)


@given(data=st.data(), sent=_months())
def test_i2_a_distinct_record_less_changes_the_audited_digest(data: st.DataObject, sent: list[Sent]) -> None:
    every = data.draw(_again(sent))
    left_out = sent[0].value
    before, after = _audited(every), _audited([one for one in every if one.value != left_out])
    assert after.records == before.records - 1
    assert after.content != before.content


@given(data=st.data(), sent=_months(), more=_INSIDE)
def test_i2_a_distinct_record_more_changes_the_audited_digest(
    data: st.DataObject, sent: list[Sent], more: tuple[str, bytes]
) -> None:
    every = data.draw(_again([*sent, Sent(*more, SPAN.first * 60_000)]))
    is_new = more not in {(topic, value) for topic, value, _ in sent}
    before, after = _audited(sent), _audited(every)
    assert after.records == before.records + is_new
    assert (after.content != before.content) == is_new


# -- the pipeline's, which is the same


@pytest.mark.engine
@given(data=st.data(), sent=_months(least=3))
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_i2_the_ledgers_digest_is_the_audited_one(client: Client, data: st.DataObject, sent: list[Sent]) -> None:
    first, rest = sent[0], sent[1:]
    ledger = Ledger(client).store(rest)
    without = ledger.digest()
    assert without == _audited(rest)
    ledger.store([first])
    whole = ledger.digest()
    assert whole == _audited(sent)
    assert whole.records == without.records + 1
    assert whole.content != without.content
    every = data.draw(_again(sent))
    assert ledger.store(every).digest() == whole
    assert Ledger(client).store(every[::-1]).digest() == whole


@pytest.mark.engine
@given(data=st.data(), sent=_months())
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_digest_as_of_a_cut_has_what_came_before(client: Client, data: st.DataObject, sent: list[Sent]) -> None:
    every = data.draw(_again(sent))
    cut_ms = data.draw(_KNOWN) + 1
    known = [one for one in every if one.recorded_at_ms < cut_ms]
    assert Ledger(client).store(every).digest(cut_ms) == _audited(every, cut_ms) == _audited(known)
