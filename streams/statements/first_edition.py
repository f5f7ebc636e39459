"""A month that the contract's first edition closed, told with the fields of the second: readers know one layout only.

Its numbers are those of its document. What the first edition did not count is 0; it knew no bound for what was lost
alone, which is therefore that for everything; and of the platform as a whole it said nothing: that is made of the
states that it gave each service (V5).
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from schemas.fields import SERVICES
from streams.rules.month.exact import Flags
from streams.rules.month.platform import platform_kinds
from streams.rules.month.states import KINDS, STATES, Codes
from streams.rules.months import percent
from streams.rules.verdict import MinuteState
from streams.statements.packed_columns import unpack

_NOT_COUNTED: Final[Mapping[str, Any]] = {
    "mended_records": {},
    "unnamed_records": 0,
    "corrected_in_our_favour": 0,
    "collisions": 0,
    "out_of_scope": {"ok": 0, "failed": 0},
    "out_of_scope_down_minutes": 0,
    "late_manifests": 0,
}


def second_edition_of(
    month: Mapping[str, Any], minutes: Mapping[str, Any], states: Mapping[str, Sequence[int]]
) -> dict[str, Any]:
    """The month of a first edition's statement in the second's layout.

    Args:
        month: the object `month` of the statement, as its amendments changed it.
        minutes: the object `minutes` of the statement.
        states: of each service and of the `platform`, a place in STATES for each minute, as amendments changed them.
    """
    services = {name: _service(row) for name, row in month["services"].items()}
    return {
        **month,
        # A closed month is complete; what the first versions gave as reasons all the same are sentences without a code.
        "incomplete_because": [],
        "services": services,
        "platform": _platform(minutes, states, services),
        **{name: [] for name in ("manifest_holes", "plan_mismatch", "account_backdated")},
    }


def _service(row: Mapping[str, Any]) -> dict[str, Any]:
    lost = {"uptime_low_lost": row["uptime_low"], "down_minutes_high_lost": row["down_minutes_high"]}
    return {**_NOT_COUNTED, **lost, "unobserved": False, **row}


def _platform(
    minutes: Mapping[str, Any], states: Mapping[str, Sequence[int]], services: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """The platform's numbers; its bounds are those of the statement, which amendments tell of by service only."""
    state = np.array(states["platform"], dtype=np.int8)
    total, by_state = state.size, {name: int((state == place).sum()) for place, name in enumerate(STATES)}
    down, blind = by_state[MinuteState.DOWN], by_state[MinuteState.BLIND]
    low, high = (_any_down(minutes, column) for column in ("down_low", "down_high"))
    return {
        "total_minutes": total,
        **{f"{name}_minutes": number for name, number in by_state.items() if name != MinuteState.EXCLUDED},
        "excluded_minutes": _excluded(state, minutes),
        "down_minutes_low": low,
        "down_minutes_high": high,
        "down_minutes_high_lost": high,
        "unobserved": False,
        "uptime": _up(down, total),
        "uptime_low": _up(high, total),
        "uptime_low_lost": _up(high, total),
        "uptime_high": _up(low, total),
        "credit_uptime": _up(down + blind, total),
        "credit_percent": max(row["credit_percent"] for row in services.values()),
    }


def _excluded(state: Codes, minutes: Mapping[str, Any]) -> dict[str, int]:
    kinds = platform_kinds(state, [_column(minutes, service, "kind") for service in SERVICES])
    counts = np.bincount(kinds, minlength=len(KINDS))
    return {str(name): int(number) for name, number in zip(KINDS, counts, strict=True) if name and number}


def _any_down(minutes: Mapping[str, Any], column: str) -> int:
    found: Flags = np.any([_column(minutes, service, column) for service in SERVICES], axis=0)
    return int(found.sum())


def _column(minutes: Mapping[str, Any], service: str, name: str) -> NDArray[np.int8]:
    return np.array(unpack(minutes["services"][service][minutes["columns"].index(name)]), dtype=np.int8)


def _up(down: int, total: int) -> str:
    return percent(Fraction(total - down, total))
