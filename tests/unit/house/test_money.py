"""Money never meets a float: not in its types, not in its arithmetic."""

import ast
import dataclasses
import importlib
import inspect
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, get_args, get_type_hints

import msgspec
import pytest

ROOT: Final = Path(__file__).parents[3]
MODULES: Final = (
    "schemas.account",
    "schemas.commitments",
    "schemas.currencies",
    "schemas.policies",
    "schemas.policy_values",
    "streams.rules.accounts",
    "streams.rules.claims",
    "streams.rules.month_fees",
    "streams.rules.rounding",
    "streams.rules.decisions",
    "streams.rules.incidents",
    "streams.rules.months",
    "streams.rules.unclaimed",
    "streams.rules.amounts_due",
    "streams.credits.issue",
    "streams.credits.adjudicate",
    "streams.credits.basis",
    "streams.credits.claim_views",
    "streams.credits.known_months",
    "streams.credits.decision_store",
    "streams.credits.views",
    "streams.reports.accounts",
    "streams.reports.entitlements",
    "streams.reports.build",
    "streams.reports.model.account",
    "streams.reports.model.month",
    "streams.reports.model.part",
    "streams.reports.performance",
    "streams.reports.uptime",
    "streams.reports.render.html",
    "streams.reports.render.sheets",
    "streams.reports.render.strip",
    "streams.reports.render.wording",
    "streams.reports.render.xlsx",
)


@pytest.mark.parametrize("module", MODULES)
def test_no_value_and_no_operation_of_money_is_a_float(module: str) -> None:
    source = (ROOT / f"{module.replace('.', '/')}.py").read_text("utf-8")
    assert not [ast.unparse(node) for node in ast.walk(ast.parse(source)) if _makes_a_float(node)]


def _makes_a_float(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=float() | complex()):
            return True
        case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
            return True  # of decimals `/` rounds to the context in force; they are divided by one that is exact
        case ast.Name(id="float" | "round") | ast.Attribute(attr="float64" | "float32" | "true_divide"):
            return True
    return False


@pytest.mark.parametrize("module", MODULES)
def test_no_type_of_money_holds_a_float(module: str) -> None:
    found = importlib.import_module(module)
    for name, thing in vars(found).items():
        if getattr(thing, "__module__", "") == module and (inspect.isfunction(thing) or inspect.isclass(thing)):
            assert float not in set(_types(thing)), f"{module}.{name}"


def _types(thing: Any, seen: frozenset[Any] = frozenset()) -> Iterator[Any]:  # noqa: ANN401  a type of any kind
    """Every type that a function or class mentions, and what these hold in turn."""
    if thing in seen:
        return
    yield thing
    holds = inspect.isfunction(thing) or dataclasses.is_dataclass(thing) or _is_struct(thing)
    inner = list(get_type_hints(thing).values()) if holds else list(get_args(thing))
    for one in inner:
        if isinstance(one, type) or get_args(one):
            yield from _types(one, seen | {thing})


def _is_struct(thing: Any) -> bool:  # noqa: ANN401  a type of any kind
    return isinstance(thing, type) and issubclass(thing, msgspec.Struct)


@pytest.mark.parametrize(
    "source", ["x = 0.5", "x = a / b", "a /= b", "x = float(a)", "x = round(a)", "x = np.float64(a)"]
)
def test_the_watch_sees_a_float_where_one_is_made(source: str) -> None:
    assert any(map(_makes_a_float, ast.walk(ast.parse(source))))


def test_the_watch_sees_a_float_deep_in_a_type() -> None:
    @dataclasses.dataclass
    class Inner:
        amounts: dict[str, list[float]]

    @dataclasses.dataclass
    class Outer:
        inner: Inner
        total: Decimal

    assert float not in set(_types(Decimal))
    assert float in set(_types(Outer))
