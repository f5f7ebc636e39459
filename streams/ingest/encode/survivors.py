"""Apply a function to every item in one tight loop, and say which items it refused."""

from collections.abc import Callable, Iterable, Sequence
from itertools import compress
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def survivors(
    function: Callable[[Item], Result], items: Iterable[Item], refusals: tuple[type[Exception], ...]
) -> tuple[list[Result], list[int]]:
    """Results of the items that the function takes, in order, and the positions of those for which it raised.

    `list.extend` over `map` keeps what it had when an exception passes through it, and the iterator stands behind the
    refused item: so the good case costs no bytecode per item, and a refusal only one more turn of the loop.
    """
    results: list[Result] = []
    refused: list[int] = []
    remaining = iter(items)
    while True:
        try:
            results.extend(map(function, remaining))
        except refusals:
            refused.append(len(results) + len(refused))
        else:
            return results, refused


def without(items: Sequence[Item], refused: Sequence[int]) -> list[Item]:
    """The items that stand at none of the refused positions."""
    kept = bytearray(b"\1") * len(items)
    for position in refused:
        kept[position] = 0
    return list(compress(items, kept))
