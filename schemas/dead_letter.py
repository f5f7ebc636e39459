"""What goes with the raw bytes of a record that could not count (topic `sla.dead-letters`): its headers."""

from typing import Annotated

from msgspec import Meta, Struct

from schemas.fields import Count
from schemas.violations import Reason


class DeadLetter(Struct, frozen=True, kw_only=True, gc=False):
    """Where a record was read, and what is wrong with it; the dead letter's value is the record's bytes untouched.

    A value too large for that is kept as a stand-in: its first bytes, with `size` and `sha256` of the whole, which
    stays in its topic at `partition` and `offset` and goes into archives of it.
    """

    topic: Annotated[str, Meta(min_length=1)]
    partition: Count
    offset: Count
    timestamp_ms: Annotated[Count, Meta(description="the broker's timestamp of the record")]
    reason: Reason
    path: Annotated[str, Meta(description="where in the record, as $.field; $: the record as a whole")]
    size: Annotated[Count | None, Meta(description="of a stand-in: how long the record's value is")] = None
    sha256: Annotated[str | None, Meta(description="of a stand-in: the hash of the record's value, in hex")] = None

    def headers(self) -> list[tuple[str, bytes]]:
        """The headers as Kafka carries them, in the order of the fields; numbers as decimal digits."""
        fields = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return [(name, str(value).encode()) for name, value in fields if value is not None]
