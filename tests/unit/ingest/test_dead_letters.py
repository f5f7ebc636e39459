"""B3: what cannot be read of a record costs as little as it must, and is placed where it can be."""

from streams.rules.classify import Outcome
from streams.rules.identity import content_hash, dead_letter_hash, identity_key
from tests.unit.ingest.making import record, rows, stored


def test_b3_a_dead_letter_keeps_what_is_readable_of_it() -> None:
    made = stored("api.requests", record("api.requests", status="no", source="gw-9"), b"{")
    readable, unreadable = made.tables["dead_letters"].to_pylist()
    assert (readable["service"], readable["minute"], readable["source"]) == ("sms", 1_788_263_940, "gw-9")
    assert (readable["identity"], readable["record_id"], readable["account_id"]) == (identity_key("r-1"), "r-1", "a-1")
    assert (unreadable["service"], unreadable["minute"], unreadable["source"]) == ("", None, "")
    assert (unreadable["identity"], unreadable["record_id"], unreadable["account_id"]) == (None, "", "")
    assert made.row.touched.minutes.tolist() == []


def test_b3_each_element_of_an_array_is_a_row() -> None:
    element = record("carrier.receipts", part=2, state="sent")
    value = b"[" + element + b"," + element + b",7]"
    made = stored("carrier.receipts", value, b"[]", record("carrier.receipts"))
    found = made.tables["dead_letters"].to_pylist()
    assert [(row["offset"], row["element"], row["service"]) for row in found] == [
        (0, 0, "voice"),
        (0, 1, "voice"),
        (0, 2, ""),
        (1, 0, ""),
    ]
    assert [row["identity"] for row in found] == [identity_key("m-1", 2)] * 2 + [None] * 2
    assert {row["content"] for row in found[:3]} == {dead_letter_hash(value)}
    assert [row["excerpt"] for row in found] == [value, b"", b"", b"[]"]
    assert [(letter.offset, letter.value) for letter in made.dead_letters] == [(0, value), (1, b"[]")]
    assert (made.row.dead_letters, len(made.row.touched)) == (2, 1)


def test_i1_long_ids_of_dead_letters_are_kept_as_hashes() -> None:
    value = record("api.requests", request_id="x" * 129, account_id="y" * 65, status="no")
    (row,) = stored("api.requests", value).tables["dead_letters"].to_pylist()
    assert (row["identity"], row["record_id"]) == (identity_key("x" * 129), identity_key("x" * 129).hex())
    assert row["account_id"] == identity_key("y" * 65).hex()


def test_b3_an_unreadable_optional_field_is_named_and_left_out() -> None:
    values = [record("api.requests", request_id=f"r-{number}") for number in range(2_100)]
    values[1_500] = record("api.requests", status=500, error="internal_error", route="x" * 201, duration_ms=-1)
    made = stored("api.requests", *values)
    mended = [row for row in rows(made, "api.requests") if row["mended"]]
    assert [(row["offset"], row["mended"], row["route"]) for row in mended] == [(1_500, "duration_ms,route", "x" * 200)]
    assert (mended[0]["outcome"], mended[0]["duration_us"]) == (Outcome.PLATFORM, None)
    assert (made.row.records, made.row.dead_letters, made.row.digest) == (
        2_100,
        0,
        sum(content_hash(value) for value in values) % 2**64,
    )
    assert len(made.row.touched) == 1


def test_b3_a_mended_manifest_says_so() -> None:
    good, mended = record("telemetry.manifests", final=True), record("telemetry.manifests", source="s" * 65)
    found = rows(stored("telemetry.manifests", good, mended), "telemetry.manifests")
    assert [(row["final"], row["mended"], row["source"]) for row in found] == [
        (True, "", "gw-1"),
        (False, "source", "s" * 64),
    ]
