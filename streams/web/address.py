"""Whether a server can listen where it is told to, before it starts."""

import errno
import socket

from streams.core.errors import Code, UsageError, ZectoError


def check_address(host: str, port: int) -> None:
    """See that host and port are an address of this machine that is free.

    Raises:
        UsageError: the host is none, or none of this machine, or the port may not be listened at.
        ZectoError: another program listens there.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        words = f"cannot listen at {host}, port {port}: {error.strerror or error}"
        if error.errno == errno.EADDRINUSE:
            raise ZectoError(words, hint="choose another --port", code=Code.PORT_TAKEN) from None
        raise UsageError(words, hint="--host is an address of this machine, such as 127.0.0.1") from None
    except (UnicodeError, ValueError, OverflowError):
        raise UsageError(f"{host!r} is no address", hint="--host takes one such as 127.0.0.1") from None
