"""What differs between two policies, key by key as their files have them."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

_PACKAGE: Final = "schemas"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A key whose value is another; empty: it is not there."""

    key: str
    before: str
    after: str


def policy_text(policy_id: str) -> str:
    """The file of a policy that comes with this version.

    Raises:
        FileNotFoundError: there is none of that name.
    """
    return (files(_PACKAGE) / "policies" / f"{policy_id}.toml").read_text("utf-8")


def changes(before: str, after: str) -> list[Changed]:
    """The keys that differ between the texts of two policies, by name."""
    was, has_become = dict(_leaves(tomllib.loads(before))), dict(_leaves(tomllib.loads(after)))
    return [
        Changed(key=key, before=was.get(key, ""), after=has_become.get(key, ""))
        for key in sorted({*was, *has_become})
        if was.get(key) != has_become.get(key)
    ]


def _leaves(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        match value:
            case dict():
                yield from _leaves(value, f"{prefix}{key}.")
            case list():
                for place, entry in enumerate(value):
                    yield from _leaves(entry, f"{prefix}{key}[{place}].")
            case _:
                yield f"{prefix}{key}", str(value)
