"""What an edition holds: the company's rules of points, its checklist, or one form.

`part` names what is edited: `points`, `checklist`, or `form.<name>`. Phones get checklists and forms as records of kind
`edition`, which the server alone writes; so an offline phone goes on with those it has.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta, field

from backend.features.org.model import Role, no_home, whole_org
from backend.sheets import Question, Sheet
from sync.kinds import Body, Kind

PART = "^(points|checklist|form\\.[a-z][a-z0-9_]{0,29})$"
Part = Annotated[str, Meta(pattern=PART)]
Version = Annotated[str, Meta(pattern="^[0-9]{4}\\.[0-9]{2}(\\.[0-9]{1,6})?$")]
Day = Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Text = Annotated[str, Meta(max_length=500)]
Needed = Annotated[str, Meta(min_length=1, max_length=500)]
ItemCode = Annotated[str, Meta(pattern="^[A-Z]{2,3}-[0-9]{2}$")]
Worth = Annotated[int, Meta(ge=0, le=100)]


class Content(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Base of what is edited: an unknown field is refused, never dropped."""


class Named(Content, kw_only=True):
    """Words as people write them: Chinese always, English where there is some."""

    zh: Needed
    en: Text = ""


class PointClass(Content, kw_only=True):
    """One of the values a violation may be worth."""

    id: Annotated[str, Meta(pattern="^P[0-9]{1,3}$")]
    points: Annotated[int, Meta(ge=1, le=100)]
    zh: Needed
    en: Text = ""


class Step(Content, kw_only=True):
    """What the yearly sum brings about."""

    at: Annotated[int, Meta(ge=1, le=1000)]
    action_zh: Needed
    action_en: Text = ""


class PointsContent(Content, kw_only=True):
    """The rules of points. `items`: where an item's points differ from the checklist's; `off`: modifiers that do not
    apply.
    """

    cap_points: Annotated[int, Meta(ge=1, le=100)]
    false_evidence_floor: Worth
    classes: Annotated[list[PointClass], Meta(min_length=1, max_length=12)]
    thresholds: Annotated[list[Step], Meta(max_length=12)]
    items: dict[ItemCode, Worth] = field(default_factory=dict)
    off: Annotated[list[Annotated[str, Meta(pattern="^M[1-6]$")]], Meta(max_length=6)] = field(
        default_factory=list
    )


class Group(Content, kw_only=True):
    """A profession's items."""

    code: Annotated[str, Meta(pattern="^[A-Z]{2,3}$")]
    zh: Needed
    en: Text = ""
    goal: Annotated[str, Meta(pattern="^Z[1-7]$")] | None = None


class Item(Content, kw_only=True):
    """One item of the checklist. `evidence`: what proves it; with `photo` a finding needs one."""

    code: ItemCode
    group: Annotated[str, Meta(pattern="^[A-Z]{2,3}$")]
    goal: Annotated[str, Meta(pattern="^Z[1-7]$")]
    text: Named
    severity: Annotated[int, Meta(ge=1, le=4)]
    default_points: Worth
    evidence: Annotated[list[Annotated[str, Meta(max_length=40)]], Meta(max_length=8)] = field(
        default_factory=list
    )


class ChecklistContent(Content, kw_only=True):
    """The checklist with the sheets of its items."""

    groups: Annotated[list[Group], Meta(min_length=1, max_length=40)]
    items: Annotated[list[Item], Meta(min_length=1, max_length=300)]
    sheets: Annotated[list[Sheet], Meta(max_length=60)] = field(default_factory=list)


class FormPhoto(Content, kw_only=True):
    """A frame for photos: its role in the record, what people call it, and how many there must be."""

    role: Annotated[str, Meta(pattern="^form_[1-8]$")]
    text: Named
    least: Annotated[int, Meta(ge=0, le=10)] = 0


class FormContent(Content, kw_only=True):
    """A record kind of the company's own, made of standard fields. `roles`: who may fill it in; a `withdrawn` one is no
    longer offered, and what was begun can still be handed in.
    """

    title: Named
    hint: Named | None = None
    roles: Annotated[list[Role], Meta(min_length=1, max_length=7)]
    photos: Annotated[list[FormPhoto], Meta(max_length=8)] = field(default_factory=list)
    questions: Annotated[list[Question], Meta(max_length=60)]
    withdrawn: bool = False


Contents = PointsContent | ChecklistContent | FormContent


class EditionRecord(Body):
    """A published checklist or form, as phones take it."""

    part: Part
    version: Version
    effective_from: Day
    published_at: Annotated[str, Meta(max_length=40)]
    content: dict[str, Any]


EDITION = Kind(
    name="edition",
    body=EditionRecord,
    merge="server",
    initial="live",
    editable=frozenset(),
    scope=whole_org,
    home=no_home,
    put_roles=frozenset(),
    columns=("part", "version", "effective_from"),
)
