"""What is said of a key of a policy's file: what it does, by which rule, and what a change of it brings."""

from enum import StrEnum, unique
from typing import Any, Final

from msgspec import Meta, Struct

UINT32_MAX: Final = 4_294_967_295


@unique
class Lowers(StrEnum):
    """Which other value of a key lowers a commitment, so that it needs 30 days' notice (M5, §10.2)."""

    GREATER = "a greater one"
    SMALLER = "a smaller one"
    OTHER = "any other"
    NONE = "none"


class PolicyTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a policy's file; a misspelt key is an error, not a default."""


def key(
    rule: str,
    does: str,
    change: str,
    lowers: Lowers | str = Lowers.NONE,
    **bounds: Any,  # noqa: ANN401  as msgspec takes them
) -> Meta:
    """What a key does, by which rule, and what a change brings; `bounds` are msgspec's."""
    return Meta(description=does, extra={"rule": rule, "change": change, "lowers": str(lowers)}, **bounds)
