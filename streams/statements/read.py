"""The documents of a closed month as they stand: those that the log of closings names, with the bytes that it names."""

from streams.core.errors import ZectoError
from streams.statements.document_store import Kept, Shelf
from streams.statements.log import Log


def standing_documents(log: Log, shelf: Shelf, month: str, policy: str) -> list[Kept]:
    """The statement and its amendments, by number; none: nobody closed the month.

    Raises:
        ZectoError: ClickHouse does not keep the bytes that the log names.
    """
    documents: list[Kept] = []
    for closing in log.standing(month, policy):
        kept = shelf.take(month, policy, closing.number)
        named = [one for one in kept if one.sha256 == closing.sha256 and one.is_whole]
        if not named:
            raise ZectoError(
                f"document {closing.number} of {month} is not kept as it was made: zecto-sla close {month}"
            )
        documents.append(named[0])
    return documents
