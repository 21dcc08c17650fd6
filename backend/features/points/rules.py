"""How many points a violation is worth, and what the year's sum means. Pure; vectors in `tests/vectors`.

Order of the modifiers, from the catalogue: item points; M6; then M1/M2; then M3; then the M5 floor; then M4;
never above the cap; one that the rules switch off does nothing. A third act of the same item is doubled like the
second and then raised one class, so that it never weighs less than the second. M7 changes no points and is left to
the training records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from backend.catalogue import PointsRules, Threshold

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

    def applies(modifier: str, holds: bool) -> bool:
        if holds and modifier not in rules.off:
            used.append(modifier)
            return True
        return False

    if applies("M6", self_reported):
        points = (points + 1) // 2
    if applies("M1", earlier_same_item >= 1):
        points = min(points * 2, rules.cap_points)
    if applies("M2", earlier_same_item >= 2):
        points = raise_class(rules, points)
    if applies("M3", complaint):
        points = raise_class(rules, points)
    if applies("M5", false_evidence):
        points = max(points, rules.false_evidence_floor)
    if applies("M4", complaint and item in TOP_WITH_COMPLAINT):
        points = rules.cap_points
    return Proposal(min(points, rules.cap_points), tuple(used), "M2" in used)


def base(rules: PointsRules, item: str, default: int) -> int:
    """What an act of the item is worth before modifiers; `default` is the checklist's own word."""
    return rules.items.get(item, default)


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


# --- rules tried on the past ----------------------------------------------------------------------------------


class Past(msgspec.Struct, frozen=True):
    """A decision as the ledger has it, with what decided it: `default` is the checklist's own points of the item."""

    n: int
    person: str
    unit: str
    cycle: str
    item: str
    points: int
    rule: str
    default: int
    complaint: bool
    self_reported: bool
    false_evidence: bool


class Moved(msgspec.Struct, frozen=True):
    """A person's year under both rules; `over` tells whether the cap was reached, by the rule of its time."""

    person: str
    unit: str
    before: int
    after: int
    was_over: bool
    is_over: bool


class UnitChange(msgspec.Struct, frozen=True):
    """What becomes of a unit's decisions."""

    unit: str
    decisions: int
    changed: int
    before: int
    after: int
    newly_over: int
    no_longer_over: int


class Trial(msgspec.Struct, frozen=True):
    """A rule tried on one cycle's decisions. `people` are those whose sum changes, the cap crossed first."""

    decisions: int
    changed: int
    people: tuple[Moved, ...]
    units: tuple[UnitChange, ...]


def replay(past: Iterable[Past], rules: Callable[[Past], PointsRules]) -> Iterator[Proposal]:
    """Each decision anew, in the ledger's order, by the rules that `rules` gives for it."""
    seen: Counter[tuple[str, str, str]] = Counter()
    for one in past:
        law, act = rules(one), (one.person, one.cycle, one.item)
        yield propose(
            law,
            base(law, one.item, one.default),
            one.item,
            seen[act],
            complaint=one.complaint,
            self_reported=one.self_reported,
            false_evidence=one.false_evidence,
        )
        seen[act] += 1


def tried(past: Sequence[Past], cap: Callable[[Past], int], new: PointsRules) -> tuple[Trial, list[int]]:
    """What `new` makes of decisions of one cycle, and the points it gives to each. `cap`: of the rule of its time."""
    after = [proposal.points for proposal in replay(past, lambda _: new)]
    sums: dict[str, list[int]] = {}
    home: dict[str, Past] = {}
    units: dict[str, list[int]] = {}
    for one, points in zip(past, after, strict=True):
        person = sums.setdefault(one.person, [0, 0])
        unit = units.setdefault(one.unit, [0, 0, 0, 0])
        for kept in (person, unit):
            kept[0] += one.points
            kept[1] += points
        unit[2] += 1
        unit[3] += one.points != points
        home[one.person] = one
    moved = [
        Moved(person, home[person].unit, was, now, was >= cap(home[person]), now >= new.cap_points)
        for person, (was, now) in sums.items()
    ]
    people = sorted(
        (one for one in moved if one.before != one.after or one.was_over != one.is_over),
        key=lambda one: (one.was_over == one.is_over, -abs(one.after - one.before), one.person),
    )
    newly = Counter(one.unit for one in people if one.is_over and not one.was_over)
    no_longer = Counter(one.unit for one in people if one.was_over and not one.is_over)
    changes = (
        UnitChange(unit, decisions, changed, was, now, newly[unit], no_longer[unit])
        for unit, (was, now, decisions, changed) in sorted(units.items())
    )
    changed = sum(one.points != points for one, points in zip(past, after, strict=True))
    return Trial(len(past), changed, tuple(people), tuple(changes)), after
