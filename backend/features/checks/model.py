"""Findings of an inspection 督察: one violated checklist item at one place, with its evidence.

The inspected station must not learn of an unannounced check, so a finding never leaves the scopes of its
author and of the county's control group (DESIGN promise 7).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, field

from backend.features.org.model import Id
from backend.sheets import MAX_ROWS, MAX_TEXT
from sync.kinds import Body, Event, Kind, Photo

Instant = Annotated[datetime, Meta(tz=True)]
Reason = Annotated[str, Meta(min_length=1, max_length=500)]
ItemCode = Annotated[str, Meta(pattern="^[A-Z]{2,3}-[0-9]{2}$")]
# `2026.11` is shipped with the program, `2026.12.7` published by the company.
Edition = Annotated[str, Meta(pattern="^[0-9]{4}\\.[0-9]{2}(\\.[0-9]{1,6})?$")]
# Kinds of `REVIEWED` have it: what is filled in for practice stays with its author and never counts.
PRACTICE = frozenset({"practice"})
Photos = Annotated[list[Photo], Meta(max_length=40)]


Share = Annotated[float, Meta(ge=0, le=1)]


class Region(Body):
    """A rectangle on an upright photo, in shares of its width and height from the upper left corner."""

    x: Share
    y: Share
    w: Annotated[float, Meta(gt=0, le=1)]
    h: Annotated[float, Meta(gt=0, le=1)]


class Remark(Body):
    """What is to be mended, and where: a field of the record, or a photo and a rectangle on it."""

    text: Annotated[str, Meta(min_length=1, max_length=300)]
    field: Annotated[str, Meta(min_length=1, max_length=40)] | None = None
    photo: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")] | None = None
    region: Region | None = None


class Return(Body):
    """Why a record goes back to its author, which fields are meant, and the remarks pinned to their places."""

    reason: Reason
    fields: Annotated[list[Annotated[str, Meta(max_length=40)]], Meta(max_length=40)] = field(
        default_factory=list
    )
    remarks: Annotated[list[Remark], Meta(max_length=20)] = field(default_factory=list)


class Reply(Body):
    """The author dealt with a remark of the last return: its place in that list, and what he says to it."""

    remark: Annotated[int, Meta(ge=0, lt=20)]
    text: Annotated[str, Meta(min_length=1, max_length=300)] | None = None


Replies = Annotated[list[Reply], Meta(max_length=20)]


class Submit(Body):
    """A record that was returned is handed in with the answers to its remarks."""

    answers: Replies = field(default_factory=list)


class Reject(Body):
    """Why a record counts for nothing."""

    reason: Reason


class Reopen(Body):
    """Why a decision is taken back."""

    reason: Reason


class Bulk(Body):
    """Accepted together with others: how many, and which records of the kind were accepted one by one before."""

    records: Annotated[int, Meta(ge=2, le=200)]
    sample: Annotated[list[Id], Meta(min_length=1, max_length=200)]


class Accept(Body):
    """An accepted record may carry a remark."""

    note: Annotated[str, Meta(max_length=500)] | None = None
    bulk: Bulk | None = None


class Second(Body):
    """What a second reviewer decided who did not know of the first decision; `agrees`: the same."""

    agrees: bool
    said: Literal["accept", "return", "reject"] = "accept"
    reason: Reason | None = None


# The way of every record that a supervisor reviews: one table for findings, infrared and hazards.
REVIEWED: tuple[Event, ...] = (
    Event(
        name="submit",
        source=frozenset({"draft", "returned"}),
        target="submitted",
        data=Submit,
        whole=True,
    ),
    Event(
        name="accept",
        source=frozenset({"submitted"}),
        target="accepted",
        data=Accept,
        roles=frozenset({"supervisor"}),
    ),
    Event(
        name="return",
        source=frozenset({"submitted"}),
        target="returned",
        data=Return,
        roles=frozenset({"supervisor"}),
    ),
    Event(
        name="reject",
        source=frozenset({"submitted"}),
        target="rejected",
        data=Reject,
        roles=frozenset({"supervisor"}),
    ),
    Event(
        name="reopen",
        source=frozenset({"accepted", "rejected"}),
        target="submitted",
        data=Reopen,
        roles=frozenset({"supervisor"}),
    ),
    Event(
        name="second",
        source=frozenset({"accepted", "returned", "rejected"}),
        data=Second,
        roles=frozenset({"system"}),
    ),
    # The author has the reason of a return before him; from another of his phones it may come after he mended it.
    Event(name="open", source=frozenset({"returned", "submitted", "accepted", "rejected"})),
)

# Nothing more is to be done about a record that was reviewed to its end.
SETTLED = frozenset({"accepted", "rejected"})


def amend(*fields: str, source: frozenset[str] = frozenset({"submitted", "accepted"})) -> Event:
    """Evidence is corrected in the open: why, what is so now, and what it was before stay in the log.

    By the author while it waits for review, by a supervisor afterwards (`may_amend`). Whom or what the record is
    about is not among the fields: that would be another record.
    """
    return Event(
        name="amend",
        source=source,
        roles=frozenset({"author", "supervisor"}),
        whole=True,
        amends=frozenset(fields),
    )


Answer = bool | float | Annotated[str, Meta(max_length=MAX_TEXT)]
AnswerRow = Annotated[dict[Annotated[str, Meta(max_length=40)], Answer], Meta(max_length=60)]
Answers = Annotated[
    dict[Annotated[str, Meta(max_length=40)], Answer | Annotated[list[AnswerRow], Meta(max_length=MAX_ROWS)]],
    Meta(max_length=60),
]


class Touched(Body):
    """When one item of a form was first answered and last changed, by the phone's clock. `at` is the field's name,
    or the path of an answer to a sheet.
    """

    at: Annotated[str, Meta(min_length=1, max_length=80)]
    first: Instant
    last: Instant


MAX_TRACE = 120
Trace = Annotated[list[Touched], Meta(max_length=MAX_TRACE)]


def join_traces(kept: list[dict[str, Any]], added: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of one form filled in on two phones: of each item the earliest first and the latest last."""
    found = {one["at"]: one for one in kept}
    for one in added:
        known = found.get(one["at"], one)
        first = min(known["first"], one["first"], key=datetime.fromisoformat)
        last = max(known["last"], one["last"], key=datetime.fromisoformat)
        found[one["at"]] = {"at": one["at"], "first": first, "last": last}
    return list(found.values())[:MAX_TRACE]


