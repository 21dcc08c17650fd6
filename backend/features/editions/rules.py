"""What is wrong with a draft, what it changes, and which edition is in force. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import msgspec

from backend.features.editions.model import ChecklistContent, Contents, FormContent, PointsContent
from backend.sheets import Question, Sheet, Words, faults
from sync.kinds import issue

MAX_BYTES = 60_000
KEYS = ("code", "name", "role", "id", "value", "at")


class DraftFault(msgspec.Struct, frozen=True):
    """What keeps a draft from being published: where, a stable code, and what exactly."""

    path: str
    code: str
    detail: str = ""


class DraftChange(msgspec.Struct, frozen=True):
    """One place that differs; None where there is nothing."""

    path: str
    before: Any
    after: Any


class Published(msgspec.Struct, frozen=True):
    """An edition of a part. `effective_from` is a day of the company's calendar."""

    n: int
    version: str
    effective_from: str
    at: str
    by: str
    by_name: str


def content_type(part: str) -> type[Contents]:
    """What a part is made of."""
    if part == "points":
        return PointsContent
    return ChecklistContent if part == "checklist" else FormContent


def read(part: str, body: Mapping[str, Any]) -> tuple[Contents | None, list[DraftFault]]:
    """The draft as its type with every fault, or the one fault that keeps it from being read."""
    if len(msgspec.json.encode(body)) > MAX_BYTES:
        return None, [DraftFault("", "too_long", str(MAX_BYTES))]
    try:
        content = msgspec.convert(body, content_type(part))
    except msgspec.ValidationError as error:
        found = issue(str(error))
        return None, [DraftFault(found.path, found.code)]
    return content, list(_wrong(content))


def _wrong(content: Contents) -> Iterator[DraftFault]:
    if isinstance(content, PointsContent):
        yield from _wrong_points(content)
    elif isinstance(content, ChecklistContent):
        yield from _wrong_checklist(content)
    else:
        yield from _wrong_form(content)


def _twice(path: str, keys: Iterable[Any]) -> Iterator[DraftFault]:
    yield from (DraftFault(f"{path}.{key}", "duplicate") for key, n in Counter(keys).items() if n > 1)


def _wrong_points(content: PointsContent) -> Iterator[DraftFault]:
    yield from _twice("classes", (one.id for one in content.classes))
    yield from _twice("classes", (one.points for one in content.classes))
    yield from _twice("thresholds", (one.at for one in content.thresholds))
    yield from _twice("off", content.off)
    for one in content.classes:
        if one.points > content.cap_points:
            yield DraftFault(f"classes.{one.id}", "above_cap", str(content.cap_points))
    for code, points in content.items.items():
        if points > content.cap_points:
            yield DraftFault(f"items.{code}", "above_cap", str(content.cap_points))
    if content.false_evidence_floor > content.cap_points:
        yield DraftFault("false_evidence_floor", "above_cap", str(content.cap_points))


def _wrong_checklist(content: ChecklistContent) -> Iterator[DraftFault]:
    groups = {group.code for group in content.groups}
    items = {item.code for item in content.items}
    yield from _twice("groups", (group.code for group in content.groups))
    yield from _twice("items", (item.code for item in content.items))
    yield from _twice("sheets", (f"{sheet.id} {sheet.version}" for sheet in content.sheets))
    for item in content.items:
        if item.group not in groups:
            yield DraftFault(f"items.{item.code}.group", "unknown", item.group)
    for sheet in content.sheets:
        at = f"sheets.{sheet.id} {sheet.version}"
        yield from (DraftFault(f"{at}.items", "unknown", code) for code in sheet.items if code not in items)
        yield from _wrong_sheet(sheet, f"{at}.")


def _wrong_form(content: FormContent) -> Iterator[DraftFault]:
    yield from _twice("roles", content.roles)
    yield from _twice("photos", (photo.role for photo in content.photos))
    if not content.questions and not content.photos:
        yield DraftFault("questions", "length")
    yield from _wrong_sheet(sheet_of("form", 1, content))


def _wrong_sheet(sheet: Sheet, at: str = "") -> Iterator[DraftFault]:
    for question in _all(sheet.questions):
        if not question.text.zh.strip():
            yield DraftFault(f"{at}questions.{question.name}.text", "missing")
        yield from _twice(f"{at}questions.{question.name}.choices", (one.value for one in question.choices))
        for choice in question.choices:
            if not choice.value.strip() or not choice.text.zh.strip():
                yield DraftFault(f"{at}questions.{question.name}.choices.{choice.value}", "missing")
    for said in faults(sheet):
        path, _, what = said.partition(": ")
        plain = what in {"name", "choices", "from", "value", "questions", "range", "words"}
        yield DraftFault(f"{at}questions.{path}", what if plain else "expression", "" if plain else what)


def _all(questions: Sequence[Question]) -> Iterator[Question]:
    for question in questions:
        yield question
        yield from question.questions


def sheet_of(name: str, version: int, content: FormContent) -> Sheet:
    """A form's questions as a sheet, so that they are asked and judged like those of a checklist's item."""
    words = Words(content.title.zh, content.title.en)
    return Sheet(id=name, version=version, items=(), title=words, questions=tuple(content.questions))


# --- what a draft changes ------------------------------------------------------------------------------------


def changes(before: Any, after: Any, path: str = "") -> Iterator[DraftChange]:
    """Every place that differs. Lists of things with a key (`code`, `name`, …) are compared by it."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys((*before, *after)):
            yield from changes(before.get(name), after.get(name), f"{path}.{name}" if path else name)
        return
    old, new = _keyed(before), _keyed(after)
    if old is not None and new is not None:
        yield from changes(old, new, path)
        kept = [key for key in old if key in new]
        moved = [key for key in new if key in old]
        if kept != moved:
            yield DraftChange(f"{path}.order", kept, moved)
        return
    yield DraftChange(path, before, after)


def _keyed(value: Any) -> dict[str, Any] | None:
    """A list of things by their key; None for anything else."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        return None
    name = next((key for key in KEYS if all(key in one for one in value)), None)
    if name is None:
        return None
    keyed = {f"{one[name]} {one['version']}" if "version" in one else str(one[name]): one for one in value}
    return keyed if len(keyed) == len(value) else None


# --- editions and their days ---------------------------------------------------------------------------------


def in_force(published: Iterable[Published], day: date) -> Published | None:
    """The edition that holds on a day: the one that began last, of two of one day the later."""
    begun = [one for one in published if one.effective_from <= day.isoformat()]
    return max(begun, key=lambda one: (one.effective_from, one.n), default=None)


def earliest(part: str, today: date) -> date:
    """Rules of points bind whole days: the first is tomorrow. Checklists and forms are named by what uses them."""
    return today + timedelta(days=1) if part == "points" else today


def version_of(effective_from: date, n: int) -> str:
    """`2026.12.7`: the month in which it begins, and the number of the save that was published."""
    return f"{effective_from:%Y.%m}.{n}"
