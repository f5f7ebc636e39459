"""How clients reach the broker: one set of settings for both libraries, and never a password in cleartext."""

import pytest

from streams.audit.kafka import _config as audit_config
from streams.core.errors import UsageError, ZectoError
from streams.core.settings import Settings
from streams.kafka.connection import aiokafka_config, client_config


def test_both_libraries_reach_the_same_brokers() -> None:
    settings = Settings(kafka_bootstrap="one:9092,two:9092")
    assert client_config(settings) == {"bootstrap.servers": "one:9092,two:9092", "security.protocol": "PLAINTEXT"}
    assert aiokafka_config(settings) == {
        "bootstrap_servers": ["one:9092", "two:9092"],
        "security_protocol": "PLAINTEXT",
    }


def test_a_password_is_given_to_both_libraries_over_tls() -> None:
    settings = Settings(kafka_security_protocol="SASL_SSL", kafka_sasl_username="u", kafka_sasl_password="p")  # noqa: S106
    assert client_config(settings)["sasl.password"] == "p"
    config = aiokafka_config(settings)
    assert (config["sasl_plain_password"], config["security_protocol"]) == ("p", "SASL_SSL")
    assert config["ssl_context"].check_hostname


@pytest.mark.parametrize("configure", [client_config, aiokafka_config])
def test_a_password_for_a_cleartext_connection_is_refused(configure: object) -> None:
    assert callable(configure)
    with pytest.raises(UsageError, match="cleartext"):
        configure(Settings(kafka_sasl_username="u", kafka_sasl_password="p"))  # noqa: S106


_HERE = ("127.0.0.1:9092", "localhost:1,127.9.9.9:2", "[::1]:9092")
_ELSEWHERE = (
    "broker:9092",
    "127.0.0.1:9092,10.0.0.1:9092",
    "127.0.0.1.example.org:9092",
    "localhost.:1",
    "",
    "[::2]:9",
)


@pytest.mark.parametrize("bootstrap", _HERE)
def test_a_password_in_cleartext_stays_on_this_machine(bootstrap: str) -> None:
    settings = _cleartext(bootstrap)
    assert client_config(settings)["sasl.password"] == "p"
    config = aiokafka_config(settings)
    assert (config["sasl_plain_password"], config["security_protocol"]) == ("p", "SASL_PLAINTEXT")
    assert "ssl_context" not in config
    assert audit_config(settings)["sasl.password"] == "p"


@pytest.mark.parametrize("configure", [client_config, aiokafka_config, audit_config])
@pytest.mark.parametrize("bootstrap", _ELSEWHERE)
def test_a_password_in_cleartext_leaves_no_machine(configure: object, bootstrap: str) -> None:
    assert callable(configure)
    with pytest.raises(UsageError, match="cleartext"):
        configure(_cleartext(bootstrap))


def _cleartext(bootstrap: str) -> Settings:
    return Settings(
        kafka_bootstrap=bootstrap,
        kafka_security_protocol="SASL_PLAINTEXT",
        kafka_sasl_username="u",
        kafka_sasl_password="p",  # noqa: S106
    )


@pytest.mark.parametrize("configure", [client_config, aiokafka_config])
def test_sasl_without_a_user_is_refused(configure: object) -> None:
    assert callable(configure)
    with pytest.raises(UsageError, match="user name"):
        configure(Settings(kafka_security_protocol="SASL_SSL"))


def test_a_missing_certificate_authority_is_one_line() -> None:
    with pytest.raises(ZectoError, match="ZECTO_KAFKA_CA_FILE"):
        aiokafka_config(Settings(kafka_security_protocol="SSL", kafka_ca_file="/nowhere/ca.pem"))
