"""Quix Streams: outcomes counted per service and minute in tumbling windows, sent on once a window has closed.

The topic is keyed by service, so no repartitioning is needed.
"""

import os
from datetime import datetime, timedelta
from typing import Any

from quixstreams import Application

_MINUTE = timedelta(minutes=1)
_GRACE = timedelta(minutes=2)
_STATUS_MAX = 599


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


def instant_of(value: dict[str, Any], _headers: object, _timestamp: float, _timestamp_type: object) -> int:
    """The record's own time in milliseconds."""
    return int(datetime.fromisoformat(value["time"]).timestamp() * 1000)


def first(outcome: str) -> dict[str, int]:
    """The counts of a window that begins with this outcome."""
    return {outcome: 1}


def add(counts: dict[str, int], outcome: str) -> dict[str, int]:
    """The counts of a window with one more outcome."""
    counts[outcome] = counts.get(outcome, 0) + 1
    return counts


def main() -> None:
    """Run until stopped."""
    app = Application(
        broker_address=os.environ["BENCH_BOOTSTRAP"],
        consumer_group=os.environ["BENCH_GROUP"],
        auto_offset_reset="earliest",
        commit_interval=1.0,
        state_dir=os.environ["BENCH_STATE"],
        loglevel="WARNING",
    )
    requests = app.topic(os.environ["BENCH_TOPIC"], key_deserializer="str", timestamp_extractor=instant_of)
    results = app.topic(os.environ["BENCH_RESULTS"], key_serializer="str")
    minutes = (
        app.dataframe(requests)
        .apply(outcome_of)
        .filter(bool)
        .tumbling_window(duration_ms=_MINUTE, grace_ms=_GRACE)
        .reduce(reducer=add, initializer=first)
        .final()
    )
    minutes.apply(
        lambda window, key, _timestamp, _headers: {
            "service": key,
            "start_ms": window["start"],
            "counts": window["value"],
        },
        metadata=True,
    ).to_topic(results)
    app.run()


if __name__ == "__main__":
    main()
