"""Twins `X_as_of` of the views, made from the views' own texts: the same rules over what was known before a cut.

One text, two objects: whoever changes a rule changes both. A twin takes `month`, `policy` and `as_of`, the cut in
milliseconds; what the broker stamped at the cut or later is not there. Only three things are written down here:

    tables               rows known before the cut; a hole is known once the first record after it is
    partition_frontiers  at a cut that everything has been read to, every frontier is the cut
    minutes              counted from the ledger by the SELECT of `evaluate_minutes.sql` itself
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

_ARGUMENTS: Final = "(month = {month:String}, policy = {policy:String}, as_of = {as_of:Int64})"
_REFERENCE: Final = re.compile(r"\b(?P<verb>FROM|JOIN) (?P<name>\w+)(?:\([^()]*\))?(?P<alias> AS \w+)?(?: FINAL\b)?")
_CREATE: Final = re.compile(r"^CREATE OR REPLACE VIEW (?P<name>\w+) AS$", re.MULTILINE)

_GIVEN: Final[Mapping[str, str]] = {
    name: select.replace("CUT", "fromUnixTimestamp64Milli({as_of:Int64}, 'UTC')")
    for name, select in {
        "ledger_requests": "SELECT * FROM ledger_requests WHERE recorded_at < CUT",
        "ledger_receipts": "SELECT * FROM ledger_receipts WHERE recorded_at < CUT",
        "ledger_probes": "SELECT * FROM ledger_probes WHERE recorded_at < CUT",
        "manifests": "SELECT * FROM manifests WHERE recorded_at < CUT",
        "dead_letters": "SELECT * FROM dead_letters WHERE recorded_at < CUT",
        # of a record read twice the row known first, for that instant decides (X1, X2, X3)
        "declarations": "SELECT * FROM declarations FINAL WHERE recorded_at < CUT",
        "blocks": "SELECT * FROM blocks FINAL WHERE state != 'lost' OR last_recorded_at <= CUT",
        "partition_frontiers": (
            "SELECT topic, CAST(NULL, 'Nullable(UInt32)') AS partition, CUT AS listed_at, CUT AS frontier,"
            " toUInt64(0) AS stored_next, toUInt64(0) AS evaluated_next FROM (SELECT DISTINCT topic FROM input_topics)"
        ),
    }.items()
}
_MINUTES: Final = "minutes"
_TOUCHED: Final = re.compile(r"    touched AS\n    \(\n.*?\n    \),\n", re.DOTALL)
_OF_TOUCHED: Final = "(service, minute) IN touched"
# as far as silences look across the month's borders (B2)
_SEEN: Final = """\
    (SELECT * FROM frames(month = {month:String}, policy = {policy:String})) AS frame,
    (frame.silence_minutes_before + frame.silence_max_minutes + 1) * 60 AS reach,
    toDateTime(frame.month_start - reach, 'UTC') AS seen_from,
    toDateTime(frame.month_end + reach, 'UTC') AS seen_to,
"""
_OF_SEEN: Final = "minute >= seen_from AND minute < seen_to"
_OF_READING: Final = frozenset({"lost_spans", "coverage"})
"""Views that tell of the reading itself, not of what was read: they have no twin."""


def twins(views: Iterable[str], evaluate_minutes: str) -> dict[str, str]:
    """Statements that create the twins, by the twin's name, each after those that it builds on.

    `views` are the statements that create the views, in such an order too.
    """
    made: dict[str, str] = {}
    for text in views:
        name, referred = _name(text), _referred(text)
        if name in _GIVEN or name in _OF_READING:
            continue
        if _MINUTES in referred and _MINUTES not in made:
            made[_MINUTES] = f"CREATE OR REPLACE VIEW minutes_as_of AS\n{_counted(evaluate_minutes, made.keys())}"
        if referred & {*_GIVEN, *made}:
            made[name] = _CREATE.sub(r"CREATE OR REPLACE VIEW \g<name>_as_of AS", _of_twins(text, made.keys()))
    return {f"{name}_as_of": text for name, text in made.items()}


def as_of(question: str) -> str:
    """A question to views that have twins as one to the twins; it takes `as_of` beside `month` and `policy`."""
    return _REFERENCE.sub(_referring, question)


def _counted(evaluate_minutes: str, names: Collection[str]) -> str:
    """The SELECT of the evaluation, of all minutes that bear on the month instead of those that blocks touched."""
    select = evaluate_minutes[evaluate_minutes.index("\nWITH\n") + 1 :]
    return _of_twins(_TOUCHED.sub(lambda _: _SEEN, select, count=1).replace(_OF_TOUCHED, _OF_SEEN), names)


def _of_twins(text: str, names: Collection[str]) -> str:
    def replaced(found: re.Match[str]) -> str:
        return _referring(found) if found["name"] in _GIVEN or found["name"] in names else found[0]

    return _REFERENCE.sub(replaced, text)


def _referring(found: re.Match[str]) -> str:
    name = found["name"]
    source = f"({_GIVEN[name]})" if name in _GIVEN else f"{name}_as_of{_ARGUMENTS}"
    return f"{found['verb']} {source}{found['alias'] or ''}"


def _referred(text: str) -> set[str]:
    return {found["name"] for found in _REFERENCE.finditer(text)}


def _name(text: str) -> str:
    found = _CREATE.search(text)
    assert found  # noqa: S101  a view's file creates a view
    return found["name"]
