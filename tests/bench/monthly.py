"""How long it takes to credit and to report a month of many enterprise accounts, on the embedded stack:

    python -m tests.bench.monthly --accounts 10000 --json monthly.json

Every account has a fee, a claim, a ticket, and traffic of two services every day of the month, by four operators. SMS
was down for 44 minutes, so that every claim is credited. The month is closed first; then `claims decide` and `report`
without PDFs are timed whole, each in a process of its own as a user would run it. The days' counts of performance are
made by the engine itself, as the worker's records would have left them.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from rich.console import Console

from schemas.instants import MINUTE_MS, format_instant
from schemas.reference import policies
from streams.clickhouse.client import connect
from streams.core.errors import ZectoError
from streams.guarantees.performance.days import edges_of
from streams.kafka.producer import Producer
from streams.operations.migrate import migrate
from streams.rules.calendar import month_bounds
from streams.stack.stack import EmbeddedStack
from tests.bench.telling import tell

_MONTH: Final = "2026-04"
_SPAN: Final = month_bounds(_MONTH, "Asia/Karachi")
_DOWN: Final = 44
_DAYS: Final = 30
_COMMAND: Final = (sys.executable, "-c", "from streams.cli import main; main()")
_MIB_OF_KIB: Final = 1024
_PATIENCE_S: Final = 120.0
# version 2^40: no day of these few records has a greater one, so none is counted anew
_COUNTED: Final = """
INSERT INTO performance_counted
SELECT arrayJoin(['sms', 'whatsapp']), toDate('2026-04-01') + number, 1099511627776, {edges:Array(UInt32)}
FROM numbers({days:UInt32})
"""
_PERFORMANCE: Final = """
INSERT INTO performance_days
SELECT
    service, toDate('2026-04-01') + intDiv(number, {accounts:UInt32}), 1099511627776,
    concat('account-', leftPad(toString(number % {accounts:UInt32}), 6, '0')), operator, '',
    if(operator != '', map(),
        map(20, 3 + h % 7, 50, 40 + h % 90, 70, 60 + h % 30, 100, 50, 200, 9 + h % 4, 500, h % 5, 700, 1)),
    if(operator = '', map(), map(1000, 50 + h % 60, 2000, 40, 5000, 9, 10000, h % 3)),
    h % 3, if(operator = '', 0, 100 + h % 63), h % 2, 0, if(operator = '', 0, 90), h % 2, 0, map(), 0, 0
