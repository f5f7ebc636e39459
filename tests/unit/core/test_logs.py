"""What libraries say in a worker's log: real faults once, what passes by itself not at all."""

import logging

from aiokafka.errors import GroupAuthorizationFailedError, GroupCoordinatorNotAvailableError

from streams.core.logs import CalmLibraries


def _record(name: str, message: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord(name, logging.ERROR, "client.py", 1, message, arguments, None)


class _Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_an_error_the_kafka_client_retries_is_not_shown() -> None:
    calm = CalmLibraries(_Clock())
    young = _record("aiokafka.x", "Group Coordinator Request failed: %s", GroupCoordinatorNotAvailableError())
    refused = _record("aiokafka.x", "Group Coordinator Request failed: %s", GroupAuthorizationFailedError())
    assert not calm.filter(young)
    assert calm.filter(refused)


def test_the_same_line_of_a_library_comes_once_a_minute() -> None:
    clock = _Clock()
    calm = CalmLibraries(clock)
    away = _record("aiokafka", "Unable connect to node with id %s: %s", 1, OSError("refused"))
    assert calm.filter(away)
    clock.now_s = 59.9
    assert not calm.filter(away)
    assert calm.filter(_record("aiokafka", "another line"))
    clock.now_s = 60.0
    assert calm.filter(away)


def test_our_own_lines_all_come() -> None:
    calm = CalmLibraries(_Clock())
    ours = _record("streams.ingest.worker", "again")
    assert calm.filter(ours)
    assert calm.filter(ours)


def test_what_the_clickhouse_client_retries_is_reported_by_the_retrier() -> None:
    assert not CalmLibraries(_Clock()).filter(_record("urllib3.connectionpool", "Retrying (%r)", 1))
