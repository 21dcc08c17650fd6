"""Drafts and editions in the database: saved, published, and found again by day or by name."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from backend import audit, catalogue
from backend.catalogue import Checklist, PointsClass, PointsRules, Threshold
from backend.features.editions.model import ChecklistContent, Contents, FormContent, PointsContent
from backend.features.editions.rules import DraftFault, Published, earliest, in_force, read, version_of
from backend.features.editions.tables import edition
from backend.problems import AppError
from backend.sheets import Sheet
from sync import store
from sync.caller import Caller
from sync.ids import new_id
from sync.push import Engine, Op
from sync.tables import stamp

PRIMARY = ("points", "checklist")
MAX_FORMS = 60


class Saved(msgspec.Struct, frozen=True):
    """The last save of a part; a published one carries its version and its first day."""

    n: int
    at: str
    by: str
    by_name: str
    body: dict[str, Any]
    version: str | None
    effective_from: str | None


class Listed(msgspec.Struct, frozen=True):
    """A checklist and the sheets of its items, as findings are judged by it."""

    checklist: Checklist
    sheets: tuple[Sheet, ...]

    def sheet(self, id_: str, version: int) -> Sheet | None:
        """The sheet of that id and version, or None."""
        return next((sheet for sheet in self.sheets if (sheet.id, sheet.version) == (id_, version)), None)


# --- what is there ---------------------------------------------------------------------------------------------


async def parts(conn: AsyncConnection, org: str) -> list[str]:
    """The points, the checklist, and every form that was ever begun."""
    found = await conn.execute(
        sa.select(edition.c.part).where(edition.c.org == org).distinct().order_by(edition.c.part)
    )
    forms = [part for part in found.scalars() if part not in PRIMARY]
    return [*PRIMARY, *forms]


async def last(conn: AsyncConnection, org: str, part: str) -> Saved | None:
    """The last save of a part, published or not."""
    wanted = sa.select(edition).where(edition.c.org == org, edition.c.part == part)
    row = (await conn.execute(wanted.order_by(edition.c.n.desc()).limit(1))).one_or_none()
    return None if row is None else _saved(row)


def _saved(row: sa.Row[Any]) -> Saved:
    return Saved(
        row.n, row.at, row.by, row.by_name, msgspec.json.decode(row.body), row.version, row.effective_from
    )


async def published(conn: AsyncConnection, org: str, part: str) -> list[Published]:
    """A part's editions, oldest first, without the one that is shipped."""
    names = ("n", "version", "effective_from", "at", "by", "by_name")
    wanted = sa.select(*(edition.c[name] for name in names)).where(
        edition.c.org == org, edition.c.part == part, edition.c.version.is_not(None)
    )
    return [Published(*row) for row in await conn.execute(wanted.order_by(edition.c.n))]


async def body_of(conn: AsyncConnection, org: str, part: str, version: str) -> dict[str, Any] | None:
    """What an edition holds, the shipped ones too; None when there is none of that name."""
    if part in PRIMARY and version in catalogue.versions():
        return shipped(part, version)
    wanted = sa.select(edition.c.body).where(
        edition.c.org == org, edition.c.part == part, edition.c.version == version
    )
    found = (await conn.execute(wanted)).scalar_one_or_none()
    if found is None:
        return None
    body: dict[str, Any] = msgspec.json.decode(found)
    return body


def shipped(part: str, version: str) -> dict[str, Any]:
    """An edition that comes with the program, in the form in which it is edited."""
    if part == "points":
        raw = catalogue.raw(version, "points_rules.json")
        return {
            "cap_points": raw["cap_points"],
            "false_evidence_floor": raw.get("false_evidence_floor", 6),
            "classes": [{name: one[name] for name in ("id", "points", "zh", "en")} for one in raw["classes"]],
            "thresholds": raw["thresholds"],
            "items": raw.get("items", {}),
            "off": raw.get("off", []),
        }
    raw = catalogue.raw(version, "checklist.json")
    names = ("code", "group", "goal", "text", "severity", "default_points", "evidence")
    return {
        "groups": [{name: one[name] for name in ("code", "zh", "en", "goal")} for one in raw["groups"]],
        "items": [{name: item[name] for name in names} for item in raw["items"]],
        "sheets": catalogue.raw(version, "sheets.json")["sheets"],
    }


# --- for decisions ---------------------------------------------------------------------------------------------


async def points_at(conn: AsyncConnection, org: str, moment: datetime) -> PointsRules:
    """The rules of points that hold at a moment: the company's own, else those shipped."""
    day = catalogue.day_of(moment)
    mine = in_force(await published(conn, org, "points"), day)
    if mine is None:
        return catalogue.edition_on(day).points
    rules = await points_named(conn, org, mine.version)
    assert rules is not None
    return rules


async def points_named(conn: AsyncConnection, org: str, version: str) -> PointsRules | None:
    """The rules of points of that version, or None."""
    if version in catalogue.versions():
        return catalogue.edition(version).points
    body = await body_of(conn, org, "points", version)
    return None if body is None else points_rules(msgspec.convert(body, PointsContent), version)


