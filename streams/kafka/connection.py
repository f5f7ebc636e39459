"""How clients of librdkafka reach the broker: from `Settings` alone."""

from streams.errors import UsageError
from streams.settings import Settings


def client_config(settings: Settings) -> dict[str, str | int | bool]:
    """The connection part of a librdkafka configuration; SASL goes over TLS only, cleartext SASL cannot be said.

    Raises:
        UsageError: SASL_SSL without a user name.
    """
    config: dict[str, str | int | bool] = {
        "bootstrap.servers": settings.kafka_bootstrap,
        "security.protocol": settings.kafka_security_protocol,
    }
    if settings.kafka_ca_file:
        config["ssl.ca.location"] = settings.kafka_ca_file
    if settings.kafka_security_protocol == "SASL_SSL":
        if not settings.kafka_sasl_username:
            raise UsageError("SASL_SSL needs a user name: set ZECTO_KAFKA_SASL_USERNAME and ZECTO_KAFKA_SASL_PASSWORD")
        config["sasl.mechanism"] = settings.kafka_sasl_mechanism
        config["sasl.username"] = settings.kafka_sasl_username
        config["sasl.password"] = settings.kafka_sasl_password.get_secret_value()
    return config
