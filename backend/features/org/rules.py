"""What units, people and roles must keep to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from backend.access.grants import Grant, left

Bodies = Mapping[str, Mapping[str, Any]]


class Issue(NamedTuple):
    """What is wrong with a field."""

    path: str
    code: str


def unit_issue(id_: str, body: Mapping[str, Any], units: Bodies, now: datetime) -> Issue | None:
    """A station lies below an open unit, no unit below itself, and no two open units have one name."""
    parent = body.get("parent")
    if parent is None and body["level"] == "station":
        return Issue("parent", "missing")
    if parent is not None:
        above = units.get(parent)
        if above is None:
            return Issue("parent", "unknown")
        if left(above, now):
            return Issue("parent", "closed")
        if above["level"] == "station" or parent in {id_, *below(id_, units)}:
            return Issue("parent", "below")
    if not left(body, now) and any(
        other != id_ and each["name"] == body["name"] and not left(each, now) for other, each in units.items()
    ):
        return Issue("name", "name_taken")
    return None


def person_issue(body: Mapping[str, Any], units: Bodies, now: datetime) -> Issue | None:
    """Somebody who has not left works in a unit that is open, and stays open as long as he stays."""
    unit = units.get(body["unit"])
    if unit is None:
        return Issue("unit", "unknown")
    if left(body, now):
        return None
    if unit.get("until") is not None and _after(body.get("until"), unit["until"]):
        return Issue("unit", "closed")
    return None


def users_after(id_: str, until: str, units: Bodies, people: Bodies) -> int:
    """How many people and open units below stay in a unit past the time from which it is closed."""
    inside = [each for each in people.values() if each["unit"] == id_]
    inside += [each for each in units.values() if each.get("parent") == id_]
    return sum(_after(each.get("until"), until) for each in inside)


def below(id_: str, units: Bodies) -> set[str]:
    """All units under a unit."""
    found: set[str] = set()
    edge = {id_}
    while edge:
        edge = {child for child, body in units.items() if body.get("parent") in edge} - found
        found |= edge
    return found


def overlaps(kept: Iterable[Grant], given: Grant) -> bool:
    """Whether the same role, for the same person, is held at some time of the new grant already."""
    return any(
        each.role == given.role
        and each.of == given.of
        and (each.until is None or each.until > given.since)
        and (given.until is None or given.until > each.since)
        and each.until != each.since
        for each in kept
    )


def administers(grants: Iterable[Grant], at: str) -> bool:
    """Whether these make an administrator now and until further notice, by himself."""
    return any(
        each.role == "admin" and each.of is None and each.until is None and each.since <= at
        for each in grants
    )


def _after(until: str | None, end: str) -> bool:
    return until is None or datetime.fromisoformat(until) > datetime.fromisoformat(end)