FROM
(
    SELECT number, service, operator, sipHash64(number, service, operator) AS h
    FROM numbers({rows:UInt64})
    ARRAY JOIN ['sms', 'whatsapp'] AS service
    ARRAY JOIN ['', 'jazz', 'telenor', 'ufone', 'zong'] AS operator
)
"""


def main() -> None:
    """Run once, print the table, write the JSON."""
    parser = argparse.ArgumentParser(prog="bench.monthly", description="Time of crediting and reporting a month.")
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--json", type=Path, help="also write the result here")
    arguments = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="zecto-bench-") as directory:
            result = _run(arguments.accounts, Path(directory))
    except ZectoError as error:
        sys.exit(f"bench.monthly: {error}")
    tell(result, title="a month of many accounts", json_path=arguments.json)


def _run(accounts: int, directory: Path) -> dict[str, float]:
    sentence = Console(stderr=True)
    with EmbeddedStack(directory / "stack", prepare=migrate) as stack:
        sentence.print("producing")
        with Producer(stack.settings()) as producer:
            for topic, key, value in _history(accounts):
                producer.send(topic, value, key=key.encode())
        _measure(stack, "drain", "--timeout", "600")
        _close(stack)
        sentence.print("making counts of performance")
        with connect(stack.settings()) as client:
            client.command(_COUNTED, parameters={"edges": edges_of(policies()), "days": _DAYS})
            client.command(_PERFORMANCE, parameters={"accounts": accounts, "rows": accounts * _DAYS})
        sentence.print("crediting")
        credit = _measure(stack, "claims", "decide", _MONTH, "--json")
        sentence.print("reporting")
        reports = directory / "reports"
        report = _measure(stack, "report", _MONTH, "--format", "html,xlsx", "-o", str(reports))
        files = [path.stat().st_size for path in reports.iterdir()]
    return {
        "accounts": accounts,
        "credit_s": credit.took_s,
        "credit_processor_s": credit.processor_s,
        "report_s": report.took_s,
        "report_processor_s": report.processor_s,
        "both_s": round(credit.took_s + report.took_s, 1),
        "report_processor_ms_each": round(report.processor_s * 1000 / accounts, 2),
        "files": len(files),
        "file_mib": round(sum(files) / _MIB_OF_KIB / _MIB_OF_KIB, 1),
        "credit_peak_mib": credit.peak_mib,
        "report_peak_mib": report.peak_mib,
    }


def _history(accounts: int) -> Iterator[tuple[str, str, bytes]]:
    for minute in range(400):
        status = 500 if minute < _DOWN else 200
        to_record = {"service": "sms", "account_id": "account-000000", "time": _at(minute), "status": status}
        yield _record("api.requests", f"r-{minute}", request_id=f"r-{minute}", **to_record)
    for number in range(accounts):
        name = f"account-{number:06}"
        fees = {"sms": f"{1000 + number}.55", "whatsapp": "80.00"}
        to_record = {"effective_from": "2026-01-01T00:00:00Z", "plan": "paid", "support_tier": "premium"}
        yield _record("accounts", name, account_id=name, fees=fees, currency="PKR", **to_record)
        claim = {"service": "sms", "from": _at(0), "to": _at(_DOWN), "submitted_at": _at(_DOWN + 1)}
        yield _record("sla.claims", f"c-{number}", claim_id=f"c-{number}", account_id=name, **claim)
        for event, minute in (("opened", number % 40_000), ("responded", number % 40_000 + 17)):
            to_record = {"ticket_id": f"t-{number}", "account_id": name, "priority": "critical"}
            yield _record("support.tickets", f"t-{number}", event=event, time=_at(minute), **to_record)


def _at(minute: int) -> str:
    return format_instant(_SPAN.start_ms + minute * MINUTE_MS)


def _record(topic: str, key: str, **to_record: object) -> tuple[str, str, bytes]:
    return topic, key, json.dumps(to_record).encode()


def _close(stack: EmbeddedStack) -> None:
    """Close the month, once the frontier has passed what was just read."""
    deadline = time.monotonic() + _PATIENCE_S
    while _call(stack, "close", _MONTH).returncode:
        if time.monotonic() > deadline:
            raise ZectoError(f"{_MONTH} is not closed within {_PATIENCE_S:.0f} s")
        time.sleep(1)


class _Measured(NamedTuple):
    """A command: how long it took, how much of the processors it and its processes had, and the most memory of one."""

    took_s: float
    processor_s: float
    peak_mib: int


def _measure(stack: EmbeddedStack, *arguments: str) -> _Measured:
    began = time.monotonic()
    done = _call(stack, *arguments, command=(sys.executable, "-c", _TIMED, *_COMMAND))
    if done.returncode:
        raise ZectoError(done.stderr.decode().strip())
    processor_s, peak_kib = done.stderr.decode().splitlines()[-1].split()
    took_s = round(time.monotonic() - began, 1)
    return _Measured(took_s, round(float(processor_s), 1), int(peak_kib) // _MIB_OF_KIB)


# what the command and all that it started used: seconds of processors, KiB of the greatest resident set; its last line
_TIMED: Final = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=sys.stderr)
sys.exit(done.returncode)
"""


def _call(
    stack: EmbeddedStack,
    *arguments: str,
    command: Any = _COMMAND,  # noqa: ANN401  words of a command
) -> "subprocess.CompletedProcess[bytes]":
    environment = {**os.environ, **stack.environment()}
    return subprocess.run([*command, *arguments], env=environment, capture_output=True, check=False)


if __name__ == "__main__":
    main()
