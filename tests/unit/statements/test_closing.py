"""Closing a month by the order of a log: two closers, crashes, late records, other versions, foreign documents."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import msgspec
import pytest

from schemas.closing import Closing, EndOffset
from schemas.fields import SERVICES
from schemas.instants import format_instant
from schemas.reference import policies
from streams.core.canonical_json import sha256_of
from streams.core.errors import ZectoError
from streams.months.incomplete import IncompleteReason
from streams.months.month import ServiceSummary
from streams.rules.month.completeness import OpenCode
from streams.rules.policy import PolicyChoice, apply_policy
from streams.statements.close import Closed, ClosingDependencies, StatementCloser
from streams.statements.content import PLATFORM, LedgerDigest, StatementContent
from streams.statements.document_store import StoredDocument
from streams.statements.log import effective
from streams.statements.packed_columns import COLUMNS, VERDICT_COLUMNS
from streams.statements.versions import FIRST_EDITION, FORMAT, Versions, versions_of
from tests.unit.months import told

CHOICE: Final[PolicyChoice] = apply_policy("2026-09", policies()[0])
CUT_MS: Final = CHOICE.span.end_ms + 10 * 86_400_000
VERSIONS: Final = versions_of(CHOICE.policy.policy_id)


class Crash(BaseException):
    """The process is gone."""


@dataclass
class Stack:
    """A log, a shelf and a ledger that several closers share; `late` are the instants at which a record came late."""

    late: list[int] = field(default_factory=list)
    now_ms: int = CUT_MS
    values: list[bytes] = field(default_factory=list)
    document_store: dict[tuple[str, str, int], list[StoredDocument]] = field(default_factory=dict)
    reasons: list[IncompleteReason] = field(default_factory=list)
    expired: bool = False
    unheld: int = 0
    lost: int = 0
    unobserved: bool = False
    before_propose: Callable[[], None] = lambda: None
    before_put: Callable[[], None] = lambda: None

    # the log
    def read_effective(self, month: str, policy: str) -> Sequence[Closing]:
        return effective(self.values, month=month, policy=policy)

    def propose(self, closing: Closing) -> None:
        self.before_propose()
        self.values.append(msgspec.json.encode(closing))

    # the shelf
    def put(self, stand: Sequence[Closing], number: int, document: bytes) -> None:
        self.before_put()
        closing = stand[number]
        place = (closing.month, closing.policy, number)
        kept = StoredDocument(
            month=closing.month,
            policy=closing.policy,
            number=number,
            sha256=closing.sha256,
            cut=closing.cut,
            document=document,
        )
        if kept not in self.document_store.setdefault(place, []):
            self.document_store[place].append(kept)

    def take(self, month: str, policy: str, number: int) -> Sequence[StoredDocument]:
        return self.document_store.get((month, policy, number), [])

    # the topics
    def at(self, cut_ms: int) -> Sequence[EndOffset]:
        return [EndOffset(topic="api.requests", topic_id="t", partition=0, offset=cut_ms % 1000)]

    # the ledger
    def incomplete_because(self) -> Sequence[IncompleteReason]:
        return self.reasons

    def count_uncounted(self) -> int:
        return 0

    def count_unheld(self) -> int:
        return self.unheld

    def frontier_ms(self) -> int:
        self.now_ms += 1
        return self.now_ms

    def has_expired(self) -> bool:
        return self.expired

    def known(self, cut_ms: int) -> StatementContent:
        assert cut_ms <= self.now_ms, "beyond the frontier nothing is known"
        return _known(10 - self.lost + sum(late < cut_ms for late in self.late), unobserved=self.unobserved)

    def documents(self) -> list[bytes]:
        return [kept.document for place in sorted(self.document_store) for kept in self.document_store[place]]


def _known(down: int, *, unobserved: bool = False) -> StatementContent:
    total = CHOICE.span.total_minutes
    columns = [[0] * total for _ in COLUMNS]
    columns[0][:down] = [1] * down
    quiet = [[3] * total, *([0] * total for _ in COLUMNS[1:])]
    services: dict[str, ServiceSummary] = {"sms": told.service(down_minutes=down)}
    if unobserved:
        services = {service: told.unobserved() for service in SERVICES}
    minutes: dict[str, list[list[int]]] = {service: columns if service == "sms" else quiet for service in SERVICES}
    minutes[PLATFORM] = columns[: len(VERDICT_COLUMNS)]
    month = told.month(services=services, platform=told.platform(down_minutes=down))
    return StatementContent(month=month, minutes=minutes, ledger=LedgerDigest(records=down, digest=down))


def _close(stack: Stack, versions: Versions = VERSIONS, *, unobserved: bool = False) -> list[Closed]:
    around = ClosingDependencies(
        checks=stack,
        log=stack,
        progress=stack,
        input_offsets=stack,
        months=stack,
        documents=stack,
        versions=versions,
    )
    return StatementCloser(CHOICE, around, unobserved=unobserved).close()


def _bytes(closed: Sequence[Closed]) -> list[bytes]:
    return [one.document for one in closed]


def _late(stack: Stack) -> int:
    """A record comes late, and is read."""
    stack.now_ms += 10
    stack.late.append(stack.now_ms)
    stack.now_ms += 10
    return stack.late[-1]


def test_closing_twice_gives_the_same_bytes_and_one_statement() -> None:
    stack = Stack()
    first, again = _close(stack), _close(stack)
    assert _bytes(first) == _bytes(again) == stack.documents()
    assert ([one.is_new for one in first], [one.is_new for one in again]) == ([True], [False])
    assert again[0].is_reproduced
    assert len(stack.values) == 1
    assert first[0].closing.sha256 == sha256_of(first[0].document)


@pytest.mark.parametrize(
    ("topics", "told"),
    [
        (["probes"], "2026-09 is not complete: not read yet: probes/0"),
        (
            ["probes", "accounts"],
            "2026-09 is not complete: not read yet: probes/0; and 1 more, see zecto-sla month 2026-09",
        ),
    ],
)
def test_an_incomplete_month_is_refused_with_a_reason(topics: list[str], told: str) -> None:
    unread = OpenCode.NOT_READ_YET
    stack = Stack(
        reasons=[IncompleteReason(code=unread, topic=topic, partition=0, seen_to=None, until=None) for topic in topics]
    )
    with pytest.raises(ZectoError) as refused:
        _close(stack)
    assert str(refused.value) == told
    assert not stack.values


def test_of_two_closers_at_once_the_first_stands() -> None:
    stack, others = Stack(), list[list[bytes]]()

    def another_was_faster() -> None:
        stack.before_propose = lambda: None
        others.append(_bytes(_close(stack)))

    stack.before_propose = another_was_faster
    mine = _close(stack)
    assert _bytes(mine) == others[0] == stack.documents()
    assert not mine[0].is_new
    assert len(stack.values) == 2


def test_after_a_crash_the_next_closer_makes_the_same_bytes() -> None:
    stack = Stack()

    def crash() -> None:
        stack.before_put = lambda: None
        raise Crash

    stack.before_put = crash
    with pytest.raises(Crash):
        _close(stack)
    assert (len(stack.values), stack.documents()) == (1, [])
    closed = _close(stack)
    assert stack.documents() == _bytes(closed)
    assert (len(stack.values), closed[0].closing.cut) == (1, format_instant(CUT_MS + 1))


def test_what_arrives_later_makes_a_numbered_amendment() -> None:
    stack = Stack()
    (statement,) = _bytes(_close(stack))
    _late(stack)
    closed = _close(stack)
    assert [(one.closing.number, one.is_new) for one in closed] == [(0, False), (1, True)]
    assert closed[0].document == statement
    body = msgspec.json.decode(closed[1].document)["body"]
    assert {name: row["difference"] for name, row in body["services"].items()} == {
        "sms": {"down_minutes": 1},
        "platform": {"down_minutes": 1},
    }
    assert [change[:2] for change in body["minutes"]["changed"]] == [
        ["sms", "2026-08-31T19:10:00Z"],
        ["platform", "2026-08-31T19:10:00Z"],
    ]
    assert body["previous_sha256"] == body["statement_sha256"] == closed[0].closing.sha256

    _late(stack)
    third = _close(stack)
    assert _bytes(third)[:2] == _bytes(closed)
    body = msgspec.json.decode(third[2].document)["body"]
    assert (body["number"], body["previous_sha256"]) == (2, closed[1].closing.sha256)
    assert _bytes(_close(stack)) == _bytes(third) == stack.documents()


def test_what_changes_nothing_makes_no_amendment() -> None:
    stack = Stack()
    _close(stack)
    stack.now_ms += 86_400_000
    assert len(_close(stack)) == 1


def test_a_ledger_that_lost_closed_records_is_found_out() -> None:
    stack = Stack()
    _close(stack)
    stack.lost = 1
    with pytest.raises(ZectoError, match="records were lost from it or brought in behind its back; ClickHouse keeps"):
        _close(stack)


def test_a_document_that_is_not_the_logs_is_found_out() -> None:
    stack = Stack()
    _close(stack)
    (place,) = stack.document_store
    (kept,) = stack.document_store[place]
    stack.document_store[place] = [replace(kept, document=kept.document.replace(b"sms", b"smz"))]
    with pytest.raises(ZectoError, match="tampered"):
        _close(stack)
    stack.document_store[place] = [kept, replace(kept, sha256="0" * 64)]
    with pytest.raises(ZectoError, match="another document as the statement of 2026-09"):
        _close(stack)


def test_i2_a_month_whose_ledger_lost_records_is_not_closed() -> None:
    stack = Stack(unheld=3)
    with pytest.raises(ZectoError, match="3 minutes of 2026-09 count more records than the ledger holds"):
        _close(stack)
    assert not stack.values


def test_of_an_expired_month_what_is_kept_stands() -> None:
    stack = Stack()
    before = _bytes(_close(stack))
    _late(stack)
    stack.expired, stack.lost = True, 10
    closed = _close(stack)
    assert _bytes(closed) == before
    assert not closed[0].is_reproduced


def test_another_file_of_the_same_policy_is_refused() -> None:
    stack = Stack()
    _close(stack)
    with pytest.raises(ZectoError, match=r"another file of policy zecto-1\.0"):
        _close(stack, replace(VERSIONS, policy_sha256="1" * 64))
    with pytest.raises(ZectoError, match="has format 2: this version writes 3"):
        _close(stack, replace(VERSIONS, format=FORMAT + 1))


def test_m2_a_month_without_records_closes_on_demand_only() -> None:
    stack = Stack(unobserved=True)
    with pytest.raises(ZectoError, match=r"nothing was observed of any service in 2026-09.*--unobserved"):
        _close(stack)
    assert not stack.values
    (closed,) = _close(stack, unobserved=True)
    assert msgspec.json.decode(closed.document)["body"]["month"]["services"]["sms"]["uptime"] is None
    assert _bytes(_close(stack)) == [closed.document], "closed once, it is closed"


def test_m2_one_observed_service_is_enough_to_close() -> None:
    assert len(_close(Stack())) == 1


def _of_first_edition(stack: Stack) -> bytes:
    """A statement as the first edition left it in the log and in ClickHouse."""
    document = b'{"body":{"document":"statement","format":1},"sha256":""}\n'
    closing = Closing(
        month="2026-09",
        policy=CHOICE.policy.policy_id,
        number=0,
        cut=format_instant(CUT_MS),
        end_offsets=[],
        format=FIRST_EDITION,
        policy_sha256="1" * 64,
        codes_sha256={},
        sha256=sha256_of(document),
    )
    stack.values.append(msgspec.json.encode(closing))
    stack.put([closing], 0, document)
    return document


def test_what_the_first_edition_closed_keeps_its_bytes() -> None:
    stack = Stack()
    document = _of_first_edition(stack)
    _late(stack)
    (closed,) = _close(stack)
    assert (closed.document, closed.is_first_edition) == (document, True)
    assert (closed.is_new, closed.is_reproduced) == (False, False)
    assert len(stack.values) == 1, "and nothing amends it"


def test_a_lost_statement_of_the_first_edition_is_not_replaced() -> None:
    stack = Stack()
    _of_first_edition(stack)
    stack.document_store.clear()
    with pytest.raises(ZectoError, match="made by the contract's first edition, and ClickHouse does not keep it"):
        _close(stack)
    assert len(stack.values) == 1
