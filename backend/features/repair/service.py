"""A defect makes a repair job; the job's milestones move the defect and stop the promise's clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from backend import catalogue
from backend.features.defects.service import event
from backend.features.repair.model import REPAIR
from backend.features.repair.rules import clock, moment
from sync.kinds import RECORDINGS
from sync.push import Context, Entry, Op, Refused, Row

_SOURCES = {event.name: event.source for event in REPAIR.events}


async def defect_opened(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """A new defect, or one that failed its re-check, needs a crew."""
    unit = await ctx.get("unit", row.body["unit"])
    assert unit is not None
    reported_at = ctx.now.astimezone(catalogue.ZONE).isoformat()
    body = {
        "unit": row.body["unit"],
        "defect": row.id,
        "title": row.body["title"],
        "area": unit.body["area"],
        "place": await _place(ctx, row),
        "grade": row.body["grade"],
        "reported_at": reported_at,
        "deadline_at": row.body["deadline_at"],
    }
    for name in ("title_en", "equipment", "meter_box"):
        if name in row.body:
            body[name] = row.body[name]
    created = Op(
        op="put",
        kind="repair",
        id=ctx.new_id(),
        at=ctx.now,
        data=body,
        facts={"clock": _clock(body, ())},
    )
    await ctx.set_facts(row.id, {"repair": created.id})
    return [created]


async def defect_regraded(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """An unfinished job follows its defect."""
    job = await _job(ctx, row)
    if job is None or job.state not in _SOURCES["regrade"]:
        return ()
    followed = ("grade", "deadline_at", "title", "title_en")
    wanted = {name: row.body[name] for name in followed if name in row.body}
    await ctx.set_facts(job.id, {"clock": _clock({**job.body, **wanted}, job.log)})
    put = Op(op="put", kind="repair", id=job.id, at=ctx.now, data=wanted)
    return [put, event(ctx, job, "regrade", wanted)]


async def defect_voided(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """A crew that is not on the spot yet stays at home; one that is finishes its job."""
    job = await _job(ctx, row)
    return [event(ctx, job, "cancel")] if job and job.state in _SOURCES["cancel"] else ()


async def received(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """Somebody is on it."""
    defect = await _defect(ctx, row)
    return [event(ctx, defect, "start")] if defect and defect.state == "open" else ()


async def arrived(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """The first promise is kept or broken."""
    await ctx.set_facts(row.id, {"clock": _clock(row.body, row.log)})
    return ()


async def restored(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """Power is back; the defect waits for its re-check. A recording alone does not show it."""
    if all(ref["role"] in RECORDINGS for ref in entry.data["photos"]):
        raise Refused("invalid", {"issues": [{"path": "photos", "code": "photo_needed"}]})
    await ctx.set_facts(row.id, {"clock": _clock(row.body, row.log)})
    defect = await _defect(ctx, row)
    if defect is None or defect.state not in {"open", "rectifying"}:
        return ()
    return [event(ctx, defect, "rectify", {"repair": row.id})]


async def accepted(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """Nobody accepts his own repair."""
    if any(step.type == "restore" and step.hands & entry.hands for step in row.log):
        raise Refused("second_person_needed", {"role": "crew"})
    return ()


_SAID = {"locate": "cause", "repair": "measure", "restore": "note"}


async def step_amended(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """A step that was noted is corrected, in its own words or by more photos; what changes nothing says nothing."""
    step = entry.data["step"]
    told = [
        one.data
        for one in row.log
        if one.id != entry.id and (one.type == step or (one.type == "amend" and one.data["step"] == step))
    ]
    if not told:
        raise Refused("bad_transition")
    foreign = [name for name in _SAID.values() if entry.data.get(name) and name != _SAID.get(step)]
    if foreign:
        raise Refused("invalid", {"issues": [{"path": name, "code": "unknown_field"} for name in foreign]})
    field = _SAID.get(step, "photos")
    before = next((one[field] for one in reversed(told) if one.get(field)), None)
    known = {ref["sha256"] for one in told for ref in one.get("photos", ())}
    fresh = any(ref["sha256"] not in known for ref in entry.data.get("photos", ()))
    if not fresh and (field == "photos" or entry.data.get(field) in (None, "", before)):
        raise Refused("invalid", {"issues": [{"path": field, "code": "missing"}]})
    return ()


def _clock(body: dict[str, Any], log: Iterable[Entry]) -> dict[str, Any]:
    """The clock as the log stands. The first restoration counts: a return asks for proof, not for power."""
    reported_at = datetime.fromisoformat(body["reported_at"])
    times: dict[str, datetime] = {}
    for step in log:
        if step.type in {"arrive", "restore"} and step.type not in times:
            earliest = times.get("arrive", reported_at)
            times[step.type] = moment(step.corrected_at(), step.received_at, earliest)
    facts: dict[str, Any] = msgspec.to_builtins(
        clock(
            catalogue.edition_at(reported_at).commitments,
            body["area"],
            body["grade"],
            reported_at,
            datetime.fromisoformat(body["deadline_at"]),
            times.get("arrive"),
            times.get("restore"),
        )
    )
    return facts


async def _job(ctx: Context, defect: Row) -> Row | None:
    linked = defect.facts.get("repair")
    return await ctx.get("repair", linked) if linked else None


async def _defect(ctx: Context, job: Row) -> Row | None:
    linked = job.body.get("defect")
    return await ctx.get("defect", linked) if linked else None


async def _place(ctx: Context, defect: Row) -> str:
    """Where the crew must go."""
    for kind, fields in (("equipment", ("line", "area_name")), ("meter_box", ("area_name", "address"))):
        asset = await ctx.get(kind, defect.body[kind]) if kind in defect.body else None
        if asset:
            return " ".join(asset.body[name] for name in fields)[:200]
    return str(defect.body["title"])
