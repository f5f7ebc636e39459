"""Documents: one text for one content, columns that come back whole, differences that add up, the order of the log."""

import hashlib
import json
from collections.abc import Sequence
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.closing import Closing, EndOffset
from schemas.instants import format_instant
from streams.core.canonical_json import canonical_json, seal
from streams.months.month import BackdatedAccount, OutOfScope
from streams.statements.content import LedgerDigest, StatementContent
from streams.statements.difference import difference, is_changed
from streams.statements.log import effective, encode_closing, read_closing
from streams.statements.packed_columns import pack, unpack
from tests.unit.months import told

_SHA: Final = "0" * 64
_JSON: Final = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=20,
)


@given(_JSON)
def test_a_content_has_one_text_whatever_its_key_order(content: object) -> None:
    text = canonical_json(content)
    assert canonical_json(json.loads(text)) == text
    assert json.loads(text) == content


@pytest.mark.parametrize("content", [1.0, [1, 2.5], {"a": {"b": (0.1,)}}])
def test_a_float_has_no_place_in_a_document(content: object) -> None:
    with pytest.raises(TypeError, match="float"):
        canonical_json(content)


def test_a_document_proves_itself_as_its_page_says() -> None:
    document = json.loads(seal({"b": "ü", "a": [1, {"z": None}]}))
    text = json.dumps(document["body"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert document["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert seal({"a": 1}).endswith(b"\n")


@given(st.lists(st.integers(0, 3)))
def test_a_column_comes_back_as_it_was(column: list[int]) -> None:
    packed = pack(column)
    assert unpack(packed) == column
    assert pack(unpack(packed)) == packed


def test_three_equal_values_are_a_run_and_two_are_not() -> None:
    assert pack([5, 5, 7, 7, 7, 0]) == [5, 5, [7, 3], 0]


@given(st.integers(0, 9), st.integers(0, 9), st.dictionaries(st.sampled_from(["ddos", "dns"]), st.integers(1, 9)))
def test_before_and_difference_add_up_to_after(before: int, after: int, kinds: dict[str, int]) -> None:
    was, has_become = (
        msgspec.to_builtins(told.service(down_minutes=down, excluded_minutes=excluded))
        for down, excluded in ((before, {}), (after, kinds))
    )
    found = difference(was, has_become)
    assert before + found.get("down_minutes", 0) == after
    assert found.get("excluded_minutes", {}) == kinds
    assert set(found) <= {"down_minutes", "excluded_minutes"}
    assert difference(has_become, has_become) == {}


def test_a_difference_holds_objects_and_no_texts() -> None:
    was = msgspec.to_builtins(told.service(out_of_scope=OutOfScope(ok=1, failed=4), mended_records={"region": 2}))
    has_become = msgspec.to_builtins(told.unobserved())
    found = difference(was, has_become)
    assert (found["out_of_scope"], found["mended_records"]) == ({"ok": -1, "failed": -4}, {"region": -2})
    assert not {"uptime", "unobserved", "source_completeness"} & set(found)


def test_records_of_accounts_alone_amend_nothing() -> None:
    late = BackdatedAccount(account_id="a", revision=1, effective_from="2026-09-01T00:00:00Z")
    known = [
        StatementContent(month=told.month(**fields), minutes={}, ledger=LedgerDigest(records=0, digest=0))
        for fields in ({}, {"account_backdated": [late]}, {"platform": told.platform(down_minutes=1)})
    ]
    assert [is_changed(known[0], one) for one in known] == [False, False, True]


def _closing(number: int, cut_ms: int, *, sha256: str = _SHA, month: str = "2026-09", policy: str = "p") -> bytes:
    closing = Closing(
        month=month,
        policy=policy,
        number=number,
        cut=format_instant(cut_ms),
        end_offsets=[],
        format=1,
        policy_sha256=_SHA,
        codes_sha256={},
        sha256=sha256,
    )
    return msgspec.json.encode(closing)


def _stand(*values: bytes | None) -> Sequence[tuple[int, str]]:
    return [(one.number, one.cut) for one in effective(values, month="2026-09", policy="p")]


A, B = 1_790_000_000_000, 1_790_000_000_001


@given(st.text(min_size=1), st.dictionaries(st.text(), st.just(_SHA)))
def test_a_closing_is_written_as_canonical_json(topic: str, codes: dict[str, str]) -> None:
    offsets = [EndOffset(topic=topic, topic_id=topic, partition=0, offset=7)]
    closing = read_closing(_closing(0, A))
    assert closing is not None
    closing = msgspec.structs.replace(closing, end_offsets=offsets, codes_sha256=codes)
    assert encode_closing(closing) == canonical_json(msgspec.to_builtins(closing))


def test_the_first_closing_of_a_number_stands() -> None:
    assert _stand(_closing(0, B), _closing(0, A)) == [(0, format_instant(B))]
    assert _stand(_closing(0, A), _closing(0, B), _closing(1, B), _closing(1, B + 1)) == [
        (0, format_instant(A)),
        (1, format_instant(B)),
    ]


def test_a_number_out_of_turn_does_not_stand() -> None:
    assert _stand(_closing(1, A), _closing(2, A)) == []
    assert _stand(_closing(0, A), _closing(2, B)) == [(0, format_instant(A))]
    assert _stand(_closing(0, B), _closing(1, B), _closing(1, A)) == [(0, format_instant(B))]


def test_other_months_policies_and_non_closings_are_passed_over() -> None:
    others = (_closing(0, A, month="2026-08"), _closing(0, A, policy="q"))
    assert _stand(None, b"", b"{}", b'{"cut": 1}', *others, _closing(0, B)) == [(0, format_instant(B))]


def test_a_closing_without_an_offset_in_its_cut_is_none() -> None:
    broken = _closing(0, A).replace(b"Z", b"", 1)
    assert read_closing(broken) is None
    assert read_closing(_closing(0, A)) is not None
