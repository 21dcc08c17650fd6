"""What a person may do and see at a moment, from his record, the units and his grants."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from backend.access.grants import Grant, own
from backend.access.scope import scopes
from sync.caller import Caller, Deputised
from sync.tables import stamp


def caller_of(
    org: str,
    person: str,
    body: Mapping[str, Any],
    units: Mapping[str, Mapping[str, Any]],
    grants: Iterable[Grant],
    acting: tuple[Deputised, ...],
    device: str | None,
    now: datetime,
) -> Caller:
    """The person with the rights of this moment: his own roles, and those of `acting` in place of others."""
    unit = body.get("unit")
    roles = own(grants, stamp(now)).union(*(each.roles for each in acting))
    parents = {id_: found.get("parent") for id_, found in units.items()}
    stations = [id_ for id_, found in units.items() if found.get("level") == "station"]
    return Caller(
        org=org,
        person=person,
        name=body.get("name", ""),
        roles=roles,
        scopes=scopes(person, unit, roles, parents, stations),
        device=device,
        unit=unit,
        deputised=acting,
    )
