"""Messages that are open beside receipts that belong to none (I1): which ids are taken to be alike."""

import pytest

from streams.months.like_ids import OpenMessage, like_ids, spellings, wanted_identities
from streams.rules.identity import identity_key

MINUTE = 30_000_000


def message(name: str, *, minute: int = MINUTE, part: int = 1, ended: bool = False, kept: bool = True) -> OpenMessage:
    """A message of an id; what was delivered is not `kept` by its id."""
    state = "delivered" if ended else "accepted"
    identity = identity_key(name, part)
    return OpenMessage(minute=minute, identity=identity, part=part, id=name if kept else "", state=state, ended=ended)


def alike(own: OpenMessage, other: OpenMessage) -> list[str]:
    """How the two differ, if they are taken for one message."""
    return [pair.difference for _, pair in like_ids(wanted_identities([own]), [other])]


@pytest.mark.parametrize(
    ("own", "other"),
    [
        ("MSG-a", "msg-A".lower()),
        ("msg-a", "MSG-A"),
        ("4660", "1234"),
        ("1234", "4660"),
        ("0x1F", "31"),
        ("255", "000000ff"),
        ("255", "FF"),
        ("255", "0xff"),
    ],
)
def test_i1_case_and_hexadecimal_against_decimal_are_alike(own: str, other: str) -> None:
    assert other in spellings(own)
    assert alike(message(own), message(other, ended=True, kept=False)) == ["another_spelling"]


@pytest.mark.parametrize(("own", "other"), [("12", "13"), ("msg-1", "msg-2"), ("abc", "xyz")])
def test_i1_other_ids_are_not_alike(own: str, other: str) -> None:
    assert other not in spellings(own)
    assert alike(message(own), message(other, ended=True)) == []


def test_i1_the_same_id_in_another_minute_is_told() -> None:
    other = message("m-1", minute=MINUTE + 1, ended=True, kept=False)
    [(minute, pair)] = like_ids(wanted_identities([message("m-1")]), [other])
    assert (minute, pair.difference, pair.other_id) == (MINUTE, "another_minute", other.identity.hex())


def test_i1_two_open_or_two_ended_messages_are_no_pair() -> None:
    assert alike(message("A"), message("a")) == []
    assert alike(message("A", ended=True), message("a", ended=True)) == []
    assert alike(message("A"), message("A", ended=True)) == [], "one identity, one minute: one message"


def test_i1_another_part_is_another_message() -> None:
    assert alike(message("A", part=2), message("a", part=2, ended=True)) == ["another_spelling"]
    assert alike(message("A", part=2), message("a", part=1, ended=True)) == []


def test_ids_of_more_than_forty_digits_are_no_numbers() -> None:
    assert str(int("f" * 40, 16)) in spellings("f" * 40)
    assert str(int("f" * 41, 16)) not in spellings("f" * 41)
