"""What each of the two says of a span, in one shape, and where they part."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

from streams.audit.differing import FieldDifference, differences
from streams.audit.figures import percent
from streams.audit.judging import Judged, judge
from streams.audit.month import describe_span
from streams.audit.platform import Standing, platform_standing, standing_of
from streams.rules.month.bounds import MinuteBounds
from streams.rules.month.inputs import SpanInputs
from streams.rules.month.judging import SpanJudgement, SpanVerdict, judge_span
from streams.rules.month.policy import MonthPolicy
from streams.rules.month.states import KINDS, STATES
from streams.rules.month.uptime import SpanUptime
from tests.agreement.converting import known_of, policy_of

_SHARES: Final = ("uptime", "uptime_low", "uptime_low_lost", "uptime_high", "credit_uptime")


def disagreements(
    inputs: SpanInputs, policy: MonthPolicy, *, audited_by: MonthPolicy | None = None
) -> Iterator[FieldDifference]:
    """Every field on which the two part: what the auditor says, and what the rules say; by one policy, or by two."""
    audited = judge(known_of(inputs), policy_of(audited_by or policy), inputs.frame.start, inputs.frame.end)
    judged = judge_span(inputs, policy)
    services = tuple(inputs.services)
    yield from differences(told_by_auditor(audited, services), told_by_rules(judged), "")


def told_by_auditor(judged: Judged, services: tuple[str, ...]) -> dict[str, Any]:
    """The auditor's account, minute by minute and in sum."""
    told = describe_span(judged, in_force=True)
    standings = {service: [standing_of(one) for one in judged.verdicts[service]] for service in services}
    observed = [standings[service] for service in services if not told["services"][service]["unobserved"]]
    together = [platform_standing(minute) for minute in zip(*(observed or standings.values()), strict=True)]
    return {
        "minutes": {
            **{service: [_minute(one) for one in standings[service]] for service in services},
            "platform": [_minute(one) for one in together],
        },
        "lifted": {service: [one.lifted for one in judged.verdicts[service]] for service in services},
        **told,
        "services": {service: told["services"][service] for service in services},
    }


def _minute(one: Standing) -> tuple[object, ...]:
    return tuple(one)


def told_by_rules(judged: SpanJudgement) -> dict[str, Any]:
    """The same of the rules over arrays."""
    services = judged.services
    return {
        "minutes": {
            **{service: list(_minutes(one.verdict)) for service, one in services.items()},
            "platform": list(_minutes(judged.platform)),
        },
        "lifted": {service: one.verdict.bounds.lifted.tolist() for service, one in services.items()},
        "services": {
            service: {**_figures(one.verdict), **_numbers(asdict(one.numbers))} for service, one in services.items()
        },
        "platform": _figures(judged.platform),
        "listed_declarations": [
            {
                "declaration_id": row.declaration_id,
                "revision": row.revision,
                "kind": row.kind or "",
                "reason": row.reason.value,
                "minutes": row.minutes,
            }
            for row in judged.listings
        ],
        "manifest_holes": [asdict(hole) for hole in judged.manifest_holes],
    }


def _minutes(verdict: SpanVerdict) -> Iterator[tuple[object, ...]]:
    states = [STATES[code].value for code in verdict.state.tolist()]
    kinds = [KINDS[code] for code in verdict.kind.tolist()]
    excluded = [state == "excluded" for state in states]
    bounds: MinuteBounds = verdict.bounds
    return zip(
        states,
        kinds,
        bounds.bad_at_best.tolist(),
        bounds.bad_at_worst.tolist(),
        bounds.bad_if_lost.tolist(),
        excluded,
        bounds.excluded_at_worst.tolist(),
        bounds.excluded_if_lost.tolist(),
        strict=True,
    )


def _figures(verdict: SpanVerdict) -> dict[str, Any]:
    totals = verdict.totals
    by_state = {state.value: number for state, number in totals.by_state.items()}
    return {
        "total_minutes": totals.total,
        "good_minutes": by_state["good"],
        "down_minutes": by_state["down"],
        "down_minutes_low": totals.down_at_best,
        "down_minutes_high": totals.down_at_worst,
        "down_minutes_high_lost": totals.down_if_lost,
        "excluded_minutes": dict(totals.excluded),
        "idle_minutes": by_state["idle"],
        "blind_minutes": by_state["blind"],
        "pending_minutes": by_state["pending"],
        **_shares(verdict.uptime),
    }


def _shares(uptime: SpanUptime | None) -> dict[str, Any]:
    if uptime is None:
        return {**dict.fromkeys(_SHARES), "credit_percent": None, "unobserved": True}
    shares = {name: percent(getattr(uptime, name)) for name in _SHARES}
    return {**shares, "credit_percent": uptime.credit_percent, "unobserved": False}


def _numbers(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """What is counted beside the minutes, as `month --json` names it."""
    return {
        **{
            name: numbers[name]
            for name in (
                "conflicts",
                "missing_records",
                "unknown_records",
                "unnamed_records",
                "corrected_in_our_favour",
                "collisions",
                "out_of_scope_down_minutes",
                "late_manifests",
            )
        },
        "mended_records": dict(numbers["mended_records"]),
        "source_completeness": "proven" if numbers["proven_complete"] else "unproven",
        "out_of_scope": {"ok": numbers["out_of_scope_ok"], "failed": numbers["out_of_scope_failed"]},
    }
