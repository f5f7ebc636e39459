"""How much is read ahead: bounded in bytes and in blocks, freed by what is settled."""

import asyncio

from streams.kafka.positions import InFlight

_A, _B = ("topic", 0), ("topic", 1)


def test_blocks_take_room_until_all_before_their_end_is_settled() -> None:
    in_flight = InFlight(most_bytes=100)
    in_flight.add(_A, 10, 60)
    in_flight.add(_A, 20, 30)
    in_flight.add(_B, 5, 10)
    assert in_flight.room_bytes == 0
    in_flight.settle(_A, 9)
    assert in_flight.room_bytes == 0
    in_flight.settle(_A, 10)
    assert in_flight.room_bytes == 60
    in_flight.settle(_A, 25)
    assert in_flight.room_bytes == 90


def test_what_is_decoded_makes_room_except_for_what_is_held() -> None:
    in_flight = InFlight(most_bytes=100)
    in_flight.add(_A, 10, 60)
    in_flight.add(_A, 20, 40)
    in_flight.shrink(_A, 10, 25)
    assert in_flight.room_bytes == 35
    in_flight.settle(_A, 10)
    assert in_flight.room_bytes == 60
    in_flight.shrink(_A, 10, 50)
    in_flight.shrink(_B, 20, 50)
    assert in_flight.room_bytes == 60, "what is forgotten, or was never there, takes no room"


def test_the_same_block_handed_over_twice_is_one() -> None:
    in_flight = InFlight(most_bytes=100)
    in_flight.add(_A, 10, 60)
    in_flight.add(_A, 10, 50)
    assert in_flight.room_bytes == 50
    in_flight.settle(_A, 10)
    assert in_flight.room_bytes == 100


def test_settling_one_partition_frees_nothing_of_another() -> None:
    in_flight = InFlight(most_bytes=100)
    in_flight.add(_A, 10, 100)
    in_flight.settle(_B, 1_000)
    assert in_flight.room_bytes == 0


def test_many_small_blocks_are_bounded_too() -> None:
    in_flight = InFlight(most_bytes=100, most_blocks=2)
    in_flight.add(_A, 1, 0)
    assert in_flight.room_bytes == 100
    in_flight.add(_A, 2, 0)
    assert in_flight.room_bytes == 0


def test_after_a_rebalance_a_late_settlement_changes_nothing() -> None:
    in_flight = InFlight(most_bytes=100)
    in_flight.add(_A, 10, 100)
    in_flight.clear()
    in_flight.settle(_A, 10)
    assert in_flight.room_bytes == 100


def test_whoever_waits_for_room_is_woken() -> None:
    async def wait() -> None:
        in_flight = InFlight(most_bytes=1)
        in_flight.add(_A, 1, 1)
        waiting = asyncio.ensure_future(in_flight.freed.wait())
        await asyncio.sleep(0)
        assert not waiting.done()
        in_flight.settle(_A, 1)
        await asyncio.wait_for(waiting, 5)

    asyncio.run(wait())
