"""What the list says of a record. Pure.

Drafts are not in it: what is not handed in is its author's own.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from backend.lists.standing import place, standing
from sync.records import Row
from sync.tables import stamp

GRADES = ("", "normal", "general", "serious", "critical")
WORDS = 2000  # letters of a record that free text is looked for in
_AT = {
    "infrared": "taken_at",
    "hazard": "found_at",
    "finding": "happened_at",
    "form": "happened_at",
    "defect": "opened_at",
    "repair": "reported_at",
    "violation": "happened_at",
}
REGISTER = ("equipment", "meter_box")
KINDS = (*_AT, *REGISTER)
_SAID = (
    *("code", "name", "title", "title_en", "item", "place", "address", "line", "area_name"),
    *("fact", "note", "cause", "measure", "camera", "seal"),
)


def listed(row: Row) -> dict[str, Any] | None:
    """The row of `listing` for a record as it is now; None when it has none, as a record of practice never has."""
    if row.kind not in KINDS or row.deleted or row.state == "draft" or row.body.get("practice"):
        return None
    body = row.body
    register = row.kind in REGISTER
    at = row.created_at if register else _moment(body.get(_AT[row.kind])) or row.created_at
    zero, counts_at = standing(row, at)
    lat, lon = place(row)
    return {
        "org": row.org,
        "id": row.id,
        "shelf": "register" if register else "work",
        "scope": row.scope,
        "kind": row.kind,
        "state": row.state,
        "grade": GRADES.index(grade_of(row) or ""),
        "unit": body.get("unit") or "",
        "person": person_of(row) or "",
        "subject": row.id if register else body.get("equipment") or body.get("meter_box") or "",
        "at": stamp(at),
        "changed": stamp(row.updated_at),
        "title": _title(body),
        "title_en": body.get("title_en") or "",
        "words": " ".join((row.id, *_words(row))).lower()[:WORDS],
        "zero": zero,
        "counts_at": counts_at,
        "lat": lat,
        "lon": lon,
    }


def grade_of(row: Row) -> str | None:
    """The grade as it counts now: a person's where he decided, else the rule's."""
    decided = row.facts.get("decided") or {}
    judged = row.facts.get("judgement") or row.facts
    grade = row.body.get("grade") or decided.get("grade") or judged.get("grade")
    return grade if grade in GRADES else None


def person_of(row: Row) -> str | None:
    """Whose record it is: who made it, whose violation, whose defect, which crew took the job."""
    if row.kind == "violation":
        return row.body.get("person")
    if row.kind == "repair":
        return next((entry.by for entry in reversed(row.log) if entry.type == "receive"), None)
    return row.body.get("owner") if row.kind in ("defect", *REGISTER) else row.author


def _title(body: Mapping[str, Any]) -> str:
    """Its own words for itself; "" for those that go by the thing that they are about."""
    own = body.get("title") or body.get("fact") or body.get("name") or body.get("address") or ""
    return str(own)[:200]


def _words(row: Row) -> Iterator[str]:
    yield from _strings(row.body)
    for entry in row.log:
        yield from _strings(entry.data)


def _strings(source: Mapping[str, Any]) -> Iterator[str]:
    yield from (value for name in _SAID if isinstance(value := source.get(name), str))
    if isinstance(items := source.get("items"), list):
        yield from (item for item in items if isinstance(item, str))


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
