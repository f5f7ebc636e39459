"""What the examination can find, by code: what was looked at, how bad it is, and the fields that say the rest.

A code keeps its name and its meaning from version to version; docs/reference/doctor.md lists them.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType, UnionType
from typing import Final, Self

FieldTypes = Mapping[str, type | UnionType]

_ERROR: Final[FieldTypes] = {"error": str, "message": str, "hint": str}
_PLACE: Final[FieldTypes] = {"database": str, "server": str}
_WORKERS: Final[FieldTypes] = {"members": int, "partitions": int}
_FRONTIER: Final[FieldTypes] = {"topic": str, "frontier": str | None}
_PENDING: Final[FieldTypes] = {"blocks": int, "oldest_age_ms": int}
_LATELY: Final[FieldTypes] = {"records": int, "records_24h": int}
_NONE: Final[FieldTypes] = {}


class Level(StrEnum):
    """How bad it is. A warning should be known; a fault must be mended, or numbers stop moving or go wrong."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


class FindingCode(StrEnum):
    """What was found, as programs know it. Instants are text or, for never, null; durations end in `_ms`."""

    check: str
    level: Level
    fields: FieldTypes

    def __new__(cls, value: str, check: str, level: Level, fields: FieldTypes) -> Self:
        """A code of one check, always of one level, with the types of its fields."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.check = check
        member.level = level
        member.fields = MappingProxyType(fields)
        return member

    SETTINGS_READ = "settings-read", "settings", Level.OK, {"group": str, "block_records": int}
    DATA_FILES_USABLE = (
        "data-files-usable",
        "data files",
        Level.OK,
        {"topics": int, "code_tables": int, "policies": list},
    )
    DATA_FILES_UNUSABLE = "data-files-unusable", "data files", Level.FAULT, _ERROR
    BROKER_FIT = "broker-fit", "broker", Level.OK, {"bootstrap": str, "topics": int, "partitions": int}
    TOPICS_TAKE_MORE = "topics-take-more", "broker", Level.WARNING, {"bootstrap": str}
    BROKER_UNFIT = "broker-unfit", "broker", Level.FAULT, _ERROR
    DATABASE_CURRENT = "database-current", "clickhouse", Level.OK, _PLACE
    DATABASE_NOT_SET_UP = "database-not-set-up", "clickhouse", Level.FAULT, _PLACE
    DATABASE_DIFFERS = "database-differs", "clickhouse", Level.FAULT, _PLACE
    CLICKHOUSE_FAILED = "clickhouse-failed", "clickhouse", Level.FAULT, _ERROR

    PARTITIONS_READ = "partitions-read", "workers", Level.OK, _WORKERS
    PARTITIONS_UNREAD = "partitions-unread", "workers", Level.WARNING, {**_WORKERS, "unread": list}
    NO_WORKERS = "no-workers", "workers", Level.FAULT, _NONE
    NOTHING_STUCK = "nothing-stuck", "stuck", Level.OK, _NONE
    WORKER_STUCK = "worker-stuck", "stuck", Level.FAULT, _NONE
    LAG_NONE = "lag-none", "lag", Level.OK, _NONE
    LAG = "lag", "lag", Level.OK, {"offsets": int}
    NOTHING_TAKEN = "nothing-taken", "taken unread", Level.OK, _NONE
    OFFSETS_TAKEN = "offsets-taken", "taken unread", Level.WARNING, _NONE
    FRONTIERS_CURRENT = "frontiers-current", "frontiers", Level.OK, _FRONTIER
    FRONTIER_LATE = "frontier-late", "frontiers", Level.WARNING, _FRONTIER
    FRONTIER_STUCK = "frontier-stuck", "frontiers", Level.FAULT, _FRONTIER
    NO_FRONTIERS = "no-frontiers", "frontiers", Level.FAULT, _NONE
    BLOCKS_EVALUATED = "blocks-evaluated", "pending blocks", Level.OK, _NONE
    BLOCKS_PENDING = "blocks-pending", "pending blocks", Level.OK, _PENDING
    BLOCKS_LATE = "blocks-late", "pending blocks", Level.WARNING, _PENDING
    BLOCKS_STUCK = "blocks-stuck", "pending blocks", Level.FAULT, _PENDING
    COVERAGE_WHOLE = "coverage-whole", "coverage", Level.OK, _NONE
    GAPS_IN_FLIGHT = "gaps-in-flight", "coverage", Level.WARNING, _NONE
    GAPS = "gaps", "coverage", Level.FAULT, _NONE

    PARTS_WHOLE = "parts-whole", "broken parts", Level.OK, _NONE
    PARTS_BROKEN = "parts-broken", "broken parts", Level.WARNING, _NONE
    RECORDS_MISSING = "records-missing", "broken parts", Level.FAULT, {"minutes": int}
    COUNTS_MISSING = "counts-missing", "broken parts", Level.FAULT, {"minutes": int}
    NOTHING_LOST = "nothing-lost", "records lost", Level.OK, _NONE
    RECORDS_LOST = (
        "records-lost",
        "records lost",
        Level.WARNING,
        {"times": int, "blind_minutes": int, "months": list, "recreated": list},
    )
    NO_DEAD_LETTERS = "no-dead-letters", "dead letters", Level.OK, _NONE
    DEAD_LETTERS_OLD = "dead-letters-old", "dead letters", Level.OK, {"records": int}
    DEAD_LETTERS = "dead-letters", "dead letters", Level.WARNING, _LATELY
    NOTHING_AHEAD = "nothing-ahead", "ahead of clock", Level.OK, _NONE
    AHEAD_OLD = "ahead-old", "ahead of clock", Level.OK, _LATELY
    AHEAD = "ahead", "ahead of clock", Level.WARNING, {**_LATELY, "topics": list}
    NO_CONFLICTS = "no-conflicts", "conflicts", Level.OK, _NONE
    CONFLICTS = "conflicts", "conflicts", Level.WARNING, _NONE
    NONE_REFUSED = "none-refused", "refused records", Level.OK, _NONE
    RECORDS_REFUSED = "records-refused", "refused records", Level.WARNING, {"records": int}
    CODES_KNOWN = "codes-known", "codes", Level.OK, {"days": int}
    CODES_UNKNOWN = "codes-unknown", "codes", Level.WARNING, {"days": int, "codes": int, "records": int}
    NO_LIKE_IDS = "no-like-ids", "open messages", Level.OK, _NONE
    LIKE_IDS = "like-ids", "open messages", Level.WARNING, {"messages": int}
    PLANS_AGREE = "plans-agree", "plan labels", Level.OK, {"month": str}
    PLANS_DIFFER = "plans-differ", "plan labels", Level.WARNING, {"month": str}
    POLICIES_KNOWN = "policies-known", "account policies", Level.OK, _NONE
    POLICIES_UNKNOWN = "policies-unknown", "account policies", Level.WARNING, {"accounts": int}
    NOTHING_EXPIRED = "nothing-expired", "expired months", Level.OK, _NONE
    MONTHS_EXPIRED = "months-expired", "expired months", Level.OK, {"months": int}
    EXPIRED_RECORDS_LATE = "expired-records-late", "expired months", Level.WARNING, _NONE
    EXPIRED_ROWS_LEFT = (
        "expired-rows-left",
        "expired months",
        Level.WARNING,
        {"rows": int, "months": list, "first_month": str},
    )
    MONTHS_CLOSED = "months-closed", "statements", Level.OK, _NONE
    MONTHS_OPEN = "months-open", "statements", Level.WARNING, {"months": list, "first_month": str}
    NO_DOCUMENTS = "no-documents", "closed months", Level.OK, _NONE
    DOCUMENTS_KEPT = "documents-kept", "closed months", Level.OK, {"statements": int, "amendments": int}
    DOCUMENTS_ALTERED = "documents-altered", "closed months", Level.FAULT, {"first_month": str}
