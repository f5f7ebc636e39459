"""How traffic looks: who asks, what for, how quickly it is answered, and with which codes it fails.

Everything random here is drawn once into pools of ready JSON fragments; a record then costs one draw from a pool.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from schemas.codes import ALWAYS_MS, Responsible
from schemas.fields import SERVICES, Service
from schemas.reference import code_tables

_T = TypeVar("_T")

OPERATORS: Final = ("jazz", "telenor", "zong", "ufone")
_OPERATOR_WEIGHTS: Final = (37, 24, 26, 13)

SHARE_OF_SERVICE: Final[dict[Service, float]] = {"sms": 0.5, "voice": 0.1, "whatsapp": 0.25, "email": 0.15}
"""Of all requests and messages."""

# By hour in Karachi, mean 1: people sleep, banks send at nine, shops in the evening.
_KARACHI_RHYTHM: Final = (
    0.35, 0.22, 0.15, 0.12, 0.14, 0.25, 0.5, 0.8, 1.15, 1.6, 1.65, 1.55,
    1.4, 1.3, 1.35, 1.4, 1.4, 1.35, 1.45, 1.6, 1.5, 1.3, 0.92, 0.55,
)  # fmt: skip
_KARACHI_HOURS: Final = 5
"""Ahead of UTC; the rhythm does not mind the years in which the clock was changed."""
_SUNDAY_SHARE: Final = 0.7
_WEEK_DAYS: Final = 7
_EPOCH_TO_SUNDAY: Final = 4

_ACCOUNTS: Final = (
    ("hbl-alerts", 30), ("daraz-orders", 18), ("easypaisa-otp", 16), ("foodpanda-pk", 10), ("k-electric", 7),
    ("nadra-notify", 6), ("bykea", 4), ("lums-admissions", 3), ("clinic-shifa", 2), ("kirana-store-17", 1),
)  # fmt: skip
_ROUTES: Final[dict[Service, tuple[tuple[str, int, int], ...]]] = {
    "sms": (("POST /v1/sms/messages", 202, 8), ("GET /v1/sms/messages/{id}", 200, 3), ("POST /v1/sms/bulk", 202, 1)),
    "voice": (("POST /v1/calls", 201, 6), ("GET /v1/calls/{id}", 200, 3), ("DELETE /v1/calls/{id}", 204, 1)),
    "whatsapp": (
        ("POST /v1/whatsapp/messages", 202, 7),
        ("GET /v1/whatsapp/templates", 200, 1),
        ("GET /media", 304, 1),
    ),
    "email": (("POST /v1/email/messages", 202, 6), ("GET /v1/email/events", 200, 2)),
}
_REGIONS: Final = (("khi-1", 5), ("lhe-1", 3), ("isb-1", 2))
# Failures that are not ours, with how often they are met: status, error, weight (C2).
_FOREIGN_FAILURES: Final = (
    (400, "invalid_request", 14), (401, "invalid_credentials", 10), (402, "insufficient_balance", 8),
    (404, "", 14), (422, "invalid_number", 18), (429, "rate_limited", 20), (403, "account_suspended", 3),
    (503, "operator_unavailable", 10), (504, "operator_timeout", 6), (403, "spam_blocked", 5),
    (451, "regulatory_blocked", 2), (409, "opted_out", 5), (499, "", 3), (418, "", 1),
)  # fmt: skip
# Failures that are ours: status, error; an empty error leaves it to the status.
_OWN_FAILURES: Final = (
    (500, "internal_error"),
    (502, ""),
    (504, "dependency_timeout"),
    (0, ""),
    (400, "internal_validation_bug"),
)

_MEDIAN_MS: Final[dict[Service, float]] = {"sms": 60.0, "voice": 110.0, "whatsapp": 180.0, "email": 90.0}
_SPREAD: Final = 0.55
_POOL: Final = 1_024

CODE_SYSTEMS: Final[dict[Service, tuple[tuple[str, str], ...]]] = {
    "sms": (("smpp_status", "smpp_command_status"), ("gsm_map", "gsm_map_error"), ("vendor", "vendor_dlr_err")),
    "voice": (("sip", "sip_status"), ("q850", "q850_cause")),
    "whatsapp": (("whatsapp", "whatsapp_error"),),
    "email": (("smtp", "smtp_enhanced_status"),),
}
"""By service the code systems of its carriers, each with the table that says who answers."""
_PLAIN_CODE: Final = re.compile(r"[0-9A-Za-z.:]{1,64}")
_DELIVERY_MEDIAN_MS: Final[dict[Service, float]] = {
    "sms": 1_900.0,
    "voice": 4_000.0,
    "whatsapp": 1_200.0,
    "email": 9_000.0,
}
_DELIVERY_SPREAD: Final = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """Pools for one service. A fragment is the middle of a record: `"account_id":"…","status":202,…`."""

    good: tuple[str, ...]
    foreign: tuple[str, ...]
    own: tuple[str, ...]
    beyond_scope: tuple[str, ...]
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    latency_ms: tuple[int, ...]
    operators: tuple[str, ...]
    delivery_ms: tuple[int, ...]
    codes: dict[Responsible, tuple[str, ...]]


def draw_shapes(rng: random.Random) -> dict[Service, Shapes]:
    """The pools of every service."""
    return {service: _shapes_of(service, rng) for service in SERVICES}


def intensity(minute_ms: int) -> float:
    """How busy a minute is, about 1 on the mean of a week."""
    hours = minute_ms // 3_600_000 + _KARACHI_HOURS
    sunday = (hours // 24 + _EPOCH_TO_SUNDAY) % _WEEK_DAYS == 0
    return _KARACHI_RHYTHM[hours % 24] * (_SUNDAY_SHARE if sunday else 1.05)


def own_failure(shapes: Shapes, draw: float, error: str) -> str:
    """The middle of a request that fails by our fault with a known error; `draw` is in [0, 1)."""
    account = shapes.accounts[int(draw * len(shapes.accounts))]
    status = 400 if error == "internal_validation_bug" else 503
    return f'"account_id":"{account}","status":{status},"error":"{error}"'


def _shapes_of(service: Service, rng: random.Random) -> Shapes:
    accounts = _weighted(rng, _ACCOUNTS)
    routes = _weighted(rng, [((route, status), weight) for route, status, weight in _ROUTES[service]])
    regions = _weighted(rng, _REGIONS)
    foreign = _weighted(rng, [((status, error), weight) for status, error, weight in _FOREIGN_FAILURES])
    own = _weighted(rng, [(failure, 1) for failure in _OWN_FAILURES])

    def middle(index: int, status: int, error: str, more: str = "") -> str:
        claimed_error = f',"error":"{error}"' if error else ""
        route = routes[index][0]
        return (
            f'"account_id":"{accounts[index]}","status":{status}{claimed_error}'
            f',"route":"{route}","region":"{regions[index]}"{more}'
        )

    return Shapes(
        good=tuple(middle(index, routes[index][1], "") for index in range(_POOL)),
        foreign=tuple(middle(index, *foreign[index]) for index in range(_POOL)),
        own=tuple(middle(index, *own[index]) for index in range(_POOL)),
        beyond_scope=tuple(
            middle(index, rng.choice((200, 500, 503)), "", rng.choice((',"stage":"beta"', ',"plan":"trial"')))
            for index in range(_POOL)
        ),
        accounts=tuple(accounts),
        regions=tuple(regions),
        latency_ms=tuple(int(_MEDIAN_MS[service] * rng.lognormvariate(0, _SPREAD)) for _ in range(_POOL)),
        operators=tuple(_weighted(rng, list(zip(OPERATORS, _OPERATOR_WEIGHTS, strict=True)))),
        delivery_ms=tuple(
            int(_DELIVERY_MEDIAN_MS[service] * rng.lognormvariate(0, _DELIVERY_SPREAD)) for _ in range(_POOL)
        ),
        codes={responsible: _codes(service, responsible) for responsible in Responsible},
    )


def _codes(service: Service, responsible: Responsible) -> tuple[str, ...]:
    """Fragments `"code_system":"…","code":"…"` of the codes that put a failure down to somebody."""
    tables = code_tables().tables
    return tuple(
        f'"code_system":"{system}","code":"{code}"'
        for system, table in CODE_SYSTEMS[service]
        for code, rows in sorted(tables[table].rows.items())
        if rows == ((ALWAYS_MS, responsible),) and _PLAIN_CODE.fullmatch(code)
    ) or (f'"code_system":"platform","code":"{_platform_code(responsible)}"',)


def _platform_code(responsible: Responsible) -> str:
    rows = code_tables().tables["platform_error"].rows
    found = sorted(code for code, dated in rows.items() if dated == ((ALWAYS_MS, responsible),))
    return found[0] if found else "no_such_code"


def _weighted(rng: random.Random, choices: Sequence[tuple[_T, int]]) -> list[_T]:
    return rng.choices([choice for choice, _ in choices], weights=[weight for _, weight in choices], k=_POOL)
