"""`policy`: what a new version of the contract changes, and whether it may take effect (M5, §10.2)."""

import json
from pathlib import Path

import pytest

from schemas.policy_changes import policy_text
from streams.cli import build_app
from streams.core.errors import UsageError, ZectoError


@pytest.fixture
def next_policy(tmp_path: Path) -> Path:
    """A version for 2027 that is worse and better in one thing each, published 29 days before it takes effect."""
    text = policy_text("zecto-1.0")
    for before, after in (
        ('policy_id = "zecto-1.0"', 'policy_id = "zecto-1.1"'),
        ('effective_from = "2025-11-17T00:00:00+05:00"', 'effective_from = "2027-01-30T00:00:00+05:00"'),
        ('published_at = "2025-11-17T00:00:00+05:00"', 'published_at = "2027-01-01T00:00:00+05:00"'),
        ("claim_days = 30", "claim_days = 20"),
        ("cap_percent = 50", "cap_percent = 60"),
    ):
        assert text.count(before) == 1
        text = text.replace(before, after)
    path = tmp_path / "zecto-1.1.toml"
    path.write_text(text)
    return path


def run(*arguments: str | Path) -> None:
    build_app()([*map(str, arguments)], exit_on_error=False, print_error=False)


def test_m5_differences_are_listed_key_by_key_with_what_falls(
    next_policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("policy", "diff", "zecto-1.0", next_policy, "--json")
    told = json.loads(capsys.readouterr().out)
    assert {one["key"]: (one["before"], one["after"]) for one in told["changed"]} == {
        "policy_id": ("zecto-1.0", "zecto-1.1"),
        "effective_from": ("2025-11-17T00:00:00+05:00", "2027-01-30T00:00:00+05:00"),
        "published_at": ("2025-11-17T00:00:00+05:00", "2027-01-01T00:00:00+05:00"),
        "credits.cap_percent": ("50", "60"),
        "credits.claim_days": ("30", "20"),
    }
    assert told["lowers"] == ["credits.claim_days"]


def test_m5_lowering_a_commitment_needs_30_days_of_notice(
    next_policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ZectoError, match=r"zecto-1.1 lowers credits.claim_days of zecto-1.0"):
        run("policy", "check", next_policy)
    text = next_policy.read_text().replace("2027-01-30T00:00:00+05:00", "2027-01-31T00:00:00+05:00")
    next_policy.write_text(text)
    run("policy", "check", next_policy)
    assert capsys.readouterr().out == "can be used: zecto-1.0, zecto-1.1\n"


def test_a_file_that_is_none_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"does not exist, and it names no policy of this version \(zecto-1.0\)"):
        run("policy", "check", tmp_path / "missing.toml")
    (tmp_path / "broken.toml").write_text("policy_id = 1\n")
    with pytest.raises(ZectoError, match=r"broken.toml"):
        run("policy", "check", tmp_path / "broken.toml")


def test_the_policies_of_this_version_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    run("policy", "list", "--json")
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["policy"], told["effective_from"]) == ("zecto-1.0", "2025-11-16T19:00:00Z")
