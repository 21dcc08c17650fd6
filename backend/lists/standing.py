"""What a record says of the seven zeros, where it stands on the map, and when it saw a thing. Pure.

A zero counts what should not have been: a finding under the zero of its checklist item (Z1 to Z7); a job that broke the
public promise (Z6, 零违诺) or its planned day (Z4, 零超时); a defect that is open past its day (Z7, 零遗漏).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sync.records import Row
from sync.tables import stamp

ZEROS = ("Z1", "Z2", "Z3", "Z4", "Z5", "Z6", "Z7")
SEEING = ("infrared", "hazard")
_STANDS = frozenset({"submitted", "accepted"})


class Standing(NamedTuple):
    """The zero that a record bears on, and from which moment on it counts there; each "" for none."""

    zero: str
    counts_at: str


NOWHERE = Standing("", "")


def standing(row: Row, at: datetime) -> Standing:
    """`at`: when it happened. What runs out later has its moment already, so that nothing has to be written then."""
    if row.kind == "finding":
        zero = row.facts.get("goal") or ""
        return Standing(zero, stamp(at) if zero and row.state in _STANDS else "")
    if row.kind == "repair":
        return _job(row)
    if row.kind == "defect":
        return Standing(
            "Z7", _moment(row.body.get("deadline_at")) if row.state in {"open", "rectifying"} else ""
        )
    return NOWHERE


def _job(row: Row) -> Standing:
    clock = row.facts.get("clock") or {}
    zero = "Z6" if clock.get("basis") == "promise" else "Z4"
    if not clock or clock["kept"] or row.state == "cancelled":
        return Standing(zero, "")
    arrive_by, restore_by = _moment(clock.get("arrive_by")), _moment(clock.get("restore_by"))
    arrived = _moment(clock.get("arrived_at"))
    return Standing(zero, arrive_by if not arrived or arrived > arrive_by else restore_by)


def sighting(row: Row | None) -> tuple[str, str] | None:
    """The thing that a record shows somebody looked at, and when; None for none."""
    if (
        row is None
        or row.kind not in SEEING
        or row.deleted
        or row.body.get("practice")
        or row.state not in _STANDS
    ):
        return None
    thing = row.body.get("equipment") or row.body.get("meter_box")
    at = row.body.get("taken_at") or row.body.get("found_at")
    return (thing, at) if thing and at else None


def place(row: Row) -> tuple[float | None, float | None]:
    """Latitude and longitude, degrees WGS 84: the thing's own, else where the first placed photo was taken."""
    return next(_places(row.body), (None, None))


def _places(body: Mapping[str, Any]) -> Iterator[tuple[float, float]]:
    for one in (body, *(body.get("photos") or ())):
        if one.get("lat") is not None and one.get("lon") is not None:
            yield float(one["lat"]), float(one["lon"])


def _moment(text: Any) -> str:
    return stamp(datetime.fromisoformat(text)) if isinstance(text, str) else ""
