"""Which spellings of a code are one (contract C3).

Case, leading zeros and `0x` do not matter for the codes of SMPP, GSM MAP, Q.850, SIP and WhatsApp; those of SMPP are
hexadecimal with or without `0x`. The codes of all other tables are compared as written.
"""

import re
from enum import Enum, auto, unique
from typing import Final, NamedTuple

Key = tuple[str, int | str]
"""What a code says: a sub-scheme such as `map` or none, and a number, or a text that is none."""


@unique
class _Spelling(Enum):
    HEXADECIMAL = auto()
    DECIMAL = auto()
    AS_WRITTEN = auto()


_SPELLINGS: Final = {
    "smpp_command_status": _Spelling.HEXADECIMAL,
    "gsm_map_error": _Spelling.DECIMAL,
    "q850_cause": _Spelling.DECIMAL,
    "sip_status": _Spelling.DECIMAL,
    "whatsapp_error": _Spelling.DECIMAL,
}
_HEXADECIMAL: Final = re.compile(r"(?:0x)?([0-9a-f]+)")
_DECIMAL: Final = re.compile(r"(?:0x)?([0-9]+)")
_RANGE: Final = re.compile(r"((?:.*:)?)((?:0x)?[0-9a-f]+)-((?:0x)?[0-9a-f]+)", re.IGNORECASE)


class CodeRange(NamedTuple):
    """A row that covers the numbers from `first` to `last` of a sub-scheme.

    Where codes are compared as written they have at least `digits` digits, and no needless zeros.
    """

    table: str
    scheme: str
    first: int
    last: int
    digits: int

    def covers(self, code: str) -> bool:
        """Whether a code is one of them."""
        scheme, number = _parsed(self.table, code)
        if scheme != self.scheme or not isinstance(number, int) or not self.first <= number <= self.last:
            return False
        is_as_written = _spelling(self.table) is _Spelling.AS_WRITTEN
        return not is_as_written or code.rpartition(":")[2] == f"{number:0{self.digits}}"


def key_of(table: str, code: str) -> Key:
    """What a code of a table says: equal for spellings that are one."""
    return ("", code) if _spelling(table) is _Spelling.AS_WRITTEN else _parsed(table, code)


def range_of(table: str, code: str) -> CodeRange | None:
    """The codes that a row `a-b` of a table covers; None: the row is of a single code."""
    found = _RANGE.fullmatch(code)
    if found is None:
        return None
    (scheme, first), (_, last) = _parsed(table, found[1] + found[2]), _parsed(table, found[1] + found[3])
    if not isinstance(first, int) or not isinstance(last, int):
        return None
    return CodeRange(table=table, scheme=scheme, first=first, last=last, digits=len(found[2]))


def _spelling(table: str) -> _Spelling:
    return _SPELLINGS.get(table, _Spelling.AS_WRITTEN)


def _parsed(table: str, code: str) -> Key:
    spelling = _spelling(table)
    scheme, _, text = (code if spelling is _Spelling.AS_WRITTEN else code.lower()).rpartition(":")
    is_hexadecimal = spelling is _Spelling.HEXADECIMAL
    found = (_HEXADECIMAL if is_hexadecimal else _DECIMAL).fullmatch(text)
    return scheme, int(found[1], 16 if is_hexadecimal else 10) if found else text
