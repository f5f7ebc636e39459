"""What a client said before time was up is the cause that is told."""

from confluent_kafka import KafkaError, KafkaException

from streams.core.errors import Code
from streams.kafka.errors import Heard, error_code, unanswered

_TIME_UP = KafkaException(KafkaError(KafkaError._TRANSPORT))
_REFUSED = KafkaError(KafkaError._AUTHENTICATION)


class _Client:
    def __init__(self, heard: Heard, *errors: KafkaError) -> None:
        self._heard, self._errors = heard, errors

    def poll(self, _timeout_s: float) -> None:
        for error in self._errors:
            self._heard(error)


def test_a_refusal_is_told_and_not_that_nobody_answers() -> None:
    heard = Heard()
    client = _Client(heard, _REFUSED, KafkaError(KafkaError._ALL_BROKERS_DOWN), KafkaError(KafkaError._TRANSPORT))
    told = unanswered(heard.cause_of(_TIME_UP, client), "b:1")
    assert (told.code, told.message.startswith("the broker at b:1 refuses")) == (Code.BROKER_REFUSES, True)


def test_without_a_word_the_error_itself_is_told() -> None:
    heard = Heard()
    assert heard.cause_of(_TIME_UP, _Client(heard)) is _TIME_UP


def test_an_error_that_says_why_is_told() -> None:
    heard, missing = Heard(), KafkaException(KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART))
    assert error_code(heard.cause_of(missing, _Client(heard, _REFUSED))) == KafkaError.UNKNOWN_TOPIC_OR_PART
