"""Where documents are kept in ClickHouse: written once, twice is once, never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from clickhouse_connect.driver.client import Client

from schemas.closing import Closing
from schemas.instants import format_instant
from streams.clickhouse.session import rows
from streams.core.canonical_json import sha256_of
from streams.core.instants import to_datetime
from streams.statements.log import cut_ms

_STATEMENT_COLUMNS: Final = ("month", "policy", "sha256", "cut", "document")
_AMENDMENT_COLUMNS: Final = (
    "month",
    "policy",
    "number",
    "sha256",
    "statement_sha256",
    "cut_before",
    "cut",
    "document",
)
_ALL: Final = """
SELECT month, policy, toUInt32(0) AS number, sha256, toUnixTimestamp64Milli(cut) AS cut_ms, document
FROM statements FINAL
UNION ALL
SELECT month, policy, number, sha256, toUnixTimestamp64Milli(cut) AS cut_ms, document
FROM amendments FINAL
"""
_LISTED: Final = f"""
SELECT month, policy, number, sha256, cut_ms, '' AS document FROM ({_ALL})
WHERE {{month:String}} IN ('', month) AND {{policy:String}} IN ('', policy)
ORDER BY month, policy, number, sha256
"""  # noqa: S608  no foreign text
_TAKEN: Final = f"""
SELECT * FROM ({_ALL})
WHERE month = {{month:String}} AND policy = {{policy:String}} AND number = {{number:UInt32}}
ORDER BY sha256
"""  # noqa: S608  no foreign text


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """A document as it is kept; a listing leaves `document` empty."""

    month: str
    policy: str
    number: int
    sha256: str
    cut: str
    document: bytes

    @property
    def is_whole(self) -> bool:
        """Whether its bytes are those of its hash."""
        return sha256_of(self.document) == self.sha256


class DocumentStore:
    """The tables `statements` (number 0) and `amendments` (1, 2, …)."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def put(self, stand: Sequence[Closing], number: int, document: bytes) -> None:
        """Keep the document of an effective closing; returns once it is on disk."""
        closing, text = stand[number], document.decode()
        cut = to_datetime(cut_ms(closing))
        if number == 0:
            row = [closing.month, closing.policy, closing.sha256, cut, text]
            self._client.insert("statements", [row], _STATEMENT_COLUMNS)
            return
        before = to_datetime(cut_ms(stand[number - 1]))
        row = [closing.month, closing.policy, number, closing.sha256, stand[0].sha256, before, cut, text]
        self._client.insert("amendments", [row], _AMENDMENT_COLUMNS)

    def take(self, month: str, policy: str, number: int) -> list[StoredDocument]:
        """What is kept under a number: one document, or none; more only if something is very wrong."""
        asked = {"month": month, "policy": policy, "number": number}
        return [_kept(row) for row in rows(self._client, _TAKEN, asked)]

    def listed(self, month: str = "", policy: str = "") -> list[StoredDocument]:
        """Everything that is kept, of one month and policy if named, without the documents' bytes."""
        return [_kept(row) for row in rows(self._client, _LISTED, {"month": month, "policy": policy})]


def _kept(row: object) -> StoredDocument:
    assert isinstance(row, dict)  # noqa: S101  named results are
    return StoredDocument(
        month=row["month"],
        policy=row["policy"],
        number=row["number"],
        sha256=row["sha256"],
        cut=format_instant(row["cut_ms"]),
        document=row["document"].encode(),
    )
