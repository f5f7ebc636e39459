"""Traffic from a seed, and the truth about it: knows the records, and nothing of what reads them.

`plan` decides everything from a seed; `records` gives it as bytes; `PlainAccounting` takes those bytes and
`describe_month` says, by the rules of the contract applied record by record in plain Python, what a month must come
out as.
"""

from streams.simulate.accounting import PlainAccounting
from streams.simulate.figures import PlatformTruth, ServiceTruth
from streams.simulate.planning import plan
from streams.simulate.plot import Plan
from streams.simulate.stream import records
from streams.simulate.truth import MonthTruth, describe_month, month_minutes, month_of

__all__ = [
    "MonthTruth",
    "PlainAccounting",
    "Plan",
    "PlatformTruth",
    "ServiceTruth",
    "describe_month",
    "month_minutes",
    "month_of",
    "plan",
    "records",
]
