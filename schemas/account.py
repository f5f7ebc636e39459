"""A customer's plan, tier and fees from an instant on (topic `accounts`; M3, M4)."""

import re
from typing import Annotated, Final, Literal, get_args

from msgspec import Meta, Struct

from schemas.fields import AccountId, Plan, Revision, Text64
from schemas.instants import Instant
from schemas.violations import Reason, Violation, instant_violation

SupportTier = Literal["standard", "premium"]
FeeKey = Literal["sms", "voice", "whatsapp", "email", "platform"]

FEE_PATTERN: Final = r"^[0-9]{1,15}(\.[0-9]{1,9})?$"
Fee = Annotated[
    str,
    Meta(description="a decimal number, not negative, in plain digits", extra_json_schema={"pattern": FEE_PATTERN}),
]

_FEE_KEYS: Final = {"propertyNames": {"enum": list(get_args(FeeKey))}}
_FEE: Final = re.compile(FEE_PATTERN.strip("^$"))


class Account(Struct, frozen=True, kw_only=True, gc=False):
    """One revision of what holds for an account from `effective_from`; fees by service or `platform` (M3)."""

    account_id: AccountId
    effective_from: Instant
    plan: Plan
    support_tier: SupportTier
    fees: Annotated[dict[FeeKey, Fee], Meta(extra_json_schema=_FEE_KEYS)]
    currency: Annotated[str, Meta(min_length=1, max_length=16)]
    revision: Revision | None = 0
    policy: Text64 | None = ""
    suspended: bool | None = False

    def violation(self) -> Violation | None:
        """What the field types cannot say: each fee is plain decimal digits, `effective_from` an instant."""
        for key, fee in self.fees.items():
            if _FEE.fullmatch(fee) is None:
                return Violation(reason=Reason.OUT_OF_BOUNDS, path=f"$.fees.{key}")
        return instant_violation(effective_from=self.effective_from)
