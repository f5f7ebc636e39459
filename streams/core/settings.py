"""Connections and limits, from the environment (`ZECTO_*`); nothing else reads it.

Every field is one variable: `kafka_bootstrap` is `ZECTO_KAFKA_BOOTSTRAP`. `zecto-sla env --data DIR` prints those of an
embedded stack.
"""

from ipaddress import ip_address
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What a command needs to know of the world around it."""

    model_config = SettingsConfigDict(env_prefix="ZECTO_", frozen=True, extra="ignore")

    kafka_bootstrap: str = Field("127.0.0.1:9092", description="broker addresses, host:port[,host:port]")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_SSL", "SASL_PLAINTEXT"] = Field(
        "PLAINTEXT", description="SASL over cleartext is refused, but for a broker at a loopback address"
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", description="with SASL"
    )
    kafka_sasl_username: str = Field("", description="with SASL")
    kafka_sasl_password: SecretStr = Field(SecretStr(""), description="with SASL")
    kafka_ca_file: str = Field("", description="PEM file of the certificate authority; empty: the system's")
    kafka_group: str = Field("zecto-sla", description="consumer group of the workers")
    kafka_session_timeout_s: float = Field(10.0, gt=0, description="a dead worker's partitions move after this")

    clickhouse_url: str = Field(
        "http://127.0.0.1:8123", description="ClickHouse over HTTP(S), user:password@ if needed"
    )
    clickhouse_database: str = Field(
        "zecto", pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", description="letters, digits and underscores"
    )

    web_token: SecretStr = Field(SecretStr(""), description="bearer token that every request to `web` needs")
    web_hosts: str = Field("", description="names that `web` answers to, as in `Host`, with commas; empty: any")

    block_records: int = Field(20_000, ge=1, le=500_000, description="most records of one partition in one block")
    stuck_after_s: float = Field(30.0, gt=0, description="what a worker tries for longer is said to be stuck")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="the least that is logged")
    log_json: bool = Field(False, description="one JSON object a line instead of people's text")

    @property
    def kafka_wants_password(self) -> bool:
        """Whether user and password are sent to the broker."""
        return self.kafka_security_protocol.startswith("SASL_")

    @property
    def kafka_is_here(self) -> bool:
        """Whether all brokers named are at addresses that no network carries."""
        return all(_is_loopback(address) for address in self.kafka_bootstrap.split(","))


def _is_loopback(address: str) -> bool:
    """Whether `host:port` names this machine itself; a name that has to be looked up does not, but for `localhost`."""
    host = address.strip().rpartition(":")[0].strip("[]")
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
