"""The desk's list: only what one may see, in order, whole, and by an index however long it grows."""

import importlib
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from backend.clock import new_id
from backend.lists import keep, query
from backend.lists.names import names
from backend.lists.query import Asked, Line, Wrong
from backend.lists.tables import listing
from sync.tables import stamp

from .conftest import NOW, World
from .test_chains import finding, infrared

SORTS = ("at", "-at", "changed", "-changed", "grade", "-grade")


async def lines(world: World, name: str, limit: int = 100, **asked: Any) -> list[Line]:
    """All pages of the list as the person gets it."""
    wanted, found, after = Asked(**asked), list[Line](), ""
    async with world.db.read() as conn:
        while True:
            page, following = await query.page(conn, world.caller(name), wanted, after, limit)
            found += page
            if following is None:
                break
            after = following
        total, marks = await query.marks(conn, world.caller(name), wanted)
    assert total == len(found)
    assert [mark.n for mark in marks] == list(range(query.STEP, total, query.STEP))
    assert [mark.after for mark in marks] == [query.key_after(wanted, found[mark.n - 1]) for mark in marks]
    return found


async def kinds(world: World, name: str, **asked: Any) -> list[str]:
    return sorted(line.kind for line in await lines(world, name, **asked))


async def test_a_list_holds_what_its_reader_may_see_and_follows_each_change(world: World) -> None:
    draft = {
        "op": "put",
        "kind": "infrared",
        "id": new_id(world.now),
        "data": infrared(world, 115, note="Joint of phase A"),
    }
    await world.push("inspector", draft)
    assert await kinds(world, "inspector") == []
    id_, _ = await world.record("inspector", "infrared", infrared(world, 115, note="Joint of phase A"))
    await world.record("inspector", "finding", finding(world))
    assert await kinds(world, "supervisor") == ["defect", "finding", "infrared", "repair"]
    for name in ("crew", "manager"):  # the finding is control's
        assert await kinds(world, name) == ["defect", "infrared", "repair"]
    assert await kinds(world, "stranger") == []
    assert await kinds(world, "manager", kind="equipment,meter_box") == ["equipment", "meter_box"]
    (line,) = await lines(world, "manager", kind="infrared")
    assert (line.id, line.state, line.person) == (id_, "submitted", world.ids["inspector"])
    await world.act("supervisor", "infrared", id_, "return", {"reason": "again"})
    assert await kinds(world, "manager", kind="infrared") == []
    assert [one.state for one in await lines(world, "inspector", kind="infrared")] == ["returned"]
    async with world.db.read() as conn:
        called = await names(conn, world.caller("manager"), [line])
        foreign = await names(conn, world.caller("stranger"), [line])
    assert called[world.ids["clamp"]].zh == "10kV 城中线 3# 隔离开关"
    assert called[world.ids["clamp"]].code == "CG-0001"
    assert world.ids["clamp"] not in foreign


async def test_each_filter_leaves_what_it_says(world: World) -> None:
    await world.record("inspector", "infrared", infrared(world, 115, note="Joint of phase A"))
    world.wait(days=1)
    await world.record("inspector", "infrared", infrared(world, 41, note="Joint of phase A"))
    await world.record("inspector", "finding", finding(world))
    worst = await lines(world, "supervisor", kind="infrared", sort="-grade")
    assert [line.grade for line in worst] == sorted((line.grade for line in worst), reverse=True)
    assert worst[0].grade > worst[1].grade
    grade = ("", "normal", "general", "serious", "critical")[worst[0].grade]
    assert [line.id for line in await lines(world, "supervisor", kind="infrared", grade=grade)] == [
        worst[0].id
    ]
    assert await kinds(world, "supervisor", q="隔离开关 phase", kind="infrared") == ["infrared"] * 2
    assert await kinds(world, "supervisor", q="57 分钟") == ["finding"]
    assert await kinds(world, "manager", q="57 分钟") == []
    assert await kinds(world, "supervisor", q="100%_") == []
    assert await kinds(world, "supervisor", thing=world.ids["clamp"], kind="infrared") == ["infrared"] * 2
    assert await kinds(world, "supervisor", person=world.ids["inspector"], status="submitted") == [
        "finding",
        "infrared",
        "infrared",
    ]
    assert await kinds(world, "supervisor", unit=world.ids["elsewhere"]) == []
    assert await kinds(world, "supervisor", kind="infrared", until="2026-11-24") == ["infrared"]
    assert await kinds(world, "supervisor", kind="infrared", since="2026-11-25") == ["infrared"]
    for wrong in (
        {"kind": "unit"},
        {"kind": "equipment,repair"},
        {"grade": "x"},
        {"since": "1.1."},
        {"sort": "--at"},
    ):
        with pytest.raises(Wrong):
            await lines(world, "supervisor", **wrong)
    async with world.db.read() as conn:
        for after in ("x", "W10", "WzEsMl0", "é"):
            with pytest.raises(Wrong):
                await query.page(conn, world.caller("supervisor"), Asked(), after, 10)


