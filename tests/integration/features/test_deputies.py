"""Who acts in place of another says so, and another person is neither of the two; on both databases."""

from __future__ import annotations

from dataclasses import replace

from sync.caller import Caller, Deputised
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
