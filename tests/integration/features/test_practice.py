"""A record of practice stays with its author and never counts."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from backend.clock import new_id
from backend.lists.tables import listing
from sync.tables import record
from tests.integration.features.conftest import World, photo
from tests.integration.features.test_chains import finding, infrared


def hazard(world: World, **more: Any) -> dict[str, Any]:
    return {
        "unit": world.ids["station"],
        "meter_box": world.ids["box"],
        "items": ["MB-02"],
        "ownership": "utility",
        "found_at": world.now.isoformat(),
        "photos": [photo("overall", "a")],
        **more,
    }


BODIES = {"finding": finding, "infrared": infrared, "hazard": hazard}


async def made(world: World) -> set[str]:
    """The kinds of all records but those of the register and of this test."""
    async with world.db.read() as conn:
        found = await conn.scalars(sa.select(record.c.kind).where(record.c.org == world.org))
    return set(found) - {"unit", "person", "equipment", "meter_box", *BODIES}


async def listed(world: World) -> set[str]:
    """Kinds in the desk's list of work."""
    async with world.db.read() as conn:
        return set(await conn.scalars(sa.select(listing.c.kind).where(listing.c.shelf == "work")))


@pytest.mark.parametrize("kind", BODIES)
async def test_practice_is_judged_like_the_rest_and_causes_nothing(world: World, kind: str) -> None:
    body = BODIES[kind](world, practice=True)
    id_, done = await world.record("inspector", kind, body)
    assert done["status"] == "applied"
    row = await world.row(id_)
    assert (row.state, row.scope) == ("submitted", f"p:{world.ids['inspector']}")
    assert row.facts
    assert "defect" not in row.facts
    assert id_ in await world.sees("inspector")
    for other in ("supervisor", "auditor", "manager"):
        assert id_ not in await world.sees(other)
        refused = await world.act(other, kind, id_, "accept")
        assert refused["code"] == "not_found"
    assert await made(world) == set()
    assert await listed(world) == set()
    _, real = await world.record("inspector", kind, BODIES[kind](world))
    assert real["status"] == "applied"
    assert kind in await listed(world)
    assert (await made(world) == set()) == (kind == "finding")  # else its defect, and the job


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("practice", [True, False])
async def test_what_is_practice_is_told_by_the_first_save_and_stays(
    world: World, kind: str, practice: bool
) -> None:
    id_ = new_id(world.now)
    body = BODIES[kind](world, practice=practice)
    put = {"op": "put", "kind": kind, "id": id_}
    [first] = await world.push("inspector", {**put, "data": body})
    turned = {**put, "base": 1, "data": {"practice": not practice, "unit": world.ids["elsewhere"]}}
    [refused] = await world.push("inspector", turned)
    assert (first["status"], refused["code"]) == ("applied", "invalid")
    assert refused["issues"] == [{"path": "practice", "code": "fixed"}]
    assert (await world.row(id_)).body == body
    same = {**put, "base": 1, "data": {"practice": practice or None, "unit": world.ids["elsewhere"]}}
    assert [one["status"] for one in await world.push("inspector", same)] == ["applied"]


@pytest.mark.parametrize("kind", BODIES)
async def test_practice_is_thrown_away_by_its_author_at_any_time_and_by_nobody_else(
    world: World, kind: str
) -> None:
    practice, real = [
        (await world.record("inspector", kind, BODIES[kind](world, practice=given)))[0]
        for given in (True, False)
    ]

    async def deleted(who: str, id_: str) -> str:
        [answer] = await world.push(who, {"op": "delete", "kind": kind, "id": id_, "base": 2})
        return str(answer.get("code") or answer["status"])

    assert await deleted("supervisor", practice) == "not_found"
    assert await deleted("inspector", real) == "frozen"
    assert await deleted("inspector", practice) == "applied"
    assert await deleted("inspector", practice) == "applied"  # by the phone and its copy
    seen = await world.sees("inspector")
    assert practice not in seen
    assert real in seen


async def test_a_form_filled_in_on_two_phones_keeps_one_trace_and_no_conflict(world: World) -> None:
    id_ = new_id(world.now)
    at = "2026-11-24T02:{:02}:00Z".format

    def touched(name: str, first: int, last: int) -> dict[str, str]:
        return {"at": name, "first": at(first), "last": at(last)}

    def put(base: int, **data: Any) -> dict[str, Any]:
        return {"op": "put", "kind": "finding", "id": id_, "base": base, "data": data}

    trace = [touched("unit", 0, 0), touched("fact", 1, 1)]
    await world.push("inspector", put(0, **finding(world, trace=trace)))
    await world.push("inspector", put(1, place="营业厅", trace=[*trace, touched("place", 3, 4)]))
    world.ids["device-inspector"], world.numbers["inspector"] = new_id(world.now), 0
    other = [touched("unit", 0, 0), touched("fact", 1, 9), touched("place", 2, 2)]
    [merged] = await world.push("inspector", put(1, fact="到达现场 75 分钟", trace=other))
    assert merged["status"] == "merged"
    wanted = [touched("unit", 0, 0), touched("fact", 1, 9), touched("place", 2, 4)]
    assert (await world.row(id_)).body["trace"] == wanted