def many(world: World, count: int) -> Iterable[dict[str, Any]]:
    """Rows of every grade in the scopes that a supervisor reads."""
    scopes = ["control", *(f"u:{world.ids[unit]}" for unit in ("station", "elsewhere"))]
    for i in range(count):
        at = stamp(NOW + timedelta(minutes=i // 3))  # several at one moment
        yield {
            "org": world.org,
            "id": f"{i * 7919 % count:032}",
            "shelf": "work",
            "scope": scopes[i % 3],
            "kind": ("infrared", "hazard", "repair")[i % 5 % 3],
            "state": "submitted" if i % 7 else "accepted",
            "grade": i % 5,
            "unit": world.ids["station"],
            "person": world.ids["inspector" if i % 50 else "manager"],
            "subject": world.ids["clamp" if i % 40 else "box"],
            "at": at,
            "changed": at,
            "title": "",
            "title_en": "",
            "words": f"number {i}",
        }


async def test_pages_of_every_order_hold_each_row_once_and_are_read_by_an_index(world: World) -> None:
    rows = list(many(world, 6000))
    async with world.db.write() as conn:
        await keep.put(conn, rows)
    async with world.db.write() as conn:
        await conn.execute(sa.text("ANALYZE"))
    for sort in SORTS:
        found = await lines(world, "supervisor", limit=500, sort=sort)
        keys = [(line.grade,) * ("grade" in sort) + (line.at, line.id) for line in found]
        assert keys == sorted(keys, reverse=sort.startswith("-"))
        assert {line.id for line in found} == {row["id"] for row in rows}
    after = query.key_after(Asked(), found[3000])
    for index, asked in (
        ("listing_at", Asked()),
        ("listing_changed", Asked(sort="changed")),
        ("listing_grade", Asked(sort="-grade")),
        ("listing_kind", Asked(kind="hazard", status="accepted")),
        ("listing_person", Asked(person=world.ids["manager"])),
        ("listing_subject", Asked(thing=world.ids["box"])),
    ):
        place = query.key_after(asked, found[3000]) if asked.sort != "-at" else after
        plan = await planned(
            world,
            *query.page_statement(
                asked, world.caller("supervisor"), place, 100, postgres=not world.db.sqlite
            ),
        )
        assert index in plan, (asked, plan)
        assert "Seq Scan" not in plan, plan
        assert "SCAN listing" not in plan, plan


async def planned(world: World, statement: str, values: dict[str, Any]) -> str:
    """The database's plan in its own words."""
    async with world.db.read() as conn:
        explain = "EXPLAIN QUERY PLAN " if world.db.sqlite else "EXPLAIN "
        found = await conn.execute(sa.text(explain + statement), values)
        return "\n".join(str(row[-1]) for row in found)


SAID = (
    "触头发热，相温差 12℃",
    '箱门 "变形" 100%_ok',
    "封印缺失",
    "a\\b 锈",
    "jx-004711",
    "zürich ﬂ 𠮷野",
)


async def test_words_of_any_length_are_found_where_they_stand_and_nowhere_else(world: World) -> None:
    """The index must say exactly what reading every row through would say, after changes too."""
    mine, theirs = (f"u:{world.ids[unit]}" for unit in ("station", "elsewhere"))
    rows = [
        row | {"scope": mine if i % 2 else theirs, "words": SAID[i % len(SAID)], "subject": ""}
        for i, row in enumerate(many(world, 60))
    ]
    thing = rows[0] | {"id": "thing", "shelf": "register", "kind": "equipment", "scope": mine}
    thing |= {"subject": "thing", "words": "城中线 隔离开关"}
    hidden = thing | {"id": "hidden", "scope": theirs, "subject": "hidden", "words": "城东线 隔离开关"}
    rows[1]["subject"], rows[3]["subject"] = "thing", "hidden"
    async with world.db.write() as conn:
        await keep.put(conn, [*rows, thing, hidden])
    for row, words in ((rows[5], "改写之后"), (rows[7], rows[7]["words"]), (thing, "城中线 开关柜")):
        row["words"] = words
        async with world.db.write() as conn:
            await keep.put(conn, [row])
    gone = rows.pop(9)
    async with world.db.write() as conn:
        await conn.execute(listing.delete().where(listing.c.id == gone["id"]))
    texts = [*SAID, "改写之后", "城中线 开关柜", "城东线 隔离开关", "没有这样的词"]
    parts = {text[i : i + n] for text in texts for n in (1, 2, 3, 4, 6) for i in range(len(text))}
    asked = {part for part in parts if part.split() == [part]} | {"发热 12", "城中线 封", "热 锈", "a b"}
    for name in ("manager", "supervisor"):
        scopes = world.caller(name).scopes
        seen = [row for row in rows if row["scope"] in scopes]
        about = {one["id"]: one["words"] for one in (thing, hidden) if one["scope"] in scopes}
        for q in sorted(asked):
            expected = {
                row["id"]
                for row in seen
                if all(w in row["words"] or w in about.get(row["subject"], "") for w in q.lower().split())
            }
            assert {line.id for line in await lines(world, name, limit=500, q=q)} == expected, q
            async with world.db.read() as conn:
                assert (await query.marks(conn, world.caller(name), Asked(q=q)))[0] == len(expected), q


async def test_words_are_found_by_their_index(world: World) -> None:
    async with world.db.write() as conn:
        await keep.put(conn, list(many(world, 6000)))
    async with world.db.write() as conn:
        await conn.execute(sa.text("ANALYZE"))
    postgres = not world.db.sqlite
    for q in ("99", "5999", "9 5999"):
        for statement in (
            query.page_statement(Asked(q=q), world.caller("supervisor"), "", 100, postgres=postgres),
            query.marks_statement(Asked(q=q), world.caller("supervisor"), postgres=postgres),
        ):
            plan = await planned(world, *statement)
            assert "listing_words" in plan or "listing_letters" in plan, plan
            assert "SCAN listing\n" not in f"{plan}\n", plan


async def test_records_of_before_the_list_are_in_it_after_the_upgrade(world: World) -> None:
    await world.record("inspector", "infrared", infrared(world, 115, note="Joint of phase A"))
    await world.record("inspector", "finding", finding(world))
    async with world.db.write() as conn:
        said = sa.select(*(c for c in listing.columns if c.name != "n")).order_by(listing.c.id)
        before = [tuple(row) for row in await conn.execute(said)]
        await conn.execute(listing.delete())
        migration = importlib.import_module("backend.migrations.versions.2026_11_26_0040_lists")
        await conn.run_sync(migration._backfill)
        later = importlib.import_module(
            "backend.migrations.versions.2026_11_26_0062_zeros_coverage_and_places"
        )
        await conn.run_sync(later._backfill)
        after = [tuple(row) for row in await conn.execute(said)]
    assert len(before) >= 6
    assert after == before
