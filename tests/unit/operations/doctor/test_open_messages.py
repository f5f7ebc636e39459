"""Open messages whose receipt has most likely come under an id written otherwise (C3, I1)."""

from streams.months.explanation import LikeIds
from streams.operations.doctor.codes import FindingCode
from streams.operations.doctor.describe import describe
from streams.operations.doctor.open_messages import judge_open_messages

_PAIR = LikeIds(
    id="beb0afe1",
    state="accepted",
    other_id="BEB0AFE1",
    other_minute="2026-09-03T11:10:00Z",
    other_state="delivered",
    difference="another_spelling",
)


def test_c3_an_open_message_is_named_beside_its_likely_receipt() -> None:
    finding = judge_open_messages({"sms": [_PAIR], "voice": []})
    assert describe(finding).said == (
        "1 messages are open or ended beside one of a like id, most likely the same: "
        "beb0afe1 of sms is accepted, BEB0AFE1 in 2026-09-03T11:10:00Z is delivered"
    )


def test_c3_without_a_like_id_nothing_is_said_to_do() -> None:
    assert judge_open_messages({"sms": []}).code is FindingCode.NO_LIKE_IDS