def points_rules(content: PointsContent, version: str) -> PointsRules:
    """An edited rule as decisions use it. The cycle stays the calendar year of what is shipped."""
    return PointsRules(
        version=version,
        cycle=catalogue.edition(catalogue.versions()[-1]).points.cycle,
        cap_points=content.cap_points,
        classes=tuple(PointsClass(one.id, one.points) for one in content.classes),
        thresholds=tuple(Threshold(one.at, one.action_zh, one.action_en) for one in content.thresholds),
        items=content.items,
        off=frozenset(content.off),
        false_evidence_floor=content.false_evidence_floor,
    )


async def checklist_named(conn: AsyncConnection, org: str, version: str) -> Listed | None:
    """The checklist of that version with its sheets, shipped or published; None when there is none."""
    if version in catalogue.versions():
        edition_ = catalogue.edition(version)
        return Listed(edition_.checklist, edition_.sheets)
    body = await body_of(conn, org, "checklist", version)
    if body is None:
        return None
    content = msgspec.convert(body, ChecklistContent)
    plain = {"version": version, "items": msgspec.to_builtins(content.items)}
    return Listed(msgspec.convert(plain, Checklist), tuple(content.sheets))


async def form_named(conn: AsyncConnection, org: str, form: str, version: str) -> FormContent | None:
    """The form of that name and version, or None."""
    body = await body_of(conn, org, f"form.{form}", version)
    return None if body is None else msgspec.convert(body, FormContent)


# --- editing ---------------------------------------------------------------------------------------------------


async def save(
    conn: AsyncConnection, caller: Caller, now: datetime, part: str, after: int, body: dict[str, Any]
) -> Saved:
    """Keeps a draft after the save `after`. Raises AppError `edited_meanwhile` when another came in between."""
    await store.lock(conn, caller.org)
    await _untouched(conn, caller.org, part, after)
    if after == 0 and part not in PRIMARY and len(await parts(conn, caller.org)) >= MAX_FORMS + len(PRIMARY):
        raise AppError("too_many_forms", most=MAX_FORMS)
    made = Saved(after + 1, stamp(now), caller.person, caller.name, body, None, None)
    await _append(conn, caller, now, part, made, "edition.saved")
    return made


async def publish(
    conn: AsyncConnection, engine: Engine, caller: Caller, now: datetime, part: str, after: int, day: date
) -> Saved:
    """Makes the draft `after` an edition from `day` on, and gives checklists and forms to the phones.

    Raises AppError `edited_meanwhile`, `day_in_the_past`, and `invalid` with every fault of the draft.
    """
    await store.lock(conn, caller.org)
    draft = await _untouched(conn, caller.org, part, after)
    if draft is None:
        raise AppError("not_found")
    first = earliest(part, catalogue.day_of(now))
    if day < first:
        raise AppError("day_in_the_past", earliest=first.isoformat())
    content, wrong = await checked(conn, caller.org, part, draft.body)
    if content is None or wrong:
        raise AppError("invalid", issues=msgspec.to_builtins(wrong))
    made = Saved(
        after + 1,
        stamp(now),
        caller.person,
        caller.name,
        msgspec.to_builtins(content),
        version_of(day, after + 1),
        day.isoformat(),
    )
    await _append(conn, caller, now, part, made, "edition.published")
    if part != "points":
        record = {
            "part": part,
            "version": made.version,
            "effective_from": made.effective_from,
            "published_at": made.at,
            "content": made.body,
        }
        op = Op(op="put", kind="edition", id=new_id(now), at=now, data=record)
        (result,) = await engine.write(conn, caller.org, caller.person, now, [op], caller.name)
        assert result.status == "applied", result
    return made


async def checked(
    conn: AsyncConnection, org: str, part: str, body: dict[str, Any]
) -> tuple[Contents | None, list[DraftFault]]:
    """The draft with its faults; a sheet that records may name keeps what its version says."""
    content, wrong = read(part, body)
    if isinstance(content, ChecklistContent):
        wrong += await _changed_sheets(conn, org, content)
    return content, wrong


async def _changed_sheets(conn: AsyncConnection, org: str, content: ChecklistContent) -> list[DraftFault]:
    known: dict[tuple[str, int], Sheet] = {}
    versions = [*catalogue.versions(), *(one.version for one in await published(conn, org, "checklist"))]
    for version in versions:
        listed = await checklist_named(conn, org, version)
        known |= {(sheet.id, sheet.version): sheet for sheet in (listed.sheets if listed else ())}
    return [
        DraftFault(f"sheets.{sheet.id} {sheet.version}", "version_changed")
        for sheet in content.sheets
        if known.get((sheet.id, sheet.version), sheet) != sheet
    ]


async def _untouched(conn: AsyncConnection, org: str, part: str, after: int) -> Saved | None:
    found = await last(conn, org, part)
    if (found.n if found else 0) != after:
        facts = {"by": found.by_name, "at": found.at, "n": found.n} if found else {"n": 0}
        raise AppError("edited_meanwhile", **facts)
    return found


async def _append(
    conn: AsyncConnection, caller: Caller, now: datetime, part: str, made: Saved, action: str
) -> None:
    await conn.execute(
        edition.insert().values(
            org=caller.org,
            part=part,
            **{**msgspec.structs.asdict(made), "body": msgspec.json.encode(made.body).decode()},
        )
    )
    facts = {"n": made.n, "version": made.version, "effective_from": made.effective_from}
    await audit.append(conn, now, caller.org, action, person=caller.person, subject=part, facts=facts)
