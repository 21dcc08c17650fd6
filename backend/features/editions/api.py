"""The editor's calls: look, check, save, publish, import. Who decides on points may look; the administrator edits."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import QueryParameter, SkipValidation
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncConnection

from backend import audit, catalogue
from backend.db import Database
from backend.features.editions import service, xlsform
from backend.features.editions.model import PART, Day, Part
from backend.features.editions.rules import DraftChange, DraftFault, Published, changes, earliest, in_force
from backend.problems import AppError
from backend.web.asked import decoded
from sync.api import body as read_body
from sync.caller import Caller
from sync.push import Engine

READERS = frozenset({"admin", "supervisor", "leader", "auditor"})
MAX_BODY = 400_000
MAX_FILE = 2_000_000
GivenCaller = NamedDependency[SkipValidation[Caller]]
GivenDb = NamedDependency[SkipValidation[Database]]
GivenEngine = NamedDependency[SkipValidation[Engine]]
GivenClock = NamedDependency[SkipValidation[Callable[[], datetime]]]
AskedPart = Annotated[str, QueryParameter(max_length=40)]


class PartLine(msgspec.Struct, frozen=True):
    """A part in the list: the edition in force today, those that follow, and whether a draft is open."""

    part: str
    title: dict[str, str] | None
    withdrawn: bool
    in_force: str
    effective_from: str | None
    coming: list[Published]
    draft_by: str | None
    draft_at: str | None


class PartList(msgspec.Struct, frozen=True):
    parts: list[PartLine]
    today: str


class Editing(msgspec.Struct, frozen=True):
    """One part before an editor. `n` is the last save; `draft` tells whether it is not published yet; `changes` are
    against the edition in force, `base`; `earliest` is the first day from which it may hold.
    """

    part: str
    n: int
    draft: bool
    by_name: str | None
    at: str | None
    body: dict[str, Any]
    base: str
    faults: list[DraftFault]
    changes: list[DraftChange]
    published: list[Published]
    earliest: str


class EditionBody(msgspec.Struct, frozen=True):
    part: str
    version: str
    body: dict[str, Any]


class DraftCheck(msgspec.Struct, frozen=True):
    """What is wrong with contents that are not saved, and what they change."""

    faults: list[DraftFault]
    changes: list[DraftChange]


class _Contents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    part: Part
    body: dict[str, Any]


class _Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    part: Part
    after: Annotated[int, Meta(ge=0)]
    body: dict[str, Any]


class _Publish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    part: Part
    after: Annotated[int, Meta(ge=1)]
    effective_from: Day


def editor(caller: Caller) -> None:
    """Raises AppError `not_found` for all but the company's administrator."""
    if "control" not in caller.scopes or "admin" not in caller.roles:
        raise AppError("not_found")


def reader(caller: Caller) -> None:
    """Raises AppError `not_found` for those whom the company's rules do not concern."""
    if "control" not in caller.scopes or not caller.roles & READERS:
        raise AppError("not_found")


def named(part: str) -> None:
    """Raises AppError `not_found` for what is no part."""
    if not re.fullmatch(PART, part):
        raise AppError("not_found")


@get("", operation_id="ListEditions", summary="Checklist, rules of points and forms with their editions")
async def list_parts(caller: GivenCaller, db: GivenDb, clock: GivenClock) -> PartList:
    """For those who decide; `not_found` for others."""
    reader(caller)
    today = catalogue.day_of(clock())
    async with db.snapshot() as conn:
        lines = [await _line(conn, caller.org, part, today) for part in await service.parts(conn, caller.org)]
    return PartList(lines, today.isoformat())


async def _line(conn: AsyncConnection, org: str, part: str, today: date) -> PartLine:
    found = await service.published(conn, org, part)
    now, saved = in_force(found, today), await service.last(conn, org, part)
    title = saved.body.get("title") if saved else None
    draft = saved if saved and saved.version is None else None
    return PartLine(
        part=part,
        title=title if isinstance(title, dict) else None,
        withdrawn=bool(saved and saved.body.get("withdrawn")),
        in_force=_base(part, now, today),
        effective_from=now.effective_from if now else None,
        coming=[one for one in found if one.effective_from > today.isoformat()],
        draft_by=draft.by_name if draft else None,
        draft_at=draft.at if draft else None,
    )


def _base(part: str, now: Published | None, today: date) -> str:
    """The version in force; "" for a form that never was."""
    if now is not None:
        return now.version
    return catalogue.edition_on(today).version if part in service.PRIMARY else ""


@get("/one", operation_id="EditionDraft", summary="One part: its draft or what is in force, and its history")
async def one_part(
    caller: GivenCaller, db: GivenDb, clock: GivenClock, part: AskedPart = "points"
) -> Editing:
    """For those who decide; `not_found` for others, and for a form that nobody began."""
    reader(caller)
    named(part)
    async with db.snapshot() as conn:
        return await _editing(conn, caller.org, part, catalogue.day_of(clock()))


