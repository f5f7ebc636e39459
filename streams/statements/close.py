"""Close a month, or close it again: one statement and its amendments, whoever does it, however often.

    frontier ─► propose ─► read the log: the first of its number is effective ─► document ─► document store

A crash anywhere leaves either nothing, or a closing in the log from which whoever closes next makes the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from clickhouse_connect.driver.client import Client
from msgspec.structs import replace

from schemas.closing import Closing, EndOffset
from schemas.instants import format_instant
from streams.core.canonical_json import sha256_of
from streams.core.errors import Code, ZectoError
from streams.core.failpoints import Failpoint, hit
from streams.core.settings import Settings
from streams.months.as_of import MonthProgress
from streams.rules.policy import PolicyChoice
from streams.statements.content import LedgerMonth, StatementContent
from streams.statements.cut_offsets import CutOffsets
from streams.statements.difference import is_changed
from streams.statements.document_store import DocumentStore, StoredDocument
from streams.statements.documents import amendment, statement
from streams.statements.log import KafkaClosingLog, cut_ms
from streams.statements.ready import LedgerChecks, MinuteChecks, OnStatus, require_ready
from streams.statements.versions import FIRST_EDITION, Versions, versions_of

_NOT_YET: Final = "0" * 64


class ClosingLog(Protocol):
    """Whose order decides (streams.statements.log)."""

    def read_effective(self, month: str, policy: str) -> Sequence[Closing]: ...  # noqa: D102
    def propose(self, closing: Closing) -> None: ...  # noqa: D102


class Documents(Protocol):
    """Where documents are kept (streams.statements.document_store)."""

    def put(self, stand: Sequence[Closing], number: int, document: bytes) -> None: ...  # noqa: D102
    def take(self, month: str, policy: str, number: int) -> Sequence[StoredDocument]: ...  # noqa: D102


class Progress(Protocol):
    """What can be told of the month now (streams.months.as_of)."""

    def frontier_ms(self) -> int: ...  # noqa: D102
    def has_expired(self) -> bool: ...  # noqa: D102


class StatementSource(Protocol):
    """The month as the ledger knows it (streams.statements.content)."""

    def known(self, cut_ms: int) -> StatementContent: ...  # noqa: D102


class InputOffsets(Protocol):
    """Where a cut falls in the input topics (streams.statements.cut_offsets)."""

    def at(self, cut_ms: int) -> Sequence[EndOffset]: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingDependencies:
    """What closing works with."""

    checks: MinuteChecks
    log: ClosingLog
    progress: Progress
    input_offsets: InputOffsets
    months: StatementSource
    documents: Documents
    versions: Versions
    on_status: OnStatus = lambda _text: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A document that stands. `is_new`: this call made it. `is_reproduced`: the ledger gave the same bytes just now."""

    closing: Closing
    document: bytes
    is_new: bool
    is_reproduced: bool

    @property
    def is_first_edition(self) -> bool:
        """Whether it was made by the contract's first edition, which this version can keep and read, but not make."""
        return self.closing.format == FIRST_EDITION


def close_month(
    client: Client, settings: Settings, choice: PolicyChoice, on_status: OnStatus, *, unobserved: bool = False
) -> list[Closed]:
    """The statement and every amendment of a month, made where there was none and something changed.

    `unobserved`: also of a month that saw nothing of any service (M2).

    Raises:
        ZectoError: the database is of another version, the month cannot be closed yet or saw nothing, or what stands is
            not what the ledger or ClickHouse holds.
    """
    dependencies = ClosingDependencies(
        checks=LedgerChecks(client, settings, choice),
        log=KafkaClosingLog(settings),
        progress=MonthProgress(client, choice.span),
        input_offsets=CutOffsets(settings),
        months=LedgerMonth(client, choice),
        documents=DocumentStore(client),
        versions=versions_of(choice.policy.policy_id),
        on_status=on_status,
    )
    return StatementCloser(choice, dependencies, unobserved=unobserved).close()


