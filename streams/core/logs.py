"""The log of a long-running process: one line an event on stderr, for people or (ZECTO_LOG_JSON) for machines."""

import json
import logging
import sys
import time
from collections.abc import Callable
from typing import Any

import structlog

from streams.core.settings import Settings
from streams.core.shown_text import shown_json, shown_text

_REPEAT_S = 60.0
# They log each attempt that fails and then raise; who tries again says so himself, once.
_LOGGED_ELSEWHERE = ("urllib3", "clickhouse_connect")


class CalmLibraries(logging.Filter):
    """Lets a library's line through once a minute, and not at all where it says that it will simply try again.

    A Kafka client calls errors retriable that pass by themselves, such as a broker that has just started and knows no
    coordinator yet; it logs them as errors, thirty times a second while the broker is down. What does not pass is no
    less visible for it: the worker's own lines say what it waits for.
    """

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._seconds = seconds
        self._last: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this line is worth a person's while."""
        if record.levelno < logging.WARNING or record.name.startswith("streams"):
            return True
        arguments = record.args if isinstance(record.args, tuple) else ()
        if record.name.startswith(_LOGGED_ELSEWHERE) or any(getattr(each, "retriable", False) for each in arguments):
            return False
        line, now_s = (record.name, str(record.msg)), self._seconds()
        repeated = now_s - self._last.get(line, -_REPEAT_S) < _REPEAT_S
        if not repeated:
            self._last[line] = now_s
        return not repeated


# They log each try at a server that is down; the program itself says once that it waits, and once that it goes on.
_LOGGED_BY_US = ("urllib3", "clickhouse_connect")


def configure_logs(settings: Settings) -> None:
    """Decide once how events look; libraries are heard from warnings on, and calmly (`debug`: all that they say)."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    rendering = _for_machines() if settings.log_json else _for_people()
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    lines: list[structlog.typing.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=lines, foreign_pre_chain=shared))
    if level > logging.DEBUG:
        handler.addFilter(CalmLibraries())
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)
    for name in _LOGGED_BY_US:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _for_machines() -> list[structlog.typing.Processor]:
    def encode(event: object, **options: Any) -> str:  # noqa: ANN401  as structlog calls it
        return shown_json(json.dumps(event, **options))

    return [structlog.processors.JSONRenderer(encode)]


def _for_people() -> list[structlog.typing.Processor]:
    plain = structlog.dev.plain_traceback
    colours = sys.stderr.isatty()
    return [
        show_as_data,
        structlog.dev.ConsoleRenderer(colors=colours, pad_event_to=0, exception_formatter=plain),
    ]


def show_as_data(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Show every text of an event in one line, whatever it holds; a traceback keeps its lines."""
    return {name: _shown(name, value) if isinstance(value, str) else value for name, value in event.items()}


def _shown(name: str, value: str) -> str:
    return "\n".join(map(shown_text, value.split("\n"))) if name == "exception" else shown_text(value)
