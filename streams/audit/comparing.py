"""Where two computations of a month differ: the first minute, else the first field; and how far both are known."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from streams.audit.differing import FieldDifference, differences
from streams.audit.judging import Judged
from streams.audit.kept import AuditRecords, Place
from streams.audit.month import describe_verdict
from streams.audit.records import SERVICES
from streams.audit.verdicts import PENDING
from streams.core.errors import Code, ZectoError

AskMinutes = Callable[[str], list[dict[str, Any]]]
"""The pipeline's minutes of the month, of a service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteDifference:
    """The first service-minute on which the two part, what each says of it, and the records behind it."""

    service: str
    minute: str
    fields: tuple[tuple[str, object, object], ...]
    audited: dict[str, Any]
    pipeline: dict[str, Any] | None
    records: tuple[Place, ...]


def read_answer(reported: bytes | str, name: str) -> Any:  # noqa: ANN401  any JSON
    """An answer of the pipeline, without any float.

    Raises:
        ZectoError: it is no JSON.
    """
    try:
        return json.loads(reported, parse_float=_no_float, parse_constant=_no_float)
    except (ValueError, RecursionError) as error:
        why = "it nests too deep" if isinstance(error, RecursionError) else f"{error}"
        raise ZectoError(f"{name} is not what month --json prints ({why})", code=Code.AUDIT_INPUT_UNUSABLE) from error


def same(audited: Mapping[str, Any], pipeline: Mapping[str, Any]) -> bool:
    """Whether two months are the same to the byte."""
    return json.dumps(audited) == json.dumps(pipeline)


def first_minute(judged: Judged, records_of_month: AuditRecords, ask: AskMinutes) -> MinuteDifference | None:
    """The earliest service-minute on which counts or state differ."""
    found = [
        difference for service in SERVICES if (difference := _first_of(judged, records_of_month, service, ask(service)))
    ]
    return min(found, key=lambda difference: difference.minute, default=None)


def first_field(audited: Mapping[str, Any], pipeline: Mapping[str, Any]) -> FieldDifference | None:
    """The first field of the month on which the two differ, in the order of the auditor's; else that order itself."""
    order = FieldDifference(path="the order of fields", audited="the contract's", pipeline="another")
    found = next(differences(audited, pipeline, ""), order)
    return None if same(audited, pipeline) else found


def _first_of(
    judged: Judged, records_of_month: AuditRecords, service: str, reported: Sequence[dict[str, Any]]
) -> MinuteDifference | None:
    by_minute = {one["minute"]: one for one in reported}
    for minute, verdict in enumerate(judged.verdicts[service], judged.first):
        audited = describe_verdict(minute, verdict)
        pipeline = by_minute.get(audited["minute"])
        if audited != pipeline and audited["state"] != PENDING:
            return MinuteDifference(
                service=service,
                minute=audited["minute"],
                fields=tuple((one.path, one.audited, one.pipeline) for one in differences(audited, pipeline or {}, "")),
                audited=audited,
                pipeline=pipeline,
                records=tuple(sorted(set(records_of_month.places.get((service, minute), ())))),
            )
    return None


def _no_float(reported: str) -> NoReturn:
    raise ValueError(f"{reported} is no whole number")
