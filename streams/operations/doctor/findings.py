"""What was looked at, and what was found there: codes and fields for programs, no words."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from streams.operations.doctor.codes import FindingCode, Level


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at: what was found by `code`, its `fields`, and `details` row by row."""

    code: FindingCode
    fields: Mapping[str, Any]
    details: Sequence[Mapping[str, Any]] = ()

    @property
    def check(self) -> str:
        """What was looked at."""
        return self.code.check

    @property
    def level(self) -> Level:
        """How bad it is."""
        return self.code.level


class Examination(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, in the order in which one should read it."""

    examined_at: str
    findings: Sequence[Finding]

    @property
    def is_healthy(self) -> bool:
        """Whether there is no fault."""
        return all(finding.level is not Level.FAULT for finding in self.findings)


def found(code: FindingCode, details: Sequence[Mapping[str, Any]] = (), /, **fields: object) -> Finding:
    """A finding of the code.

    Raises:
        TypeError: the fields are not those that the code has.
    """
    if fields.keys() != code.fields.keys() or not all(
        isinstance(value, code.fields[name]) for name, value in fields.items()
    ):
        raise TypeError(f"{code.value} has the fields {code.fields}, not {fields}")
    return Finding(code=code, fields=fields, details=details)
