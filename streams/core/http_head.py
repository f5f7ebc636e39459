"""What the head of a request must not leave open: to whom it goes, where its body ends, which of two values holds."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

Headers = Sequence[tuple[bytes, bytes]]

# Two readers of a request could each take another one of them.
_SINGLE: Final = frozenset(
    {b"host", b"origin", b"sec-fetch-site", b"authorization", b"content-type", b"content-encoding"}
)


def check_head(target: bytes, headers: Headers, *, version: str, is_upgrade: bool) -> None:
    """Refuse a head that can be read in two ways, as RFC 9112 asks for.

    `target` is the address as it stands in the first line, the headers' names in small letters.

    Raises:
        ValueError: a header is doubled, the target names another host than `Host`, the body has a coding that is not
            spoken, or it belongs to a protocol that is not.
    """
    values = dict(headers)
    names = [name for name, _ in headers if name in _SINGLE]
    if len(names) > len(set(names)):
        raise ValueError("a header that must be single is there twice")
    if version == "1.1" and b"host" not in values:
        raise ValueError("no Host")
    if b"://" in target.partition(b"?")[0] and not _names_host(target, values.get(b"host", b"")):
        raise ValueError("another host than Host")
    coding = values.get(b"transfer-encoding")
    if coding is not None and coding.strip().lower() != b"chunked":
        raise ValueError("a transfer coding that is not spoken")
    if is_upgrade and (coding is not None or values.get(b"content-length", b"0").strip() != b"0"):
        raise ValueError("a body for a protocol that is not spoken")


def _names_host(target: bytes, host: bytes) -> bool:
    """Whether an absolute address is of HTTP and of this host."""
    parts = urlsplit(target.lower())
    return parts.scheme in (b"http", b"https") and parts.netloc == host.lower()
