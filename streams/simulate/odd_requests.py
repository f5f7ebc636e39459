"""Requests reported more than once, late, or in an unusual way: each a rule's edge (contract T1, I1-I4, C2, B3)."""

import random
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple


class OddRequest(NamedTuple):
    """A request that is about to be reported oddly: its beginning up to the service, its middle, and what ends it."""

    key: str
    text: str
    """Its minute."""
    second: str
    """The rest of its time."""
    service: str
    middle: str
    source: str

    def line(self, middle: str = "", more: str = "", *, key: str = "", second: str = "") -> str:
        """The record, with another middle, id or time where one is given, and with more behind."""
        return (
            f'{{"request_id":"{key or self.key}","time":"{self.text}{second or self.second}",'
            f'"service":"{self.service}",{middle or self.middle}{more}{self.source}}}'
        )

    def with_status(self, status: str, more: str = "") -> str:
        """The record with another status, and no duration of its own."""
        return self.line(self.middle.replace('"status":', f'"status":{status},"was":', 1), more)


def odd_lines(request: OddRequest, rng: random.Random) -> Iterator[str]:
    """The records that report a request, one of the ways drawn."""
    return iter(_WAYS[int(rng.random() * len(_WAYS))](request, rng))


def _plain(request: OddRequest) -> str:
    return request.line()


def _contradicted(request: OddRequest, _rng: random.Random) -> tuple[str, ...]:
    """Reported again with another status: a producer's fault, in doubt against us (I3)."""
    return _plain(request), request.with_status("499")


def _corrected(request: OddRequest, _rng: random.Random) -> tuple[str, ...]:
    """Failed, and corrected in our favour by a higher revision (I4)."""
    return request.with_status("500"), request.line(more=',"revision":1')


def _blamed(request: OddRequest, _rng: random.Random) -> tuple[str, ...]:
    """Failed by our fault, and an operator's by a revision of our own (I4, C7)."""
    return request.with_status("500"), request.with_status("503", ',"error":"operator_timeout","revision":1')


def _newly_in_scope(request: OddRequest, _rng: random.Random) -> tuple[str, ...]:
    return request.line(more=',"stage":"beta"'), request.line(more=',"revision":1')


def _finer_than_a_millisecond(request: OddRequest, _rng: random.Random) -> tuple[str, ...]:
    """Nine fractional digits: cut, never rounded."""
    return (request.line(second=f"{request.second[:-1]}999999Z"),)


def _with_offset(request: OddRequest, _rng: random.Random) -> tuple[str, ...]:
    """Without a fraction and without Z."""
    return (request.line(second=f"{request.second[:3]}+00:00"),)


def _spaced(request: OddRequest, _rng: random.Random) -> tuple[str, ...]:
    """Moved by a shipper: the same record with its fields spaced out."""
    return _plain(request), _plain(request).replace(',"', ', "')


def _collision(request: OddRequest, _rng: random.Random) -> tuple[str, ...]:
    """Two requests of two accounts under one id (I3)."""
    return _plain(request), request.line(request.middle.replace('"account_id":"', '"account_id":"other-', 1))


def _unnamed(request: OddRequest, rng: random.Random) -> tuple[str, ...]:
    return (request.line(key=rng.choice(("-", "0", "null", "NIL", "None", "undefined", " "))),)


def _overlong(request: OddRequest, _rng: random.Random) -> tuple[str, ...]:
    return (request.line(key=request.key + "x" * 128),)


def _mended(request: OddRequest, _rng: random.Random) -> tuple[str, ...]:
    """Optional fields that cannot be read, or are too long, of a request that failed by our fault (B3)."""
    return (request.with_status("500", f',"duration_ms":"fast","error":"{"e" * 70}"'),)


def _dead_then_mended(request: OddRequest, _rng: random.Random) -> tuple[str, ...]:
    """Sent without its account first: a dead letter that no longer counts (B3)."""
    return request.line(request.middle.replace('"account_id":', '"account":', 1)), _plain(request)


def _odd_numbers(request: OddRequest, _rng: random.Random) -> tuple[str, ...]:
    return (request.with_status("2.02e2", ',"duration_ms":41.0'),)


def _ending(status: str, more: str) -> Callable[[OddRequest, random.Random], tuple[str, ...]]:
    return lambda request, _rng: (request.with_status(status, more),)


_WAYS: Final[tuple[Callable[[OddRequest, random.Random], tuple[str, ...]], ...]] = (
    _contradicted, _corrected, _blamed, _newly_in_scope, _finer_than_a_millisecond, _with_offset, _spaced, _collision,
    _unnamed, _overlong, _mended, _dead_then_mended, _odd_numbers,
    # the client went just before it had waited long enough, just then, and nobody knows when (C2)
    _ending("499", ',"duration_ms":29999.9999'), _ending("499", ',"duration_ms":30000'), _ending("499", ""),
    _ending("0", ',"error":"client_closed","duration_ms":1200.5'),
    # answers just in time and just too late, and of which the last byte alone is known (C2)
    _ending("200", ',"duration_ms":29999.999'), _ending("200", ',"duration_ms":30000.0'),
    _ending("200", ',"total_ms":29999'), _ending("200", ',"total_ms":30000'),
    _ending("101", ',"duration_ms":3600000'), _ending("103", ""),
)  # fmt: skip
