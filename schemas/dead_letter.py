"""What goes with the raw bytes of a record that could not count (topic `sla.dead-letters`): its headers."""

from typing import Annotated

from msgspec import Meta, Struct

from schemas.fields import Count
from schemas.violations import Reason


class DeadLetter(Struct, frozen=True, kw_only=True, gc=False):
    """Where a record was read, and what is wrong with it; the dead letter's value is the record's bytes untouched."""

    topic: Annotated[str, Meta(min_length=1)]
    partition: Count
    offset: Count
    timestamp_ms: Annotated[Count, Meta(description="the broker's timestamp of the record")]
    reason: Reason
    path: Annotated[str, Meta(description="where in the record, as $.field; $: the record as a whole")]

    def headers(self) -> list[tuple[str, bytes]]:
        """The headers as Kafka carries them, in the order of the fields; numbers as decimal digits."""
        return [(name, str(getattr(self, name)).encode()) for name in self.__struct_fields__]
