"""The state of every minute (V3), from what is known of it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from streams.rules.month.exact import Counts, Flags
from streams.rules.month.failures import is_bad, outnumbered
from streams.rules.month.policy import MonthPolicy
from streams.rules.month.settled import SettledCounts
from streams.rules.verdict import EXCLUDING_KINDS, OTHERS_OUTAGES, MinuteState

Codes = NDArray[np.int8]

STATES: Final = tuple(MinuteState)
"""What a code of a state means."""

KINDS: Final = ("", *EXCLUDING_KINDS)
"""What a code of a kind means; 0 where no window excludes."""

_OURS: Final = np.array([kind not in OTHERS_OUTAGES for kind in EXCLUDING_KINDS])
"""Which kinds excuse faults of ours (V3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficReading:
    """Requests or messages of the judged minutes, and what of them is missing; (t,) each."""

    settled: SettledCounts
    known_missing: Counts
    """Without the estimate in holes: what `missing_records` counts."""
    missing: Counts
    missing_at_worst: Counts
    """By the greatest count of any revision of a manifest (I4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteReading:
    """All that decides the judged minutes of a service; (t,) each, but for the kinds."""

    requests: TrafficReading
    messages: TrafficReading
    vantages_ok: Counts
    vantages_failed: Counts
    gap: Flags
    in_hole: Flags
    silent: Flags
    in_doubt: Flags
    pending: Flags
    """The frontier has not passed the minute's end by the grace (B5)."""
    over: Flags
    """The minute's end lies not after the instant of the answer (B4)."""
    kinds: Flags
    """(kinds, t): windows that may excuse the minute, by kind in the order of X4."""
    proven: Flags
    """Maintenance with proven notice may excuse the minute (B4)."""

    @property
    def traffic(self) -> tuple[TrafficReading, TrafficReading]:
        """Requests and messages, which are judged apart."""
        return self.requests, self.messages

    @property
    def valid(self) -> Counts:
        """V, requests and messages together."""
        return self.requests.settled.valid + self.messages.settled.valid

    @property
    def missing(self) -> Counts:
        """What is missing of both."""
        return self.requests.missing + self.messages.missing


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteStates:
    """(t,) each: states and kinds by their codes, and why."""

    state: Codes
    kind: Codes
    """The kind of the window where the minute is excluded."""
    bad: Flags
    """Bad as received (V1, V2), whatever excuses it."""
    bad_with_missing: Flags
    """Not bad as received, but so if what is missing failed."""


def states_of(reading: MinuteReading, policy: MonthPolicy) -> MinuteStates:
    """The state of every minute: the first that fits (V3)."""
    bad = bad_as_received(reading, policy)
    with_missing = bad_with_missing(reading, policy) & ~bad
    unknown = is_unknown(reading, with_missing)
    kind = np.where(bad, kind_if_bad(reading), np.where(unknown, kind_if_unknown(reading), 0)).astype(np.int8)
    kind[reading.pending] = 0
    fits = (
        (MinuteState.PENDING, reading.pending),
        (MinuteState.EXCLUDED, kind > 0),
        (MinuteState.DOWN, bad),
        (MinuteState.BLIND, unknown),
        (MinuteState.GOOD, (reading.valid > 0) | (reading.vantages_ok > reading.vantages_failed)),
    )
    state = np.select([flags for _, flags in fits], [code_of(state) for state, _ in fits], code_of(MinuteState.IDLE))
    return MinuteStates(state=state.astype(np.int8), kind=kind, bad=bad, bad_with_missing=with_missing)


def bad_as_received(reading: MinuteReading, policy: MonthPolicy) -> Flags:
    """Whether minutes are bad by requests, by messages (V1), or with neither by their vantages (V2)."""
    by_vantages = (reading.valid == 0) & outnumbered(reading.vantages_ok, reading.vantages_failed)
    requests, messages = (is_bad(one.settled.failed, one.settled.valid, policy) for one in reading.traffic)
    bad: Flags = requests | messages | by_vantages
    return bad


def bad_with_missing(reading: MinuteReading, policy: MonthPolicy) -> Flags:
    """Whether minutes are bad if everything that is missing failed (V3)."""
    requests, messages = (
        is_bad(one.settled.failed + one.missing, one.settled.valid + one.missing, policy) for one in reading.traffic
    )
    return requests | messages


def is_unknown(reading: MinuteReading, with_missing: Flags) -> Flags:
    """Whether nothing is known of minutes (V3): in a gap, bad with what is missing, or silent without good probes."""
    unseen = reading.silent & (reading.vantages_ok <= reading.vantages_failed)
    return reading.gap | with_missing | unseen


def kind_if_bad(reading: MinuteReading) -> Codes:
    """The kind that excuses a bad minute (X3, X4): others' outages only where nothing was valid and nothing missing."""
    unused = (reading.valid == 0) & (reading.missing == 0)
    return _first_kind(reading.kinds & (_OURS[:, np.newaxis] | unused))


def kind_if_unknown(reading: MinuteReading) -> Codes:
    """The kind that excuses a minute of which nothing is known (V3): one that excuses faults of ours."""
    return _first_kind(reading.kinds & _OURS[:, np.newaxis])


def code_of(state: MinuteState) -> int:
    """The code of a state in arrays."""
    return STATES.index(state)


def _first_kind(kinds: Flags) -> Codes:
    """(t,): the code of the first kind that is set, 0 if none is."""
    return np.where(kinds.any(axis=0), kinds.argmax(axis=0) + 1, 0).astype(np.int8)
