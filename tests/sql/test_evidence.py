"""An evidence file and its records: the auditor recomputes it, and names the minute and the record that differ."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from schemas.instants import MINUTE_MS, parse_instant
from schemas.reference import policies
from streams.audit.claimed import read_evidence
from streams.audit.policy import read_policies
from streams.audit.reading import Raw, Source
from streams.audit.recomputing import Recomputed, recompute
from streams.core.canonical_json import seal
from streams.core.errors import ZectoError
from streams.evidence.document import evidence_document
from streams.evidence.read import EvidenceSpan, Findings, read_findings
from streams.rules.policy import policy_of_month
from tests.sql.scenario import DAY_MS, HOUR_MS, Scenario, clear

pytestmark = pytest.mark.engine

Body = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a customer has: the file and the records."""

    document: bytes
    records: list[Raw]

    @property
    def body(self) -> Body:
        body: Body = json.loads(self.document)["body"]
        return body

    def recomputed(self, *, document: bytes | None = None, records: list[Raw] | None = None) -> Recomputed:
        def raws() -> Iterator[Raw]:
            return iter(self.records if records is None else records)

        claimed = read_evidence(document or self.document, "f.json", read_policies())
        return recompute(claimed, Source(records=raws), lambda *_: None)

    def changed(self, change: Callable[[Body], object]) -> bytes:
        """The file with a number changed, and sealed anew: only the records can tell."""
        body = self.body
        change(body)
        return seal(body)


def findings(month: Scenario, first: int, end: int, *, each: int = 100, cut_ms: int | None = None) -> Findings:
    month.settle()
    window = EvidenceSpan(
        service="sms",
        start=month.ms(first) // MINUTE_MS,
        end=month.ms(end) // MINUTE_MS,
        months=[policy_of_month(name, policies()) for name in ("2026-09", "2026-10")][: 1 + (end > 43_200)],
        cut_ms=month.span.end_ms + 4 * DAY_MS if cut_ms is None else cut_ms,
        samples=2,
        each=each,
    )
    return read_findings(month.client, window, lambda *_: None)


def told(month: Scenario, first: int, end: int, *, each: int = 100) -> Told:
    """Evidence for minutes of the month, and the records where the scenario stored them: a block a topic, in order."""
    found = findings(month, first, end, each=each)
    records: list[Raw] = []
    position = month._positions - len(month._stored)
    for topic in sorted({topic for topic, _, _ in month._stored}):
        for of, value, recorded_at_ms in month._stored:
            if of == topic:
                records.append(Raw(topic, 0, position, recorded_at_ms, value))
                position += 1
    return Told(document=evidence_document(found), records=records)


@pytest.fixture(scope="module")
def hour(module_client: Client) -> Told:
    """The evidence of twenty minutes in which everything happens that a file can speak of, and their records."""
    clear(module_client)
    return told(_eventful(Scenario(module_client)), 0, 20)


def _eventful(month: Scenario) -> Scenario:
    month.minute(0).requests(ok=250, platform=2).manifest(255).messages(ok=2)
    month.minute(1).requests(ok=3, platform=2, operator=1, customer=1, unknown=1).messages(
        ok=1, platform=1, recipient=1
    )
    month.minute(2).requests(platform=1, source="gw").manifest(3).probes(ok=1)
    month.minute(3).probes(failed=2)
    month.minute(4).probes(failed=1)
    month.window("operator_outage", 4, 5, id="theirs", evidence="PTCL 7", announced_before_ms=-HOUR_MS)
    month.minute(5).requests(platform=4, plan="trial").messages(accepted=1, enroute=1)
    month.minute(6).request("twice", status=200).request("twice", status=500, revision=1)
    month.window("ddos", 6, 9, id="flood", evidence="netflow", announced_before_ms=-HOUR_MS)
    month.window("scheduled_maintenance", 6, 9, id="by_day", announced_before_ms=3 * DAY_MS)
    month.minute(7).dead_letter()
    month.minute(8).requests(platform=1).dead_letter("other")
    month.window("ddos", 8, 9, id="bare", announced_before_ms=-HOUR_MS)
    month.minute(9).requests(ok=1)
    month.window("telemetry_gap", 10, 11, id="gone")
    month.lost(16, 17)
    month.minute(12).requests(platform=1)
    return month


