"""The words for what was found: sentences for people, made of codes and fields. No program reads them."""

from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any, Final

import msgspec

from streams.operations.doctor.codes import FindingCode
from streams.operations.doctor.findings import Finding

Template = str | tuple[str, ...]

_MOST: Final = 3
_START: Final = "start one: zecto-sla worker"
_MIGRATE: Final = "run zecto-sla migrate of this version"
_LOOK_AGAIN: Final = "look again in a minute"
_PARTITION: Final = "{topic}/{partition}"
_OFFSETS: Final = "{topic}/{partition} [{first}, {next})"
_STUCK: Final = "{record} since {since}: {message} ({error})"
_PENDING: Final = "{blocks} blocks stored are not counted yet, the oldest for {oldest_age_ms}"
_AHEAD: Final = (
    "{records_24h} records in the last 24 h were more than 5 minutes ahead of the broker's clock, {records} in all"
)


class Description(msgspec.Struct, frozen=True):
    """What was found, in one line; what to do, in one line, empty if nothing."""

    said: str
    to_do: str = ""


class Words(msgspec.Struct, frozen=True):
    """A template of each line, with fields in braces.

    A template may be a tuple of clauses: those after the first are left out where one of their fields is 0 or empty.
    `{details}` names the first few details, each by the template `each`; with `only`, those whose column of that name
    is there and not 0.
    """

    said: Template
    to_do: Template = ""
    each: Template = ""
    only: str = ""


