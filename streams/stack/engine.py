"""The ClickHouse engine of one data directory, as a process of its own that speaks ClickHouse's HTTP interface.

    python -m streams.stack.engine --data DIR [--port P]

Prints its URL, user and password in it, on stdout once it answers. SIGTERM gives the requests under way three seconds,
then closes the engine. One process a data directory: a second one says so and exits 1.
"""

import argparse
import os
import secrets
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

from streams.core.errors import ZectoError
from streams.stack import tether
from streams.stack.confinement import confine
from streams.stack.engine_door import PASSWORD_VARIABLE, USER
from streams.stack.engine_server import listen, make_engine_server
from streams.stack.locks import lock_directory
from streams.stack.private_files import UMASK

_FINISH_S = 3.0
_LISTEN_S = 0.5
_CLOSE_S = 2.0
_PASSWORD_BYTES = 24


def main() -> None:
    """Own the data directory until SIGTERM or SIGINT."""
    arguments = _parse()
    if arguments.parent:
        tether.die_with(arguments.parent)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        with lock_directory(arguments.data, "engine"):
            _serve(arguments, stopping)
    except ZectoError as error:
        sys.stderr.write(f"engine: {error}\n")
        sys.exit(error.exit_code)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="engine", description="ClickHouse over HTTP on the loopback interface.")
    parser.add_argument("--data", type=Path, required=True, help="data directory, made if missing")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--memory-mb", type=int, default=2048, help="most memory the engine may take")
    parser.add_argument("--threads", type=int, default=min(4, os.cpu_count() or 2), help="most threads of one query")
    parser.add_argument("--parent", type=int, default=0, help="end when this process, the starter, ends")
    return parser.parse_args()


def _serve(arguments: argparse.Namespace, stopping: threading.Event) -> None:
    os.umask(UMASK)
    os.environ["TZ"] = "UTC"  # the engine's default time zone, read when it starts
    from chdb.state.sqlitelike import Connection  # noqa: PLC0415  loads the engine, a second or so

    from streams.stack.engine_http import EngineApp  # noqa: PLC0415  likewise
    from streams.stack.engine_users import (  # noqa: PLC0415  likewise
        forget_empty_default,
        replace_default_database,
        users_file,
        write_configuration,
    )

    path = str((arguments.data / "store").absolute())
    Path(path).mkdir(parents=True, exist_ok=True)
    config = write_configuration(arguments.data)
    confine(Path(path), readable=(config, users_file(arguments.data)))  # before the engine has threads
    options = f"max_server_memory_usage={arguments.memory_mb << 20}&config-file={config}"
    forget_empty_default(Path(path))
    try:
        engine = Connection(f"{path}?{options}")
    except RuntimeError as error:
        raise ZectoError(f"ClickHouse does not start on {path}: {error}") from None
    defaults = {"async_insert": "0", "max_threads": str(arguments.threads)}
    replace_default_database(engine.query)
    version = engine.query("SELECT version()", "TSVRaw").bytes().decode().strip()
    try:
        listening = listen(arguments.port)
    except OSError as error:
        raise ZectoError(f"port {arguments.port} is taken ({error.strerror}); choose another or 0") from None
    password = os.environ.pop(PASSWORD_VARIABLE, "") or secrets.token_urlsafe(_PASSWORD_BYTES)
    app = EngineApp(path, version=version, defaults=defaults, password=password)
    server = make_engine_server(app, finish_s=_FINISH_S)
    serving = threading.Thread(target=server.run, args=([listening],), name="serve", daemon=True)
    serving.start()
    watching = threading.Thread(target=app.parts.run, args=(stopping,), name="parts", daemon=True)
    watching.start()
    with suppress(BrokenPipeError):
        sys.stdout.write(f"http://{USER}:{password}@127.0.0.1:{listening.getsockname()[1]}\n")
        sys.stdout.flush()
    # The signal may have reached a thread of the engine's: Python hears of it when this one, the main thread, wakes.
    while not stopping.wait(_LISTEN_S):
        pass
    server.should_exit = True
    serving.join(_FINISH_S + _CLOSE_S)
    app.turns.wait_idle(_CLOSE_S)
    watching.join(_CLOSE_S)
    engine.close()


if __name__ == "__main__":
    main()
