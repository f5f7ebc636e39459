"""docs/reference/policy-fields.md: what it says of a key is what a change of the key does (M5)."""

import re
from typing import Final

import pytest

from schemas.policies import parse_policy
from schemas.policy_changes import lowered_commitments, policy_text
from schemas.policy_file import PolicyFile
from schemas.policy_keys import Lowers
from tests.docs_pages.policy_fields import PolicyKey, policy_fields_page, policy_keys

TEXT: Final = policy_text("zecto-1.0")
KEYS: Final = tuple(policy_keys(PolicyFile))
_IN_WORDS: Final = frozenset(one.key for one in KEYS if one.lowers not in set(Lowers))
_NO_NUMBER: Final = frozenset(("policy_id", "effective_from", "published_at", "zone", "credits.holidays"))
MEASURED: Final = tuple(one for one in KEYS if one.key not in _IN_WORDS | _NO_NUMBER | {"credits.lowers_until"})


def with_another(key: PolicyKey, step: int) -> str:
    """The first policy's text with the next greater or smaller value of a key, or of the first of several."""
    table, _, name = key.key.replace("TIER", "standard").rpartition(".")
    header = f"[{table}.{name}]" if f"[{table}.{name}]" in TEXT else f"[{table}]"
    name = "sms" if header != f"[{table}]" else name
    before, found, after = TEXT.partition(f"{header}")
    changed, count = re.subn(rf"(?m)^({name} = )(.*?)(?=\s*(#|$))", lambda m: m[1] + other(m[2], step), after, count=1)
    assert count == 1
    return before + found + changed


def other(value: str, step: int) -> str:
    """The next value to a number, fraction, duration or year."""
    if fraction := re.fullmatch(r'"(\d+)/(\d+)"', value):
        return f'"{int(fraction[1]) * 1000 + step}/{int(fraction[2]) * 1000}"'
    return re.sub(r"\d+", lambda digits: str(int(digits[0]) + step), value, count=1)


@pytest.mark.parametrize("key", MEASURED, ids=lambda key: key.key)
@pytest.mark.parametrize(("step", "lowering"), [(1, Lowers.GREATER), (-1, Lowers.SMALLER)])
def test_m5_a_key_lowers_commitments_as_the_page_says(key: PolicyKey, step: int, lowering: Lowers) -> None:
    text = with_another(key, step)
    lowered = lowered_commitments(parse_policy(TEXT, "before"), parse_policy(text, "after"))
    assert bool(lowered) == (key.lowers in {lowering, Lowers.OTHER}), lowered


def test_the_page_has_every_key_of_the_file() -> None:
    written = set(re.findall(r"(?m)^([a-z_]+) = ", TEXT)) - {"sms", "voice", "whatsapp", "email"}
    assert {key.key.rpartition(".")[2] for key in KEYS} == written | {
        "response_within",
        "delivery_within",
        "delivery_share",
    }
    assert all(f"| `{key.key.rpartition('.')[2]}` | {key.rule} |" in policy_fields_page() for key in KEYS)
