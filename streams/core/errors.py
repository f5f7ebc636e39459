"""The errors that a person meets: one line on stderr and an exit status, never a traceback.

ZectoError          exit 1: the world is not as it must be (broker away, topic unfit, port taken, bad data file)
└── UsageError      exit 2: the call cannot be meant so (month malformed, file missing, unknown topic)

Programs tell errors apart by `code`, never by the text; docs/reference/errors.md lists the codes.
"""

from enum import StrEnum
from typing import ClassVar, Final, Self

_HINT_FOLLOWS: Final = "; "


class Part(StrEnum):
    """Where something stands in the way."""

    CALL = "call"
    CONFIG = "config"
    FILES = "files"
    BROKER = "broker"
    CLICKHOUSE = "clickhouse"
    STACK = "stack"
    WORKER = "worker"
    MONTH = "month"
    STATEMENTS = "statements"
    CREDITS = "credits"
    REPORTS = "reports"
    AUDIT = "audit"
    DOCTOR = "doctor"
    PROGRAM = "program"


class Code(StrEnum):
    """What stands in the way, as programs know it: a code keeps its name and its meaning from version to version."""

    part: Part
    meaning: str

    def __new__(cls, value: str, part: Part, meaning: str) -> Self:
        """A code of one part, with its meaning for the page that lists them."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.part = part
        member.meaning = meaning
        return member

    @classmethod
    def named(cls, value: object) -> Self | None:
        """The code of this name; None: this version has none such."""
        return next((code for code in cls if code.value == value), None)

    WRONG_USE = "wrong-use", Part.CALL, "an argument or option cannot be meant so"
    SETTING_UNUSABLE = "setting-unusable", Part.CONFIG, "a `ZECTO_*` variable has a value that cannot be used"
    DATA_FILE_UNUSABLE = "data-file-unusable", Part.FILES, "a topic, code table or policy file breaks its rules"
    FILE_UNREADABLE = "file-unreadable", Part.FILES, "a file cannot be read, or not as what it should be"
    FILE_UNWRITABLE = "file-unwritable", Part.FILES, "a file or directory cannot be written"
    ARCHIVE_UNUSABLE = "archive-unusable", Part.FILES, "an archive is not whole, not in order or not of one topic"
    BROKER_UNREACHABLE = "broker-unreachable", Part.BROKER, "no broker answers, or it stopped answering"
    BROKER_REFUSES = "broker-refuses", Part.BROKER, "the broker answers and refuses"
    TOPIC_MISSING = "topic-missing", Part.BROKER, "a topic does not exist"
    TOPIC_UNFIT = "topic-unfit", Part.BROKER, "a topic has settings under which records could be lost or mistaken"
    RECORD_NOT_TAKEN = "record-not-taken", Part.BROKER, "a record was not acknowledged"
    TOPIC_UNREADABLE = "topic-unreadable", Part.BROKER, "a partition cannot be read to its end"
    CLICKHOUSE_UNREACHABLE = "clickhouse-unreachable", Part.CLICKHOUSE, "no ClickHouse answers, or it stopped answering"
    CLICKHOUSE_OVERLOADED = "clickhouse-overloaded", Part.CLICKHOUSE, "ClickHouse cannot do it now, and may later"
    CLICKHOUSE_LOGIN = "clickhouse-login", Part.CLICKHOUSE, "user or password are refused"
    CLICKHOUSE_REFUSES = "clickhouse-refuses", Part.CLICKHOUSE, "ClickHouse answers and refuses"
    DATABASE_NOT_SET_UP = "database-not-set-up", Part.CLICKHOUSE, "the database or a table of it does not exist"
    DATABASE_DIFFERS = "database-differs", Part.CLICKHOUSE, "the database is another version's, or changed by hand"
    DIRECTORY_IN_USE = "directory-in-use", Part.STACK, "another process holds the data directory"
    PORT_TAKEN = "port-taken", Part.STACK, "a port that was asked for is in use"
    NOTHING_IS_UP = "nothing-is-up", Part.STACK, "no stack runs in the data directory"
    STILL_STARTING = "still-starting", Part.STACK, "a stack starts in the data directory"
    STACK_NOT_EMPTY = "stack-not-empty", Part.STACK, "a stack to restore into holds records or closings of its own"
    PROCESS_ENDED = "process-ended", Part.STACK, "a process of the stack did not start, or ended by itself"
    DOWNLOAD_FAILED = "download-failed", Part.STACK, "the broker's files cannot be fetched"
    WORKER_STOPPED = "worker-stopped", Part.WORKER, "the worker cannot go on"
    NOT_DRAINED = "not-drained", Part.WORKER, "records are not evaluated in the time given"
    NOT_ALL_READ = "not-all-read", Part.MONTH, "not every topic is read as far as the answer needs"
    NOTHING_KNOWN = "nothing-known", Part.MONTH, "no record of the month was read"
    MONTH_CHANGES = "month-changes", Part.MONTH, "the month changes while it is read"
    MONTH_INCOMPLETE = "month-incomplete", Part.MONTH, "the month is not complete"
    MONTH_NOT_HELD = "month-not-held", Part.MONTH, "the ledger does not hold all that the month counts"
    MONTH_EXPIRED = "month-expired", Part.MONTH, "the ledger's rows of the month have expired"
    MONTH_OPEN = "month-open", Part.STATEMENTS, "no statement closes the month yet"
    DOCUMENT_MISSING = "document-missing", Part.STATEMENTS, "there is no such statement or amendment"
    DOCUMENT_CONTRADICTED = "document-contradicted", Part.STATEMENTS, "a document is not what the records make of it"
    CLAIM_MISSING = "claim-missing", Part.CREDITS, "there is no such claim"
    CLAIMS_OVERDUE = "claims-overdue", Part.CREDITS, "claims wait for their answer longer than they should"
    POLICY_UNKNOWN = "policy-unknown", Part.CREDITS, "an account is under a policy that this version does not have"
    NOT_ENTITLED = "not-entitled", Part.REPORTS, "no account, or not this one, gets the report"
    LIBRARY_MISSING = "library-missing", Part.REPORTS, "a library of an extra is not installed"
    PDF_REFUSED = "pdf-refused", Part.REPORTS, "a report cannot be laid out as a PDF"
    AUDIT_DIFFERS = "audit-differs", Part.AUDIT, "the second computation differs from the first"
    AUDIT_INPUT_UNUSABLE = "audit-input-unusable", Part.AUDIT, "what is to be audited cannot be read or compared"
    FAULTS_FOUND = "faults-found", Part.DOCTOR, "the examination found faults"
    INTERNAL = "internal", Part.PROGRAM, "a fault of this program"
    FAILED = "failed", Part.PROGRAM, "anything that has no code of its own"


class ZectoError(Exception):
    """Something outside this program stands in the way.

    `message` says what is wrong and `hint` what to do, each in words for people, in one line, without a full stop;
    `code` says it for programs, and `part` where. As text it is `message; hint`.
    """

    exit_code: ClassVar[int] = 1
    usual_code: ClassVar[Code] = Code.FAILED

    def __init__(self, message: str, *, hint: str = "", code: Code | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = self.usual_code if code is None else code

    @property
    def part(self) -> Part:
        """Where it stands in the way; each code belongs to one part."""
        return self.code.part

    def to_record(self) -> dict[str, str]:
        """Its fields as they are written in JSON."""
        return {"code": self.code.value, "part": self.part.value, "message": self.message, "hint": self.hint}

    def __str__(self) -> str:
        return f"{self.message}{_HINT_FOLLOWS}{self.hint}" if self.hint else self.message


class UsageError(ZectoError):
    """The command was called in a way that cannot work; the message says how it is meant."""

    exit_code = 2
    usual_code = Code.WRONG_USE
