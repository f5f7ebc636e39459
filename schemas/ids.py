"""Ids that name nothing, and those that are too long to keep (contract I1)."""

from typing import Final

ID_CHARACTERS: Final = 128
"""The longest id of a record that is kept as it is."""
ACCOUNT_CHARACTERS: Final = 64
"""The longest id of an account that is kept as it is."""

NOTHING: Final = frozenset({"-", "0", "null", "nil", "none", "undefined"})
"""What programs write where there is no id, in lower case."""

LONGEST_NOTHING: Final = max(map(len, NOTHING))
"""No id of more characters names nothing, unless it is blank."""


def names_nothing(record_id: str) -> bool:
    """Whether an id of a request, message or probe is a placeholder or blank."""
    if len(record_id) <= LONGEST_NOTHING and record_id.lower() in NOTHING:
        return True
    return not record_id or record_id.isspace()