class Filled(Body):
    """A sheet's answers by the names of its questions; a repeated group's are a list. See `backend/sheets.py`."""

    id: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,39}$")]
    version: Annotated[int, Meta(ge=1, le=9999)]
    answers: Answers


_POINT = "(1000|[0-9]{1,3}) (600|[0-5]?[0-9]{1,2})"


class Signature(Body):
    """Drawn on site by the person named, stored with the record itself.

    `strokes` is an SVG path of straight lines in whole units of a field 1000 wide and 600 high; nothing else passes.
    """

    name: Annotated[str, Meta(min_length=1, max_length=60)]
    signed_at: Instant
    strokes: Annotated[str, Meta(max_length=16_384, pattern=f"^(M{_POINT}(L{_POINT})+)+$(?!\\n)")]


class Finding(Body):
    """One broken rule: where, which item of which catalogue edition, who is responsible, what was seen."""

    unit: Id
    visit: Literal["unannounced", "regular", "directed"]
    item: ItemCode
    catalogue: Edition
    happened_at: Instant
    fact: Annotated[str, Meta(min_length=1, max_length=2000)]
    photos: Photos = field(default_factory=list)
    place: Annotated[str, Meta(max_length=200)] | None = None
    person: Id | None = None
    complaint: bool = False
    self_reported: bool = False
    false_evidence: bool = False
    sheet: Filled | None = None
    signature: Signature | None = None
    practice: bool = False
    trace: Trace = field(default_factory=list)


def own(body: Mapping[str, Any], state: str) -> bool:
    """Whether the author alone has it: while he writes, and for good when it is practice."""
    return state in {"draft", "returned"} or practised(body)


def practised(body: Mapping[str, Any]) -> bool:
    """Whether it was filled in for practice: its author may throw it away at any time."""
    return bool(body.get("practice"))


def _scope(body: Mapping[str, Any], state: str, author: str) -> str:
    return f"p:{author}" if own(body, state) else "control"


def _home(body: Mapping[str, Any]) -> str | None:
    return "control"


FINDING = Kind(
    name="finding",
    body=Finding,
    merge="draft",
    scope=_scope,
    home=_home,
    put_roles=frozenset({"inspector"}),
    # What was accepted stands in the proposal of points already; a wrong one is dismissed there.
    events=(
        *REVIEWED,
        amend("fact", "place", "happened_at", "item", "sheet", "photos", source=frozenset({"submitted"})),
    ),
    closed=SETTLED,
    fixed=PRACTICE,
    passing=practised,
    join={"trace": join_traces},
    columns=("unit", "item", "person", "happened_at"),
)
