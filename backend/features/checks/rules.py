"""What a checklist item says about a finding. Pure."""

from __future__ import annotations

import msgspec

from backend.catalogue import CheckItem
from backend.sheets import Words


class Weight(msgspec.Struct, frozen=True):
    """The item's own words and default weight, as of the edition that the finding names."""

    text: Words
    severity: int
    points: int
    goal: str
    catalogue: str


def weigh(item: CheckItem, edition: str) -> Weight:
    """The facts kept beside a submitted finding."""
    return Weight(item.text, item.severity, item.default_points, item.goal, edition)


def photo_needed(item: CheckItem) -> bool:
    """Whether the item is proven by a photo (others by a recording's number or a note in the text)."""
    return "photo" in item.evidence
