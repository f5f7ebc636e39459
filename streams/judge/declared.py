"""What was told of minutes, or lost: dead letters, declarations, offsets that nobody can read any more (B, X)."""

from itertools import groupby
from typing import Final

from clickhouse_connect.driver.client import Client

import sql
from streams.clickhouse.arrow import COUNTED_SERVICES, ask, numbers
from streams.clickhouse.session import rows
from streams.rules.month.inputs import (
    DeadLetterSeries,
    DeclarationRevision,
    LostOffsets,
    RefusedDeclaration,
)
from streams.rules.month.span import MinuteFrame

BUDGET_DAYS: Final = 32
"""X2: of the calendar month before a span the emergency minutes count where V1 looks back into it."""


def read_dead_letters(client: Client, frame: MinuteFrame, as_of_ms: int) -> tuple[DeadLetterSeries, ...]:
    """Dead letters of the frame's minutes that were not mended (B3)."""
    found = ask(client, "judge_dead_letters", {"from": frame.first, "to": frame.stop, "as_of": as_of_ms})
    names = [found.column(name).to_pylist() for name in ("topic", "source", "service")]
    at, letters = numbers(found, "at"), numbers(found, "letters")
    series = []
    for (topic, source, service), places in groupby(range(len(found)), lambda row: tuple(name[row] for name in names)):
        own = list(places)
        series.append(
            DeadLetterSeries(
                topic=topic,
                source=source,
                service=COUNTED_SERVICES.get(service),
                minutes=at[own],
                counts=letters[own],
            )
        )
    return tuple(series)


def read_declarations(client: Client, from_ms: int, to_ms: int, as_of_ms: int) -> tuple[DeclarationRevision, ...]:
    """Every record of the declarations of which one bears on [from, to) (X, B1)."""
    asked = {"from": from_ms, "to": to_ms, "as_of": as_of_ms}
    return tuple(
        DeclarationRevision(**{**row, "services": frozenset(row["services"])})
        for row in rows(client, sql.query("judge_declarations"), asked)
    )


def read_refused(client: Client, from_ms: int, to_ms: int, as_of_ms: int) -> tuple[RefusedDeclaration, ...]:
    """Declarations that were refused as dead letters in [from, to) (X4)."""
    asked = {"from": from_ms, "to": to_ms, "as_of": as_of_ms}
    return tuple(RefusedDeclaration(**row) for row in rows(client, sql.query("judge_refused"), asked))


def read_lost(client: Client, as_of_ms: int) -> tuple[LostOffsets, ...]:
    """Offsets that nobody can read any more (B3), known by an instant.

    The last frontier before a hole is not kept: it never lies before the last record that was read.
    """
    found = rows(client, sql.query("judge_lost"), {"as_of": as_of_ms})
    return tuple(LostOffsets(frontier_ms=None, **row) for row in found)
