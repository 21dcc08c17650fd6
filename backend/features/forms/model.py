"""A record of one of the company's own forms: standard fields, photos, and the answers to the form's questions.

Which form and which edition of it stands in the record; by that edition it is judged, however new the form is now.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, field

from backend.features.checks.model import (
    PRACTICE,
    REVIEWED,
    SETTLED,
    Answers,
    Edition,
    Instant,
    Photos,
    Trace,
    amend,
    join_traces,
    practised,
)
from backend.features.infrared.model import reviewed_home, reviewed_scope
from backend.features.org.model import Id
from sync.kinds import Body, Kind

FormName = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,29}$")]


class FormRecord(Body):
    """`form` and `edition` name the questions; `title` is what the form was called then."""

    unit: Id
    form: FormName
    edition: Edition
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    happened_at: Instant
    answers: Answers = field(default_factory=dict)
    photos: Photos = field(default_factory=list)
    title_en: Annotated[str, Meta(max_length=200)] | None = None
    place: Annotated[str, Meta(max_length=200)] | None = None
    note: Annotated[str, Meta(max_length=1000)] | None = None
    practice: bool = False
    trace: Trace = field(default_factory=list)


FORM = Kind(
    name="form",
    body=FormRecord,
    merge="draft",
    scope=reviewed_scope,
    home=reviewed_home,
    put_roles=frozenset({"inspector", "manager", "crew", "supervisor", "leader"}),
    events=(*REVIEWED, amend("answers", "happened_at", "place", "note", "photos")),
    closed=SETTLED,
    fixed=PRACTICE | {"form", "edition"},
    passing=practised,
    join={"trace": join_traces},
    columns=("unit", "form", "happened_at"),
)
