"""The questions in SQL of all pages, as a reader would ask them, most of docs/how-to/ask-in-sql.md."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy
from clickhouse_connect.driver.client import Client

from streams.judge import judge_month
from streams.judge.stored import store_judgement
from tests.sql.scenario import Scenario

pytestmark = pytest.mark.engine

_ROOT = Path(__file__).parents[2]
_PAGES = (_ROOT / "README.md", *sorted((_ROOT / "docs").rglob("*.md")))
_PAGE = (_ROOT / "docs" / "how-to" / "ask-in-sql.md").read_text("utf-8")
_QUESTIONS = [
    question.strip()
    for page in _PAGES
    for block in re.findall(r"```sql\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    for question in re.sub(r"--[^\n]*", "", block).split(";")
    if question.strip()
]
_YEAR = re.findall(r'query_arrow\("([^"]*)"\)', _PAGE)[0]


@pytest.fixture
def stored(month: Scenario) -> Client:
    """A month with an outage, a declaration and a failing operator, judged and stored."""
    month.minute(2).requests(platform=3).messages(operator=2)
    month.window("telemetry_gap", 9, 11)
    month.settle()
    store_judgement(month.client, judge_month(month.client, month.choice), 0)
    return month.client


@pytest.mark.parametrize("question", _QUESTIONS)
def test_every_question_of_a_page_is_understood(stored: Client, question: str) -> None:
    stored.query(question)


def test_a_year_is_one_plain_question_for_arrow(stored: Client) -> None:
    table = stored.query_arrow(_YEAR)
    sms = next(row for row in table.to_pylist() if row["service"] == "sms")
    assert (sms["month"], sms["uptime"], sms["down_minutes"]) == ("2026-09", Decimal("99.9976"), 1)


def test_a_year_is_one_plain_question_for_pandas(stored: Client) -> None:
    frame = stored.query_df(_YEAR)
    assert list(frame["service"]) == ["email", "platform", "sms", "voice", "whatsapp"]
    assert frame.set_index("service")["uptime"]["sms"] == Decimal("99.9976")


def test_states_are_names_for_arrow(stored: Client) -> None:
    question = "SELECT DISTINCT state FROM verdicts WHERE service = 'sms' ORDER BY state"
    assert stored.query_arrow(question).column("state").to_pylist() == ["blind", "down", "idle"]


def test_minutes_are_found_by_what_was_counted(stored: Client) -> None:
    numbers = [
        row["name"]
        for row in stored.query("DESCRIBE verdicts").named_results()
        if row["type"].startswith(("UInt", "Bool"))
    ]
    found = {name: stored.query(f"SELECT service, minute FROM verdicts WHERE {name} > 0").row_count for name in numbers}
    assert found["requests_failed"] == found["bad_low"] / 2 == 1
    assert found["messages_pending"] == 0


def test_sqlalchemy_reflects_months_with_comments(stored: Client, engine: str) -> None:
    with sqlalchemy.create_engine(f"clickhousedb{engine.removeprefix('http')}/{stored.database}").connect() as asking:
        assert {"months", "verdicts", "incidents"} <= set(sqlalchemy.inspect(asking).get_view_names())
        months = sqlalchemy.Table("months", sqlalchemy.MetaData(), autoload_with=asking)
        assert [column.name for column in months.columns if not column.comment] == []
        assert isinstance(months.c.uptime.type, sqlalchemy.Numeric)
        year = sqlalchemy.select(months.c.month, months.c.uptime).where(months.c.month >= "2026-01")
        assert asking.execute(year.where(months.c.service == "sms")).all() == [("2026-09", Decimal("99.9976"))]
