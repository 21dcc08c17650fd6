"""An infrared record is judged when it is submitted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from backend import catalogue
from backend.features.checks import service as checks
from backend.features.infrared.model import Infrared
from backend.features.infrared.rules import OPEN, Judgement, Reading, judge
from sync.kinds import Body
from sync.push import Context, Entry, Op, Refused, Row


def judged(body: Infrared) -> Judgement:
    """The judgement by the edition in force when the picture was taken."""
    rules = catalogue.edition_at(body.taken_at).dlt664
    reading = Reading(
        row=body.row,
        points=tuple((point.label, point.temp_c) for point in body.points),
        ambient_c=body.ambient_c,
        emissivity=body.emissivity,
        load_a=body.load_a,
        rated_a=body.rated_a,
        humidity_pct=body.humidity_pct,
        wind_m_s=body.wind_m_s,
        weather=body.weather,
        trust=body.measured.trust if body.measured else "exact",
    )
    return judge(rules, reading)


def derive(body: Body, now: datetime) -> dict[str, Any]:
    """The facts kept beside a submitted record."""
    assert isinstance(body, Infrared)
    return {"judgement": msgspec.to_builtins(judged(body))}


async def on_submit(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """The equipment is in the register of the unit that the record names."""
    await checks.known(ctx, row, {"unit": "unit", "equipment": "equipment"})
    return ()


def undecided(judgement: Mapping[str, Any]) -> bool:
    """No grade holds until a person sets it."""
    return judgement["grade"] is not None and bool(OPEN & set(judgement["flags"]))


def grade_is_open(row: Row) -> bool:
    """Whether an inspection still waits for the person who sets its grade."""
    judgement = row.facts.get("judgement") if row.kind == "infrared" else None
    return judgement is not None and undecided(judgement) and not row.facts.get("decided")


ASKED = OPEN | {"REVIEW"}


async def on_accept(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """A second person; the grade is his only where the rule asks for one, and stands beside the judgement.

    Where nothing but his word can grade, he does not accept without it.
    """
    await checks.on_accept(ctx, row, entry)
    grade = entry.data.get("grade")
    judgement = row.facts["judgement"]
    if grade is None:
        if undecided(judgement):
            raise Refused("invalid", {"issues": [{"path": "grade", "code": "missing"}]})
        return ()
    if not ASKED & set(judgement["flags"]) or judgement["error"]:
        raise Refused("invalid", {"issues": [{"path": "grade", "code": "not_asked"}]})
    await ctx.set_facts(row.id, {"decided": {"grade": grade, "by": entry.by}})
    return ()


async def on_amend(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """The rule judges anew, and what a person had decided about the old readings is decided no longer."""
    await checks.may_amend(ctx, row, entry)
    if row.facts.get("decided"):
        await ctx.set_facts(row.id, {"decided": None})
    return ()
