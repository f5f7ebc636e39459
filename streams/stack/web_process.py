"""The feed of a stack as a process of its own, with a token that its data directory keeps."""

import os
import secrets
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from streams.core.errors import Code, ZectoError
from streams.stack.ports import LOOPBACK, answers, choose_port
from streams.stack.process import ChildProcess

_COMMAND: Final = (sys.executable, "-c", "from streams.cli import main; main()", "web", "--port")
_TOKEN_BYTES: Final = 24
_START_S: Final = 60.0
_LOOK_S: Final = 0.05


class Web:
    """A running feed; `environment` is what its readers need."""

    def __init__(self, directory: Path, environment: Mapping[str, str], *, log: Path, port: int = 0) -> None:
        """Start it on this port of the loopback interface (0: any free one); `environment` says what it reads from.

        Raises:
            ZectoError: the port is taken, or the directory cannot be written.
        """
        self.port = choose_port(port, "--web-port")
        self.environment = {
            "ZECTO_WEB_URL": f"http://{LOOPBACK}:{self.port}",
            "ZECTO_WEB_TOKEN": token_of(directory),
        }
        variables = {**environment, **self.environment, "ZECTO_WEB_HOSTS": f"{LOOPBACK},localhost"}
        self.part = ChildProcess("web", [*_COMMAND, str(self.port)], log=log, environment=variables)

    def wait(self) -> None:
        """Return once it answers.

        Raises:
            ZectoError: it ended, or did not answer for a minute.
        """
        deadline = time.monotonic() + _START_S
        while not answers(self.port):
            if not self.part.is_running or time.monotonic() > deadline:
                self.part.stop()
                raise ZectoError(
                    f"the web did not start: {self.part.last_words()} (see {self.part.log})", code=Code.PROCESS_ENDED
                )
            time.sleep(_LOOK_S)


def token_of(directory: Path) -> str:
    """The token of a data directory, made when it is first asked for; only its owner may read the file.

    Raises:
        ZectoError: the directory cannot be written.
    """
    path = directory / "web.token"
    try:
        with suppress(FileExistsError):
            made = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(made, "w") as file:
                file.write(secrets.token_hex(_TOKEN_BYTES))
        return path.read_text().strip()
    except OSError as error:
        raise ZectoError(
            f"cannot write to {directory}: {error.strerror or error}",
            hint="choose another --data",
            code=Code.FILE_UNWRITABLE,
        ) from None