WORDS: Final[Mapping[FindingCode, Words]] = {
    FindingCode.SETTINGS_READ: Words("group {group}, blocks of {block_records} records"),
    FindingCode.DATA_FILES_USABLE: Words("{topics} topics, {code_tables} code tables, policies {policies} can be used"),
    FindingCode.DATA_FILES_UNUSABLE: Words("{message}", "{hint}"),
    FindingCode.BROKER_FIT: Words("{bootstrap} has {topics} input topics with {partitions} partitions, all fit"),
    FindingCode.TOPICS_TAKE_MORE: Words(
        "{bootstrap} takes larger batches than a worker's memory is reckoned for: {details}",
        "lower max.message.bytes (kafka-configs --alter), or give the workers more memory",
        "{topic} {max_message_bytes} bytes",
    ),
    FindingCode.BROKER_UNFIT: Words("{message}", "{hint}"),
    FindingCode.DATABASE_CURRENT: Words("{database} at {server} has the tables, views and policies of this version"),
    FindingCode.DATABASE_NOT_SET_UP: Words("{database} at {server} is not set up", _MIGRATE),
    FindingCode.DATABASE_DIFFERS: Words(
        "{database} at {server} differs from this version: {details}", _MIGRATE, "{differs}"
    ),
    FindingCode.CLICKHOUSE_FAILED: Words("{message}", "{hint}"),
    FindingCode.PARTITIONS_READ: Words("{partitions} partitions are read; group members: {members}"),
    FindingCode.PARTITIONS_UNREAD: Words(
        "{partitions} partitions are read; group members: {members}; nobody reads {unread}",
        "wait half a minute for the group to settle; if it stays so, start the workers again",
    ),
    FindingCode.NO_WORKERS: Words("nobody reads: the consumer group has no member", _START),
    FindingCode.NOTHING_STUCK: Words("no worker says that it is stuck"),
    FindingCode.WORKER_STUCK: Words(
        "a worker cannot go on: {details}", "mend what the message names; the worker goes on by itself", _STUCK
    ),
    FindingCode.LAG_NONE: Words("every record in the topics is counted"),
    FindingCode.LAG: Words("{offsets} offsets are not counted yet: {details}", "", f"{_PARTITION} by {{offsets}}"),
    FindingCode.NOTHING_TAKEN: Words("nothing that is gone from the topics is unaccounted for"),
    FindingCode.OFFSETS_TAKEN: Words(
        "gone before they were read, and not yet recorded as lost: {details}",
        f"a worker records it when it reads on; {_LOOK_AGAIN}",
        _OFFSETS,
    ),
    FindingCode.FRONTIERS_CURRENT: Words("every topic is read to {frontier} or later"),
    FindingCode.FRONTIER_LATE: Words("{topic} is read to {frontier}", "wait; look at the lag again in a minute"),
    FindingCode.FRONTIER_STUCK: Words("{topic} is read to {frontier}", "minutes stay pending: see the workers"),
    FindingCode.NO_FRONTIERS: Words("no topic has a frontier", "run zecto-sla migrate, then zecto-sla worker"),
    FindingCode.BLOCKS_EVALUATED: Words("every block stored is counted in its minutes"),
    FindingCode.BLOCKS_PENDING: Words(_PENDING),
    FindingCode.BLOCKS_LATE: Words(_PENDING, "wait"),
    FindingCode.BLOCKS_STUCK: Words(_PENDING, "see the log of the workers; if none moves, start one again"),
    FindingCode.COVERAGE_WHOLE: Words("the blocks leave no offset out"),
    FindingCode.GAPS_IN_FLIGHT: Words("in flight, or a gap: {details}", _LOOK_AGAIN, _OFFSETS),
    FindingCode.GAPS: Words(
        "nobody stored {details}", "start the workers again: they read on where the gapless part ends", _OFFSETS
    ),
    FindingCode.PARTS_WHOLE: Words("ClickHouse has set nothing aside as broken"),
    FindingCode.PARTS_BROKEN: Words(
        "set aside by ClickHouse, and nothing counted is missing: {details}",
        "see to the disk, then ALTER TABLE ... DROP DETACHED PART",
        "{table}/{name}",
    ),
    FindingCode.RECORDS_MISSING: Words(
        "{minutes} minutes count more records than the ledger holds, since ClickHouse lost {details}",
        "rebuild the ledger from archives (zecto-sla restore)",
        "{table}/{name}",
    ),
    FindingCode.COUNTS_MISSING: Words(
        "{minutes} minutes count fewer records than the ledger holds; set aside: {details}",
        "zecto-sla close of the month counts them anew, then look again",
        "{table}/{name}",
    ),
    FindingCode.NOTHING_LOST: Words("nothing was lost unread"),
    FindingCode.RECORDS_LOST: Words(
        (
            "{times} times records were gone before they were read",
            ", which blinds {blind_minutes} minutes of {months}",
            "; created anew: {recreated}",
        ),
        "keep topics longer than the longest absence of the workers; zecto-sla month says what it costs",
    ),
    FindingCode.NO_DEAD_LETTERS: Words("every record could be read"),
    FindingCode.DEAD_LETTERS_OLD: Words("none in the last 24 h, {records} in all"),
    FindingCode.DEAD_LETTERS: Words(
        "{records_24h} in the last 24 h ({details}), {records} in all",
        "tell their producers; the bytes are in sla.dead-letters (zecto-sla dump sla.dead-letters -o FILE)",
        "{lately} {reason} in {topic}",
        only="lately",
    ),
    FindingCode.NOTHING_AHEAD: Words("no record is ahead of the broker's clock"),
    FindingCode.AHEAD_OLD: Words(_AHEAD),
    FindingCode.AHEAD: Words(_AHEAD, "compare the clocks of the producers of {topics} with the broker's"),
    FindingCode.NO_CONFLICTS: Words("no two records of one revision contradict each other"),
    FindingCode.CONFLICTS: Words(
        "identities with contradicting records: {details}",
        "tell the producers: a change needs a higher revision (I3)",
        "{identities} in {month}",
    ),
    FindingCode.NONE_REFUSED: Words("no declaration, account or claim of the last 31 days was refused"),
    FindingCode.RECORDS_REFUSED: Words(
        "{records} declarations, accounts and claims of the last 31 days were refused as unreadable: {details}",
        "send each again, mended, with a higher revision; a claim that was refused is due an answer all the same",
        "{topic} {name}: {reason} at {path} ({topic}/{partition}, offset {offset})",
    ),
    FindingCode.CODES_KNOWN: Words("the tables know every code read in the last {days} days"),
    FindingCode.CODES_UNKNOWN: Words(
        "{codes} codes of {records} records read in the last {days} days are in no table: {details}",
        "add a row to the table in schemas/codes, with its source (C4)",
        "{code} of {records} in {table}",
    ),
    FindingCode.NO_LIKE_IDS: Words("no open message has a receipt under a like id"),
    FindingCode.LIKE_IDS: Words(
        "{messages} messages are open or ended beside one of a like id, most likely the same: {details}",
        "have the receipts' ids written as the messages' (I1), or their submitted_at mended",
        "{id} of {service} is {state}, {other_id} in {other_minute} is {other_state}",
    ),
    FindingCode.PLANS_AGREE: Words("no plan of {month} contradicts an account's own record"),
    FindingCode.PLANS_DIFFER: Words(
        "in {month} {details}",
        "mend the label or the account's record (C5)",
        "{records} of {service} say {label}, not {plan}",
    ),
    FindingCode.POLICIES_KNOWN: Words("every account is under a policy of this version"),
    FindingCode.POLICIES_UNKNOWN: Words(
        "{accounts} accounts name a policy that this version does not have: {details}",
        "mend their records with a higher revision, or install the version that has it; their claims wait until then",
        "{account_id} names {policy}",
    ),
    FindingCode.NOTHING_EXPIRED: Words("no month has expired"),
    FindingCode.MONTHS_EXPIRED: Words("{months} expired, and no record came late for any"),
    FindingCode.EXPIRED_RECORDS_LATE: Words(
        "records came too late to count: {details} (UTC)",
        "nothing, or tell their producers: the statements stay, the month's bounds are wider",
        "{letters} for {month}",
        only="letters",
    ),
    FindingCode.EXPIRED_ROWS_LEFT: Words(
        "expired, and yet {rows} rows are there: {months}", "run zecto-sla expire {first_month} again"
    ),
    FindingCode.MONTHS_CLOSED: Words("every complete month is closed"),
    FindingCode.MONTHS_OPEN: Words("complete and not closed: {months}", "zecto-sla close {first_month}"),
    FindingCode.NO_DOCUMENTS: Words("no month is closed"),
    FindingCode.DOCUMENTS_KEPT: Words("{statements} statements and {amendments} amendments are kept as they were made"),
    FindingCode.DOCUMENTS_ALTERED: Words(
        "not as it was made: {details}",
        "zecto-sla close {first_month} says which document is effective; find out who wrote the other",
        ("{document}", " {number}", " of {month}"),
    ),
}


