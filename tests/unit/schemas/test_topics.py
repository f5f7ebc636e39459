import pytest

from schemas.dead_letter import DeadLetter
from schemas.raw_value import MAX_BYTES
from schemas.reference import input_topics, topics
from schemas.topics import TopicsError, parse_topics
from schemas.violations import Reason
from tests.dead_letter_headers import read_headers

DEFAULTS = '[defaults]\nreplication_factor = 1\ntimestamp_type = "LogAppendTime"\n'
TOPIC = (
    '[topics."t"]\ndirection = "in"\nrecord = "probe"\nkey = "k"\npartitions = 1\nretention = "35d"\nmax_bytes = 9\n'
)


def test_b5_every_topic_is_stamped_by_the_broker() -> None:
    assert {topic.timestamp_type for topic in topics()} == {"LogAppendTime"}


def test_dead_letters_take_whatever_an_input_takes() -> None:
    largest = {topic.name: topic.max_bytes for topic in topics()}
    assert largest["sla.dead-letters"] > max(topic.max_bytes for topic in input_topics()) > MAX_BYTES


def test_minutes_are_compacted_and_requests_outlive_a_month() -> None:
    by_name = {topic.name: topic for topic in topics()}
    assert by_name["sla.minutes"].compact
    assert by_name["sla.minutes"].retention_ms is None
    assert by_name["api.requests"].retention_ms == 35 * 86_400_000
    assert by_name["sla.claims"].retention_ms is None
    assert not by_name["sla.claims"].compact


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (DEFAULTS + TOPIC.replace("35d", "35"), "t: retention '35'"),
        (DEFAULTS + TOPIC.replace("35d", "0d"), "retention"),
        (DEFAULTS + TOPIC.replace('key = "k"\n', ""), "t: .*`key`"),
        (DEFAULTS + TOPIC + "color = 1\n", "t: .*`color`"),
        (DEFAULTS + TOPIC.replace('"in"', '"up"'), "t: .*'up'"),
        (DEFAULTS + TOPIC.replace("partitions = 1", "partitions = 0"), "t: .*partitions"),
        (TOPIC, "defaults"),
        ("[", "f.toml"),
    ],
)
def test_a_bad_topic_is_refused_by_name(text: str, message: str) -> None:
    with pytest.raises(TopicsError, match=message):
        parse_topics(text, "f.toml")


def test_a_dead_letters_headers_read_back() -> None:
    dead_letter = DeadLetter(
        topic="probes", partition=3, offset=2**40, timestamp_ms=7, reason=Reason.NOT_JSON, path="$.fees.sms"
    )
    assert dict(dead_letter.headers())["offset"] == b"1099511627776"
    assert read_headers([*dead_letter.headers(), ("traceparent", b"\xff")]) == dead_letter
    with pytest.raises(ValueError, match="reason"):
        read_headers([("reason", b"?"), *dead_letter.headers()[:4], ("path", b"$")])
