"""Small integers for the distinct values of a block: classification and checks run once each, not once a record."""

from collections.abc import Callable, Hashable
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


class InvalidKeyError(ValueError):
    """A value that no valid record carries."""


class Interning(dict[Key, int]):
    """Numbers in order of first appearance; look up with `[key]`, which raises FlawedKeyError for a flawed key."""

    __slots__ = ("_valid",)

    def __init__(self, valid: Callable[[Key], bool]) -> None:
        """`valid` is asked once for each distinct key."""
        super().__init__()
        self._valid = valid

    def __missing__(self, key: Key) -> int:
        if not self._valid(key):
            raise InvalidKeyError
        number = self[key] = len(self)
        return number
