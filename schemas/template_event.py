"""What happened to a WhatsApp template (topic `whatsapp.templates`; P5)."""

from typing import Literal

from msgspec import Struct

from schemas.fields import AccountId, Id
from schemas.instants import Instant
from schemas.violations import Violation, instant_violation


class TemplateEvent(Struct, frozen=True, kw_only=True, gc=False):
    """One event of a template."""

    template_id: Id
    account_id: AccountId
    time: Instant
    event: Literal["submitted", "approved", "rejected"]

    def violation(self) -> Violation | None:
        """What the field types cannot say: the time is an instant."""
        return instant_violation(time=self.time)
