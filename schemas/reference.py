"""The data files beside this module, read once: topics, code tables, policies, holidays, currencies.

No other module here reads files.
"""

from functools import cache
from importlib.resources import files
from typing import Final

from schemas.codes import CodeTables, assemble_tables, parse_code_table
from schemas.currencies import MinorUnits, parse_minor_units
from schemas.holidays import HolidayChange, parse_changes
from schemas.policies import Policy, parse_policy
from schemas.policy_changes import order_policies
from schemas.topics import Direction, Topic, parse_topics

_PACKAGE: Final = "schemas"


@cache
def code_tables() -> CodeTables:
    """Every table of `codes/`, by file name without `.csv`.

    Raises:
        CodeTableError: a table cannot be used; names file and line.
    """
    found = sorted((entry for entry in (files(_PACKAGE) / "codes").iterdir() if entry.name.endswith(".csv")), key=str)
    names = [entry.name.removesuffix(".csv") for entry in found]
    return assemble_tables(
        {
            name: parse_code_table(name, entry.read_text("utf-8"), f"codes/{entry.name}")
            for name, entry in zip(names, found, strict=True)
        }
    )


@cache
def topics() -> tuple[Topic, ...]:
    """Every topic of `topics.toml`, in its order.

    Raises:
        TopicsError: the file cannot be used; names the topic.
    """
    return parse_topics((files(_PACKAGE) / "topics.toml").read_text("utf-8"), "topics.toml")


@cache
def input_topics() -> tuple[Topic, ...]:
    """The topics that this system reads."""
    return tuple(topic for topic in topics() if topic.direction is Direction.IN)


@cache
def policies() -> tuple[Policy, ...]:
    """Every policy of `policies/`, by effective date.

    Raises:
        PolicyError: one cannot be used, or two contradict each other (M5); names file and key.
    """
    found = (entry for entry in (files(_PACKAGE) / "policies").iterdir() if entry.name.endswith(".toml"))
    return order_policies(parse_policy(entry.read_text("utf-8"), f"policies/{entry.name}") for entry in found)


@cache
def holiday_changes(country: str) -> tuple[HolidayChange, ...]:
    """What was announced of a country's public holidays, from `holidays/<country>.csv`; nothing where there is none.

    Raises:
        HolidaysError: the file cannot be used; names file and line.
    """
    file = files(_PACKAGE) / "holidays" / f"{country}.csv"
    return parse_changes(file.read_text("utf-8"), f"holidays/{country}.csv") if file.is_file() else ()


@cache
def minor_units() -> MinorUnits:
    """To how many decimal places amounts are rounded, by currency (M3).

    Raises:
        CurrencyError: the table cannot be used; names file and line.
    """
    file = files(_PACKAGE) / "currencies" / "iso_4217.csv"
    return parse_minor_units(file.read_text("utf-8"), "currencies/iso_4217.csv")
