"""An infrared record is judged when it is submitted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from backend import catalogue
from backend.features.checks.service import known
from backend.features.infrared.model import Infrared
from backend.features.infrared.rules import Judgement, Reading, judge
from sync.kinds import Body
from sync.push import Context, Entry, Op, Row


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
    )
    return judge(rules, reading)


def derive(body: Body, now: datetime) -> dict[str, Any]:
    """The facts kept beside a submitted record."""
    assert isinstance(body, Infrared)
    return {"judgement": msgspec.to_builtins(judged(body))}


async def on_submit(ctx: Context, row: Row, entry: Entry) -> Iterable[Op]:
    """The equipment is in the register of the unit that the record names."""
    await known(ctx, row, {"unit": "unit", "equipment": "equipment"})
    return ()
