"""Defects 缺陷: one closed loop for everything that infrared and meter-box checks find."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from backend.features.assets.model import unit_home, unit_scope
from backend.features.checks.model import Instant, Reason
from backend.features.org.model import Id
from sync.kinds import Body, Event, Kind

Grade = Literal["general", "serious", "critical"]
GRADES: tuple[Grade, ...] = ("general", "serious", "critical")

SYSTEM = frozenset({"system"})
UNSETTLED = frozenset({"open", "rectifying", "rectified"})
CHECKERS = frozenset({"inspector", "supervisor"})


class Defect(Body):
    """What is wrong, how badly, and until when it must be put right. Opened by the server from a record."""

    unit: Id
    source_kind: Literal["infrared", "hazard"]
    source: Id
    grade: Grade
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    opened_at: Instant
    deadline_at: Instant
    title_en: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    equipment: Id | None = None
    meter_box: Id | None = None
    owner: Id | None = None


class Regrade(Body):
    """The record was mended and is now judged otherwise."""

    grade: Grade
    deadline_at: Instant
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    title_en: Annotated[str, Meta(min_length=1, max_length=200)] | None = None


class Rectified(Body):
    """By which repair it was put right; whoever sent the event may not re-check it."""

    repair: Id


class RecheckFailed(Body):
    """Why the repair did not do."""

    reason: Reason


DEFECT = Kind(
    name="defect",
    body=Defect,
    merge="events",
    initial="open",
    editable=frozenset(),
    scope=unit_scope,
    home=unit_home,
    put_roles=frozenset(),
    events=(
        Event(name="start", source=frozenset({"open"}), target="rectifying", roles=SYSTEM),
        Event(
            name="rectify",
            source=frozenset({"open", "rectifying"}),
            target="rectified",
            data=Rectified,
            roles=SYSTEM,
        ),
        Event(name="recheck_pass", source=frozenset({"rectified"}), target="closed", roles=CHECKERS),
        Event(
            name="recheck_fail",
            source=frozenset({"rectified"}),
            target="open",
            data=RecheckFailed,
            roles=CHECKERS,
        ),
        Event(name="regrade", source=UNSETTLED, data=Regrade, roles=SYSTEM),
        Event(name="void", source=UNSETTLED, target="void", roles=SYSTEM),
    ),
    closed=frozenset({"closed", "void"}),
    columns=("unit", "grade", "deadline_at", "equipment", "meter_box"),
)
