"""The auditor against the decoder, with which it shares nothing, and against itself in another order."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.instants import InstantError, parse_instant
from schemas.policies import parse_policy
from schemas.policy_values import duration_ms
from streams.audit.codes import read_codes
from streams.audit.collecting import collect
from streams.audit.counting import know
from streams.audit.instants import read_instant
from streams.audit.judging import judge
from streams.audit.kept import AuditRecords, digest
from streams.audit.month import as_bytes, describe_span
from streams.audit.policy import choose_span, read_policies
from streams.audit.policy import parse_policy as parse_audit_policy
from streams.audit.reading import Raw, Source
from streams.audit.records import KINDS, RECEIPTS, REQUESTS, SERVICES, TOPICS
from streams.audit.seen import Seen
from tests.fuzz.differential import differences

MONTH: Final = "2026-09"
SPAN: Final = choose_span(MONTH, None, read_policies())
CODES: Final = read_codes()
LONG_AFTER_MS: Final = 1_796_000_000_000
SEEN: Final = Seen(clock_ms=LONG_AFTER_MS)

Sent = list[tuple[str, bytes | None]]


_HOURS: Final = range(SPAN.first + 8 * 60, SPAN.first + 10 * 60)
"""All records lie in the first of these two hours, which are a month in little."""


@dataclass(frozen=True, slots=True)
class Audited:
    """What the auditor makes of records: all of them, and the hours in which they lie."""

    records_of_month: AuditRecords
    hours: dict[str, Any]


def audited(sent: Sent) -> Audited:
    def raws() -> Iterator[Raw]:
        for offset, (topic, value) in enumerate(sent):
            yield Raw(topic, 0, offset, LONG_AFTER_MS, value)

    records_of_month = collect(
        Source(records=raws, starts={}), SPAN.policy, CODES, as_of_ms=LONG_AFTER_MS, progress=lambda _topic, _read: None
    )
    judged = judge(know(records_of_month, SPAN, SEEN), SPAN.policy, _HOURS.start, _HOURS.stop)
    return Audited(records_of_month, describe_span(judged, in_force=True))


# -- records

_FIRST_MINUTES: Final = 12
_SERVICES = st.sampled_from([*SERVICES[:2], *SERVICES[:2], *SERVICES, "fax"])
_MINUTES = st.integers(0, _FIRST_MINUTES)
_INSTANTS = st.builds(
    "2026-09-01T0{hour}:{minute:02}:{rest}".format,
    hour=st.sampled_from([3, 3, 3, 4]),
    minute=_MINUTES,
    rest=st.sampled_from(["00Z", "59.9999999Z", "30.5Z", "00.001+00:00", "12-00:00", "07", "60Z", "00.Z", "01z"]),
)
_IDS = st.sampled_from(["a", "b", "c", "d", "e", "\N{SNOWMAN}", ""])
_ODD: Final[st.SearchStrategy[object]] = st.sampled_from(
    [None, 0, 1, 200.0, True, "", "x" * 65, [], {}, 70_000, -1, 10**30]
)
_LABELS: Final[dict[str, st.SearchStrategy[Any]]] = {
    "source": st.sampled_from(["", "edge", "core", None]),
    "stage": st.sampled_from(["ga", "ga", "beta", None]),
    "plan": st.sampled_from(["paid", "paid", "trial", None]),
    "unknown_field": st.sampled_from([1.5, "1e999", [[{}]], None]),
}
_REVISION = st.sampled_from([0, 0, 1, None])


def _record(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


_RECORDS: Final[dict[str, st.SearchStrategy[dict[str, Any]]]] = {
    "api.requests": _record(
        {
            "request_id": _IDS,
            "time": _INSTANTS,
            "service": _SERVICES,
            "account_id": st.just("acme"),
            "status": st.sampled_from([0, 200, 200, 200, 302, 400, 404, 429, 500, 503, 511, 599, 99, 600]),
        },
        {
            "error": st.sampled_from(["operator_unavailable", "rate_limited", "internal_validation_bug", "odd", ""]),
            "revision": _REVISION,
            **_LABELS,
        },
    ),
    "carrier.receipts": _record(
        {
            "message_id": _IDS,
            "service": _SERVICES,
            "account_id": st.just("acme"),
            "submitted_at": _INSTANTS,
            "time": _INSTANTS,
            "state": st.sampled_from(
                ["accepted", "enroute", "delivered", "delivered", "failed", "expired", "rejected", "unknown", "lost"]
            ),
        },
        {
            "code_system": st.sampled_from(["smpp_status", "gsm_map", "sip", "platform", None]),
            "code": st.sampled_from(["map:1", "map:2", "0x00000001", "404", "503", "internal_error", ""]),
            **_LABELS,
        },
    ),
    "probes": _record(
        {
            "probe_id": _IDS,
            "time": _INSTANTS,
            "service": _SERVICES,
            "vantage": st.just("dxb"),
            "ok": st.sampled_from([True, False, False, 1]),
        },
        {"status": st.sampled_from([0, 200, 503, None, 99]), "revision": _REVISION},
    ),
    "sla.declarations": _record(
        {
            "declaration_id": st.sampled_from(["w1", "w2", "w3"]),
            "kind": st.sampled_from([*KINDS, "telemetry_gap", "holiday"]),
            "services": st.lists(st.sampled_from([*SERVICES, "*"]), max_size=2),
            "start": _INSTANTS,
            "end": _INSTANTS,
            "announced_at": st.sampled_from(["2026-08-01T00:00:00Z", "2026-08-31T00:00:00Z"]),
        },
        {
            "revision": _REVISION,
            "evidence": st.sampled_from(["", "ticket 7", None]),
            "retracted": st.sampled_from([True, False, False, None]),
        },
    ),
    "telemetry.manifests": _record(
        {
            "source": st.sampled_from(["edge", "core", ""]),
            "service": _SERVICES,
            "minute": _INSTANTS,
            "topic": st.sampled_from([REQUESTS, RECEIPTS, "probes"]),
            "count": st.sampled_from([0, 1, 2, 3, 9_007_199_254_740_991, 9_007_199_254_740_992, 2**63 - 1]),
        },
        {"revision": _REVISION},
    ),
}


@st.composite
def _values(draw: st.DrawFn, topic: str) -> bytes | None:
    """The bytes of a record, mostly valid; broken in its fields or in its text."""
    told = draw(_RECORDS[topic])
    if draw(st.integers(0, 9)) == 0:
        told[draw(st.sampled_from(sorted(told)))] = draw(_ODD)
    if draw(st.integers(0, 19)) == 0:
        told.pop(draw(st.sampled_from(sorted(told))))
    value = json.dumps(told, ensure_ascii=draw(st.booleans())).encode()
    return draw(_mangled(value)) if draw(st.integers(0, 14)) == 0 else value


def _mangled(value: bytes) -> st.SearchStrategy[bytes | None]:
    return st.one_of(
        st.sampled_from([None, b"", b"null", b"[]", b"\xef\xbb\xbf" + value, value + b" \n", value + b"\x00"]),
        st.sampled_from([b"[" + value + b"]", value.replace(b"acme", b"\xff"), value.replace(b"acme", b"\\ud800")]),
        st.integers(0, len(value)).map(lambda cut: value[:cut]),
        st.sampled_from(
            [b"NaN", b"-Infinity", b"01", b'"\\x"', b'"\x01"', b"[" * 600 + b"]" * 600, b"-0", b"1.5e3"]
        ).map(lambda odd: value[:-1] + b',"odd":' + odd + b"}"),
        st.just(value[:-1] + b',"note":"' + b"x" * 65_536 + b'"}'),
    )


_SENT = st.lists(
    st.sampled_from([*TOPICS, REQUESTS, REQUESTS, RECEIPTS]).flatmap(
        lambda topic: st.tuples(st.just(topic), _values(topic))
    ),
    max_size=40,
)


# -- properties


@given(text=st.one_of(_INSTANTS, st.text(max_size=30), st.from_regex(r"\A20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\S{0,12}\Z")))
@settings(max_examples=500)
def test_t1_an_instant_is_read_as_the_pipeline_reads_it(text: str) -> None:
    try:
        expected: int | None = parse_instant(text)
    except InstantError:
        expected = None
    assert read_instant(text) == expected


@given(number=st.integers(0, 300), unit=st.sampled_from(["ms", "s", "m", "h", "d"]))
def test_a_policys_durations_are_as_in_the_pipeline(number: int, unit: str) -> None:
    text = (files("schemas") / "policies" / "zecto-1.0.toml").read_text("utf-8")
    changed = text.replace('grace = "60s"', f'grace = "{number}{unit}"').replace(
        'complete_by = "10d"', 'complete_by = "366d"'
    )
    found = [policy.grace_ms for policy in (parse_policy(changed, "p"), parse_audit_policy(changed, "p"))]
    assert found == [duration_ms("grace", f"{number}{unit}")] * 2


@given(data=st.data(), topic=st.sampled_from(TOPICS))
@settings(max_examples=2_000)
def test_b3_what_is_readable_is_as_in_the_pipeline(data: st.DataObject, topic: str) -> None:
    assert list(differences(topic, data.draw(_values(topic)))) == []


@given(sent=_SENT, data=st.data())
@settings(max_examples=10)
def test_i2_order_and_repetition_change_neither_hours_nor_digest(sent: Sent, data: st.DataObject) -> None:
    once = audited(sent)
    again = audited(data.draw(st.permutations([*sent, *sent[:5]])))
    assert as_bytes(again.hours) == as_bytes(once.hours)
    assert digest(again.records_of_month, SPAN) == digest(once.records_of_month, SPAN)
    one_more = b'{"request_id":"new","time":"2026-09-01T05:00:00Z","service":"sms","account_id":"a","status":200}'
    assert digest(audited([*sent, (REQUESTS, one_more)]).records_of_month, SPAN) != digest(once.records_of_month, SPAN)


@given(names=st.lists(st.text(), max_size=3))
def test_the_months_bytes_are_those_of_the_pipelines_encoder(names: list[str]) -> None:
    reasons = [{"code": "not_read_yet", "topic": name, "partition": None} for name in names]
    told = {
        "complete": not names,
        "incomplete_because": reasons,
        "services": {},
        "listed_declarations": [{"id": "a", "n": 1}],
    }
    assert as_bytes(told) == msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"
