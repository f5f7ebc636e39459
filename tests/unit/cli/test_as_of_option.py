"""The instant that a question is asked as of: one option, by its name and by the one of 0.1.0."""

import pytest

from streams.cli import build_app

_MINUTES = ("sms", "2026-09-03T10:00Z", "2026-09-03T11:00Z")


@pytest.mark.parametrize(
    "command",
    [("month", "2026-09"), ("minutes", *_MINUTES), ("evidence", *_MINUTES, "-o", "of.json"), ("audit", "2026-09")],
)
@pytest.mark.parametrize("option", ["--as-of", "--as-known-at"])
def test_both_names_of_the_option_mean_one_instant(command: tuple[str, ...], option: str) -> None:
    _, bound, _ = build_app().parse_args([*command, option, "2026-10-05T00:00Z"])
    assert bound.arguments["as_of"] == "2026-10-05T00:00Z"
