"""Where two accounts of the same thing part, field by field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDifference:
    """The first field of the month on which the two part, as a path, and what each says."""

    path: str
    audited: object
    pipeline: object


def differences(audited: object, pipeline: object, path: str) -> Iterator[FieldDifference]:
    """Every field on which two accounts part, as paths below `path`."""
    if isinstance(audited, Mapping) and isinstance(pipeline, Mapping):
        for name in dict.fromkeys([*audited, *pipeline]):
            yield from differences(audited.get(name), pipeline.get(name), f"{path}.{name}" if path else name)
    elif isinstance(audited, list) and isinstance(pipeline, list):
        for number in range(max(len(audited), len(pipeline))):
            one, other = (reported[number] if number < len(reported) else None for reported in (audited, pipeline))
            yield from differences(one, other, f"{path}[{number}]")
    elif audited != pipeline:
        yield FieldDifference(path=path, audited=audited, pipeline=pipeline)
