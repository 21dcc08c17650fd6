"""Editions of rules, checklists and forms on both databases: drafts, the day, and what decisions make of them."""

from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from backend.audit import audit
from backend.dossier.content import Words, content
from backend.dossier.make import own_editions
from backend.dossier.words import Say
from backend.features.editions import service
from backend.features.editions.model import PointsContent
from backend.features.editions.tables import edition
from backend.features.points import trial
from backend.problems import AppError
from backend.schema import METADATA
from tests.integration.features.conftest import World, photo
from tests.integration.features.test_chains import finding, proposed

FORM: dict[str, Any] = {
    "title": {"zh": "杆塔巡视", "en": "Pole patrol"},
    "hint": None,
    "roles": ["manager"],
    "photos": [{"role": "form_1", "text": {"zh": "全景", "en": "Overall"}, "least": 1}],
    "questions": [
        {"name": "height", "type": "number", "required": True, "text": {"zh": "高度", "en": "Height"}},
        {"name": "read", "type": "note", "text": {"zh": "注意带电", "en": "Live parts"}},
        {
            "name": "twice",
            "type": "calculated",
            "value": ["*", "$height", 2],
            "text": {"zh": "两倍", "en": "Twice"},
        },
    ],
    "withdrawn": False,
}


async def save(world: World, part: str, after: int, body: dict[str, Any]) -> int:
    async with world.db.write() as conn:
        return (await service.save(conn, world.caller("admin"), world.now, part, after, body)).n


async def publish(world: World, part: str, after: int, day: date) -> str:
    async with world.db.write() as conn:
        made = await service.publish(conn, world.engine, world.caller("admin"), world.now, part, after, day)
    assert made.version is not None
    return made.version


async def published(world: World, part: str, body: dict[str, Any], days: int = 0) -> str:
    n = await save(world, part, 0, body)
    return await publish(world, part, n, world.now.date() + timedelta(days=days))


async def in_dossier(world: World, id_: str) -> set[str]:
    """What the dossier says of a record: each value, alone and behind its name."""
    row = await world.row(id_)
    async with world.db.read() as conn:
        own = await own_editions(conn, world.org, [row])
    said = content(row, Words(Say("en"), {}, own), "0" * 64).facts
    return {one.value for one in said} | {f"{one.name} {one.value}" for one in said}


async def everything(world: World) -> str:
    """A hash over every row of every table."""
    found = sha256()
    async with world.db.read() as conn:
        for metadata in METADATA:
            for table in metadata.sorted_tables:
                rows = await conn.execute(sa.select(table))
                found.update(repr((table.name, sorted(map(repr, rows)))).encode())
    return found.hexdigest()


async def test_the_later_of_two_editors_is_told_and_nothing_is_ever_changed(world: World) -> None:
    body = service.shipped("points", "2026.11")
    assert await save(world, "points", 0, body) == 1
    with pytest.raises(AppError) as told:
        await save(world, "points", 0, body | {"cap_points": 20})
    assert (told.value.code, told.value.facts["by"], told.value.facts["n"]) == (
        "edited_meanwhile",
        "admin",
        1,
    )
    tomorrow = world.now.date() + timedelta(days=1)
    with pytest.raises(AppError, match="day_in_the_past"):
        await publish(world, "points", 1, world.now.date())
    assert await publish(world, "points", 1, tomorrow) == f"{tomorrow:%Y.%m}.2"
    for change in (edition.update().values(body="{}"), edition.delete()):
        with pytest.raises(DBAPIError):
            async with world.db.write() as conn:
                await conn.execute(change)
    async with world.db.read() as conn:
        said = (await conn.execute(sa.select(audit.c.action, audit.c.subject))).all()
    assert [tuple(row) for row in said] == [("edition.saved", "points"), ("edition.published", "points")]


async def test_a_draft_with_faults_is_kept_and_not_published(world: World) -> None:
    bad = FORM | {"questions": [{**FORM["questions"][0], "when": ["==", "$later", 1]}]}
    n = await save(world, "form.pole", 0, bad)
    with pytest.raises(AppError) as refused:
        await publish(world, "form.pole", n, world.now.date())
    assert refused.value.facts["issues"] == [
        {"path": "questions.height.when", "code": "expression", "detail": "$later"}
    ]


async def test_points_follow_the_edition_of_the_day_of_the_act(world: World) -> None:
    body = service.shipped("points", "2026.11") | {"cap_points": 20, "items": {"QX-01": 12}}
    version = await published(world, "points", body, days=1)
    before = await world.row(await proposed(world))
    assert (before.body["rule"], before.body["proposed_points"]) == ("2026.11", 3)
    world.wait(days=2)
    after = await world.row(await proposed(world))
    assert (after.body["rule"], after.body["base_points"], after.body["proposed_points"]) == (version, 12, 12)
    confirmed = await world.act("supervisor2", "violation", after.id, "confirm")
    assert confirmed["status"] == "applied", confirmed
    assert (await world.row(after.id)).facts["cap"] == 20


