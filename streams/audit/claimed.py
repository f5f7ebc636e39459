"""An evidence file as its reader meets it: what it claims, and whether it still is what was sealed."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from streams.audit.codes import table_hashes
from streams.audit.instants import MINUTE_MS, read_any_instant
from streams.audit.kept import Place
from streams.audit.known import LostSpan
from streams.audit.policy import AuditPolicy, AuditSpan, policy_hashes, span_of
from streams.audit.records import SERVICES
from streams.core.errors import Code, ZectoError

_FORMAT: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceClaims:
    """A file's claims on the minutes [first, end) of a service, since the epoch, in these months.

    `minutes` are those listed in full, by minute; `states` has (state, kind) and `digests` the digest of every minute.
    `sealed` is false where the body is no longer the one that was hashed.
    """

    name: str
    service: str
    first: int
    end: int
    cut_ms: int
    spans: list[AuditSpan]
    lost: list[LostSpan]
    states: list[tuple[str, str | None]]
    digests: list[str]
    minutes: dict[int, dict[str, Any]]
    sealed: bool

    def places(self) -> Iterator[tuple[Place, str]]:
        """Every record that it names: where it is, and its content."""
        for entry in self.minutes.values():
            for topic in entry["records"]:
                for content, partition, offset in topic["listed"]:
                    yield (topic["topic"], partition, offset), content
            for reason in entry["reasons"]:
                for sample in reason["samples"]:
                    yield (sample["topic"], sample["partition"], sample["offset"]), sample["content"]


def read_evidence(entry: bytes, name: str, policies: list[AuditPolicy]) -> EvidenceClaims:
    """What a file claims.

    Raises:
        ZectoError: it is no evidence file, or was made with a policy or a code table that is another here.
    """
    try:
        document = json.loads(entry, parse_float=_no_float, parse_constant=_no_float)
        body = document["body"]
        claimed = _claimed(name, body, policies, sealed=document["sha256"] == _sha256(body))
        others = _other_versions(body)
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        why = f"{error}" if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        raise ZectoError(
            f"{name} is no evidence file that can be read here ({why})", code=Code.AUDIT_INPUT_UNUSABLE
        ) from error
    if others:
        raise ZectoError(
            f"{name} was made with another version of {', '.join(others)} than is installed here: "
            "recompute it with the version of zecto-sla that made it",
            code=Code.AUDIT_INPUT_UNUSABLE,
        )
    return claimed


def _claimed(name: str, body: dict[str, Any], policies: list[AuditPolicy], *, sealed: bool) -> EvidenceClaims:
    if (body["document"], body["format"]) != ("evidence", _FORMAT):
        raise ValueError("another document, or of another format")
    by_id = {policy.policy_id: policy for policy in policies}
    first, end = _ms(body["from"]) // MINUTE_MS, _ms(body["to"]) // MINUTE_MS
    lengths = [length for _, _, length in body["states"]]
    if any(type(length) is not int or length < 1 for length in lengths):
        raise ValueError("a run of states has no length")
    total = sum(lengths)
    if body["service"] not in SERVICES or not total == len(body["digests"]) == end - first > 0:
        raise ValueError("its states or digests are not one a minute of a service")
    return EvidenceClaims(
        name=name,
        service=body["service"],
        first=first,
        end=end,
        cut_ms=_ms(body["cut"]),
        spans=[span_of(entry["month"], by_id[entry["policy"]]) for entry in body["policies"]],
        lost=[_lost(entry) for entry in body["lost"]],
        states=[(state, kind) for state, kind, length in body["states"] for _ in range(length)],
        digests=body["digests"],
        minutes={_ms(entry["minute"]) // MINUTE_MS: _whole(entry) for entry in body["minutes"]},
        sealed=sealed,
    )


def _lost(entry: dict[str, Any]) -> LostSpan:
    last_read, frontier = entry["last_read"], entry["frontier"]
    return LostSpan(
        topic=entry["topic"],
        last_read_ms=None if last_read is None else _ms(last_read),
        until_ms=_ms(entry["first_after"]),
        frontier_ms=None if frontier is None else _ms(frontier),
    )


def _whole(entry: dict[str, Any]) -> dict[str, Any]:
    """A listed minute that has what it is compared by."""
    for topic in entry["records"]:
        _has(topic, "topic", "records", "digest")
        for content, partition, offset in topic["listed"]:
            _is_place(topic["topic"], partition, offset, content)
    for reason in entry["reasons"]:
        _has(reason, "of", "outcome", "reason", "clause", "identities")
        for sample in reason["samples"]:
            _is_place(sample["topic"], sample["partition"], sample["offset"], sample["content"])
            _ms(sample["timestamp"])
    for window in entry["windows"]:
        _has(window, "declaration_id")
        for name in ("start", "end", "announced_at", "known_at"):
            _ms(window[name])
    return entry


def _has(entry: dict[str, Any], *names: str) -> None:
    for name in names:
        entry[name]


def _is_place(topic: object, partition: object, offset: object, content: object) -> None:
    if not (type(topic) is type(content) is str and type(partition) is type(offset) is int):
        raise ValueError(f"{topic}/{partition}@{offset} with content {content} is no record")


def _other_versions(body: dict[str, Any]) -> list[str]:
    """Whoever recomputes with other rules computes something else."""
    policies, tables = policy_hashes(), table_hashes()
    others = [f"policy {entry['policy']}" for entry in body["policies"] if entry["sha256"] != policies[entry["policy"]]]
    claimed = body["codes_sha256"]
    tables_differ = [table for table in sorted({*tables, *claimed}) if tables.get(table) != claimed.get(table)]
    return others + [f"table {table}" for table in tables_differ]


def _sha256(body: object) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _ms(entry: object) -> int:
    instant_ms = read_any_instant(entry)
    if instant_ms is None:
        raise ValueError(f"{entry!r} is no instant")
    return instant_ms


def _no_float(entry: str) -> NoReturn:
    raise ValueError(f"{entry} is no whole number")
