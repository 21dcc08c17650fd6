"""The boards count what their reader may see, each count is a list, and both go by an index."""

import importlib
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from backend.boards import query
from backend.lists import keep
from backend.lists.query import Asked, Wrong, page_statement
from backend.lists.tables import listing
from sync.tables import stamp

from .conftest import NOW, World, photo
from .test_chains import finding, infrared
from .test_lists import lines, planned

DAYS = {"since": "2026-11-01", "until": "2026-11-30"}


async def zeros(world: World, name: str, **days: str) -> dict[str, tuple[int, int]]:
    """By zero of the station, how many now and before; each count is as long as its list."""
    asked = DAYS | days
    async with world.db.read() as conn:
        found = await query.zeros(conn, world.caller(name), **asked, now=stamp(world.now))
    for one in found:
        listed = await lines(world, name, zero=one.zero, unit=one.unit, now=stamp(world.now), **asked)
        assert len(listed) == one.n
    assert {one.unit for one in found} <= {world.ids["station"]}
    return {one.zero: (one.n, one.before) for one in found}


async def unseen(world: World, name: str, since: str) -> dict[str, tuple[int, int]]:
    async with world.db.read() as conn:
        found = await query.coverage(conn, world.caller(name), "equipment", since)
    listed = await lines(world, name, kind="equipment", unseen=since)
    assert len(listed) == sum(one.unseen for one in found)
    return {one.unit: (one.all, one.unseen) for one in found}


async def test_a_zero_counts_from_the_moment_on_which_it_is_broken(world: World) -> None:
    await world.record("inspector", "infrared", infrared(world, 115))
    assert await zeros(world, "manager") == {}
    world.wait(hours=6)  # the crew has not come: the promise is broken, the defect's day not over yet
    assert await zeros(world, "manager") == {"Z6": (1, 0)}
    world.wait(days=2)
    assert await zeros(world, "manager") == {"Z6": (1, 0), "Z7": (1, 0)}
    assert await zeros(world, "manager", since="2026-11-25", until="2026-11-25") == {
        "Z6": (0, 1),
        "Z7": (1, 0),
    }
    assert await zeros(world, "stranger") == {}
    (job,) = await lines(world, "crew", kind="repair")
    world.now = NOW + timedelta(minutes=20)
    for event, data in (
        ("receive", {}),
        ("arrive", {}),
        ("locate", {"cause": "松动"}),
        ("repair", {"measure": "紧固"}),
    ):
        assert (await world.act("crew", "repair", job.id, event, data))["status"] == "applied"
    await world.act("crew", "repair", job.id, "restore", {"photos": [photo("after", "d")]})
    world.wait(days=2)
    assert await zeros(world, "manager") == {}  # kept, and put right in time


async def test_nobody_in_the_station_counts_a_finding_and_one_that_was_rejected_counts_nowhere(
    world: World,
) -> None:
    id_, _ = await world.record("inspector", "finding", finding(world))
    assert await zeros(world, "supervisor") == {"Z6": (1, 0)}
    for name in ("manager", "crew", "stranger"):
        assert await zeros(world, name) == {}
    assert await zeros(world, "supervisor", since="2026-11-25", until="2026-11-27") == {"Z6": (0, 1)}
    await world.act("supervisor", "finding", id_, "reject", {"reason": "no"})
    assert await zeros(world, "supervisor") == {}


async def test_equipment_is_unseen_until_a_record_of_it_stands(world: World) -> None:
    station = world.ids["station"]
    assert await unseen(world, "manager", "2026-10-01") == {station: (1, 1)}
    assert await unseen(world, "stranger", "2026-10-01") == {}
    await world.record("inspector", "infrared", infrared(world, 41, practice=True))
    assert await unseen(world, "manager", "2026-10-01") == {station: (1, 1)}
    first, _ = await world.record("inspector", "infrared", infrared(world, 41))
    world.wait(days=3)
    second, _ = await world.record("inspector", "infrared", infrared(world, 42))
    assert await unseen(world, "manager", "2026-11-26") == {station: (1, 0)}
    await world.act("supervisor", "infrared", second, "return", {"reason": "again"})
    assert await unseen(world, "manager", "2026-11-26") == {station: (1, 1)}
    assert await unseen(world, "manager", "2026-11-24") == {station: (1, 0)}
    put = {"op": "put", "kind": "equipment", "id": world.ids["clamp"], "data": {"area_name": "东"}, "base": 1}
    assert (await world.push("manager", put))[0]["status"] in ("applied", "merged")
    assert await unseen(world, "manager", "2026-11-24") == {station: (1, 0)}
    await world.act("supervisor", "infrared", first, "reject", {"reason": "no"})
    assert await unseen(world, "manager", "2026-10-01") == {station: (1, 1)}


