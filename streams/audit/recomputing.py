"""The minutes of an evidence file, recomputed from raw records, and held against what it claims."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

import xxhash

from streams.audit.claimed import EvidenceClaims
from streams.audit.codes import Codes, read_codes
from streams.audit.collecting import collect
from streams.audit.counting import know
from streams.audit.differing import differences
from streams.audit.explaining import MinuteExplainer, explainer_of, name_reason
from streams.audit.instants import instant_text, minute_text, read_any_instant
from streams.audit.judging import judge
from streams.audit.kept import AuditRecords, Place
from streams.audit.policy import AuditSpan
from streams.audit.reading import Progress, Raw, Source, known_before
from streams.audit.seen import Seen
from streams.audit.verdicts import DOWN, EXCLUDED

_NAMED_MAX: Final = 20
_INSTANTS: Final = ("start", "end", "announced_at", "known_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A minute, its state by the records, and where the file says otherwise: records first, then numbers."""

    minute: str
    state: str
    kind: str | None
    differences: tuple[str, ...]


@dataclass(slots=True)
class Recomputed:
    """Every minute that either side holds to be bad or excluded, and every other one that differs, in time order."""

    minutes: list[Compared] = field(default_factory=list)
    records: int = 0

    @property
    def differing(self) -> list[Compared]:
        """Those on which the two part."""
        return [one for one in self.minutes if one.differences]


@dataclass(slots=True)
class _Watch:
    """Notes content and broker timestamp of the records at the places that the file names, as they go by.

    A topic that was created anew begins its offsets again, so that archives may hold two records of one place.
    """

    wanted: frozenset[Place]
    seen: dict[Place, dict[str, str]] = field(default_factory=dict)

    def over(self, source: Source) -> Source:
        return replace(source, records=lambda: self._note(source))

    def _note(self, source: Source) -> Iterator[Raw]:
        for raw in source.records():
            place = (raw.topic, raw.partition, raw.offset)
            if place in self.wanted:
                content = _hex(xxhash.xxh3_64_intdigest(raw.value or b""))
                self.seen.setdefault(place, {})[content] = instant_text(raw.timestamp_ms)
            yield raw


def recompute(claimed: EvidenceClaims, source: Source, progress: Progress) -> Recomputed:
    """Judge the window's minutes from the records known before the file's cut; what was lost unread, the file says."""
    done, codes = Recomputed(), read_codes()
    for span in claimed.spans:
        comparison = _Comparison(claimed, source, span, codes, progress)
        first, end = max(span.first, claimed.first), min(span.end, claimed.end)
        done.minutes += [found for minute in range(first, end) if (found := comparison.of(minute))]
        done.records = sum(comparison.records_of_month.read.values())
    return done


