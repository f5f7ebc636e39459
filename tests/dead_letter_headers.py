"""The headers of a dead letter, read back as another team would."""

from collections.abc import Iterable

import msgspec

from schemas.dead_letter import DeadLetter


def read_headers(headers: Iterable[tuple[str, bytes]]) -> DeadLetter:
    """What `DeadLetter.headers` wrote; other headers are ignored.

    Raises:
        ValueError: a header is missing or is not what it should be.
    """
    texts = {name: value.decode() for name, value in headers if name in DeadLetter.__struct_fields__}
    return msgspec.convert(texts, DeadLetter, strict=False)
