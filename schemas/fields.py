"""Field types that records share, with the bounds of docs/reference/records.md.

Lengths are in characters (code points). An explicit `null` for an optional field means that it is absent; such fields
are typed `… | None` and read with `value or default`. Of duplicate keys the last counts, and each has to be of its
type. Choices are literals, not enumerations: the decoder hands out one shared string each, which the ledger uses as a
dictionary key millions of times.
"""

from typing import Annotated, Final, Literal, get_args

from msgspec import Meta

Service = Literal["sms", "voice", "whatsapp", "email"]
Stage = Literal["ga", "beta", "preview", "experimental"]
Plan = Literal["paid", "trial", "promotional"]

SERVICES: Final[tuple[Service, ...]] = get_args(Service)

Id = Annotated[str, Meta(min_length=1, max_length=128)]
AccountId = Annotated[str, Meta(min_length=1, max_length=64)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Text64 = Annotated[str, Meta(max_length=64)]
Text200 = Annotated[str, Meta(max_length=200)]
Revision = Annotated[int, Meta(ge=0, le=65_535)]
Milliseconds = Annotated[int, Meta(ge=0, le=4_294_967_295)]
Count = Annotated[int, Meta(ge=0, le=9_007_199_254_740_991)]
"""At most 2^53 - 1: what every JSON reader holds exactly, and sums over thousands of sources do not wrap."""
Status = Annotated[
    int,
    Meta(
        ge=0,
        le=599,
        description="an HTTP status from 100 on, or 0: no answer was sent",
        extra_json_schema={"anyOf": [{"const": 0}, {"minimum": 100}]},
    ),
]

_LEAST_STATUS: Final = 100


def valid_status(status: int) -> bool:
    """Whether a status within 0 to 599 is one: 0 (no answer) or 100 to 599."""
    return status == 0 or status >= _LEAST_STATUS
