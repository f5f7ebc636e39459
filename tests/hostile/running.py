"""A good month and hostile records on one running stack: all are counted once, and the month keeps its bytes."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from streams.clickhouse.client import connect
from streams.kafka.producer import Producer
from streams.simulate import month_minutes, plan, records
from streams.stack.stack import EmbeddedStack
from tests.e2e.running import output, zecto
from tests.hostile.keeping import TABLES, count_blocks, differences, kept_whole, read_held
from tests.hostile.sending import Sent, hostile_records, send

GOOD: Final = "2026-03"
"""No mutated record speaks of it."""
HURT: Final = "2026-09"
_GOOD_RECORDS: Final = 50_000
_GROWTH_KIB: Final = 1_500_000
_ANSWERED_S: Final = 60.0
_DRAIN_S: Final = "600"
_MINUTE_MS: Final = 60_000


@dataclass(slots=True)
class Report:
    """What was sent and what was found wrong; nothing: the stack withstood it."""

    sent: dict[str, Sent] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    peak_kib: int = 0
    drained_s: float = 0.0


def withstand(stack: EmbeddedStack, seed: int, count: int, *, on_status: Callable[[str], None]) -> Report:
    """Send a good month, then so many hostile values a topic, and look at everything that must hold."""
    report = Report()
    minutes = month_minutes(GOOD)
    _send_good(stack, seed, minutes)
    before, at_rest_kib = _month(stack, GOOD), _memory_kib(stack)
    spare = range(minutes.start * _MINUTE_MS, minutes.stop * _MINUTE_MS)
    for topic in TABLES:
        on_status(f"{count:,} to {topic}")
        report.sent[topic] = send(stack.settings(), topic, hostile_records(topic, seed, count, spare=spare), seed)
    on_status("drain")
    began_s = time.monotonic()
    _drain(stack)
    report.drained_s = time.monotonic() - began_s
    on_status("hold what is kept against what was sent")
    report.faults += _unkept(stack)
    if _month(stack, GOOD) != before:
        report.faults.append(f"{GOOD} is no longer the same")
    report.faults += _unanswered(stack)
    report.faults += _logged(stack.directory / "logs")
    report.peak_kib = _memory_kib(stack)
    if report.peak_kib > at_rest_kib + _GROWTH_KIB:
        report.faults.append(f"the worker grew from {at_rest_kib:,} to {report.peak_kib:,} KiB")
    return report


def _send_good(stack: EmbeddedStack, seed: int, minutes: range) -> None:
    planned = plan(seed, start_ms=minutes.start * _MINUTE_MS, minutes=len(minutes), records=_GOOD_RECORDS)
    with Producer(stack.settings()) as producer:
        for topic, key, value in records(planned):
            producer.send(topic, value, key=key)
    _drain(stack)


def _drain(stack: EmbeddedStack) -> None:
    output(stack, "drain", "--timeout", _DRAIN_S)


def _month(stack: EmbeddedStack, month: str) -> dict[str, Any]:
    """All of a month, but for accounts that were told of afterwards: each is listed in all months that it reaches."""
    found: dict[str, Any] = json.loads(output(stack, "month", month, "--json"))
    return {name: of for name, of in found.items() if name != "account_backdated"}


def _unkept(stack: EmbeddedStack) -> list[str]:
    settings, found = stack.settings(), []
    client = connect(settings)
    whole, blocks = kept_whole(settings), count_blocks(client)
    for topic in TABLES:
        held = read_held(settings, topic)
        found += differences(client, topic, held)
        if len(held.refused) != len(whole[topic]):
            found.append(f"{topic}: {len(held.refused):,} refused, and {len(whole[topic]):,} in sla.dead-letters")
        if blocks[topic] < held.records:
            found.append(f"{topic}: {held.records:,} read, and {blocks[topic]:,} in blocks")
    client.close()
    return found


def _unanswered(stack: EmbeddedStack) -> list[str]:
    """Commands that read what is there now: none fails, and the auditor agrees with both months."""
    commands = (
        ("month", HURT), ("month", HURT, "--json"), ("doctor",), ("claims", "list"), ("performance", HURT),
        ("support", HURT), ("audit", GOOD), ("audit", HURT),
    )  # fmt: skip
    found = []
    for command in commands:
        began_s = time.monotonic()
        done = zecto(stack, *command)
        took_s = time.monotonic() - began_s
        expected = (0, 1) if command[0] in ("doctor", "month") else (0,)
        if done.returncode not in expected or b"Traceback" in done.stderr:
            found.append(f"{' '.join(command)} ended with {done.returncode}: {_end(done.stderr or done.stdout)}")
        if took_s > _ANSWERED_S and command[0] != "audit":
            found.append(f"{' '.join(command)} took {took_s:.0f} s")
        if _CONTROL.search(done.stdout.decode(errors="replace")):
            found.append(f"{' '.join(command)} prints control characters")
    return found


_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _end(text: bytes) -> str:
    return text.decode(errors="replace").strip()[-300:]


def _logged(logs: Path) -> list[str]:
    return [
        f"{log.name} holds a traceback" for log in sorted(logs.glob("*.log")) if b"Traceback (most" in log.read_bytes()
    ]


def _memory_kib(stack: EmbeddedStack) -> int:
    """The most that the worker ever took."""
    status = Path(f"/proc/{stack.worker.process.pid}/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0])