async def _editing(conn: AsyncConnection, org: str, part: str, today: date) -> Editing:
    saved, found = await service.last(conn, org, part), await service.published(conn, org, part)
    base = _base(part, in_force(found, today), today)
    before = await service.body_of(conn, org, part, base) if base else {}
    assert before is not None
    if saved is None and part not in service.PRIMARY:
        raise AppError("not_found")
    body = saved.body if saved else before
    return Editing(
        part=part,
        n=saved.n if saved else 0,
        draft=saved is not None and saved.version is None,
        by_name=saved.by_name if saved else None,
        at=saved.at if saved else None,
        body=body,
        base=base,
        faults=(await service.checked(conn, org, part, body))[1],
        changes=list(changes(before, body)),
        published=found,
        earliest=earliest(part, today).isoformat(),
    )


@get("/version", operation_id="EditionBody", summary="What one edition holds")
async def one_version(
    caller: GivenCaller,
    db: GivenDb,
    part: AskedPart = "points",
    version: Annotated[str, QueryParameter(max_length=20)] = "",
) -> EditionBody:
    """For those who decide; `not_found` for others and for an unknown version."""
    reader(caller)
    named(part)
    async with db.read() as conn:
        body = await service.body_of(conn, caller.org, part, version)
    if body is None:
        raise AppError("not_found")
    return EditionBody(part, version, body)


@post(
    "/check",
    status_code=200,
    operation_id="CheckEdition",
    summary="What is wrong with contents, and what they change",
)
async def check(
    request: Request[Any, Any, Any], caller: GivenCaller, db: GivenDb, clock: GivenClock
) -> DraftCheck:
    """Nothing is saved. The administrator's; `not_found` for others."""
    editor(caller)
    asked = decoded(await read_body(request, MAX_BODY), _Contents)
    today = catalogue.day_of(clock())
    async with db.snapshot() as conn:
        base = _base(
            asked.part, in_force(await service.published(conn, caller.org, asked.part), today), today
        )
        before = await service.body_of(conn, caller.org, asked.part, base) if base else {}
        _, wrong = await service.checked(conn, caller.org, asked.part, asked.body)
    return DraftCheck(wrong, list(changes(before, asked.body)))


@put("/draft", operation_id="SaveEdition", summary="Save a draft")
async def save_draft(
    request: Request[Any, Any, Any], caller: GivenCaller, db: GivenDb, clock: GivenClock
) -> Editing:
    """After the save that the editor had before him: `edited_meanwhile` names who came in between."""
    editor(caller)
    asked, now = decoded(await read_body(request, MAX_BODY), _Draft), clock()
    if len(msgspec.json.encode(asked.body)) > MAX_BODY // 2:
        raise AppError("too_large", limit=MAX_BODY // 2)
    async with db.write() as conn:
        await service.save(conn, caller, now, asked.part, asked.after, asked.body)
        return await _editing(conn, caller.org, asked.part, catalogue.day_of(now))


@post(
    "/publish",
    status_code=200,
    operation_id="PublishEdition",
    summary="Make the draft an edition from a day on",
)
async def publish(
    request: Request[Any, Any, Any], caller: GivenCaller, db: GivenDb, engine: GivenEngine, clock: GivenClock
) -> Editing:
    """`invalid` with every fault of the draft, `day_in_the_past`, or `edited_meanwhile`."""
    editor(caller)
    asked, now = decoded(await read_body(request, MAX_BODY), _Publish), clock()
    try:
        day = date.fromisoformat(asked.effective_from)
    except ValueError:
        raise AppError("invalid", issues=[{"path": "effective_from", "code": "time"}]) from None
    async with db.write() as conn:
        await service.publish(conn, engine, caller, now, asked.part, asked.after, day)
        return await _editing(conn, caller.org, asked.part, catalogue.day_of(now))


@post(
    "/xlsform",
    status_code=200,
    operation_id="ImportXlsForm",
    summary="Read an XLSForm as the contents of a form",
)
async def import_xlsform(
    request: Request[Any, Any, Any], caller: GivenCaller, db: GivenDb, clock: GivenClock
) -> xlsform.Imported:
    """The workbook's bytes in, the form's contents and the list of what was not taken out. Nothing is saved."""
    editor(caller)
    raw = await read_body(request, MAX_FILE)
    made = await xlsform.read_bounded(raw)
    async with db.write() as conn:
        facts = {"questions": len(made.body.get("questions", ())), "not_taken": len(made.notes)}
        await audit.append(conn, clock(), caller.org, "edition.imported", person=caller.person, facts=facts)
    return made


def router() -> Router:
    """The routes under `/api/v1/editions`."""
    handlers = [list_parts, one_part, one_version, check, save_draft, publish, import_xlsform]
    return Router("/api/v1/editions", route_handlers=handlers, tags=["editions"])