async def test_the_map_shows_records_at_their_thing_else_at_their_photo(world: World) -> None:
    put = {
        "op": "put",
        "kind": "equipment",
        "id": world.ids["clamp"],
        "data": {"lat": 36.6, "lon": 114.5},
        "base": 1,
    }
    await world.push("manager", put)
    await world.record("inspector", "infrared", infrared(world, 115))
    await world.record("inspector", "finding", finding(world))
    placed = photo("evidence", "c") | {"lat": 36.7, "lon": 114.6}
    await world.record("inspector", "finding", finding(world, photos=[placed]))

    async def cells(name: str, box: str = "", zoom: int = 12, **asked: Any) -> list[query.Cell]:
        async with world.db.read() as conn:
            return await query.cells(conn, world.caller(name), Asked(**asked), box, zoom)

    (things, alone) = await cells("supervisor")
    assert (things.n, things.lat, things.lon, things.thing) == (
        3,
        pytest.approx(36.6),
        pytest.approx(114.5),
        world.ids["clamp"],
    )
    assert (alone.n, alone.lat, alone.lon, alone.thing) == (1, pytest.approx(36.7), pytest.approx(114.6), "")
    assert [cell.n for cell in await cells("manager")] == [3]
    there = {"op": "put", "kind": "equipment", "id": world.ids["clamp"], "data": {"lat": 36.61}, "base": 2}
    assert (await world.push("manager", there))[0]["status"] in ("applied", "merged")
    assert [cell.lat for cell in await cells("manager")] == [pytest.approx(36.61)]  # they go with their thing
    assert [cell.n for cell in await cells("manager", kind="defect")] == [1]
    assert await cells("stranger") == []
    assert [cell.n for cell in await cells("supervisor", "114.55,36.5,115,37")] == [1]
    assert [cell.n for cell in await cells("supervisor", zoom=3)] == [4]
    for box in ("x", "1,2,3", "3,1,2,2", "1,2,3,nan", "0,0,999,1"):
        with pytest.raises(Wrong):
            await cells("supervisor", box)


async def test_what_cannot_be_meant_is_refused(world: World) -> None:
    for wrong in ({"zero": "Z8"}, {"unseen": "2026-10-01"}, {"kind": "equipment", "unseen": "x"}):
        with pytest.raises(Wrong):
            page_statement(Asked(**wrong), world.caller("manager"), "", 10, postgres=False)
    for days in ({"since": "x"}, {"until": ""}, {"since": "2026-12-01"}):
        with pytest.raises(Wrong):
            query.zeros_statement(world.caller("manager"), **(DAYS | days), now="")
    for kind, since in (("repair", "2026-11-01"), ("equipment", "")):
        with pytest.raises(Wrong):
            query.coverage_statement(world.caller("manager"), kind, since)


def many(world: World, count: int) -> list[dict[str, Any]]:
    """Work and register of both stations; one of ten counts."""
    units = [world.ids["station"], world.ids["elsewhere"]]
    common = {"org": world.org, "person": "", "title": "", "title_en": "", "words": "", "grade": 0}
    at = [stamp(NOW - timedelta(minutes=i)) for i in range(count)]
    work = [
        common
        | {
            "id": f"w{i:08}",
            "shelf": "work",
            "scope": f"u:{units[i % 2]}",
            "unit": units[i % 2],
            "kind": "repair",
        }
        | {"state": "new", "subject": f"e{i % 500:08}", "at": at[i], "changed": at[i]}
        | {"zero": "Z6", "counts_at": "" if i % 10 else at[i], "lat": None, "lon": None}
        for i in range(count)
    ]
    register = [
        common
        | {"id": f"e{i:08}", "shelf": "register", "scope": f"u:{units[i % 2]}", "unit": units[i % 2]}
        | {"kind": "equipment", "state": "live", "subject": f"e{i:08}", "at": at[i], "changed": at[i]}
        | {"zero": "", "counts_at": "", "lat": 36.0 + i / 1000, "lon": 114.0}
        for i in range(500)
    ]
    return work + register


async def test_boards_are_read_by_an_index(world: World) -> None:
    async with world.db.write() as conn:
        await keep.put(conn, many(world, 6000))
    async with world.db.write() as conn:
        await conn.execute(sa.text("ANALYZE" if world.db.sqlite else "ANALYZE listing"))
    reader, postgres = world.caller("supervisor"), not world.db.sqlite
    for index, statement in (
        ("listing_counts", query.zeros_statement(reader, "2026-11-24", "2026-11-24", stamp(NOW))),
        ("listing_", query.coverage_statement(reader, "equipment", "2026-10-01")),
        (
            "listing_counts",
            page_statement(Asked(zero="Z6", now=stamp(NOW), **DAYS), reader, "", 100, postgres=postgres),
        ),
        ("listing", query.map_statement(Asked(kind="repair"), reader, "", 12, postgres=postgres)),
    ):
        plan = await planned(world, *statement)
        assert index in plan, plan
        assert "SCAN listing" not in plan, plan
    if world.db.sqlite:
        plan = await planned(world, *query.coverage_statement(reader, "equipment", "2026-10-01"))
        assert "COVERING INDEX listing_seen" in plan, plan


async def test_records_of_before_stand_on_the_boards_after_the_upgrade(world: World) -> None:
    await world.record("inspector", "infrared", infrared(world, 115))
    await world.record(
        "inspector", "finding", finding(world, photos=[photo("evidence", "c") | {"lat": 36.7, "lon": 114.6}])
    )
    async with world.db.write() as conn:
        ordered = sa.select(listing).order_by(listing.c.id)
        before = [tuple(row) for row in await conn.execute(ordered)]
        await conn.execute(listing.update().values(zero="", counts_at="", seen="", lat=None, lon=None))
        migration = importlib.import_module(
            "backend.migrations.versions.2026_11_26_0062_zeros_coverage_and_places"
        )
        await conn.run_sync(migration._backfill)
        assert [tuple(row) for row in await conn.execute(ordered)] == before
    assert any(row[-8] for row in before)  # zero