def describe(finding: Finding) -> Description:
    """What people read of it."""
    words = WORDS[finding.code]
    rows = [row for row in finding.details if not words.only or row.get(words.only)]
    details = [_filled(words.each, row) for row in rows]
    fields = {**finding.fields, "details": details}
    return Description(_filled(words.said, fields), _filled(words.to_do, fields))


def to_record(finding: Finding) -> dict[str, Any]:
    """A finding as it is written in JSON: codes and fields for programs, the sentences for people."""
    described = describe(finding)
    return {
        "check": finding.check,
        "level": finding.level.value,
        "code": finding.code.value,
        "fields": finding.fields,
        "said": described.said,
        "to_do": described.to_do,
        "details": finding.details,
    }


def names(template: Template) -> list[str]:
    """The fields that a template names."""
    return [name for clause in _clauses(template) for _, name, _, _ in Formatter().parse(clause) if name]


def _clauses(template: Template) -> tuple[str, ...]:
    return (template,) if isinstance(template, str) else template


def _filled(template: Template, fields: Mapping[str, Any]) -> str:
    first, *more = _clauses(template)
    clauses = [first, *(clause for clause in more if all(fields[name] for name in names(clause)))]
    return "".join(clause.format(**{name: _word(name, fields[name]) for name in names(clause)}) for clause in clauses)


def _word(name: str, value: object) -> str:
    match value:
        case int() if name.endswith("_ms"):
            return _duration(value)
        case int() if name != "partition":
            return f"{value:,}"
        case None:
            return "never"
        case list():
            return _first_few([_word(name, each) for each in value])
        case Mapping():
            return _PARTITION.format(**value)
        case _:
            return str(value)


def _first_few(all_of_them: Sequence[str]) -> str:
    more = f" and {len(all_of_them) - _MOST} more" if len(all_of_them) > _MOST else ""
    return ", ".join(all_of_them[:_MOST]) + more


def _duration(duration_ms: int) -> str:
    seconds = duration_ms // 1000
    return f"{seconds} s" if seconds < 2 * 60 else f"{seconds // 60:,} min"
