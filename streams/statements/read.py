"""The effective documents of a closed month: those that the log of closings names, with the bytes that it names."""

from streams.core.errors import ZectoError
from streams.statements.document_store import DocumentStore, StoredDocument
from streams.statements.log import KafkaClosingLog


def effective_documents(
    log: KafkaClosingLog, document_store: DocumentStore, month: str, policy: str
) -> list[StoredDocument]:
    """The statement and its amendments, by number; none: nobody closed the month.

    Raises:
        ZectoError: ClickHouse does not keep the bytes that the log names.
    """
    documents: list[StoredDocument] = []
    for closing in log.read_effective(month, policy):
        kept = document_store.take(month, policy, closing.number)
        named = [one for one in kept if one.sha256 == closing.sha256 and one.is_whole]
        if not named:
            raise ZectoError(
                f"document {closing.number} of {month} is not kept as it was made: zecto-sla close {month}"
            )
        documents.append(named[0])
    return documents