@dataclass(slots=True)
class StatementCloser:
    """One call of `close`."""

    choice: PolicyChoice
    dependencies: ClosingDependencies
    unobserved: bool = False
    _known: dict[int, StatementContent] = field(default_factory=dict)
    _proposed: dict[str, bytes] = field(default_factory=dict)

    def close(self) -> list[Closed]:
        """The statement and every amendment, made where there was none and something changed.

        Raises:
            ZectoError: the month is not complete or saw nothing, its records are not all in the ledger any more, or
                what stands is not what the ledger or ClickHouse holds.
        """
        require_ready(self.choice.span.month, self.dependencies.checks, self.dependencies.on_status)
        while True:
            stand = self.dependencies.log.read_effective(self.choice.span.month, self.choice.policy.policy_id)
            # read after the log, so that it is at least what every proposer there had seen
            frontier_ms = self.dependencies.progress.frontier_ms()
            closed = [self._fulfil(stand, number, frontier_ms) for number in range(len(stand))]
            proposal = self._next_proposal(stand, frontier_ms)
            if proposal is None:
                return closed
            self.dependencies.on_status("proposing")
            self.dependencies.log.propose(proposal)
            hit(Failpoint.CLOSING_PROPOSED)

    def _next_proposal(self, stand: Sequence[Closing], frontier_ms: int) -> Closing | None:
        """What is to be proposed: a statement, or an amendment if something known since changes anything.

        Of a month whose rows have expired nothing more can be known; what the first edition closed is not judged anew.
        """
        if not stand:
            self._refuse_unobserved(frontier_ms)
        elif stand[-1].sha256 in self._proposed or not self._is_amended(stand[-1], frontier_ms):
            return None
        proposal = Closing(
            month=self.choice.span.month,
            policy=self.choice.policy.policy_id,
            number=len(stand),
            cut=format_instant(frontier_ms),
            end_offsets=list(self.dependencies.input_offsets.at(frontier_ms)),
            format=self.dependencies.versions.format,
            policy_sha256=self.dependencies.versions.policy_sha256,
            codes_sha256=self.dependencies.versions.codes_sha256,
            sha256=_NOT_YET,
        )
        document = self._document([*stand, proposal])
        closing = replace(proposal, sha256=sha256_of(document))
        self._proposed[closing.sha256] = document
        return closing

    def _refuse_unobserved(self, frontier_ms: int) -> None:
        """A month that nothing speaks of may be one whose records never came: who closes it says that he knows (M2)."""
        if not self.unobserved and self._month(frontier_ms).is_unobserved:
            month = self.choice.span.month
            raise ZectoError(
                f"nothing was observed of any service in {month}: no record, probe, manifest or dead letter (M2)",
                hint=f"if that is as it should be: zecto-sla close {month} --unobserved",
                code=Code.NOTHING_KNOWN,
            )

    def _is_amended(self, last: Closing, frontier_ms: int) -> bool:
        if last.format == FIRST_EDITION or frontier_ms <= cut_ms(last) or self.dependencies.progress.has_expired():
            return False
        return is_changed(self._month(cut_ms(last)), self._month(frontier_ms))

    def _fulfil(self, stand: Sequence[Closing], number: int, frontier_ms: int) -> Closed:
        """The document of a closing that stands, proven by the ledger, and kept; of the first edition as it is kept."""
        closing = stand[number]
        if closing.format == FIRST_EDITION:
            return self._of_first_edition(closing)
        self._refuse_other_versions(closing)
        kept = self._kept(closing)
        proposal = self._proposed.get(closing.sha256)
        document = proposal or self._rebuilt(stand[: number + 1], kept, frontier_ms)
        if not kept:
            self.dependencies.documents.put(stand, number, document)
        is_reproduced = proposal is not None or not self.dependencies.progress.has_expired()
        return Closed(closing=closing, document=document, is_new=proposal is not None, is_reproduced=is_reproduced)

    def _of_first_edition(self, closing: Closing) -> Closed:
        kept = self._kept(closing)
        if kept is None:
            raise ZectoError(
                f"{_name(closing)} was made by the contract's first edition, and ClickHouse does not keep it: this "
                f"version cannot make it again, and closes nothing in its place (sha256 {closing.sha256})",
                code=Code.DOCUMENT_MISSING,
            )
        return Closed(closing=closing, document=kept.document, is_new=False, is_reproduced=False)

    def _rebuilt(self, stand: Sequence[Closing], kept: StoredDocument | None, frontier_ms: int) -> bytes:
        closing = stand[-1]
        if kept and self.dependencies.progress.has_expired():
            return kept.document
        if cut_ms(closing) > frontier_ms:
            raise ZectoError(
                f"{_name(closing)} was cut at {closing.cut}, and all is read up to {format_instant(frontier_ms)} only: "
                "wait for the worker, then close again",
                code=Code.NOT_ALL_READ,
            )
        document = self._document(stand)
        if sha256_of(document) != closing.sha256:
            raise ZectoError(_contradiction(closing, document, kept), code=Code.DOCUMENT_CONTRADICTED)
        return document

    def _document(self, stand: Sequence[Closing]) -> bytes:
        closing, span = stand[-1], self.choice.span
        known = self._month(cut_ms(closing))
        if closing.number == 0:
            return statement(closing, known, span)
        return amendment(closing, stand, self._month(cut_ms(stand[-2])), known, span)

    def _month(self, at_ms: int) -> StatementContent:
        if at_ms not in self._known:
            self.dependencies.on_status(f"as known at {format_instant(at_ms)}")
            self._known[at_ms] = self.dependencies.months.known(at_ms)
        return self._known[at_ms]

    def _kept(self, closing: Closing) -> StoredDocument | None:
        """What ClickHouse keeps under this number, if it is what the log says."""
        kept = self.dependencies.documents.take(closing.month, closing.policy, closing.number)
        foreign = [one.sha256 for one in kept if one.sha256 != closing.sha256 or not one.is_whole]
        if foreign:
            raise ZectoError(
                f"ClickHouse keeps another document as {_name(closing)} ({', '.join(foreign)}) than the log "
                f"decided ({closing.sha256}): one of the two was tampered with",
                code=Code.DOCUMENT_CONTRADICTED,
            )
        return kept[0] if kept else None

    def _refuse_other_versions(self, closing: Closing) -> None:
        versions = self.dependencies.versions
        if closing.format != versions.format:
            raise ZectoError(
                f"{_name(closing)} has format {closing.format}: this version writes {versions.format}",
                code=Code.DOCUMENT_CONTRADICTED,
            )
        if closing.policy_sha256 != versions.policy_sha256:
            raise ZectoError(
                f"{_name(closing)} was made with another file of policy {closing.policy} "
                f"(sha256 {closing.policy_sha256}): put it back, or give the new one an id of its own",
                code=Code.DOCUMENT_CONTRADICTED,
            )


def _name(closing: Closing) -> str:
    if closing.number:
        return f"amendment {closing.number} of {closing.month}"
    return f"the statement of {closing.month}"


def _contradiction(closing: Closing, document: bytes, kept: StoredDocument | None) -> str:
    beside = "; ClickHouse keeps it as it was made" if kept else ""
    return (
        f"{_name(closing)} is {closing.sha256}, and the ledger as known at {closing.cut} now gives "
        f"{sha256_of(document)}: records were lost from it or brought in behind its back{beside}"
    )
