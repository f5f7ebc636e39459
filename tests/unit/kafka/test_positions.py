"""What consumer and ledger know together of a partition: of one incarnation of its topic, and of no other."""

from streams.core.settings import Settings
from streams.kafka.admin import Admin
from streams.kafka.block import Partition
from streams.kafka.positions import ReadPositions

_TP = ("api.requests", 0)
_OURS = Partition(topic="api.requests", topic_id="now", number=0)
_EARLIER = Partition(topic="api.requests", topic_id="before", number=0)


def _reading() -> ReadPositions:
    positions = ReadPositions(Admin(Settings(kafka_bootstrap="127.0.0.1:1")))
    positions.begin({_TP: 7}, {"api.requests": "now"})
    return positions


def test_a_position_is_of_one_incarnation_of_a_topic() -> None:
    positions = _reading()
    assert (positions.position(_OURS), positions.position(_EARLIER)) == (7, None)


def test_what_an_earlier_incarnation_decoded_makes_no_room() -> None:
    positions = _reading()
    positions.in_flight.add(_TP, 9, 100)
    before = positions.in_flight.room_bytes
    positions.decoded(_EARLIER, 9, 0)
    assert positions.in_flight.room_bytes == before
    positions.decoded(_OURS, 9, 0)
    assert positions.in_flight.room_bytes == before + 100


def test_after_the_end_no_position_is_known() -> None:
    positions = _reading()
    positions.end()
    assert positions.position(_OURS) is None
