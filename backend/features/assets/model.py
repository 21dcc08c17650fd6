"""The register: equipment and meter boxes. Merged field by field; a clash keeps the server's value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta

from backend.features.org.model import Id, Name
from sync.kinds import Body, Kind

Code = Annotated[str, Meta(min_length=1, max_length=40)]
Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
RowId = Annotated[str, Meta(pattern="^[CV][0-9]{2}$")]
EquipmentType = Literal[
    "transformer",
    "switch",
    "breaker",
    "joint",
    "cable",
    "arrester",
    "insulator",
    "instrument",
    "capacitor",
    "bushing",
    "other",
]
Ownership = Literal["utility", "customer", "property"]

REGISTRARS = frozenset({"admin", "inspector", "manager"})


class Equipment(Body):
    """One piece of equipment. `row` is its usual row of the DL/T 664 table (C01 … V13)."""

    code: Code
    name: Name
    unit: Id
    line: Name
    type: EquipmentType
    row: RowId
    voltage_kv: Annotated[float, Meta(gt=0, le=1100)]
    area_name: Name
    rated_a: Annotated[float, Meta(gt=0, le=20000)] | None = None
    owner: Id | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None


class MeterBox(Body):
    """One meter box 计量箱 with `positions` meter places; `ownership` decides who pays for a repair."""

    code: Code
    unit: Id
    area_name: Name
    address: Annotated[str, Meta(min_length=1, max_length=200)]
    material: Literal["metal", "plastic"]
    positions: Annotated[int, Meta(ge=1, le=60)]
    ownership: Ownership
    owner: Id | None = None
    seal: Annotated[str, Meta(max_length=60)] | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None


def unit_scope(body: Mapping[str, Any], state: str, author: str) -> str:
    """Seen by the unit that the body names, and by everybody above it."""
    return f"u:{body['unit']}" if body.get("unit") else f"p:{author}"


def unit_home(body: Mapping[str, Any]) -> str | None:
    """The unit's scope; a body that names no unit yet belongs nowhere."""
    return f"u:{body['unit']}" if body.get("unit") else None


EQUIPMENT = Kind(
    name="equipment",
    body=Equipment,
    merge="fields",
    initial="live",
    editable=frozenset({"live"}),
    scope=unit_scope,
    home=unit_home,
    put_roles=REGISTRARS,
    register=True,
    columns=("code", "name", "line", "type", "area_name"),
)

METER_BOX = Kind(
    name="meter_box",
    body=MeterBox,
    merge="fields",
    initial="live",
    editable=frozenset({"live"}),
    scope=unit_scope,
    home=unit_home,
    put_roles=REGISTRARS,
    register=True,
    columns=("code", "area_name", "address"),
)
