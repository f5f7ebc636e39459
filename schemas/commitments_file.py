"""The tables of a policy's file that say commitments beside uptime, and how credits are claimed."""

from typing import Annotated, Final, Literal

from schemas.fields import Service
from schemas.policy_keys import Lowers, PolicyTable, key


class TierEntry(PolicyTable, frozen=True, kw_only=True):
    """A tier; they stand highest first."""

    uptime: Annotated[
        str,
        key(
            "M2",
            "The credit uptime from which the tier holds; a fraction. It falls from tier to tier; the last is `0/1`.",
            "Lower: a month reaches the tier with less uptime, and is credited less.",
            "where some uptime is credited less",
        ),
    ]
    credit_percent: Annotated[
        int,
        key(
            "M2",
            "What the tier credits, in percent of the fee; it never falls from tier to tier.",
            "Less: customers get less.",
            "where some uptime is credited less",
            ge=0,
            le=100,
        ),
    ]


class CreditsTable(PolicyTable, frozen=True, kw_only=True):
    """How credits are claimed and paid."""

    cap_percent: Annotated[
        int,
        key(
            "M3",
            "The most that an account is credited for a month, in percent of its platform fees of that month.",
            "Less: customers with several credits get less.",
            Lowers.SMALLER,
            ge=0,
            le=100,
        ),
    ]
    claim_days: Annotated[
        int,
        key(
            "K2",
            "Local days after the day on which an incident ended, in which it can be claimed.",
            "Fewer: claims are late sooner.",
            Lowers.SMALLER,
            ge=1,
            le=366,
        ),
    ]
    answer_days: Annotated[
        int,
        key(
            "K3",
            "Business days after its submission in which a claim is answered.",
            "More: answers are due later.",
            Lowers.GREATER,
            ge=1,
            le=365,
        ),
    ]
    complete_by: Annotated[
        str,
        key(
            "K2",
            "So long after its end a month is complete for claims, come what may, its pending minutes blind. At least "
            "`pending_for` and `grace` together.",
            "Longer: claims of months whose records never come are answered later.",
            Lowers.GREATER,
        ),
    ]
    lowers_until: Annotated[
        Literal["invoice"],
        key(
            "K4",
            "Until when a restatement can lower a credit: until the `invoice` month begins that its first decision "
            "names.",
            "There is no other choice yet.",
        ),
    ]
    holidays: Annotated[
        str,
        key(
            "K3, B2",
            "The country, by ISO 3166, whose public holidays are no business days, and on which no minute is silent.",
            "Other days are holidays.",
            Lowers.OTHER,
            pattern="^[A-Z]{2}$(?!\n)",
        ),
    ]


_LIMIT: Final = "For a service that is left out there is no commitment of this kind. A limit is at most 30 days."
_SLOWER: Final = "Longer: slower ones are in time, too."
_SHARE: Final = "Smaller: more of them may miss their limit."


class PerformanceTable(PolicyTable, frozen=True, kw_only=True):
    """Commitments on speed and delivery."""

    response_within: Annotated[
        dict[Service, str],
        key("P1", f"How soon a valid request is answered, by service. {_LIMIT}", _SLOWER, Lowers.GREATER),
    ]
    response_share: Annotated[
        str, key("P1", "The share of valid requests answered within that.", _SHARE, Lowers.SMALLER)
    ]
    delivery_within: Annotated[
        dict[Service, str],
        key("P2", f"How soon a message is delivered, by service. {_LIMIT}", _SLOWER, Lowers.GREATER),
    ]
    delivery_time_share: Annotated[
        str, key("P2", "The share of delivered messages that arrive within that.", _SHARE, Lowers.SMALLER)
    ]
    delivery_share: Annotated[
        dict[Service, str],
        key(
            "P3",
            "The share of messages delivered, of those delivered or failed by us, by service.",
            "Smaller: more of them may fail.",
            Lowers.SMALLER,
        ),
    ]
    connect_within: Annotated[str, key("P4", "How soon a call connects; at most 30 days.", _SLOWER, Lowers.GREATER)]
    connect_share: Annotated[str, key("P4", "The share of calls connected within that.", _SHARE, Lowers.SMALLER)]
    hd_share: Annotated[
        str, key("P4", "The share of call time in HD.", "Smaller: less of it has to be in HD.", Lowers.SMALLER)
    ]
    template_within: Annotated[
        str, key("P5", "How soon a WhatsApp template is approved or rejected.", _SLOWER, Lowers.GREATER)
    ]


class SupportTable(PolicyTable, frozen=True, kw_only=True):
    """How soon support responds first, by the priority in force."""

    hours: Annotated[
        str,
        key(
            "P6",
            "The hours, Monday to Friday in the policy's zone, in which the clock runs, as `09:00-18:00`; or `always`.",
            "Fewer: the same targets take longer.",
            "hours in which it ran and no longer does",
        ),
    ]
    critical: Annotated[str, key("P6", "The target for critical tickets.", _SLOWER, Lowers.GREATER)]
    high: Annotated[str, key("P6", "The target for tickets of high priority.", _SLOWER, Lowers.GREATER)]
    medium: Annotated[str, key("P6", "The target for tickets of medium priority.", _SLOWER, Lowers.GREATER)]
    low: Annotated[str, key("P6", "The target for tickets of low priority.", _SLOWER, Lowers.GREATER)]