def test_the_auditor_recomputes_every_minute_of_a_file(hour: Told) -> None:
    done = hour.recomputed()
    assert done.differing == []
    listed = [(one.minute[14:16], one.state, one.kind) for one in done.minutes]
    assert listed == [
        ("01", "down", None),
        ("02", "down", None),
        ("03", "down", None),
        ("04", "excluded", "operator_outage"),
        ("05", "down", None),
        ("06", "excluded", "ddos"),
        ("07", "excluded", "ddos"),
        ("08", "excluded", "ddos"),
        ("12", "down", None),
    ]
    assert [one["minute"][14:16] for one in hour.body["minutes"]] == [minute for minute, _, _ in listed]
    assert Counter({state: length for state, _, length in hour.body["states"]})["blind"] > 0


def test_what_was_stamped_after_the_cut_counts_nowhere(hour: Told) -> None:
    value = b'{"request_id":"more","time":"2026-08-31T19:09:01Z","service":"sms","account_id":"a","status":500}'
    late = Raw("api.requests", 5, 0, parse_instant(hour.body["cut"]), value)
    just = late._replace(timestamp_ms=late.timestamp_ms - 1)
    # V1 sums over ten minutes: what one minute holds decides later ones, too
    told_of = [one.minute[11:16] for one in hour.recomputed(records=[*hour.records, just]).differing]
    assert told_of == ["19:09", "19:12"]
    assert hour.recomputed(records=[*hour.records, late]).differing == []


def test_copies_and_another_order_of_the_records_change_nothing(hour: Told) -> None:
    copies = [raw._replace(partition=3, timestamp_ms=raw.timestamp_ms + HOUR_MS) for raw in hour.records]
    assert hour.recomputed(records=[*copies[::-1], *hour.records[::-1]]).differing == []


def test_a_recreated_topic_may_reuse_its_offsets(hour: Told) -> None:
    offset = _place(hour, 12)
    value = b'{"request_id":"anew","time":"2026-09-09T19:09:01Z","service":"voice","account_id":"a","status":200}'
    anew = Raw("api.requests", 0, offset, parse_instant(hour.body["cut"]) - 1, value)
    for records in ([*hour.records, anew], [anew, *hour.records]):
        assert hour.recomputed(records=records).differing == []


def test_the_same_records_give_the_same_file_later(month: Scenario, hour: Told) -> None:
    _eventful(month).settle()
    month.replay(later_ms=HOUR_MS)
    assert evidence_document(findings(month, 0, 20)) == hour.document


def test_a_window_across_two_months_is_judged_in_each(month: Scenario) -> None:
    month.minute(43_199).requests(platform=1)
    month.minute(43_200).requests(platform=1)
    found = told(month, 43_198, 43_202)
    assert [policy["month"] for policy in found.body["policies"]] == ["2026-09", "2026-10"]
    done = found.recomputed()
    assert ([one.state for one in done.minutes], done.differing) == (["down", "down"], [])


def _place(hour: Told, minute: int, topic: str = "api.requests") -> int:
    [told_of] = [one for one in hour.body["minutes"] if int(one["minute"][14:16]) == minute]
    [records] = [one for one in told_of["records"] if one["topic"] == topic]
    offset: int = records["listed"][0][2]
    return offset


def test_a_record_that_was_changed_is_named_with_its_minute(hour: Told) -> None:
    offset = _place(hour, 12)
    records = [
        raw._replace(value=(raw.value or b"").replace(b"500", b"200")) if raw.offset == offset else raw
        for raw in hour.records
    ]
    [one] = hour.recomputed(records=records).differing
    assert one.minute == "2026-08-31T19:12:00Z"
    assert one.differences[0].startswith(f"api.requests/0@{offset} is another record: its content is ")
    assert "state is blind by the records and down in the file" in one.differences


def test_a_record_that_is_gone_is_named(hour: Told) -> None:
    offset = _place(hour, 1, "carrier.receipts")
    one = hour.recomputed(records=[raw for raw in hour.records if raw.offset != offset]).differing[0]
    assert one.differences[0] == f"carrier.receipts/0@{offset} is not in the archive"


def test_a_record_more_is_named_also_in_a_good_minute(hour: Told) -> None:
    value = (
        b'{"request_id":"more","time":"2026-08-31T19:09:01Z","service":"sms","account_id":"a","status":201,"source":""}'
    )
    one = hour.recomputed(records=[*hour.records, Raw("api.requests", 7, 70, 0, value)]).differing[0]
    assert (one.minute, one.state) == ("2026-08-31T19:09:00Z", "good")
    assert "api.requests/7@70" in one.differences[-1]