async def test_a_rule_is_tried_on_the_past_and_not_one_row_is_written(world: World) -> None:
    for more in ({}, {"complaint": True}, {"self_reported": True}, {"item": "FD-01", "complaint": True}):
        id_ = await proposed(world, **more)
        assert (await world.act("supervisor2", "violation", id_, "confirm"))["status"] == "applied"
    before = await everything(world)
    content = msgspec.convert(
        service.shipped("points", "2026.11") | {"cap_points": 30, "off": ["M4"], "items": {"FD-01": 1}},
        PointsContent,
    )
    async with world.db.snapshot() as conn:
        assert [cycle for cycle, _ in await trial.years(conn, world.org)] == ["2026"]
        year = await trial.year(conn, world.org, "2026")
        found, compared = trial.trial(year, content, world.caller("supervisor"))
        if conn.dialect.name == "postgresql":
            with pytest.raises(DBAPIError, match="read-only"):
                await conn.execute(edition.delete())
    assert await everything(world) == before
    assert (found.decisions, [one.person for one in found.people]) == (4, [world.ids["crew"]])
    assert (found.people[0].was_over, found.people[0].is_over) == (True, False)
    assert [unit.unit for unit in found.units] == [world.ids["station"]]
    changed = trial.of(compared, world.ids["crew"], None)
    assert (changed[0].item, changed[0].before, changed[0].after) == ("FD-01", 12, 2)
    again = trial.trial(
        year, msgspec.convert(service.shipped("points", "2026.11"), PointsContent), world.caller("admin")
    )
    assert (again[0].changed, again[0].people) == (0, ())
    assert trial.trial(year, content, world.caller("stranger"))[0].decisions == 0


async def test_a_finding_is_judged_by_the_checklist_that_it_names(world: World) -> None:
    body = service.shipped("checklist", "2026.11")
    items = [
        {**item, "default_points": 9, "evidence": ["text"], "text": {"zh": "本公司的条款", "en": "Own item"}}
        if item["code"] == "QX-01"
        else item
        for item in body["items"]
        if item["code"] != "QX-02"
    ]
    sheets = [
        {**sheet, "items": [code for code in sheet["items"] if code != "QX-02"]} for sheet in body["sheets"]
    ]
    n = await save(world, "checklist", 0, body | {"items": items, "sheets": sheets})
    with pytest.raises(AppError) as refused:  # what a version of a sheet says stays
        await publish(world, "checklist", n, world.now.date())
    assert {issue["code"] for issue in refused.value.facts["issues"]} == {"version_changed"}
    sheets = [sheet for sheet in body["sheets"] if "QX-02" not in sheet["items"]]
    n = await save(world, "checklist", n, body | {"items": items, "sheets": sheets})
    version = await publish(world, "checklist", n, world.now.date())
    id_, said = await world.record("inspector", "finding", finding(world, catalogue=version, photos=[]))
    assert said["status"] == "applied", said
    assert (await world.row(id_)).facts["points"] == 9
    assert "QX-01 Own item" in await in_dossier(world, id_)
    _, gone = await world.record("inspector", "finding", finding(world, catalogue=version, item="QX-02"))
    assert gone["issues"] == [{"path": "item", "code": "unknown"}]
    _, old = await world.record("inspector", "finding", finding(world, item="QX-02"))
    assert old["status"] == "applied", "an offline phone goes on with the edition that it has"
    _, never = await world.record("inspector", "finding", finding(world, catalogue="2026.11.99"))
    assert never["issues"] == [{"path": "catalogue", "code": "unknown"}]
    shown = [one for one in (await world.sees("crew")).values() if one["kind"] == "edition"]
    assert [one["data"]["version"] for one in shown] == [version]


def filled(world: World, version: str, **more: Any) -> dict[str, Any]:
    return {
        "unit": world.ids["station"],
        "form": "pole",
        "edition": version,
        "title": "杆塔巡视",
        "happened_at": world.now.isoformat(),
        "answers": {"height": 12},
        "photos": [photo("form_1", "a")],
        **more,
    }


async def test_a_form_that_was_published_is_filled_in_reviewed_and_judged_by_its_edition(
    world: World,
) -> None:
    first = await published(world, "form.pole", FORM)
    id_, said = await world.record("manager", "form", filled(world, first))
    assert said["status"] == "applied", said
    row = await world.row(id_)
    assert (row.state, row.facts["calculated"], row.scope) == (
        "submitted",
        {"twice": 24},
        f"u:{row.body['unit']}",
    )
    assert (await world.act("supervisor", "form", id_, "accept"))["status"] == "applied"
    assert {"Height 12", "Twice 24"} <= await in_dossier(world, id_)

    narrower = FORM | {
        "questions": [*FORM["questions"], {**FORM["questions"][0], "name": "width"}],
        "withdrawn": True,
    }
    n = await save(world, "form.pole", 2, narrower)
    second = await publish(world, "form.pole", n, world.now.date())
    assert (await world.record("manager", "form", filled(world, first)))[1]["status"] == "applied"
    _, lacks = await world.record("manager", "form", filled(world, second, photos=[]))
    assert lacks["issues"] == [
        {"path": "answers.width", "code": "missing"},
        {"path": "photos", "code": "form_1_photo_needed"},
    ]
    _, read = await world.record("manager", "form", filled(world, first, answers={"height": 12, "read": "x"}))
    assert read["issues"] == [{"path": "answers.read", "code": "not_asked"}]
    _, unknown = await world.record("manager", "form", filled(world, "2026.11"))
    assert unknown["issues"] == [{"path": "edition", "code": "unknown"}]
    _, not_his = await world.record("inspector", "form", filled(world, first))
    assert not_his["code"] == "forbidden"
