"""What a phone need not hold is not sent, and neither side misses it: on SQLite and on PostgreSQL."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from sync.audit import digest
from sync.pull import Asked, PullPage
from sync.push import Engine, Op
from sync.window import LAST, Window
from tests.contract.sync.company import KINDS, NORTH, SOUTH, Company, Phone, an_id, changes, ids, no_photos

CLOSED = {
    **KINDS,
    "job": replace(KINDS["job"], closed=frozenset({"void"})),
    "asset": replace(KINDS["asset"], register=True),
}


@pytest.fixture
def windowed(company: Company) -> Company:
    company.engine = Engine(kinds=CLOSED, reactions={}, on_write=no_photos, window=Window(days=90, rows=20))
    return company


async def job(company: Company, unit: str = NORTH, *, void: bool = False) -> str:
    id_ = an_id()
    await company.write(
        Op(op="put", kind="job", id=id_, at=company.time, data={"unit": unit, "title": "x"}),
        *(
            [Op(op="event", kind="job", id=an_id(), subject=id_, type="void", at=company.time)]
            if void
            else []
        ),
    )
    return id_


async def asset(company: Company, unit: str) -> str:
    id_ = an_id()
    data = {"unit": unit, "code": id_[-6:]}
    await company.write(Op(op="put", kind="asset", id=id_, at=company.time, data=data))
    return id_


async def page(phone: Phone, **asked: Any) -> PullPage | None:
    company = phone.company
    async with company.db.read() as conn:
        return await company.engine.pull(
            conn, phone.caller, company.now(), phone.cursor, 1000, 1, Asked(**asked)
        )


async def audited(phone: Phone, rows: list[tuple[str, int]], held: Any) -> dict[str, Any]:
    scope = f"u:{NORTH}"
    scopes = {scope: {"count": len(rows), "xor": digest(rows)}}
    raw = msgspec.json.encode({"cursor": phone.cursor, "scopes": scopes, "held": held})
    async with phone.company.db.read() as conn:
        answer = await phone.company.engine.audit(conn, phone.caller, phone.company.now(), raw)
    found: dict[str, Any] = msgspec.to_builtins(answer)["scopes"]
    return found


async def test_what_was_closed_long_ago_is_not_sent_and_not_missed(windowed: Company) -> None:
    phone = await windowed.phone("crew")
    old_open, old_void = await job(windowed), await job(windowed, void=True)
    windowed.time += timedelta(days=120)
    new_void = await job(windowed, void=True)
    first = await page(phone)
    assert first is not None
    phone.take(first)
    assert set(phone.base) == {old_open, new_void}
    assert not first.more
    assert await page(phone) is None
    rows = [(id_, row["rev"]) for id_, row in phone.base.items()]
    assert {one["state"] for one in (await audited(phone, rows, first.held)).values()} == {"same"}
    north = (await audited(phone, rows, None))[f"u:{NORTH}"]
    assert north["state"] == "different"
    assert {id_ for id_, _ in north["rows"]} == {old_open, old_void, new_void}


async def test_a_closed_record_that_changes_is_held_again(windowed: Company) -> None:
    phone = await windowed.phone("crew")
    old = await job(windowed, void=True)
    windowed.time += timedelta(days=120)
    await phone.pull()
    assert old not in phone.base
    await windowed.write(Op(op="put", kind="job", id=old, at=windowed.time, data={"title": "y"}))
    await phone.pull()
    assert phone.base[old]["data"]["title"] == "y"


async def test_registers_of_other_units_stay_on_the_server_when_the_budget_is_short(
    windowed: Company,
) -> None:
    phone = await windowed.phone("crew", units=(NORTH, SOUTH))
    phone.caller = replace(phone.caller, unit=NORTH)
    mine, theirs = [await asset(windowed, NORTH)], [await asset(windowed, SOUTH) for _ in range(25)]
    jobs = [await job(windowed, SOUTH) for _ in range(5)]
    first = await page(phone)
    assert first is not None
    assert (first.held.level, first.held.registers, first.held.rows) == (4, "near", 20)
    phone.take(first)
    assert set(phone.base) == {*mine, *jobs}
    # From now on the phone names its level: a change there stays there, what leaves for there is taken away.
    await windowed.write(Op(op="put", kind="asset", id=theirs[0], at=windowed.time, data={"line": "7"}))
    await windowed.write(Op(op="put", kind="asset", id=mine[0], at=windowed.time, data={"unit": SOUTH}))
    second = await page(phone, level=4)
    assert second is not None
    assert all("gone" in change for change in changes(second))
    phone.take(second)
    assert set(phone.base) == set(jobs)


async def test_a_scope_is_sent_again_from_its_beginning_when_asked(windowed: Company) -> None:
    phone = await windowed.phone("crew", units=(NORTH, SOUTH))
    north, south = await job(windowed), await job(windowed, SOUTH)
    await phone.pull()
    again = await page(phone, level=0, again=frozenset({f"u:{NORTH}"}))
    assert again is not None
    assert ids(again) == [north]
    phone.take(again)
    assert set(phone.base) == {north, south}
    assert await page(phone, level=0) is None


async def test_an_archive_is_passed_over_in_bounded_steps(
    windowed: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.pull.MAX_LOOKED_AT", 3)
    phone = await windowed.phone("crew")
    for _ in range(8):
        await job(windowed, void=True)
    windowed.time += timedelta(days=120)
    new = await job(windowed)
    pages = 0
    while True:
        async with windowed.db.read() as conn:
            got = await windowed.engine.pull(
                conn, phone.caller, windowed.now(), phone.cursor, 2, 1, Asked(level=0)
            )
        if got is None:
            break
        pages += 1
        phone.take(got)
        if not got.more:
            break
    assert set(phone.base) == {new}
    assert pages > 2


async def test_pages_of_a_few_say_the_same_as_one_page_of_all(windowed: Company) -> None:
    phone = await windowed.phone("crew", units=(NORTH, SOUTH))
    phone.caller = replace(phone.caller, unit=NORTH)
    old = [await job(windowed, void=i % 2 == 0) for i in range(6)]
    windowed.time += timedelta(days=120)
    kept = [await job(windowed, unit, void=i % 3 == 0) for i in range(6) for unit in (NORTH, SOUTH)]
    assets = [await asset(windowed, unit) for _ in range(9) for unit in (NORTH, SOUTH)]
    start = phone.cursor
    await windowed.write(Op(op="delete", kind="job", id=kept[4], at=windowed.time))
    await windowed.write(Op(op="put", kind="asset", id=assets[0], at=windowed.time, data={"unit": SOUTH}))
    for level in range(LAST + 1):
        phone.cursor = start
        whole = await page(phone, level=level)
        assert whole is not None
        few: list[dict[str, Any]] = []
        async with windowed.db.read() as conn:
            while part := await windowed.engine.pull(
                conn, phone.caller, windowed.now(), phone.cursor, 3, 1, Asked(level=level)
            ):
                few += changes(part)
                assert len(changes(part)) <= 3
                phone.cursor = part.cursor
        assert few == changes(whole)
        assert phone.cursor == whole.cursor
    assert old[1] in {change["id"] for change in few}
