"""Kafka's errors are told apart by their codes, whatever their words."""

import pytest
from confluent_kafka import KafkaError, KafkaException

from streams.core.errors import Code
from streams.kafka.errors import describe, error_code, unanswered, untaken

_WORDS = "Broker: in whatever language.\nand more"


def _raised(code: int) -> KafkaException:
    return KafkaException(KafkaError(code, _WORDS))


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (KafkaError._TRANSPORT, Code.BROKER_UNREACHABLE),
        (KafkaError._ALL_BROKERS_DOWN, Code.BROKER_UNREACHABLE),
        (KafkaError.REQUEST_TIMED_OUT, Code.BROKER_UNREACHABLE),
        (KafkaError._AUTHENTICATION, Code.BROKER_REFUSES),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, Code.BROKER_REFUSES),
    ],
)
def test_a_refusal_is_no_absence(number: int, code: Code) -> None:
    assert unanswered(_raised(number), "kafka:9092").code is code


def test_a_question_out_of_time_is_an_absence() -> None:
    error = unanswered(TimeoutError(), "kafka:9092")
    assert error.code is Code.BROKER_UNREACHABLE
    assert error.message == "no Kafka broker answers at kafka:9092 (TimeoutError)"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (KafkaError.MSG_SIZE_TOO_LARGE, Code.RECORD_NOT_TAKEN),
        (KafkaError._UNKNOWN_TOPIC, Code.TOPIC_MISSING),
        (KafkaError.UNKNOWN_TOPIC_OR_PART, Code.TOPIC_MISSING),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, Code.BROKER_REFUSES),
    ],
)
def test_an_untaken_record_says_why_by_code(number: int, code: Code) -> None:
    error = untaken(KafkaError(number, _WORDS), "not taken")
    assert (error.code, str(error)) == (code, "not taken")


def test_words_are_one_line() -> None:
    assert describe(_raised(KafkaError._TRANSPORT)) == "Broker: in whatever language"
    assert describe(ValueError()) == "ValueError"


def test_an_error_of_another_kind_has_no_code() -> None:
    assert error_code(_raised(KafkaError._TRANSPORT)) == KafkaError._TRANSPORT
    assert error_code(ValueError(3)) is None
