r"""Text that others wrote, as it is shown: what cannot be seen, or would move what can be, is written as its number.

Control characters, line breaks and tabs, spaces that are not the usual one, bidirectional and other format characters,
lone surrogates, unassigned and private characters, variation selectors and fillers. A terminal, a log or a page then
shows one text in one place, whatever is in it. `\x1b` stands for the character and for those four characters alike:
who needs to know which it was asks with --json.
"""

import json
import re
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Final

_USUAL: Final = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
_ONE_BYTE: Final = 0x100
_ONE_UNIT: Final = 0x10000
_DELETE: Final = "\x7f"

# Letters and marks by their category, and yet drawn as nothing: the rest of Unicode's default-ignorable code points.
_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
# All but what a plain keyboard writes: looked at one by one, where a text has anything that is not seen.
_UNUSUAL: Final = re.compile("[^ -~]+")
# What one letter bears of marks in any script; more of them paint over the lines above and below.
_MARKS_MAX: Final = 4


def shown_text(text: str) -> str:
    """The text in one line, every character of it seen."""
    return text if _is_plain(text) else _UNUSUAL.sub(partial(_shown, escape=_number), text)


def shown_json(text: str) -> str:
    """A JSON text of the same value, in which JSON's own escapes stand for characters that are not seen."""
    lines = text.split("\n")
    return "\n".join(
        line if _is_plain(line) else _UNUSUAL.sub(partial(_shown, escape=_escaped), line) for line in lines
    )


def _shown(found: re.Match[str], *, escape: Callable[[str], str]) -> str:
    """Its characters; a mark without a letter, or beyond what a letter bears, is escaped as what is not seen."""
    shown = []
    marks = 0 if found.start() else _MARKS_MAX
    for each in found[0]:
        marks = marks + 1 if _is_mark(each) else 0
        shown.append(each if marks <= _MARKS_MAX and _is_seen(each) else escape(each))
    return "".join(shown)


def _is_plain(text: str) -> bool:
    return _is_seen(text) and (text.isascii() or not any(map(_is_mark, text)))


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Me")


def _is_seen(text: str) -> bool:
    return text.isprintable() and _UNSEEN.search(text) is None


def _number(character: str) -> str:
    code = ord(character)
    if code < _ONE_BYTE:
        return _USUAL.get(character, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < _ONE_UNIT else f"\\U{code:08x}"


def _escaped(character: str) -> str:
    return r"\u007f" if character == _DELETE else json.dumps(character)[1:-1]
