"""What is credited to an account (topic `sla.credits`, key `account_id`): of one id the first decision stands (K4)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from schemas.account import FeeKey
from schemas.closing import Month
from schemas.fields import AccountId, Count

Amount = Annotated[
    str,
    Meta(
        pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$(?!\n)",
        description="a decimal number with as many digits after the point as the currency's minor unit (ISO 4217)",
    ),
]


class CreditDecision(Struct, frozen=True, kw_only=True, gc=False):
    """One decision of a series that only grows: `amount` is added to what earlier numbers credited."""

    decision_id: Annotated[
        str,
        Meta(
            pattern=r"^[0-9a-f]{32}$(?!\n)",
            description="follows from account_id, fee, month and number alone: whoever has seen it has this decision",
        ),
    ]
    account_id: AccountId
    fee: Annotated[FeeKey, Meta(description="the platform fee that the credit is a share of")]
    month: Month
    number: Annotated[Count, Meta(description="0, 1, 2, … of this account, fee and month")]
    kind: Annotated[
        Literal["credit", "difference", "withdrawal"],
        Meta(description="difference: the month was restated; withdrawal: nothing is due any more"),
    ]
    amount: Annotated[Amount, Meta(description="what it adds; negative where less is due than was credited")]
    due: Annotated[Amount, Meta(description="what is credited together with the decisions before it")]
    currency: Annotated[str, Meta(min_length=1, max_length=16)]
    percent: Annotated[int, Meta(ge=0, le=100, description="the tier that is due now (M2)")]
    claim_id: Annotated[str, Meta(max_length=128, description="the claim that is approved; empty after a withdrawal")]
    policy: Annotated[str, Meta(min_length=1, max_length=64)]
    invoice_month: Annotated[Month, Meta(description="the invoice on which it appears")]
    statement: Annotated[
        Count | None,
        Meta(description="the statement (0) or amendment that it follows from; null: nobody closed the month"),
    ] = None
