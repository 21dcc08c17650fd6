"""What a submitted finding must name, and who may accept it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from backend import catalogue
from backend.features.checks.model import Filled, Finding
from backend.features.checks.rules import photo_needed, weigh
from backend.features.editions.service import Listed, checklist_named
from backend.sheets import Sheet, evaluate, registered
from sync.kinds import Body, Issue, pictures
from sync.push import Context, Entry, Op, Refused, Row


def check(body: Body) -> list[Issue]:
    """The item exists in the edition the finding names, and is proven as the edition asks. An edition of the company's
    own is in the database: `_by_own_edition` looks there.
    """
    assert isinstance(body, Finding)
    listed = _shipped(body.catalogue)
    return _issues(body, listed) if listed else []


def derive(body: Body, now: datetime) -> dict[str, Any]:
    """The item's words and weight, and what the answers to its sheet come to."""
    assert isinstance(body, Finding)
    listed = _shipped(body.catalogue)
    return _facts(body, listed) if listed else {}


def _shipped(version: str) -> Listed | None:
    if version not in catalogue.versions():
        return None
    edition = catalogue.edition(version)
    return Listed(edition.checklist, edition.sheets)


def _issues(body: Finding, listed: Listed) -> list[Issue]:
    item = listed.checklist.item(body.item)
    if item is None:
        return [Issue("item", "unknown")]
    issues = [Issue("photos", "photo_needed")] if photo_needed(item) and not pictures(body.photos) else []
    return issues + (_filled(body.sheet, body, listed) if body.sheet else [])


def _filled(filled: Filled, body: Finding, listed: Listed) -> list[Issue]:
    """What the answers break, by the version of the sheet that they were given to."""
    sheet = listed.sheet(filled.id, filled.version)
    if sheet is None:
        return [Issue("sheet", "unknown")]
    if body.item not in sheet.items:
        return [Issue("sheet", "other_item")]
    wrong = evaluate(sheet, filled.answers).wrong
    return [Issue(f"sheet.answers.{one.path}", one.code) for one in wrong]


def _facts(body: Finding, listed: Listed) -> dict[str, Any]:
    item = listed.checklist.item(body.item)
    assert item is not None
    facts: dict[str, Any] = msgspec.to_builtins(weigh(item, body.catalogue))
    if body.sheet is None:
        return facts
    sheet = listed.sheet(body.sheet.id, body.sheet.version)
    assert sheet is not None
    return {**facts, "calculated": evaluate(sheet, body.sheet.answers).calculated}


async def _listed(ctx: Context, row: Row) -> Listed:
    """The checklist that the finding names. Refuses `invalid` for one that nobody published."""
    listed = await checklist_named(ctx.conn, ctx.org, row.body["catalogue"])
    if listed is None:
        raise Refused("invalid", {"issues": [{"path": "catalogue", "code": "unknown"}]})
    return listed


async def _by_own_edition(ctx: Context, row: Row, listed: Listed) -> None:
    """What `check` and `derive` do by a shipped edition, by one of the company's own."""
    if row.body["catalogue"] in catalogue.versions():
        return
    body = msgspec.convert(row.body, Finding)
    if issues := _issues(body, listed):
        raise Refused("invalid", {"issues": [{"path": one.path, "code": one.code} for one in issues]})
    await ctx.set_facts(row.id, _facts(body, listed))


async def known(ctx: Context, row: Row, references: dict[str, str]) -> dict[str, Row]:
    """The records that a body refers to, by field; `references` gives the kind of each field.

    Refuses `invalid` for a reference to nothing, and `foreign_unit` for a record of a unit that the body does
    not name. A field that is absent is left out.
    """
    found: dict[str, Row] = {}
    for name, kind in references.items():
        if not row.body.get(name):
            continue
        target = await ctx.get(kind, row.body[name])
        if target is None:
            raise Refused("invalid", {"issues": [{"path": name, "code": "unknown"}]})
        if kind in {"equipment", "meter_box"} and target.body["unit"] != row.body["unit"]:
            raise Refused("foreign_unit", {"path": name})
        found[name] = target
    return found


def reach(ctx: Context, unit: str) -> None:
    """Refuses `foreign_unit` when a person acts on a unit that is neither his nor below his."""
    if "system" not in ctx.caller.roles and f"u:{unit}" not in ctx.caller.scopes:
        raise Refused("foreign_unit", {"path": "unit"})


async def on_submit(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """The inspected unit and the person exist and are within the inspector's reach."""
    found = await known(ctx, row, {"unit": "unit", "person": "person"})
    reach(ctx, row.body["unit"])
    if "person" in found:
        reach(ctx, found["person"].body["unit"])
    await _judged(ctx, row)
    return ()


async def _judged(ctx: Context, row: Row) -> None:
    """Refuses `invalid` for what the edition that the finding names does not allow."""
    listed = await _listed(ctx, row)
    await _by_own_edition(ctx, row, listed)
    filled = row.body.get("sheet")
    sheet = listed.sheet(filled["id"], filled["version"]) if filled else None
    if filled and sheet:
        issues = await registered_here(ctx, row, sheet, filled["answers"], "sheet.answers.")
        if issues:
            raise Refused("invalid", {"issues": issues})


async def registered_here(
    ctx: Context, row: Row, sheet: Sheet, answers: dict[str, Any], at: str
) -> list[dict[str, str]]:
    """What a sheet's answers name is in the register, in the record's unit and in what was chosen above it: an issue
    `unknown` or `elsewhere` for each answer that is not.
    """
    issues = []
    for path, source, known, id_ in registered(sheet, answers):
        target = await ctx.get(source.kind, id_)
        wanted = {"unit": row.body["unit"], **{name: known.get(of) for name, of in source.where.items()}}
        if target is None:
            issues.append({"path": f"{at}{path}", "code": "unknown"})
        elif any(target.body.get(name) != value for name, value in wanted.items()):
            issues.append({"path": f"{at}{path}", "code": "elsewhere"})
    return issues


async def on_accept(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """Four eyes: nobody accepts his own record."""
    if row.author in entry.hands:
        raise Refused("second_person_needed", {"role": "author"})
    reach(ctx, row.body["unit"])
    return ()


async def on_amend(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """As others are amended; the answers to the sheet still name what is in the register."""
    await _judged(ctx, row)
    return await may_amend(ctx, row, entry)


async def may_amend(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """The author mends what waits for review; what was accepted a supervisor mends, and not his own record."""
    if row.state == "accepted":
        if "supervisor" not in ctx.caller.roles:
            raise Refused("forbidden")
        if row.author in entry.hands:
            raise Refused("second_person_needed", {"role": "author"})
    elif entry.by != row.author:
        raise Refused("forbidden")
    return ()
