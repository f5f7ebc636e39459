"""A proposal to close a month at a cut (topic `sla.statements`; key `month|policy`): the first of its number wins."""

from typing import Annotated

from msgspec import Meta, Struct

from schemas.fields import Count
from schemas.instants import Instant

MONTH_PATTERN = r"^(20[0-9]{2}-(0[1-9]|1[0-2])|1999-12|2100-01)$(?!\n)"
"""Every month that holds a valid instant (T1) in some zone: 1999-12 west of Greenwich, 2100-01 east of it (T3)."""

Month = Annotated[str, Meta(pattern=MONTH_PATTERN, description="YYYY-MM, in the policy's zone")]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)", description="SHA-256, 64 hexadecimal digits")]


class EndOffset(Struct, frozen=True, kw_only=True, gc=False):
    """Where a cut falls in a partition of one incarnation of an input topic."""

    topic: Annotated[str, Meta(min_length=1)]
    topic_id: Annotated[str, Meta(min_length=1, description="the broker's id: a recreated topic is another topic")]
    partition: Count
    offset: Annotated[Count, Meta(description="the first whose broker timestamp is not before the cut, else the end")]


class Closing(Struct, frozen=True, kw_only=True, gc=False):
    """Closes a month (number 0) or amends it (1, 2, …); what was known before `cut` decides the document's bytes."""

    month: Month
    policy: Annotated[str, Meta(min_length=1, max_length=64)]
    number: Annotated[Count, Meta(description="0: the statement; 1, 2, …: its amendments")]
    cut: Annotated[Instant, Meta(description="T1: only what has an earlier broker timestamp counts")]
    end_offsets: list[EndOffset]
    format: Annotated[int, Meta(ge=1, le=65_535, description="version of the document's layout")]
    policy_sha256: Annotated[Sha256, Meta(description="SHA-256 of the policy's file")]
    codes_sha256: Annotated[dict[str, Sha256], Meta(description="SHA-256 of each code table's file, by its name")]
    sha256: Annotated[Sha256, Meta(description="SHA-256 of the document's bytes")]
