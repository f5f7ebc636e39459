"""Bytewax: outcomes counted per service and minute with `count_window`; ends at the end of the topic.

python -m bytewax.run tests/bench/rivals/bytewax_flow/program.py:flow
"""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import bytewax.operators as op
import bytewax.operators.windowing as win
import orjson
from bytewax.connectors.kafka import KafkaSinkMessage, KafkaSourceMessage
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow
from bytewax.operators.windowing import EventClock, TumblingWindower

_ALIGN_TO = datetime(2026, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_STATUS_MAX = 599

# service and outcome as one key, and the record's own time
Counted = tuple[str, datetime]


def outcome_of(request: dict[str, Any]) -> str:
    """The outcome that a request counts as; empty for a record that is not valid."""
    status = request["status"]
    if not isinstance(status, int) or not (status == 0 or 100 <= status <= _STATUS_MAX):
        return ""
    if request.get("stage") == "beta" or request.get("plan") == "trial":
        return "requests_out_of_scope"
    match request.get("error"):
        case "operator_unavailable":
            return "requests_operator"
        case "internal_validation_bug":
            return "requests_platform"
    if status == 0 or status >= 500:
        return "requests_platform"
    return "requests_customer" if status >= 400 else "requests_ok"


def decode(message: KafkaSourceMessage) -> Counted | None:
    """What is counted of a record; nothing of one that is not valid."""
    request = orjson.loads(message.value)
    outcome = outcome_of(request)
    if not outcome:
        return None
    return f"{request['service']} {outcome}", datetime.fromisoformat(request["time"])


def encode(counted: tuple[str, tuple[int, int]]) -> KafkaSinkMessage:
    """A window's count as a record."""
    key, (window, count) = counted
    service, outcome = key.split()
    start_ms = int((_ALIGN_TO + window * _MINUTE).timestamp() * 1000)
    value = orjson.dumps({"service": service, "start_ms": start_ms, "counts": {outcome: count}})
    return KafkaSinkMessage(key.encode(), value)


def build() -> Dataflow:
    """From the topic of requests to the topic of results."""
    brokers = [os.environ["BENCH_BOOTSTRAP"]]
    dataflow = Dataflow("count_per_minute")
    requests = kop.input("requests", dataflow, brokers=brokers, topics=[os.environ["BENCH_TOPIC"]], tail=False)
    decoded = op.filter_map("decode", requests.oks, decode)
    counts = win.count_window(
        "count",
        decoded,
        EventClock(ts_getter=lambda counted: counted[1], wait_for_system_duration=2 * _MINUTE),
        TumblingWindower(length=_MINUTE, align_to=_ALIGN_TO),
        key=lambda counted: counted[0],
    )
    encoded = op.map("encode", counts.down, encode)
    kop.output("results", encoded, brokers=brokers, topic=os.environ["BENCH_RESULTS"])
    return dataflow


flow = build()
