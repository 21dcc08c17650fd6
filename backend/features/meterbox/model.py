"""Meter-box hazards 计量箱隐患: what is wrong with one box, by the catalogue's 28 codes."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, field

from backend.features.assets.model import Ownership
from backend.features.checks.model import (
    PRACTICE,
    REVIEWED,
    SETTLED,
    Instant,
    Photos,
    Signature,
    Trace,
    amend,
    join_traces,
    practised,
)
from backend.features.infrared.model import reviewed_home, reviewed_scope
from backend.features.org.model import Id
from sync.kinds import Body, Kind

HazardCode = Annotated[str, Meta(pattern="^MB-[0-9]{2}$")]


class Hazard(Body):
    """Everything found at one box on one visit. `controlled`: the danger was isolated on the spot."""

    unit: Id
    meter_box: Id
    items: Annotated[list[HazardCode], Meta(max_length=28)]
    ownership: Ownership
    found_at: Instant
    photos: Photos
    controlled: bool = False
    note: Annotated[str, Meta(max_length=1000)] | None = None
    signature: Signature | None = None
    practice: bool = False
    trace: Trace = field(default_factory=list)


HAZARD = Kind(
    name="hazard",
    body=Hazard,
    merge="draft",
    scope=reviewed_scope,
    home=reviewed_home,
    put_roles=frozenset({"inspector", "manager"}),
    events=(*REVIEWED, amend("items", "ownership", "found_at", "controlled", "note", "photos")),
    closed=SETTLED,
    fixed=PRACTICE,
    passing=practised,
    join={"trace": join_traces},
    columns=("unit", "meter_box", "found_at"),
)
