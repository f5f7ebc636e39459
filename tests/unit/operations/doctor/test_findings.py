"""Codes, fields and words of doctor's findings."""

import re
from pathlib import Path

import pytest

from streams.core.errors import Code, ZectoError
from streams.operations.doctor import describe as describing
from streams.operations.doctor import findings
from streams.operations.doctor.codes import FindingCode, Level
from streams.operations.doctor.describe import WORDS, describe, names, to_record
from streams.operations.doctor.findings import found
from streams.operations.doctor.parts import failed


def test_every_code_has_words_and_every_level_fits() -> None:
    assert WORDS.keys() == set(FindingCode)
    asking = {code for code in FindingCode if WORDS[code].to_do}
    assert asking == {code for code in FindingCode if code.level is not Level.OK}


@pytest.mark.parametrize("code", list(FindingCode))
def test_words_name_fields_that_the_code_has(code: FindingCode) -> None:
    words = WORDS[code]
    named = {*names(words.said), *names(words.to_do)}
    assert named - {"details"} <= code.fields.keys()
    assert ("details" in named) == bool(words.each)


def test_every_code_is_found_by_some_check() -> None:
    folder = Path(findings.__file__).parent
    texts = [path.read_text("utf-8") for path in folder.glob("*.py") if path.name not in {"codes.py", "describe.py"}]
    used = {name for text in texts for name in re.findall(r"FindingCode\.(\w+)", text)}
    assert used == set(FindingCode.__members__)


@pytest.mark.parametrize("fields", [{}, {"offsets": "1"}, {"offsets": 1, "more": 2}])
def test_a_finding_has_its_codes_fields_exactly(fields: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="lag has the fields"):
        found(FindingCode.LAG, **fields)


def test_json_carries_code_fields_sentences_and_details() -> None:
    gap = {"topic": "probes", "partition": 0, "first": 3, "next": 7}
    assert to_record(found(FindingCode.GAPS, [gap])) == {
        "check": "coverage",
        "level": "fault",
        "code": "gaps",
        "fields": {},
        "said": "nobody stored probes/0 [3, 7)",
        "to_do": "start the workers again: they read on where the gapless part ends",
        "details": [gap],
    }


def test_an_error_keeps_its_code_and_its_hint() -> None:
    error = ZectoError("no broker answers at h:1; at all", hint="start one", code=Code.BROKER_UNREACHABLE)
    finding = failed(FindingCode.BROKER_UNFIT, error, otherwise="see the log")
    assert finding.fields["error"] == "broker-unreachable"
    assert describe(finding) == describing.Description("no broker answers at h:1; at all", "start one")
    assert (
        describe(failed(FindingCode.BROKER_UNFIT, ZectoError("gone"), otherwise="see the log")).to_do == "see the log"
    )


@pytest.mark.parametrize(("age_ms", "words"), [(119_999, "119 s"), (120_000, "2 min"), (6_000_000_000, "100,000 min")])
def test_ages_are_told_in_seconds_then_in_minutes(age_ms: int, words: str) -> None:
    found_late = found(FindingCode.BLOCKS_LATE, blocks=1_000, oldest_age_ms=age_ms)
    assert describe(found_late).said == f"1,000 blocks stored are not counted yet, the oldest for {words}"


def test_a_topic_never_read_is_read_to_never() -> None:
    stuck = found(FindingCode.FRONTIER_STUCK, topic="probes", frontier=None)
    assert describe(stuck).said == "probes is read to never"
