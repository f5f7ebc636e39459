"""How clients reach the broker, from `Settings` alone: one function for librdkafka, one for aiokafka.

SASL is used over TLS. In cleartext it is refused, but for a broker at a loopback address: no network carries its bytes.
"""

from typing import Any

from aiokafka.helpers import create_ssl_context

from streams.core.errors import Code, UsageError, ZectoError
from streams.core.settings import Settings


def client_config(settings: Settings) -> dict[str, str | int | bool]:
    """The connection part of a librdkafka configuration.

    Raises:
        UsageError: SASL without a user name, or in cleartext to another machine.
    """
    _refuse_unfit(settings)
    config: dict[str, str | int | bool] = {
        "bootstrap.servers": settings.kafka_bootstrap,
        "security.protocol": settings.kafka_security_protocol,
    }
    if settings.kafka_ca_file:
        config["ssl.ca.location"] = settings.kafka_ca_file
    if settings.kafka_wants_password:
        config["sasl.mechanism"] = settings.kafka_sasl_mechanism
        config["sasl.username"] = settings.kafka_sasl_username
        config["sasl.password"] = settings.kafka_sasl_password.get_secret_value()
    return config


def aiokafka_config(settings: Settings) -> dict[str, Any]:
    """The connection arguments of an aiokafka client.

    Raises:
        UsageError: SASL without a user name, or in cleartext to another machine.
        ZectoError: the file of the certificate authority cannot be read.
    """
    _refuse_unfit(settings)
    config: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_bootstrap.split(","),
        "security_protocol": settings.kafka_security_protocol,
    }
    if settings.kafka_security_protocol in ("SSL", "SASL_SSL"):
        try:
            config["ssl_context"] = create_ssl_context(cafile=settings.kafka_ca_file or None)
        except OSError as error:
            raise ZectoError(
                f"{settings.kafka_ca_file} is no readable PEM file ({error})",
                hint="set ZECTO_KAFKA_CA_FILE",
                code=Code.SETTING_UNUSABLE,
            ) from error
    if settings.kafka_wants_password:
        config["sasl_mechanism"] = settings.kafka_sasl_mechanism
        config["sasl_plain_username"] = settings.kafka_sasl_username
        config["sasl_plain_password"] = settings.kafka_sasl_password.get_secret_value()
    return config


def _refuse_unfit(settings: Settings) -> None:
    protocol = settings.kafka_security_protocol
    if settings.kafka_wants_password and not settings.kafka_sasl_username:
        raise UsageError(f"{protocol} needs a user name: set ZECTO_KAFKA_SASL_USERNAME and ZECTO_KAFKA_SASL_PASSWORD")
    if protocol == "PLAINTEXT" and settings.kafka_sasl_username:
        raise UsageError(
            "a password never travels in cleartext: set ZECTO_KAFKA_SECURITY_PROTOCOL=SASL_SSL "
            "or take ZECTO_KAFKA_SASL_USERNAME away"
        )
    if protocol == "SASL_PLAINTEXT" and not settings.kafka_is_here:
        raise UsageError(
            f"a password never travels in cleartext, and {settings.kafka_bootstrap} is not all on this machine: "
            "set ZECTO_KAFKA_SECURITY_PROTOCOL=SASL_SSL"
        )