class _Comparison:
    """One month of the file beside the same month of the records."""

    def __init__(
        self, claimed: EvidenceClaims, source: Source, span: AuditSpan, codes: Codes, progress: Progress
    ) -> None:
        self._claimed = claimed
        self._watch = _Watch(frozenset(place for place, _ in claimed.places()))
        # an archive may begin later than reading did: what nobody had read, the file says
        whole = self._watch.over(known_before(replace(source, starts={}, lost=claimed.lost), claimed.cut_ms))
        self.records_of_month: AuditRecords = collect(
            whole, span.policy, codes, as_of_ms=claimed.cut_ms, progress=progress
        )
        known = know(self.records_of_month, span, Seen(clock_ms=claimed.cut_ms))
        judged = judge(known, span.policy, span.first, span.end)
        self._explainer: MinuteExplainer = explainer_of(claimed.service, judged, self.records_of_month)

    def of(self, minute: int) -> Compared | None:
        """The minute, if it is listed or should be, or differs."""
        state, kind = self._explainer.state(minute)
        found = tuple(dict.fromkeys(self._differences(minute)))
        if not found and state not in (DOWN, EXCLUDED):
            return None
        return Compared(minute=minute_text(minute), state=state, kind=kind, differences=found)

    def _differences(self, minute: int) -> Iterator[str]:
        claim = self._claimed.minutes.get(minute)
        if claim is not None:
            yield from self._of_samples(claim)
            yield from self._of_records(minute, claim)
        yield from self._of_digest(minute)
        number = minute - self._claimed.first
        for name, here, there in zip(
            ("state", "kind"), self._explainer.state(minute), self._claimed.states[number], strict=True
        ):
            if here != there:
                yield f"{name} is {_word(here)} by the records and {_word(there)} in the file"
        if claim is not None:
            yield from self._of_numbers(minute, claim)
        elif self._explainer.state(minute)[0] in (DOWN, EXCLUDED):
            yield "it is not listed among the file's minutes"

    def _of_samples(self, claim: dict[str, Any]) -> Iterator[str]:
        for reason in claim["reasons"]:
            for sample in reason["samples"]:
                place = (sample["topic"], sample["partition"], sample["offset"])
                yield from self._of_place(place, sample["content"])
                timestamp = self._watch.seen.get(place, {}).get(sample["content"])
                if timestamp and timestamp != _instant(sample["timestamp"]):
                    yield f"{_name(place)} was stamped {timestamp}, and {sample['timestamp']} in the file"

    def _of_records(self, minute: int, claim: dict[str, Any]) -> Iterator[str]:
        """By topic: records of the file that are not there, and records that are there and not in the file."""
        contents = self._explainer.contents(minute)
        claims = {claimed["topic"]: claimed for claimed in claim["records"]}
        for topic in sorted({*contents, *claims}):
            here, claimed = contents.get(topic, []), claims.get(topic, {"records": 0, "digest": _hex(0), "listed": []})
            if (len(here), _hex(sum(here))) == (claimed["records"], claimed["digest"]):
                continue
            for content, partition, offset in claimed["listed"]:
                yield from self._of_place((topic, partition, offset), content)
            both = _set(len(here), _hex(sum(here))), _set(claimed["records"], claimed["digest"])
            yield f"{topic}: {both[0]} here, {both[1]} in the file"
            yield from self._strangers(minute, topic, {(topic, *claimed_of[1:]) for claimed_of in claimed["listed"]})

    def _of_place(self, place: Place, content: str) -> Iterator[str]:
        here = self._watch.seen.get(place, {})
        if not here:
            yield f"{_name(place)} is not in the archive"
        elif content not in here:
            found = " and ".join(sorted(here))
            yield f"{_name(place)} is another record: its content is {found} here and {content} in the file"

    def _of_digest(self, minute: int) -> Iterator[str]:
        """The minute's digest over all topics; of one that is not listed, the records here that it could be."""
        contents = [content for found in self._explainer.contents(minute).values() for content in found]
        here, there = _hex(sum(contents)) if contents else "", self._claimed.digests[minute - self._claimed.first]
        if here != there:
            yield f"the digest of its records is {here or 'none'} here and {there or 'none'} in the file"
            if minute not in self._claimed.minutes:
                yield from self._strangers(minute, "", set())

    def _strangers(self, minute: int, topic: str, known: set[Place]) -> Iterator[str]:
        """Records of the archive for the minute that the file does not name."""
        there = set(self.records_of_month.places.get((self._claimed.service, minute), ()))
        found = sorted(place for place in there - known if place[0] == topic or not topic)
        if found:
            more = f" and {len(found) - _NAMED_MAX:,} more" if len(found) > _NAMED_MAX else ""
            yield f"records here that the file does not name: {', '.join(map(_name, found[:_NAMED_MAX]))}{more}"

    def _of_numbers(self, minute: int, claim: dict[str, Any]) -> Iterator[str]:
        here = self._explainer.describe(minute)
        for one in differences(here, _comparable(claim, here), ""):
            if one.path not in ("state", "kind"):
                yield f"{one.path} is {_word(one.audited)} by the records and {_word(one.pipeline)} in the file"


def _comparable(claim: dict[str, Any], here: dict[str, Any]) -> dict[str, Any]:
    """A minute of the file in the shape of one recomputed."""
    claimed = {name: claim.get(name) for name in here}
    claimed["reasons"] = {
        name_reason(one["of"], one["outcome"], one["reason"]): {
            "identities": one["identities"],
            "clause": one["clause"],
        }
        for one in claim["reasons"]
    }
    claimed["windows"] = {
        one["declaration_id"]: {
            **{name: value for name, value in one.items() if name not in ("declaration_id", "partition", "offset")},
            **{name: _instant(one[name]) for name in _INSTANTS},
        }
        for one in claim["windows"]
    }
    return claimed


def _instant(claimed: str) -> str:
    instant_ms = read_any_instant(claimed)
    return claimed if instant_ms is None else instant_text(instant_ms)


def _name(place: Place) -> str:
    topic, partition, offset = place
    return f"{topic}/{partition}@{offset}"


def _set(records: int, digest: str) -> str:
    return f"{records:,} distinct record{'' if records == 1 else 's'} of digest {digest}"


def _word(value: object) -> str:
    return "none" if value is None else json.dumps(value, ensure_ascii=False).replace('"', "")


def _hex(number: int) -> str:
    return f"{number % (1 << 64):016x}"
