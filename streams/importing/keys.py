"""The Kafka key of a record, read from the record itself."""

from collections.abc import Callable
from typing import Any

import msgspec

# The record's bytes in, the key's bytes out; None where there is none to be read.
KeyReader = Callable[[bytes], bytes | None]


def key_reader(field: str) -> KeyReader:
    """A reader of one string field; whatever is not a JSON object with that string has no key."""
    shape = msgspec.defstruct("Keyed", [("key", str)], rename={"key": field}, gc=False)
    decode: Any = msgspec.json.Decoder(shape).decode

    def read_key(record: bytes) -> bytes | None:
        try:
            key: str = decode(record).key
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        # JSON can say half a surrogate pair, UTF-8 cannot
        return key.encode("utf-8", "surrogatepass")

    return read_key
