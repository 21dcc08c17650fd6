"""Who acts in place of another says so, and another person is neither of the two; on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from backend.app import KINDS
from backend.feature import reactions
from backend.features import FEATURES
from backend.features.review import as_set
from backend.features.review.second_api import Settling, listed, settle
from backend.features.review.service import release_overdue
from backend.features.review.tables import second_look
from backend.lists import keep
from backend.problems import AppError
from sync.caller import Caller, Deputised
from sync.push import Engine
from tests.integration.features.conftest import World
from tests.integration.features.test_chains import infrared


def deputy(world: World, who: str, whose: str, role: str = "supervisor") -> None:
    """From now on `who` acts in place of `whose`."""
    known = world.caller

    def caller(name: str) -> Caller:
        found = known(name)
        if name != who:
            return found
        acting = (Deputised(known(whose).person, whose, frozenset({role})),)
        return replace(found, roles=found.roles | {role}, deputised=acting)

    world.caller = caller  # type: ignore[method-assign]


async def test_a_deputys_decision_says_in_whose_place_it_was_made(world: World) -> None:
    id_, _ = await world.record("inspector", "infrared", infrared(world))
    deputy(world, "auditor", "supervisor")
    assert (await world.act("auditor", "infrared", id_, "accept"))["status"] == "applied"
    decided = (await world.row(id_)).log[-1]
    assert (decided.by, decided.instead_of) == (
        world.caller("auditor").person,
        world.caller("supervisor").person,
    )
    assert decided.instead_of_name == "supervisor"
    told = (await world.sees("inspector"))[id_]["log"][-1]
    assert told["instead_of_name"] == "supervisor"


async def test_what_one_may_do_oneself_is_done_for_nobody_else(world: World) -> None:
    id_, _ = await world.record("inspector", "infrared", infrared(world))
    deputy(world, "supervisor", "supervisor2", role="leader")
    assert (await world.act("supervisor", "infrared", id_, "accept"))["status"] == "applied"
    assert (await world.row(id_)).log[-1].instead_of == ""


async def test_a_deputy_decides_neither_his_own_nor_the_others_record(world: World) -> None:
    own, _ = await world.record("inspector", "infrared", infrared(world))
    deputy(world, "inspector", "supervisor")
    assert (await world.act("inspector", "infrared", own, "accept"))["code"] == "second_person_needed"
    deputy(world, "auditor", "inspector")
    for event, data in (("accept", {}), ("return", {"reason": "x"}), ("reject", {"reason": "x"})):
        refused = await world.act("auditor", "infrared", own, event, data)
        assert refused["code"] == "second_person_needed", event


@pytest.fixture
def strict(world: World) -> World:
    """Every decision is taken twice."""
    features = (*FEATURES, as_set(100, 50))
    world.engine = Engine(kinds=KINDS, reactions=reactions(features), on_write=keep.on_write)
    return world


async def hands(world: World, id_: str) -> list[tuple[str, str]]:
    """What was done with the record after it was handed in, and in whose place."""
    return [(entry.type, entry.instead_of_name) for entry in (await world.row(id_)).log[1:]]


async def test_a_sealed_decision_of_a_deputy_still_says_in_whose_place_when_it_takes_effect(
    strict: World,
) -> None:
    world = strict
    deputy(world, "auditor", "supervisor")
    id_, _ = await world.record("inspector", "infrared", infrared(world))
    assert (await world.act("auditor", "infrared", id_, "accept"))["code"] == "kept"
    both_hands = ("auditor", "supervisor")
    for name in both_hands:
        assert (await world.act(name, "infrared", id_, "accept"))["code"] == "second_person_needed", name
    assert (await world.act("supervisor2", "infrared", id_, "accept"))["status"] == "applied"
    assert await hands(world, id_) == [("accept", "supervisor"), ("second", "")]

    alone, _ = await world.record("inspector", "infrared", infrared(world))
    await world.act("auditor", "infrared", alone, "accept")
    world.wait(hours=25)
    await release_overdue(world.db, world.engine, world.now, 24)
    assert await hands(world, alone) == [("accept", "supervisor")]


async def test_the_second_word_of_a_deputy_says_in_whose_place(strict: World) -> None:
    world = strict
    deputy(world, "auditor", "supervisor2")
    id_, _ = await world.record("inspector", "infrared", infrared(world))
    await world.act("supervisor", "infrared", id_, "accept")
    await world.act("auditor", "infrared", id_, "return", {"reason": "x"})
    assert await hands(world, id_) == [("accept", ""), ("second", "supervisor2")]


@pytest.mark.parametrize("first", [True, False])
async def test_whoever_was_stood_in_for_does_not_settle_what_was_said_in_his_place(
    strict: World, first: bool
) -> None:
    """The leader would be asked, were one of the two words not his own."""
    world = strict
    deputy(world, "auditor", "leader", role="supervisor")
    names = ("auditor", "supervisor") if first else ("supervisor", "auditor")
    id_, _ = await world.record("inspector", "infrared", infrared(world))
    await world.act(names[0], "infrared", id_, "accept")
    await world.act(names[1], "infrared", id_, "return", {"reason": "x"})
    look = await the_look(world, id_)
    assert look.referee == world.ids["supervisor2"]
    assert await refusal(world, world.caller("leader"), look.id) == "forbidden"


async def test_nobody_settles_what_two_said_of_his_own_record(strict: World) -> None:
    """Not as a deputy of the named one, not where nobody is named, and not as the deputy of one who had a part."""
    world = strict
    id_, _ = await world.record("inspector", "infrared", infrared(world))
    await world.act("supervisor", "infrared", id_, "accept")
    await world.act("supervisor2", "infrared", id_, "return", {"reason": "x"})
    look = await the_look(world, id_)

    def acting(name: str, whose: str) -> Caller:
        known = world.caller(name)
        place = Deputised(world.ids[whose], whose, frozenset({"leader"}))
        return replace(known, roles=known.roles | {"leader"}, deputised=(place,))

    author = acting("inspector", "leader")
    assert await refusal(world, author, look.id) == "forbidden"
    async with world.db.read() as conn:
        assert not any(one.mine for one in (await listed(conn, author)).open)
    async with world.db.write() as conn:
        await conn.execute(second_look.update().values(referee=None))
    assert await refusal(world, author, look.id) == "forbidden"
    assert await refusal(world, acting("auditor", "supervisor"), look.id) == "forbidden"
    async with world.db.write() as conn:
        said = Settling("reopen", "请重审")
        await settle(world.engine, conn, acting("auditor", "leader"), world.now, look.id, said)
    assert (await hands(world, id_))[-1] == ("reopen", "leader")


async def the_look(world: World, id_: str) -> Any:
    async with world.db.read() as conn:
        return (await conn.execute(sa.select(second_look).where(second_look.c.record == id_))).one()


async def refusal(world: World, caller: Caller, look: str) -> str:
    with pytest.raises(AppError) as refused:
        async with world.db.write() as conn:
            await settle(world.engine, conn, caller, world.now, look, Settling("keep"))
    return refused.value.code
