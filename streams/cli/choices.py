"""What the arguments of the questions mean: services, instants, months and their policies."""

from typing import Final

from schemas.fields import SERVICES, Service
from schemas.instants import InstantError, format_instant, parse_instant_of_month
from schemas.policies import Policy, PolicyError
from schemas.reference import policies
from streams.core.errors import Code, UsageError, ZectoError
from streams.rules.calendar import MonthError, months_between
from streams.rules.policy import PolicyChoice, apply_policy, policy_of_month

_EXAMPLE_MS: Final = 1_788_430_020_000
_MINUTE_CHARS: Final = 16


def choose_policy(month: str, policy_id: str | None) -> PolicyChoice:
    """The month under the policy named, else under the one effective at its start (M4, M5).

    Raises:
        UsageError: no such month or policy.
        ZectoError: a policy file cannot be used.
    """
    known = known_policies()
    try:
        if policy_id is None:
            return policy_of_month(month, known)
        for policy in known:
            if policy.policy_id == policy_id:
                return apply_policy(month, policy)
    except MonthError as error:
        raise UsageError(str(error)) from error
    raise _no_policy(policy_id)


def check_month(month: str | None) -> None:
    """Refuse what is no month; None: none was named.

    Raises:
        UsageError: says what a month looks like.
    """
    if month is not None:
        choose_policy(month, None)


def check_policy(policy_id: str | None) -> None:
    """Refuse what is no policy's id; None: none was named.

    Raises:
        UsageError: names those there are.
    """
    if policy_id is not None and policy_id not in {policy.policy_id for policy in known_policies()}:
        raise _no_policy(policy_id)


def choice_of_months(from_s: int, to_s: int, policy_id: str | None) -> list[PolicyChoice]:
    """The months that [from_s, to_s) lies in, each under its policy."""
    months = months_between(from_s * 1000, to_s * 1000 - 1, known_policies()[0].zone)
    return [choose_policy(month, policy_id) for month in months]


def _no_policy(policy_id: str | None) -> UsageError:
    return UsageError(f"no policy {policy_id}; there are {', '.join(policy.policy_id for policy in known_policies())}")


def known_policies() -> tuple[Policy, ...]:
    """All policies, by effective date.

    Raises:
        ZectoError: a policy file cannot be used; names file and key.
    """
    try:
        return policies()
    except PolicyError as error:
        raise ZectoError(f"{error}", code=Code.DATA_FILE_UNUSABLE) from error


def service_of(name: str) -> Service:
    """The service of this name.

    Raises:
        UsageError: there is none; names those there are.
    """
    for service in SERVICES:
        if service == name:
            return service
    raise UsageError(f"no service {name}; there are {', '.join(SERVICES)}")


def minute_s(text: str) -> int:
    """The minute that an instant lies in, in seconds since the epoch."""
    return instant_ms(text) // 60_000 * 60


def instant_ms(text: str) -> int:
    """An instant (T1); seconds may be left out, as in 2026-09-03T10:07Z.

    Raises:
        UsageError: it is none.
    """
    ends_early = text[_MINUTE_CHARS : _MINUTE_CHARS + 1] in ("Z", "+", "-")
    try:
        return parse_instant_of_month(text[:_MINUTE_CHARS] + ":00" + text[_MINUTE_CHARS:] if ends_early else text)
    except InstantError as error:
        raise UsageError(f"{text!r} is no instant such as {format_instant(_EXAMPLE_MS)}: {error}") from error
