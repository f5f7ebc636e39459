"""A reader that has come to an open transaction is held up; one on its way there, or at the end, is not."""

import msgspec

from streams.core.waits import RecordPlace
from streams.kafka.open_transactions import held_up
from streams.kafka.stuck_notes import StuckNote, write_note

_TP = ("probes", 0)


def _held_up(*, position: int, stable: int, end: int) -> set[RecordPlace]:
    return held_up({_TP: position}, {_TP: stable}, {_TP: end})


def test_only_who_stands_before_it_is_held_up() -> None:
    assert _held_up(position=5, stable=5, end=8) == {RecordPlace("probes", 0, 5)}
    assert _held_up(position=3, stable=5, end=8) == set()
    assert _held_up(position=8, stable=8, end=8) == set()


def test_a_note_says_itself_where_it_ends() -> None:
    note = StuckNote(since_ms=1, code="topic-unreadable", message="x" * 2_000, record=RecordPlace("probes", 0, 5))
    text = write_note(note)
    assert text.endswith("\0")
    assert text.count("\0") == 1
    assert msgspec.json.decode(text[:-1], type=StuckNote).record == note.record
