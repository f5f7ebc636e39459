"""The file of a policy: its tables and keys, and of each key what it does, its rule and what a change of it brings.

docs/reference/policy-fields.md is written from what stands here and in schemas/commitments_file.py.
"""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.account import SupportTier
from schemas.commitments_file import CreditsTable, PerformanceTable, SupportTable, TierEntry
from schemas.policy_keys import UINT32_MAX, Lowers, PolicyTable, key


class VerdictTable(PolicyTable, frozen=True, kw_only=True):
    """When a minute is bad, and whose failure a failure is."""

    failure_ratio: Annotated[
        str,
        key(
            "V1",
            "The share of failures above which a minute is bad, and not at it; a fraction.",
            "Greater: minutes with more failures stay good. `0/1` lets any failure that is not alone count.",
            Lowers.GREATER,
        ),
    ]
    failures_at_least: Annotated[
        int,
        key(
            "V1",
            "How many failures the minutes of `failures_window` hold at least, for their share to count.",
            "Greater: services with little traffic go down later.",
            Lowers.GREATER,
            ge=1,
            le=UINT32_MAX,
        ),
    ]
    failures_window: Annotated[
        str,
        key(
            "V1",
            "The minutes whose failures and valid records are summed, the minute itself included; 1 minute to 1 day.",
            "Longer: more failures come together, and a short outburst weighs less among more successes.",
            Lowers.OTHER,
        ),
    ]
    answer_within: Annotated[
        str,
        key(
            "C2",
            "A request answered no sooner than this was not answered; also how long a client waits before it is our "
            "failure that it went. Applied when records arrive: all policies have the same.",
            "Longer: slow answers count as answers. It needs every record's outcome decided anew.",
            Lowers.GREATER,
        ),
    ]
    told_by_us: Annotated[
        Literal["unknown", "operator"],
        key(
            "C7",
            "What an operator's failure is that only the platform's own error code names, and no window vouches for: "
            "`unknown`, which is bad at worst, or the `operator`'s.",
            "`operator`: our own word is enough; such failures leave the low bounds too.",
            "`operator`",
        ),
    ]


class WaitingTable(PolicyTable, frozen=True, kw_only=True):
    """How long is waited before something is decided."""

    grace: Annotated[
        str,
        key(
            "B5",
            "How far the frontier passes a minute's end before the minute is decided.",
            "Longer: minutes are pending for longer, and records that arrive late change fewer of them.",
        ),
    ]
    handover_within: Annotated[
        str,
        key(
            "C3",
            "How long a message may wait until a carrier has it; later, it is the platform's failure. Applied when "
            "minutes are counted: all policies have the same; at most `pending_for`.",
            "Longer: messages that we held back count as delivered. Every minute has to be counted anew.",
            Lowers.GREATER,
        ),
    ]
    pending_for: Annotated[
        str,
        key(
            "C3",
            "How long a final receipt is waited for. Then a message that no carrier ever took is the platform's "
            "failure, any other unknown.",
            "Longer: such messages are pending for longer, and months complete later.",
            Lowers.GREATER,
        ),
    ]


class ExclusionsTable(PolicyTable, frozen=True, kw_only=True):
    """What declared windows exclude."""

    broker_time_from: Annotated[
        str,
        key(
            "X",
            "An instant. For windows that start before it `announced_at` is believed and the window is listed "
            "`notice_unproven`; from it on the broker's timestamp says when a declaration was had.",
            "Later: more windows rest on what the declaration says of itself.",
            Lowers.GREATER,
        ),
    ]
    notice: Annotated[
        str,
        key(
            "X1",
            "How long before its start scheduled maintenance is declared, at least.",
            "Shorter: maintenance that was announced later excuses, too.",
            Lowers.SMALLER,
        ),
    ]
    usual_hours: Annotated[
        str,
        key(
            "X1",
            "The hours of the local day in which maintenance is usual, as `02:00-05:00`; they do not pass midnight.",
            "More hours: more maintenance excuses. Nothing changes while `outside_usual_hours` is `excludes`.",
            "hours that were not usual, where those outside are `void`",
        ),
    ]
    outside_usual_hours: Annotated[
        Literal["void", "excludes"],
        key(
            "X1",
            "What scheduled maintenance outside of the usual hours is: `void`, or it `excludes`, with a warning.",
            "`excludes`: maintenance at any hour excuses.",
            "`excludes`",
        ),
    ]
    emergency_minutes: Annotated[
        int,
        key(
            "X2",
            "The minutes of a calendar month that emergency maintenance can exclude.",
            "More: more minutes are excluded.",
            Lowers.GREATER,
            ge=0,
            le=UINT32_MAX,
        ),
    ]
    evidence_within: Annotated[
        str,
        key(
            "X3",
            "How long after a minute another's fault may be declared for it.",
            "Longer: faults that were declared later excuse, too.",
            Lowers.GREATER,
        ),
    ]
    excluded: Annotated[
        Literal["removed", "up"],
        key(
            "X5",
            "Whether excluded minutes stay in T and count as `up`, or are `removed` from T.",
            "`removed`: each minute down weighs more.",
            "`up`",
        ),
    ]


