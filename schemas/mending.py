"""Records of which an optional field cannot be read: it costs the record that field and nothing else (contract B3)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Protocol, TypeVar

import msgspec
from msgspec import Struct
from msgspec.inspect import IntType, Metadata, StrType, StructType, Type, UnionType

from schemas.fields import CUT
from schemas.numbers import whole
from schemas.violations import Reason, Violation

_PATH: Final = re.compile(r" - at `([^`]*)`(?: in `([^`]*)`)?$")
_MISSING: Final = re.compile(r"^Object missing required field `([^`]*)`")
_MISTYPED: Final = re.compile(r"^Expected `[^`]*`, got `")
_FIELD: Final = re.compile(r"\$\.(\w+)")


class Checked(Protocol):
    """A record that can tell what its field types cannot say."""

    def violation(self) -> Violation | None:
        """What is wrong with it; None: nothing."""


_ANY_KEY: Final = "[...]"
"""How msgspec names the place of a value in an object: without its key."""

Record = TypeVar("Record", bound=Checked)


@dataclass(frozen=True, slots=True)
class _Field:
    is_optional: bool
    is_whole: bool
    most_characters: int | None
    is_cut: bool
    """Whether it is mended by leaving off what is too long, rather than by leaving it out."""


def mend(record_type: type[Record], written: Mapping[str, Any]) -> tuple[Record, tuple[str, ...]] | Violation:
    """The record that an object of JSON holds and the names of its mended fields, or what no mending can help.

    A text that is too long is cut at its limit, any other optional field with a violation is left out; a number that is
    whole is an integer however it is written.
    """
    known = _fields_of(record_type)
    fields = {name: whole(value) if known[name].is_whole else value for name, value in written.items() if name in known}
    mended: set[str] = set()
    while True:
        record, violation = _converted(record_type, fields)
        if violation is None:
            assert record is not None  # noqa: S101  without a violation there is a record
            return record, tuple(sorted(mended))
        name = _name_in(violation.path)
        if name not in known or not _mended(known[name], name, fields):
            return _with_key(violation, record_type, fields, name)
        mended.add(name)


def violation_of(error: Exception) -> Violation:
    """What a decoder of msgspec found wrong."""
    match error:
        case RecursionError():
            return Violation(reason=Reason.TOO_DEEP, path="$")
        case msgspec.ValidationError():
            return _violation_in(str(error))
        case _:
            return Violation(reason=Reason.NOT_JSON, path="$")


def _converted(record_type: type[Record], fields: Mapping[str, Any]) -> tuple[Record | None, Violation | None]:
    try:
        record = msgspec.convert(fields, record_type)
    except msgspec.ValidationError as error:
        return None, violation_of(error)
    return record, record.violation()


def _with_key(violation: Violation, record_type: type[Checked], fields: Mapping[str, Any], name: str) -> Violation:
    """The same violation with the key of the object's value that it is about, which msgspec leaves open."""
    found = fields.get(name)
    if not violation.path.endswith(_ANY_KEY) or not isinstance(found, dict):
        return violation
    for key, value in found.items():
        if _converted(record_type, {**fields, name: {key: value}})[1] == violation:
            return Violation(reason=violation.reason, path=f"{violation.path.removesuffix(_ANY_KEY)}.{key}")
    return violation


def _mended(field: _Field, name: str, fields: dict[str, Any]) -> bool:
    value = fields.get(name)
    if field.is_cut and isinstance(value, str) and len(value) > (field.most_characters or 0):
        fields[name] = value[: field.most_characters]
        return True
    return field.is_optional and fields.pop(name, None) is not None


def _violation_in(message: str) -> Violation:
    # msgspec tells what and where in words only; every word relied on here has an example in schemas/examples.
    found = _PATH.search(message)
    path = "$" if found is None else (found[2] or found[1])
    missing = _MISSING.match(message)
    if missing is not None:
        return Violation(reason=Reason.MISSING_FIELD, path=f"{path}.{missing[1]}")
    if message.startswith("Invalid enum value"):
        return Violation(reason=Reason.NOT_IN_ENUM, path=path)
    if _MISTYPED.match(message):
        return Violation(reason=Reason.NOT_AN_OBJECT if path == "$" else Reason.WRONG_TYPE, path=path)
    return Violation(reason=Reason.OUT_OF_BOUNDS, path=path)


def _name_in(path: str) -> str:
    found = _FIELD.match(path)
    return found[1] if found else ""


@cache
def _fields_of(record_type: type[Struct]) -> Mapping[str, _Field]:
    described = msgspec.inspect.type_info(record_type)
    assert isinstance(described, StructType)  # noqa: S101  every record is a struct
    return {field.encode_name: _field(field.type, is_optional=not field.required) for field in described.fields}


def _field(described: Type, *, is_optional: bool) -> _Field:
    extra = described.extra if isinstance(described, Metadata) else None
    choices = [_bare(choice) for choice in (described.types if isinstance(described, UnionType) else (described,))]
    limits = [choice.max_length for choice in choices if isinstance(choice, StrType) and choice.max_length]
    return _Field(
        is_optional=is_optional,
        is_whole=any(isinstance(choice, IntType) for choice in choices),
        most_characters=limits[0] if limits else None,
        is_cut=bool(limits) and (is_optional or CUT in (extra or {})),
    )


def _bare(described: Type) -> Type:
    return _bare(described.type) if isinstance(described, Metadata) else described
