"""The numbers of the ledger's Enum8 columns; a test holds them to sql/migrations/0001_create_ledger.sql."""

from typing import Final

SERVICE: Final = {"sms": 1, "voice": 2, "whatsapp": 3, "email": 4}
STAGE: Final = {"ga": 0, "beta": 1, "preview": 2, "experimental": 3}
PLAN: Final = {"paid": 0, "trial": 1, "promotional": 2}
STATE: Final = {
    "accepted": 0,
    "enroute": 1,
    "delivered": 2,
    "failed": 3,
    "expired": 4,
    "rejected": 5,
    "deleted": 6,
    "unknown": 7,
}
