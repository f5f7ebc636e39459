"""The ceiling: records in batches from confluent-kafka, each decoded by msgspec, and nothing else."""

import os

import msgspec
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

_BATCH = 10_000


class Request(msgspec.Struct, gc=False):
    """What the records hold."""

    request_id: str
    time: str
    service: str
    account_id: str
    status: int
    duration_ms: int
    route: str
    region: str
    source: str
    error: str = ""
    stage: str = ""
    plan: str = ""


def main() -> None:
    """Decode as many records as there are, then say how many."""
    consumer = Consumer(
        {
            "bootstrap.servers": os.environ["BENCH_BOOTSTRAP"],
            "group.id": os.environ["BENCH_GROUP"],
            "enable.auto.commit": False,
            # By default the client pauses for a second whenever it is 100,000 records ahead of its reader.
            "fetch.queue.backoff.ms": 10,
        }
    )
    topic = os.environ["BENCH_TOPIC"]
    partitions = consumer.list_topics(topic).topics[topic].partitions
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
    decoded, refused = _decode(consumer, int(os.environ["BENCH_RECORDS"]))
    producer = Producer({"bootstrap.servers": os.environ["BENCH_BOOTSTRAP"]})
    producer.produce(os.environ["BENCH_RESULTS"], msgspec.json.encode({"decoded": decoded, "refused": refused}))
    producer.flush()


def _decode(consumer: Consumer, records: int) -> tuple[int, int]:
    decode = msgspec.json.Decoder(Request).decode
    decoded = refused = 0
    while decoded + refused < records:
        wanted = min(_BATCH, records - decoded - refused)  # or the last call would wait for more than there is
        for message in consumer.consume(wanted, timeout=1.0):
            try:
                decode(message.value())
            except msgspec.ValidationError:
                refused += 1
            else:
                decoded += 1
    return decoded, refused


if __name__ == "__main__":
    main()
