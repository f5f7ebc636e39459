"""What went wrong between a Kafka client and its broker, by the code of librdkafka's errors."""

from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException

from streams.core.errors import Code, ZectoError

# Who we are, or what we may do, is refused; all else that keeps a broker from answering is its absence.
_REFUSALS: Final = frozenset(
    {
        KafkaError._AUTHENTICATION,  # noqa: SLF001  its public name
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.SASL_AUTHENTICATION_FAILED,
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
    }
)
_MISSING: Final = frozenset({KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC})  # noqa: SLF001  as above


# The record itself is refused; all else may pass, or must be mended at the broker.
_OF_THE_RECORD: Final = frozenset(
    {
        KafkaError.MSG_SIZE_TOO_LARGE,
        KafkaError.INVALID_MSG,
        KafkaError.INVALID_MSG_SIZE,
        KafkaError.INVALID_RECORD,
        KafkaError.POLICY_VIOLATION,
    }
)


# What a question ends with is often only that time was up; why, the client has said before, to whoever listens.
_OF_TIME: Final = frozenset({KafkaError._TRANSPORT, KafkaError._TIMED_OUT, KafkaError._ALL_BROKERS_DOWN})  # noqa: SLF001


class Heard:
    """What a client said on its way, for its `error_cb`: a refusal rather than what came after it."""

    def __init__(self) -> None:
        self.error: KafkaError | None = None

    def __call__(self, error: KafkaError) -> None:
        """Called by the client, within a call of its `poll`."""
        refused = self.error is not None and self.error.code() in _REFUSALS
        if error.code() != KafkaError._ALL_BROKERS_DOWN and not refused:  # noqa: SLF001  its public name
            self.error = error

    def cause_of(self, error: BaseException, client: Any) -> BaseException:  # noqa: ANN401  the client is untyped
        """Why a question was not answered, as far as the client has said it."""
        client.poll(0)
        if self.error is None or error_code(error) not in (None, *_OF_TIME):
            return error
        cause: BaseException = KafkaException(self.error)
        return cause


class RecordRefusedError(ZectoError):
    """The broker, or its client, refuses this record and would again."""

    usual_code = Code.RECORD_NOT_TAKEN


def kafka_error(error: BaseException) -> KafkaError | None:
    """The client's own error within an exception; None: it has none, as when time was up."""
    detail = error.args[0] if isinstance(error, KafkaException) and error.args else None
    return detail if isinstance(detail, KafkaError) else None


def error_code(error: BaseException) -> int | None:
    """The number of the client's own error; None: it has none."""
    detail = kafka_error(error)
    return None if detail is None else int(detail.code())


def describe(error: BaseException | KafkaError) -> str:
    """The broker's or the client's own words, in one line, for people."""
    detail = error if isinstance(error, KafkaError) else kafka_error(error)
    words = detail.str() if detail else str(error) or type(error).__name__
    return str(words).splitlines()[0].rstrip(".")


def unanswered(error: BaseException, bootstrap: str) -> ZectoError:
    """The error for a question that the broker did not answer: refused, or nobody there."""
    if error_code(error) in _REFUSALS:
        return ZectoError(
            f"the broker at {bootstrap} refuses: {describe(error)}",
            hint="see ZECTO_KAFKA_SASL_USERNAME, its password and its rights",
            code=Code.BROKER_REFUSES,
        )
    return ZectoError(
        f"no Kafka broker answers at {bootstrap} ({describe(error)})",
        hint="start one (zecto-sla up) or set ZECTO_KAFKA_BOOTSTRAP",
        code=Code.BROKER_UNREACHABLE,
    )


def unfit_connection(error: BaseException) -> ZectoError:
    """The error for a client that cannot be made from its settings."""
    return ZectoError(f"the Kafka connection cannot be set up: {describe(error)}", code=Code.SETTING_UNUSABLE)


def untaken(error: KafkaError, message: str) -> ZectoError:
    """The error for a record that was not acknowledged, after the words of whoever sent it."""
    code = Code.RECORD_NOT_TAKEN
    if error.code() in _OF_THE_RECORD:
        return RecordRefusedError(message)
    if error.code() in _REFUSALS:
        code = Code.BROKER_REFUSES
    elif error.code() in _MISSING:
        code = Code.TOPIC_MISSING
    return ZectoError(message, code=code)
