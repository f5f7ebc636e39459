"""Text of others as it is shown: in one line, every character seen."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.shown_text import shown_json, shown_text

_ANY = st.text(st.characters(codec=None, categories=None))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("acme", "acme"),
        ("Zoë 'Ltd' [red]:x: اکاونت", "Zoë 'Ltd' [red]:x: اکاونت"),
        ("c-1\nc-2\tx\r", r"c-1\nc-2\tx\r"),
        ("\x1b[2J\x07\x9b31m\x7f\x00", r"\x1b[2J\x07\x9b31m\x7f\x00"),
        ("a\u202eb\u2066c\u200bd\ufeffe", r"a\u202eb\u2066c\u200bd\ufeffe"),
        ("a\u2028b\u2029c\x85", r"a\u2028b\u2029c\x85"),
        ("a\u00a0b\u3000c", r"a\xa0b\u3000c"),
        ("\udcff\U000e0041\ufe0f\u3164", r"\udcff\U000e0041\ufe0f\u3164"),
        ("e\u0301\u0301\u0301\u0301\u0301\u20ddx\u0301", "e\u0301\u0301\u0301\u0301\\u0301\\u20ddx\u0301"),
        ("\u0301x", r"\u0301x"),
        ("\u0e17\u0e35\u0e48", "\u0e17\u0e35\u0e48"),
    ],
)
def test_what_is_not_seen_is_shown_as_its_number(text: str, shown: str) -> None:
    assert shown_text(text) == shown


@given(_ANY)
def test_no_text_shows_an_unseen_character(text: str) -> None:
    unseen = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert not any(unicodedata.category(each) in unseen for each in shown_text(text))


@given(st.dictionaries(_ANY, st.lists(_ANY)))
def test_json_stays_the_same_value(value: dict[str, list[str]]) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    shown = shown_json(text)
    assert json.loads(shown) == json.loads(text)
    assert all(line.isprintable() for line in shown.split("\n"))
