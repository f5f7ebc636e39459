"""What H1 promises of a span, and of a span before and after one change: nobody gains unlisted."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from fractions import Fraction
from typing import Final

import numpy as np

from schemas.fields import Service
from streams.rules.month.judging import SpanJudgement, SpanVerdict
from streams.rules.month.span import WEEK
from streams.rules.month.states import code_of
from streams.rules.verdict import MinuteState
from tests.fairness.changes import JudgedSpan, SpanChange
from tests.unit.rules.month.spans import Span

_DOWN: Final = code_of(MinuteState.DOWN)
_BLIND: Final = code_of(MinuteState.BLIND)
_YOUNG: Final = 2 * WEEK

Shares = tuple[Fraction, ...]


class UnfairError(AssertionError):
    """A number rose that must not, or rose unlisted."""


def check_order(judged: SpanJudgement) -> None:
    """V4, H1: low, credit, headline and high are in this order, and minutes add up."""
    for name, verdict in verdicts(judged):
        found = verdict.uptime
        if sum(verdict.totals.by_state.values()) != verdict.totals.total:
            raise UnfairError(f"{name}: minutes do not add up")
        if found is not None and not found.uptime_low <= found.credit_uptime <= found.uptime <= found.uptime_high:
            raise UnfairError(f"{name}: {found}")
        if found is not None and not found.uptime_low <= found.uptime_low_lost <= found.credit_uptime:
            raise UnfairError(f"{name}: lost: {found}")
        _check_minutes(name, verdict)


def check_removal(change: SpanChange) -> None:
    """Neither the low bound nor credit uptime rises, of any service or of the platform."""
    before, after = change.before.judged, change.after.judged
    check_order(after)
    for (name, was), (_, now) in zip(verdicts(before), verdicts(after), strict=True):
        for share, old, new in zip(("uptime_low", "credit_uptime"), shares(was), shares(now), strict=False):
            if new > old:
                raise UnfairError(f"{name}: {share} rose from {old} to {new}")


def check_correction(change: SpanChange) -> None:
    """The low bound does not rise (B4's c), and what raises another number is counted."""
    before, after = change.before.judged, change.after.judged
    check_order(after)
    for (name, was), (_, now) in zip(verdicts(before), verdicts(after), strict=True):
        if shares(now)[0] > shares(was)[0]:
            raise UnfairError(f"{name}: uptime_low rose from {shares(was)[0]} to {shares(now)[0]}")
    _check_counted(change, before, after)


def check_counted(change: SpanChange) -> None:
    """What raises a number is counted as corrected in our favour, or as a conflict (I3, I4)."""
    before, after = change.before.judged, change.after.judged
    check_order(after)
    _check_counted(change, before, after)


def check_listed(change: SpanChange) -> None:
    """A declaration, revision or retraction that raises a number is listed (X4)."""
    before, after = change.before.judged, change.after.judged
    check_order(after)
    listed = {row.declaration_id for row in after.listings}
    if risen(before, after) and change.declaration_id not in listed:
        raise UnfairError(f"{change.declaration_id} raises {risen(before, after)}, unlisted")


def check_own_minutes(change: SpanChange) -> None:
    """No fewer of its own minutes are down, down or blind, or bad at best or worst."""
    was, now = (_bad_minutes(span, change.service, change.minutes) for span in (change.before, change.after))
    for what in was:
        if now[what] < was[what]:
            raise UnfairError(f"{change.service}: {what} fell from {was[what]} to {now[what]}")


def known_exception(change: SpanChange, check: Callable[[SpanChange], None]) -> str:
    """Why the contract's own text lets a removal pay; empty if it does not.

    Each reason is held against the same change without it: only what it alone brings about is excepted.
    """
    if change.taken is None:
        return ""
    ways = (
        ("a young service's silence begins earlier (B2)", _heard_all_the_same),
        ("a service's first record is a missing one (B2)", _first_heard_the_same),
        (_DEAD, _no_dead),
    )
    for reason, without in ways:
        other = without(change)
        if other is not None and _holds(other, check):
            return reason
    return ""


_DEAD: Final = "dead letters outnumber what the source's manifest misses (B3)"


def verdicts(judged: SpanJudgement) -> Iterator[tuple[str, SpanVerdict]]:
    """Every service's verdict and the platform's."""
    yield from ((service, one.verdict) for service, one in judged.services.items())
    yield "platform", judged.platform


def shares(verdict: SpanVerdict) -> Shares:
    """Low, credit, headline and high, all one where unobserved (M2)."""
    found = verdict.uptime
    if found is None:
        return (Fraction(1),) * 4
    return found.uptime_low, found.credit_uptime, found.uptime, found.uptime_high


def risen(before: SpanJudgement, after: SpanJudgement) -> list[str]:
    """The services of which a number is greater than before."""
    pairs = zip(verdicts(before), verdicts(after), strict=True)
    return [
        name
        for (name, was), (_, now) in pairs
        if any(new > old for old, new in zip(shares(was), shares(now), strict=True))
    ]


def _check_minutes(name: str, verdict: SpanVerdict) -> None:
    """B4: each minute's bounds hold its state."""
    down, blind, bounds = verdict.state == _DOWN, verdict.state == _BLIND, verdict.bounds
    if (bounds.bad_at_best & ~down).any():
        raise UnfairError(f"{name}: bad at best, and not down")
    if ((down | blind) & ~bounds.bad_if_lost).any() or (bounds.bad_if_lost & ~bounds.bad_at_worst).any():
        raise UnfairError(f"{name}: bad as told or for what was lost, and not at worst")
    if (bounds.bad_at_worst & bounds.excluded_at_worst).any():
        raise UnfairError(f"{name}: bad and excluded at worst")


def _check_counted(change: SpanChange, before: SpanJudgement, after: SpanJudgement) -> None:
    was, now = (judged.services[change.service].numbers for judged in (before, after))
    counted = now.corrected_in_our_favour > was.corrected_in_our_favour or now.conflicts > was.conflicts
    if risen(before, after) and not counted:
        raise UnfairError(f"{risen(before, after)} rose, uncounted")


def _bad_minutes(span: JudgedSpan, service: Service, minutes: slice) -> dict[str, int]:
    verdict = span.judged.services[service].verdict
    state, bounds = verdict.state[minutes], verdict.bounds
    return {
        "down": int((state == _DOWN).sum()),
        "down or blind": int(np.isin(state, (_DOWN, _BLIND)).sum()),
        "bad at best": int(bounds.bad_at_best[minutes].sum()),
        "bad at worst": int(bounds.bad_at_worst[minutes].sum()),
    }


def _holds(change: SpanChange, check: Callable[[SpanChange], None]) -> bool:
    try:
        check(change)
    except UnfairError:
        return False
    return True


def _heard_all_the_same(change: SpanChange) -> SpanChange | None:
    """The same change, had no silence begun earlier by it; None of a service that is not young."""
    if not _is_young(change.before.span, change.service):
        return None
    after = deepcopy(change.after.span)
    for of in ("requests", "messages"):
        getattr(after.services[change.service], of).heard[:] = getattr(
            change.before.span.services[change.service], of
        ).heard
    return SpanChange(before=change.before, after=JudgedSpan(span=after), service=change.service, taken=change.taken)


def _first_heard_the_same(change: SpanChange) -> SpanChange | None:
    """The same change, had it not made the service older; None of one whose first record lies before the frame."""
    first = _first_heard(change.before.span, change.service)
    if first is None or change.before.span.services[change.service].first_record is not None:
        return None
    before, after = deepcopy(change.before.span), deepcopy(change.after.span)
    for span in (before, after):
        span.services[change.service] = replace(span.services[change.service], first_record=first)
    return SpanChange(
        before=JudgedSpan(span=before), after=JudgedSpan(span=after), service=change.service, taken=change.taken
    )


def _first_heard(span: Span, service: Service) -> int | None:
    """The minute of the first valid record within the frame."""
    heard = span.services[service].requests.heard + span.services[service].messages.heard > 0
    return span.frame.first + int(heard.argmax()) if heard.any() else None


def _is_young(span: Span, service: Service) -> bool:
    """Whether a service's first record lies less than 14 days before the span's end."""
    counts = span.services[service]
    if counts.first_record is not None:
        return span.frame.end - counts.first_record < _YOUNG
    return (
        span.frame.end - span.frame.first - int((counts.requests.heard + counts.messages.heard > 0).argmax()) < _YOUNG
    )


def _no_dead(change: SpanChange) -> SpanChange | None:
    """The same change without dead letters."""
    if not change.before.span.dead_letters:
        return None
    before, after = deepcopy(change.before.span), deepcopy(change.after.span)
    before.dead_letters, after.dead_letters = [], []
    return SpanChange(
        before=JudgedSpan(span=before), after=JudgedSpan(span=after), service=change.service, taken=change.taken
    )
