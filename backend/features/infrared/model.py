"""Infrared inspection 红外测温: several points of one device, judged by DL/T 664."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from msgspec import Meta, field

from backend.features.assets.model import RowId
from backend.features.checks.model import (
    PRACTICE,
    REVIEWED,
    SETTLED,
    Accept,
    Instant,
    Photos,
    Trace,
    amend,
    join_traces,
    own,
    practised,
)
from backend.features.org.model import Id
from sync.kinds import Body, Issue, Kind

Celsius = Annotated[float, Meta(ge=-100, le=2000)]
Weather = Literal["sunny", "cloudy", "overcast", "rain", "fog", "snow", "thunder"]


class Point(Body):
    """One measuring point, such as phase A of a clamp; temperature in °C."""

    label: Annotated[str, Meta(min_length=1, max_length=20)]
    temp_c: Celsius


class Conditions(Body):
    """What the temperatures of a thermal picture were worked out with: °C, m, %."""

    emissivity: Annotated[float, Meta(ge=0.01, le=1)] | None = None
    distance_m: Annotated[float, Meta(ge=0, le=1000)] | None = None
    reflected_c: Annotated[float, Meta(ge=-100, le=1000)] | None = None
    atmospheric_c: Annotated[float, Meta(ge=-60, le=80)] | None = None
    humidity_pct: Annotated[float, Meta(ge=0, le=100)] | None = None


class Mark(Body):
    """A point as it was measured on the picture: pixel or corners from 0, and the temperature taken from there.

    A spot's temperature is the mean of its 3 x 3 pixels, that of a line or a box its highest.
    """

    label: Annotated[str, Meta(min_length=1, max_length=20)]
    tool: Literal["spot", "line", "box"]
    at: Annotated[list[Annotated[int, Meta(ge=0, le=8191)]], Meta(min_length=2, max_length=4)]
    temp_c: Celsius
    invalid: Annotated[int, Meta(ge=0)] = 0


class Measured(Body):
    """How the points were read off a thermal picture.

    adjusted: `conditions` are not those that the camera wrote into the file. `reader` is the version of the decoder.
    """

    photo: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    format: Annotated[str, Meta(min_length=1, max_length=40)]
    trust: Literal["exact", "apparent", "approximate"]
    reader: Annotated[int, Meta(ge=1)]
    adjusted: bool
    conditions: Conditions
    marks: Annotated[list[Mark], Meta(max_length=12)]


class Infrared(Body):
    """One device measured once. Temperatures in °C, currents in A, wind in m/s, humidity in %."""

    unit: Id
    equipment: Id
    taken_at: Instant
    row: RowId
    points: Annotated[list[Point], Meta(max_length=12)]
    ambient_c: Annotated[float, Meta(ge=-60, le=80)]
    photos: Photos
    load_a: Annotated[float, Meta(ge=0, le=20000)] | None = None
    rated_a: Annotated[float, Meta(gt=0, le=20000)] | None = None
    emissivity: Annotated[float, Meta(ge=0.01, le=1)] = 0.9
    distance_m: Annotated[float, Meta(gt=0, le=1000)] | None = None
    humidity_pct: Annotated[float, Meta(ge=0, le=100)] | None = None
    wind_m_s: Annotated[float, Meta(ge=0, le=60)] | None = None
    weather: Weather | None = None
    camera: Annotated[str, Meta(max_length=80)] | None = None
    note: Annotated[str, Meta(max_length=1000)] | None = None
    reflected_c: Annotated[float, Meta(ge=-100, le=1000)] | None = None
    measured: Measured | None = None
    practice: bool = False
    trace: Trace = field(default_factory=list)


class Decide(Accept):
    """Where the rule asks for a person (near limit, between grades, voltage heating), he may set the grade."""

    grade: Literal["normal", "general", "serious", "critical"] | None = None


def reviewed_scope(body: Mapping[str, Any], state: str, author: str) -> str:
    """The author's own while he writes, then the unit's."""
    return f"p:{author}" if own(body, state) else f"u:{body['unit']}"


def reviewed_home(body: Mapping[str, Any]) -> str | None:
    """The unit it will belong to once submitted; a draft may not have chosen one yet."""
    return f"u:{body['unit']}" if body.get("unit") else None


def _check(body: Body) -> list[Issue]:
    """Two points to compare, and the thermal picture and the ordinary one that a reviewer looks at."""
    assert isinstance(body, Infrared)
    few = [Issue("points", "length")] if len(body.points) < 2 else []
    roles = {photo.role for photo in body.photos}
    return (
        few
        + [Issue("photos", f"{role}_photo_needed") for role in ("thermal", "visible") if role not in roles]
        + (_measured(body.measured, body) if body.measured else [])
    )


def _measured(measured: Measured, body: Infrared) -> list[Issue]:
    """Measured on a picture of this record, with two numbers for a spot and four for a line or a box."""
    issues = []
    if measured.photo not in {photo.sha256 for photo in body.photos}:
        issues.append(Issue("measured.photo", "unknown"))
    if any(len(mark.at) != (2 if mark.tool == "spot" else 4) for mark in measured.marks):
        issues.append(Issue("measured.marks", "length"))
    return issues


INFRARED = Kind(
    name="infrared",
    body=Infrared,
    merge="draft",
    scope=reviewed_scope,
    home=reviewed_home,
    put_roles=frozenset({"inspector", "manager"}),
    events=(
        *(replace(event, data=Decide) if event.name == "accept" else event for event in REVIEWED),
        amend(
            "points",
            "row",
            "ambient_c",
            "load_a",
            "rated_a",
            "emissivity",
            "distance_m",
            "humidity_pct",
            "wind_m_s",
            "weather",
            "camera",
            "reflected_c",
            "measured",
            "note",
            "taken_at",
            "photos",
        ),
    ),
    closed=SETTLED,
    fixed=PRACTICE,
    passing=practised,
    join={"trace": join_traces},
    columns=("unit", "equipment", "taken_at"),
    check=_check,
)
