"""A record deleted on the server while a phone edits it: whatever the order, every operation is answered.

The edit wins and is told as `revived`; nothing that happens to one record stops the operations behind it.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from sync import store
from sync.errors import SyncError
from sync.push import Op
from tests.contract.sync.company import NORTH, ORG, SOUTH, Company, Phone, a_photo, an_id

ROUNDS = 100
ANSWERS = {"applied", "merged", "conflict", "rejected"}


async def delete(company: Company, kind: str, id_: str) -> None:
    """The office removes the record."""
    assert (await company.write(Op(op="delete", kind=kind, id=id_, at=company.now())))[0].status == "applied"


async def purge(company: Company) -> None:
    """Long afterwards the tombstones are gone as well."""
    async with company.db.write() as conn:
        await store.purge(conn, ORG, company.now() + timedelta(days=1))


async def move(company: Company, kind: str, id_: str) -> None:
    """The record goes to a unit that the phone may not look at."""
    await company.write(Op(op="put", kind=kind, id=id_, at=company.now(), data={"unit": SOUTH}))


async def read(phone: Phone) -> None:
    """Pulls; from the start when the cursor is older than the purge."""
    try:
        await phone.pull()
    except SyncError as error:
        if error.code != "resync":
            raise
        phone.cursor, phone.base = None, {}
        await phone.pull()


@pytest.mark.parametrize("seed", range(2))
async def test_a_hundred_deletes_against_edits_never_stop_a_queue(company: Company, seed: int) -> None:
    """Each round one record is deleted, purged or moved while the phone, unaware, changes it in some way."""
    chance = random.Random(seed)
    phone, office = await company.phone("inspector"), await company.phone("admin")
    witness = an_id()
    await phone.push(phone.put("note", witness, {"title": "0"}))
    for round_ in range(ROUNDS):
        kind = chance.choice(("note", "asset"))
        id_ = an_id()
        await phone.push(
            phone.put(kind, id_, {"unit": NORTH, **({"title": "x"} if kind == "note" else {"code": "x"})})
        )
        base = 1
        if chance.random() < 0.5:
            await read(phone)
            base = phone.base[id_]["rev"]
        if chance.random() < 0.3:
            await office.push(office.put(kind, id_, {"unit": NORTH}, base=1))
        fate = chance.choice((delete, purge, move))
        if fate is purge:
            await delete(company, kind, id_)
        if fate is move and kind == "note":
            fate = delete
        await (purge(company) if fate is purge else fate(company, kind, id_))
        edits: list[dict[str, Any]] = []
        for _ in range(chance.randint(1, 4)):
            edits.append(_edit(chance, phone, kind, id_, base))
        last = phone.put("note", witness, {"title": str(round_ + 1)}, base=1)
        results = await phone.push(*edits, last)
        assert [r["n"] for r in results] == [op["n"] for op in (*edits, last)], (seed, round_)
        assert {r["status"] for r in results} <= ANSWERS
        assert not [r for r in results if r.get("code") == "failed"], results
        assert results[-1]["status"] == "applied", (seed, round_, results)
    await read(phone)
    assert phone.base[witness]["data"]["title"] == str(ROUNDS)


def _edit(chance: random.Random, phone: Phone, kind: str, id_: str, base: int) -> dict[str, Any]:
    what = chance.choice(("field", "photos", "event", "delete"))
    if what == "event":
        return phone.event(kind, id_, "submit" if kind == "note" else "anything")
    if what == "delete":
        return phone.op("delete", kind, id_, base=base)
    if what == "photos" and kind == "note":
        return phone.put(kind, id_, {"photos": [a_photo(chance.choice("abc"))]}, base=base)
    return phone.put(kind, id_, {"text" if kind == "note" else "line": str(chance.random())}, base=base)


async def test_an_edit_of_a_deleted_record_wins_and_says_so(company: Company) -> None:
    phone = await company.phone("inspector")
    asset = an_id()
    await phone.push(phone.put("asset", asset, {"unit": NORTH, "code": "T1"}))
    await delete(company, "asset", asset)
    result = (await phone.push(phone.put("asset", asset, {"line": "L1"}, base=1)))[0]
    assert (result["status"], result["code"]) == ("merged", "revived")
    await read(phone)
    assert phone.base[asset]["data"] == {"unit": NORTH, "code": "T1", "line": "L1"}


async def test_a_part_of_a_record_purged_long_ago_is_no_new_record(company: Company) -> None:
    """A draft comes back with what the phone still has; the register refuses half an asset by the right name."""
    phone = await company.phone("inspector")
    asset, note = an_id(), an_id()
    await phone.push(
        phone.put("asset", asset, {"unit": NORTH, "code": "T1"}), phone.put("note", note, {"title": "x"})
    )
    await delete(company, "asset", asset)
    await delete(company, "note", note)
    await purge(company)
    results = await phone.push(
        phone.put("asset", asset, {"line": "L1"}, base=1),
        phone.put("note", note, {"text": "typed in the tunnel"}, base=1),
        phone.event("asset", asset, "submit"),
    )
    assert [r.get("code", r["status"]) for r in results] == ["not_found", "revived", "not_found"]
    await read(phone)
    assert phone.base[note]["data"] == {"text": "typed in the tunnel"}
    assert asset not in phone.base


async def test_what_moved_out_of_sight_or_is_gone_is_not_found_and_the_rest_goes_on(company: Company) -> None:
    phone = await company.phone("inspector")
    moved, gone, fine = an_id(), an_id(), an_id()
    await phone.push(
        phone.put("asset", moved, {"unit": NORTH, "code": "T1"}),
        phone.put("note", gone, {"unit": NORTH, "title": "x"}),
    )
    await move(company, "asset", moved)
    await delete(company, "note", gone)
    results = await phone.push(
        phone.op("delete", "asset", moved, base=1),
        phone.put("asset", moved, {"line": "L1"}, base=1),
        phone.event("note", gone, "submit"),
        phone.put("note", fine, {"title": "y"}),
    )
    assert [r.get("code", r["status"]) for r in results] == ["not_found"] * 3 + ["applied"]
