"""The images of a minute: the same minutes of the weeks before, busy or quiet (B2)."""

from dataclasses import dataclass

import numpy as np

from streams.rules.month.exact import Counts, Flags, Indices, prefix_sums
from streams.rules.month.policy import MonthPolicy
from streams.rules.month.span import WEEK


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageCounts:
    """(k,) each: of as many minutes, how many images they have, and of which sort."""

    all: Counts
    busy: Counts
    quiet: Counts

    @property
    def all_quiet(self) -> Flags:
        """Whether a minute has images, and all are quiet."""
        quiet: Flags = (self.all > 0) & (self.quiet == self.all)
        return quiet


def images_of(at: Indices, active: Flags, first_record: int, policy: MonthPolicy) -> ImageCounts:
    """The images of minutes (B2).

    Args:
        at: (k,) where in the frame the minutes lie.
        active: (n,) whether a minute has a valid or missing record of the measure.
        first_record: where the service's first record lies, which may be before the frame (negative); what would lie
            before it is no image.
        policy: how many weeks, how many minutes before an image and from it on, and how many of them make it busy.
    """
    sums = prefix_sums(active)
    counts = np.zeros((3, at.size), dtype=np.int64)
    for week in range(1, policy.silence_weeks + 1):
        image = at - week * WEEK
        exists = image >= first_record
        before, after = active_around(image, sums, policy.silence_busy_minutes)
        busy = (before >= policy.silence_busy) & (after >= policy.silence_busy)
        quiet = (before == 0) | (after == 0)
        counts += np.stack((exists, exists & busy, exists & quiet))
    return ImageCounts(all=counts[0], busy=counts[1], quiet=counts[2])


def active_around(image: Indices, sums: Counts, minutes: int) -> tuple[Counts, Counts]:
    """Active minutes among those before each image, and among those from it on."""
    start, at, end = (np.clip(image + shift, 0, sums.size - 1) for shift in (-minutes, 0, minutes))
    return sums[at] - sums[start], sums[end] - sums[at]
