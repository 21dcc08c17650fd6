"""A judged record opens a defect; a mended record changes it; a rejected one voids it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend import catalogue
from backend.features.defects.model import GRADES, UNSETTLED
from sync.push import Context, Entry, Op, Refused, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What a submitted record says is wrong."""

    grade: str
    deadline_at: datetime
    title: str
    owner: str | None
    title_en: str | None = None  # where it is in words of the catalogue


async def infrared_submitted(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """Graded general or worse: there is a defect."""
    return await _settle_infrared(ctx, row, row.facts["judgement"]["grade"])


async def infrared_decided(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """A supervisor set the grade that the camera's error left open: the defect follows him."""
    grade = entry.data.get("grade")
    return () if grade is None else await _settle_infrared(ctx, row, grade)


async def _settle_infrared(ctx: Context, row: Row, grade: str | None) -> list[Op]:
    if grade not in GRADES:
        return await _settle(ctx, row, None)
    judgement = row.facts["judgement"]
    equipment = await ctx.get("equipment", row.body["equipment"])
    assert equipment is not None
    taken_at = datetime.fromisoformat(row.body["taken_at"])
    hours = catalogue.edition(judgement["catalogue"]).dlt664.deadline_hours[grade]
    hot = judgement["hot"]
    fault = Fault(
        grade=grade,
        deadline_at=min(taken_at, ctx.now) + timedelta(hours=hours),
        title=f"{equipment.body['name']} {hot['label']} {hot['c']:g} ℃",
        owner=equipment.body.get("owner"),
    )
    return await _settle(ctx, row, fault)


async def hazard_submitted(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """Every hazard is a defect."""
    box = await ctx.get("meter_box", row.body["meter_box"])
    assert box is not None
    item = catalogue.edition(row.facts["catalogue"]).hazards.item(row.facts["worst"][0])
    assert item is not None
    fault = Fault(
        grade=row.facts["grade"],
        deadline_at=datetime.fromisoformat(row.facts["deadline_at"]),
        title=f"{box.body['code']} {item.text.zh}",
        title_en=f"{box.body['code']} {item.text.en}",
        owner=box.body.get("owner"),
    )
    return await _settle(ctx, row, fault)


async def record_rejected(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """A record that counts for nothing leaves no defect."""
    return await _settle(ctx, row, None)


async def rechecked(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """Whoever put it right does not judge his own work."""
    rectified = [step for step in row.log if step.type == "rectify"]
    if rectified and rectified[-1].hands & entry.hands:
        raise Refused("second_person_needed", {"role": "rectifier"})
    return ()


def event(ctx: Context, row: Row, name: str, data: Mapping[str, Any] | None = None) -> Op:
    """A system event on a record, now."""
    return Op(
        op="event",
        kind=row.kind,
        id=ctx.new_id(),
        subject=row.id,
        type=name,
        at=ctx.now,
        data=dict(data or {}),
    )


async def _settle(ctx: Context, source: Row, fault: Fault | None) -> list[Op]:
    """Makes the source's one defect fit: opens, regrades or voids it; one that was closed stays so."""
    linked = source.facts.get("defect")
    defect = await ctx.get("defect", linked) if linked else None
    if defect is None or defect.state == "void":
        return [await _open(ctx, source, fault)] if fault else []
    if defect.state not in UNSETTLED:
        return []
    if fault is None:
        return [event(ctx, defect, "void")]
    wanted = {"grade": fault.grade, "deadline_at": _text(fault.deadline_at), "title": fault.title}
    if fault.title_en:
        wanted["title_en"] = fault.title_en
    if all(defect.body.get(name) == value for name, value in wanted.items()):
        return []
    put = Op(op="put", kind="defect", id=defect.id, at=ctx.now, data=wanted)
    return [put, event(ctx, defect, "regrade", wanted)]


async def _open(ctx: Context, source: Row, fault: Fault) -> Op:
    opened = {
        "unit": source.body["unit"],
        "source_kind": source.kind,
        "source": source.id,
        "equipment": source.body.get("equipment"),
        "meter_box": source.body.get("meter_box"),
        "grade": fault.grade,
        "title": fault.title,
        "title_en": fault.title_en,
        "opened_at": _text(ctx.now),
        "deadline_at": _text(fault.deadline_at),
        "owner": fault.owner,
    }
    body = {name: value for name, value in opened.items() if value is not None}
    created = Op(op="put", kind="defect", id=ctx.new_id(), at=ctx.now, data=body)
    await ctx.set_facts(source.id, {"defect": created.id})
    return created


def _text(moment: datetime) -> str:
    return moment.astimezone(catalogue.ZONE).isoformat()
