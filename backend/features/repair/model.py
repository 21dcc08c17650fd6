"""Repair jobs 抢修: milestones with evidence, against the company's promise."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from backend.features.assets.model import Latitude, Longitude, unit_home, unit_scope
from backend.features.checks.model import (
    Accept,
    Instant,
    Photos,
    Reason,
    Reopen,
    Replies,
    Return,
    Second,
    Signature,
)
from backend.features.defects.model import Grade
from backend.features.org.model import Area, Id
from sync.kinds import Body, Event, Kind

CREW = frozenset({"crew"})
SUPERVISOR = frozenset({"supervisor"})
SYSTEM = frozenset({"system"})


class Repair(Body):
    """One job for one crew; `area` chooses the promise (45/90/120 minutes to arrive)."""

    unit: Id
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    area: Area
    place: Annotated[str, Meta(min_length=1, max_length=200)]
    grade: Grade
    reported_at: Instant
    deadline_at: Instant
    title_en: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    defect: Id | None = None
    equipment: Id | None = None
    meter_box: Id | None = None


class Arrive(Body):
    """On the spot; the position is proof, so it carries its error in metres."""

    lat: Latitude | None = None
    lon: Longitude | None = None
    accuracy_m: Annotated[float, Meta(ge=0, le=100000)] | None = None
    photos: Photos = field(default_factory=list)


class Locate(Body):
    """The cause is found."""

    cause: Annotated[str, Meta(min_length=1, max_length=500)]
    photos: Photos = field(default_factory=list)


class Mend(Body):
    """What was done."""

    measure: Annotated[str, Meta(min_length=1, max_length=500)]
    photos: Photos = field(default_factory=list)


class Restore(Body):
    """Power is back; at least one photo shows it, and who was there may sign for it."""

    photos: Annotated[Photos, Meta(min_length=1)]
    note: Annotated[str, Meta(max_length=500)] | None = None
    signature: Signature | None = None
    answers: Replies = field(default_factory=list)


class Amend(Body):
    """A step is corrected: what was said at first stays in the log before it."""

    reason: Reason
    step: Literal["arrive", "locate", "repair", "restore"]
    cause: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    measure: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    note: Annotated[str, Meta(max_length=500)] | None = None
    photos: Photos = field(default_factory=list)


class Regraded(Body):
    """The defect behind the job was judged anew."""

    grade: Grade
    deadline_at: Instant
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    title_en: Annotated[str, Meta(min_length=1, max_length=200)] | None = None


REPAIR = Kind(
    name="repair",
    body=Repair,
    merge="events",
    initial="new",
    editable=frozenset(),
    scope=unit_scope,
    home=unit_home,
    put_roles=frozenset(),
    events=(
        Event(name="receive", source=frozenset({"new"}), target="received", roles=CREW),
        Event(name="arrive", source=frozenset({"received"}), target="arrived", data=Arrive, roles=CREW),
        Event(name="locate", source=frozenset({"arrived"}), target="located", data=Locate, roles=CREW),
        Event(name="repair", source=frozenset({"located"}), target="repaired", data=Mend, roles=CREW),
        Event(
            name="restore",
            source=frozenset({"repaired", "returned"}),
            target="restored",
            data=Restore,
            roles=CREW,
        ),
        Event(
            name="accept",
            source=frozenset({"restored"}),
            target="accepted",
            data=Accept,
            roles=SUPERVISOR,
        ),
        Event(
            name="return",
            source=frozenset({"restored"}),
            target="returned",
            data=Return,
            roles=SUPERVISOR,
        ),
        Event(
            name="reopen",
            source=frozenset({"accepted"}),
            target="restored",
            data=Reopen,
            roles=SUPERVISOR,
        ),
        Event(name="second", source=frozenset({"accepted", "returned"}), data=Second, roles=SYSTEM),
        Event(name="open", source=frozenset({"returned", "restored", "accepted"}), roles=CREW),
        Event(
            name="amend",
            source=frozenset({"arrived", "located", "repaired", "restored", "returned"}),
            data=Amend,
            roles=CREW,
        ),
        Event(
            name="regrade",
            source=frozenset({"new", "received", "arrived", "located", "repaired", "returned"}),
            data=Regraded,
            roles=SYSTEM,
        ),
        Event(name="cancel", source=frozenset({"new", "received"}), target="cancelled", roles=SYSTEM),
    ),
    closed=frozenset({"accepted", "cancelled"}),
    columns=("unit", "grade", "reported_at", "defect"),
)
