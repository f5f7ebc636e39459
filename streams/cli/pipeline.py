"""The pipeline's own answers for `audit`: asked through the door that everyone uses, or read from a file."""

import json
import subprocess
import sys
from typing import Any, Final

from schemas.fields import SERVICES
from streams.core.errors import Code, ZectoError

_ITSELF: Final = (sys.executable, "-c", "from streams.cli import main; main()")


class Asked:
    """A question to this program, answered by a process of its own while others are asked."""

    def __init__(self, *arguments: str) -> None:
        self._running = subprocess.Popen([*_ITSELF, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def answer(self) -> bytes:
        """What it printed; waits for it.

        Raises:
            ZectoError: it failed; code, message and hint are its own.
        """
        answer, complaint = self._running.communicate()
        if self._running.returncode:
            raise _unanswered(complaint)
        return answer


def _unanswered(complaint: bytes) -> ZectoError:
    last = (complaint.decode(errors="replace").strip().splitlines() or ["no word"])[-1]
    try:
        said = json.loads(last)["error"]
        message, hint, code = said["message"], said["hint"], Code.named(said["code"])
    except (ValueError, LookupError, TypeError):  # it was ended from outside, or ended in a traceback
        message, hint, code = last, "", None
    return ZectoError(f"the pipeline does not answer: {message}", hint=hint, code=code)


class AskedMinutes:
    """The minutes of all services, asked for at once and read one after another."""

    def __init__(self, *options: str) -> None:
        """`options` as `minutes` takes them."""
        self._options = options
        self._asked: dict[str, Asked] = {}

    def of(self, service: str, first: str, end: str) -> list[dict[str, Any]]:
        """Those of a service, between the same two instants whenever it is called."""
        from streams.audit.comparing import read_answer

        if not self._asked:
            self._asked = {name: Asked("minutes", name, first, end, *self._options, "--json") for name in SERVICES}
        answer: list[dict[str, Any]] = read_answer(
            self._asked[service].answer(), f"the pipeline's minutes of {service}"
        )
        return answer
