"""Instants on their way to and from clients that use `datetime`; everywhere else they are integers.

Milliseconds since the epoch, UTC. Their text is read and written by `schemas.instants`, months are those of
`streams.rules.calendar`.
"""

from datetime import UTC, datetime


def to_datetime(instant_ms: int) -> datetime:
    """An instant as a `datetime` in UTC, to the millisecond; no float is involved."""
    return datetime.fromtimestamp(instant_ms // 1000, UTC).replace(microsecond=instant_ms % 1000 * 1000)


def to_ms(instant: datetime) -> int:
    """A `datetime` in milliseconds; one without a zone is in UTC, as ClickHouse's client gives `DateTime('UTC')`."""
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    whole = aware.astimezone(UTC).replace(microsecond=0)
    return int(whole.timestamp()) * 1000 + aware.microsecond // 1000
