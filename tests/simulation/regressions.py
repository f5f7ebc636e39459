"""Seeds that once failed, as data: `regressions.toml`."""

from pathlib import Path

import msgspec


class Regression(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A seed, and what it found."""

    seed: int
    found: str


class _Regressions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    regression: list[Regression] = []


def regressions() -> list[Regression]:
    """All of them, in the order of the file."""
    text = Path(__file__).with_name("regressions.toml").read_text("utf-8")
    return msgspec.toml.decode(text, type=_Regressions).regression
