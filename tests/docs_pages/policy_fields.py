"""The page of a policy's fields: what each does, by which rule, and what happens when it is changed."""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, NamedTuple, get_args, get_origin, get_type_hints

from msgspec import Meta, Struct

from schemas.policy_changes import policy_text
from schemas.policy_file import PolicyFile
from schemas.policy_keys import Lowers

_POLICY: Final = "zecto-1.0"
_HEAD: Final = f"""\
# Fields of a policy

What the [SLA](zecto-sla-v1.0.txt) leaves open, or may change, are numbers of a file in `schemas/policies/`; rules are
those of the [contract](contract.md). This page has every key with its value in `{_POLICY}`, what it does, and what
happens when a later version has another. A version that lowers a commitment by one of them takes effect no sooner than
30 days after its publication, or it is refused (M5, §10.2); `zecto-sla policy diff` and `zecto-sla policy check` say so
beforehand. How to write one: [change codes and policies](../how-to/change-codes-and-policies.md).

Durations are written as `200ms`, `60s`, `5m`, `72h` or `30d` and are at most 366 days, fractions as `1/100`, instants
with `Z` or an offset. Every key is required, none other is known, and a file that breaks a bound is refused in one line
that names the key. All files must agree on `answer_within` and `handover_within`, because records are classified and
minutes counted once for all policies; every other number is applied when a month is judged, so that `month --policy ID`
answers at once.
"""


class PolicyKey(NamedTuple):
    """A key of a policy's file and what is said of it."""

    key: str
    rule: str
    does: str
    change: str
    lowers: str


def policy_fields_page() -> str:
    """The page as Markdown."""
    values = tomllib.loads(policy_text(_POLICY))
    keys = list(policy_keys(PolicyFile))
    tables = dict.fromkeys(key.key.rpartition(".")[0] for key in keys)
    sections = [
        _section(table, [key for key in keys if key.key.rpartition(".")[0] == table], values) for table in tables
    ]
    return "\n".join([_HEAD, *sections])


def policy_keys(table: type[Struct], prefix: str = "") -> Iterator[PolicyKey]:
    """Every key below a table, in the file's order; `[]` stands for each of a list, `TIER` for each support tier."""
    for name, hint in get_type_hints(table, include_extras=True).items():
        told = next((one for one in getattr(hint, "__metadata__", ()) if one.extra), None)
        if told is not None:
            yield _key(f"{prefix}{name}", told)
            continue
        bare = get_args(hint)[0] if get_origin(hint) is Annotated else hint
        inner, mark = _inner(bare)
        yield from policy_keys(inner, f"{prefix}{name}{mark}.")


def _inner(hint: Any) -> tuple[type[Struct], str]:  # noqa: ANN401  a type as annotated
    """The table behind an annotation, and how its key is written."""
    origin = get_origin(hint)
    if origin is list:
        return get_args(hint)[0], "[]"
    if origin is dict:
        return get_args(hint)[1], ".TIER"
    table: type[Struct] = hint
    return table, ""


def _key(key: str, told: Meta) -> PolicyKey:
    extra: Mapping[str, str] = told.extra or {}
    return PolicyKey(key, extra["rule"], told.description or "", extra["change"], extra["lowers"])


def _section(table: str, keys: list[PolicyKey], values: Mapping[str, Any]) -> str:
    title = f"[[{table[:-2]}]]" if table.endswith("[]") else f"[{table}]"
    lines = [
        f"## `{title}`" if table else "## The file",
        "",
        f"| key | rule | `{_POLICY}` | what it does | what a change brings | lowers a commitment |",
        "|---|---|---|---|---|---|",
        *(
            f"| `{one.key.rpartition('.')[2]}` | {one.rule} | {_shown(_values(values, one.key))} | {one.does} "
            f"| {one.change} | {_lowers(one.lowers)} |"
            for one in keys
        ),
    ]
    return "\n".join(lines) + "\n"


def _lowers(lowers: str) -> str:
    return "" if lowers == Lowers.NONE else lowers


def _values(table: Mapping[str, Any], key: str) -> list[Any]:
    """The values of a key, one each of a list or tier."""
    name, _, rest = key.partition(".")
    if name == "TIER":
        return [value for tier in table.values() for value in _values(tier, rest)]
    if name.endswith("[]"):
        return [value for entry in table[name[:-2]] for value in _values(entry, rest)]
    return _values(table[name], rest) if rest else [table[name]]


def _shown(values: list[Any]) -> str:
    return ", ".join(
        ", ".join(f"{name} `{one}`" for name, one in value.items()) if isinstance(value, dict) else f"`{value}`"
        for value in values
    )
