"""The faults to try, as data: `catalogue.toml`."""

from pathlib import Path
from typing import Final

import msgspec

ROOT: Final = Path(__file__).resolve().parents[2]

RULES: Final = (
    *("T1", "T2", "T3", "I1", "I2", "I3", "I4"),
    *("C1", "C2", "C3", "C4", "C5", "C6", "C7"),
    *("V1", "V2", "V3", "V4", "V5", "X1", "X2", "X3", "X4", "X5"),
    *("B1", "B2", "B3", "B4", "B5", "M1", "M2", "M3", "M4", "M5", "M6"),
    *("K1", "K2", "K3", "K4", "K5", "P1", "P2", "P3", "P4", "P5", "P6"),
)
"""The rules of docs/reference/contract.md."""


class Mutation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fault: in `file`, the one occurrence of `before` becomes `after`, and `test` must turn red.

    `test` is path::name without a parameter; its name begins with the rule.
    """

    rule: str
    file: str
    before: str
    after: str
    test: str

    @property
    def test_name(self) -> str:
        """The test's function alone."""
        return self.test.rpartition("::")[2]

    def mutate(self, text: str) -> str:
        """The file's text with the fault in it.

        Raises:
            ValueError: `before` does not occur exactly once, or is what it becomes.
        """
        if text.count(self.before) != 1 or self.before == self.after:
            raise ValueError(f"{self.rule}: {self.file}: {self.before!r} must occur once and change")
        return text.replace(self.before, self.after)


class _Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mutation: list[Mutation]


def catalogue() -> list[Mutation]:
    """Every mutation, in the order of the file."""
    text = Path(__file__).with_name("catalogue.toml").read_text("utf-8")
    return msgspec.toml.decode(text, type=_Catalogue).mutation
