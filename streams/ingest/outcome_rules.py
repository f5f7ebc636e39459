"""What this version decides outcomes by, from its data files."""

from functools import cache

from schemas.numbers import MICROSECONDS
from schemas.reference import code_tables, policies
from streams.rules.classify import OutcomeRules


@cache
def outcome_rules() -> OutcomeRules:
    """The code tables, and what all policies say of late answers: records are counted once for all of them (C2).

    Raises:
        CodeTableError, PolicyError: a file cannot be used; names it.
    """
    return OutcomeRules(tables=code_tables(), answer_within_us=policies()[0].answer_within_ms * MICROSECONDS)
