"""Loopback ports: one that is free, or the one asked for."""

import socket

from streams.core.errors import Code, ZectoError

LOOPBACK = "127.0.0.1"


def choose_port(asked_for: int, option: str) -> int:
    """`asked_for`, or any free port if it is 0.

    Raises:
        ZectoError: the port asked for is taken.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, asked_for))
        except OSError as error:
            raise ZectoError(
                f"port {asked_for} is taken ({error.strerror})",
                hint=f"choose another {option} or leave it out",
                code=Code.PORT_TAKEN,
            ) from None
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    try:
        choose_port(port, "")
    except ZectoError:
        return False
    return True


def answers(port: int) -> bool:
    """Whether something listens there."""
    try:
        socket.create_connection((LOOPBACK, port), 1).close()
    except OSError:
        return False
    return True
