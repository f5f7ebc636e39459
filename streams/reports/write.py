"""Many reports: gathered here one by one, drawn and written by as many processes as there are processors.

    gathering ─► a few dozen accounts at a time ─► process: draw, write ─► what was written, in the order of accounts

Few are drawn in this process: others would take longer to start than to draw them.
"""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import msgspec

from streams.reports.files import Drawer, Format, Written
from streams.reports.model import ReportAccount, ReportMonth

BuildAccount = Callable[[str], tuple[str, ReportAccount]]
"""The policy and the part of a report of an account, by its id."""

_FEW: Final = 8
_AT_A_TIME: Final = 50
_WAITING_EACH: Final = 2

_Batch = list[tuple[str, ReportAccount]]
_encode: Final = msgspec.msgpack.Encoder().encode
_decode_batch: Final = msgspec.msgpack.Decoder(_Batch).decode


def write_reports(
    months: Mapping[str, ReportMonth],
    accounts: Sequence[str],
    build_account: BuildAccount,
    formats: Sequence[Format],
    folder: Path,
    *,
    overwrite: bool = False,
) -> Iterator[list[Written]]:
    """The files of each account's report, as they are written, in the order of the accounts.

    Raises:
        UsageError: a file exists and is not to be overwritten.
        ZectoError: one cannot be drawn or written.
    """
    if len(accounts) <= _FEW:
        drawer = Drawer(months, formats, folder, overwrite=overwrite)
        for account_id in accounts:
            yield drawer.write(*build_account(account_id))
        return
    yield from _by_processes(months, accounts, build_account, formats, folder, overwrite=overwrite)


def _by_processes(
    months: Mapping[str, ReportMonth],
    accounts: Sequence[str],
    build_account: BuildAccount,
    formats: Sequence[Format],
    folder: Path,
    *,
    overwrite: bool,
) -> Iterator[list[Written]]:
    processes = os.cpu_count() or 1
    waiting: deque[Future[list[list[Written]]]] = deque()
    start = (_encode(months), list(formats), f"{folder}", overwrite)
    # started anew, not forked: this process has threads of its own, and what they hold must not be copied
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _begin, start)
    try:
        for first in range(0, len(accounts), _AT_A_TIME):
            batch = _encode([build_account(account_id) for account_id in accounts[first : first + _AT_A_TIME]])
            waiting.append(pool.submit(_write, batch))
            while len(waiting) > processes * _WAITING_EACH:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


class _Here:
    """What a process draws with."""

    drawer: Drawer


def _begin(months: bytes, formats: Sequence[Format], folder: str, overwrite: bool) -> None:
    # Ctrl-C is for the process that people see; it stops this one
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    decoded = msgspec.msgpack.decode(months, type=dict[str, ReportMonth])
    _Here.drawer = Drawer(decoded, formats, Path(folder), overwrite=overwrite)


def _write(batch: bytes) -> list[list[Written]]:
    return [_Here.drawer.write(policy_id, account) for policy_id, account in _decode_batch(batch)]
