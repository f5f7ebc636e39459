"""The log of a long-running process: one line an event on stderr, for people or (ZECTO_LOG_JSON) for machines."""

import logging
import sys
import time
from collections.abc import Callable

import structlog

from streams.core.settings import Settings

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
    colours = sys.stderr.isatty()
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_json
        else structlog.dev.ConsoleRenderer(
            colors=colours, pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
        )
    )
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    if level > logging.DEBUG:
        handler.addFilter(CalmLibraries())
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)
    for name in _LOGGED_BY_US:
        logging.getLogger(name).setLevel(logging.CRITICAL)
