"""Traffic from a seed, and the truth about it: knows the records, and nothing of what reads them.

`plan` decides everything from a seed; `records` tells it as bytes; `Reckoning` takes those bytes and `tell_month` says,
by the rules of the contract applied record by record in plain Python, what a month must come out as.
"""

from streams.simulate.planning import plan
from streams.simulate.plot import Plan
from streams.simulate.reckoning import Reckoning
from streams.simulate.stream import records
from streams.simulate.truth import MonthTruth, ServiceTruth, month_minutes, month_of, tell_month

__all__ = [
    "MonthTruth",
    "Plan",
    "Reckoning",
    "ServiceTruth",
    "month_minutes",
    "month_of",
    "plan",
    "records",
    "tell_month",
]
