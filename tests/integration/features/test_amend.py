"""Evidence is corrected in the open: why, what it was and what it is now, on both databases."""

from __future__ import annotations

from typing import Any

from backend import evidence
from tests.integration.features.conftest import World, photo
from tests.integration.features.test_chains import finding, infrared

COOLER = {"points": [{"label": "A相", "temp_c": 68.4}, {"label": "B相", "temp_c": 40.0}]}


async def amend(world: World, who: str, kind: str, id_: str, changes: dict[str, Any]) -> dict[str, Any]:
    return await world.act(who, kind, id_, "amend", {"reason": "读错了一位", "changes": changes})


async def test_an_amended_reading_is_judged_anew_and_keeps_what_it_was(world: World) -> None:
    id_, _ = await world.record("inspector", "infrared", infrared(world, hot=115.0))
    before = await world.row(id_)
    defect = before.facts["defect"]
    assert (await world.row(defect)).body["grade"] == "critical"
    assert (await amend(world, "inspector", "infrared", id_, COOLER))["status"] == "applied"
    after = await world.row(id_)
    assert after.state == "submitted"
    assert after.body["points"] == COOLER["points"]
    assert after.facts["judgement"]["hot"] == {"label": "A相", "c": 68.4}
    assert after.facts["judgement"]["catalogue"] == before.facts["judgement"]["catalogue"]
    entry = after.log[-1]
    assert (entry.type, entry.data["reason"]) == ("amend", "读错了一位")
    assert entry.data["before"]["points"][0]["temp_c"] == 115.0
    assert entry.data["changes"]["points"][0]["temp_c"] == 68.4
    graded = await world.row(defect)
    assert graded.body["grade"] != "critical"
    assert graded.log[-1].type == "regrade"


async def test_a_photo_that_was_evidence_stays_and_others_join_it(world: World) -> None:
    id_, _ = await world.record("inspector", "infrared", infrared(world))
    done = await amend(world, "inspector", "infrared", id_, {"photos": [photo("overall", "e")]})
    assert done["status"] == "applied"
    row = await world.row(id_)
    assert [one["sha256"][0] for one in row.body["photos"]] == ["a", "b", "e"]
    assert "e" * 64 in row.missing


async def test_what_breaks_the_rules_or_says_nothing_amends_nothing(world: World) -> None:
    id_, _ = await world.record("inspector", "infrared", infrared(world))
    row = await world.row(id_)
    for changes in (
        {},
        {"ambient_c": 30.0},
        {"points": [{"label": "A相", "temp_c": 70}]},
        {"unit": world.ids["elsewhere"]},
        {"equipment": world.ids["box"]},
        {"points": None},
    ):
        refused = await amend(world, "inspector", "infrared", id_, changes)
        assert refused["code"] == "invalid", changes
    no_reason = await world.act("inspector", "infrared", id_, "amend", {"reason": "", "changes": COOLER})
    assert no_reason["code"] == "invalid"
    assert await world.row(id_) == row


async def test_only_the_author_amends_before_the_review_and_only_a_supervisor_after_it(world: World) -> None:
    id_, _ = await world.record("inspector", "infrared", infrared(world))
    assert (await amend(world, "supervisor", "infrared", id_, COOLER))["code"] == "forbidden"
    assert (await amend(world, "manager", "infrared", id_, COOLER))["code"] == "forbidden"
    await world.act("supervisor", "infrared", id_, "accept")
    assert (await amend(world, "inspector", "infrared", id_, COOLER))["code"] == "forbidden"
    assert (await amend(world, "supervisor", "infrared", id_, COOLER))["status"] == "applied"
    assert (await world.row(id_)).state == "accepted"


async def test_a_draft_and_a_finding_that_proposes_points_are_not_amended(world: World) -> None:
    id_, _ = await world.record("inspector", "finding", finding(world))
    assert (await amend(world, "inspector", "finding", id_, {"fact": "到达现场 75 分钟"}))[
        "status"
    ] == "applied"
    person = await amend(world, "inspector", "finding", id_, {"person": world.ids["manager"]})
    assert person["code"] == "invalid"
    await world.act("supervisor", "finding", id_, "accept")
    late = await amend(world, "supervisor", "finding", id_, {"fact": "到达现场 57 分钟"})
    assert late["code"] == "bad_transition"
    violation = await world.row((await world.row(id_)).facts["violation"])
    assert violation.body["fact"] == "到达现场 75 分钟"


async def test_a_photo_that_the_supervisor_adds_counts_when_he_sends_it(world: World) -> None:
    id_, _ = await world.record("inspector", "infrared", infrared(world))
    await world.act("supervisor", "infrared", id_, "accept")
    added = await amend(world, "supervisor", "infrared", id_, {"photos": [photo("overall", "e")]})
    assert added["status"] == "applied"
    claims = evidence.photos_of(await world.row(id_))
    supervisor, inspector = world.ids["supervisor"], world.ids["inspector"]
    assert claims["e" * 64].sent_by([supervisor]) == supervisor
    assert claims["a" * 64].sent_by([supervisor]) is None  # listed with the others, not his evidence
    assert claims["a" * 64].sent_by([inspector]) == inspector


async def test_a_step_of_a_repair_is_corrected_beside_what_was_said_at_first(world: World) -> None:
    id_, _ = await world.record("inspector", "infrared", infrared(world))
    job = (await world.row((await world.row(id_)).facts["defect"])).facts["repair"]

    async def crew(event: str, data: dict[str, Any]) -> dict[str, Any]:
        return await world.act("crew", "repair", job, event, data)

    async def mend(step: str, **more: Any) -> dict[str, Any]:
        return await crew("amend", {"reason": "写错了", "step": step, **more})

    await crew("receive", {})
    await crew("arrive", {})
    await crew("locate", {"cause": "接头松动", "photos": [photo("during", "d")]})
    before = await world.row(job)
    for step, said, path in (
        ("locate", {}, "cause"),
        ("locate", {"cause": "接头松动"}, "cause"),
        ("locate", {"photos": [photo("during", "d")]}, "cause"),
        ("locate", {"cause": "过负荷", "measure": "更换"}, "measure"),
        ("arrive", {"note": "到了"}, "note"),
        ("arrive", {}, "photos"),
    ):
        refused = await mend(step, **said)
        assert (refused["code"], [one["path"] for one in refused["issues"]]) == ("invalid", [path]), step
    assert (await mend("repair", measure="更换线夹"))["code"] == "bad_transition"
    assert await world.row(job) == before

    assert (await mend("locate", cause="绝缘损坏"))["status"] == "applied"
    assert (await mend("locate", cause="接头松动", photos=[photo("during", "f")]))["status"] == "applied"
    assert (await mend("arrive", photos=[photo("before", "9")]))["status"] == "applied"
    after = await world.row(job)
    assert after.state == "located"
    assert [one.data["cause"] for one in after.log if one.type == "locate"] == ["接头松动"]
    assert [one.data["step"] for one in after.log if one.type == "amend"] == ["locate", "locate", "arrive"]
    assert {"d" * 64, "f" * 64, "9" * 64} <= set(evidence.photos_of(after))
    for who in ("manager", "inspector"):
        other = await world.act(who, "repair", job, "amend", {"reason": "x", "step": "locate", "cause": "y"})
        assert other["code"] == "forbidden", who
