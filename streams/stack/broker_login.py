"""Who may ask the broker: programs that know its password.

Another user of the machine can reach every port of the loopback interface, so both listeners, that for clients and that
by which the broker governs itself, ask for a name and a password (SASL/PLAIN). The password crosses no network, is made
anew at each start and stands in files of the stack's owner alone.
"""

from typing import Final

USER: Final = "zecto"
PROTOCOL: Final = "SASL_PLAINTEXT"
MECHANISM: Final = "PLAIN"
_MODULE: Final = "org.apache.kafka.common.security.plain.PlainLoginModule"
_LISTENERS: Final = ("clients", "controller")


def login_properties(password: str) -> str:
    """The lines of `server.properties` that say who is let in; without a password everybody is.

    `password` is of letters, digits, `-` and `_`.
    """
    protocol = PROTOCOL if password else "PLAINTEXT"
    lines = [
        "listener.security.protocol.map=" + ",".join(f"{name.upper()}:{protocol}" for name in _LISTENERS),
        "inter.broker.listener.name=CLIENTS",
    ]
    if password:
        login = f'{_MODULE} required username="{USER}" password="{password}" user_{USER}="{password}";'
        lines += [
            f"sasl.enabled.mechanisms={MECHANISM}",
            f"sasl.mechanism.inter.broker.protocol={MECHANISM}",
            f"sasl.mechanism.controller.protocol={MECHANISM}",
            *(f"listener.name.{name}.{MECHANISM.lower()}.sasl.jaas.config={login}" for name in _LISTENERS),
        ]
    return "\n".join(lines)


def client_options(bootstrap: str, password: str) -> dict[str, str | int]:
    """What a client of librdkafka needs to get in, silent about what it meets."""
    options: dict[str, str | int] = {"bootstrap.servers": bootstrap, "log_level": 0}
    if password:
        options |= {
            "security.protocol": PROTOCOL,
            "sasl.mechanism": MECHANISM,
            "sasl.username": USER,
            "sasl.password": password,
        }
    return options


def variables(password: str) -> dict[str, str]:
    """The same as environment variables, each of them set, so that none of the caller's own stays."""
    return {
        "ZECTO_KAFKA_SECURITY_PROTOCOL": PROTOCOL if password else "PLAINTEXT",
        "ZECTO_KAFKA_SASL_MECHANISM": MECHANISM,
        "ZECTO_KAFKA_SASL_USERNAME": USER if password else "",
        "ZECTO_KAFKA_SASL_PASSWORD": password,
    }
