"""The engine's server: on a socket of ours, in a thread, told to stop by `should_exit`."""

import logging
import socket
from typing import Any, Final

import uvicorn

from streams.core.http_server import BoundedProtocol, make_server

_BACKLOG: Final = 128


class EngineProtocol(BoundedProtocol):
    """A connection on which addresses may be long: statements and their parameters stand in them."""

    most_head_bytes = 256 << 10


def make_engine_server(app: Any, *, finish_s: float) -> uvicorn.Server:  # noqa: ANN401  an ASGI application
    """A server without a word, which gives requests under way `finish_s` seconds to end."""
    logging.getLogger("uvicorn").propagate = False
    return make_server(
        app, finish_s=finish_s, protocol=EngineProtocol, loop="uvloop", lifespan="off", interface="asgi3"
    )


def listen(port: int) -> socket.socket:
    """A socket on the loopback interface; 0: any free port.

    Raises:
        OSError: the port is taken.
    """
    listening = socket.socket()
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen(_BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening
