"""Units and people of one county company. The server alone writes them; phones read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta

from sync.kinds import Body, Kind

Id = Annotated[str, Meta(pattern="^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
Name = Annotated[str, Meta(min_length=1, max_length=80)]
Until = Annotated[datetime, Meta(tz=True)]
Area = Literal["urban", "rural", "remote"]
Role = Literal["inspector", "crew", "manager", "supervisor", "leader", "admin", "auditor"]

# Roles that work for the whole county and may see what an inspected station must not (scope `control`).
CONTROL_ROLES: frozenset[str] = frozenset({"inspector", "supervisor", "leader", "admin", "auditor"})


class Unit(Body):
    """A county unit or one of its stations; `area` chooses the service promises that bind it. From `until` on it is
    closed: nobody works there and nothing new is put there, and what names it goes on naming it.
    """

    name: Name
    level: Literal["county", "station"]
    area: Area
    name_en: Name | None = None
    parent: Id | None = None
    until: Until | None = None


class Person(Body):
    """Somebody who works in a unit, until he leaves. Sign-in data and the times of his roles are not here but in the
    account.
    """

    name: Name
    unit: Id
    post: Name
    roles: Annotated[list[Role], Meta(max_length=7)]
    profession: Name | None = None
    until: Until | None = None


def whole_org(body: Mapping[str, Any], state: str, author: str) -> str:
    """Everybody of the company sees it."""
    return "org"


def no_home(body: Mapping[str, Any]) -> str | None:
    """Nobody but the server writes it, so no caller's scope is asked for."""
    return None


UNIT = Kind(
    name="unit",
    body=Unit,
    merge="server",
    initial="live",
    editable=frozenset(),
    scope=whole_org,
    home=no_home,
    put_roles=frozenset(),
    columns=("name", "parent", "level"),
)

PERSON = Kind(
    name="person",
    body=Person,
    merge="server",
    initial="live",
    editable=frozenset(),
    scope=whole_org,
    home=no_home,
    put_roles=frozenset(),
    columns=("name", "unit", "post"),
)
