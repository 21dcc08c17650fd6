"""Remarks and their answers, decisions taken back, second looks and bulk acceptance, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from backend.app import KINDS
from backend.feature import reactions
from backend.features import FEATURES
from backend.features.review import as_set
from backend.features.review.rules import drawn, opened_at, sample_size
from backend.lists import keep
from sync.push import Engine
from tests.integration.features.conftest import World, photo
from tests.integration.features.test_chains import finding, infrared

ON_THE_CLAMP = {"photo": "a" * 64, "region": {"x": 0.25, "y": 0.3, "w": 0.2, "h": 0.2}, "text": "没有对准"}
AMBIENT = {"field": "ambient_c", "text": "请核对"}


@pytest.fixture
def strict(world: World) -> World:
    """Every acceptance is looked at twice; half of a bulk is looked at before."""
    features = (*FEATURES, as_set(100, 50))
    world.engine = Engine(kinds=KINDS, reactions=reactions(features), on_write=keep.on_write)
    return world


def issues(refused: dict[str, Any]) -> list[tuple[str, str]]:
    assert refused["status"] == "rejected", refused
    assert refused["code"] == "invalid", refused
    return [(one["path"], one["code"]) for one in refused["issues"]]


async def sent_back(world: World, *remarks: dict[str, Any]) -> str:
    id_, _ = await world.record("inspector", "infrared", infrared(world))
    said = {"reason": "见标注", "remarks": list(remarks)}
    assert (await world.act("supervisor", "infrared", id_, "return", said))["status"] == "applied"
    return id_


async def test_remarks_and_answers_stand_in_the_history_of_the_record(world: World) -> None:
    id_ = await sent_back(world, ON_THE_CLAMP, AMBIENT)
    assert (await world.act("inspector", "infrared", id_, "open"))["status"] == "applied"
    answers = {"answers": [{"remark": 1, "text": "改为 28 度"}, {"remark": 0}]}
    assert (await world.act("inspector", "infrared", id_, "submit", answers))["status"] == "applied"
    log = (await world.row(id_)).log
    assert [entry.type for entry in log] == ["submit", "return", "open", "submit"]
    assert log[1].data["remarks"] == [ON_THE_CLAMP, AMBIENT]
    assert log[3].data == answers
    assert opened_at(log) == log[2].received_at
    assert (await world.sees("supervisor"))[id_]["log"][3]["data"] == answers


async def test_a_remark_without_a_place_of_the_record_is_refused(world: World) -> None:
    id_, _ = await world.record("inspector", "infrared", infrared(world))
    region = {"x": 0.9, "y": 0.1, "w": 0.2, "h": 0.1}
    for remark, wrong in (
        ({"text": "x"}, ("remarks[0]", "one_place")),
        ({"text": "x", "field": "points", "photo": "a" * 64}, ("remarks[0]", "one_place")),
        ({"text": "x", "field": "fact"}, ("remarks[0].field", "unknown")),
        ({"text": "x", "photo": "9" * 64}, ("remarks[0].photo", "unknown")),
        ({"text": "x", "photo": "a" * 64, "region": region}, ("remarks[0].region", "range")),
        ({"text": "x", "field": "points", "region": region}, ("remarks[0].region", "range")),
        ({"text": "", "field": "points"}, ("remarks[0].text", "length")),
        ({"text": "x", "field": "points", "where": 1}, ("remarks[0].where", "unknown_field")),
    ):
        refused = await world.act(
            "supervisor", "infrared", id_, "return", {"reason": "x", "remarks": [remark]}
        )
        assert wrong in issues(refused), remark
    assert (await world.row(id_)).state == "submitted"


async def test_an_answer_is_to_a_remark_of_the_last_return(world: World) -> None:
    id_ = await sent_back(world, AMBIENT)
    for answers, wrong in (
        ([{"remark": 1}], ("answers[0].remark", "unknown")),
        ([{"remark": 0}, {"remark": 0, "text": "x"}], ("answers[1].remark", "duplicate")),
        ([{"remark": -1}], ("answers[0].remark", "range")),
    ):
        refused = await world.act("inspector", "infrared", id_, "submit", {"answers": answers})
        assert issues(refused) == [wrong]
    # An app that knows of no remarks sends the record in without answers.
    assert (await world.act("inspector", "infrared", id_, "submit"))["status"] == "applied"


async def test_a_repair_is_returned_with_remarks_on_its_steps_and_photos(world: World) -> None:
    id_, _ = await world.record("inspector", "infrared", infrared(world))
    job = (await world.row((await world.row(id_)).facts["defect"])).facts["repair"]
    for event, data in (
        ("receive", {}),
        ("arrive", {}),
        ("locate", {"cause": "松动"}),
        ("repair", {"measure": "紧固"}),
        ("restore", {"photos": [photo("after", "e")]}),
    ):
        assert (await world.act("crew", "repair", job, event, data))["status"] == "applied", event
    remarks = [{"photo": "e" * 64, "text": "看不到接头"}, {"field": "measure", "text": "写明力矩"}]
    said = {"reason": "见标注", "remarks": remarks}
    assert (await world.act("supervisor", "repair", job, "return", said))["status"] == "applied"
    again = {"photos": [photo("after", "f")], "answers": [{"remark": 0}, {"remark": 1, "text": "40 牛米"}]}
    assert (await world.act("crew", "repair", job, "restore", again))["status"] == "applied"
    assert (await world.act("supervisor", "repair", job, "accept"))["status"] == "applied"
    reopened = await world.act("supervisor2", "repair", job, "reopen", {"reason": "照片不是这台"})
    assert reopened["status"] == "applied"
    assert (await world.row(job)).state == "restored"


async def test_nobody_decides_his_own_record_in_whatever_way(world: World) -> None:
    id_, _ = await world.record("inspector", "infrared", infrared(world))
    caller = world.caller

    def both(name: str) -> Any:
        found = caller(name)
        if name != "inspector":
            return found
        return type(found)(
            org=found.org,
            person=found.person,
            name=name,
            roles=found.roles | {"supervisor"},
            scopes=found.scopes,
        )

    world.caller = both  # type: ignore[method-assign]
    for event, data in (("accept", {}), ("return", {"reason": "x"}), ("reject", {"reason": "x"})):
        assert (await world.act("inspector", "infrared", id_, event, data))[
            "code"
        ] == "second_person_needed", event
    assert (await world.act("supervisor", "infrared", id_, "accept"))["status"] == "applied"
    reopened = await world.act("inspector", "infrared", id_, "reopen", {"reason": "x"})
    assert reopened["code"] == "second_person_needed"


async def test_a_decision_is_taken_back_by_a_new_event_with_a_reason(world: World) -> None:
    id_, _ = await world.record("inspector", "infrared", infrared(world, hot=112.0))
    defect = (await world.row(id_)).facts["defect"]
    await world.act("supervisor", "infrared", id_, "reject", {"reason": "重复"})
    assert (await world.row(defect)).state == "void"
    assert (await world.act("supervisor", "infrared", id_, "reopen", {"reason": ""}))["code"] == "invalid"
    back = await world.act("supervisor", "infrared", id_, "reopen", {"reason": "看错了一条"})
    assert back["status"] == "applied"
    row = await world.row(id_)
    assert row.state == "submitted"
    assert [entry.type for entry in row.log] == ["submit", "reject", "reopen"]
    assert row.facts["defect"] != defect
    assert (await world.row(row.facts["defect"])).state == "open"
    assert (await world.act("inspector", "infrared", id_, "reopen", {"reason": "x"}))["code"] == "forbidden"


async def test_an_accepted_finding_is_taken_back_until_its_points_are_in_the_ledger(world: World) -> None:
    id_, _ = await world.record("inspector", "finding", finding(world))
    await world.act("supervisor", "finding", id_, "accept")
    first = (await world.row(id_)).facts["violation"]
    assert (await world.act("supervisor", "finding", id_, "reopen", {"reason": "证据不足"}))[
        "status"
    ] == "applied"
    assert (await world.row(first)).state == "dismissed"
    await world.act("supervisor", "finding", id_, "accept")
    second = (await world.row(id_)).facts["violation"]
    assert second != first
    assert (await world.act("supervisor2", "violation", second, "confirm"))["status"] == "applied"
    late = await world.act("supervisor", "finding", id_, "reopen", {"reason": "证据不足"})
    assert late["code"] == "points_entered"
    assert (await world.row(id_)).state == "accepted"


async def test_a_drawn_acceptance_is_looked_at_by_another_supervisor(strict: World) -> None:
    world = strict
    id_, _ = await world.record("inspector", "infrared", infrared(world))
    await world.act("supervisor", "infrared", id_, "accept")
    assert (await world.row(id_)).facts["second"] == {"state": "wanted"}
    said = {"agrees": False}
    assert (await world.act("supervisor", "infrared", id_, "second", said))["code"] == "second_person_needed"
    assert issues(await world.act("supervisor2", "infrared", id_, "second", said)) == [("reason", "missing")]
    said = {"agrees": False, "reason": "热像没有对准"}
    assert (await world.act("supervisor2", "infrared", id_, "second", said))["status"] == "applied"
    second = (await world.row(id_)).facts["second"]
    assert (second["state"], second["by"]) == ("differs", world.ids["supervisor2"])
    again = await world.act("supervisor2", "infrared", id_, "second", {"agrees": True})
    assert again["code"] == "bad_transition"
    assert (await world.act("supervisor", "infrared", id_, "reopen", {"reason": "同意复核"}))[
        "status"
    ] == "applied"
    assert (await world.row(id_)).facts["second"] is None


async def test_a_bulk_is_accepted_only_after_its_sample(strict: World) -> None:
    world = strict
    ids = [
        (await world.record("inspector", "infrared", infrared(world, hot=50.0, load_a=150)))[0]
        for _ in range(4)
    ]
    grave, _ = await world.record("inspector", "infrared", infrared(world, hot=112.0))
    bulk = {"bulk": {"records": 4, "sample": ids[:2]}}
    assert (await world.act("supervisor", "infrared", ids[0], "accept"))["status"] == "applied"
    early = await world.act("supervisor", "infrared", ids[2], "accept", bulk)
    assert (early["code"], early["facts"]) == ("sample_needed", {"seen": 1, "needed": 2})
    assert (await world.act("supervisor", "infrared", ids[1], "accept"))["status"] == "applied"
    assert (await world.act("supervisor2", "infrared", ids[2], "accept", bulk))["code"] == "sample_needed"
    assert (await world.act("supervisor", "infrared", ids[2], "accept", bulk))["status"] == "applied"
    chained = {"bulk": {"records": 4, "sample": [ids[0], ids[2]]}}
    assert (await world.act("supervisor", "infrared", ids[3], "accept", chained))["code"] == "sample_needed"
    assert (await world.act("supervisor", "infrared", ids[3], "accept", bulk))["status"] == "applied"
    assert (await world.act("supervisor", "infrared", grave, "accept", bulk))["code"] == "one_by_one"
    assert (await world.row(ids[3])).log[-1].data == bulk


def test_the_draw_takes_the_share_that_the_company_set() -> None:
    events = [f"event-{n}" for n in range(10_000)]
    assert not any(drawn(event, 0) for event in events)
    assert all(drawn(event, 100) for event in events)
    assert 400 < sum(drawn(event, 5) for event in events) < 600
    assert [sample_size(n, 10) for n in (1, 9, 10, 11, 200)] == [1, 1, 1, 2, 20]
