"""Remarks and their answers, decisions taken back, second looks and bulk acceptance, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from backend.app import KINDS
from backend.audit import audit
from backend.clock import new_id
from backend.feature import reactions
from backend.features import FEATURES
from backend.features.review import api, as_set
from backend.features.review.rules import drawn, opened_at, sample_size
from backend.features.review.second_api import SecondLooks, Settling, figures, listed, settle
from backend.features.review.service import release_overdue
from backend.features.review.tables import second_look
from backend.lists import keep
from backend.problems import AppError
from backend.settings import Settings
from sync import where
from sync.caller import Caller, Deputised
from sync.push import Engine
from tests.integration.features.conftest import World, photo
from tests.integration.features.test_chains import finding, infrared

ON_THE_CLAMP = {"photo": "a" * 64, "region": {"x": 0.25, "y": 0.3, "w": 0.2, "h": 0.2}, "text": "没有对准"}
AMBIENT = {"field": "ambient_c", "text": "请核对"}


@pytest.fixture
def strict(world: World) -> World:
    """Every decision is taken twice; half of a bulk is looked at before."""
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


async def test_returns_that_a_reader_may_not_see_crowd_out_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "MOST", 1)
    said = {"reason": "重拍"}
    for kind, body in (("finding", finding(world)), ("infrared", infrared(world))):
        id_, _ = await world.record("inspector", kind, body)
        assert (await world.act("supervisor", kind, id_, "return", said))["status"] == "applied"
        world.now += timedelta(minutes=1)
    whole = world.caller("supervisor")
    own = Caller(
        org=whole.org,
        person=whole.person,
        name=whole.name,
        roles=whole.roles,
        scopes=(f"u:{world.ids['station']}",),
    )
    answer = await api.list_returns.fn(own, world.db, lambda: world.now, Settings())
    assert [one.id for one in answer.returns] == [id_]


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
    id_, _ = await world.record("inspector", "infrared", infrared(world, hot=115.0))
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


async def test_a_drawn_decision_is_unknown_to_everybody_until_a_second_person_has_decided(
    strict: World,
) -> None:
    world = strict
    for first, second, state in (
        (("accept", {}), ("accept", {}), "accepted"),
        (("accept", {}), ("return", {"reason": "热像没有对准"}), "accepted"),
        (("return", {"reason": "铭牌看不清"}), ("reject", {"reason": "重复"}), "returned"),
    ):
        id_, _ = await world.record("inspector", "infrared", infrared(world))
        before, seen = await world.row(id_), await world.sees("supervisor2")
        told = await world.act("supervisor", "infrared", id_, *first)
        assert (told["status"], told["code"], told["rev"]) == ("applied", "kept", before.rev + 1)
        for who in ("supervisor", "supervisor2", "inspector", "auditor"):
            assert (await world.sees(who))[id_] == seen[id_], who
        assert await world.row(id_) == before
        assert await traces(world, id_, "supervisor2") == []
        again = await world.act("supervisor", "infrared", id_, *first)
        assert (again["code"], again["facts"]) == ("second_person_needed", {"role": "reviewer"})

        assert (await world.act("supervisor2", "infrared", id_, *second))["status"] == "applied"
        row = await world.row(id_)
        assert row.state == state
        assert [(entry.type, entry.by) for entry in row.log[-2:]] == [
            (first[0], world.ids["supervisor"]),
            ("second", world.ids["supervisor2"]),
        ]
        agrees = first[0] == second[0]
        assert row.log[-1].data["agrees"] is agrees
        assert row.facts["second"]["state"] == ("agrees" if agrees else "differs")
        assert row.facts["second"]["said"] == second[0]
        (look,) = await looks_of(world, id_)
        assert (look.first_said, look.second_said) == (first[0], second[0])
        assert look.referee == (None if agrees else world.ids["leader"])


async def looks_of(world: World, id_: str) -> list[Any]:
    async with world.db.read() as conn:
        return list(await conn.execute(sa.select(second_look).where(second_look.c.record == id_)))


async def traces(world: World, id_: str, name: str) -> list[Any]:
    """Steps of the record after its submission that the person is told of, in whatever state."""
    async with world.db.read() as conn:
        found = await where.find(conn, KINDS, world.caller(name), id_)
    assert found is not None
    return [step for step in found[0].steps if step.type in ("accept", "return", "reject", "second")]


async def test_what_two_differ_about_goes_to_a_named_person_who_settles_it(strict: World) -> None:
    world = strict
    id_, _ = await world.record("inspector", "infrared", infrared(world))
    await world.act("supervisor", "infrared", id_, "accept", {"note": "清楚"})

    async def told(name: str) -> SecondLooks:
        async with world.db.read() as conn:
            return await listed(conn, world.caller(name))

    assert await told("supervisor") == SecondLooks([id_], [], [])
    for name in ("supervisor2", "leader"):
        assert await told(name) == SecondLooks([], [], []), name
        async with world.db.read() as conn:
            found = await figures(conn, world.caller(name), world.now, 365)
        assert (found.looks, found.reviewers) == (0, []), name
    await world.act("supervisor2", "infrared", id_, "return", {"reason": "热像没有对准"})

    (item,) = (await told("leader")).open
    assert (item.mine, item.referee_name) == (True, "leader")
    assert (item.first_said, item.first_reason) == ("accept", "清楚")
    assert (item.second_said, item.second_reason) == ("return", "热像没有对准")
    (seen,) = (await told("supervisor")).open
    assert seen.mine is False
    assert await told("auditor") == SecondLooks([], [], [])

    async def settled(name: str, said: Settling, look: str = item.id) -> Any:
        async with world.db.write() as conn:
            return await settle(world.engine, conn, world.caller(name), world.now, look, said)

    for name, said, look, code in (
        ("supervisor", Settling("keep"), item.id, "forbidden"),
        ("manager", Settling("keep"), new_id(world.now), "not_found"),
        ("leader", Settling("reopen", "  "), item.id, "invalid"),
    ):
        with pytest.raises(AppError) as refused:
            await settled(name, said, look)
        assert refused.value.code == code
    done = await settled("leader", Settling("reopen", "请重审"))
    assert (done.stands, done.settled_name, done.mine) == ("reopen", "leader", False)
    row = await world.row(id_)
    assert (row.state, row.log[-1].type, row.log[-1].by_name) == ("submitted", "reopen", "leader")
    with pytest.raises(AppError) as refused:
        await settled("leader", Settling("keep"))
    assert refused.value.code == "already_settled"
    assert (await told("leader")).open == []
    assert [one.stands for one in (await told("supervisor2")).done] == ["reopen"]


async def test_a_deputy_settles_in_the_referees_place_while_his_days_last(strict: World) -> None:
    world = strict

    async def differs() -> str:
        id_, _ = await world.record("inspector", "infrared", infrared(world))
        await world.act("supervisor", "infrared", id_, "accept")
        await world.act("supervisor2", "infrared", id_, "return", {"reason": "热像没有对准"})
        return id_

    def deputy(name: str, role: str = "leader") -> Caller:
        known = world.caller(name)
        acting = Deputised(world.ids["leader"], "leader", frozenset({role}))
        return replace(known, roles=known.roles | {role}, deputised=(acting,))

    async def open_for(caller: Caller) -> list[tuple[str, bool]]:
        async with world.db.read() as conn:
            return [(one.record, one.mine) for one in (await listed(conn, caller)).open]

    async def settled(caller: Caller, look: str) -> Any:
        async with world.db.write() as conn:
            return await settle(world.engine, conn, caller, world.now, look, Settling("reopen", "请重审"))

    record = await differs()
    (look,) = await looks_of(world, record)
    assert look.referee == world.ids["leader"]
    assert await open_for(world.caller("auditor")) == []  # before his days and after them
    assert await open_for(deputy("auditor")) == [(record, True)]
    assert await open_for(deputy("supervisor")) == [(record, False)]
    for caller in (
        world.caller("auditor"),
        deputy("supervisor"),
        deputy("supervisor2"),
        deputy("auditor", "crew"),
    ):
        with pytest.raises(AppError) as refused:
            await settled(caller, look.id)
        assert refused.value.code == "forbidden", caller
    done = await settled(deputy("auditor"), look.id)
    assert (done.stands, done.settled_name, done.referee_name) == ("reopen", "auditor", "leader")
    async with world.db.read() as conn:
        facts = await conn.scalar(
            sa.select(audit.c.facts).where(audit.c.action == "second_look.settled", audit.c.subject == record)
        )
    assert msgspec.json.decode(facts) == {"stands": "reopen", "instead_of": world.ids["leader"]}


async def test_figures_are_of_oneself_alone_unless_one_leads(strict: World) -> None:
    world = strict
    for word in ("accept", "return"):
        id_, _ = await world.record("inspector", "infrared", infrared(world))
        await world.act("supervisor", "infrared", id_, "accept")
        await world.act("supervisor2", "infrared", id_, word, {} if word == "accept" else {"reason": "x"})
    async with world.db.read() as conn:
        whole = await figures(conn, world.caller("leader"), world.now, 365)
        own = await figures(conn, world.caller("supervisor2"), world.now, 365)
        none = await figures(conn, world.caller("stranger"), world.now, 365)
        old = await figures(conn, world.caller("leader"), world.now + timedelta(days=31), 30)
    assert {one.name: (one.looks, one.accepted) for one in whole.reviewers} == {
        "supervisor": (2, 1.0),
        "supervisor2": (2, 0.5),
    }
    assert [(unit.unit, unit.looks, unit.same) for unit in whole.units] == [(world.ids["station"], 2, 1)]
    assert not any(one.differs for one in whole.reviewers)
    assert [one.name for one in own.reviewers] == ["supervisor2"]
    assert (own.whole, own.units) == (False, [])
    assert (none.looks, old.looks) == (0, 0)


async def test_a_decision_that_is_unsound_is_refused_before_it_is_sealed(strict: World) -> None:
    world = strict
    id_, _ = await world.record("inspector", "infrared", infrared(world))
    said = {"reason": "x", "remarks": [{"text": "x", "field": "fact"}]}
    refused = await world.act("supervisor", "infrared", id_, "return", said)
    assert issues(refused) == [("remarks[0].field", "unknown")]
    assert await looks_of(world, id_) == []
    word = {"agrees": True, "said": "accept"}
    assert (await world.act("supervisor", "infrared", id_, "second", word))["code"] == "forbidden"


async def test_what_two_differed_about_is_decided_anew_when_it_is_taken_up_again(strict: World) -> None:
    world = strict
    id_, _ = await world.record("inspector", "finding", finding(world))
    await world.act("supervisor", "finding", id_, "accept")
    assert (await world.row(id_)).facts.get("violation") is None
    await world.act("supervisor2", "finding", id_, "reject", {"reason": "证据不足"})
    assert (await world.row(id_)).facts["violation"] is not None
    assert (await world.act("supervisor2", "finding", id_, "reopen", {"reason": "证据不足"}))[
        "status"
    ] == "applied"
    assert (await world.row(id_)).facts["second"] is None
    assert (await world.act("supervisor2", "finding", id_, "reject", {"reason": "x"}))["code"] == "kept"
    assert [look.round for look in await looks_of(world, id_)] == [1, 2]


async def test_a_decision_that_nobody_took_twice_in_time_stands_alone(strict: World) -> None:
    world = strict
    id_, _ = await world.record("inspector", "infrared", infrared(world))
    await world.act("supervisor", "infrared", id_, "accept")
    world.wait(hours=23)
    await release_overdue(world.db, world.engine, world.now, 24)
    assert (await world.row(id_)).state == "submitted"
    world.wait(hours=2)
    await release_overdue(world.db, world.engine, world.now, 24)
    row = await world.row(id_)
    assert (row.state, row.log[-1].by, row.log[-1].by_name) == (
        "accepted",
        world.ids["supervisor"],
        "supervisor",
    )
    assert [look.state for look in await looks_of(world, id_)] == ["missed"]


async def test_a_bulk_is_accepted_only_after_its_sample(world: World) -> None:
    features = (*FEATURES, as_set(0, 50))
    world.engine = Engine(kinds=KINDS, reactions=reactions(features), on_write=keep.on_write)
    ids = [
        (await world.record("inspector", "infrared", infrared(world, hot=50.0, load_a=150)))[0]
        for _ in range(4)
    ]
    grave, _ = await world.record("inspector", "infrared", infrared(world, hot=115.0))
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


async def test_a_sample_whose_acceptance_waits_for_a_second_person_counts(strict: World) -> None:
    world = strict
    ids = [
        (await world.record("inspector", "infrared", infrared(world, hot=50.0, load_a=150)))[0] for _ in "abc"
    ]
    assert (await world.act("supervisor", "infrared", ids[0], "accept"))["code"] == "kept"
    bulk = {"bulk": {"records": 2, "sample": ids[:1]}}
    assert (await world.act("supervisor", "infrared", ids[1], "accept", bulk))["code"] == "kept"
    chained = {"bulk": {"records": 2, "sample": ids[1:2]}}
    assert (await world.act("supervisor", "infrared", ids[2], "accept", chained))["code"] == "sample_needed"


def test_the_draw_takes_the_share_that_the_company_set_and_nobody_can_reckon_it() -> None:
    key, other = b"k" * 32, b"o" * 32
    records = [f"record-{n}" for n in range(10_000)]
    assert not any(drawn(key, record, 1, 0) for record in records)
    assert all(drawn(key, record, 1, 100) for record in records)
    mine = {record for record in records if drawn(key, record, 1, 5)}
    assert 400 < len(mine) < 600
    assert mine == {record for record in records if drawn(key, record, 1, 5)}
    for unlike in (
        {record for record in records if drawn(other, record, 1, 5)},
        {record for record in records if drawn(key, record, 2, 5)},
    ):
        assert len(mine & unlike) < 60  # 25 by chance
    assert [sample_size(n, 10) for n in (1, 9, 10, 11, 200)] == [1, 1, 1, 2, 20]