class BlindnessTable(PolicyTable, frozen=True, kw_only=True):
    """What is made of minutes of which too little is known."""

    silence_expected: Annotated[
        int,
        key(
            "B2",
            "How many records were to be expected in a silence, at least.",
            "Greater: shorter silences, and those of services with little traffic, go unnoticed.",
            Lowers.GREATER,
            ge=1,
            le=UINT32_MAX,
        ),
    ]
    silence_busy: Annotated[
        str,
        key(
            "B2",
            "`20 of 30`: an image is busy if so many of so many minutes before it, and from it on, have records.",
            "More, or of fewer: fewer minutes are silent, and more in doubt.",
            "a greater first number or a smaller second one",
        ),
    ]
    silence_images: Annotated[
        str,
        key(
            "B2",
            "`2 of 4`: a minute of a silence is silent if so many of its images, so many weeks back, are busy. At "
            "least 2 weeks, at most 52.",
            "More, or of fewer: fewer minutes are silent. With more weeks the history that is read grows.",
            "a greater first number or a smaller second one",
        ),
    ]
    probe_minutes_before: Annotated[
        str,
        key(
            "B2",
            "`30 of 60`: where probes stop, minutes are in doubt if so many of so many minutes before had one.",
            "More, or of fewer: probes that stop are noticed less often.",
            "a greater first number or a smaller second one",
        ),
    ]
    hole_max: Annotated[
        str,
        key(
            "B3",
            "How much of a hole between a source's manifests counts, and how long before it the source's counts are "
            "looked at; whole minutes.",
            "Shorter: records that may be missing in long holes are left out.",
            Lowers.SMALLER,
        ),
    ]
    hole_after: Annotated[
        str,
        key(
            "B3",
            "For how many minutes, of those `hole_max` before a hole, a source sent manifests at least, so that it is "
            "one; at most `hole_max`.",
            "Longer: sources that send now and then have no holes.",
            Lowers.GREATER,
        ),
    ]
    lost_lead: Annotated[
        str,
        key(
            "B3",
            "How far before the last record read a gap of lost offsets begins, at least.",
            "Shorter: gaps of lost offsets are shorter.",
            Lowers.SMALLER,
        ),
    ]
    late_manifest: Annotated[
        str,
        key(
            "B3",
            "A manifest that reaches the broker longer than this after its minute is counted in `late_manifests`.",
            "Longer: fewer are counted. No uptime changes.",
        ),
    ]


class PolicyFile(PolicyTable, frozen=True, kw_only=True):
    """A policy's file as a whole."""

    policy_id: Annotated[
        str,
        key(
            "M5",
            "Its name: letters, digits, `.`, `_` and `-`, at most 64, the first a letter or digit.",
            "A version of its own has a name of its own.",
            pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$(?!\n)",
        ),
    ]
    effective_from: Annotated[
        str,
        key(
            "M5",
            "An instant. The version applies to the months that begin at or after it, until a later version does.",
            "Later: one month more is computed with the version before.",
        ),
    ]
    published_at: Annotated[
        str,
        key(
            "M5",
            "The instant of its publication: at least 30 days before `effective_from` if it lowers a commitment.",
            "It is compared with `effective_from`, and nothing else.",
        ),
    ]
    zone: Annotated[
        str,
        key(
            "T3",
            "Whose calendar months, days and hours are meant, by its name in the tz database.",
            "Every month begins and ends at other instants.",
            Lowers.OTHER,
        ),
    ]
    verdict: VerdictTable
    waiting: WaitingTable
    exclusions: ExclusionsTable
    blindness: BlindnessTable
    tiers: Annotated[list[TierEntry], Meta(min_length=1)]
    credits: CreditsTable
    performance: PerformanceTable
    support: dict[SupportTier, SupportTable]
