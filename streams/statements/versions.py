"""What beside the ledger decides a month: the policy's file and the code tables, by the hashes of their bytes."""

from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from schemas.policies import parse_policy
from streams.core.canonical_json import sha256_of

FIRST_EDITION: Final = 1
"""The layout of documents that the contract's first edition made: they are read and kept, never made again."""

FORMAT: Final = 2
"""Version of the documents' layout; another layout is another number."""

_PACKAGE: Final = "schemas"


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """The files that a document was made with."""

    format: int
    policy_sha256: str
    codes_sha256: dict[str, str]


def versions_of(policy_id: str) -> Versions:
    """The files of this installation, for a policy that it has."""
    policies = {parse_policy(entry.read_text("utf-8"), entry.name).policy_id: entry for entry in _data("policies")}
    return Versions(
        format=FORMAT,
        policy_sha256=sha256_of(policies[policy_id].read_bytes()),
        codes_sha256={entry.name.removesuffix(".csv"): sha256_of(entry.read_bytes()) for entry in _data("codes")},
    )


def _data(folder: str) -> list[Traversable]:
    suffix = {"policies": ".toml", "codes": ".csv"}[folder]
    found = (entry for entry in (files(_PACKAGE) / folder).iterdir() if entry.name.endswith(suffix))
    return sorted(found, key=lambda entry: entry.name)
