"""The answers to a checklist item's sheet are checked again by the server, by the version they were given to."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from backend import catalogue
from backend.sheets import Sheet
from tests.integration.features.conftest import World
from tests.integration.features.test_chains import finding

LATE = {
    "reported_at": "2026-11-24T10:00:00+08:00",
    "arrived_at": "2026-11-24T11:15:00+08:00",
    "cause": "road",
    "told": False,
}


def filled(id_: str, answers: dict[str, Any], version: int = 1) -> dict[str, Any]:
    return {"id": id_, "version": version, "answers": answers}


async def submitted(world: World, item: str, sheet: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return await world.record("inspector", "finding", finding(world, item=item, sheet=sheet))


def said(result: dict[str, Any]) -> list[tuple[str, str]]:
    assert result["code"] == "invalid", result
    return [(issue["path"], issue["code"]) for issue in result["issues"]]


async def test_what_the_answers_come_to_stands_beside_the_record(world: World) -> None:
    id_, done = await submitted(world, "QX-01", filled("arrival", LATE))
    assert done["status"] == "applied"
    row = await world.row(id_)
    assert row.facts["calculated"] == {"took_min": 75}
    assert row.body["sheet"]["answers"] == LATE
    amended = filled("arrival", {**LATE, "arrived_at": "2026-11-24T11:30:00+08:00"})
    change = {"reason": "看错了", "changes": {"sheet": amended}}
    assert (await world.act("inspector", "finding", id_, "amend", change))["status"] == "applied"
    assert (await world.row(id_)).facts["calculated"] == {"took_min": 90}


async def test_what_the_phone_should_have_said_the_server_says(world: World) -> None:
    _, early = await submitted(
        world, "QX-01", filled("arrival", {**LATE, "arrived_at": "2026-11-24T09:00:00+08:00"})
    )
    assert said(early) == [("sheet.answers.arrived_at", "limit")]
    _, other = await submitted(world, "QX-01", filled("arrival", {**LATE, "cause": "other"}))
    assert said(other) == [("sheet.answers.cause_text", "missing")]
    _, unasked = await submitted(world, "QX-01", filled("arrival", {**LATE, "took_min": 1, "x": 1}))
    assert said(unasked) == [
        ("sheet.answers.x", "unknown_field"),
        ("sheet.answers.took_min", "not_asked"),
    ]
    rows = [{"place": "door", "there": True}]
    _, row = await submitted(world, "JL-04", filled("seals", {"seals": rows}))
    assert said(row) == [
        ("sheet.answers.seals[0].number", "missing"),
        ("sheet.answers.seals[0].in_system", "missing"),
    ]
    for sheet in (filled("arrival", LATE, version=9), filled("nothing", LATE)):
        assert said((await submitted(world, "QX-01", sheet))[1]) == [("sheet", "unknown")]
    assert said((await submitted(world, "JL-04", filled("arrival", LATE)))[1]) == [("sheet", "other_item")]


@pytest.mark.parametrize(
    "answers",
    [{"a": None}, {"a": {}}, {"a": [1]}, {"a": [{"b": []}]}, {"a": "x" * 501}, {"a": [{}] * 31}],
)
async def test_answers_of_no_known_shape_are_refused_in_a_draft_too(
    world: World, answers: dict[str, Any]
) -> None:
    body = finding(world, sheet=filled("arrival", answers))
    put = {"op": "put", "kind": "finding", "id": world.ids["box"][:-4] + "ffff", "data": body}
    [refused] = await world.push("inspector", put)
    assert refused["code"] == "invalid"


async def test_a_device_is_of_the_register_the_unit_and_the_chosen_line(world: World) -> None:
    answers = {"line": "城中线", "due": 4, "tested": 3, "missed": [{"device": world.ids["clamp"]}]}
    id_, done = await submitted(world, "YJ-01", filled("coverage", answers))
    assert (done["status"], (await world.row(id_)).facts["calculated"]) == ("applied", {"share": 75})
    at = "sheet.answers.missed[0].device"
    other_line = filled("coverage", {**answers, "line": "城南线"})
    assert said((await submitted(world, "YJ-01", other_line))[1]) == [(at, "elsewhere")]
    nothing = filled("coverage", {**answers, "missed": [{"device": world.ids["box"]}]})
    assert said((await submitted(world, "YJ-01", nothing))[1]) == [(at, "unknown")]
    body = finding(world, item="YJ-01", sheet=filled("coverage", answers), unit=world.ids["elsewhere"])
    _, elsewhere = await world.record("inspector", "finding", {**body, "person": None})
    assert said(elsewhere) == [(at, "elsewhere")]


async def test_a_record_is_judged_by_the_version_that_it_was_begun_with(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    edition = catalogue.edition("2026.11")
    first = edition.sheet("stock", 1)
    assert first is not None
    stricter = msgspec.structs.replace(
        first,
        version=2,
        questions=(*first.questions, msgspec.structs.replace(first.questions[0], name="third")),
    )
    both: tuple[Sheet, ...] = (*edition.sheets, stricter)
    newer = msgspec.structs.replace(edition, sheets=both)
    monkeypatch.setattr(catalogue, "edition", lambda version: newer)
    answers = {"booked": 10, "found": 10}
    assert (await submitted(world, "JL-07", filled("stock", answers)))[1]["status"] == "applied"
    _, refused = await submitted(world, "JL-07", filled("stock", answers, version=2))
    assert said(refused) == [("sheet.answers.third", "missing")]


async def test_a_finding_of_an_app_that_knows_no_sheets_is_taken(world: World) -> None:
    _, done = await world.record("inspector", "finding", finding(world))
    assert done["status"] == "applied"