def test_of_crowded_minutes_the_digest_and_the_archives_agree(month: Scenario) -> None:
    month.minute(1).requests(ok=5, platform=5)
    found = told(month, 0, 3, each=9)
    assert found.body["minutes"][0]["records"][0]["listed"] == []
    named = {sample["offset"] for reason in found.body["minutes"][0]["reasons"] for sample in reason["samples"]}
    dropped = next(raw.offset for raw in found.records if raw.offset not in named)
    [one] = found.recomputed(records=[raw for raw in found.records if raw.offset != dropped]).differing
    assert one.differences[0].startswith("api.requests: 9 distinct records of digest ")


@pytest.mark.deep
@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (
            lambda minute: minute["requests"].update(platform=7),
            "requests.platform is 2 by the records and 7 in the file",
        ),
        (lambda minute: minute.update(rule="V2"), "rule is V1 by the records and V2 in the file"),
        (lambda minute: minute["clauses"].pop(), "clauses[0] is §2.3 by the records and none in the file"),
        (
            lambda minute: minute["arithmetic"]["requests"].update(failed_lately=500),
            "arithmetic.requests.failed_lately is 4 by ",
        ),
        (lambda minute: minute["reasons"].pop(), "reasons.messages "),
        (lambda minute: minute["reasons"][0].update(identities=9), ".identities is 3 by the records and 9 in the file"),
        (lambda minute: minute["reasons"][0]["samples"][0].update(content="00"), "is another record"),
        (lambda minute: minute["reasons"][0]["samples"][0].update(timestamp="2026-01-01T00:00:00Z"), " was stamped "),
        (lambda minute: minute["records"][0].update(digest="00"), "in the file"),
        (
            lambda minute: minute.update(down_at_worst=False),
            "down_at_worst is true by the records and false in ",
        ),
    ],
)
def test_a_changed_number_is_named_even_if_sealed_anew(
    hour: Told, change: Callable[[Body], object], difference: str
) -> None:
    [one] = hour.recomputed(document=hour.changed(lambda body: change(body["minutes"][0]))).differing
    assert one.minute == "2026-08-31T19:01:00Z"
    assert any(difference in found for found in one.differences), one.differences


@pytest.mark.deep
@pytest.mark.parametrize("name", ["effect", "start", "announced_at", "known_at", "evidence", "content", "revision"])
def test_a_declaration_that_is_told_otherwise_is_named(hour: Told, name: str) -> None:
    def change(body: Body) -> None:
        [minute] = [one for one in body["minutes"] if one["kind"] == "operator_outage"]
        minute["windows"][0][name] = "2026-09-01T00:00:00Z"

    [one] = hour.recomputed(document=hour.changed(change)).differing
    assert [found.partition(" is ")[0] for found in one.differences] == [f"windows.theirs.{name}"]


def test_a_bad_minute_that_the_file_calls_good_is_found(hour: Told) -> None:
    def change(body: Body) -> None:
        body["minutes"].pop(0)
        body["states"] = [["good", None, 20]]

    done = hour.recomputed(document=hour.changed(change))
    [one] = [one for one in done.differing if one.minute == "2026-08-31T19:01:00Z"]
    assert one.differences == (
        "state is down by the records and good in the file",
        "it is not listed among the file's minutes",
    )


def test_what_is_no_longer_what_was_sealed_is_told(hour: Told) -> None:
    document = hour.document.replace(b'"service":"sms"', b'"service":"voice"')
    assert not read_evidence(document, "f", read_policies()).sealed
    assert read_evidence(hour.document, "f", read_policies()).sealed


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.update(document="statement"),
        lambda body: body.update(format=1),
        lambda body: body.update(to="yesterday"),
        lambda body: body.update(service="fax"),
        lambda body: body.pop("minutes"),
        lambda body: body["digests"].pop(),
        lambda body: body["states"].append(["good", None, 10**12]),
        lambda body: body["minutes"][0]["records"][0]["listed"][0].pop(),
        lambda body: body["minutes"][0]["reasons"][0].pop("of"),
        lambda body: body["policies"][0].update(policy="none"),
    ],
)
def test_what_is_no_evidence_file_is_refused_in_one_line(hour: Told, change: Callable[[Body], object]) -> None:
    with pytest.raises(ZectoError, match=r"f\.json is no evidence file that can be read here") as refused:
        hour.recomputed(document=hour.changed(change))
    assert "\n" not in str(refused.value)


def test_a_file_made_by_other_rules_is_refused(hour: Told) -> None:
    def change(body: Body) -> None:
        body["policies"][0]["sha256"] = body["codes_sha256"]["http_status"] = "0"

    with pytest.raises(ZectoError, match=r"another version of policy zecto-1\.0, table http_status than"):
        hour.recomputed(document=hour.changed(change))
