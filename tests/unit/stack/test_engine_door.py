"""Who may ask the embedded engine: origins, hosts, passwords."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.stack.engine_door import comes_from_here, knows_password

_HOST = "127.0.0.1:8123"
_PASSWORD = "a-password"  # noqa: S105  a test's own


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"host": _HOST},
        {"host": "localhost:8123"},
        {"host": "[::1]:8123"},
        {"host": _HOST, "origin": f"http://{_HOST}", "sec-fetch-site": "same-origin"},
        {"host": _HOST, "sec-fetch-site": "none"},
    ],
)
def test_programs_and_the_engines_own_pages_are_let_in(headers: dict[str, str]) -> None:
    assert comes_from_here(headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"host": _HOST, "origin": "null"},
        {"host": _HOST, "origin": ""},
        {"host": _HOST, "origin": "http://127.0.0.1:8124"},
        {"host": _HOST, "origin": "http://localhost:8123"},
        {"host": _HOST, "origin": f"https://{_HOST}"},
        {"host": _HOST, "origin": "https://page.example"},
        {"host": _HOST, "sec-fetch-site": "same-site"},
        {"host": _HOST, "sec-fetch-site": "cross-site"},
        {"host": "page.example:8123"},
        {"host": "page.example:8123", "origin": "http://page.example:8123", "sec-fetch-site": "same-origin"},
        {"host": "127.0.0.1.page.example"},
        {"host": "[::1"},
        {"host": ""},
    ],
)
def test_pages_from_anywhere_else_are_refused(headers: dict[str, str]) -> None:
    assert not comes_from_here(headers)


def basic(text: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(text.encode()).decode()}


@pytest.mark.parametrize(
    ("headers", "parameters"),
    [
        (basic(f"default:{_PASSWORD}"), {}),
        ({"x-clickhouse-user": "default", "x-clickhouse-key": _PASSWORD}, {}),
        ({"x-clickhouse-key": _PASSWORD}, {}),
        ({}, {"user": "default", "password": _PASSWORD}),
        ({}, {"password": _PASSWORD}),
    ],
)
def test_the_password_is_taken_wherever_clickhouse_takes_it(
    headers: dict[str, str], parameters: dict[str, str]
) -> None:
    assert knows_password(headers, parameters, _PASSWORD)


@pytest.mark.parametrize(
    "headers",
    [{}, basic("default:"), basic(f"other:{_PASSWORD}"), {"authorization": "Basic \xff"}, {"x-clickhouse-key": ""}],
)
def test_a_wrong_user_or_password_is_refused(headers: dict[str, str]) -> None:
    assert not knows_password(headers, {}, _PASSWORD)


@given(st.text(), st.text())
def test_no_other_text_passes_for_the_password(user: str, told: str) -> None:
    assert knows_password({}, {"user": user, "password": told}, _PASSWORD) == (
        user in ("", "default") and told == _PASSWORD
    )
