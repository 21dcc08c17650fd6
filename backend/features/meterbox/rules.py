"""How bad a meter box is and how long it may stay so. Pure; vectors in `tests/vectors/hazards.json`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from backend.catalogue import Hazards

Grade = Literal["general", "serious", "critical"]
_GRADES: dict[int, Grade] = {1: "general", 2: "serious", 3: "critical"}


class Rating(msgspec.Struct, frozen=True, kw_only=True):
    """The box as a whole: its worst fault, the shortest deadline, and whether it must be made safe at once.

    `notice_needed`: the box is not the company's, so its owner gets a written notice.
    """

    severity: int
    grade: Grade
    deadline_at: datetime
    control_needed: bool
    notice_needed: bool
    worst: tuple[str, ...]
    catalogue: str


def unknown(hazards: Hazards, codes: Sequence[str]) -> list[int]:
    """Positions of codes that the edition does not hold."""
    return [position for position, code in enumerate(codes) if hazards.item(code) is None]


def rate(hazards: Hazards, codes: Sequence[str], ownership: str, found_at: datetime) -> Rating:
    """Rate all faults found at one box; every code must be known and there is at least one."""
    items = [item for code in codes if (item := hazards.item(code)) is not None]
    severity = max(item.severity for item in items)
    days = min(item.deadline_days for item in items)
    return Rating(
        severity=severity,
        grade=_GRADES[severity],
        deadline_at=found_at + timedelta(days=days),
        control_needed=any(item.immediate_control for item in items),
        notice_needed=ownership != "utility",
        worst=tuple(item.code for item in items if item.severity == severity),
        catalogue=hazards.version,
    )
