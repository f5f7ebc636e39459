"""I1: what stands for an id in the ledger."""

import pytest

from streams.rules.identity import identity_key, kept_id, unnamed_key
from tests.unit.ingest.making import record, rows, stored


@pytest.mark.parametrize("topic", ["api.requests", "carrier.receipts", "probes"])
def test_i1_the_records_hash_replaces_an_id_naming_nothing(topic: str) -> None:
    name = {"api.requests": "request_id", "carrier.receipts": "message_id", "probes": "probe_id"}[topic]
    outcomes: dict[str, dict[str, object]] = {"api.requests": {"status": 500}, "carrier.receipts": {"state": "failed"}}
    written = ["-", "0", "Null", "NIL", "none", "UNDEFINED", "", " " * 12, "--", "00", "null ", "x"]
    values = [record(topic, **outcomes.get(topic, {}), **{name: record_id}) for record_id in written]
    found = rows(stored(topic, *values), topic)
    assert [row["unnamed"] for row in found] == [True] * 8 + [False] * 4
    for row, value, record_id in zip(found, values, written, strict=True):
        key = unnamed_key(value) if row["unnamed"] else identity_key(record_id)
        assert (row["identity"], row[name]) == (key, key.hex() if row["unnamed"] else record_id)


def test_i1_each_part_of_a_message_is_a_message() -> None:
    values = [record("carrier.receipts", part=part) for part in (None, 1, 2, 255)]
    found = rows(stored("carrier.receipts", *values), "carrier.receipts")
    assert [row["part"] for row in found] == [1, 1, 2, 255]
    assert [row["identity"] for row in found] == [identity_key("m-1", part) for part in (1, 1, 2, 255)]
    assert len({identity_key("m-1", part) for part in (1, 2, 255)}) == 3


def test_i1_an_overlong_id_is_kept_as_its_hash() -> None:
    ids = ["x" * 128, "x" * 129, "y" * 129]
    values = [record("api.requests", request_id=of, account_id=of[:65], status=500) for of in ids]
    found = rows(stored("api.requests", *values, record("api.requests", account_id="z" * 64)), "api.requests")
    assert [row["identity"] for row in found[:3]] == [identity_key(of) for of in ids]
    assert [row["request_id"] for row in found[:3]] == ["x" * 128, *(identity_key(of).hex() for of in ids[1:])]
    assert [row["account_id"] for row in found] == [*(kept_id(of[:65], 64) for of in ids), "z" * 64]
    assert not any(row["mended"] for row in found)


def test_ids_are_kept_whole_unless_the_outcome_is_ok() -> None:
    made = stored("api.requests", record("api.requests"), record("api.requests", request_id="ü-2", status=500))
    assert [row["request_id"] for row in rows(made, "api.requests")] == ["", "ü-2"]


def test_i1_an_id_is_its_letters_as_written() -> None:
    values = [record("carrier.receipts", message_id=record_id) for record_id in ("0123456789ab", "0123456789AB")]
    assert len({row["identity"] for row in rows(stored("carrier.receipts", *values), "carrier.receipts")}) == 2


def test_i1_a_long_blank_id_names_nothing_either() -> None:
    values = [record("probes", probe_id=probe_id) for probe_id in ("p" * 20, " " * 20, "\u00a0" * 128)]
    assert [row["unnamed"] for row in rows(stored("probes", *values), "probes")] == [False, True, True]
