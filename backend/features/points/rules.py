"""How many points a violation is worth, and what the year's sum means. Pure; vectors in `tests/vectors`.

Order of the modifiers, from the catalogue: item points; M6; then M1/M2; then M3; then the M5 floor; then M4;
never above the cap. A third act of the same item is doubled like the second and then raised one class, so
that it never weighs less than the second. M7 changes no points and is left to the training records.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from backend.catalogue import PointsRules, Threshold

FALSE_EVIDENCE_FLOOR = 6
# Late reconnection (FD-01 to 03) and an unauthorised change of a customer's status (FD-04).
TOP_WITH_COMPLAINT = frozenset({"FD-01", "FD-02", "FD-03", "FD-04"})


class Proposal(msgspec.Struct, frozen=True):
    """Points with the modifiers that applied, in their order; `unit_case`: the unit answers for it too."""

    points: int
    modifiers: tuple[str, ...]
    unit_case: bool


class Step(msgspec.Struct, frozen=True):
    """One threshold of the year and whether it is reached."""

    at: int
    reached: bool
    zh: str
    en: str


class Standing(msgspec.Struct, frozen=True):
    """A person's year: the sum, the cap, what is left, and the thresholds."""

    balance: int
    cap: int
    to_cap: int
    thresholds: tuple[Step, ...]


def propose(
    rules: PointsRules,
    base_points: int,
    item: str,
    earlier_same_item: int,
    *,
    complaint: bool,
    self_reported: bool,
    false_evidence: bool,
) -> Proposal:
    """Points for one act; `earlier_same_item` counts this person's entries of the item in the same cycle."""
    points = base_points
    used: list[str] = []
    if self_reported:
        points = (points + 1) // 2
        used.append("M6")
    if earlier_same_item >= 1:
        points = min(points * 2, rules.cap_points)
        used.append("M1")
    if earlier_same_item >= 2:
        points = raise_class(rules, points)
        used.append("M2")
    if complaint:
        points = raise_class(rules, points)
        used.append("M3")
    if false_evidence:
        points = max(points, FALSE_EVIDENCE_FLOOR)
        used.append("M5")
    if complaint and item in TOP_WITH_COMPLAINT:
        points = rules.cap_points
        used.append("M4")
    return Proposal(min(points, rules.cap_points), tuple(used), earlier_same_item >= 2)


def raise_class(rules: PointsRules, points: int) -> int:
    """The next class strictly above; the highest stays."""
    classes = sorted(kind.points for kind in rules.classes)
    return next((value for value in classes if value > points), classes[-1])


def cycle(rules: PointsRules, at: datetime) -> str:
    """The calendar year, in the rules' time zone, in which an act counts."""
    return f"{at.astimezone(ZoneInfo(rules.cycle.timezone)).year:04}"


def cycle_bounds(rules: PointsRules, year: str) -> tuple[datetime, datetime]:
    """First instant of a cycle and first instant after it, in UTC."""
    zone = ZoneInfo(rules.cycle.timezone)
    start, end = (datetime(int(year) + step, 1, 1, tzinfo=zone) for step in (0, 1))
    return start.astimezone(UTC), end.astimezone(UTC)


def standing(rules: PointsRules, points: Iterable[int]) -> Standing:
    """What a cycle's entries add up to."""
    balance = sum(points)
    return Standing(
        balance=balance,
        cap=rules.cap_points,
        to_cap=max(0, rules.cap_points - balance),
        thresholds=tuple(_step(threshold, balance) for threshold in rules.thresholds),
    )


def _step(threshold: Threshold, balance: int) -> Step:
    return Step(threshold.at, balance >= threshold.at, threshold.action_zh, threshold.action_en)
