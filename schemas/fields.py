"""Field types that records share, with the bounds of docs/reference/records.md.

Lengths are in characters (code points). An explicit `null` for an optional field means that it is absent; such fields
are typed `… | None` and read with `value or default`. Ids may be any text: which of them name nothing, and how long
ones are kept, is said in `schemas.ids`. Choices are literals, not enumerations: the decoder hands out one shared string
each, which the ledger uses as a dictionary key millions of times.
"""

from typing import Annotated, Any, Final, Literal, get_args

from msgspec import Meta

from schemas.numbers import EXACT_MOST

Service = Literal["sms", "voice", "whatsapp", "email"]
Stage = Literal["ga", "beta", "preview", "experimental"]
Plan = Literal["paid", "trial", "promotional"]

SERVICES: Final[tuple[Service, ...]] = get_args(Service)

RESOLUTION_LEAST_MS: Final = 1
RESOLUTION_MOST_MS: Final = 60_000
CUT: Final = "cut"
"""Marks a required text that is cut at its limit, as optional ones are."""

Id = Annotated[str, Meta(description="kept as its hash if it has more than 128 characters (I1)")]
AccountId = Annotated[str, Meta(description="kept as its hash if it has more than 64 characters (I1)")]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
SourceName = Annotated[str, Meta(min_length=1, max_length=64, extra={CUT: True})]
Text64 = Annotated[str, Meta(max_length=64)]
Text200 = Annotated[str, Meta(max_length=200)]
Revision = Annotated[int, Meta(ge=0, le=65_535)]
Part = Annotated[int, Meta(ge=1, le=255, description="of a message of several parts")]
Count = Annotated[int, Meta(ge=0, le=EXACT_MOST)]
"""At most 2^53 - 1: what every JSON reader holds exactly, and sums over thousands of sources do not wrap."""
CodeNumber = Annotated[int, Meta(ge=-EXACT_MOST, le=EXACT_MOST)]
Status = Annotated[
    int,
    Meta(
        ge=0,
        le=599,
        description="an HTTP status from 100 on, or 0: no answer was sent",
        extra_json_schema={"anyOf": [{"const": 0}, {"minimum": 100}]},
    ),
]


def _number_or_null(least: int, most: int) -> dict[str, Any]:
    return {"anyOf": [{"type": "number", "minimum": least, "maximum": most}, {"type": "null"}]}


# An `int` or a `Decimal`: only untyped numbers reach the decoder's hook, which keeps every digit of them (T1). What
# else a record has there, `duration_violation` tells.
Milliseconds = Annotated[
    Any,
    Meta(description="milliseconds, whole or not (T1)", extra_json_schema=_number_or_null(0, EXACT_MOST)),
]
Resolution = Annotated[
    Any,
    Meta(
        description="milliseconds, whole or not (T1)",
        extra_json_schema=_number_or_null(RESOLUTION_LEAST_MS, RESOLUTION_MOST_MS),
    ),
]

_LEAST_STATUS: Final = 100


def valid_status(status: int) -> bool:
    """Whether a status within 0 to 599 is one: 0 (no answer) or 100 to 599."""
    return status == 0 or status >= _LEAST_STATUS
