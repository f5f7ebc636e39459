"""What each case asks and what the contract answers, from `expected/NAME.json`."""

from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from streams.core.errors import ZectoError

EXPECTED: Final = Path(__file__).parent / "expected"
THIS_MONTH: Final = "{this_month}"


class Expectation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One value of an answer: where it stands, what it is or contains, and the clause that says so.

    `at` is a path as `look_up` reads it, or `$exit`, `$out`, `$error` for what the command left behind. Exactly one of
    `is`, `one_of`, `has` and `at_least` is given.
    """

    at: str
    clause: str
    equal: Any | UnsetType = msgspec.field(name="is", default=UNSET)
    one_of: list[Any] | UnsetType = UNSET
    has: str | UnsetType = UNSET
    at_least: int | UnsetType = UNSET

    def __post_init__(self) -> None:
        if sum(each is not UNSET for each in (self.equal, self.one_of, self.has, self.at_least)) != 1:
            raise ValueError(f"{self.at}: give one of is, one_of, has and at_least")

    def is_met_by(self, found: object) -> bool:
        """Whether this is what the contract says; text is searched as it is, anything else as JSON."""
        if self.has is not UNSET:
            text = found if isinstance(found, str) else _json(found)
            return self.has in text
        if self.at_least is not UNSET:
            return isinstance(found, int) and found >= self.at_least
        return any(_same(found, each) for each in ([self.equal] if self.one_of is UNSET else self.one_of))

    def __str__(self) -> str:
        if self.has is not UNSET:
            return f"contains {self.has!r}"
        if self.at_least is not UNSET:
            return f"at least {self.at_least}"
        return _json(self.equal) if self.one_of is UNSET else " or ".join(map(_json, self.one_of))


def _same(found: object, wanted: object) -> bool:
    """Equal and of one type: true is not 1, and "1" is not 1."""
    return type(found) is type(wanted) and found == wanted


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One command line; an argument that begins with @ is a file of the case's folder, THIS_MONTH the month of today.

    Without expectations it only has to succeed.
    """

    run: list[str]
    expect: list[Expectation] = []

    @property
    def wants_json(self) -> bool:
        """Whether something is looked for in what it prints as JSON."""
        return any(not each.at.startswith("$") for each in self.expect)


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A case: what an honest party would say, what the contract says and why, and the steps that ask it."""

    honest: str
    why: list[str]
    steps: list[Step]
    contract_differs: str = ""
    """Where the contract says something else than the story, and why; empty where they agree."""


def read_cases(folder: Path = EXPECTED) -> dict[str, Case]:
    """All cases by name, sorted.

    Raises:
        ZectoError: a file is not as these types say.
    """
    return {path.stem: _read(path) for path in sorted(folder.glob("*.json"))}


def _read(path: Path) -> Case:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Case)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise ZectoError(f"{path.name}: {error}") from None
