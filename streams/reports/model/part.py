"""What every part of a report is."""

import msgspec


class ReportPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a report."""
