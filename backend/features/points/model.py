"""Violation points 违规记分: a proposal, its confirmation by a second person, and the entry it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta

from backend.features.checks.model import Edition, Instant, ItemCode, Photos, Reason
from backend.features.org.model import Id
from sync.kinds import Body, Event, Kind

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Points = Annotated[int, Meta(ge=0, le=100)]
ModifierId = Annotated[str, Meta(pattern="^M[1-9]$")]
Modifiers = Annotated[list[ModifierId], Meta(max_length=7)]
SUPERVISOR = frozenset({"supervisor"})


class Violation(Body):
    """An accepted finding against a person, with the points that the rules propose for it."""

    unit: Id
    person: Id
    item: ItemCode
    catalogue: Edition
    rule: Edition
    finding: Id
    finder: Id
    happened_at: Instant
    fact: Annotated[str, Meta(max_length=2000)]
    base_points: Points
    proposed_points: Points
    modifiers: Modifiers
    photos: Photos
    complaint: bool = False
    self_reported: bool = False
    false_evidence: bool = False


class Confirm(Body):
    """The decision that counts; the remark is kept with the entry."""

    note: Annotated[str, Meta(max_length=500)] | None = None


class Dismiss(Body):
    """Why nothing is counted."""

    reason: Reason


class Entry(Body):
    """The person's own copy of a ledger line. The ledger table is the original."""

    n: Annotated[int, Meta(ge=1)]
    person: Id
    unit: Id
    item: ItemCode
    catalogue: Edition
    rule: Edition
    base_points: Points
    modifiers: Modifiers
    points: Points
    finding: Id
    violation: Id
    finder: Id
    decider: Id
    decided_at: Instant
    happened_at: Instant
    balance: Annotated[int, Meta(ge=0)]
    cap: Annotated[int, Meta(ge=1)]
    fact: Annotated[str, Meta(max_length=2000)]
    photos: Photos
    prev_hash: Sha256
    hash: Sha256
    instead_of: Id | None = None
    note: Annotated[str, Meta(max_length=500)] | None = None


def _control(body: Mapping[str, Any], state: str, author: str) -> str:
    return "control"


def _control_home(body: Mapping[str, Any]) -> str | None:
    return "control"


def _own(body: Mapping[str, Any], state: str, author: str) -> str:
    return f"p:{body['person']}"


def _own_home(body: Mapping[str, Any]) -> str | None:
    return f"p:{body['person']}"


VIOLATION = Kind(
    name="violation",
    body=Violation,
    merge="events",
    initial="proposed",
    editable=frozenset(),
    scope=_control,
    home=_control_home,
    put_roles=frozenset(),
    events=(
        Event(
            name="confirm",
            source=frozenset({"proposed"}),
            target="confirmed",
            data=Confirm,
            roles=SUPERVISOR,
        ),
        Event(
            name="dismiss",
            source=frozenset({"proposed"}),
            target="dismissed",
            data=Dismiss,
            roles=SUPERVISOR,
        ),
    ),
    closed=frozenset({"confirmed", "dismissed"}),
    columns=("unit", "person", "item", "happened_at"),
)

ENTRY = Kind(
    name="entry",
    body=Entry,
    merge="server",
    initial="live",
    editable=frozenset(),
    scope=_own,
    home=_own_home,
    put_roles=frozenset(),
    columns=("person", "item", "points", "decided_at"),
)
