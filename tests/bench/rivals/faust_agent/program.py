"""A plain Faust agent that only decodes: one event at a time, orjson."""

import os
from pathlib import Path

import faust
import orjson

_RECORDS = int(os.environ["BENCH_RECORDS"])

app = faust.App(
    os.environ["BENCH_GROUP"],
    broker=f"kafka://{os.environ['BENCH_BOOTSTRAP']}",
    datadir=Path(os.environ["BENCH_STATE"]),
    topic_disable_leader=True,
    web_enabled=False,
)
requests = app.topic(os.environ["BENCH_TOPIC"], value_serializer="raw")
results = app.topic(os.environ["BENCH_RESULTS"], value_serializer="json")


@app.agent(requests)  # type: ignore[untyped-decorator]
async def decode(stream: faust.Stream[bytes]) -> None:
    """Decode each record; say how many once all there are have come."""
    decoded = 0
    async for value in stream:
        orjson.loads(value)
        decoded += 1
        if decoded == _RECORDS:
            await results.send(value={"decoded": decoded, "refused": 0})


if __name__ == "__main__":
    app.main()
