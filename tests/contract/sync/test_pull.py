"""What the feed promises, on SQLite and on PostgreSQL."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from sync import store
from sync.audit import digest
from sync.errors import SyncError
from sync.push import Op
from tests.contract.sync.company import NORTH, ORG, SOUTH, Company, Phone, a_photo, an_id, changes, ids


def gone(id_: str, scope: str, seq: int, rev: int, how: str) -> dict[str, Any]:
    return {"id": id_, "scope": scope, "seq": seq, "rev": rev, "gone": how}


async def asset(phone: Phone, unit: str = NORTH, code: str = "T1") -> str:
    id_ = an_id()
    await phone.push(phone.put("asset", id_, {"unit": unit, "code": code}))
    return id_


def with_units(phone: Phone, *units: str) -> None:
    own = [s for s in phone.caller.scopes if not s.startswith("u:")]
    phone.caller = replace(phone.caller, scopes=(*own, *(f"u:{u}" for u in units)))


async def test_an_unchanged_feed_answers_nothing(company: Company) -> None:
    phone = await company.phone("inspector")
    await asset(phone)
    await phone.pull()
    assert await phone.page() is None


async def test_a_quiet_reader_is_not_woken_by_other_scopes(company: Company) -> None:
    phone, other = await company.phone("inspector"), await company.phone("inspector", units=(SOUTH,))
    await asset(phone)
    await phone.pull()
    await asset(other, SOUTH)
    assert await phone.page() is None
    await asset(phone)
    assert len(changes(await phone.page())) == 1


async def test_pages_bring_every_record_once(company: Company) -> None:
    phone = await company.phone("inspector")
    made = {await asset(phone) for _ in range(7)}
    seen = []
    while page := await phone.page(limit=3):
        seen += ids(page)
        phone.take(page)
    assert sorted(seen) == sorted(made)


async def test_a_record_changed_during_paging_comes_again(company: Company) -> None:
    phone = await company.phone("inspector")
    first, second = await asset(phone), await asset(phone)
    phone.take(await phone.page(limit=1))
    await phone.push(phone.put("asset", first, {"line": "L"}, base=1))
    await phone.pull()
    assert phone.base[first]["data"]["line"] == "L"
    assert second in phone.base


async def test_a_record_that_moves_leaves_the_old_readers_and_reaches_the_new(company: Company) -> None:
    north, south = await company.phone("inspector"), await company.phone("inspector", units=(SOUTH,))
    both = await company.phone("inspector", units=(NORTH, SOUTH))
    id_ = await asset(north)
    for phone in (north, south, both):
        await phone.pull()
    await both.push(both.put("asset", id_, {"unit": SOUTH}, base=1))
    page = await north.page()
    assert changes(page) == [gone(id_, f"u:{NORTH}", 2, 2, "moved")]
    for phone in (north, south, both):
        await phone.pull()
    assert id_ not in north.base
    assert south.base[id_]["scope"] == f"u:{SOUTH}"
    assert both.base[id_]["scope"] == f"u:{SOUTH}"
    await both.push(both.put("asset", id_, {"unit": NORTH}, base=2))
    for phone in (north, south, both):
        await phone.pull()
    assert (id_ in north.base, id_ in south.base, id_ in both.base) == (True, False, True)


async def test_a_record_that_moves_to_and_fro_between_two_pulls_is_kept(company: Company) -> None:
    north = await company.phone("inspector")
    both = await company.phone("inspector", units=(NORTH, SOUTH))
    id_ = await asset(north)
    await north.pull()
    await both.push(
        both.put("asset", id_, {"unit": SOUTH}, base=1), both.put("asset", id_, {"unit": NORTH}, base=1)
    )
    await north.pull()
    assert id_ in north.base


async def test_a_submitted_draft_leaves_no_trace_for_those_who_see_it_now(company: Company) -> None:
    phone = await company.phone("inspector")
    note = an_id()
    await phone.push(phone.put("note", note, {"unit": NORTH, "title": "x"}))
    await phone.pull()
    await phone.push(phone.event("note", note, "submit"))
    assert not [change for change in changes(await phone.page()) if "gone" in change]


async def test_a_withdrawn_scope_is_dropped_once_and_a_granted_one_is_filled(company: Company) -> None:
    north = await company.phone("inspector")
    south = await company.phone("inspector", units=(SOUTH,))
    in_north, in_south = await asset(north), await asset(south, SOUTH)
    await north.pull()
    with_units(north, SOUTH)
    page = await north.page()
    assert page.drop_scopes == [f"u:{NORTH}"]
    north.take(page)
    assert set(north.base) == {in_south}
    assert await north.page() is None
    with_units(north, NORTH, SOUTH)
    await north.pull()
    assert set(north.base) == {in_north, in_south}


async def test_a_granted_scope_is_filled_page_by_page_while_others_go_on(company: Company) -> None:
    phone = await company.phone("inspector")
    south = await company.phone("inspector", units=(SOUTH,))
    old = [await asset(south, SOUTH) for _ in range(5)]
    own = await asset(phone)
    await phone.pull()
    with_units(phone, NORTH, SOUTH)
    phone.take(await phone.page(limit=2))
    await south.push(south.put("asset", old[0], {"line": "later"}, base=1))
    more = await asset(phone)
    await phone.pull(limit=2)
    assert set(phone.base) == {own, more, *old}
    assert phone.base[old[0]]["data"]["line"] == "later"


async def test_what_was_deleted_before_the_first_pull_is_never_mentioned(company: Company) -> None:
    one = await company.phone("inspector")
    two = await company.phone("inspector", person=one.caller.person)
    note = an_id()
    await one.push(one.put("note", note, {"title": "x"}))
    await one.pull()
    await one.push(one.op("delete", "note", note, base=1))
    assert changes(await two.page()) == []
    assert changes(await one.page()) == [gone(note, f"p:{one.caller.person}", 2, 2, "deleted")]


async def test_a_delete_during_the_first_pull_reaches_who_has_the_record(company: Company) -> None:
    one = await company.phone("inspector")
    notes = [an_id() for _ in range(4)]
    await one.push(*(one.put("note", id_, {"title": "x"}) for id_ in notes))
    one.take(await one.page(limit=2))
    await one.push(one.op("delete", "note", notes[0], base=1))
    await one.pull(limit=1)
    assert set(one.base) == set(notes[1:])


async def test_a_record_that_moved_and_was_deleted_there_is_forgotten(company: Company) -> None:
    phone = await company.phone("inspector")
    id_ = await asset(phone)
    await phone.pull()
    await company.write(
        Op(op="put", kind="asset", id=id_, at=company.time, data={"unit": SOUTH}),
        Op(op="delete", kind="asset", id=id_, at=company.time),
    )
    with_units(phone, NORTH, SOUTH)
    await phone.pull()
    assert id_ not in phone.base


async def test_after_a_restore_every_cursor_starts_again(company: Company) -> None:
    phone = await company.phone("inspector")
    await asset(phone)
    await phone.pull()
    async with company.db.write() as conn:
        await store.raise_epoch(conn, ORG)
    with pytest.raises(SyncError, match="resync"):
        await phone.page()
    phone.cursor, phone.base = None, {}
    await phone.pull()
    assert len(phone.base) == 1


async def test_a_cursor_below_the_horizon_starts_again_and_a_first_pull_does_not(company: Company) -> None:
    reader = await company.phone("inspector")
    phone = await company.phone("inspector", person=reader.caller.person)
    notes = [an_id() for _ in range(4)]
    await phone.push(*(phone.put("note", id_, {}) for id_ in notes))
    await reader.pull()
    await phone.push(phone.op("delete", "note", notes[0], base=1))
    async with company.db.write() as conn:
        assert await store.purge(conn, ORG, company.now() + timedelta(days=1)) == 1
    with pytest.raises(SyncError, match="resync"):
        await reader.page()
    reader.cursor, reader.base = None, {}
    assert await reader.pull(limit=1) >= 3
    assert set(reader.base) == set(notes[1:])
    await phone.pull()
    await asset(phone)
    await phone.pull()


@pytest.mark.parametrize(
    "cursor", ["x", "1", "1.1.5", "1.1.a@org", "1.1.1@'; DROP TABLE record", "9" * 20_000]
)
async def test_a_cursor_that_nobody_gave_starts_again(company: Company, cursor: str) -> None:
    phone = await company.phone("inspector")
    phone.cursor = cursor
    with pytest.raises(SyncError, match="resync"):
        await phone.page()


async def test_a_cursor_above_the_head_waits(company: Company) -> None:
    phone = await company.phone("inspector")
    await asset(phone)
    await phone.pull()
    phone.cursor = phone.cursor.replace(".1@", ".99@")
    assert await phone.page() is None


async def test_an_older_reader_is_not_sent_kinds_it_cannot_read(company: Company) -> None:
    phone = await company.phone("inspector")
    data = {"person": phone.caller.person, "points": 1}
    await company.write(Op(op="put", kind="later", id=an_id(), at=company.time, data=data))
    await phone.pull()
    assert not phone.base
    with pytest.raises(SyncError, match="resync"):
        await phone.page(schema=2)
    phone.cursor = None
    assert len(changes(await phone.page(schema=2))) == 1
    with pytest.raises(SyncError, match="schema_too_old"):
        await phone.page(schema=0)


async def test_the_audit_tells_same_different_and_behind(company: Company) -> None:
    phone = await company.phone("inspector")
    ids = [await asset(phone), await asset(phone)]
    await phone.pull()
    scope = f"u:{NORTH}"

    async def ask() -> dict[str, object]:
        held = [(id_, row["rev"]) for id_, row in phone.base.items() if row["scope"] == scope]
        scopes = {
            scope: {"count": len(held), "xor": digest(held)},
            f"u:{SOUTH}": {"count": 0, "xor": "0" * 16},
        }
        raw = msgspec.json.encode({"cursor": phone.cursor, "scopes": scopes})
        async with company.db.read() as conn:
            answer = await company.engine.audit(conn, phone.caller, company.now(), raw)
        scopes = msgspec.json.decode(msgspec.json.encode(answer))["scopes"]
        return {one: found for one, found in scopes.items() if one == scope}

    assert await ask() == {scope: {"state": "same"}}
    lost = phone.base.pop(ids[0])
    assert await ask() == {scope: {"state": "different", "rows": [[ids[0], 1], [ids[1], 1]]}}
    phone.base[ids[0]] = lost
    await phone.push(phone.put("asset", ids[0], {"line": "L"}, base=1))
    assert await ask() == {scope: {"state": "behind"}}
    async with company.db.read() as conn:
        with pytest.raises(SyncError, match="malformed"):
            await company.engine.audit(conn, phone.caller, company.now(), b'{"cursor":1}')


async def test_a_page_is_cut_before_it_grows_beyond_what_a_phone_takes(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await company.phone("inspector")
    await phone.push(*(phone.put("note", an_id(), {"photos": [a_photo()] * 20}) for _ in range(6)))
    monkeypatch.setattr("sync.pull.PAGE_BYTES", 10_000)
    assert await phone.pull() == 2
    assert len(phone.base) == 6
